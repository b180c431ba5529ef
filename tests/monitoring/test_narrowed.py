"""The query in front of the checks: no plan whose flags would change lies outside what it picks."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pgtrigger
import pytest
from django.db import transaction
from django.utils import timezone

from her2tracker.accounts.models import Site
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
    next_checks,
)
from monitoring.models.narrowed import Narrowing
from monitoring.words import Decision, DecisionReason, FlagState
from scheduling.models import CycleDay, Hold, Patient, PriorTreatment, RegimenVersion, TreatmentPlan
from scheduling.words import CeaseReason, HoldReason, SwitchReason
from tests import make

pytestmark = pytest.mark.django_db
TODAY = date(2026, 4, 30)


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
            self.interval(made)
        if chance.random() < 0.25:
            self.held(made)
        return made

    def interval(self, plan: TreatmentPlan) -> None:
        days = self.chance.choice([14, 42, 63])
        SurveillanceInterval.objects.filter(plan=plan).delete()
        SurveillanceInterval.objects.create(
            plan=plan, name="its own", every_days=days, opens_after_days=days - 7, overdue_after_days=days + 7,
            source="site-policy#interval-by-a-clinician", confidence="unverified", begun_on=self.day(200),
            reason="By chance.", recorded_by=self.nora,
        )  # fmt: skip

    def held(self, plan: TreatmentPlan) -> None:
        Hold.objects.filter(plan=plan).delete()
        Hold.objects.create(
            plan=plan, begun_on=self.day(200), reason=self.chance.choice(list(HoldReason)), recorded_by=self.nora
        )

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

    def change(self) -> None:
        """One fact of one plan, by whichever way a fact comes, changes or goes."""
        chance, plan = self.chance, self.chance.choice(self.plans)
        results = LvefAssessment.objects.valid().filter(patient=plan.patient)
        given = CycleDay.objects.filter(plan=plan)
        ways: list[Callable[[], Any]] = [
            lambda: self.result(plan.patient),
            lambda: results.update(performed_on=self.day()),
            lambda: results.update(lvef_low=Decimal(40)),
            lambda: results.update(
                invalidated_at=timezone.now(), invalidated_by=self.nora, invalidated_because="Wrong."
            ),
            lambda: given.delete(),
            lambda: given.update(done_on=self.day()),
            lambda: given.exists() or self.doses(plan),
            lambda: TreatmentPlan.objects.filter(pk=plan.pk).update(setting="metastatic"),
            lambda: TreatmentPlan.objects.filter(pk=plan.pk).update(regimen=chance.choice(self.regimens)),
            lambda: TreatmentPlan.objects.filter(pk=plan.pk, state="active").update(
                state="completed", ended_on=self.day(), end_reason=""
            ),
            lambda: self.held(plan),
            lambda: Hold.objects.filter(plan=plan).delete(),
            lambda: PriorTreatment.objects.filter(plan=plan).delete(),
            lambda: BaselineChoice.objects.filter(plan=plan).delete(),
            lambda: self.interval(plan),
            lambda: SurveillanceInterval.objects.filter(plan=plan).delete(),
            lambda: FlagDecision.objects.filter(flag__plan=plan).update(repeat_by=TODAY - timedelta(days=9)),
            lambda: CardiacFlag.objects.filter(plan=plan, decisions=None).delete(),
        ]
        chance.choice(ways)()


def states(clinic: Clinic) -> set[tuple[int, str, str]]:
    return set(CardiacFlag.objects.at(clinic.site).values_list("plan_id", "fact", "state"))


def changing(clinic: Clinic) -> set[int]:
    """Without query or hint: every plan is judged, and what that changed is taken back."""
    with transaction.atomic():
        before = states(clinic)
        for batch in flags.watched_in_batches(clinic.site):
            flags.reconcile(batch, now=timezone.now())
        after = states(clinic)
        transaction.set_rollback(True)
    return {plan for plan, _, _ in before ^ after}


def looks(site: Site) -> dict[int, date]:
    narrowing = Narrowing.of(site, site.today())
    return {pk: day for batch in narrowed.every_plan(site) for pk, day in narrowing.looks(batch)}


def picked(site: Site) -> set[int]:
    return {pk for pk, day in looks(site).items() if day <= site.today()}


def due(clinic: Clinic) -> set[int]:
    return {pk for batch in narrowed.due(clinic.site, clinic.site.today()) for pk in batch}


def check() -> int:
    return sweeps.flag_overdue_echocardiograms(now=timezone.now())


@pytest.mark.parametrize("seed", range(4))
def test_no_plan_whose_flags_would_change_lies_outside(clock, seed: int):
    clinic = Clinic(random.Random(seed))
    for step in (lambda: None, clinic.decide):
        step()
        would_change = changing(clinic)
        assert would_change, "this clinic tests nothing"
        assert would_change <= picked(clinic.site)
        assert would_change <= due(clinic)
        check()
        assert changing(clinic) == set()
        assert check() + sweeps.flag_lvef_drops(now=timezone.now()) == 0


@pytest.mark.parametrize("seed", range(4))
def test_no_plan_that_was_left_alone_changes_before_its_day(clock, seed: int):
    """Neither by the core's word, for plans it judged, nor by the query's, for those it never saw."""
    clinic = Clinic(random.Random(100 + seed))
    check()
    check()  # what the first resolved is looked at once more
    for days in (1, 1, 2, 5, 13, 40, 120, 400):
        clock.shift(timedelta(days=days))
        assert changing(clinic) <= due(clinic)
        check()
        assert changing(clinic) == set()


@pytest.mark.parametrize("seed", range(3))
def test_any_change_of_a_fact_calls_for_a_look(clock, seed: int):
    clinic = Clinic(random.Random(200 + seed))
    check()
    seen = 0
    for _ in range(25):
        clinic.change()
        would_change = changing(clinic)
        seen += len(would_change)
        assert would_change <= due(clinic)
        check()
    assert seen, "no change mattered: this tests nothing"


def test_without_the_call_a_changed_plan_would_be_missed(clock):
    """That the test above can fail: with a trigger of the results lifted, the new result is not looked at."""
    clinic = Clinic(random.Random(0))
    check()
    with pgtrigger.ignore("monitoring.LvefAssessment:call_check_insert"):
        for plan in clinic.plans:
            LvefAssessment.objects.create(
                patient=plan.patient, performed_on=TODAY, modality="echo-2d", lab="Echo lab", lvef_low=31,
                lvef_high=31, symptoms=Symptoms.NONE, recorded_by=clinic.nora,
            )  # fmt: skip
    assert not changing(clinic) <= due(clinic)


def test_every_table_that_a_judgement_reads_calls_for_a_look_or_is_part_of_what_hints_rest_on(
    clock, django_assert_max_num_queries
):
    plan = make.plan(start=date(2026, 3, 2), given=2)
    make.lvef(plan.patient, 41, date(2026, 4, 20))
    with django_assert_max_num_queries(99) as asked:
        flags.reconcile_patient(plan.patient, now=timezone.now())
    read = {table for one in asked for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', one["sql"])}
    watched = {model._meta.db_table for model in next_checks.WATCHED}
    assert watched & read
    assert read - watched == NEED_NO_CALL


# Read with the others, and no flag follows from them; or part of the basis (site, policy); or frozen (regimens).
NEED_NO_CALL = {
    "accounts_site",
    "accounts_user",
    "monitoring_cardiacpolicy",
    "scheduling_regimenversion",
    "monitoring_riskassessment",
    "monitoring_echobooking",
    "scheduling_bodymeasurement",
    "scheduling_override",
    "scheduling_levelchange",
    "scheduling_sitepolicy",
    "scheduling_tumourprofile",
    "scheduling_release",
    "scheduling_labresult",
    "scheduling_secondcheck",
    "scheduling_coderead",
    "scheduling_reaction",
}


def test_plans_whose_hearts_are_well_and_recent_are_not_picked(clock):
    plan = make.plan(start=date(2026, 3, 2), given=2)
    make.lvef(plan.patient, 61, date(2026, 4, 20))
    assert looks(plan.patient.site) == {plan.pk: date(2026, 7, 22)}  # the 93rd day after it


def test_the_figures_of_e50_decide_the_day_it_is_picked(clock):
    clock.move_to("2026-01-05T09:00:00Z")
    patient = make.patient()
    make.lvef(patient, 62, date(2025, 12, 29))
    plan = make.plan(start=date(2026, 1, 5), given=1, of=patient, baseline=None)
    check()
    for day, expected in ((date(2026, 3, 31), []), (date(2026, 4, 1), [[plan.pk]])):
        assert list(narrowed.due(patient.site, day)) == expected
        assert looks(patient.site) == {plan.pk: date(2026, 4, 1)}


def test_another_sites_plans_are_not_picked(clock):
    make.plan(start=date(2025, 1, 6), given=1)
    elsewhere = make.site(name="Elsewhere")
    assert looks(elsewhere) == {}
    assert list(narrowed.due(elsewhere, TODAY)) == []


def test_batches_are_of_the_size_asked_for_and_reach_each_plan_once(clock):
    plans = [make.plan(start=date(2025, 1, 6), given=1).pk for _ in range(3)]
    for found in (list(narrowed.every_plan(make.site(), size=2)), list(narrowed.due(make.site(), TODAY, size=2))):
        assert [len(batch) for batch in found] == [2, 1]
        assert sorted(pk for batch in found for pk in batch) == sorted(plans)
