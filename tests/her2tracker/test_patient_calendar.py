"""What a patient takes home: every date to come, in her words, as page, paper, file, feed and API alike."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from her2tracker.audit.models import Act
from her2tracker.clinic.paper.words import languages
from monitoring.models import EchoBooking
from scheduling.actions import cycles, feeds, holds, patients, plans
from scheduling.models import CalendarFeed, Patient
from scheduling.words import CeaseReason, DelayReason, HoldReason
from tests import api, make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-01-05T10:00:00Z", tick=False):
        yield


@pytest.fixture
def get(client):
    def fetch(patient: Patient, name: str = "patient-calendar", who: str = "cora", **query: str) -> Any:
        client.force_login(make.person(who))
        return client.get(reverse(name, args=[patient.uuid]), query)

    return fetch


def events(content: bytes) -> list[Any]:
    return list(Calendar.from_ical(content).walk("VEVENT"))


def test_the_file_has_every_infusion_still_to_come_and_names_the_last(get):
    plan = make.plan(start=START, given=1)
    found = events(get(plan.patient, "patient-calendar-ics").content)
    infusions = [one for one in found if str(one["summary"]).startswith("Infusion")]
    assert [one["dtstart"].dt for one in infusions] == [START + timedelta(21 * n) for n in range(1, 17)]
    assert str(infusions[-1]["summary"]) == "Infusion (last planned)"
    assert infusions[-1]["dtstart"].dt == date(2026, 12, 7)  # CLINICAL.md 4.3: the 17th


def test_the_echoes_due_by_the_label_stand_in_the_file(get):
    plan = make.plan(start=START, given=1, baseline=None, of=with_baseline())
    found = events(get(plan.patient, "patient-calendar-ics").content)
    due = [one["dtstart"].dt for one in found if str(one["summary"]) == "Heart ultrasound due"]
    assert due[:4] == [date(2026, 3, 23), date(2026, 6, 15), date(2026, 9, 7), date(2026, 11, 30)]  # CLINICAL.md 4.3


def with_baseline() -> Patient:
    patient = make.patient()
    make.lvef(patient, 62, date(2025, 12, 29))
    return patient


def test_an_hour_becomes_an_appointment_in_the_sites_zone(get):
    site = make.site(name="Madrid", time_zone="Europe/Madrid")
    plan = make.plan(start=START, given=1, of=make.patient(site))
    cycles.set_time(by=make.person("nora", site), cycle_day=make.cycle(plan, 2), starts_at=time(9, 30))
    program = api.client("cora", site)
    file = program.get(f"/api/v1/patients/{plan.patient.uuid}/calendar/").json()["ics"].encode()
    second = next(one for one in events(file) if one["dtstart"].dt != date(2026, 1, 26) and "T" in str(one.to_ical()))
    assert second["dtstart"].dt.isoformat() == "2026-01-26T09:30:00+01:00"
    assert b"TZID:Europe/Madrid" in file


def test_a_date_that_moves_keeps_its_identity_and_counts_its_sequence_up(get):
    plan = make.plan(start=START, given=1)
    before = {str(one["uid"]): one for one in events(get(plan.patient, "patient-calendar-ics").content)}
    row = make.cycle(plan, 2)
    cycles.delay(
        by=make.person("cora"), cycle_day=row, to_on=row.planned_on + timedelta(3), reason=DelayReason.CAPACITY
    )
    after = {str(one["uid"]): one for one in events(get(plan.patient, "patient-calendar-ics").content)}
    uid = f"{row.uuid}@her2tracker"
    assert after[uid]["dtstart"].dt == before[uid]["dtstart"].dt + timedelta(3)
    assert after[uid]["sequence"] > before[uid]["sequence"]


def test_a_booked_echo_stands_in_for_the_one_that_is_due(get):
    plan = make.plan(start=START, given=1, baseline=None, of=with_baseline())
    EchoBooking.objects.create(
        plan=plan, booked_for=date(2026, 3, 16), lab="Echo lab, floor 2", recorded_by=make.person("cora")
    )
    found = events(get(plan.patient, "patient-calendar-ics").content)
    summaries = {one["dtstart"].dt: str(one["summary"]) for one in found}
    assert summaries[date(2026, 3, 16)] == "Heart ultrasound (booked)"
    assert date(2026, 3, 23) not in summaries
    assert summaries[date(2026, 6, 15)] == "Heart ultrasound due"


@pytest.mark.parametrize("language", sorted(languages()))
def test_no_language_names_the_disease_or_the_drug(get, language: str):
    plan = make.plan("trastuzumab-pertuzumab", start=START, given=1)
    file = get(plan.patient, "patient-calendar-ics", language=language).content.decode().lower()
    for word in ("her2", "cancer", "krebs", "cáncer", "tumo", "trastuzumab", "pertuzumab", "chemo", "testcase", "anna"):
        assert word not in file.replace("@her2tracker", "").replace("-//her2tracker//", ""), word


def test_a_discreet_calendar_says_only_that_she_is_expected(get):
    plan = make.plan(start=START, given=1)
    EchoBooking.objects.create(
        plan=plan, booked_for=date(2026, 3, 16), lab="Heart lab", recorded_by=make.person("cora")
    )
    file = get(plan.patient, "patient-calendar-ics", discreet="on").content.decode()
    for word in ("Infusion", "Heart", "ultrasound", "lab"):
        assert word not in file
    assert "Appointment" in file


def test_the_paper_is_an_accessible_pdf_in_the_patients_language(get):
    plan = make.plan(start=START, given=1, of=make.patient(language="de-at", given_name="A#[$*"))
    response = get(plan.patient, "patient-calendar-pdf", size="large")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    assert b"pdfuaid" in response.content
    assert b"/Lang (de)" in response.content or b"/Lang(de)" in response.content
    assert "Testcase" not in response["Content-Disposition"]


@pytest.mark.parametrize("query", [{"language": "tlh"}, {"size": "huge"}])
def test_a_calendar_that_cannot_be_written_is_refused_with_a_sentence(get, query):
    plan = make.plan(start=START)
    for name in ("patient-calendar-pdf", "patient-calendar-ics"):
        wrong = get(plan.patient, name, **query)
        assert wrong.status_code == 400
        assert "choose from the page" in wrong.content.decode()


def test_a_language_without_words_is_said_to_be_english(get):
    plan = make.plan(start=START, of=make.patient(language="fi"))
    text = get(plan.patient).content.decode()
    assert "no words in her language (“fi”) yet" in text
    assert "Your treatment calendar" in text


def test_on_hold_and_after_the_end_it_says_so(get):
    plan = make.plan(start=START, given=1)
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.CARDIAC_SYMPTOMS)
    assert "Treatment is paused at present" in get(plan.patient).content.decode()
    holds.resume(by=make.person("omar"), plan=plan, note="Recovered.")
    plan.refresh_from_db()
    plans.cease(by=make.person("omar"), plan=plan, reason=CeaseReason.TOXICITY, note="Stopped.")
    text = get(plan.patient).content.decode()
    assert "Infusion" not in text
    assert "Heart ultrasound due" in text  # follow-up goes on after the last dose


def test_a_patient_without_dates_gets_a_page_that_says_so(get):
    assert "No dates are planned at present." in get(make.patient()).content.decode()


def test_a_subscription_is_shown_once_follows_changes_and_ends(client):
    plan = make.plan(start=START, given=1)
    client.force_login(make.person("nora"))
    page = client.post(reverse("patient-calendar-open", args=[plan.patient.uuid]), {"language": "en", "discreet": "on"})
    address = page.context["address"]
    assert address in page.content.decode()
    assert address not in client.get(reverse("patient-calendar", args=[plan.patient.uuid])).content.decode()
    client.logout()
    first = client.get(address)
    assert first["Content-Type"].startswith("text/calendar")
    assert "no-store" in first["Cache-Control"]
    assert b"Testcase" not in first.content
    row = make.cycle(plan, 2)
    cycles.delay(
        by=make.person("cora"), cycle_day=row, to_on=row.planned_on + timedelta(2), reason=DelayReason.CAPACITY
    )
    assert date(2026, 1, 28) in [one["dtstart"].dt for one in events(client.get(address).content)]
    feeds.revoke(by=make.person("cora"), patient=plan.patient)
    assert client.get(address).status_code == 404
    assert client.get("/calendar/feed.ics?key=guessed").status_code == 404
    assert set(Act.objects.filter(verb__startswith="feed.").values_list("verb", flat=True)) == {
        "feed.opened", "feed.revoked",
    }  # fmt: skip


def test_a_new_address_ends_the_old_one_and_the_database_keeps_neither(client):
    patient = make.patient()
    old = feeds.open_feed(by=make.person("cora"), patient=patient, language="en")
    new = feeds.open_feed(by=make.person("cora"), patient=patient, language="en")
    assert client.get(reverse("calendar-feed", query={"key": old})).status_code == 404
    assert client.get(reverse("calendar-feed", query={"key": new})).status_code == 200
    assert not CalendarFeed.objects.filter(fingerprint__in=[old, new]).exists()


def test_ending_what_is_not_open_is_refused(client):
    patient = make.patient()
    answer = api.client("cora").delete(f"/api/v1/patients/{patient.uuid}/calendar/subscription/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "no-feed")


def test_a_merged_record_loses_its_address_and_the_other_keeps_hers(client):
    one, other = make.patient(), make.patient()
    lost = feeds.open_feed(by=make.person("cora"), patient=one, language="en")
    kept = feeds.open_feed(by=make.person("cora"), patient=other, language="en")
    patients.merge(by=make.person("cora"), patient=one, into=other, reason="Registered twice.")
    assert client.get(reverse("calendar-feed", query={"key": lost})).status_code == 404
    assert client.get(reverse("calendar-feed", query={"key": kept})).status_code == 200


def test_page_and_api_tell_the_same_dates(get):
    plan = make.plan(start=START, given=1)
    page = get(plan.patient).context["letter"]
    told = api.get("cora", f"patients/{plan.patient.uuid}/calendar/")
    assert [(one["on"], one["what"]) for one in told["dates"]] == [
        (line.event.on.isoformat(), line.what) for line in page.lines
    ]


def test_two_plans_ask_as_often_as_one(client):
    patient = with_baseline()
    first = make.plan(start=START, given=1, baseline=None, of=patient)
    secret = feeds.open_feed(by=make.person("cora"), patient=patient, language="en")
    client.get(reverse("calendar-feed", query={"key": secret}))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("calendar-feed", query={"key": secret}))
    plans.cease(by=make.person("omar"), plan=first, reason=CeaseReason.TOXICITY, note="Stopped.")
    with time_machine.travel("2026-01-26T10:00:00Z", tick=False):
        make.plan("t-dm1", start=date(2026, 1, 26), baseline=None, of=patient)
        with CaptureQueriesContext(connection) as two:
            client.get(reverse("calendar-feed", query={"key": secret}))
    assert len(two) == len(one)


def test_no_log_line_holds_a_search_or_an_addresss_secret(client, caplog):
    client.force_login(make.person("nora"))
    client.get("/patients/00000000-0000-4000-8000-000000000000/", {"q": "Testcase"})
    client.get("/calendar/feed.ics", {"key": "very-secret"})
    assert "/calendar/feed.ics" in caplog.text
    assert "very-secret" not in caplog.text
    assert "Testcase" not in caplog.text
