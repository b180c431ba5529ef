"""An infusion from its start to its stop: the same gates as a record, and a record at the end of it."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest
import time_machine

from her2tracker.audit import sentences
from her2tracker.audit.models import Act
from her2tracker.lib.refusals import Refused
from scheduling.actions import administrations, chairside, cycles, holds, plans, running
from scheduling.actions.administrations import Dose
from scheduling.models import InfusionRun
from scheduling.words import CeaseReason, DayState, DelayReason, DifferenceReason, HoldReason, OmissionReason
from tests import make

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 5)
TRASTUZUMAB = "Herceptin (trastuzumab)"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-01-05T11:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def row():
    return make.cycle(make.plan(start=TODAY, kg=70), 1)


@pytest.fixture
def pair():
    """Trastuzumab and pertuzumab on one day; whichever the regimen names first comes first."""
    return make.cycle(make.plan("trastuzumab-pertuzumab", start=TODAY, kg=70), 1)


def start(row, agent="trastuzumab", at=time(9), **more):
    return running.start(
        by=make.person("nora"), cycle_day=row, agent=agent, started_at=at, product=make.product(agent), **more
    )


def stop(run, at=time(10, 30), **more):
    return running.stop(by=make.person("nora"), run=run, stopped_at=at, **more)


def code_of(call, *args, **more) -> str:
    with pytest.raises(Refused) as refused:
        call(*args, **more)
    return refused.value.code


def test_a_start_holds_what_hangs_and_the_dose_that_is_planned(row):
    run = start(row, lot="LOT-1", expires_on=date(2026, 12, 31), rate_ml_per_h=Decimal("166.7"))
    assert (run.planned_mg, run.minutes, run.product) == (Decimal(560), 90, make.product("trastuzumab"))
    assert (run.lot, run.rate_ml_per_h, run.is_running) == ("LOT-1", Decimal("166.7"), True)
    row.refresh_from_db()
    assert (row.state, row.begun_at is not None) == (DayState.PLANNED, True)
    told = sentences.sentence(Act.objects.get(verb="infusion.started"))
    assert told == f"started trastuzumab of cycle 1 at 09:00: {make.product('trastuzumab')}, lot LOT-1"


def test_the_stop_records_the_day_with_all_that_was_planned(row):
    stop(start(row, lot="LOT-1"))
    row.refresh_from_db()
    dose = row.administrations.get()
    assert (row.state, row.done_on) == (DayState.GIVEN, TODAY)
    assert (dose.given_mg, dose.started_at, dose.stopped_at) == (Decimal(560), time(9), time(10, 30))
    assert (dose.product, dose.lot) == (make.product("trastuzumab"), "LOT-1")
    told = sentences.sentence(Act.objects.get(verb="infusion.stopped"))
    assert told == "stopped trastuzumab of cycle 1 at 10:30: 560 mg went in"


@pytest.mark.parametrize(
    ("mg", "code"), [("532", None), ("531.9", "faulty-dose"), ("588", None), ("588.1", "faulty-dose")]
)
def test_a_difference_of_more_than_five_percent_asks_why(row, mg, code):
    run = start(row)
    if code:
        assert code_of(stop, run, mg=Decimal(mg)) == code
        run.refresh_from_db()
        assert run.is_running
        stop(run, mg=Decimal(mg), difference_reason=DifferenceReason.REACTION)
    else:
        stop(run, mg=Decimal(mg))
    assert row.administrations.get().given_mg == Decimal(mg)


def test_two_agents_run_one_after_the_other_and_the_last_stop_records_both(pair):
    first, second = [dose.agent for dose in pair.administrations.all()]
    run = start(pair, first, time(8))
    assert code_of(start, pair, second, time(8, 10)) == "another-runs"
    stop(run, time(9))
    pair.refresh_from_db()
    assert pair.state == DayState.PLANNED
    assert code_of(start, pair, second, time(8, 59)) == "overlaps"
    stop(start(pair, second, time(10)), time(10, 50))
    pair.refresh_from_db()
    assert pair.state == DayState.GIVEN
    doses = {dose.agent: (dose.started_at, dose.stopped_at) for dose in pair.administrations.all()}
    assert doses == {first: (time(8), time(9)), second: (time(10), time(10, 50))}


def test_an_agent_that_is_not_started_is_omitted_when_the_day_is_recorded(pair):
    first, second = [dose.agent for dose in pair.administrations.all()]
    stop(start(pair, first, time(8)), time(9))
    nora = make.person("nora")
    left_out = [Dose(second, omission_reason=OmissionReason.TOXICITY)]
    administrations.record(by=nora, cycle_day=pair, given_on=TODAY, doses=left_out)
    given = {dose.agent: (dose.given_mg is not None, dose.omission_reason) for dose in pair.administrations.all()}
    assert given == {first: (True, ""), second: (False, "toxicity")}


def test_a_record_does_not_tell_otherwise_what_has_run_nor_stands_beside_what_runs(pair):
    first, second = [dose.agent for dose in pair.administrations.all()]
    run = start(pair, first, time(8))
    both = [Dose(one, mg=Decimal(560), product=make.product(one)) for one in (first, second)]
    nora = make.person("nora")
    assert code_of(administrations.record, by=nora, cycle_day=pair, given_on=TODAY, doses=both) == "still-running"
    stop(run, time(9))
    assert code_of(administrations.record, by=nora, cycle_day=pair, given_on=TODAY, doses=both) == "recorded-by-its-run"


def test_a_start_passes_the_gates_of_a_record(row):
    holds.begin(by=make.person("omar"), plan=row.plan, reason=HoldReason.LVEF_FALL)
    assert code_of(start, row) == "treatment-objection"
    assert not InfusionRun.objects.exists()


def test_what_went_in_is_recorded_although_the_plan_is_held_meanwhile_and_nothing_more_starts(pair):
    first, second = [dose.agent for dose in pair.administrations.all()]
    run = start(pair, first, time(8))
    holds.begin(by=make.person("omar"), plan=pair.plan, reason=HoldReason.CARDIAC_SYMPTOMS)
    stop(run, time(8, 20), mg=Decimal(100), difference_reason=DifferenceReason.STOPPED_EARLY)
    assert code_of(start, pair, second, time(10)) == "treatment-objection"
    nora = make.person("nora")
    given = [Dose(second, mg=Decimal(560), product=make.product(second))]
    assert (
        code_of(administrations.record, by=nora, cycle_day=pair, given_on=TODAY, doses=given) == "treatment-objection"
    )
    left_out = [Dose(second, omission_reason=OmissionReason.CARDIAC)]
    administrations.record(by=nora, cycle_day=pair, given_on=TODAY, doses=left_out)
    pair.refresh_from_db()
    assert pair.state == DayState.GIVEN


def test_a_start_by_mistake_is_withdrawn_with_a_reason_and_leaves_the_day_as_it_was(row):
    run, nora = start(row), make.person("nora")
    assert code_of(running.withdraw, by=nora, run=run, reason=" ") == "no-reason"
    running.withdraw(by=nora, run=run, reason="Wrong patient.")
    row.refresh_from_db()
    run.refresh_from_db()
    assert (row.begun_at, row.state, run.withdrawn_why) == (None, DayState.PLANNED, "Wrong patient.")
    assert code_of(stop, run) == "withdrawn"
    stop(start(row, at=time(9, 30)))  # and starts again
    told = sentences.sentence(Act.objects.get(verb="infusion.start-withdrawn"))
    assert told == "took back the start of trastuzumab of cycle 1 at 09:00: nothing went in"


def test_what_has_begun_is_neither_delayed_omitted_nor_ended_until_it_is_recorded(row):
    start(row)
    nora, omar = make.person("nora"), make.person("omar")
    later = {"to_on": date(2026, 1, 12), "reason": DelayReason.CAPACITY}
    assert code_of(cycles.delay, by=nora, cycle_day=row, **later) == "begun"
    assert code_of(cycles.omit, by=nora, cycle_day=row, reason=OmissionReason.OTHER) == "begun"
    assert code_of(plans.cease, by=omar, plan=row.plan, reason=CeaseReason.TOXICITY) == "begun"


def test_a_new_weight_does_not_change_what_hangs(row):
    run = start(row)
    make.weight(row.plan.patient, 80, TODAY)
    plans.recalculate(by=make.person("omar"), plan=row.plan, weight=plans.latest_weight(row.plan.patient))
    assert row.administrations.get().planned_mg == Decimal(560)
    stop(run)
    assert row.administrations.get().given_mg == Decimal(560)
    assert make.cycle(row.plan, 2).administrations.get().planned_mg == Decimal(480)  # 6 mg/kg × 80 kg


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"at": time(11, 1)}, "in-the-future"),
        ({"agent": "docetaxel"}, "not-due"),
        ({"expires_on": date(2026, 1, 4)}, "faulty-dose"),
    ],
)
def test_a_start_that_cannot_be_so_is_refused(row, more, code):
    assert code_of(start, row, **more) == code
    assert not InfusionRun.objects.exists()


def test_a_product_of_another_agent_does_not_hang_here(row):
    nora = make.person("nora")
    wrong = {"agent": "trastuzumab", "started_at": time(9), "product": make.product("pertuzumab")}
    with pytest.raises(Refused) as refused:
        running.start(by=nora, cycle_day=row, **wrong)
    assert "product" in refused.value.fields


@pytest.mark.parametrize(
    ("at", "more", "code"),
    [
        (time(8, 59), {}, "before-the-start"),
        (time(11, 1), {}, "in-the-future"),
        (time(10), {"ml": Decimal(5)}, "faulty-dose"),
        (time(10), {"mg": Decimal(0)}, "faulty-dose"),
    ],
)
def test_a_stop_that_cannot_be_so_is_refused(row, at, more, code):
    assert code_of(stop, start(row), at, **more) == code


def test_more_than_the_label_allows_does_not_pass_with_a_reason(clock):
    row = make.cycle(make.plan("t-dm1", start=TODAY, kg=70), 1)  # 3.6 mg/kg is the most: 252 mg
    make.labs(row, TODAY)
    run = start(row, "trastuzumab-emtansine", time(9))
    more = {"mg": Decimal(260), "difference_reason": DifferenceReason.OTHER}
    assert code_of(stop, run, time(10, 30), **more) == "faulty-dose"


def test_yesterdays_forgotten_infusion_is_stopped_for_yesterday(row, clock):
    run = start(row)
    clock.move_to("2026-01-06T08:00:00Z")
    stop(run)
    row.refresh_from_db()
    assert (row.state, row.done_on) == (DayState.GIVEN, TODAY)


def test_vital_signs_and_reactions_are_written_down_while_it_runs(row):
    start(row)
    made = chairside.record_vitals(
        by=make.person("nora"), cycle_day=row, seen_on=TODAY, seen_at=time(9, 15), pulse_bpm=80
    )
    assert made.pulse_bpm == 80


def test_recording_in_one_go_afterwards_stays_possible(row):
    make.give(row)
    row.refresh_from_db()
    assert (row.state, row.begun_at) == (DayState.GIVEN, None)
    assert code_of(start, row) == "already-decided"


@pytest.mark.parametrize("who", ["cora", "pia", "ada", "xavier"])
def test_who_does_not_record_starts_nothing(row, who):
    from her2tracker.accounts.access import Denied

    with pytest.raises(Denied):
        running.start(by=make.person(who), cycle_day=row, agent="trastuzumab", started_at=time(9), product="x")
