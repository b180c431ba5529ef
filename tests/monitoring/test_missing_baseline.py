"""Treated, with results, and none before the first dose: one flag, decided or ended by a baseline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from her2tracker.lib.refusals import Refused
from monitoring import tasks
from monitoring.actions import assessments, decisions, escalations, sweeps
from monitoring.clearance import cardiac
from monitoring.models import CardiacFlag, FlagEscalation, Reminder
from monitoring.words import Decision, DecisionReason, FlagKind, FlagState, ReminderKind
from scheduling.actions import plans
from scheduling.actions.plans import Prior
from scheduling.models import TreatmentPlan
from scheduling.words import CeaseReason
from tests import api, make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TODAY = date(2026, 4, 30)
ELSEWHERE = Prior("trastuzumab", 4, date(2026, 3, 2), first_given_on=date(2025, 12, 29), place="Southbank")
SignIn = Callable[[str], Client]


def taken_over() -> TreatmentPlan:
    """Four doses elsewhere, no report came along; her first LVEF here is of 16 March, and one more followed."""
    anna = make.patient()
    make.lvef(anna, 61, date(2026, 3, 16))
    plan = make.plan(start=date(2026, 3, 23), of=anna, baseline=None, prior=[ELSEWHERE], given=2)
    make.lvef(anna, 60, date(2026, 4, 20))
    return plan


def flag_of(plan: TreatmentPlan) -> CardiacFlag:
    return plan.flags.get(fact="baseline:missing")


def decide(plan: TreatmentPlan, decision: Decision = Decision.CONTINUE, **said: Any) -> None:
    values = {"reason": DecisionReason.CARDIOLOGY_ADVICE, "note": "No report can be had."} | said
    decisions.decide(by=make.person("omar"), flag=flag_of(plan), decision=decision, **values)


def short(plan: TreatmentPlan) -> list[tuple[str, bool]]:
    return [(one.short, one.blocks) for one in cardiac([plan], on=TODAY)[plan.pk]]


def test_two_results_without_a_baseline_are_one_flag_of_the_plan():
    plan = taken_over()
    flag = plan.flags.get()
    assert (flag.kind, flag.fact, flag.advice, flag.state) == (FlagKind.BASELINE, "baseline:missing", "review", "open")
    assert flag.sentence == "No baseline LVEF: a fall cannot be judged. Choose a baseline for this plan."
    assert flag.assessment is None


def test_below_50_without_a_baseline_is_a_finding_beside_it():
    plan = taken_over()
    make.lvef(plan.patient, 48, date(2026, 4, 29))
    found = plan.flags.order_by("raised_at").values_list("kind", flat=True)
    assert sorted(found) == ["baseline", "finding"]


def test_the_nightly_check_finds_what_no_result_brought():
    anna = make.patient()
    make.lvef(anna, 61, date(2026, 3, 16))
    plan = make.plan(start=date(2026, 3, 23), of=anna, baseline=None, prior=[ELSEWHERE], given=1)
    assert not plan.flags.exists()
    sweeps.flag_overdue_echocardiograms(now=timezone.now())
    assert flag_of(plan).state == FlagState.OPEN
    assert sweeps.flag_overdue_echocardiograms(now=timezone.now()) == 0


def test_a_decision_closes_it_and_later_results_do_not_bring_it_back():
    plan = taken_over()
    decide(plan)
    make.lvef(plan.patient, 59, TODAY)
    sweeps.flag_overdue_echocardiograms(now=timezone.now())
    assert flag_of(plan).state == FlagState.DECIDED
    assert plan.flags.count() == 1


@pytest.mark.parametrize("is_decided", [False, True])
def test_pinning_a_baseline_resolves_it_and_judges_what_came_after(is_decided: bool):
    plan = taken_over()
    if is_decided:
        decide(plan)
    make.lvef(plan.patient, 52, TODAY)  # nine points below 61: no rule
    chosen = plan.patient.assessments.get(performed_on=date(2026, 3, 16))
    assessments.choose_baseline(by=make.person("omar"), plan=plan, assessment=chosen, reason="As she came to us.")
    flag = flag_of(plan)
    assert (flag.state, flag.resolved_because) == ("resolved", "LVEF 61 % on Mon 16 Mar 2026 is the baseline.")
    make.lvef(plan.patient, 45, TODAY)
    assert plan.flags.get(kind=FlagKind.FINDING).advice == "withhold"


def test_the_report_from_elsewhere_resolves_it():
    plan = taken_over()
    make.lvef(plan.patient, 64, date(2025, 12, 20))
    assert flag_of(plan).resolved_because == "LVEF 64 % on Sat 20 Dec 2025 is the baseline."


def test_a_baseline_declared_not_valid_opens_it_again():
    plan = taken_over()
    report = make.lvef(plan.patient, 64, date(2025, 12, 20))
    assessments.invalidate(by=make.person("omar"), assessment=report, because="Another patient's report.")
    assert flag_of(plan).state == FlagState.OPEN


def test_the_end_of_treatment_resolves_it():
    plan = taken_over()
    plans.cease(by=make.person("omar"), plan=plan, reason=CeaseReason.PATIENT_CHOICE, note="Her wish.")
    sweeps.flag_overdue_echocardiograms(now=timezone.now())
    assert (flag_of(plan).state, flag_of(plan).resolved_because) == ("resolved", "Treatment ended.")


def test_it_stands_beside_the_next_infusion_until_somebody_decides_and_stops_nothing():
    plan = taken_over()
    assert short(plan) == [("No baseline LVEF", False)]
    decide(plan)
    assert short(plan) == []


def test_there_is_no_result_to_declare_not_valid():
    with pytest.raises(Refused, match="none can be declared not valid"):
        decide(taken_over(), Decision.NOT_VALID)


def test_continuing_ends_no_hold_that_something_else_began():
    plan = taken_over()
    make.lvef(plan.patient, 39, date(2026, 4, 29))
    finding = plan.flags.get(kind=FlagKind.FINDING)
    decisions.decide(
        by=make.person("omar"), flag=finding, decision=Decision.HOLD, reason=DecisionReason.RULE_MET,
        repeat_by=date(2026, 5, 20),
    )  # fmt: skip
    decide(plan)
    assert plan.holds.get().ended_on is None


def test_the_page_says_what_is_missing_and_offers_the_three_ways_out(sign_in: SignIn):
    plan = taken_over()
    page = sign_in("omar").get(reverse("flag", args=[flag_of(plan).uuid])).content.decode()
    assert "No baseline LVEF" in page
    assert "2 results since the first dose, and none before it." in page
    assert "Falls still cannot be judged" in page
    for address in (reverse("baseline", args=[plan.uuid]), reverse("assessment-new", args=[plan.patient.uuid])):
        assert f'href="{address}"' in page
    assert "Only an LVEF result closes this flag" not in page
    assert "Not valid …" not in page


def test_a_result_that_could_not_be_compared_leads_to_the_flag_and_to_the_baseline(sign_in: SignIn):
    plan = taken_over()
    address = reverse("assessment", args=[plan.patient.assessments.get(performed_on=date(2026, 4, 20)).uuid])
    page = sign_in("omar").get(address).content.decode()
    assert "No baseline: a fall could not be judged." in page
    assert "No flag was needed" not in page
    for way in (reverse("flag", args=[flag_of(plan).uuid]), reverse("baseline", args=[plan.uuid])):
        assert f'href="{way}"' in page
    decide(plan)
    assert "The missing baseline: decided" in sign_in("omar").get(address).content.decode()


def test_a_decision_on_the_page_closes_it(sign_in: SignIn):
    plan = taken_over()
    said = {"decision": "continue-with-cardiology", "reason": "cardiology-advice", "note": "", "decisions_seen": 0}
    response = sign_in("omar").post(reverse("flag", args=[flag_of(plan).uuid]), said)
    assert response.status_code == 302
    assert flag_of(plan).state == FlagState.DECIDED


def test_the_api_lists_decides_and_pins():
    plan = taken_over()
    (shown,) = api.get("omar", "flags/", kind="baseline")["results"]
    assert (shown["uuid"], shown["state"]) == (str(flag_of(plan).uuid), "open")
    address = f"flags/{shown['uuid']}/"
    assert [one["step"] for one in api.get("omar", f"{address}escalations/")["steps"]] == ["lead", "coordinator"]
    said = {"decision": "continue-with-cardiology", "reason": "cardiology-advice"}
    api.post("omar", f"{address}decide/", 200, **said)
    assert api.get("omar", address)["state"] == "decided"
    (candidate,) = api.get("omar", f"plans/{plan.uuid}/baseline/")["candidates"]
    assert candidate["performed_on"] == "2026-03-16"
    api.post("omar", f"plans/{plan.uuid}/baseline/", 200, assessment=candidate["uuid"], reason="As she came to us.")
    assert api.get("omar", address)["state"] == "resolved"


def test_a_result_on_treatment_is_refused_as_the_baseline():
    plan = taken_over()
    later = plan.patient.assessments.get(performed_on=date(2026, 4, 20))
    answer = api.post("omar", f"plans/{plan.uuid}/baseline/", 409, assessment=str(later.uuid), reason="The only one.")
    assert api.error(answer)[0] == "baseline-too-late"


def test_the_oncologist_s_mail_and_the_ladder_name_it(clock: Any):
    plan = taken_over()
    clock.move_to("2026-05-01T10:00:00Z")
    escalations.escalate(plan.patient.site, now=timezone.now())
    assert FlagEscalation.objects.get().step == "lead"
    tasks.send_reminders()
    mails = Reminder.objects.filter(kind=ReminderKind.FLAG_DIGEST)
    assert all("No baseline LVEF, since Thu 30 Apr 2026" in mail.text for mail in mails)
    assert mails.exists()
