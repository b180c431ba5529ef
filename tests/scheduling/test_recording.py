"""Recording what was given, and what follows from it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import time_machine

from her2tracker.lib.refusals import Refused
from scheduling.actions import administrations, cycles
from scheduling.actions.administrations import Dose
from scheduling.words import DayState, DelayReason, OmissionReason
from tests import make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-04-30T09:00:00Z", tick=False):
        yield


def test_a_started_plan_has_seventeen_dated_cycles_with_loading_first():
    plan = make.plan(start=START)
    days = list(plan.cycle_days.all())
    assert [d.planned_on for d in days][:3] == [date(2026, 1, 5), date(2026, 1, 26), date(2026, 2, 16)]
    assert len(days) == 17
    assert days[-1].planned_on == date(2026, 12, 7)
    first, second = days[0].administrations.get(), days[1].administrations.get()
    assert (first.kind, first.planned_mg) == ("loading", Decimal(560))
    assert (second.kind, second.planned_mg) == ("maintenance", Decimal(420))


def test_later_cycles_follow_the_actual_date():
    plan = make.plan(start=START, given=4)
    make.give(make.cycle(plan, 5), on=date(2026, 4, 2))
    assert make.cycle(plan, 6).planned_on == date(2026, 4, 23)


def test_eight_days_late_re_loads_and_what_was_given_never_moves():
    plan = make.plan(start=START, given=4)
    row = make.give(make.cycle(plan, 5), on=date(2026, 4, 7))
    dose = row.administrations.get()
    assert (dose.kind, dose.given_mg, dose.given_on) == ("reload", Decimal(560), date(2026, 4, 7))
    assert "8 late" in dose.because
    assert make.cycle(plan, 4).done_on == date(2026, 3, 9)


def test_a_delay_moves_this_and_later_cycles_only():
    plan = make.plan(start=START, given=4)
    cycles.delay(
        by=make.person("nora"), cycle_day=make.cycle(plan, 5), to_on=date(2026, 5, 4), reason=DelayReason.PATIENT_CHOICE
    )
    assert make.cycle(plan, 4).planned_on == date(2026, 3, 9)
    assert make.cycle(plan, 5).planned_on == date(2026, 5, 4)
    assert make.cycle(plan, 6).planned_on == date(2026, 5, 25)
    assert make.cycle(plan, 5).administrations.get().kind == "reload"


def test_an_omission_keeps_the_grid_and_says_why():
    plan = make.plan(start=START, given=4)
    cycles.omit(by=make.person("nora"), cycle_day=make.cycle(plan, 5), reason=OmissionReason.INTERCURRENT_ILLNESS)
    row = make.cycle(plan, 5)
    assert (row.state, row.omission_reason) == (DayState.OMITTED, "intercurrent-illness")
    assert make.cycle(plan, 6).planned_on == date(2026, 4, 20)
    assert make.cycle(plan, 6).administrations.get().kind == "reload"


def test_the_second_of_two_nurses_is_told_who_recorded_it():
    plan = make.plan(start=START, given=4)
    row = make.cycle(plan, 5)
    make.give(row)
    with pytest.raises(Refused, match="Nora Nilsen"):
        administrations.record(
            by=make.person("nora"),
            cycle_day=row,
            given_on=date(2026, 3, 30),
            doses=[Dose("trastuzumab", mg=Decimal(420), product="Herceptin")],
        )


def test_t_dm1_above_the_ceiling_is_refused():
    plan = make.plan("t-dm1", start=START, kg=68)
    make.labs(make.cycle(plan, 1), START)
    with pytest.raises(Refused, match=r"3\.6 mg/kg"):
        administrations.record(
            by=make.person("nora"),
            cycle_day=make.cycle(plan, 1),
            given_on=START,
            doses=[
                Dose("trastuzumab-emtansine", mg=Decimal(260), product="Kadcyla", difference_reason="vial-rounding")
            ],
        )
