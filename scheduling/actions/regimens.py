"""Publishing regimen files as frozen versions, and signing off what is unverified in them."""

from __future__ import annotations

from typing import Any

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.audit.frozen import Publishable, publish_files
from her2tracker.lib.catalog import definition as freeze
from her2tracker.lib.catalog import load_folder
from her2tracker.lib.refusals import Refusal, Refused
from scheduling import catalog
from scheduling.models import RegimenSignOff, RegimenVersion


def publish() -> int:
    """Copy each regimen file version into its row; returns how many were new.

    Raises CatalogError when a published version's meaning was changed in place.
    """

    def convert(raw: dict[str, Any], name: str) -> Publishable:
        return Publishable(freeze(raw), catalog.regimen_from(raw, name).name)

    files = load_folder(catalog.REGIMENS, convert)
    return publish_files(RegimenVersion.objects.all(), files.values(), verb="regimen.published")


def sign_off(*, by: User, regimen: RegimenVersion, statement: str) -> RegimenSignOff:
    """Take responsibility, for this site, for the figures that no primary text confirmed."""
    require(by, Permission.SIGN_OFF_REGIMENS)
    if not statement.strip():
        raise Refused(Refusal("no-statement", "Say what you checked the unverified figures against."))
    if RegimenSignOff.objects.filter(site=by.site, regimen=regimen).exists():
        raise Refused(Refusal("already-signed", "This version is signed off at this site already."))
    with act("regimen.signed-off", by=by, reason=statement) as entry:
        entry.subject = RegimenSignOff.objects.create(
            site=by.site, regimen=regimen, statement=statement.strip(), recorded_by=by
        )
        entry.details = {"regimen": regimen.key, "version": regimen.version}
    return entry.subject
