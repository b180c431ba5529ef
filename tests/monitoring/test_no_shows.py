"""Somebody did not come: a task the same day, nothing moved, ended by what is decided or by saying why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from her2tracker.lib.refusals import Refused
from monitoring.actions import assessments
from monitoring.actions import no_shows as echoes
from monitoring.core.queue import EchoStep, Need
from monitoring.models import EchoNoShow
from scheduling.actions import cycles, no_shows
from scheduling.models import CycleDay, NoShow, TreatmentPlan
from scheduling.words import DayState, DelayReason
from tests import api, make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SignIn = Callable[[str], Client]


def due_today() -> CycleDay:
    """The third infusion of a plan from 19 March is planned for 30 April, today; its LVEF is fresh."""
    plan = make.plan(start=date(2026, 3, 19), given=2)
    make.lvef(plan.patient, 61, date(2026, 4, 25))
    return make.cycle(plan, 3)


def lines(client: Client, show: str = "") -> list[Any]:
    return list(client.get(reverse("queue"), {"show": show}).context["page"])


def test_a_no_show_of_today_is_the_coordinators_the_same_day_and_moves_nothing(sign_in: SignIn):
    row, nora, cora = due_today(), sign_in("nora"), sign_in("cora")
    assert (row.planned_on, lines(cora)) == (date(2026, 4, 30), [])
    assert reverse("cycle-not-attended", args=[row.uuid]) in nora.get(reverse("today")).content.decode()
    nora.post(reverse("cycle-not-attended", args=[row.uuid]), {"words": "No answer at the door."})
    row.refresh_from_db()
    assert (row.state, row.planned_on) == (DayState.PLANNED, date(2026, 4, 30))
    [line] = lines(cora)
    # the last dose was on 9 April: 28 days later, one week late, trastuzumab still goes on (CLINICAL.md 2)
    assert (line.task.need, line.task.act_by) == (Need.NO_SHOW, date(2026, 5, 7))
    assert [one.task.need for one in lines(cora, "no-show")] == [Need.NO_SHOW]
    assert "No answer at the door." in cora.get(reverse("queue")).content.decode()
    assert "Did not attend" in nora.get(reverse("today")).content.decode()


def test_a_new_day_ends_the_task_and_so_does_a_record(sign_in: SignIn):
    row, cora = due_today(), sign_in("cora")
    no_shows.record(by=make.person("nora"), cycle_day=row)
    cycles.delay(by=make.person("cora"), cycle_day=row, to_on=date(2026, 5, 4), reason=DelayReason.DID_NOT_ATTEND)
    assert lines(cora) == []
    other = due_today()
    no_shows.record(by=make.person("nora"), cycle_day=other)
    make.give(other)
    assert lines(cora) == []
    assert NoShow.objects.count() == 2  # kept as facts


def test_saying_why_ends_the_task_and_the_infusion_stays_planned(sign_in: SignIn):
    row, cora = due_today(), sign_in("cora")
    made = no_shows.record(by=make.person("nora"), cycle_day=row)
    address = reverse("cycle-not-attended", args=[row.uuid])
    assert cora.post(address, {"settlement": " "}).status_code == 422
    cora.post(address, {"settlement": "Comes this afternoon."})
    assert lines(cora) == []
    made.refresh_from_db()
    assert (made.settlement, made.settled_by) == ("Comes this afternoon.", make.person("cora"))
    with pytest.raises(Refused, match="settled this already"):
        no_shows.settle(by=make.person("cora"), no_show=made, settlement="Again.")


def test_nobody_can_have_stayed_away_from_a_day_to_come_or_from_what_was_given():
    row = due_today()
    with pytest.raises(Refused, match="nobody can have stayed away yet"):
        no_shows.record(by=make.person("nora"), cycle_day=make.cycle(row.plan, 4))
    with pytest.raises(Refused, match="recorded as given"):
        no_shows.record(by=make.person("nora"), cycle_day=make.cycle(row.plan, 2))
    no_shows.record(by=make.person("nora"), cycle_day=row)
    with pytest.raises(Refused, match="recorded this already"):
        no_shows.record(by=make.person("nora"), cycle_day=row)


def test_yesterdays_infusion_without_a_record_appears_by_itself_and_once(sign_in: SignIn, clock: Any):
    row = due_today()
    clock.move_to("2026-05-01T09:00:00Z")
    cora = sign_in("cora")
    [line] = lines(cora)
    assert (line.task.need, line.task.title) == (Need.MISSED, "Infusion missed, not recorded")
    assert "1 day ago" in line.task.why
    no_shows.record(by=make.person("nora"), cycle_day=row)
    assert [one.task.need for one in lines(cora)] == [Need.NO_SHOW]


def booked(day: date = date(2026, 4, 30)) -> TreatmentPlan:
    """An LVEF overdue since 8 April, with an appointment."""
    plan = make.plan(start=date(2026, 1, 5), given=6)
    assessments.book_echo(by=make.person("cora"), plan=plan, booked_for=day, lab="Echo lab")
    return plan


def test_an_echo_nobody_came_to_is_to_be_booked_again_while_its_clock_goes_on(sign_in: SignIn):
    plan, cora = booked(), sign_in("cora")
    [line] = lines(cora)
    assert (line.task.stage, line.may_not_attend) == (EchoStep.AWAIT, True)
    cora.post(reverse("echo-not-attended", args=[line.job.booking.uuid]), {"words": "Forgot."})
    [line] = lines(cora)
    assert (line.task.title, line.task.stage) == ("LVEF overdue, did not attend", EchoStep.BOOK)
    assert line.task.act_by == date(2026, 4, 27)  # as if it had never been booked: 14 days before 11 May
    assert len(lines(cora, "no-show")) == 1
    assessments.book_echo(by=make.person("cora"), plan=plan, booked_for=date(2026, 5, 5), lab="Echo lab")
    [line] = lines(cora)
    assert (line.task.stage, line.task.not_attended) == (EchoStep.AWAIT, None)


def test_an_echo_no_show_settled_with_words_leaves_what_is_due():
    plan, cora = booked(), make.person("cora")
    booking = plan.echo_bookings.get()
    made = echoes.record(by=cora, booking=booking)
    with pytest.raises(Refused, match="recorded this already"):
        echoes.record(by=cora, booking=booking)
    echoes.settle(by=cora, no_show=made, settlement="Goes to another hospital.")
    [item] = api.get("cora", "queue/")
    assert (item["title"], item["stage"]) == ("LVEF overdue", "book")


def test_an_echo_with_a_result_or_still_to_come_was_not_missed():
    plan, cora = booked(), make.person("cora")
    make.lvef(plan.patient, 61, date(2026, 4, 30))
    with pytest.raises(Refused, match="on record"):
        echoes.record(by=cora, booking=plan.echo_bookings.get())
    ahead = booked(date(2026, 5, 6))
    with pytest.raises(Refused, match="nobody can have stayed away yet"):
        echoes.record(by=cora, booking=ahead.echo_bookings.get())
    assert not EchoNoShow.objects.exists()


def test_a_program_does_the_same_with_the_same_refusals():
    row = due_today()
    made = api.post("nora", f"cycle-days/{row.uuid}/did-not-attend/", 201, words="Called in sick.")
    assert (made["on"], made["cycle"], made["settled_at"]) == ("2026-04-30", 3, None)
    again = api.post("nora", f"cycle-days/{row.uuid}/did-not-attend/", 409)
    assert api.error(again)[0] == "told-already"
    assert [one["need"] for one in api.get("cora", "queue/")] == ["no-show"]
    assert api.get("nora", "today/")["rows"][0]["no_show_at"] is not None
    settled = api.post("cora", f"cycle-days/{row.uuid}/did-not-attend/settle/", 200, settlement="Comes tomorrow.")
    assert settled["settlement"] == "Comes tomorrow."
    booking = booked().echo_bookings.get()
    assert api.post("cora", f"echoes/{booking.uuid}/did-not-attend/", 201)["settled_at"] is None
    done = api.post("cora", f"echoes/{booking.uuid}/did-not-attend/settle/", 200, settlement="Booked elsewhere.")
    assert done["settlement"] == "Booked elsewhere."
