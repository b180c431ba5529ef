"""The demo clinic gives each role something to do, and breaks when an action it uses breaks."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.utils import timezone

from her2tracker.accounts.models import Site, User
from her2tracker.clinic.demo import SIGN_INS
from her2tracker.clinic.demo.stories import ALL, NEW
from her2tracker.clinic.today import day_at
from monitoring import lookups
from monitoring.models import CardiacFlag, Delegation, RiskAssessment, SurveillanceInterval
from monitoring.models.clocks import holds_of
from monitoring.models.outlook import outlook_of
from monitoring.models.standing import standing_of
from scheduling.core.governance import DraftState
from scheduling.models import (
    AlongsideTreatment,
    BroughtForward,
    ClosureMove,
    CycleDay,
    Patient,
    RegimenDraft,
    TreatmentPlan,
)
from scheduling.waiting import checks_at
from tests import make

pytestmark = pytest.mark.django_db


def test_the_demo_gives_every_role_something_to_do():
    make.published()
    call_command("load_demo")
    site = Site.objects.get(is_demo=True)
    assert Patient.objects.at(site).count() == len(ALL) + len(NEW)
    assert CycleDay.objects.at(site).on(site.today()).count() >= 14
    advices = set(CardiacFlag.objects.at(site).values_list("kind", "advice", "state"))
    assert ("finding", "withhold", "open") in advices
    assert ("finding", "review", "open") in advices
    assert ("overdue", "repeat", "open") in advices
    assert ("finding", "withhold", "decided") in advices
    assert RegimenDraft.objects.get(site=site).state == DraftState.UNDER_REVIEW
    assert ClosureMove.objects.filter(closure__site=site, doctor__email="omar@demo.example").exists()
    assert SurveillanceInterval.objects.get(plan__patient__site=site).every_days == 42  # six weeks
    _floor(site)
    _hearts(site)
    for _, email, password in SIGN_INS:
        assert User.objects.get(email=email).check_password(password)
    _has_plans_of_every_kind(site)


def _has_plans_of_every_kind(site: Site) -> None:
    by_mouth = TreatmentPlan.objects.active().at(site).get(regimen__key="neratinib")
    assert not by_mouth.cycle_days.exists()
    earlier = BroughtForward.objects.get(plan__patient__site=site)
    assert earlier.plan.cycle_days.get(cycle=earlier.cycle).planned_on == earlier.to_on
    assert AlongsideTreatment.objects.get(plan__patient__site=site).kind == "endocrine-therapy"


def _floor(site: Site) -> None:
    """Both gates asked for, most of the day released, and one check that the other nurse can do."""
    assert (site.scheduling_policy.release_required, site.scheduling_policy.second_check_required) == (True, True)
    today = [row for row in day_at(site, site.today()).rows if row.is_open]
    ready = [row for row in today if row.is_ready]
    assert len(today) > len(ready) >= len(today) / 3
    [check] = checks_at(site, timezone.now())
    assert (check.check.recorded_by.email, check.lapsed) == ("nils@demo.example", ())


def _hearts(site: Site) -> None:
    """A hold on day 30 of 56, a flag put off, a stand-in, a high risk, a cycle at risk, a patient in aftercare."""
    now, today = timezone.now(), site.today()
    held = standing_of(TreatmentPlan.objects.get(patient__family_name="Linden", patient__site=site))
    [heart] = holds_of([held], today).values()
    assert [state.day for state in heart.states if state.protocol_id == "trastuzumab-us"] == [30]
    assert CardiacFlag.objects.at(site).put_off(now).get().patient.family_name == "Mulberry"
    assert Delegation.objects.get(person__site=site).to.email == "omar@demo.example"
    assert RiskAssessment.objects.get(patient__site=site).level == "high"
    paula = TreatmentPlan.objects.get(patient__family_name="Poplar", patient__site=site)
    outlook = outlook_of(standing_of(paula), today)
    assert [one.state for one in outlook.found[:2]] == ["safe", "at-risk"]
    [row] = lookups.in_follow_up(User.objects.get(email="cora@demo.example"))
    assert (row.patient.family_name, row.next.progress) == ("Robinia", "open")


def test_loading_the_demo_twice_changes_nothing():
    make.published()
    call_command("load_demo")
    before = Patient.objects.count()
    call_command("load_demo")
    assert Patient.objects.count() == before
