"""From one plan to another: which doses count, what is asked, and what the heart goes by. CLINICAL.md 2 and 4.2."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from her2tracker.audit import sentences
from her2tracker.audit.models import Act
from her2tracker.lib.refusals import Refused
from monitoring.models.standing import standing_of
from scheduling.actions import holds, plans, regimens, switches
from scheduling.actions.switches import To
from scheduling.core.switching import Outcome
from scheduling.models import TreatmentPlan
from scheduling.words import CeaseReason, HoldReason, SwitchReason
from tests import api, make
from tests.scheduling.pages import START, signed_in, url, words

pytestmark = pytest.mark.django_db
TODAY = date(2026, 4, 1)
ON = date(2026, 4, 20)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-04-01T09:00:00Z", tick=False):
        yield


@pytest.fixture
def dual():
    """Trastuzumab and pertuzumab, four given until 9 March."""
    return make.plan("trastuzumab-pertuzumab", start=START, given=4)


def signed(key: str):
    version, omar = make.regimen(key), make.person("omar")
    regimens.sign_off(by=omar, regimen=version, statement="Checked for this test.")
    return version


def data(plan: TreatmentPlan, regimen: str, **more: str) -> dict[str, object]:
    plan.refresh_from_db()
    said = {"regimen": regimen, "start_on": ON.isoformat(), "setting": "adjuvant", "revision": plan.revision}
    return said | {"reason": "residual-disease", "note": "", "act": "switch"} | more


def test_residual_disease_restarts_the_count_at_fourteen_with_a_baseline_of_its_own(dual):
    signed("t-dm1")
    make.lvef(dual.patient, 58, date(2026, 3, 30))
    response = signed_in("omar").post(url("plan-switch", dual), data(dual, "t-dm1"))
    dual.refresh_from_db()
    new = dual.continued_by
    assert response.status_code == 302
    assert (dual.state, dual.end_reason, dual.cycle_days.planned().count()) == ("ceased", "switched", 0)
    assert (new.cycle_days.count(), new.cycle_days.first().cycle, new.starts_new_line) == (14, 1, True)
    assert str(standing_of(new).baseline.lvef) == "58 %"


def test_the_page_shows_what_goes_beside_what_comes_and_saves_nothing(dual):
    signed("t-dm1")
    page = words(signed_in("omar").post(url("plan-switch", dual), data(dual, "t-dm1", act="preview")))
    assert "A new line of treatment: the 4 doses given do not count, and it takes its own baseline." in page
    assert "Mon 30 Mar 2026 cycle 5" in page
    assert "Mon 20 Apr 2026 cycle 1" in page
    assert "0 of 14, 14 left" in page
    assert TreatmentPlan.objects.count() == 1


def test_both_antibodies_to_phesgo_asks_nothing_and_numbering_goes_on(dual):
    phesgo = signed("phesgo")
    new = switches.make(by=make.person("omar"), plan=dual, to=To(phesgo, ON, "adjuvant"), reason=SwitchReason.FORM)
    first = new.cycle_days.first()
    assert (first.cycle, first.of_cycles, new.starts_new_line) == (5, 18, False)
    # 42 days since 9 March: the label loads again from six weeks on
    assert first.administrations.get().kind == "reload"
    assert standing_of(new).baseline == standing_of(dual).baseline


def test_where_no_document_says_the_first_dose_is_asked_before_anything_is_saved():
    plan = make.plan("trastuzumab-sc", start=START, given=4)
    signed("trastuzumab-q3w-18")
    omar = signed_in("omar")
    page = words(omar.post(url("plan-switch", plan), data(plan, "trastuzumab-q3w-18", reason="form")))
    assert "No document says how trastuzumab starts after trastuzumab-hyaluronidase: loading or maintenance" in page
    assert TreatmentPlan.objects.count() == 1
    answered = data(plan, "trastuzumab-q3w-18", reason="form", decided_kind="maintenance")
    assert omar.post(url("plan-switch", plan), answered).status_code == 302
    new = TreatmentPlan.objects.get(continues=plan)
    assert (new.cycle_days.first().cycle, new.prior_treatments.get().decided_kind) == (5, "maintenance")
    assert standing_of(new).baseline == standing_of(plan).baseline


def test_a_form_that_has_one_dose_only_is_not_asked_about():
    plan = make.plan("trastuzumab-q3w-18", start=START, given=4)
    shown = switches.preview(by=make.person("omar"), plan=plan, to=To(signed("trastuzumab-sc"), ON, "adjuvant"))
    assert shown.new is not None
    assert (shown.asks_kind, shown.new.projection.credited) == (False, 4)


def test_the_baseline_a_clinician_chose_goes_with_the_same_line():
    from monitoring.actions import assessments

    plan = make.plan("trastuzumab-q3w-18", start=START, given=4)
    chosen = make.lvef(plan.patient, 66, date(2026, 1, 2))
    assessments.choose_baseline(by=make.person("omar"), plan=plan, assessment=chosen, reason="The better window.")
    to = To(signed("trastuzumab-sc"), ON, "adjuvant", decided_kind="maintenance")
    new = switches.make(by=make.person("omar"), plan=plan, to=to, reason=SwitchReason.FORM)
    assert standing_of(new).baseline == chosen


def test_whether_doses_count_at_all_is_asked_where_no_document_says():
    plan = make.plan("t-dm1", start=START, given=4)
    version = signed("t-dxd")
    omar = make.person("omar")
    asked = switches.preview(by=omar, plan=plan, to=To(version, ON, "adjuvant"))
    assert (asked.new, asked.asks_count, asked.verdict.outcome) == (None, True, Outcome.UNKNOWN)
    with pytest.raises(Refused, match="a clinician decides"):
        switches.make(by=omar, plan=plan, to=To(version, ON, "adjuvant"), reason=SwitchReason.TOXICITY)
    anew = switches.preview(by=omar, plan=plan, to=To(version, ON, "adjuvant", doses_count=False))
    counted = switches.preview(by=omar, plan=plan, to=To(version, ON, "adjuvant", doses_count=True))
    assert [one.new.projection.credited for one in (anew, counted) if one.new] == [0, 4]


def test_t_dm1_stopped_early_completes_the_year_and_shows_both_counts():
    """Four doses from 5 January, the last on 9 March, day 63: nine weeks. Day 364 is 4 January 2027."""
    plan = make.plan("t-dm1", start=START, given=4)
    to = To(signed("trastuzumab-q3w-18"), ON, "adjuvant", decided_kind="loading")
    shown = switches.preview(by=make.person("omar"), plan=plan, to=to)
    assert [(count.done, count.of) for count in shown.verdict.counts] == [(4, 14), (9, 52)]
    new = switches.make(by=make.person("omar"), plan=plan, to=to, reason=SwitchReason.TOXICITY)
    last = new.cycle_days.last()
    assert (new.cap, last.planned_on) == ("weeks", date(2026, 12, 28))


def test_nothing_given_is_nothing_to_switch():
    plan = make.plan(start=date(2026, 4, 6), kg=None, baseline=None)
    with pytest.raises(Refused, match="Nothing was given"):
        switches.preview(by=make.person("omar"), plan=plan, to=To(signed("t-dm1"), ON, "adjuvant"))


def test_what_nobody_decided_is_decided_before_the_switch(dual):
    version = signed("t-dm1")
    holds.begin(by=make.person("omar"), plan=dual, reason=HoldReason.LVEF_FALL)
    page = words(signed_in("omar").post(url("plan-switch", dual), data(dual, "t-dm1")))
    assert "Treatment is stopped: On hold since Wed 1 Apr 2026" in page
    with pytest.raises(Refused, match="Decide that before switching"):
        switches.preview(by=make.person("omar"), plan=dual, to=To(version, ON, "adjuvant"))
    assert TreatmentPlan.objects.count() == 1


def test_a_switch_of_a_plan_changed_meanwhile_is_refused(dual):
    signed("t-dm1")
    page = words(signed_in("omar").post(url("plan-switch", dual), data(dual, "t-dm1", revision="1")))
    assert "Somebody changed this plan" in page
    assert TreatmentPlan.objects.count() == 1


def test_switched_is_no_reason_to_cease(dual):
    with pytest.raises(Refused, match="Switch the plan"):
        plans.cease(by=make.person("omar"), plan=dual, reason=CeaseReason.SWITCHED)
    assert "Switched to another regimen" not in words(signed_in("omar").get(url("plan-cease", dual)))


def test_both_plans_name_each_other_and_the_act_is_told(dual):
    to = To(signed("t-dm1"), ON, "adjuvant")
    new = switches.make(by=make.person("omar"), plan=dual, to=to, reason=SwitchReason.RESIDUAL_DISEASE)
    nora = signed_in("nora")
    assert "Continued by T-DM1" in words(nora.get(url("plan", dual)))
    assert "invasive disease left at surgery. A new line of treatment" in words(nora.get(url("plan", new)))
    told = sentences.sentence(Act.objects.get(verb="plan.switched"))
    assert told == "switched the plan from trastuzumab-pertuzumab v1 to t-dm1 v1: residual disease"


def test_the_old_plan_asks_for_no_more_echoes(dual):
    to = To(signed("t-dm1"), ON, "adjuvant")
    switches.make(by=make.person("omar"), plan=dual, to=to, reason=SwitchReason.RESIDUAL_DISEASE)
    dual.refresh_from_db()
    assert standing_of(dual).window(date(2027, 4, 1)).due_on is None


@pytest.mark.parametrize("who", ["nora", "cora", "pia"])
def test_only_an_oncologist_switches(dual, who):
    assert signed_in(who).get(url("plan-switch", dual)).status_code == 403


def test_the_api_previews_and_switches(dual):
    signed("t-dm1")
    said = {"regimen": "t-dm1", "start_on": ON.isoformat(), "setting": "adjuvant"}
    shown = api.post("omar", f"plans/{dual.uuid}/switch/preview/", 200, **said)
    assert (shown["outcome"], shown["new_baseline"], len(shown["dropped"])) == ("restarts", True, 14)
    assert shown["new"]["cycle_days"][0]["planned_on"] == "2026-04-20"
    made = api.post("omar", f"plans/{dual.uuid}/switch/", 201, **said, reason="residual-disease")
    assert (made["continues"], made["starts_new_line"], len(made["cycle_days"])) == (str(dual.uuid), True, 14)
    assert api.get("nora", f"plans/{dual.uuid}/")["continued_by"] == made["uuid"]


def test_the_api_refuses_what_cannot_be(dual):
    signed("t-dm1")
    said = {"regimen": "t-dm1", "start_on": "2026-03-20", "setting": "adjuvant"}
    assert api.post("omar", f"plans/{dual.uuid}/switch/preview/", 409, **said)["error"]["code"] == "already-past"
    same = said | {"regimen": "trastuzumab-pertuzumab", "start_on": "2026-04-20"}
    assert api.post("omar", f"plans/{dual.uuid}/switch/preview/", 409, **same)["error"]["code"] == "same-regimen"
    api.post("omar", f"plans/{dual.uuid}/switch/", 400, **said)
    api.post("nora", f"plans/{dual.uuid}/switch/", 403, **said, reason="toxicity")
