"""The last day on which acting still saves a cycle, for everything that needs a coordinator's hands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from her2tracker.lib.dates import add_days, days_between, in_words
from monitoring.core.checklist import Point
from monitoring.core.surveillance import Occasion, Window


class Need(StrEnum):
    BASELINE = "baseline"
    HOLD_REPEAT = "hold-repeat"
    ECHO = "echo"
    FOLLOW_UP = "follow-up"
    MISSED = "missed"
    NO_SHOW = "no-show"
    MESSAGE = "message"
    REQUEST = "request"
    NEW_PLAN = "new-plan"

    @property
    def label(self) -> str:
        return {
            Need.BASELINE: "Baseline LVEF missing",
            Need.HOLD_REPEAT: "Repeat LVEF while on hold",
            Need.ECHO: "LVEF due",
            Need.FOLLOW_UP: "Follow-up LVEF due",
            Need.MISSED: "Infusion missed, not recorded",
            Need.NO_SHOW: "Did not attend the infusion",
            Need.MESSAGE: "Message not delivered",
            Need.REQUEST: "Asks for another day",
            Need.NEW_PLAN: "New plan",
        }[self]


class EchoStep(StrEnum):
    """What is to be done next about an echo."""

    BOOK = "book"
    REBOOK = "rebook"
    AWAIT = "await"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Task:
    """`act_by` is the last day that still helps; `saves` the infusion at stake, when there is one.

    `due_on` tells one examination of a plan from the next, and `not_attended` is the day of the echo nobody came to.
    """

    need: Need
    act_by: date
    saves: date | None
    step: str
    why: str
    stage: EchoStep | None = None
    is_overdue: bool = False
    due_on: date | None = None
    not_attended: date | None = None

    @property
    def title(self) -> str:
        """What it is about, and whether it is late or nobody came."""
        return f"{self._title}, did not attend" if self.not_attended else self._title

    @property
    def _title(self) -> str:
        if self.is_overdue and self.need in (Need.ECHO, Need.FOLLOW_UP):
            return "LVEF overdue"
        return f"{self.need.label}, overdue" if self.is_overdue else self.need.label

    def days_left(self, today: date) -> int:
        """Negative once it is too late to do it in time."""
        return days_between(today, self.act_by)


def echo_task(
    window: Window,
    *,
    infusions: Iterable[date],
    booked_for: date | None,
    lead_days: int,
    today: date,
    result_days: int = 0,
) -> Task | None:
    """What the assessment of `window` needs, or None while it is too early to ask the lab.

    `infusions` are the plan's planned days, `booked_for` its last appointment that has no result yet,
    `lead_days` how long the echo lab lets one wait, `result_days` how long until a result is on record.
    """
    if window.due_on is None or window.overdue_on is None:
        return None
    if today < add_days(window.due_on, -lead_days - result_days):
        return None
    at_risk = min((day for day in infusions if day >= max(window.overdue_on, today)), default=None)
    needed_by = at_risk or window.due_on
    book_by = add_days(needed_by, -lead_days - result_days)
    stage, act_by, step = _next_step(booked_for, at_risk, book_by, today, result_days)
    return Task(_need(window.occasion), act_by, at_risk, step, window.because, stage, window.is_overdue, window.due_on)


def baseline_task(
    *, first_infusion: date, booked_for: date | None, lead_days: int, today: date, result_days: int = 0
) -> Task:
    """No LVEF at all, and the first dose stands on a day: the echo must come before it."""
    book_by = add_days(first_infusion, -lead_days - result_days)
    stage, act_by, step = _next_step(booked_for, first_infusion, book_by, today, result_days)
    because = f"The first infusion is planned for {in_words(first_infusion)} and no LVEF is on record."
    return Task(Need.BASELINE, act_by, first_infusion, step, because, stage, due_on=first_infusion)


def missed_task(planned_on: date, *, last_maintenance_on: date | None, today: date) -> Task:
    """An infusion whose day passed undecided. `last_maintenance_on` is the last day before an agent re-loads."""
    act_by = last_maintenance_on or today
    ago = days_between(planned_on, today)
    past = f"{ago} day{'' if ago == 1 else 's'} ago"
    why = f"Planned for {in_words(planned_on)}, {past}, and nobody has decided."
    return Task(Need.MISSED, act_by, planned_on, _agree_a_day("Call and", last_maintenance_on, today), why)


def no_show_task(on: date, *, words: str, told_by: str, last_maintenance_on: date | None, today: date) -> Task:
    """Nobody came to the infusion of `on`. It is the coordinator's on the same day, and nothing has moved."""
    act_by = last_maintenance_on or today
    ask = "Call: say that the infusion was missed, ask whether the patient is well, and"
    why = f"{told_by} recorded that the patient did not attend on {in_words(on)}" + (f": “{words}”" if words else ".")
    return Task(Need.NO_SHOW, act_by, on, _agree_a_day(ask, last_maintenance_on, today), why)


def echo_no_show_task(task: Task | None, on: date, *, today: date) -> Task:
    """Nobody came to the echo of `on`. What is due, and until when, is as if it had never been booked.

    `task` is what the examination needs without that appointment: None while none is asked for yet.
    """
    said = f"The patient did not attend the echo of {in_words(on)}: call, and book again."
    if task is None:
        return Task(Need.ECHO, today, None, said, "By the protocol it is not due yet.", EchoStep.BOOK, not_attended=on)
    return replace(task, step=f"{said} {task.step.removeprefix('Book the echo.').strip()}".strip(), not_attended=on)


def checklist_task(first_infusion: date | None, points: Sequence[Point], *, today: date) -> Task:
    """What a new plan still wants, before its first infusion or at once where that has begun."""
    act_by = max(today, first_infusion) if first_infusion else today
    asked = ", ".join(point.label[:1].lower() + point.label[1:] for point in points)
    count = len(points)
    why = f"{count} {'point' if count == 1 else 'points'} of the checklist {'is' if count == 1 else 'are'} open."
    return Task(Need.NEW_PLAN, act_by, first_infusion, f"Make sure of: {asked}.", why)


def _agree_a_day(ask: str, last_maintenance_on: date | None, today: date) -> str:
    """By when, as far as the doses say one."""
    if last_maintenance_on and last_maintenance_on >= today:
        return f"{ask} give it by {in_words(last_maintenance_on)}; from the day after, a dose is loaded again."
    if last_maintenance_on:
        return f"{ask} agree a new day. After {in_words(last_maintenance_on)} a loading dose is due again."
    return f"{ask} agree a new day."


def order(task: Task, name: str = "") -> tuple[bool, date, bool, date, str]:
    """Soonest last day first, of equals the overdue one. A booked echo only waits: it stands below every call."""
    return task.stage is EchoStep.AWAIT, task.act_by, not task.is_overdue, task.saves or date.max, name


def _next_step(
    booked_for: date | None, at_risk: date | None, book_by: date, today: date, result_days: int
) -> tuple[EchoStep, date, str]:
    if booked_for is None:
        lost = f" The infusion of {in_words(at_risk)} is at risk." if at_risk else ""
        return EchoStep.BOOK, book_by, f"Book the echo.{lost}"
    if booked_for < today:
        return (
            EchoStep.RECORD,
            today,
            f"The echo was booked for {in_words(booked_for)}: record its result, or book again.",
        )
    if at_risk and add_days(booked_for, result_days) > at_risk:
        late = "its result comes after" if booked_for <= at_risk else "after"
        step = f"Booked for {in_words(booked_for)}, {late} the infusion of {in_words(at_risk)}: ask for an earlier day."
        return EchoStep.REBOOK, add_days(at_risk, -1 - result_days), step
    return EchoStep.AWAIT, booked_for, f"Booked for {in_words(booked_for)}: record the result when it comes."


def _need(occasion: Occasion) -> Need:
    return {
        Occasion.WHILE_HELD: Need.HOLD_REPEAT,
        Occasion.BASELINE: Need.BASELINE,
        Occasion.COMPLETION: Need.FOLLOW_UP,
        Occasion.FOLLOW_UP: Need.FOLLOW_UP,
    }.get(occasion, Need.ECHO)
