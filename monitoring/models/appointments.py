"""What stands in patients' diaries: planned infusions and booked examinations, one a day for each patient."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.db.models import QuerySet

from her2tracker.accounts.models import Site
from monitoring.catalog.patient_letters import kept_out
from monitoring.core.patient_letters import LetterKind, telling
from monitoring.models.flags import EchoBooking
from monitoring.models.patient_letters import LetterOptOut, PatientLetterSettings
from monitoring.models.reminders import Reminder
from scheduling.models import CycleDay, Hold, Patient, TreatmentPlan
from scheduling.words import CeaseReason, PlanState

ANNOUNCES = (LetterKind.INFUSION, LetterKind.EXAMINATION)


@dataclass(frozen=True, slots=True)
class Appointment:
    """`key` is the uuid of the cycle day or of the booking."""

    kind: LetterKind
    key: str
    patient: Patient
    on: date
    hour: time | None
    place: str

    def about(self, lead: int) -> str:
        """The stable name of one announcement; with the date and the channel it is written once."""
        return f"{self.kind}:{self.key}:{lead}"


def announced(reminder: Reminder) -> tuple[LetterKind, str]:
    """Kind and key of what a letter is about."""
    kind, key, _ = reminder.about.split(":", 2)
    return LetterKind(kind), key


def appointments(site: Site, first: date, last: date) -> list[Appointment]:
    """In that span, by day. Three queries. Nothing of plans on hold or ended: those days may not stand."""
    found: dict[tuple[int, date], Appointment] = {}
    for one in (*_infusions(site, first, last), *_examinations(site, first, last)):
        found.setdefault((one.patient.pk, one.on), one)
    return sorted(found.values(), key=lambda one: (one.on, one.patient.pk))


def _infusions(site: Site, first: date, last: date, key: str | None = None) -> Iterator[Appointment]:
    held = Hold.objects.open().filter(plan__patient__site=site).values("plan")
    rows = CycleDay.objects.at(site).planned().filter(plan__state=PlanState.ACTIVE, planned_on__range=(first, last))
    rows = rows.exclude(plan__in=held).exclude(plan__patient__in=died(site)).select_related("plan__patient")
    for row in (rows.filter(uuid=key) if key else rows).order_by("planned_on", "starts_at", "pk"):
        yield Appointment(
            LetterKind.INFUSION, str(row.uuid), row.plan.patient, row.planned_on, row.starts_at, site.name
        )


def _examinations(site: Site, first: date, last: date, key: str | None = None) -> Iterator[Appointment]:
    rows = EchoBooking.objects.filter(
        plan__patient__site=site, cancelled_at=None, booked_for__range=(first, last)
    ).exclude(plan__patient__in=died(site))
    rows = rows.select_related("plan__patient")
    for row in (rows.filter(uuid=key) if key else rows).order_by("booked_for", "pk"):
        # "Echo lab" on a locked screen says of what
        place = site.name if not row.lab or telling(row.lab, kept_out()) else row.lab
        yield Appointment(LetterKind.EXAMINATION, str(row.uuid), row.plan.patient, row.booked_for, None, place)


def died(site: Site) -> QuerySet[TreatmentPlan, Any]:
    """Nobody writes to them, about nothing: whose plan ended with that reason."""
    return TreatmentPlan.objects.filter(patient__site=site, end_reason=CeaseReason.DIED).values("patient")


def standing_keys(site: Site, first: date, last: date) -> set[tuple[str, date]]:
    """Key and day of every appointment that stands in that span, two of one day included."""
    both = (*_infusions(site, first, last), *_examinations(site, first, last))
    return {(one.key, one.on) for one in both}


def standing(reminder: Reminder) -> Appointment | None:
    """The appointment a letter is about, while it stands on the day that was announced. One row is read."""
    _, key = announced(reminder)
    day, site = reminder.due_on, reminder.site
    found = (*_infusions(site, day, day, key), *_examinations(site, day, day, key))
    return next(iter(found), None)


def still_wanted(reminder: Reminder) -> bool:
    """Asked right before a letter leaves: the day stands, the site writes letters, the patient wants them."""
    settings = PatientLetterSettings.objects.filter(site=reminder.site_id).first()
    if settings is None or not settings.writes or wants_none([reminder.patient_id], reminder.channel):
        return False
    if died(reminder.site).filter(patient=reminder.patient_id).exists():
        return False
    kind, _ = announced(reminder)
    return (standing(reminder) is not None) == (kind in ANNOUNCES)


def wants_none(patients: Iterable[int | None], channel: str) -> set[int]:
    """Those of the patients who opted out of a channel."""
    rows = LetterOptOut.objects.in_force().filter(patient__in=[pk for pk in patients if pk], channel=channel)
    return set(rows.values_list("patient_id", flat=True))
