"""Plans until progression: dates half a year ahead, moving on every night, and no last one anywhere."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from her2tracker.audit import sentences
from her2tracker.audit.models import Act
from scheduling import tasks
from scheduling.actions import cycles
from scheduling.words import OmissionReason
from tests import api, make
from tests.scheduling.pages import START, signed_in, url, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    with time_machine.travel("2026-01-05T09:00:00Z", tick=False) as travelled:
        yield travelled


@pytest.fixture
def thp(clock):
    return make.plan("thp", start=START, given=1)


def last(plan) -> date:
    return plan.cycle_days.last().planned_on


def test_half_a_year_is_laid_out_from_the_start(thp):
    """26 weeks are 182 days: the last of every 21 days within them is day 168, 22 June."""
    assert (thp.cycle_days.count(), last(thp)) == (9, date(2026, 6, 22))
    assert set(thp.cycle_days.values_list("of_cycles", flat=True)) == {None}


def test_the_horizon_moves_on_with_the_days(thp, clock):
    clock.move_to("2026-01-19T01:00:00Z")  # 14 days on: day 189, 13 July, lies within 182 days of it
    assert tasks.move_horizons() == 1
    assert last(thp) == date(2026, 7, 13)
    assert [tasks.move_horizons() for _ in range(3)] == [0, 0, 0]
    told = sentences.sentence(Act.objects.get(verb="plan.laid-out"))
    assert told == "laid out the plan until Mon 13 Jul 2026"


def test_missed_nights_lose_nothing(thp, clock):
    for day in range(6, 29):
        clock.move_to(f"2026-01-{day:02}T01:00:00Z")
        tasks.move_horizons()
    nightly = list(thp.cycle_days.values_list("cycle", "planned_on"))
    thp.cycle_days.filter(cycle__gt=9).delete()
    assert tasks.move_horizons() == 1
    assert list(thp.cycle_days.values_list("cycle", "planned_on")) == nightly


def test_whoever_looks_at_the_plan_meanwhile_is_not_refused(thp, clock):
    revision = thp.revision
    clock.move_to("2026-01-19T01:00:00Z")
    tasks.move_horizons()
    thp.refresh_from_db()
    assert thp.revision == revision


def test_plans_with_an_end_and_ceased_ones_are_left_alone(clock):
    plan = make.plan("trastuzumab-q3w-17", start=START, given=1)
    clock.move_to("2026-03-01T01:00:00Z")
    assert (tasks.move_horizons(), plan.cycle_days.count()) == (0, 17)


def test_the_command_does_by_hand_what_the_task_does(thp, clock, capsys):
    clock.move_to("2026-01-19T01:00:00Z")
    call_command("move_horizons")
    assert capsys.readouterr().out == "Cycle days added: 1\n"


def test_pages_say_until_when_and_never_of_how_many(thp):
    nora = signed_in("nora")
    for address in (url("plan", thp), reverse("patient", args=[thp.patient.uuid])):
        page = words(nora.get(address))
        assert "until progression" in page
        assert "of None" not in page
    assert "Cycle 2 of" not in words(nora.get(url("cycle-day", make.cycle(thp, 2))))
    assert "cycle 2, until progression" in words(nora.get(url("plan", thp)))


def test_today_shows_the_cycle_alone(clock):
    plan = make.plan("thp", start=START)
    page = words(signed_in("nora").get(reverse("today")))
    assert "THP · cycle 1" in page
    assert "cycle 1 of" not in page
    assert plan.cycle_days.first().planned_on == START


def test_a_new_plan_says_that_there_is_no_last_cycle(clock):
    anna = make.patient()
    make.weight(anna, 70, START)
    from scheduling.actions import regimens

    regimens.sign_off(by=make.person("omar"), regimen=make.regimen("thp"), statement="Checked for this test.")
    said = {"regimen": "thp", "start_on": "2026-01-05", "act": "preview", "weight": anna.measurements.get().uuid}
    page = words(signed_in("omar").post(reverse("plan-new", args=[anna.uuid]), said))
    assert "Mon 5 Jan 2026 on, until progression" in page
    assert "There is no last cycle" in page


def test_delay_and_omission_speak_of_no_last_dose(thp):
    nora, second = signed_in("nora"), make.cycle(thp, 2)
    assert "none: until progression" in words(nora.get(url("cycle-delay", second, "?to_on=2026-02-02")))
    assert "There is no last cycle: an omitted dose is left out" in words(nora.get(url("cycle-omit", second)))
    cycles.omit(by=make.person("nora"), cycle_day=second, reason=OmissionReason.TOXICITY)
    assert make.cycle(thp, 3).planned_on == date(2026, 2, 16)


def test_no_echo_is_announced_for_an_end_there_is_not(thp):
    page = words(signed_in("nora").get(url("plan", thp)))
    assert "(at completion)" not in page
    assert "After the last infusion" not in page
    assert "none before the end" not in page


def test_what_is_taken_at_home_stands_on_the_plan(clock):
    plan = make.plan("tucatinib-capecitabine-trastuzumab", start=START, given=1)
    page = words(signed_in("nora").get(url("plan", plan)))
    assert "Taken at home" in page
    assert "300 mg twice a day every day" in page


def test_the_api_holds_null_where_there_is_no_last_cycle(thp):
    plan = api.get("nora", f"plans/{thp.uuid}/")
    assert (plan["projection"]["last_on"], plan["until"]) == (None, "until progression")
    assert {day["of_cycles"] for day in plan["cycle_days"]} == {None}
