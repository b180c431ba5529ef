"""The rows that the actions wrote, against the second opinion that plays a plan day by day.

Random lives of every regimen: doses early and late, delays before them, omissions, holds, new weights, and at the end
a switch: to a new line, to the other form of the drug, or to what completes the year.
tests/core/test_scheduling_oracle.py does the same to the core, a thousand times and without rows.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import time_machine

from her2tracker.lib.refusals import Refused
from scheduling import catalog
from scheduling.actions import cycles, holds, patients, plans, switches
from scheduling.actions.switches import To
from scheduling.models import TreatmentPlan
from scheduling.words import DayState, DelayReason, HoldReason, OmissionReason, SwitchReason
from tests import make
from tests.core import scheduling_oracle as oracle
from tests.core.scheduling_oracle import What

pytestmark = pytest.mark.django_db
START, CYCLES = date(2026, 1, 5), 5
LIVES = [(regimen, seed) for regimen in sorted(oracle.PLANS) for seed in range(2)]
METASTATIC = ("thp", "tucatinib-capecitabine-trastuzumab")


@pytest.fixture
def clock():
    with time_machine.travel("2026-01-05T09:00:00Z", tick=False) as travelled:
        yield travelled


def random_life(chance: random.Random) -> dict[int, What]:
    """The first is given at once; then anything but a dose before the one it follows."""
    happened = {1: What("give", chance.randint(0, 3))}
    for cycle in range(2, CYCLES + 1):
        act = chance.choice(["give", "give", "give", "omit", "make up"])
        slip = chance.choice([0, chance.randint(-3, 9), chance.randint(0, 45)]) if act == "give" else 0
        happened[cycle] = What(act, slip)
    return happened


class Clinic:
    """Nurse and oncologist, living one plan through the front door."""

    def __init__(self, regimen: str, seed: int, clock) -> None:
        self.chance, self.clock = random.Random(f"{regimen} {seed}"), clock
        self.kg = Decimal(70)
        self.given_kg: dict[int, Decimal] = {}
        self.plan = make.plan(regimen, start=START, kg=self.kg)
        self.nora, self.omar = make.person("nora"), make.person("omar")
        self.measured_on = START

    def at(self, day: date) -> None:
        self.clock.move_to(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))

    def decide(self, cycle: int, what: What, on: date) -> None:
        row = make.cycle(self.plan, cycle)
        self.at(min(row.planned_on, on))
        if self.chance.random() < 0.3:
            self.hold()
        if self.chance.random() < 0.3:
            self.weigh(min(row.planned_on, on))
        if what.act != "give":
            reason, made_up = OmissionReason.TOXICITY, what.act == "make up"
            cycles.omit(by=self.nora, cycle_day=row, reason=reason, made_up=made_up)
            return
        if what.slip > 0 and self.chance.random() < 0.5:
            cycles.delay(by=self.nora, cycle_day=row, to_on=on, reason=DelayReason.OTHER)
        self.at(on)
        self.watch(on)
        make.give(row, on)
        self.given_kg[cycle] = self.kg

    def hold(self) -> None:
        holds.begin(by=self.omar, plan=self.plan, reason=HoldReason.OTHER_TOXICITY)
        holds.resume(by=self.omar, plan=self.plan, note="Better.")

    def weigh(self, on: date) -> None:
        self.kg = Decimal(self.chance.randint(500, 1100)) / 10
        row = patients.measure(by=self.nora, patient=self.plan.patient, measured_on=on, weight_kg=self.kg)
        plans.recalculate(by=self.nora, plan=self.plan, weight=row)

    def watch(self, on: date) -> None:
        """The heart stays well, and is looked at often enough."""
        if (on - self.measured_on).days > 60:
            make.lvef(self.plan.patient, 62, on)
            self.measured_on = on


@pytest.mark.parametrize(("regimen", "seed"), LIVES)
def test_a_random_life_leaves_the_rows_that_the_second_opinion_has(regimen, seed, clock):
    clinic = Clinic(regimen, seed, clock)
    happened = random_life(clinic.chance)
    fate = {row.cycle: row.on for row in oracle.play(regimen, START, happened, in_sight=START)}
    for cycle, what in happened.items():
        clinic.decide(cycle, what, fate[cycle])
    compare(clinic, regimen, happened)
    switch(clinic, regimen)


def compare(clinic: Clinic, regimen: str, happened: dict[int, What]) -> None:
    """Dates, states and milligrams of every row. What was omitted holds no dose to compare."""
    expected = {
        (row.cycle, row.agent): (row.on, {"give": "given", "omitted": "omitted"}.get(row.state, "planned"), row.amount)
        for row in oracle.play(regimen, START, happened, in_sight=in_sight(clinic))
        if row.state != oracle.NO_ROOM
    }
    found = rows_of(clinic.plan)
    assert {key: (on, state) for key, (on, state, _) in found.items()} == {
        key: (on, state) for key, (on, state, _) in expected.items()
    }
    for key, (_, state, mg) in found.items():
        amount = expected[key][2]
        kg = clinic.given_kg.get(key[0], clinic.kg)
        if state != "omitted" and not isinstance(amount, str):
            wanted = amount * Fraction(kg) if isinstance(amount, Fraction) else Fraction(amount)
            assert mg is not None
            assert abs(Fraction(mg) - wanted) <= Fraction(1, 200), (key, mg, wanted)  # two decimals are kept


def in_sight(clinic: Clinic) -> date:
    """Until progression, half a year is laid out."""
    return clinic.omar.site.today() + timedelta(weeks=26)


def rows_of(plan: TreatmentPlan) -> dict[tuple[int, str], tuple[date, str, Decimal | None]]:
    fresh = TreatmentPlan.objects.with_facts().get(pk=plan.pk)
    return {
        (day.cycle, dose.agent): (
            dose.given_on or day.planned_on,
            day.state,
            dose.given_mg if day.state == DayState.GIVEN else dose.planned_mg,
        )
        for day in fresh.cycle_days.all()
        for dose in day.administrations.all()
    }


def switch(clinic: Clinic, regimen: str) -> None:
    """Residual disease or progression: a new line starts anew, whatever of trastuzumab was given (CLINICAL.md 4.2)."""
    if catalog.regimen(regimen).agents[0] in (oracle.EMTANSINE, oracle.DERUXTECAN):
        return
    anew = "t-dxd-metastatic" if regimen in METASTATIC else "t-dm1"
    new = switched(clinic, To(make.signed_off(anew, clinic.omar.site), in_a_week(clinic)))
    expected = {
        (row.cycle, row.agent): (row.on, row.amount)
        for row in oracle.play(anew, in_a_week(clinic), {}, in_sight=new_line_in_sight(clinic))
    }
    assert new.starts_new_line
    assert_rows(new, expected, clinic.kg)


def in_a_week(clinic: Clinic) -> date:
    return clinic.omar.site.today() + timedelta(days=7)


def new_line_in_sight(clinic: Clinic) -> date:
    return in_a_week(clinic) + timedelta(weeks=26)


def switched(clinic: Clinic, to: To) -> TreatmentPlan:
    """The old plan holds nothing planned any more."""
    plan = TreatmentPlan.objects.get(pk=clinic.plan.pk)
    new = switches.make(by=clinic.omar, plan=plan, to=to, reason=SwitchReason.OTHER)
    assert DayState.PLANNED not in {state for _, state, _ in rows_of(plan).values()}
    return new


def assert_rows(new: TreatmentPlan, expected: dict[tuple[int, str], tuple[date, Any]], kg: Decimal) -> None:
    found = rows_of(new)
    assert {key: on for key, (on, _, _) in found.items()} == {key: on for key, (on, _) in expected.items()}
    for key, (_, amount) in expected.items():
        if not isinstance(amount, str):
            wanted = amount * Fraction(kg) if isinstance(amount, Fraction) else Fraction(amount)
            assert abs(Fraction(found[key][2] or 0) - wanted) <= Fraction(1, 200), (key, found[key], wanted)


@pytest.mark.parametrize("change", oracle.CARRIED_ON, ids="-to-".join)
def test_another_form_and_the_rest_of_the_year_leave_the_rows_that_the_second_opinion_has(change, clock):
    """Where CLINICAL.md section 2 has no rule for the first dose, nothing is switched until a clinician said it."""
    clinic = Clinic(change[0], 0, clock)
    happened = random_life(clinic.chance)
    fate = {row.cycle: row.on for row in oracle.play(change[0], START, happened)}
    for cycle, what in happened.items():
        clinic.decide(cycle, what, fate[cycle])
    given_on = [fate[cycle] for cycle, what in happened.items() if what.act == "give"]
    to = To(make.signed_off(change[1], clinic.omar.site), in_a_week(clinic), "adjuvant")
    answer = clinic.chance.choice(["loading", "maintenance"])
    if change[1] != "trastuzumab-sc":  # one dose only: loading and maintenance are the same
        with pytest.raises(Refused, match="No document says how"):
            switched(clinic, to)
        to = replace(to, decided_kind=answer)
    new = switched(clinic, to)
    rows = oracle.carry_on(change, to.start_on, len(given_on), min(given_on), answer)
    assert_rows(new, {(row.cycle, row.agent): (row.on, row.amount) for row in rows}, clinic.kg)
    assert new.starts_new_line is (change[0] in ("t-dm1", "t-dxd"))
