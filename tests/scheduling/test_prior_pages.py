"""Doses given before a plan, entered after its start: numbering, loading and the end follow; given rows never move."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import time_machine

from her2tracker.audit import sentences
from her2tracker.audit.models import Act
from her2tracker.lib.refusals import Refused
from scheduling.actions import changes, closed_days, cycles, priors
from scheduling.actions.plans import Prior
from scheduling.models import TreatmentPlan
from scheduling.words import DelayReason
from tests import api, make
from tests.scheduling.pages import START, signed_in, url, words

pytestmark = pytest.mark.django_db
SIX = Prior("trastuzumab", 6, date(2025, 12, 15), date(2025, 9, 1), "Before surgery, elsewhere")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-02-10T09:00:00Z", tick=False):
        yield


@pytest.fixture
def plan():
    """Herceptin every three weeks, two given: 5 and 26 January."""
    return make.plan("trastuzumab-q3w-18", start=START, given=2)


def data(plan, **more):
    plan.refresh_from_db()
    said = {"trastuzumab-doses": "6", "trastuzumab-last_given_on": "2025-12-15", "trastuzumab-place": "Elsewhere"}
    return said | {"reason": "Discharge letter", "revision": plan.revision, "act": "correct"} | more


def rows(plan):
    return [(row.cycle, row.planned_on, row.state) for row in plan.cycle_days.all()]


def test_eighteen_less_six_before_surgery_are_twelve_numbered_seven_to_eighteen(plan):
    before = rows(plan)
    priors.correct(by=make.person("omar"), plan=plan, prior=[SIX], reason="Discharge letter")
    after = rows(plan)
    assert [cycle for cycle, _, _ in after] == list(range(7, 19))
    assert [row[1:] for row in after] == [row[1:] for row in before[:12]]
    given = make.cycle(plan, 7).administrations.get()
    assert (given.kind, given.given_mg) == ("loading", Decimal(560))


def test_no_row_is_written_anew_when_only_numbers_change(plan):
    uuids = list(plan.cycle_days.values_list("uuid", flat=True))
    priors.correct(by=make.person("omar"), plan=plan, prior=[SIX], reason="Discharge letter")
    assert list(plan.cycle_days.values_list("uuid", flat=True)) == uuids[:12]


def test_the_preview_marks_what_would_fall_on_a_closed_day(plan):
    """The third stands on Mon 16 Feb, whatever number it takes."""
    closed_days.close(by=make.person("ada"), on=date(2026, 2, 16), name="Works in the ward")
    page = words(signed_in("omar").post(url("plan-prior", plan), data(plan, act="preview")))
    assert "Cycle 9 Mon 16 Feb 2026 Site closed: Works in the ward Open Tue 17 Feb 2026, 1 day later" in page


def test_a_delay_goes_with_its_cycle(plan):
    cycles.delay(
        by=make.person("nora"), cycle_day=make.cycle(plan, 3), to_on=date(2026, 2, 23), reason=DelayReason.TOXICITY
    )
    priors.correct(by=make.person("omar"), plan=plan, prior=[SIX], reason="Discharge letter")
    assert (plan.delays.get().cycle, make.cycle(plan, 9).planned_on) == (9, date(2026, 2, 23))


def test_taken_back_the_plan_is_as_it_was(plan):
    before = rows(plan)
    for prior in ([SIX], []):
        priors.correct(by=make.person("omar"), plan=plan, prior=prior, reason="Corrected")
    assert rows(plan) == before


def test_a_plan_not_begun_loads_no_more_when_the_last_dose_is_recent():
    """20 days since the last dose elsewhere: it starts with maintenance (B13)."""
    plan = make.plan("trastuzumab-q3w-18", start=date(2026, 2, 16), kg=None, baseline=None)
    recent = Prior("trastuzumab", 6, date(2026, 1, 27))
    priors.correct(by=make.person("omar"), plan=plan, prior=[recent], reason="Discharge letter")
    assert make.cycle(plan, 7).administrations.get().kind == "maintenance"


def test_more_doses_than_there_is_room_for_contradict_what_was_given(plan):
    before = rows(plan)
    with pytest.raises(Refused, match="These earlier doses cannot be: cycle 19 would be given already"):
        priors.correct(
            by=make.person("omar"), plan=plan, prior=[Prior("trastuzumab", 17, date(2025, 12, 15))], reason="x"
        )
    assert rows(plan) == before


def test_doses_after_the_start_are_refused(plan):
    with pytest.raises(Refused, match="must lie before the start"):
        priors.preview_correct(by=make.person("omar"), plan=plan, prior=[Prior("trastuzumab", 1, date(2026, 1, 10))])


def test_the_page_shows_every_number_before_it_is_saved(plan):
    page = words(signed_in("omar").post(url("plan-prior", plan), data(plan, act="preview")))
    assert "Cycle 1 Mon 5 Jan 2026 Cycle 7 Mon 5 Jan 2026" in page
    assert "Still to give 16 10" in page
    assert not plan.prior_treatments.exists()


def test_the_page_corrects_and_shows_it_afterwards(plan):
    omar = signed_in("omar")
    assert omar.post(url("plan-prior", plan), data(plan)).status_code == 302
    assert plan.prior_treatments.get().doses == 6
    assert "Trastuzumab: 6 given" in words(omar.get(url("plan-prior", plan)))
    told = sentences.sentence(Act.objects.get(verb="plan.credited"))
    assert told == "corrected earlier doses from none to 6 trastuzumab"


def test_a_correction_without_how_it_is_known_is_refused(plan):
    response = signed_in("omar").post(url("plan-prior", plan), data(plan, reason=""))
    assert response.status_code == 422
    assert "Say in a sentence how you know" in words(response)
    assert not plan.prior_treatments.exists()


def test_an_agent_nothing_relates_is_asked_about(plan):
    typed = {"pertuzumab-doses": "3", "pertuzumab-last_given_on": "2025-12-01", "trastuzumab-doses": "",
             "trastuzumab-last_given_on": "", "trastuzumab-place": ""}  # fmt: skip
    page = words(signed_in("omar").post(url("plan-prior", plan), data(plan, act="preview", **typed)))
    assert "After Pertuzumab, the first dose of this plan is" in page


def test_a_plan_changed_meanwhile_is_refused_and_nothing_saved(plan):
    response = signed_in("omar").post(url("plan-prior", plan), data(plan, revision="1"))
    assert response.status_code == 422
    assert not plan.prior_treatments.exists()


@pytest.mark.parametrize("who", ["nora", "cora", "pia"])
def test_only_an_oncologist_corrects_them(plan, who):
    assert signed_in(who).get(url("plan-prior", plan)).status_code == 403


def test_the_api_previews_and_corrects(plan):
    prior = [{"agent": "trastuzumab", "doses": 6, "last_given_on": "2025-12-15"}]
    shown = api.post("omar", f"plans/{plan.uuid}/prior/preview/", 200, prior=prior)
    assert (shown["after"]["credited"], shown["lines"][0]["was"]["cycle"], shown["lines"][0]["now"]["cycle"]) == (
        6,
        1,
        7,
    )
    assert shown["lines"][-1]["now"] is None
    made = api.post("omar", f"plans/{plan.uuid}/prior/", 200, prior=prior, reason="Discharge letter")
    assert [day["cycle"] for day in made["cycle_days"]] == list(range(7, 19))
    twice = api.post("omar", f"plans/{plan.uuid}/prior/", 400, prior=prior * 2, reason="x")
    assert "Name each agent once" in str(twice)
    api.post("omar", f"plans/{plan.uuid}/prior/", 400, prior=prior)


def test_a_reduced_dose_goes_with_its_cycle_when_earlier_doses_are_corrected():
    """Doses of T-DM1 taken back: the reduction must not start later, at the full dose meanwhile."""
    four = Prior("trastuzumab-emtansine", 4, date(2025, 12, 15), date(2025, 10, 13), "Elsewhere")
    plan, omar = make.plan("t-dm1", start=START, given=1, kg=70, prior=[four]), make.person("omar")
    changes.reduce(by=omar, plan=plan, agent="trastuzumab-emtansine", from_cycle=7, reason="Platelets")
    before = doses_of(plan)
    assert before[:3] == [Decimal(252), Decimal(252), Decimal(210)]  # cycles 5 and 6 at 3.6, from 7 at 3.0 mg/kg
    two = Prior("trastuzumab-emtansine", 2, date(2025, 12, 15), date(2025, 11, 24), "Elsewhere")
    shown = priors.preview_correct(by=omar, plan=fresh(plan), prior=[two]).after
    priors.correct(by=omar, plan=fresh(plan), prior=[two], reason="The discharge letter says two")
    assert plan.level_changes.get().from_cycle == 5
    assert doses_of(plan)[: len(before)] == before
    assert [(e.cycle, e.dose.mg_per_kg) for e in shown.entries] == [
        (row.cycle, (dose.given_mg or dose.planned_mg) / 70)
        for row in plan.cycle_days.all()
        for dose in row.administrations.all()
    ]


def doses_of(plan):
    return [d.given_mg or d.planned_mg for row in plan.cycle_days.all() for d in row.administrations.all()]


def fresh(plan):
    return TreatmentPlan.objects.with_facts().get(pk=plan.pk)
