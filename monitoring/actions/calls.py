"""Calls to patients, as they went. Whom nobody reaches is told to the oncologist, once, until somebody answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused, refuse
from monitoring.actions import letters, reminders
from monitoring.core.calls import CallOutcome, is_lost, refuse_call, unreached
from monitoring.models import Call, CardiacPolicy, Unreached
from monitoring.models.delegations import Hearers
from monitoring.words import ReminderKind
from scheduling.models import Patient, TreatmentPlan
from scheduling.words import PlanState

LATEST = 50  # calls read to count those in a row: a site's own limit is far below


def log(
    *,
    by: User,
    patient: Patient,
    outcome: CallOutcome,
    words: str = "",
    next_try_on: date | None = None,
    about: str = "",
) -> Call:
    """Write down one call. The last of so many in a row that reached nobody tells the plan's oncologist."""
    require(by, Permission.LOG_CALLS)
    now = timezone.now()
    _refuse(outcome, words, next_try_on, by.site.today(now))
    with act("call.logged", by=by, patient=patient, reason=words.strip()) as entry:
        # the patient's row is the lock: of two calls at once, one is the third
        Patient.objects.select_for_update().get(pk=patient.pk)
        plan = _plan_of(patient)
        made = Call.objects.create(
            patient=patient, plan=plan, about=about[:120], outcome=outcome, words=words.strip()[:300],
            next_try_on=next_try_on, recorded_at=now, recorded_by=by,
        )  # fmt: skip
        entry.subject = made
        entry.details = {"outcome": outcome.value, "next_try": str(next_try_on or "")}
        if outcome is CallOutcome.REACHED:
            Unreached.objects.open().filter(patient=patient).update(ended_at=now)
        else:
            entry.details["told"] = _tell_if_lost(by.site, patient, plan, now)
    return made


def answer(*, by: User, notice: Unreached, words: str) -> None:
    """The oncologist says what is to be done about a patient whom nobody reaches."""
    require(by, Permission.DECIDE_FLAGS)
    if not words.strip():
        told = "Say in a sentence what is to be done."
        raise Refused(Refusal("words-missing", told), {"answer": [told]})
    with act("unreached.answered", by=by, patient=notice.patient, subject=notice, reason=words.strip()):
        row = Unreached.objects.select_for_update().get(pk=notice.pk)
        if row.ended_at is not None:
            raise Refused(Refusal("over", "The patient was reached, or somebody answered this already."))
        row.ended_at, row.answered_by, row.answer = timezone.now(), by, words.strip()[:300]
        row.save(update_fields=["ended_at", "answered_by", "answer"])


def calls_of(patients: Sequence[int]) -> dict[int, list[Call]]:
    """By patient, the latest first. One query."""
    found: dict[int, list[Call]] = {}
    for call in Call.objects.filter(patient__in=patients).select_related("recorded_by"):
        found.setdefault(call.patient_id, []).append(call)
    return found


def notices_of(patients: Sequence[int]) -> dict[int, Unreached]:
    """By patient, the latest notice to an oncologist, answered or not. One query."""
    rows = Unreached.objects.filter(patient__in=patients).select_related("answered_by").order_by("told_at", "pk")
    return {row.patient_id: row for row in rows}


def waiting_for(by: User) -> QuerySet[Unreached]:
    """Patients whom nobody reaches and about whom no oncologist of the site has said what is to be done."""
    rows = Unreached.objects.at(by.site_id).open().select_related("patient", "plan__regimen", "plan__responsible")
    return rows.defer("plan__regimen__definition").order_by("told_at")


def _refuse(outcome: CallOutcome, words: str, next_try_on: date | None, today: date) -> None:
    found = refuse_call(outcome, words, next_try_on, today=today)
    if found is not None:
        field = "words" if found.code == "words-missing" else "next_try_on"
        raise Refused(found, {field: [found.sentence]})
    refuse(found)


def _plan_of(patient: Patient) -> TreatmentPlan | None:
    rows = TreatmentPlan.objects.filter(patient=patient, state=PlanState.ACTIVE).select_related("patient__site")
    return rows.order_by("-start_on", "-pk").first()


def _tell_if_lost(site: Site, patient: Patient, plan: TreatmentPlan | None, now: datetime) -> int:
    """Returns how many mails are owed; 0 when nobody is lost yet, or the oncologist was told already."""
    outcomes = [CallOutcome(one) for one in patient.calls.values_list("outcome", flat=True)[:LATEST]]
    if not is_lost(outcomes, CardiacPolicy.of(site).attempts):
        return 0
    if Unreached.objects.open().filter(patient=patient).exists():
        return 0
    count = unreached(outcomes)
    if _answered_in_this_row(patient, count):
        return 0
    notice = Unreached.objects.create(patient=patient, plan=plan, calls=count, told_at=now)
    return _mail(notice, site, plan, now)


def _answered_in_this_row(patient: Patient, count: int) -> bool:
    """An oncologist answered within these calls: one more without success asks nothing new."""
    row = list(patient.calls.values_list("recorded_at", flat=True)[:count])
    return patient.unreached.filter(told_at__gte=row[-1], answered_by__isnull=False).exists()


def _mail(notice: Unreached, site: Site, plan: TreatmentPlan | None, now: datetime) -> int:
    """To whoever answers for the plan, without the patient's identity."""
    hearers = Hearers.of(site, now)
    context = {"site": site, "calls": notice.calls, "link": settings.PUBLIC_URL + reverse("unreached")}
    text, html = letters.write("unreached", context)
    return sum(
        reminders.queue(
            recipient=person,
            kind=ReminderKind.ESCALATION,
            about=f"unreached:{notice.uuid}",
            due_on=site.today(now),
            subject="A patient could not be reached by telephone",
            text=text,
            html=html,
            now=now,
        )
        for person in (hearers.of_plan(plan) if plan else hearers.of_lead())
    )
