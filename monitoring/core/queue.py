"""The last day on which acting still saves a cycle, for everything that needs a coordinator's hands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from her2tracker.lib.dates import add_days, days_between, in_words
from monitoring.core.surveillance import Occasion, Window


class Need(StrEnum):
    BASELINE = "baseline"
    HOLD_REPEAT = "hold-repeat"
    ECHO = "echo"
    FOLLOW_UP = "follow-up"
    MISSED = "missed"
    MESSAGE = "message"
    REQUEST = "request"

    @property
    def label(self) -> str:
        return {
            Need.BASELINE: "Baseline LVEF missing",
            Need.HOLD_REPEAT: "Repeat LVEF while on hold",
            Need.ECHO: "LVEF due",
            Need.FOLLOW_UP: "Follow-up LVEF due",
            Need.MISSED: "Infusion missed",
            Need.MESSAGE: "Message not delivered",
            Need.REQUEST: "Asks for another day",
        }[self]


class Stage(StrEnum):
    """What is to be done next about an echo."""

    BOOK = "book"
    REBOOK = "rebook"
    AWAIT = "await"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Task:
    """`act_by` is the last day that still helps; `saves` the infusion at stake, when there is one."""

    need: Need
    act_by: date
    saves: date | None
    step: str
    why: str
    stage: Stage | None = None
    is_overdue: bool = False

    @property
    def title(self) -> str:
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
    return Task(_need(window.occasion), act_by, at_risk, step, window.because, stage, window.is_overdue)


def baseline_task(
    *, first_infusion: date, booked_for: date | None, lead_days: int, today: date, result_days: int = 0
) -> Task:
    """No LVEF at all, and the first dose stands on a day: the echo must come before it."""
    book_by = add_days(first_infusion, -lead_days - result_days)
    stage, act_by, step = _next_step(booked_for, first_infusion, book_by, today, result_days)
    because = f"The first infusion is planned for {in_words(first_infusion)} and no LVEF is on record."
    return Task(Need.BASELINE, act_by, first_infusion, step, because, stage)


def missed_task(planned_on: date, *, last_maintenance_on: date | None, today: date) -> Task:
    """An infusion whose day passed undecided. `last_maintenance_on` is the last day before an agent re-loads."""
    act_by = last_maintenance_on or today
    why = f"Planned for {in_words(planned_on)}, {days_between(planned_on, today)} days ago, and nobody has decided."
    if last_maintenance_on and last_maintenance_on >= today:
        step = f"Call and give it by {in_words(last_maintenance_on)}; from the day after, a dose is loaded again."
    elif last_maintenance_on:
        step = f"Call and agree a new day. After {in_words(last_maintenance_on)} a loading dose is due again."
    else:
        step = "Call and agree a new day."
    return Task(Need.MISSED, act_by, planned_on, step, why)


def order(task: Task, name: str = "") -> tuple[bool, date, bool, date, str]:
    """Soonest last day first, of equals the overdue one. A booked echo only waits: it stands below every call."""
    return task.stage is Stage.AWAIT, task.act_by, not task.is_overdue, task.saves or date.max, name


def _next_step(
    booked_for: date | None, at_risk: date | None, book_by: date, today: date, result_days: int
) -> tuple[Stage, date, str]:
    if booked_for is None:
        lost = f" The infusion of {in_words(at_risk)} is at risk." if at_risk else ""
        return Stage.BOOK, book_by, f"Book the echo.{lost}"
    if booked_for < today:
        return Stage.RECORD, today, f"The echo was booked for {in_words(booked_for)}: record its result, or book again."
    if at_risk and add_days(booked_for, result_days) > at_risk:
        late = "its result comes after" if booked_for <= at_risk else "after"
        step = f"Booked for {in_words(booked_for)}, {late} the infusion of {in_words(at_risk)}: ask for an earlier day."
        return Stage.REBOOK, add_days(at_risk, -1 - result_days), step
    return Stage.AWAIT, booked_for, f"Booked for {in_words(booked_for)}: record the result when it comes."


def _need(occasion: Occasion) -> Need:
    return {
        Occasion.WHILE_HELD: Need.HOLD_REPEAT,
        Occasion.BASELINE: Need.BASELINE,
        Occasion.COMPLETION: Need.FOLLOW_UP,
        Occasion.FOLLOW_UP: Need.FOLLOW_UP,
    }.get(occasion, Need.ECHO)
