"""The running infusion on pages and over HTTP: the same acts, the same refusals."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.actions import holds
from scheduling.models import InfusionRun
from scheduling.words import DayState, HoldReason
from tests import api, make
from tests.scheduling.pages import signed_in, url, words

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-01-05T09:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def row():
    return make.cycle(make.plan(start=TODAY, kg=70), 1)


def start_data(row, at="09:00", agent="trastuzumab", **more):
    row.plan.refresh_from_db()
    return {
        "revision": row.plan.revision, "agent": agent, "started_at": at, "product": make.product(agent),
        "lot": "LOT-9", "expires_on": "2026-12-31", "rate_ml_per_h": "166,7", "next": "/today/",
    } | more  # fmt: skip


def started(row, **more):
    response = signed_in("nora").post(url("cycle-start", row), start_data(row, **more), follow=True)
    assert response.status_code == 200, words(response)
    return InfusionRun.objects.latest("pk")


def today(who="nora", query=""):
    return words(signed_in(who).get("/today/" + query))


def test_the_row_offers_a_start_and_then_shows_what_runs_to_every_nurse(row):
    assert "Start …" in today()
    started(row)
    page = today()
    assert "Running since 09:00" in page
    assert "09:00 until 10:30" in page
    assert "lot LOT-9" in page
    assert "Stop …" in page
    assert "Start …" not in page
    assert "Running since 09:00" in today("omar")


def test_the_start_page_says_what_stands_against_it_and_offers_nothing(row):
    holds.begin(by=make.person("omar"), plan=row.plan, reason=HoldReason.LVEF_FALL)
    page = words(signed_in("nora").get(url("cycle-start", row)))
    assert "Do not start." in page
    assert "On hold since" in page
    refused = signed_in("nora").post(url("cycle-start", row), start_data(row))
    assert refused.status_code == 422
    assert not InfusionRun.objects.exists()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"started_at": "09:01"}, "09:01 has not come yet"),
        ({"started_at": ""}, "Enter the time"),
        ({"product": ""}, "Choose the product"),
        ({"expires_on": "2026-01-04"}, "This product has expired"),
        ({"rate_ml_per_h": "fast"}, "Enter a number"),
        ({"revision": 0}, "Somebody changed this plan"),
    ],
)
def test_a_slip_in_the_start_is_told_and_nothing_runs(row, more, sentence):
    refused = signed_in("nora").post(url("cycle-start", row), start_data(row) | more)
    assert refused.status_code == 422
    assert sentence in words(refused)
    assert not InfusionRun.objects.exists()


def test_a_hold_placed_while_it_runs_is_on_the_row_and_the_stop_stays_there(row):
    started(row)
    holds.begin(by=make.person("omar"), plan=row.plan, reason=HoldReason.CARDIAC_SYMPTOMS)
    page = today()
    assert "On hold: cardiac symptoms" in page
    assert "09:00 until 10:30" in page
    assert "Stop …" in page


def test_a_stop_with_less_asks_why_and_then_records_the_day(row, clock):
    run = started(row)
    clock.move_to("2026-01-05T10:20:00Z")
    nora = signed_in("nora")
    page = words(nora.get(url("run-stop", run)))
    assert "planned until 10:30" in page
    data = {"stopped_at": "10:20", "amount": "500", "next": "/today/"}
    refused = nora.post(url("run-stop", run), data)
    assert refused.status_code == 422
    assert "500 differs by 10.7 % from the 560 planned: choose a reason" in words(refused)
    done = nora.post(url("run-stop", run), data | {"difference_reason": "stopped-early"}, follow=True)
    assert "Trastuzumab stopped at 10:20. Recorded cycle 1 as given." in words(done)
    row.refresh_from_db()
    assert row.state == DayState.GIVEN


def test_a_mistaken_start_is_withdrawn_from_the_page(row):
    run = started(row)
    nora = signed_in("nora")
    assert "Say in a sentence why" in words(nora.post(url("run-withdraw", run), {"reason": ""}))
    nora.post(url("run-withdraw", run), {"reason": "Wrong chair."})
    assert "Running since" not in today()
    assert "Start …" in today()


def test_vital_signs_fall_due_by_the_clock_the_longest_overdue_first(row, clock):
    other = make.cycle(make.plan(start=TODAY, of=make.patient(family_name="Aaron")), 1)
    started(row)
    assert "Vital signs due 09:00" in today()
    signed_in("nora").post(url("cycle-vitals", row), {"seen_on": "2026-01-05", "seen_at": "09:00", "pulse_bpm": "80"})
    assert "Vital signs due" not in today()
    assert "Vital signs next at 09:15" in today()
    clock.move_to("2026-01-05T09:19:00Z")
    page = today()
    assert "Vital signs due 09:15 , 4 min late" in page
    assert page.index(row.plan.patient.mrn) < page.index(other.plan.patient.mrn)  # Aaron stands first otherwise


def test_the_open_list_asks_again_each_minute_while_something_runs(row, clock):
    nora = signed_in("nora")

    def again():
        page = nora.get("/today/").content.decode()
        return page.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")

    quiet = again()
    assert nora.get(quiet, headers={"HX-Request": "true"}).status_code == 204
    clock.move_to("2026-01-05T09:01:00Z")
    assert nora.get(quiet, headers={"HX-Request": "true"}).status_code == 204, "nothing runs, so no minute counts"
    clock.move_to("2026-01-05T09:00:00Z")
    started(row)
    address = again()
    assert nora.get(address, headers={"HX-Request": "true"}).status_code == 204
    clock.move_to("2026-01-05T09:16:00Z")
    answer = nora.get(address, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Vital signs due" in words(answer)


def test_a_row_costs_no_query_of_its_own(row):
    started(row)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            today()
        return len(captured)

    before = queries()
    for _ in range(3):
        started(make.cycle(make.plan(start=TODAY, kg=70), 1))
    assert queries() == before


def test_the_page_of_the_infusion_shows_what_runs_and_records_the_rest_in_one_go(clock):
    row = make.cycle(make.plan("trastuzumab-pertuzumab", start=TODAY, kg=70), 1)
    first, second = [dose.agent for dose in row.administrations.all()]
    run = started(row, agent=first)
    nora = signed_in("nora")
    page = words(nora.get(url("cycle-day", row)))
    assert "The infusion is recorded when it stops" in page
    clock.move_to("2026-01-05T10:40:00Z")
    nora.post(url("run-stop", run), {"stopped_at": "10:30", "amount": str(run.planned_mg)})
    page = words(nora.get(url("cycle-day", row)))
    assert "Start the next agent …" in page
    row.plan.refresh_from_db()
    left_out = {"given_on": "2026-01-05", "revision": row.plan.revision, f"{second}-omission_reason": "toxicity"}
    nora.post(url("cycle-day", row), left_out)
    row.refresh_from_db()
    assert row.state == DayState.GIVEN


@pytest.mark.parametrize("who", ["cora", "pia", "ada", "xavier"])
def test_who_does_not_record_neither_starts_nor_stops(row, who):
    run = started(row)
    client = signed_in(who)
    for name, of in (("cycle-start", row), ("run-stop", run), ("run-withdraw", run)):
        assert client.post(url(name, of), {}).status_code == 403


# Over HTTP

BODY = {"agent": "trastuzumab", "started_at": "09:00", "product": "Herceptin (trastuzumab)", "lot": "LOT-9"}


def test_a_program_starts_stops_and_reads_what_is_due(row, clock):
    made = api.post("nora", f"cycle-days/{row.uuid}/runs/", 201, **BODY)
    assert (made["planned_mg"], made["planned_minutes"], made["stopped_at"]) == ("560", 90, None)
    clock.move_to("2026-01-05T09:19:00Z")
    stands = api.get("omar", f"cycle-days/{row.uuid}/runs/")
    assert [one["agent"] for one in stands["runs"]] == ["trastuzumab"]
    asked = stands["vital_signs"]
    assert (asked["due"]["due"], asked["late"], asked["next"]["due"]) == ("2026-01-05T09:00", 19, "2026-01-05T09:30")
    assert asked["source"] == "site-policy#vital-signs"
    today_row = api.get("nora", "today/")["rows"][0]
    assert (today_row["state"], today_row["runs"][0]["lot"]) == ("running", "LOT-9")
    assert today_row["vital_signs"]["late"] == 19
    clock.move_to("2026-01-05T10:30:00Z")
    stopped = api.post("nora", f"infusion-runs/{made['uuid']}/stop/", 200, stopped_at="10:30")
    assert (stopped["given_mg"], stopped["stopped_by"]) == ("560", "Nora Nilsen")
    assert api.get("nora", f"cycle-days/{row.uuid}/")["state"] == "given"


def test_a_program_is_refused_as_a_person_is(row):
    address = f"cycle-days/{row.uuid}/runs/"
    assert api.error(api.post("nora", address, 409, **(BODY | {"started_at": "09:01"})))[0] == "in-the-future"
    assert api.post("nora", address, 400, **(BODY | {"started_at": "nine"}))["error"]["code"] == "invalid"
    made = api.post("nora", address, 201, **BODY)
    assert api.error(api.post("nora", address, 409, **BODY))[0] in ("already-started", "another-runs")
    assert api.error(api.post("nora", f"infusion-runs/{made['uuid']}/stop/", 409, stopped_at="08:59"))[0] == (
        "before-the-start"
    )
    withdrawn = api.post("nora", f"infusion-runs/{made['uuid']}/withdraw/", 200, reason="Wrong patient.")
    assert withdrawn["withdrawn_by"] == "Nora Nilsen"


def test_of_two_who_start_at_once_the_second_reads_that_the_first_has_started_it(row):
    data = start_data(row, lot="MINE-1")
    started(row)
    refused = signed_in("nils").post(url("cycle-start", row), data)
    page = words(refused)
    assert refused.status_code == 422
    assert "Nora Nilsen started trastuzumab" in page
    assert 'value="MINE-1"' in refused.content.decode()
    assert InfusionRun.objects.count() == 1
