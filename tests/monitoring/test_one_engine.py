"""A result is judged once: page, mail, API, reports and the core say the same of a thousand random results.

A plan of each drug is built through the front door and copied row by row; the results are rows, the flags follow from
them by the sweep's own action, and what each screen would show is asked of the code that shows it. The first sixty go
through real HTTP. The core's answer is taken from the drawn figures, which never saw the database.
"""

from __future__ import annotations

import itertools
import random
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from monitoring import catalog, lookups
from monitoring.actions import flag_digests, flags, urgent
from monitoring.api.flags import FlagDetail, with_next_infusion
from monitoring.api.judgements import JudgementOut
from monitoring.core.burden import rule_of
from monitoring.core.evaluation import Judgement, judge, protocols_for
from monitoring.core.lvef import Lvef
from monitoring.core.protocol import Advice
from monitoring.core.result import Assessment, Modality, Symptoms
from monitoring.models import CardiacFlag, LvefAssessment, Reminder
from monitoring.models.adherence import reports
from monitoring.models.burden import burdens
from monitoring.models.delegations import Hearers
from monitoring.views.cards import cards_of
from monitoring.words import FlagKind, ReminderKind
from scheduling.models import CycleDay, Patient, TreatmentPlan
from scheduling.models.standing import regimen_of
from scheduling.words import DayState
from tests import api, make

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]

RESULTS, OVER_HTTP, SEED = 1000, 60, 20260430
START, BASELINE_ON, RESULT_ON, TREATED_PAST_ON = date(2026, 1, 5), date(2026, 1, 4), date(2026, 4, 28), date(2026, 5, 4)
REGIMENS = ("trastuzumab-q3w-17", "trastuzumab-pertuzumab", "t-dm1", "phesgo", "t-dxd", "trastuzumab-sc")
STOPS = (Advice.WITHHOLD, Advice.DISCONTINUE)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One random result, and how the core alone judges it."""

    plan: TreatmentPlan
    baseline: Decimal
    lvef: Decimal
    symptoms: Symptoms
    judgement: Judgement

    @property
    def rule(self) -> str:
        """What leads, as reports name it."""
        return f"{self.judgement.leading.protocol_id}: {self.judgement.leading.leading_rule}"

    @property
    def is_flagged(self) -> bool:
        found = (finding for one in self.judgement.evaluations for finding in one.findings)
        return any(finding.advice.needs_decision for finding in found)


@dataclass(frozen=True, slots=True)
class Clinic:
    """Every drawing with its plan's primary key, its result and, where there is one, its flag."""

    drawn: dict[int, Drawn]
    results: dict[int, LvefAssessment]
    flags: dict[int, CardiacFlag]


def draw(plans: list[TreatmentPlan]) -> Iterator[Drawn]:
    """Half points: baseline 40 to 80, LVEF 20 to 80, every grade of symptoms, every drug."""
    dice = random.Random(SEED)
    for plan in itertools.islice(itertools.cycle(plans), RESULTS):
        baseline, lvef = Decimal(dice.randint(80, 160)) / 2, Decimal(dice.randint(40, 160)) / 2
        symptoms = dice.choice(list(Symptoms))
        yield Drawn(plan, baseline, lvef, symptoms, by_the_core(plan, baseline, lvef, symptoms))


def by_the_core(plan: TreatmentPlan, baseline: Decimal, lvef: Decimal, symptoms: Symptoms) -> Judgement:
    agents = regimen_of(plan.regimen).agents
    protocols = protocols_for(catalog.protocols().values(), agents, "US", plan.setting, adopted=None)
    before = Assessment(BASELINE_ON, Lvef.exactly(baseline), Modality.ECHO_2D, symptoms=Symptoms.NONE)
    after = Assessment(RESULT_ON, Lvef.exactly(lvef), Modality.ECHO_2D, symptoms=symptoms)
    return judge(protocols, after, before, lower_limit_of_normal=Decimal(50))


def copies(rows: Iterable[models.Model], changes: Iterable[dict[str, Any]]) -> list[Any]:
    """Saved copies of rows, each with its own changes and name."""
    made = []
    for row, change in zip(rows, changes, strict=True):
        fields = [f for f in row._meta.concrete_fields if not f.primary_key and not getattr(f, "generated", False)]
        values = {f.attname: getattr(row, f.attname) for f in fields} | {"uuid": uuid.uuid4()}
        made.append(type(row)(**(values | change)))
    return type(made[0]).objects.bulk_create(made)  # type: ignore[attr-defined]


def result(patient: Patient, on: date, figure: Decimal, symptoms: Symptoms) -> LvefAssessment:
    return LvefAssessment(
        patient=patient, performed_on=on, modality=Modality.ECHO_2D, lvef_low=figure, lvef_high=figure,
        symptoms=symptoms, recorded_by=make.person("nora"),
    )  # fmt: skip


@pytest.fixture
def clinic(clock: Any) -> Clinic:
    templates = [make.plan(key, start=START, given=2) for key in REGIMENS]
    drawings = list(draw(templates))
    patients = copies([one.plan.patient for one in drawings], ({"mrn": f"E54-{n}"} for n in range(RESULTS)))
    plans = copies([one.plan for one in drawings], ({"patient_id": patient.pk} for patient in patients))
    given = {plan.pk: list(plan.cycle_days.filter(state=DayState.GIVEN)) for plan in templates}
    days = [(day, plan.pk) for one, plan in zip(drawings, plans, strict=True) for day in given[one.plan.pk]]
    copies([day for day, _ in days], ({"plan_id": pk} for _, pk in days))
    measured = list(zip(drawings, patients, strict=True))
    LvefAssessment.objects.bulk_create(result(p, BASELINE_ON, one.baseline, Symptoms.NONE) for one, p in measured)
    rows = LvefAssessment.objects.bulk_create(result(p, RESULT_ON, one.lvef, one.symptoms) for one, p in measured)
    ours = [plan.pk for plan in plans]
    watched = TreatmentPlan.objects.with_facts().filter(pk__in=ours)
    flags.reconcile(list(watched), now=timezone.now())
    found = with_next_infusion(lookups.flags_at(make.person("omar"))).filter(plan__in=ours, kind=FlagKind.FINDING)
    return Clinic(
        dict(zip(ours, drawings, strict=True)), dict(zip(ours, rows, strict=True)), {f.plan_id: f for f in found}
    )


def test_page_mail_api_and_reports_agree_with_the_core_on_a_thousand_results(clinic: Clinic, clock: Any):
    advised = Counter(one.judgement.advice for one in clinic.drawn.values())
    assert min(advised[advice] for advice in (Advice.CONTINUE, Advice.REVIEW, *STOPS)) > 5, "the dice left one out"
    _flags_agree(clinic)
    _pages_agree(clinic)
    _mails_agree(clinic)
    _programs_agree(clinic)
    _over_http(clinic)
    _reports_agree(clinic, clock)


def _flags_agree(clinic: Clinic) -> None:
    assert set(clinic.flags) == {pk for pk, one in clinic.drawn.items() if one.is_flagged}
    wrong = [
        (one, flag.advice, flag.fact)
        for pk, flag in clinic.flags.items()
        if (flag.advice, rule_of(flag.fact), flag.sentence)
        != ((one := clinic.drawn[pk]).judgement.advice.value, one.rule, one.judgement.sentence)
    ]
    assert wrong == []


def _pages_agree(clinic: Clinic) -> None:
    """The card is judged anew from rows whenever it is shown."""
    for card in cards_of(list(clinic.flags.values()), by=make.person("omar")):
        told, one = card.judgement, clinic.drawn[card.flag.plan_id]
        assert told is not None
        assert told.sentence == one.judgement.sentence
        assert _rules(told) == _rules(one.judgement)
        assert (card.put_off is None) == (one.judgement.strictest in STOPS)


def _rules(judgement: Judgement) -> list[tuple[str, str, Advice]]:
    """Every rule that is shown, in its order."""
    return [(one.protocol_id, met.rule_id, met.advice) for one in judgement.evaluations for met in one.findings]


def _mails_agree(clinic: Clinic) -> None:
    mails = {row.about: row for row in Reminder.objects.filter(kind=ReminderKind.URGENT_FLAG)}
    for pk, flag in clinic.flags.items():
        advice, mail = clinic.drawn[pk].judgement.advice, mails.get(f"flag:{flag.uuid}")
        assert (mail is not None) == (advice in STOPS)
        assert mail is None or f"Advice by the cardiac protocols: {advice.label.lower()}." in urgent.written(mail)[0]
    omar = make.person("omar")
    lines = flag_digests.gather(omar.site, Hearers.of(omar.site, timezone.now()))[omar.pk]
    by_link = {line.link.rstrip("/").rpartition("/")[2]: line for line in lines}
    assert set(by_link) == {str(flag.uuid) for flag in clinic.flags.values()}
    for pk, flag in clinic.flags.items():
        line, advice = by_link[str(flag.uuid)], clinic.drawn[pk].judgement.advice
        assert (line.what, line.is_red) == (advice.label, advice in STOPS)


def _programs_agree(clinic: Clinic) -> None:
    for pk, flag in clinic.flags.items():
        told, one = FlagDetail(flag).data, clinic.drawn[pk]
        assert (told["advice"], told["sentence"]) == (one.judgement.advice.value, one.judgement.sentence)


def _over_http(clinic: Clinic) -> None:
    browser, program = Client(), api.client("omar")
    browser.force_login(make.person("omar"))
    for pk in list(clinic.drawn)[:OVER_HTTP]:
        one, flag = clinic.drawn[pk], clinic.flags.get(pk)
        told = program.get(f"/api/v1/lvef/{clinic.results[pk].uuid}/").json()
        judged = next(entry for entry in _judgements(told))
        assert (judged["advice"], judged["leading_rule"]) == (
            one.judgement.advice.value,
            JudgementOut(one.judgement).data["leading_rule"],
        )
        if flag is not None:
            page = browser.get(reverse("flag", args=[flag.uuid])).content.decode()
            assert one.judgement.advice.label in page
            assert one.judgement.leading.title in page
            assert program.get(f"/api/v1/flags/{flag.uuid}/").json()["sentence"] == one.judgement.sentence


def _judgements(told: Any) -> Iterator[dict[str, Any]]:
    """The judgement of a result's answer, however deep it lies."""
    if isinstance(told, dict):
        if "leading_rule" in told:
            yield told
        told = list(told.values())
    if isinstance(told, list):
        for inner in told:
            yield from _judgements(inner)


def _reports_agree(clinic: Clinic, clock: Any) -> None:
    """Each finding that advised to stop was treated past: one hold that should have been."""
    site = make.site()
    counted = Counter({row.rule: row.raised for row in burdens(site, now=timezone.now())})
    assert counted == Counter(one.rule for one in clinic.drawn.values() if one.is_flagged)
    clock.move_to("2026-05-05T09:00:00Z")
    plans = list(TreatmentPlan.objects.with_facts().filter(pk__in=clinic.drawn))
    last = CycleDay.objects.filter(plan__in=plans, cycle=2)
    copies(last, [{"cycle": 3, "planned_on": TREATED_PAST_ON, "done_on": TREATED_PAST_ON}] * len(plans))
    for report in reports(plans, today=site.today()):
        should_have_been = clinic.drawn[report.plan.pk].judgement.advice in STOPS
        assert (report.qualifying, len(report.overtaken)) == ((1, 1) if should_have_been else (0, 0))
