"""A plan taken at home: dates without infusions, an end by its weeks, and what stands before it decided at the start.

Days are counted from CLINICAL.md 1.1: 52 weeks are 364 days; 120 mg on days 1 to 7, 160 mg to day 14, then 240 mg.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from her2tracker.audit.models import Act
from her2tracker.audit.sentences import sentence
from her2tracker.lib.refusals import Refused
from scheduling import catalog, tasks
from scheduling.actions import changes, holds, plans, regimens, switches
from scheduling.actions.plans import Prior
from scheduling.core.at_home import courses, last_day
from scheduling.models import RegimenSignOff, RegimenVersion, TreatmentPlan
from scheduling.words import CeaseReason, HoldReason, PlanState, SwitchReason
from tests import api, make
from tests.scheduling.pages import START, signed_in, url, words

pytestmark = pytest.mark.django_db
LAST = date(2027, 1, 3)  # day 364 from 5 January 2026


@pytest.fixture
def clock():
    with time_machine.travel("2026-01-05T09:00:00Z", tick=False) as travelled:
        yield travelled


@pytest.fixture
def plan(clock) -> TreatmentPlan:
    return make.plan("neratinib", start=START, baseline=None)


def told_before(of: Any, last: date, **fields: Any) -> Any:
    """Everything described, with trastuzumab elsewhere until `last`."""
    make.ready(of, START, **fields)
    return [Prior("trastuzumab", 18, last)]


def start(of: Any, prior: Any = (), **fields: Any) -> TreatmentPlan:
    version = signed_off(of)
    return plans.start(
        by=make.person("omar", of.site), patient=of, regimen=version, start_on=START, prior=prior, **fields
    )


def signed_off(of: Any) -> RegimenVersion:
    version = make.regimen("neratinib")
    if not RegimenSignOff.objects.filter(site=of.site, regimen=version).exists():
        regimens.sign_off(by=make.person("omar", of.site), regimen=version, statement="Checked for this test.")
    return version


def test_fifty_two_weeks_from_the_first_day_are_364_days():
    core = catalog.regimen("neratinib")
    assert last_day(core, START) == LAST
    assert last_day(catalog.regimen("tucatinib-capecitabine-trastuzumab"), START) is None
    assert last_day(catalog.regimen("trastuzumab-q3w-18"), START) is None


def test_the_stepped_start_has_its_dates():
    [course] = courses(catalog.regimen("neratinib"), START)
    assert [(step.dose.mg, step.since, step.until) for step in course.step_up] == [
        (120, date(2026, 1, 5), date(2026, 1, 11)),
        (160, date(2026, 1, 12), date(2026, 1, 18)),
        (240, date(2026, 1, 19), LAST),
    ]
    assert [(step.dose.mg, step.since, step.until) for step in course.doses] == [(240, START, LAST)]
    assert course.levels == "200, then 160, then 120 mg; below that it is stopped"


def test_nothing_is_taken_after_a_plan_ended():
    [course] = courses(catalog.regimen("neratinib"), START, ended_on=date(2026, 1, 10))
    assert course.ends_on == date(2026, 1, 10)
    assert [step.dose.mg for step in course.step_up] == [120]


def test_a_plan_by_mouth_has_no_rows_and_is_on_nobodys_day(plan):
    assert plan.cycle_days.count() == 0
    nora = signed_in("nora")
    assert plan.patient.mrn not in words(nora.get(reverse("today")))
    page = words(nora.get(url("plan", plan)))
    assert "Taken at home, Mon 5 Jan 2026 to Sun 3 Jan 2027" in page
    assert "Not replaced: the next dose on the next day." in page
    assert "120 mg once a day, Mon 5 Jan 2026 to Sun 11 Jan 2026" in page
    assert "Cycle table" not in page
    assert "last infusion" not in page


def test_the_chart_and_its_banner_count_the_days(plan, clock):
    clock.move_to("2026-01-16T09:00:00Z")
    page = words(signed_in("nora").get(reverse("patient", args=[plan.patient.uuid])))
    assert "day 12 of 364, taken at home" in page
    assert "Infusions" not in page


def test_no_heart_is_asked_for_where_no_label_does(plan, clock):
    clock.move_to("2026-06-30T09:00:00Z")
    assert "overdue" not in words(signed_in("nora").get(url("plan", plan))).lower()


def test_the_new_plan_page_previews_and_starts_it(clock):
    anna = make.patient()
    make.ready(anna, START)
    signed_off(anna)
    said = {"regimen": "neratinib", "start_on": "2026-01-05", "act": "preview"}
    omar, address = signed_in("omar"), reverse("plan-new", args=[anna.uuid])
    page = words(omar.post(address, said))
    assert "there are no infusions, no cycle days and no chairs" in page
    assert "Mon 5 Jan 2026 to Sun 3 Jan 2027" in page
    assert omar.post(address, said | {"act": "start"}).status_code == 302
    assert TreatmentPlan.objects.get().regimen.key == "neratinib"


def test_in_europe_it_asks_for_a_receptor_and_less_than_a_year(clock):
    anna = make.patient(at=make.site(name="Europe", jurisdiction="EU"))
    prior = told_before(anna, date(2025, 1, 5), er="positive")  # 365 days before
    with pytest.raises(Refused) as caught:
        start(anna, prior)
    assert caught.value.code == "not-prepared"
    assert "365 days after the end of trastuzumab" in str(caught.value)
    assert not TreatmentPlan.objects.exists()
    assert start(anna, told_before(anna, date(2025, 1, 6), er="positive")).start_on == START


def test_a_reason_starts_it_in_spite_of_that_and_is_kept(clock):
    anna = make.patient(at=make.site(name="Europe", jurisdiction="EU"))
    start(anna, told_before(anna, date(2025, 1, 6), er="negative", pr="negative"), in_spite_of="Board of 2 Jan.")
    made = Act.objects.get(verb="plan.started")
    assert (made.reason, made.details["in_spite_of"]) == (
        "Board of 2 Jan.",
        ["before-the-start:neratinib-hormone-receptor"],
    )


def test_trastuzumab_given_here_is_read_from_its_plan(clock):
    clock.move_to("2025-01-06T09:00:00Z")
    anna = make.patient(at=make.site(name="Europe", jurisdiction="EU"))
    old = make.plan("trastuzumab-q3w-17", start=date(2025, 1, 6), given=1, of=anna)
    plans.cease(by=make.person("omar", old.patient.site), plan=old, reason=CeaseReason.COMPLETED_EARLY)
    clock.move_to("2026-01-05T09:00:00Z")
    make.ready(old.patient, START, er="positive")
    assert start(old.patient).start_on == START


def test_the_api_starts_previews_and_refuses_alike(clock):
    anna = make.patient()
    make.ready(anna, START)
    signed_off(anna)
    said = {"regimen": "neratinib", "start_on": "2026-01-05"}
    shown = api.post("omar", f"patients/{anna.uuid}/plans/preview/", 200, **said)
    assert shown["at_home"][0]["ends_on"] == "2027-01-03"
    made = api.post("omar", f"patients/{anna.uuid}/plans/", 201, **said)
    assert made["at_home"][0]["doses"][0] | {"dose": "", "source": "", "confidence": ""} == {
        "dose": "", "since": "2026-01-05", "until": "2027-01-03", "source": "", "confidence": "",
    }  # fmt: skip
    assert (made["cycle_days"], made["until"]) == ([], "up to 52 weeks")
    other = make.patient()
    code, _ = api.error(api.post("omar", f"patients/{other.uuid}/plans/", 409, **said))
    assert code == "not-prepared"
    made = api.post("omar", f"patients/{other.uuid}/plans/", 201, **said, in_spite_of="Surgery was abroad.")
    assert made["regimen"] == "neratinib"


def test_the_night_after_its_last_day_completes_it_once(plan, clock):
    clock.move_to("2027-01-03T23:00:00Z")
    tasks.move_horizons()
    plan.refresh_from_db()
    assert plan.state == PlanState.ACTIVE
    clock.move_to("2027-01-09T01:00:00Z")  # some nights were missed
    call_command("move_horizons")
    tasks.move_horizons()
    plan.refresh_from_db()
    assert (plan.state, plan.ended_on) == (PlanState.COMPLETED, LAST)
    assert sentence(Act.objects.get(verb="plan.completed")) == "completed the plan: its last day was Sun 3 Jan 2027"


def test_one_on_hold_is_left_to_its_oncologist(plan, clock):
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.OTHER, note="Diarrhoea.")
    clock.move_to("2027-01-09T01:00:00Z")
    tasks.move_horizons()
    plan.refresh_from_db()
    assert plan.state == PlanState.ACTIVE


def test_hold_resume_and_cease_behave(plan):
    omar = make.person("omar")
    holds.begin(by=omar, plan=plan, reason=HoldReason.OTHER, note="Diarrhoea.")
    client = signed_in("omar")
    assert "On hold since Mon 5 Jan 2026" in words(client.get(url("plan", plan)))
    assert client.get(url("plan-resume", plan)).status_code == 200
    holds.resume(by=omar, plan=plan, note="Better.")
    assert client.get(url("plan-cease", plan)).status_code == 200
    plans.cease(by=omar, plan=plan, reason=CeaseReason.TOXICITY)
    assert "Taken at home, Mon 5 Jan 2026 to Mon 5 Jan 2026" in words(client.get(url("plan", plan)))


def test_what_only_infusions_have_is_refused_in_a_sentence(plan, clock):
    omar = make.person("omar")
    with pytest.raises(Refused) as caught:
        changes.extend(by=omar, plan=plan, cycles=1, reason="Wish", overridden=True)
    assert "has no last cycle" in str(caught.value)
    running = make.plan("trastuzumab-q3w-17", start=START, given=1)
    to = switches.To(make.regimen("neratinib"), date(2026, 1, 26))
    with pytest.raises(Refused) as caught:
        switches.make(by=omar, plan=running, to=to, reason=SwitchReason.OTHER)
    assert caught.value.code == "by-mouth"


@pytest.mark.parametrize(
    "name", ["plan-hold", "plan-cease", "plan-extend", "plan-policy", "plan-prior", "plan-switch", "plan-level"]
)
def test_no_page_about_it_breaks(plan, name):
    assert signed_in("omar").get(url(name, plan)).status_code in (200, 302, 422)
