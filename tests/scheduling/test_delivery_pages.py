"""Delivered against planned: counted by hand on a small clinic, the same on page, sheet and API."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scheduling.actions import changes, cycles, plans
from scheduling.core.delivery import DecidedDose, intensity
from scheduling.words import CeaseReason, DelayReason, OmissionReason
from tests import api, make
from tests.scheduling.pages import signed_in, words

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)
PAGE, CSV = "delivery", "delivery-csv"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-04-30T09:00:00Z", tick=False) as travelled:
        yield travelled


def small_clinic() -> None:
    """Two plans of 17 from 5 January, 70 kg: six doses of each are planned by 30 April (the sixth on 20 April).

    One has four on time and omits the fifth. The other is 14 days late with its second (9 Feb: 35 days since the
    first, loaded again with 560 mg), has its third 21 days later, and its fourth is delayed for want of a chair.
    """
    on_time = make.plan(start=START, given=4, of=make.patient(mrn="=on"))
    cycles.omit(by=make.person("nora"), cycle_day=make.cycle(on_time, 5), reason=OmissionReason.TOXICITY)
    late = make.plan(start=START, given=1, of=make.patient(mrn="late"))
    make.give(make.cycle(late, 2), date(2026, 2, 9))
    make.give(make.cycle(late, 3), date(2026, 3, 2))
    cycles.delay(
        by=make.person("nora"), cycle_day=make.cycle(late, 4), to_on=date(2026, 5, 4), reason=DelayReason.CAPACITY
    )


def block(who: str = "omar"):
    [found] = signed_in(who).get(reverse(PAGE)).context["blocks"]
    return found.found.total


def test_the_counts_are_those_of_a_count_by_hand():
    small_clinic()
    total = block()
    assert (total.plans, total.planned, total.given, total.omitted) == (2, 12, 7, 1)
    assert (total.delays, total.interruptions, total.interrupted_plans, total.interrupted_days) == (
        {"capacity": 1}, 1, 1, 14,
    )  # fmt: skip
    # on time: 1260 mg in 63 days of 1260 in 63; late: 560 + 420 = 980 mg in 56 days of 840 in 42, that is 87.5 %
    assert total.intensities == {"trastuzumab": (Decimal("93.75"), Decimal("87.5"), 2)}
    assert (total.ended, total.completed) == (0, 0)


def test_page_and_api_say_the_same():
    small_clinic()
    page = words(signed_in("cora").get(reverse(PAGE)))
    for said in (
        "7 given of 12 planned by now (58 %), 1 omitted", "1 in 1 plan, 14 days in all",
        "93.8 % on average, 87.5 % at least, of 2 plans", "At least 14 days beyond the regimen",
    ):  # fmt: skip
        assert said in page, said
    [found] = api.get("omar", "reports/delivery/")["results"]
    assert (found["regimen"], found["planned"], found["given"], found["delays"]) == (
        "trastuzumab-q3w-17", 12, 7, {"capacity": 1},
    )  # fmt: skip
    assert found["outcomes"] == {"running": 2}
    assert found["intensities"][0]["lowest_percent"] in ("87.5", 87.5)


def test_the_sheet_has_a_line_per_plan_and_runs_no_formula():
    small_clinic()
    answer = signed_in("omar").get(reverse(CSV))
    rows = {row["MRN"]: row for row in csv.DictReader(io.StringIO(answer.content.decode()))}
    assert set(rows) == {"'=on", "late"}
    assert (rows["late"]["Doses given"], rows["late"]["Days interrupted"]) == ("3", "14")
    assert rows["late"]["Relative dose intensity (%)"] == "trastuzumab 87.5"
    assert rows["'=on"]["Doses omitted"] == "1"


def test_a_lower_level_shows_as_less_than_planned():
    """T-DM1 at 70 kg: 252 mg, then 210 mg from the second on: 210 of 252 is 83.3 %."""
    plan = make.plan("t-dm1", start=START, given=1)
    changes.reduce(by=make.person("omar"), plan=plan, agent="trastuzumab-emtansine", from_cycle=2, reason="Platelets.")
    make.give(make.cycle(plan, 2))
    mean, lowest, count = block().intensities["trastuzumab-emtansine"]
    assert (round(mean, 1), round(lowest, 1), count) == (Decimal("83.3"), Decimal("83.3"), 1)


def test_the_hand_over_of_apt_is_seven_days_and_is_not_lateness(clock):
    make.plan("apt", start=START, given=14)  # weekly to 23 March, then 30 March and 20 April
    assert block().intensities["trastuzumab"][0] == 100


def test_a_completed_plan_is_within_a_year_and_a_ceased_one_is_neither(clock):
    clock.move_to("2026-12-10T09:00:00Z")
    make.plan(start=START, given=17)  # the seventeenth on 7 December is on day 336
    ceased = make.plan(start=START, given=2)
    plans.cease(by=make.person("omar"), plan=ceased, reason=CeaseReason.TOXICITY)
    total = block()
    assert {outcome.value: n for outcome, n in total.outcomes.items()} == {"within-a-year": 1, "ceased": 1}
    assert (total.ended, total.completed) == (2, 1)


def test_an_omitted_dose_lowers_the_intensity_by_its_share():
    """Three given of four planned slots after the first, 84 days: 75 %."""
    slots = [True, True, False, True, True]
    doses = [
        DecidedDose(date.fromordinal(START.toordinal() + 21 * n), went, 21, Decimal(420), Decimal(420 if went else 0))
        for n, went in enumerate(slots)
    ]
    found = intensity(doses)
    assert found is not None
    assert (found.given, found.actual_days, found.planned, found.planned_days) == (1260, 84, 1680, 84)
    assert found.percent == 75
    assert intensity(doses[:1]) is None


def test_nothing_given_is_nothing_to_count():
    make.plan(start=date(2026, 4, 30))
    make.plan("neratinib", start=START)
    assert "Nothing to count yet" in words(signed_in("omar").get(reverse(PAGE)))


@pytest.mark.parametrize("who", ["nora", "pia", "ada", "xavier"])
@pytest.mark.parametrize("place", [PAGE, CSV])
def test_others_do_not_see_it(who: str, place: str):
    assert signed_in(who).get(reverse(place)).status_code == 403


def test_another_sites_plans_are_not_counted():
    make.plan(start=START, given=2, of=make.patient(at=make.site(name="Far clinic")))
    assert signed_in("omar").get(reverse(PAGE)).context["plans"] == 0


def test_more_plans_ask_no_more_questions():
    def questions() -> int:
        omar = signed_in("omar")
        with CaptureQueriesContext(connection) as asked:
            omar.get(reverse(PAGE))
        return len(asked)

    make.plan(start=START, given=2)
    few = questions()
    for _ in range(3):
        make.plan("t-dm1", start=START, given=2)
        make.plan(start=START, given=3)
    assert questions() == few
