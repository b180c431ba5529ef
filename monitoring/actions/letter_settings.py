"""Whether, when and in which words a site writes to its patients."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.conf import settings as django_settings
from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused
from monitoring.catalog.patient_letters import kept_out, languages
from monitoring.core.patient_letters import LetterKind, Wording, problems
from monitoring.models import LetterWording, PatientLetterSettings

FIELDS = ("is_on", "infusion_lead_days", "examination_lead_days", "send_from", "by_sms", "tells_moved")


def settings_of(site: Site) -> PatientLetterSettings:
    """As chosen, or as they are before anybody chose: off."""
    return PatientLetterSettings.objects.filter(site=site).first() or PatientLetterSettings(site=site)


def choose(*, by: User, **fields: Any) -> PatientLetterSettings:
    """`infusion_lead_days` and `examination_lead_days` in days before the appointment."""
    require(by, Permission.MANAGE_LETTERS)
    with act("letters.settings-changed", by=by) as entry:
        row, _ = PatientLetterSettings.objects.select_for_update().get_or_create(site=by.site)
        before = {name: _told(getattr(row, name)) for name in FIELDS}
        for name in FIELDS:
            if name in fields:
                setattr(row, name, _sorted(fields[name]))
        _refuse(row)
        row.save()
        entry.subject = row
        entry.details = {n: [before[n], _told(getattr(row, n))] for n in FIELDS if before[n] != _told(getattr(row, n))}
    return row


def pause(*, by: User, reason: str) -> PatientLetterSettings:
    """Nothing is written and nothing that waits is sent, until it is resumed."""
    require(by, Permission.MANAGE_LETTERS)
    with act("letters.paused", by=by, reason=reason) as entry:
        row, _ = PatientLetterSettings.objects.select_for_update().get_or_create(site=by.site)
        if row.paused_at is not None:
            raise Refused(Refusal("paused-already", f"{row.paused_by} paused them already."))
        row.paused_at, row.paused_by, row.pause_reason = timezone.now(), by, reason
        row.save(update_fields=["paused_at", "paused_by", "pause_reason"])
        entry.subject = row
    return row


def resume(*, by: User) -> PatientLetterSettings:
    """What is still to come is written at the next check; what the pause made too late is not."""
    require(by, Permission.MANAGE_LETTERS)
    with act("letters.resumed", by=by) as entry:
        row = PatientLetterSettings.objects.select_for_update().filter(site=by.site).first()
        if row is None or row.paused_at is None:
            raise Refused(Refusal("not-paused", "Letters to patients are not paused."))
        row.paused_at, row.paused_by, row.pause_reason = None, None, ""
        row.save(update_fields=["paused_at", "paused_by", "pause_reason"])
        entry.subject = row
    return row


def word(*, by: User, kind: LetterKind, language: str, wording: Wording) -> LetterWording:
    """The site's own words for one kind in one language. Letters written already keep theirs."""
    require(by, Permission.MANAGE_LETTERS)
    _refuse_language(language)
    if found := problems(kind, wording, kept_out()):
        first = next(iter(found.values()))[0]
        raise Refused(Refusal("wording", first), found)
    with act("letters.worded", by=by) as entry:
        row, _ = LetterWording.objects.update_or_create(
            site=by.site,
            kind=kind,
            language=language,
            defaults={"subject": wording.subject, "text": wording.text, "sms": wording.sms, "recorded_by": by,
                      "recorded_at": timezone.now()},
        )  # fmt: skip
        entry.subject, entry.details = row, {"kind": kind.value, "language": language}
    return row


def unword(*, by: User, kind: LetterKind, language: str) -> None:
    """Back to the words as shipped."""
    require(by, Permission.MANAGE_LETTERS)
    with act("letters.unworded", by=by) as entry:
        row = LetterWording.objects.filter(site=by.site, kind=kind, language=language).first()
        if row is None:
            raise Refused(Refusal("as-shipped", "The words are those shipped already."))
        entry.subject, entry.details = row, {"kind": kind.value, "language": language}
        row.delete()


def _refuse(row: PatientLetterSettings) -> None:
    """A letter must say whom to call, and a text message needs somebody who sends it."""
    if row.is_on and not row.site.phone:
        sentence = "Enter the site's telephone number first: every letter says whom to call."
        raise Refused(Refusal("no-phone", sentence), {"is_on": [sentence]})
    if row.by_sms and not django_settings.SMS_SEND:
        sentence = "No sender of text messages is configured on this server."
        raise Refused(Refusal("no-sms", sentence), {"by_sms": [sentence]})
    for name in ("infusion_lead_days", "examination_lead_days"):
        if not getattr(row, name):
            sentence = "Name at least one day."
            raise Refused(Refusal("no-lead", sentence), {name: [sentence]})


def _refuse_language(language: str) -> None:
    if language not in languages():
        sentence = f"Letters are written in {', '.join(languages())}."
        raise Refused(Refusal("language", sentence), {"language": [sentence]})


def _sorted(value: Any) -> Any:
    """Lead days longest first, each once."""
    return sorted(set(value), reverse=True) if isinstance(value, list | tuple) else value


def _told(value: Any) -> Any:
    return f"{value:%H:%M}" if isinstance(value, time) else value
