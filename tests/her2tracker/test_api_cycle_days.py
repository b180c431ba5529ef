"""One infusion over the API: due, recorded, delayed, omitted, timed, overridden."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from her2tracker.clinic.today import day_at
from scheduling.models import CycleDay
from tests import api, make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-30T09:00:00Z", tick=False):
        yield


@pytest.fixture
def plan():
    """Four of seventeen given; the fifth is due today, Monday 30 March."""
    return make.plan(start=START, given=4)


@pytest.fixture
def fifth(plan):
    return f"cycle-days/{make.cycle(plan, 5).uuid}/"


def given(mg="420", **more):
    return {"given_on": "2026-03-30", "doses": [{"agent": "trastuzumab", "mg": mg, "product": "Herceptin", **more}]}


def test_an_infusion_shows_what_is_planned_and_that_nothing_stands_against_it(fifth):
    shown = api.get("nora", fifth)
    (dose,) = shown["administrations"]
    assert (shown["cycle"], shown["of_cycles"], shown["planned_on"], shown["state"]) == (5, 17, "2026-03-30", "planned")
    assert (dose["kind"], dose["planned_mg"], dose["arithmetic"]) == ("maintenance", "420", "6 mg/kg × 70 kg = 420 mg")
    assert [one for one in shown["objections"] if one["stops_treatment"]] == []


def test_eight_days_late_a_reload_is_due_and_seven_days_late_it_is_not(fifth):
    (week,) = api.get("nora", f"{fifth}due/", on="2026-04-06")
    (more,) = api.get("nora", f"{fifth}due/", on="2026-04-07")
    assert (week["kind"], week["planned_mg"]) == ("maintenance", "420")
    assert (more["kind"], more["planned_mg"]) == ("reload", "560")
    assert "8 late" in more["because"]


def test_a_date_that_is_none_is_refused(fifth):
    answer = api.client("nora").get(f"/api/v1/{fifth}due/", {"on": "30.3.2026"})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["on"])


def test_a_recorded_infusion_stands_with_its_lot_and_later_days_follow(fifth, plan):
    shown = api.post("nora", f"{fifth}record/", 200, **given(product="Trazimera", lot="AB123", started_at="09:30"))
    (dose,) = shown["administrations"]
    assert (shown["state"], shown["decided_by"]) == ("given", "Nora Nilsen")
    assert (dose["given_mg"], dose["lot"], dose["started_at"]) == ("420", "AB123", "09:30")
    assert make.cycle(plan, 6).planned_on == date(2026, 4, 20)


def test_the_same_record_sent_twice_counts_once_and_says_who_recorded_it(fifth):
    seen = api.get("nora", fifth)["revision"]
    api.post("nora", f"{fifth}record/", 200, **given(), revision=seen)
    code, message = api.error(api.post("nora", f"{fifth}record/", 409, **given(), revision=seen))
    assert code == "already-decided"
    assert "Nora Nilsen on Mon 30 Mar 2026 at 09:00" in message


def test_a_stale_revision_records_nothing(fifth, plan):
    seen = api.get("nora", fifth)["revision"]
    api.post("omar", f"plans/{plan.uuid}/hold/", 200, reason="other")
    assert api.post("nora", f"{fifth}record/", 409, **given(), revision=seen)["error"]["code"] == "changed-meanwhile"


@pytest.mark.parametrize(
    ("dose", "field"),
    [
        ({"agent": "trastuzumab"}, "doses.0.non_field_errors"),
        ({"agent": "trastuzumab", "mg": 420, "ml": 10}, "doses.0.non_field_errors"),
        ({"agent": "trastuzumab", "mg": "lots"}, "doses.0.mg"),
        ({"agent": "trastuzumab", "mg": 420, "expires_on": "soon"}, "doses.0.expires_on"),
    ],
)
def test_a_dose_that_says_nothing_sure_is_refused(fifth, dose, field):
    answer = api.post("nora", f"{fifth}record/", 400, given_on="2026-03-30", doses=[dose])
    assert list(answer["error"]["fields"]) == [field]


@pytest.mark.parametrize("mg", ["-420", "0", "300"])
def test_a_dose_that_does_not_fit_is_refused_beside_its_agent(fifth, mg):
    answer = api.post("nora", f"{fifth}record/", 409, **given(mg))
    assert list(answer["error"]["fields"]) == ["trastuzumab"]
    assert CycleDay.objects.get(uuid=fifth.split("/")[1]).state == "planned"


def test_an_agent_that_is_not_due_is_refused(fifth):
    doses = [*given()["doses"], {"agent": "pertuzumab", "mg": 420}]
    answer = api.post("nora", f"{fifth}record/", 409, given_on="2026-03-30", doses=doses)
    assert "not due" in answer["error"]["message"]


def test_a_delay_is_previewed_with_its_reload_and_then_carried_out(fifth, plan):
    shown = api.post("cora", f"{fifth}delay/preview/", 200, to_on="2026-04-07")
    assert (shown["changed"][0]["old_on"], shown["changed"][0]["new_on"]) == ("2026-03-30", "2026-04-07")
    assert shown["changed"][0]["now"][0]["kind"] == "reload"
    assert (shown["before"]["last_on"], shown["after"]["last_on"]) == ("2026-12-07", "2026-12-15")
    assert make.cycle(plan, 5).planned_on == date(2026, 3, 30)
    moved = api.post("cora", f"{fifth}delay/", 200, to_on="2026-04-07", reason="patient-choice")
    assert (moved["planned_on"], moved["first_planned_on"]) == ("2026-04-07", "2026-03-30")
    assert make.cycle(plan, 6).planned_on == date(2026, 4, 28)


def test_a_delay_to_an_earlier_day_is_refused(fifth):
    for address in (f"{fifth}delay/preview/", f"{fifth}delay/"):
        answer = api.post("cora", address, 409, to_on="2026-03-29", reason="capacity")
        assert answer["error"]["code"] == "not-later"


def test_a_delay_needs_a_date_and_a_reason(fifth):
    assert set(api.post("cora", f"{fifth}delay/", 400)["error"]["fields"]) == {"to_on", "reason"}


def test_an_omission_is_previewed_and_then_carried_out(fifth):
    shown = api.post("nora", f"{fifth}omit/preview/", 200, made_up=True)
    assert shown["after"]["left"] == 13
    omitted = api.post("nora", f"{fifth}omit/", 200, reason="intercurrent-illness", note="Fever.")
    assert (omitted["state"], omitted["omission_reason"]) == ("omitted", "intercurrent-illness")
    assert api.post("nora", f"{fifth}omit/", 409, reason="other")["error"]["code"] == "already-decided"


def test_an_hour_is_set_and_taken_away_and_moves_no_date(fifth):
    assert api.post("cora", f"{fifth}time/", 200, starts_at="09:30")["starts_at"] == "09:30"
    assert api.post("cora", f"{fifth}time/", 200, starts_at=None)["starts_at"] is None
    assert list(api.post("cora", f"{fifth}time/", 400, starts_at="25:00")["error"]["fields"]) == ["starts_at"]


def test_a_withhold_finding_stops_the_record_until_an_oncologist_overrides(fifth, plan):
    make.lvef(plan.patient, 40, date(2026, 3, 29))
    stopping = [one for one in api.get("nora", fifth)["objections"] if one["stops_treatment"]]
    assert len(stopping) == 1
    assert api.post("nora", f"{fifth}record/", 409, **given())["error"]["code"] == "treatment-objection"
    made = api.post("omar", f"{fifth}override/", 201, reason="cardiology-advice", note="Discussed with cardiology.")
    assert list(made["objections"]) == [stopping[0]["key"]]
    assert api.post("nora", f"{fifth}record/", 200, **given())["state"] == "given"


def test_nothing_is_overridden_where_nothing_stands(fifth):
    answer = api.post("omar", f"{fifth}override/", 409, reason="other", note="To be safe.")
    assert answer["error"]["code"] == "nothing-to-override"
    assert list(api.post("omar", f"{fifth}override/", 400, reason="other")["error"]["fields"]) == ["note"]


def test_a_combination_is_recorded_in_millilitres():
    plan = make.plan("phesgo", start=date(2026, 3, 30))
    address = f"cycle-days/{make.cycle(plan, 1).uuid}/"
    (due,) = api.get("nora", f"{address}due/")
    assert (due["kind"], due["planned_ml"]) == ("loading", "15")
    doses = [{"agent": due["agent"], "ml": "15", "product": "Phesgo"}]
    shown = api.post("nora", f"{address}record/", 200, given_on="2026-03-30", doses=doses)
    assert (shown["administrations"][0]["given_ml"], shown["administrations"][0]["given_mg"]) == ("15", None)


def test_today_says_what_the_page_says(plan):
    shown, page = api.get("nora", "today/"), day_at(plan.patient.site, date(2026, 3, 30))
    assert shown["on"] == "2026-03-30"
    assert [(row["cycle_day"]["uuid"], row["state"], row["state_words"]) for row in shown["rows"]] == [
        (str(row.day.uuid), row.state.mark, row.state.words) for row in page.rows
    ]
    assert shown["rows"][0]["patient"]["mrn"] == plan.patient.mrn


def test_an_empty_day_names_the_nearest_days_with_infusions(plan):
    shown = api.get("nora", "today/", on="2026-03-31")
    assert (shown["rows"], shown["before"], shown["after"]) == ([], "2026-03-30", "2026-04-20")


def test_a_missed_infusion_says_what_giving_it_today_would_mean(plan):
    with time_machine.travel("2026-04-07T09:00:00Z", tick=False):
        (row,) = api.get("nora", "today/")["missed"]
    assert row["cycle_day"]["cycle"] == 5
    assert "8 late" in row["if_today"]["reasons"][0]


def test_today_costs_the_same_queries_for_one_row_as_for_eight(plan, django_assert_max_num_queries):
    program = api.client("nora")
    with django_assert_max_num_queries(40) as few:
        program.get("/api/v1/today/")
    for _ in range(7):
        make.plan(start=START, given=4)
    with django_assert_max_num_queries(40) as many:
        assert len(program.get("/api/v1/today/").json()["rows"]) == 8
    assert len(many) == len(few)
