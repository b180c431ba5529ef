"""Going home: the next infusion and the next echo on one page and in one file."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from icalendar import Calendar

from monitoring.actions import assessments
from scheduling.actions import plans
from scheduling.words import CeaseReason
from tests import api, make
from tests.scheduling.pages import START, signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-09T13:45:00Z", tick=False):
        yield


@pytest.fixture
def plan():
    """The fourth was given today; the next echo is due 84 days after the one of 5 January."""
    return make.plan(start=START, given=4)


def page(plan, query="", who="nora"):
    return signed_in(who).get(f"/patients/{plan.patient.uuid}/next/{query}")


def test_the_next_infusion_and_the_next_echo_stand_on_one_page(plan):
    text = words(page(plan))
    assert "Monday 30 March 2026 Infusion" in text
    assert "30 March 2026 Heart ultrasound due" in text
    assert "has a due day and no appointment yet: the coordinator calls the patient" in text
    assert "20 April" not in text  # the one after
    assert "Please call" in text


def test_a_booked_echo_is_named_with_its_lab(plan):
    assessments.book_echo(by=make.person("cora"), plan=plan, booked_for=date(2026, 3, 24), lab="Heart house")
    text = words(page(plan))
    assert "Tuesday 24 March 2026 Heart ultrasound (booked), Heart house" in text
    assert "not booked yet" not in text


def test_discreetly_nothing_says_what_for(plan):
    text = words(page(plan, "?discreet=on"))
    assert "30 March 2026 Appointment" in text
    assert "Heart ultrasound due" not in text


def test_the_file_holds_these_two_dates_and_names_nobody(plan):
    answer = signed_in("nora").get(f"/patients/{plan.patient.uuid}/next/ics/")
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert [event["SUMMARY"] for event in events] == ["Infusion", "Heart ultrasound due"]
    assert plan.patient.family_name not in answer.content.decode()
    assert 'filename="next.ics"' in answer["Content-Disposition"]


def test_when_nothing_more_is_planned_it_says_so(plan):
    plans.cease(by=make.person("omar"), plan=plan, reason=CeaseReason.PATIENT_CHOICE, note="Her wish.")
    assert "No further infusion is planned." in words(page(plan))


@pytest.mark.parametrize("query", ["?language=xx", "?language="])
def test_a_language_without_words_is_told(plan, query):
    assert page(plan, query).status_code == 422
    assert signed_in("nora").get(f"/patients/{plan.patient.uuid}/next/ics/{query}").status_code == 400


def test_the_infusion_just_recorded_leads_there(plan):
    row = make.cycle(plan, 4)
    text = signed_in("nora").get(f"/cycle-days/{row.uuid}/").content.decode()
    assert f'href="/patients/{plan.patient.uuid}/next/"' in text


def test_a_program_reads_the_same(plan):
    shown = api.get("nora", f"patients/{plan.patient.uuid}/next/")
    assert [(one["event"], one["on"]) for one in shown["dates"]] == [
        ("infusion", "2026-03-30"),
        ("echo_due", "2026-03-30"),
    ]
    assert shown["ics"].count("BEGIN:VEVENT") == 2


@pytest.mark.parametrize("who", ["ada", "xavier"])
def test_who_sees_no_patient_sees_no_dates(plan, who):
    assert page(plan, who=who).status_code == 403
