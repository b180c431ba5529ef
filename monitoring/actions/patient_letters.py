"""Letters to patients: owed days before an appointment, and when a day that was announced no longer stands."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings as django_settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from her2tracker.accounts.models import Site
from her2tracker.lib.dates import add_days
from monitoring.actions.reminders import owe
from monitoring.catalog.patient_letters import Language, language_for
from monitoring.core.patient_letters import LetterKind, Wording
from monitoring.core.reminders import Item, Topic, owed
from monitoring.models import LetterWording, PatientLetterSettings, Reminder
from monitoring.models.appointments import Appointment, announced, appointments, died, standing_keys, wants_none
from monitoring.words import ReminderChannel, ReminderKind, ReminderState
from scheduling.models import CycleDay, Patient
from scheduling.words import DayState

SALT = "monitoring.patient-letter"
_LOST = {LetterKind.INFUSION: Topic.INFUSION, LetterKind.EXAMINATION: Topic.EXAMINATION}


@dataclass(frozen=True, slots=True)
class Announcement:
    """One letter that is owed now, before it is written down."""

    kind: LetterKind
    about: str
    patient: Patient
    on: date
    place: str
    said: Wording
    channel: ReminderChannel
    uuid: uuid.UUID

    @property
    def address(self) -> str:
        return self.patient.phone if self.channel is ReminderChannel.SMS else self.patient.email


def compose(site: Site, *, now: datetime) -> int:
    """Owe what is to be announced at this hour; returns how many letters are new.

    Once for each appointment, day, lead and channel, however often it runs; days without a worker are caught up.
    """
    chosen = PatientLetterSettings.objects.filter(site=site).first()
    local = timezone.localtime(now, site.zone)
    if chosen is None or not chosen.writes or local.time() < chosen.send_from:
        return 0
    return _write(site, [*due(chosen, local.date()), *_moved(chosen, local.date())], now)


def due(chosen: PatientLetterSettings, today: date) -> Iterator[Announcement]:
    """What is to be announced today and was not yet, in each patient's language, over each channel the site uses."""
    leads = {
        LetterKind.INFUSION: chosen.infusion_lead_days,
        LetterKind.EXAMINATION: chosen.examination_lead_days,
    }
    furthest = max((*chosen.infusion_lead_days, *chosen.examination_lead_days), default=0)
    # on the day itself a reminder comes too late, or after the fact
    found = appointments(chosen.site, add_days(today, 1), add_days(today, furthest))
    words = _Words.of(chosen.site)
    for one in found:
        item = Item(_LOST[one.kind], one.key, one.on)
        for owing in owed([item], lead_days=leads[one.kind], today=today):
            lead = (one.on - owing.remind_on).days
            yield from _over(chosen, words, one.kind, one.about(lead), one)


def _moved(chosen: PatientLetterSettings, today: date) -> Iterator[Announcement]:
    """A day that a letter announced, that is still to come and no longer stands. Told once."""
    if not chosen.tells_moved:
        return
    sent = Reminder.objects.filter(
        site=chosen.site, kind=ReminderKind.PATIENT, state=ReminderState.SENT, due_on__gt=today
    ).exclude(patient__in=died(chosen.site))
    sent = sent.select_related("patient")
    told = [(row, *announced(row)) for row in sent if row.patient is not None]
    told = [(row, kind, key) for row, kind, key in told if kind is not LetterKind.MOVED]
    if not told:
        return
    stands = standing_keys(chosen.site, today, max(row.due_on for row, *_ in told))
    given = _given([key for _, kind, key in told if kind is LetterKind.INFUSION])
    words, gone = _Words.of(chosen.site), {(row.due_on, key): (row, key) for row, _, key in told}
    for row, key in gone.values():
        if (key, row.due_on) in stands or key in given or row.patient is None:
            continue
        was = Appointment(LetterKind.MOVED, key, row.patient, row.due_on, None, chosen.site.name)
        yield from _over(chosen, words, LetterKind.MOVED, f"{LetterKind.MOVED}:{key}:0", was)


def _given(keys: Iterable[str]) -> set[str]:
    """Cycle days given ahead of their day: she was there, and knows."""
    rows = CycleDay.objects.filter(uuid__in=list(keys), state=DayState.GIVEN)
    return {str(one) for one in rows.values_list("uuid", flat=True)}


def _over(
    chosen: PatientLetterSettings, words: _Words, kind: LetterKind, about: str, one: Appointment
) -> Iterator[Announcement]:
    for channel in ReminderChannel:
        if channel is ReminderChannel.SMS and not (chosen.by_sms and django_settings.SMS_SEND and one.patient.phone):
            continue
        if channel is ReminderChannel.EMAIL and not one.patient.email:
            continue
        name = uuid.uuid4()
        said = words.filled(kind, one, answer_link(name))
        yield Announcement(kind, about, one.patient, one.on, one.place, said, channel, name)


def _write(site: Site, letters: list[Announcement], now: datetime) -> int:
    known = set(
        Reminder.objects.filter(site=site, patient__isnull=False, about__in=[one.about for one in letters]).values_list(
            "patient_id", "about", "due_on", "channel"
        )
    )
    new = [one for one in letters if (one.patient.pk, one.about, one.on, one.channel.value) not in known]
    if not new:
        return 0
    silent = {
        channel: wants_none([one.patient.pk for one in new if one.channel is channel], channel)
        for channel in {one.channel for one in new}
    }
    with transaction.atomic():
        return owe([_row(site, one, now, wanted=one.patient.pk not in silent[one.channel]) for one in new])


def _row(site: Site, one: Announcement, now: datetime, *, wanted: bool) -> Reminder:
    is_sms = one.channel is ReminderChannel.SMS
    return Reminder(
        uuid=one.uuid,
        site=site,
        patient=one.patient,
        kind=ReminderKind.PATIENT,
        about=one.about,
        due_on=one.on,
        channel=one.channel,
        address=one.address,
        subject=one.said.subject,
        text=one.said.sms if is_sms else one.said.text,
        state=ReminderState.QUEUED if wanted else ReminderState.OPTED_OUT,
        next_try_at=now,
        created_at=now,
    )


def answer_link(letter: uuid.UUID) -> str:
    """The patient's own page of one letter. Who has it sees one day and one place, without a name."""
    key = signing.dumps(letter.hex, salt=SALT)
    return django_settings.PUBLIC_URL + reverse("patient-answer", query={"key": key})


@dataclass(frozen=True, slots=True)
class _Words:
    """A site's wordings, its own before those shipped."""

    site: Site
    own: dict[tuple[str, str], Wording]

    @classmethod
    def of(cls, site: Site) -> _Words:
        rows = LetterWording.objects.filter(site=site)
        return cls(site, {(row.kind, row.language): row.to_core() for row in rows})

    def wording(self, kind: LetterKind, language: Language) -> Wording:
        return self.own.get((kind, language.code), language.wordings[kind])

    def filled(self, kind: LetterKind, one: Appointment, answer: str) -> Wording:
        language = language_for(one.patient.language)
        values = {
            "when": language.when(one.on, one.hour),
            "place": one.place,
            "phone": self.site.phone,
            "answer": answer,
        }
        return self.wording(kind, language).filled(values)


def words_of(site: Site) -> Callable[[LetterKind, Language], Wording]:
    """The wording in use for each kind and language."""
    return _Words.of(site).wording
