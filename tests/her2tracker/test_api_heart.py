"""LVEF, baseline, window, flags, echoes, reminders and heartbeats over the API."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine

from monitoring.actions import sweeps
from monitoring.models import CardiacFlag, LvefAssessment, Reminder
from tests import api, make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)
NOW = datetime(2026, 3, 30, 9, tzinfo=UTC)
ECHO = {"performed_on": "2026-03-29", "modality": "echo-2d", "symptoms": "none", "lab": "Echo lab"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def plan():
    return make.plan(start=START, given=4)


def record(plan, status=201, **said):
    return api.post("nora", f"patients/{plan.patient.uuid}/lvef/", status, **(ECHO | said))


def test_a_fall_of_sixteen_points_is_judged_and_flagged_at_once(plan):
    made = record(plan, lvef="46")
    judgement = made["judgement"]
    assert (judgement["advice"], made["plan"], made["is_baseline"]) == ("withhold", str(plan.uuid), False)
    label = next(one for one in judgement["evaluations"] if one["protocol"] == "trastuzumab-us")
    assert "fall-of-16" in [finding["rule_id"] for finding in label["findings"]]
    assert label["findings"][0]["source"].startswith("herceptin-uspi#")
    assert made["flags"] == [str(CardiacFlag.objects.get().uuid)]


def test_a_result_read_again_is_judged_the_same(plan):
    made = record(plan, lvef="46")
    assert api.get("cora", f"lvef/{made['uuid']}/") == made


def test_a_range_keeps_both_ends(plan):
    made = record(plan, lvef="50-55 %")
    assert (made["lvef"], made["ends"]["low"], made["ends"]["high"]) == ("50–55 %", "50", "55")
    same = record(plan, low="50", high="55", performed_on="2026-03-28")
    assert same["ends"] == made["ends"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"lvef": "0.55"}, "lvef"),
        ({"lvef": "550"}, "lvef"),
        ({"lvef": "fine"}, "lvef"),
        ({"low": "55"}, "high"),
        ({"low": "55", "high": "50"}, "lvef"),
        ({"lvef": "55", "low": "50", "high": "55"}, "lvef"),
        ({}, "lvef"),
        ({"lvef": "55", "modality": "x-ray"}, "modality"),
        ({"lvef": "55", "performed_on": "2126-03-29x"}, "performed_on"),
    ],
)
def test_a_result_that_cannot_be_is_refused_and_nothing_is_saved(plan, said, field):
    assert list(record(plan, 400, **said)["error"]["fields"]) == [field]
    assert LvefAssessment.objects.count() == 1


def test_the_same_result_sent_twice_counts_once(plan):
    record(plan, lvef="55")
    assert record(plan, 409, lvef="55")["error"]["code"] == "already-recorded"


def test_a_result_of_tomorrow_is_refused(plan):
    assert record(plan, 409, lvef="55", performed_on="2026-03-31")["error"]["code"] == "in-the-future"


def test_a_result_declared_not_valid_stays_listed_and_no_longer_counts(plan):
    made = record(plan, lvef="40")
    gone = api.post("omar", f"lvef/{made['uuid']}/invalidate/", 200, because="Read from another patient.")
    assert (gone["judgement"], gone["invalidated_by"]) == (None, "Omar Ortega")
    assert len(api.get("nora", f"patients/{plan.patient.uuid}/lvef/")) == 2
    assert CardiacFlag.objects.get().state == "resolved"
    again = api.post("omar", f"lvef/{made['uuid']}/invalidate/", 409, because="Twice.")
    assert again["error"]["code"] == "already-invalid"


def test_a_baseline_is_the_last_result_before_treatment_until_one_is_chosen(plan):
    shown = api.get("nora", f"plans/{plan.uuid}/baseline/")
    assert (shown["baseline"]["lvef"], shown["is_chosen"], shown["choices"]) == ("62 %", False, [])
    older = make.lvef(plan.patient, 65, date(2025, 12, 20))
    chosen = api.post(
        "omar", f"plans/{plan.uuid}/baseline/", 200, assessment=str(older.uuid), reason="Same lab as later ones."
    )
    assert (chosen["baseline"]["lvef"], chosen["is_chosen"]) == ("65 %", True)
    assert chosen["choices"][0]["recorded_by"] == "Omar Ortega"


def test_another_patients_result_is_no_baseline(plan):
    other = make.lvef(make.patient(), 60, START)
    answer = api.post("omar", f"plans/{plan.uuid}/baseline/", 409, assessment=str(other.uuid), reason="Slip.")
    assert answer["error"]["code"] == "not-a-baseline"


def test_the_window_says_when_the_next_lvef_is_due_and_why(plan):
    shown = api.get("nora", f"plans/{plan.uuid}/window/")
    assert (shown["state"], shown["due_on"]) == ("due", "2026-03-30")
    assert "84 days after the LVEF of Mon 5 Jan 2026" in shown["because"]
    assert shown["source"]


def test_a_booking_is_listed_and_replaces_the_one_before(plan):
    address = f"plans/{plan.uuid}/echoes/"
    api.post("cora", address, 201, booked_for="2026-04-02", lab="Echo lab")
    api.post("cora", address, 201, booked_for="2026-04-03", lab="Echo lab")
    listed = api.get("nora", address)
    assert [one["cancelled_at"] is None for one in listed] == [False, True]
    assert api.post("cora", address, 409, booked_for="2026-03-29", lab="Echo lab")["error"]["code"] == "in-the-past"
    assert list(api.post("cora", address, 400, booked_for="2026-04-03")["error"]["fields"]) == ["lab"]


def test_flags_are_filtered_by_state_kind_and_patient(plan):
    record(plan, lvef="40")
    other = make.plan(start=START, given=4)
    assert api.get("omar", "flags/", state="open", kind="finding")["count"] == 1
    assert api.get("omar", "flags/", state="decided")["count"] == 0
    assert api.get("omar", "flags/", patient=str(other.patient.uuid))["count"] == 0
    (flag,) = api.get("omar", "flags/", patient=str(plan.patient.uuid))["results"]
    assert (flag["advice"], flag["next_infusion_on"]) == ("withhold", "2026-03-30")


def test_a_filter_that_means_nothing_is_refused():
    answer = api.client("omar").get("/api/v1/flags/", {"state": "lost"})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["state"])


def test_a_decision_to_hold_is_signed_and_carried_out(plan):
    record(plan, lvef="40")
    flag = CardiacFlag.objects.get()
    said = {"decision": "hold", "reason": "rule-met", "repeat_by": "2026-04-20", "decisions_seen": 0}
    shown = api.post("omar", f"flags/{flag.uuid}/decide/", 200, **said)
    assert (shown["state"], shown["decisions"][0]["recorded_by"]) == ("decided", "Omar Ortega")
    assert api.get("omar", f"plans/{plan.uuid}/")["holds"][0]["repeat_assessment_by"] == "2026-04-20"
    again = api.post("omar", f"flags/{flag.uuid}/decide/", 409, **said)
    assert again["error"]["code"] == "decided-meanwhile"


def test_a_repeat_without_its_date_is_refused(plan):
    record(plan, lvef="40")
    address = f"flags/{CardiacFlag.objects.get().uuid}/decide/"
    answer = api.post("omar", address, 409, decision="repeat", reason="poor-image")
    assert answer["error"]["code"] == "repeat-date-missing"
    assert set(api.post("omar", address, 400, decision="wait")["error"]["fields"]) == {"decision", "reason"}


def test_flags_cost_the_same_queries_for_one_as_for_four(plan, django_assert_max_num_queries):
    record(plan, lvef="40")
    program = api.client("omar")
    with django_assert_max_num_queries(12) as few:
        program.get("/api/v1/flags/")
    for _ in range(3):
        record(make.plan(start=START, given=4), lvef="40")
    with django_assert_max_num_queries(12) as many:
        assert program.get("/api/v1/flags/").json()["count"] == 4
    assert len(many) == len(few)


@pytest.fixture
def reminder(plan):
    make.person("omar")
    record(plan, lvef="40")
    return Reminder.objects.get()


def test_a_failed_reminder_is_sent_again_and_only_a_failed_one(reminder):
    address = f"reminders/{reminder.uuid}/"
    assert api.post("cora", f"{address}retry/", 409)["error"]["code"] == "not-failed"
    Reminder.objects.update(state="failed", attempts=6, last_error="SMTPRecipientsRefused: 550")
    assert api.get("cora", "reminders/", state="failed")["count"] == 1
    retried = api.post("cora", f"{address}retry/", 200)
    assert (retried["state"], retried["attempts"]) == ("queued", 0)


def test_who_may_not_see_patients_reads_no_letter(reminder):
    assert api.get("cora", f"reminders/{reminder.uuid}/")["text"]
    assert api.get("ada", f"reminders/{reminder.uuid}/")["text"] is None


def test_heartbeats_turn_stale_when_checks_have_not_run():
    make.site()
    assert api.get("nora", "heartbeats/")["stale"] is True
    sweeps.flag_overdue_echocardiograms(now=NOW)
    sweeps.flag_lvef_drops(now=NOW)
    beat = api.get("nora", "heartbeats/")
    assert (beat["stale"], {one["name"] for one in beat["sweeps"]}) == (
        False,
        {"flag-overdue-echocardiograms", "flag-lvef-drops"},
    )
