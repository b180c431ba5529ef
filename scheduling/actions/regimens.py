"""Publishing regimen files as frozen versions, and signing off what is unverified in them."""

from __future__ import annotations

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.catalog import CatalogError, load_folder
from her2tracker.lib.catalog import definition as freeze
from her2tracker.lib.refusals import Refusal, Refused
from scheduling import catalog
from scheduling.models import RegimenSignOff, RegimenVersion


def publish() -> int:
    """Copy each regimen file version into its row; returns how many were new.

    Raises CatalogError when a published version's meaning was changed in place.
    """
    new = 0
    published = {(row.key, row.version): row.digest for row in RegimenVersion.objects.all()}
    files = load_folder(catalog.REGIMENS, lambda raw, name: (freeze(raw), catalog.regimen_from(raw, name)))
    for definition, regimen in files.values():
        known = published.get((definition.id, definition.version))
        if known is None:
            with act("regimen.published", by=None) as entry:
                entry.subject = RegimenVersion.objects.create(
                    key=definition.id,
                    version=definition.version,
                    name=regimen.name,
                    digest=definition.digest,
                    definition=definition.raw,
                )
                entry.details = {"key": definition.id, "version": definition.version, "digest": definition.digest}
            new += 1
        elif known != definition.digest:
            raise CatalogError(
                f"{definition.id} v{definition.version} is published and frozen; make a new file with version + 1"
            )
    return new


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
