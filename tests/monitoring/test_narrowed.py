"""The query in front of the checks: no plan whose flags would change lies outside what it picks."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from monitoring.actions import flags, sweeps
from monitoring.core.result import Symptoms
from monitoring.models import (
    BaselineChoice,
    CardiacFlag,
    CardiacPolicy,
    FlagDecision,
    LvefAssessment,
    SurveillanceInterval,
    narrowed,
)
from monitoring.words import Decision, DecisionReason, FlagKind, FlagState
from scheduling.models import CycleDay, Hold, Patient, PriorTreatment, RegimenVersion, TreatmentPlan
from scheduling.words import CeaseReason, HoldReason, SwitchReason
from tests import make

pytestmark = pytest.mark.django_db
TODAY = date(2026, 4, 30)
SWEEPS = ((FlagKind.FINDING,), (FlagKind.OVERDUE, FlagKind.BASELINE))


class Clinic:
    """Plans as rows, by chance: states that the actions would refuse are welcome, since rows may hold them."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        make.published()
        zone = chance.choice(["UTC", "Pacific/Tongatapu", "Pacific/Pago_Pago"])
        self.site = make.site(
            name=f"Clinic {chance.random()}", time_zone=zone, jurisdiction=chance.choice(["US", "EU"])
        )
        self.nora = make.person("nora", self.site)
        self.regimens = list(RegimenVersion.objects.all())
        if chance.random() < 0.7:
            normal = Decimal(chance.choice([50, 53, 55]))
            adopted = chance.choice([None, [], ["esc-2022"]])
            CardiacPolicy.objects.create(site=self.site, lower_limit_of_normal=normal, adopted_guidelines=adopted)
        self.plans = [self.plan(number) for number in range(30)]

    def day(self, longest_ago: int = 1100) -> date:
        near = self.chance.choice([1, 21, 28, 84, 92, 93, 94, 180, 366])
        return TODAY - timedelta(days=self.chance.choice([near, self.chance.randint(0, longest_ago)]))

    def plan(self, number: int) -> TreatmentPlan:
        chance = self.chance
        patient = Patient.objects.create(
            site=self.site, mrn=f"N-{number}", family_name="Row", given_name="Anna", born_on=date(1970, 1, 1),
            recorded_by=self.nora,
        )  # fmt: skip
        made = self.row(patient, self.day())
        self.doses(made)
        if chance.random() < 0.15:
            made = self.switched(made)
        results = [self.result(patient) for _ in range(chance.choice([0, 1, 2, 5]))]
        if results and chance.random() < 0.3:
            BaselineChoice.objects.create(
                plan=made, assessment=chance.choice(results), reason="Chosen.", recorded_by=self.nora
            )
        if chance.random() < 0.2:
            agent = chance.choice(["trastuzumab", "pertuzumab", "t-dm1"])
            PriorTreatment.objects.create(
                plan=made, agent=agent, doses=2, last_given_on=self.day(), recorded_by=self.nora
            )
        if chance.random() < 0.2:
            days = chance.choice([14, 42, 63])
            SurveillanceInterval.objects.create(
                plan=made, name="its own", every_days=days, opens_after_days=days - 7, overdue_after_days=days + 7,
                source="site-policy#interval-by-a-clinician", confidence="unverified", begun_on=self.day(200),
                reason="By chance.", recorded_by=self.nora,
            )  # fmt: skip
        if chance.random() < 0.25:
            Hold.objects.create(
                plan=made, begun_on=self.day(200), reason=chance.choice(list(HoldReason)), recorded_by=self.nora
            )
        return made

    def row(self, patient: Patient, start: date, **fields: Any) -> TreatmentPlan:
        chance = self.chance
        if chance.random() < 0.3 and not fields:
            reason = chance.choice(["", CeaseReason.CARDIAC, CeaseReason.ENTERED_IN_ERROR, CeaseReason.TRANSFERRED])
            ended = chance.choice([start, self.day(), TODAY + timedelta(days=20)])
            fields = {"state": "completed" if not reason else "ceased", "ended_on": ended, "end_reason": reason}
        setting = chance.choice(["neoadjuvant", "adjuvant", "metastatic"])
        return TreatmentPlan.objects.create(
            patient=patient, regimen=chance.choice(self.regimens), setting=setting, start_on=start,
            recorded_by=self.nora, **fields,
        )  # fmt: skip

    def switched(self, old: TreatmentPlan) -> TreatmentPlan:
        fields = {"continues": old, "switch_reason": self.chance.choice(list(SwitchReason))}
        made = self.row(old.patient, old.start_on, starts_new_line=self.chance.random() < 0.5, **fields)
        TreatmentPlan.objects.filter(pk=old.pk).update(
            state="ceased", ended_on=self.day(), end_reason=CeaseReason.SWITCHED
        )
        if self.chance.random() < 0.5:
            self.doses(made)
        return made

    def doses(self, plan: TreatmentPlan) -> None:
        for cycle in range(1, self.chance.choice([1, 2, 4])):
            on = plan.start_on + timedelta(days=21 * (cycle - 1) + self.chance.choice([0, 0, -7, 3]))
            CycleDay.objects.create(
                uuid=uuid4(), plan=plan, cycle=cycle, of_cycles=17, phase="x", planned_on=on,
                first_planned_on=on, infusion_minutes=30, chair_minutes=30, state="given", done_on=on,
                decided_by=self.nora, decided_at=timezone.now() - timedelta(days=self.chance.choice([0, 400])),
            )  # fmt: skip

    def result(self, patient: Patient) -> LvefAssessment:
        chance = self.chance
        low = Decimal(chance.choice([chance.randint(400, 700), 500, 499, 550])) / 10
        high = low + Decimal(chance.choice([0, 0, 0, 5, 10]))
        fields: dict[str, Any] = {}
        if chance.random() < 0.1:
            fields = {"invalidated_at": timezone.now(), "invalidated_by": self.nora, "invalidated_because": "Wrong."}
        return LvefAssessment.objects.create(
            patient=patient, performed_on=self.day(), modality="echo-2d", lab="Echo lab", lvef_low=low,
            lvef_high=high, lvef_high_open=high > low and chance.random() < 0.3,
            gls_percent=chance.choice([None, None, Decimal(-20), Decimal(-16)]),
            biomarker_rise=chance.choice([None, None, True, False]),
            symptoms=chance.choices(list(Symptoms), weights=[3, 12, 1, 1, 1, 1])[0], recorded_by=self.nora, **fields,
        )  # fmt: skip

    def decide(self) -> None:
        """Decisions with repeats asked, and results that come, change or go afterwards."""
        omar, chance = make.person("omar", self.site), self.chance
        for flag in CardiacFlag.objects.at(self.site).exclude(state=FlagState.RESOLVED):
            if chance.random() < 0.6:
                decision = chance.choice([Decision.REPEAT, Decision.HOLD, Decision.CONTINUE])
                by = TODAY + timedelta(days=chance.choice([-3, -1, 0, 9]))
                by = chance.choice([None, by]) if decision is Decision.CONTINUE else by
                FlagDecision.objects.create(
                    flag=flag, decision=decision, reason=DecisionReason.OTHER, repeat_by=by, recorded_by=omar
                )
                CardiacFlag.objects.filter(pk=flag.pk).update(state=FlagState.DECIDED)
        for plan in self.plans:
            if chance.random() < 0.4:
                self.result(plan.patient)
        valid = LvefAssessment.objects.valid().filter(patient__site=self.site).order_by("pk")
        wrong = chance.sample(list(valid.values_list("pk", flat=True)), 3)
        LvefAssessment.objects.filter(pk__in=wrong).update(
            invalidated_at=timezone.now(), invalidated_by=omar, invalidated_because="Poor image."
        )


def changing(clinic: Clinic, kinds: tuple[FlagKind, ...]) -> set[int]:
    """Without the query: every plan is judged, and what that changed is taken back."""

    def states() -> set[tuple[int, str, str]]:
        return set(CardiacFlag.objects.at(clinic.site).values_list("plan_id", "fact", "state"))

    with transaction.atomic():
        before = states()
        for batch in flags.watched_in_batches(clinic.site):
            flags.reconcile(batch, now=timezone.now(), kinds=kinds)
        after = states()
        transaction.set_rollback(True)
    return {plan for plan, _, _ in before ^ after}


def picked(clinic: Clinic, kinds: tuple[FlagKind, ...]) -> set[int]:
    return {pk for batch in narrowed.candidates(clinic.site, clinic.site.today(), kinds) for pk in batch}


@pytest.mark.parametrize("seed", range(8))
def test_no_plan_whose_flags_would_change_lies_outside(clock, seed: int):
    clinic = Clinic(random.Random(seed))
    for step in (lambda: None, clinic.decide):
        step()
        would_change = [changing(clinic, kinds) for kinds in SWEEPS]
        assert any(would_change), "this clinic tests nothing"
        for kinds, changed in zip(SWEEPS, would_change, strict=True):
            assert changed <= picked(clinic, kinds)
        sweeps.flag_lvef_drops(now=timezone.now())
        sweeps.flag_overdue_echocardiograms(now=timezone.now())
        assert [changing(clinic, kinds) for kinds in SWEEPS] == [set(), set()]
        assert sweeps.flag_lvef_drops(now=timezone.now()) + sweeps.flag_overdue_echocardiograms(now=timezone.now()) == 0


def test_plans_whose_hearts_are_well_and_recent_are_not_picked(clock):
    plan = make.plan(start=date(2026, 3, 2), given=2)
    make.lvef(plan.patient, 61, date(2026, 4, 20))
    assert [list(narrowed.candidates(plan.patient.site, TODAY, kinds)) for kinds in SWEEPS] == [[], []]


def test_the_figures_of_e50_decide_the_day_it_is_picked(clock):
    clock.move_to("2026-01-05T09:00:00Z")
    patient = make.patient()
    make.lvef(patient, 62, date(2025, 12, 29))
    plan = make.plan(start=date(2026, 1, 5), given=1, of=patient, baseline=None)
    asked = [(day, [[plan.pk]] if day > date(2026, 3, 31) else []) for day in (date(2026, 3, 31), date(2026, 4, 1))]
    for day, expected in asked:
        assert list(narrowed.candidates(patient.site, day, SWEEPS[1])) == expected


def test_another_sites_plans_are_not_picked(clock):
    make.plan(start=date(2025, 1, 6), given=1)
    assert list(narrowed.candidates(make.site(name="Elsewhere"), TODAY)) == []


def test_batches_are_of_the_size_asked_for_and_reach_each_plan_once(clock):
    plans = [make.plan(start=date(2025, 1, 6), given=1).pk for _ in range(3)]
    found = list(narrowed.candidates(make.site(), TODAY, size=2))
    assert [len(batch) for batch in found] == [2, 1]
    assert sorted(pk for batch in found for pk in batch) == sorted(plans)
