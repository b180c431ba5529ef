"""The desk's rules: when a patient counts as not reached, what a task still lacks, what a new plan still wants."""

from __future__ import annotations

from datetime import date

import pytest

from monitoring.catalog.policies import call_policy
from monitoring.core.calls import CallOutcome, is_lost, refuse_call, unreached
from monitoring.core.checklist import Point, is_new, open_points, refuse_waive
from monitoring.core.owners import Lack, Owning, refuse_next
from monitoring.core.queue import EchoStep, Need, Task, checklist_task, echo_no_show_task, no_show_task

TODAY = date(2026, 1, 5)
REACHED, NOBODY, MESSAGE, WRONG = CallOutcome


def test_the_policy_file_tells_the_doctor_after_three_and_says_that_nobody_verified_it():
    assert call_policy().attempts == 3
    assert (call_policy().citation.document, call_policy().citation.confidence) == ("site-policy", "unverified")


@pytest.mark.parametrize(
    ("latest_first", "count"),
    [
        ([], 0),
        ([REACHED], 0),
        ([NOBODY, MESSAGE], 2),
        ([NOBODY, MESSAGE, WRONG], 3),
        ([NOBODY, REACHED, NOBODY, NOBODY], 1),
    ],
)
def test_calls_in_a_row_that_reached_nobody_are_counted_from_the_latest(latest_first: list[CallOutcome], count: int):
    assert unreached(latest_first) == count
    assert is_lost(latest_first, 3) is (count >= 3)


def test_a_call_that_reached_somebody_says_what_was_agreed():
    assert refuse_call(REACHED, " ", None, today=TODAY).code == "words-missing"  # type: ignore[union-attr]
    assert refuse_call(WRONG, "", None, today=TODAY).code == "words-missing"  # type: ignore[union-attr]
    assert refuse_call(NOBODY, "", TODAY, today=TODAY) is None
    assert refuse_call(NOBODY, "", date(2026, 1, 4), today=TODAY).code == "next-try-in-the-past"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("is_owned", "next_on", "lacks"),
    [
        (False, None, (Lack.OWNER, Lack.NEXT_DATE)),
        (True, None, (Lack.NEXT_DATE,)),
        (False, TODAY, (Lack.OWNER,)),
        (True, TODAY, ()),
        (True, date(2026, 1, 4), (Lack.NEXT_DATE,)),  # the step was due yesterday and nobody wrote it down
    ],
)
def test_a_task_lacks_an_owner_or_a_day_that_lies_ahead(is_owned: bool, next_on: date | None, lacks: tuple[Lack, ...]):
    assert Owning(is_owned, next_on).lacks(TODAY) == lacks


def test_a_next_step_lies_ahead():
    assert refuse_next(TODAY, today=TODAY) is None
    assert refuse_next(date(2026, 1, 4), today=TODAY).code == "next-in-the-past"  # type: ignore[union-attr]


@pytest.mark.parametrize(("start", "new"), [("2025-12-28", False), ("2025-12-29", True), ("2026-02-01", True)])
def test_a_plan_that_was_running_for_more_than_a_week_when_it_was_entered_is_no_new_one(start: str, new: bool):
    assert is_new(date.fromisoformat(start), TODAY) is new


def test_points_stay_open_until_each_is_settled_and_are_waived_with_a_reason_only():
    assert open_points([Point.LANGUAGE]) == (Point.ADDRESS, Point.MAIL_CONSENT, Point.FIRST_DATES, Point.ECHO_LAB)
    assert open_points(list(Point)) == ()
    assert refuse_waive("  ") is not None
    task = checklist_task(date(2026, 1, 12), [Point.ECHO_LAB], today=TODAY)
    assert (task.need, task.act_by, task.why) == (
        Need.NEW_PLAN, date(2026, 1, 12), "1 point of the checklist is open."
    )  # fmt: skip
    assert "echo lab" in task.step


def test_a_no_show_is_to_be_called_and_says_until_when_the_dose_stays_as_it_is():
    task = no_show_task(
        TODAY, words="the bus", told_by="Nora Nilsen", last_maintenance_on=date(2026, 1, 12), today=TODAY
    )
    assert (task.need, task.act_by, task.title) == (Need.NO_SHOW, date(2026, 1, 12), "Did not attend the infusion")
    assert "give it by Mon 12 Jan 2026" in task.step
    assert task.why == "Nora Nilsen recorded that the patient did not attend on Mon 5 Jan 2026: “the bus”"
    assert no_show_task(TODAY, words="", told_by="N", last_maintenance_on=None, today=TODAY).act_by == TODAY


def test_an_echo_nobody_came_to_is_as_due_as_if_it_had_never_been_booked():
    due = Task(
        Need.ECHO, date(2026, 1, 8), date(2026, 1, 22), "Book the echo. The infusion of Thu 22 Jan 2026 is at risk.",
        "why", EchoStep.BOOK, True,
    )  # fmt: skip
    task = echo_no_show_task(due, date(2026, 1, 2), today=TODAY)
    assert (task.act_by, task.saves, task.stage) == (due.act_by, due.saves, EchoStep.BOOK)
    assert task.title == "LVEF overdue, did not attend"
    assert task.step == (
        "The patient did not attend the echo of Fri 2 Jan 2026: call, and book again. "
        "The infusion of Thu 22 Jan 2026 is at risk."
    )
    early = echo_no_show_task(None, date(2026, 1, 2), today=TODAY)
    assert (early.act_by, early.stage, early.need) == (TODAY, EchoStep.BOOK, Need.ECHO)
