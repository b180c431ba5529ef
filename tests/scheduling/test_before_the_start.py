"""What the sources ask for before an adjuvant start: named objections, on every page that starts, until overridden."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from her2tracker.lib.refusals import Refused
from scheduling import clearance
from scheduling.actions import cycles, patients, regimens
from scheduling.objection import BEFORE_THE_START
from scheduling.words import OverrideReason
from tests import api, make
from tests.scheduling.pages import signed_in, url, words

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)
KNOWN = {"her2": "positive", "er": "positive", "pr": "negative", "size_mm": 18, "nodes_positive": 0,
         "neoadjuvant_therapy": False, "residual_disease": "none"}  # fmt: skip


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-01-05T09:00:00Z", tick=False):
        yield


def planned(key: str = "trastuzumab-q3w-17", **tumour: object):
    anna = make.patient()
    make.ready(anna, START, **tumour)
    return make.plan(key, start=START, of=anna, setting="adjuvant")


def codes(plan) -> list[str]:
    row = plan.cycle_days.first()
    found = clearance.objections([row], on=START)[row.pk]
    return [o.key.removeprefix(BEFORE_THE_START) for o in found if o.key.startswith("before-the-start")]


def test_a_start_with_everything_on_record_meets_no_objection():
    assert codes(planned()) == []


def test_surgery_not_recorded_stands_against_the_first_infusion():
    plan = planned(surgery_on=None)
    assert codes(plan) == ["surgery-completed"]
    with pytest.raises(Refused, match="Surgery is not recorded as completed"):
        make.give(make.cycle(plan, 1))


@pytest.mark.parametrize(("given", "objected"), [(3, ["four-cycles-of-chemotherapy"]), (4, []), (5, [])])
def test_four_cycles_of_chemotherapy_are_asked_for(given, objected):
    assert codes(planned(chemotherapy_cycles=given)) == objected


@pytest.mark.parametrize(("days", "objected"), [(20, []), (21, []), (22, ["three-weeks-after-anthracycline"])])
def test_trastuzumab_starts_within_three_weeks_of_an_anthracycline(days, objected):
    plan = planned(anthracycline=True, chemotherapy_ended_on=START - timedelta(days=days))
    assert codes(plan) == objected


def test_t_dm1_asks_for_residual_disease():
    assert codes(planned("t-dm1", residual_disease="none")) == ["residual-disease-for-t-dm1"]


def test_an_oncologist_overrides_by_name_and_the_first_dose_is_given():
    plan = planned(surgery_on=None)
    row = make.cycle(plan, 1)
    cycles.override(by=make.person("omar"), cycle_day=row, reason=OverrideReason.OTHER, note="Operated abroad.")
    make.give(row)
    assert codes(plan) == []


def test_the_new_plan_page_names_it_with_its_source():
    anna = make.patient()
    make.weight(anna, 70, START)
    version = make.regimen("trastuzumab-pertuzumab")
    regimens.sign_off(by=make.person("omar"), regimen=version, statement="Checked for this test.")
    patients.describe_tumour(by=make.person("omar"), patient=anna, **KNOWN)
    page = words(
        signed_in("omar").post(
            reverse("plan-new", args=[anna.uuid]),
            {"regimen": "trastuzumab-pertuzumab", "start_on": "2026-01-05", "setting": "adjuvant", "act": "preview",
             "weight": anna.measurements.get().uuid},
        )
    )  # fmt: skip
    assert "Surgery is not recorded as completed (Adjuvant treatment starts after surgery)" in page
    assert "the first infusion waits" in page


def test_the_override_page_lists_the_objection():
    plan = planned(surgery_on=None)
    assert "Surgery is not recorded as completed" in words(
        signed_in("omar").get(url("cycle-override", make.cycle(plan, 1)))
    )


def test_suggestions_say_why_from_where_and_what_would_change_them():
    anna = make.patient()
    make.published()
    patients.describe_tumour(by=make.person("omar"), patient=anna, **KNOWN)
    page = words(signed_in("omar").get(reverse("patient-suggestions", args=[anna.uuid])))
    assert "What would change it" in page
    assert "Surgery is not recorded as completed" in page
    assert "Endocrine therapy When a hormone receptor is positive" in page
    assert "Plan it" in page


def test_nothing_is_suggested_for_what_nobody_said():
    anna = make.patient()
    make.published()
    page = words(signed_in("omar").get(reverse("patient-suggestions", args=[anna.uuid])))
    assert "Nothing can be suggested before this is recorded" in page
    assert "Is the tumour HER2 positive?" in page


@pytest.mark.parametrize("who", ["nora", "cora", "pia"])
def test_suggestions_are_the_oncologists(who):
    anna = make.patient()
    assert signed_in(who).get(reverse("patient-suggestions", args=[anna.uuid])).status_code == 403


def test_the_tumour_form_and_the_api_take_what_preconditions_read():
    anna = make.patient()
    cora = signed_in("cora")
    typed = {"her2": "positive", "er": "unknown", "pr": "unknown", "residual_disease": "unknown",
             "chemotherapy_cycles": "4", "chemotherapy_ended_on": "2025-12-22", "anthracycline": "yes"}  # fmt: skip
    assert cora.post(reverse("patient-tumour", args=[anna.uuid]), typed).status_code == 302
    told = api.get("nora", f"patients/{anna.uuid}/tumour/")
    assert (told["chemotherapy_ended_on"], told["anthracycline"]) == ("2025-12-22", True)
    changed = api.patch("cora", f"patients/{anna.uuid}/tumour/", 200, anthracycline=False)
    assert (changed["anthracycline"], changed["chemotherapy_cycles"]) == (False, 4)
    api.patch("cora", f"patients/{anna.uuid}/tumour/", 400, chemotherapy_ended_on="yesterday")


def test_the_api_suggests_with_preconditions_and_what_runs_alongside():
    anna = make.patient()
    make.published()
    patients.describe_tumour(by=make.person("omar"), patient=anna, **KNOWN)
    first = api.get("omar", f"patients/{anna.uuid}/suggestions/")["suggestions"][0]
    assert first["preconditions"][0]["key"] == "before-the-start:surgery-completed"
    assert "endocrine therapy" in [one["name"] for one in first["alongside"]]
