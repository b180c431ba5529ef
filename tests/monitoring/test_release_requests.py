"""What comes and is not released: one message to each doctor, without anybody's name (USERS.md, 15:00)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from her2tracker.audit.models import Act
from her2tracker.lib.refusals import Refused
from monitoring.actions import delegations, release_requests
from monitoring.models import Reminder
from monitoring.words import ReminderKind
from scheduling.actions import plans, releases
from tests import api, make
from tests.scheduling.pages import signed_in, words

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-01-05T15:00:00Z", tick=False) as traveller:
        yield traveller


def coming(days: int):
    """A plan that starts in so many days, with all that is asked for before it."""
    patient = make.patient()
    make.weight(patient, 70, TODAY)
    make.lvef(patient, 62, TODAY)
    return make.plan(start=TODAY + timedelta(days), of=patient, kg=None, baseline=None)


@pytest.fixture
def rows():
    """Three infusions of Omar's, tomorrow, tomorrow and the day after; one of Olivia's on the third day."""
    made = [coming(days) for days in (1, 1, 2, 3)]
    plans.assign(by=make.person("omar"), plan=made[3], to=make.person("olivia"))
    made[3].refresh_from_db()
    return [make.cycle(plan, 1) for plan in made]


def ask(rows, who="nora"):
    return release_requests.ask(by=make.person(who), cycle_days=rows, now=timezone.now())


def test_each_doctor_gets_one_message_for_all_that_waits(rows):
    ask(rows)
    mails = {str(one.recipient): one for one in Reminder.objects.filter(kind=ReminderKind.RELEASE)}
    assert {who: mail.subject for who, mail in mails.items()} == {
        "Omar Ortega": "3 infusions wait for your release", "Olivia Osei": "1 infusion waits for your release",
    }  # fmt: skip
    text = mails["Omar Ortega"].text
    assert "Tue 6 Jan 2026: 2" in text
    assert "Wed 7 Jan 2026: 1" in text
    assert "Asked by Nora Nilsen" in text
    assert "/releases/" in text


def test_the_message_names_no_patient(rows):
    ask(rows)
    for mail in Reminder.objects.filter(kind=ReminderKind.RELEASE):
        for row in rows:
            patient = row.plan.patient
            for secret in (patient.family_name, patient.given_name, patient.mrn, "trastuzumab"):
                assert secret.lower() not in (mail.subject + mail.text + mail.html).lower()


def test_the_same_is_asked_once_a_day_and_another_question_again(rows):
    assert [one.is_new for one in ask(rows[:2])] == [True]
    assert [one.is_new for one in ask(rows[:2])] == [False]
    assert [one.is_new for one in ask(rows[:3])] == [True]
    assert Reminder.objects.filter(kind=ReminderKind.RELEASE).count() == 2


def test_what_is_released_is_not_asked_for(rows):
    releases.release(by=make.person("omar"), cycle_day=rows[0])
    [asked] = ask(rows[:2])
    assert asked.days == (rows[1],)
    releases.release(by=make.person("omar"), cycle_day=rows[1])
    with pytest.raises(Refused) as refused:
        ask(rows[:2])
    assert refused.value.code == "nothing-waits"


def test_who_stands_in_is_asked(rows):
    delegations.begin(by=make.person("omar"), to=make.person("olivia"))
    asked = ask(rows)
    assert [(str(one.doctor), len(one.days)) for one in asked] == [("Olivia Osei", 4)]


def test_asking_is_on_record(rows):
    ask(rows[:2])
    act = Act.objects.get(verb="releases.asked")
    assert (act.by_name, act.details["of"], act.details["cycles"]) == ("Nora Nilsen", "Omar Ortega", 2)


def test_the_page_lists_the_next_days_and_asks_with_one_press(rows):
    nora = signed_in("nora")
    page = words(nora.get("/today/ahead/"))
    assert "4 infusions not released" in page
    assert "Ask for release of all 4" in page
    assert "Tue 6 Jan 2026 2 ready, 0 not" in page
    page = words(nora.post("/today/ahead/", follow=True))
    assert "Asked Omar Ortega to release 3 infusions." in page
    assert "Asked Omar Ortega today at 15:00: 3 infusions wait for your release (queued)" in page
    page = words(nora.post("/today/ahead/", follow=True))
    assert "Omar Ortega was asked for the same 3 infusions today already." in page


def test_where_a_release_is_needed_what_lacks_one_is_not_ready_and_says_whose_it_is(rows):
    api.patch("ada", "site/", 200, release_required=True)
    page = words(signed_in("nora").get("/today/ahead/"))
    assert "Tue 6 Jan 2026 0 ready, 2 not" in page
    assert "Not released" in page
    assert "Oncologist releases" in page


def test_a_program_asks_too(rows):
    days = api.get("nora", "next-days/")["days"]
    assert [(day["on"], day["ready"], len(day["unreleased"])) for day in days] == [
        ("2026-01-06", 2, 2), ("2026-01-07", 1, 1), ("2026-01-08", 1, 1),
    ]  # fmt: skip
    answer = api.post("cora", "next-days/ask-release/", 200, cycle_days=days[0]["unreleased"])
    assert answer == [{"doctor": "Omar Ortega", "infusions": 2, "is_new": True}]
    elsewhere = make.cycle(make.plan(start=TODAY, of=make.patient(make.site(name="Other clinic"))), 1)
    assert api.error(api.post("nora", "next-days/ask-release/", 409, cycle_days=[str(elsewhere.uuid)]))[0] == (
        "nothing-waits"
    )


@pytest.mark.parametrize("who", ["omar", "pia", "ada", "xavier"])
def test_who_does_not_ask_does_not_ask(rows, who):
    assert signed_in(who).post("/today/ahead/").status_code == 403
