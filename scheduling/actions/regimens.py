"""Publishing regimen files as frozen versions, signing off what is unverified in them, and retiring them."""

from __future__ import annotations

from typing import Any

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.audit.frozen import Publishable, publish_files
from her2tracker.lib.catalog import definition as freeze
from her2tracker.lib.catalog import load_folder, parse
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling import catalog
from scheduling.core import governance
from scheduling.models import RegimenRetirement, RegimenSignOff, RegimenVersion
from scheduling.models.library import standings_at


def publish() -> int:
    """Copy each regimen file version into its row; returns how many were new.

    Raises CatalogError when a published version's meaning was changed in place.
    """

    def convert(raw: dict[str, Any], name: str) -> Publishable:
        text = (catalog.REGIMENS / name).read_text(encoding="utf-8")
        return Publishable(freeze(raw), catalog.regimen_from(raw, name).name, {"text": text})

    files = load_folder(catalog.REGIMENS, convert)
    return publish_files(RegimenVersion.objects.filter(site=None), files.values(), verb="regimen.published")


def text_of(version: RegimenVersion) -> str:
    """The file as it was written: uploaded again, it gives the same expansion.

    Rows published before texts were kept have the shipped file's, when that still means the same.
    """
    if version.text:
        return version.text
    path = catalog.REGIMENS / f"{version.key}-v{version.version}.toml"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if not text or freeze(parse(text, name=path.name)).digest != version.digest:
        raise Refused(Refusal("no-file", f"The file of {version} was not kept, and the product ships it no longer."))
    return text


def retire(
    *, by: User, regimen: RegimenVersion, reason: str, replaced_by: RegimenVersion | None = None
) -> RegimenRetirement:
    """Nobody at this site is started on it any more. Plans that run on it go on."""
    require(by, Permission.APPROVE_REGIMENS)
    with act("regimen.retired", by=by, subject=regimen, reason=reason) as entry:
        # held, so that of two retirements one is made
        Site.objects.select_for_update().get(pk=by.site_id)
        standings = standings_at(by.site)
        refuse(governance.refuse_retire(standings[regimen.pk], reason))
        if replaced_by is not None:
            refuse(governance.refuse_replacement(replaced_by.pk == regimen.pk, standings.get(replaced_by.pk)))
        made = RegimenRetirement.objects.create(
            site=by.site, regimen=regimen, reason=reason.strip(), replaced_by=replaced_by, recorded_by=by
        )
        entry.details = {"regimen": str(regimen), "replaced_by": str(replaced_by or "")}
    return made


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
