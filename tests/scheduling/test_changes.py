"""What changes a running plan: one delay alone, more cycles, a lower level, other policies, and taking it back.

Dates and milligrams are counted by hand from CLINICAL.md sections 1, 2 and 4.1.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from her2tracker.accounts.access import Denied
from her2tracker.audit.models import Act
from her2tracker.audit.sentences import sentence
from her2tracker.lib.refusals import Refused
from scheduling.actions import changes, cycles, holds, plans
from scheduling.actions.changes import Chosen
from scheduling.core.policy import Anchor, CapPolicy, ReloadPolicy
from scheduling.models import Delay, Extension, LevelChange, SitePolicy, TreatmentPlan
from scheduling.words import DayState, DelayReason, DelayScope, HoldReason, OmissionReason, PlanState
from tests import make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)  # four given until 9 Mar, the fifth planned for 30 Mar
LABEL = Chosen(ReloadPolicy.LABEL, Anchor.ACTUAL, CapPolicy.REGIMEN)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-25T09:00:00Z", tick=False):
        yield


@pytest.fixture
def plan():
    return make.plan("trastuzumab-pertuzumab", start=START, given=4)


def fresh(plan: TreatmentPlan) -> TreatmentPlan:
    return TreatmentPlan.objects.with_facts().get(pk=plan.pk)


def rows_of(plan: TreatmentPlan) -> list[tuple[object, ...]]:
    """Every infusion as the day's list has it, without the rows' own ids."""
    return [
        (
            row.cycle,
            row.day,
            row.state,
            row.planned_on,
            row.of_cycles,
            row.omission_reason,
            row.note,
            row.done_on,
            [(dose.agent, dose.kind, dose.planned_mg, dose.arithmetic) for dose in row.administrations.all()],
        )
        for row in fresh(plan).cycle_days.all()
    ]


def planned(plan: TreatmentPlan, *numbers: int) -> list[date]:
    return [make.cycle(plan, number).planned_on for number in numbers]


def delay(plan: TreatmentPlan, number: int, to_on: date, scope: DelayScope = DelayScope.LATER) -> None:
    cycles.delay(
        by=make.person("nora"),
        cycle_day=make.cycle(plan, number),
        to_on=to_on,
        reason=DelayReason.CAPACITY,
        scope=scope,
    )


def refused(code: str, act, **values) -> str:
    with pytest.raises(Refused) as caught:
        act(**values)
    assert caught.value.code == code
    return str(caught.value)


def test_a_delay_of_one_cycle_alone_leaves_the_later_ones_on_their_dates(plan):
    delay(plan, 5, date(2026, 4, 2), DelayScope.ONLY)
    assert planned(plan, 5, 6, 7) == [date(2026, 4, 2), date(2026, 4, 20), date(2026, 5, 11)]
    assert Delay.objects.get().scope == DelayScope.ONLY
    assert "delayed cycle 5, and no later one" in sentence(Act.objects.filter(verb="cycle.delayed").get())


def test_a_delay_alone_is_refused_when_fewer_than_eighteen_days_would_be_left(plan):
    values = {"by": make.person("nora"), "cycle_day": make.cycle(plan, 5), "reason": DelayReason.CAPACITY}
    said = refused("gap-too-short", cycles.delay, to_on=date(2026, 4, 3), scope=DelayScope.ONLY, **values)
    assert "Only 17 days" in said
    assert not Delay.objects.exists()


def test_a_delay_alone_of_t_dm1_is_refused_for_it_counts_from_the_actual_date():
    plan = make.plan("t-dm1", start=START, given=4)
    values = {"by": make.person("nora"), "cycle_day": make.cycle(plan, 5), "reason": DelayReason.CAPACITY}
    refused("counts-from-actual", cycles.delay, to_on=date(2026, 3, 31), scope=DelayScope.ONLY, **values)


@pytest.mark.parametrize("kind", ["delay", "alone", "omission", "made up", "extension", "level"])
def test_undo_after_do_is_the_identity_and_history_keeps_both(kind):
    plan = make.plan("t-dm1" if kind == "level" else "trastuzumab-pertuzumab", start=START, given=4)
    omar, row, before = make.person("omar"), make.cycle(plan, 5), rows_of(plan)
    if kind in ("delay", "alone"):
        delay(plan, 5, date(2026, 4, 2), DelayScope.ONLY if kind == "alone" else DelayScope.LATER)
    elif kind in ("omission", "made up"):
        cycles.omit(by=omar, cycle_day=row, reason=OmissionReason.SUPPLY, made_up=kind == "made up")
    elif kind == "extension":
        changes.extend(by=omar, plan=plan, cycles=1, reason="A study.", overridden=True)
    else:
        changes.reduce(by=omar, plan=plan, agent="trastuzumab-emtansine", from_cycle=5, reason="Platelets.")
    assert rows_of(plan) != before
    _, change = changes.preview_undo(by=omar, plan=fresh(plan))
    done = changes.undo(by=omar, plan=plan)
    assert (rows_of(plan), done) == (before, change.after)
    verbs = list(Act.objects.filter(patient_uuid=plan.patient.uuid).values_list("verb", flat=True)[:2])
    assert verbs[0] == "plan.undone"
    assert verbs[1] in ("cycle.delayed", "cycle.omitted", "plan.extended", "plan.reduced")
    refused("nothing-to-undo", changes.undo, by=omar, plan=plan)


def test_nothing_is_undone_once_an_infusion_was_recorded(plan):
    delay(plan, 5, date(2026, 3, 31))
    with time_machine.travel("2026-03-31T09:00:00Z", tick=False):
        make.give(make.cycle(plan, 5))
        refused("nothing-to-undo", changes.undo, by=make.person("nora"), plan=plan)
    assert Delay.objects.exists()


def test_nothing_is_undone_once_the_plan_was_held(plan):
    delay(plan, 5, date(2026, 3, 31))
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.OTHER)
    refused("nothing-to-undo", changes.undo, by=make.person("nora"), plan=plan)


def test_only_the_last_change_is_undone(plan):
    delay(plan, 5, date(2026, 3, 31))
    delay(plan, 5, date(2026, 4, 1))
    changes.undo(by=make.person("nora"), plan=plan)
    assert planned(plan, 5) == [date(2026, 3, 31)]


def test_undoing_the_omission_of_the_last_dose_makes_the_plan_active_again():
    with time_machine.travel("2027-03-01T09:00:00Z", tick=False):
        plan = make.plan("trastuzumab-q3w-17", start=START, given=16)
        cycles.omit(by=make.person("nora"), cycle_day=make.cycle(plan, 17), reason=OmissionReason.SUPPLY)
        assert fresh(plan).state == PlanState.COMPLETED
        changes.undo(by=make.person("nora"), plan=plan)
    assert (fresh(plan).state, make.cycle(plan, 17).state) == (PlanState.ACTIVE, DayState.PLANNED)


def test_an_extension_past_eighteen_doses_names_its_source_and_needs_an_override(plan):
    omar = make.person("omar")
    said = refused("past-one-year", changes.extend, by=omar, plan=plan, cycles=1, reason="Wish")
    assert "herceptin-hcp" in said
    changes.extend(by=omar, plan=plan, cycles=1, reason="Agreed with the patient.", overridden=True)
    made = Extension.objects.get()
    assert (made.overridden, made.recorded_by, make.cycle(plan, 19).planned_on) == (True, omar, date(2027, 1, 18))
    assert "overriding" in sentence(Act.objects.get(verb="plan.extended"))


def test_an_extension_within_the_year_needs_no_override():
    plan = make.plan("trastuzumab-6-months", start=START, given=4)
    last = fresh(plan).cycle_days.last()
    changes.extend(by=make.person("omar"), plan=plan, cycles=2, reason="Completes the year.", overridden=True)
    assert not Extension.objects.get().overridden
    assert fresh(plan).cycle_days.last().planned_on == last.planned_on + timedelta(days=42)


def test_t_dm1_goes_down_one_step_at_a_time_and_never_up():
    plan, omar = make.plan("t-dm1", start=START, given=4, kg=70), make.person("omar")
    values = {"by": omar, "plan": plan, "agent": "trastuzumab-emtansine", "reason": "Platelets."}
    refused("one-step", changes.reduce, from_cycle=5, mg_per_kg=Decimal("2.4"), **values)
    changes.reduce(from_cycle=6, **values)
    assert make.cycle(plan, 5).administrations.get().planned_mg == 252  # 3.6 mg/kg x 70 kg
    assert make.cycle(plan, 6).administrations.get().planned_mg == 210  # 3 mg/kg x 70 kg
    refused("no-way-up", changes.reduce, from_cycle=7, mg_per_kg=Decimal(3), **values)
    refused("not-a-level", changes.reduce, from_cycle=7, mg_per_kg=Decimal("3.6"), **values)
    changes.reduce(from_cycle=8, **values)
    assert make.cycle(plan, 8).administrations.get().planned_mg == 168  # 2.4 mg/kg x 70 kg
    assert LevelChange.objects.count() == 2
    assert sentence(Act.objects.filter(verb="plan.reduced").latest("at", "id")).endswith("2.4 mg/kg from cycle 8 on")


def test_trastuzumab_has_no_lower_level(plan):
    values = {"by": make.person("omar"), "plan": plan, "from_cycle": 5, "reason": "x"}
    refused("no-levels", changes.reduce, agent="trastuzumab", **values)
    refused("no-such-agent", changes.reduce, agent="aspirin", **values)


def test_the_policy_for_pertuzumab_decides_whether_trastuzumab_re_loads_after_29_days(plan):
    delay(plan, 5, date(2026, 4, 7))
    trastuzumab = make.cycle(plan, 5).administrations.get(agent="trastuzumab")
    assert (trastuzumab.kind, trastuzumab.planned_mg) == ("reload", 560)  # 8 mg/kg x 70 kg
    chosen = Chosen(ReloadPolicy.EU_HP, Anchor.ACTUAL, CapPolicy.REGIMEN)
    shown = changes.preview_policy(by=make.person("omar"), plan=fresh(plan), chosen=chosen)
    done = changes.choose_policy(by=make.person("omar"), plan=plan, chosen=chosen, reason="EU label.")
    trastuzumab.refresh_from_db()
    assert (trastuzumab.kind, trastuzumab.planned_mg) == ("maintenance", 420)  # 6 mg/kg x 70 kg
    assert shown.after == done
    assert "label → eu hp" in sentence(Act.objects.get(verb="plan.policy-chosen"))
    refused("nothing-changes", changes.choose_policy, by=make.person("omar"), plan=plan, chosen=chosen, reason="Again.")


def test_a_policy_without_a_reason_is_refused(plan):
    values = {
        "by": make.person("omar"),
        "plan": plan,
        "chosen": Chosen(ReloadPolicy.EU_HP, Anchor.GRID, CapPolicy.DOSES),
    }
    refused("no-reason", changes.choose_policy, reason="  ", **values)


def test_a_site_chooses_for_plans_that_start_and_moves_none_that_runs(plan):
    SitePolicy.objects.create(site=plan.patient.site, anchor=Anchor.GRID, cap=CapPolicy.WEEKS)
    later = make.plan("trastuzumab-pertuzumab", start=START)
    assert (Chosen.of(fresh(plan)), later.anchor, later.cap) == (LABEL, Anchor.GRID, CapPolicy.WEEKS)


def test_weeks_end_no_plan_of_a_regimen_that_no_source_gives_a_year():
    SitePolicy.objects.create(site=make.site(), cap=CapPolicy.WEEKS)
    plan = make.plan("t-dm1", start=START)
    assert plan.cap == CapPolicy.REGIMEN
    chosen = Chosen(ReloadPolicy.LABEL, Anchor.ACTUAL, CapPolicy.WEEKS)
    refused("does-not-fit", changes.choose_policy, by=make.person("omar"), plan=plan, chosen=chosen, reason="x")


def test_a_stale_page_changes_nothing(plan):
    seen = plan.revision
    delay(plan, 5, date(2026, 3, 31))
    omar = make.person("omar")
    refused("changed-meanwhile", changes.undo, by=omar, plan=plan, revision=seen)
    refused("changed-meanwhile", changes.extend, by=omar, plan=plan, cycles=1, reason="x", revision=seen)
    assert Delay.objects.exists()


@pytest.mark.parametrize("who", ["nora", "cora", "pia", "ada"])
def test_only_an_oncologist_extends_reduces_and_chooses(plan, who):
    by = make.person(who)
    with pytest.raises(Denied):
        changes.extend(by=by, plan=plan, cycles=1, reason="x", overridden=True)
    with pytest.raises(Denied):
        changes.reduce(by=by, plan=plan, agent="trastuzumab", from_cycle=5, reason="x")
    with pytest.raises(Denied):
        changes.choose_policy(by=by, plan=plan, chosen=LABEL, reason="x")


def test_a_nurse_cannot_undo_what_only_an_oncologist_decides(plan):
    changes.extend(by=make.person("omar"), plan=plan, cycles=1, reason="x", overridden=True)
    with pytest.raises(Denied):
        changes.undo(by=make.person("nora"), plan=plan)


def test_the_preview_of_thirty_random_changes_is_what_the_actions_write():
    chance, omar = random.Random(20260325), make.person("omar")
    keys = ["trastuzumab-pertuzumab", "trastuzumab-q3w-18", "t-dm1", "apt", "phesgo"]
    running = [make.plan(key, start=START, given=chance.randint(1, 4)) for key in keys]
    done = 0
    for _ in range(90):
        plan = fresh(chance.choice(running))
        row = plan.cycle_days.planned().first()
        act = chance.choice(["delay", "alone", "omit", "extend", "reduce", "policy", "undo"])
        try:
            expected, found = one_change(chance, omar, plan, row, act)
        except Refused:
            continue
        assert (expected, rows_on(plan)) == (found, dates(expected)), act
        done += 1
    assert done >= 30


def one_change(chance, by, plan, row, act):
    """The projection that was previewed, and the one that was written."""
    if act in ("delay", "alone"):
        scope = DelayScope.ONLY if act == "alone" else DelayScope.LATER
        to_on = max(row.planned_on, by.site.today()) + timedelta(days=chance.randint(1, 4 if act == "alone" else 45))
        shown = cycles.preview_delay(by=by, cycle_day=row, to_on=to_on, scope=scope)
        return shown.after, cycles.delay(by=by, cycle_day=row, to_on=to_on, scope=scope, reason=DelayReason.OTHER)
    if act == "omit":
        made_up = chance.random() < 0.5
        shown = cycles.preview_omit(by=by, cycle_day=row, made_up=made_up)
        return shown.after, cycles.omit(by=by, cycle_day=row, made_up=made_up, reason=OmissionReason.OTHER)
    if act == "extend":
        found = changes.preview_extend(by=by, plan=plan, cycles=1)
        return found.change.after, changes.extend(by=by, plan=plan, cycles=1, reason="x", overridden=True)
    if act == "reduce":
        values = {"by": by, "plan": plan, "agent": row.administrations.first().agent, "from_cycle": row.cycle}
        return changes.preview_reduce(**values).after, changes.reduce(**values, reason="x")
    if act == "policy":
        chosen = Chosen(chance.choice(list(ReloadPolicy)), chance.choice(list(Anchor)), chance.choice(list(CapPolicy)))
        shown = changes.preview_policy(by=by, plan=plan, chosen=chosen)
        return shown.after, changes.choose_policy(by=by, plan=plan, chosen=chosen, reason="x")
    _, shown = changes.preview_undo(by=by, plan=plan)
    return shown.after, changes.undo(by=by, plan=plan)


def rows_on(plan: TreatmentPlan) -> dict[tuple[int, int, str], tuple[date, str]]:
    return {
        (row.cycle, row.day, dose.agent): (row.planned_on, dose.kind)
        for row in fresh(plan).cycle_days.all()
        if row.state == DayState.PLANNED
        for dose in row.administrations.all()
    }


def dates(projection) -> dict[tuple[int, int, str], tuple[date, str]]:
    return {(e.cycle, e.day, e.agent): (e.on, e.kind) for e in projection.entries if e.state == "planned"}


def test_a_plan_never_moves_with_another(plan):
    other = make.plan("trastuzumab-pertuzumab", start=START, given=4)
    before = rows_of(other)
    delay(plan, 5, date(2026, 4, 7))
    changes.extend(by=make.person("omar"), plan=plan, cycles=1, reason="x", overridden=True)
    assert rows_of(other) == before
    assert plans.latest_weight(other.patient)
