"""What a nurse writes down at the chair: vital signs, reactions, and until when the patient stays."""

from __future__ import annotations

from datetime import date, time

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from her2tracker.audit import sentences
from her2tracker.audit.models import Act
from scheduling.models import Reaction, VitalSigns
from tests import api, make
from tests.scheduling.pages import FIFTH, START, record_data, signed_in, url, words

pytestmark = pytest.mark.django_db
SEEN = {"seen_on": "2026-03-30", "seen_at": "10:05"}
VITALS = SEEN | {"temperature_c": "37,2", "pulse_bpm": "88", "systolic_mmhg": "124", "diastolic_mmhg": "78"}
REACTION = SEEN | {
    "agent": "trastuzumab", "grade": "2", "signs": ["fever", "chills"], "action": "interrupted", "note": "Paracetamol."
}  # fmt: skip
TOLD = "grade 2: fever, chills; interrupted, then taken up again"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-30T10:10:00Z", tick=False):
        yield


@pytest.fixture
def fifth():
    return make.cycle(make.plan(start=START, given=4), 5)


def test_a_set_of_vital_signs_is_in_the_table_with_its_time(fifth):
    response = signed_in("nora").post(url("cycle-vitals", fifth), VITALS, follow=True)
    page = words(response)
    assert "Recorded the vital signs of 10:05." in page
    assert "10:05 37.2 88 124/78 — Nora Nilsen" in page
    told = sentences.sentence(Act.objects.get(verb="vitals.recorded"))
    assert told == (
        "recorded vital signs in cycle 5 at 10:05: temperature 37.2 °C, pulse 88/min, upper pressure 124 mmHg, "
        "lower pressure 78 mmHg"
    )


def test_the_form_opens_with_the_clock_as_it_stands(fifth):
    page = signed_in("nora").get(url("cycle-vitals", fifth)).content.decode()
    assert 'value="10:10"' in page
    assert 'value="2026-03-30"' in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"temperature_c": "372"}, "no more than 2 digits before"),
        ({"temperature_c": "29.9"}, "Between 30 and 45"),
        ({"temperature_c": "45.1"}, "Between 30 and 45"),
        ({"saturation_percent": "101"}, "Between 40 and 100"),
        ({"pulse_bpm": "fast"}, "Enter a whole number"),
        ({"diastolic_mmhg": ""}, "A blood pressure has both figures"),
        ({"diastolic_mmhg": "124"}, "must be above the lower one"),
        ({"seen_at": "10:11"}, "10:11 on Mon 30 Mar 2026 has not come yet"),
        ({"seen_at": ""}, "Enter the time"),
        ({"seen_on": "2026-03-29"}, "Record the infusion first"),
    ],
)
def test_a_slip_in_the_vital_signs_is_told_and_nothing_is_kept(fifth, fields, sentence):
    response = signed_in("nora").post(url("cycle-vitals", fifth), VITALS | fields)
    assert response.status_code == 422
    assert sentence in words(response)
    assert not VitalSigns.objects.exists()


def test_an_empty_set_is_refused(fifth):
    assert "Enter at least one figure" in words(signed_in("nora").post(url("cycle-vitals", fifth), SEEN))


def test_a_reaction_stands_with_the_infusion_and_at_the_next_one(fifth, client: Client):
    nora = signed_in("nora")
    page = words(nora.post(url("cycle-reaction", fifth), REACTION, follow=True))
    assert f"Reaction, {TOLD} (trastuzumab)" in page
    assert "Mon 30 Mar 2026 at 10:05, Nora Nilsen: Paracetamol." in page
    assert f"Reaction to trastuzumab on Mon 30 Mar 2026, {TOLD}" not in words(nora.get("/today/"))  # it is this one
    partial = record_data(fifth, FIFTH, trastuzumab="200") | {"trastuzumab-difference_reason": "reaction"}
    nora.post(url("cycle-day", fifth), partial)
    with time_machine.travel("2026-04-20T08:00:00Z", tick=False):
        client.force_login(make.person("nora"))
        today = words(client.get("/today/"))
        row = api.get("nora", "today/")["rows"][0]
    assert f"Reacted on Mon 30 Mar, {TOLD}" in today
    assert f"Reaction to trastuzumab on Mon 30 Mar 2026, {TOLD}" in today
    assert [(one["grade"], one["signs"], one["action"]) for one in row["reactions"]] == [
        (2, ["fever", "chills"], "interrupted")
    ]


def test_a_reaction_is_on_the_plan_and_in_the_history(fifth):
    signed_in("nora").post(url("cycle-reaction", fifth), REACTION)
    page = words(signed_in("omar").get(url("plan", fifth.plan)))
    assert f"Cycle 5, trastuzumab, {TOLD}" in page
    told = sentences.sentence(Act.objects.get(verb="reaction.recorded"))
    assert told == f"recorded a reaction to trastuzumab in cycle 5, Mon 30 Mar 2026 at 10:05, {TOLD}"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"grade": ""}, "Choose the grade"),
        ({"grade": "6"}, "Select a valid choice"),
        ({"signs": []}, "Name at least one sign"),
        ({"signs": ["hiccups"]}, "Select a valid choice"),
        ({"action": ""}, "Say what became of the infusion"),
        ({"agent": "pertuzumab"}, "Select a valid choice"),
        ({"seen_at": "10:11"}, "has not come yet"),
    ],
)
def test_a_reaction_that_says_too_little_is_told_so(fifth, fields, sentence):
    response = signed_in("nora").post(url("cycle-reaction", fifth), REACTION | fields)
    assert response.status_code == 422
    assert sentence in words(response)
    assert not Reaction.objects.exists()


def given_t_dm1(started, stopped):
    """The first T-DM1, 90 minutes watched after its end."""
    row = make.cycle(make.plan("t-dm1", start=FIFTH), 1)
    make.labs(row, FIFTH)
    data = record_data(row, FIFTH, trastuzumab_emtansine="252")
    data |= {"trastuzumab-emtansine-started_at": started, "trastuzumab-emtansine-stopped_at": stopped}
    assert signed_in("nora").post(url("cycle-day", row), data).status_code == 302
    return row


def test_today_says_until_when_a_patient_is_watched(client: Client):
    row = given_t_dm1("08:00", "09:30")
    client.force_login(make.person("nora"))
    assert "Observe until 11:00" in words(client.get("/today/"))
    assert "until 11:00 90 min after the end of Trastuzumab emtansine" in words(client.get(url("cycle-day", row)))
    assert api.get("nora", "today/")["rows"][0]["observe_until"] == "11:00"


@pytest.mark.parametrize(
    ("at", "sentence"), [("10:59", "Observe until 11:00"), ("11:00", "Observed until 11:00: may leave")]
)
def test_the_observation_ends_at_its_minute(at, sentence):
    given_t_dm1("08:00", "09:30")
    with time_machine.travel(f"2026-03-30T{at}:00Z", tick=False):
        assert sentence in words(signed_in("nora").get("/today/"))


def test_without_a_stop_time_the_row_says_what_to_wait_for():
    given_t_dm1("08:00", "")
    assert "Observe 90 min after the end of Trastuzumab emtansine" in words(signed_in("nora").get("/today/"))


@pytest.mark.parametrize("who", ["cora", "pia", "ada", "xavier"])
def test_who_does_not_record_writes_nothing_at_the_chair(fifth, who):
    client = signed_in(who)
    for name, data in (("cycle-vitals", VITALS), ("cycle-reaction", REACTION)):
        assert client.post(url(name, fifth), data).status_code == 403
    assert Reaction.objects.count() + VitalSigns.objects.count() == 0


def test_a_program_writes_and_reads_the_same(fifth):
    address = f"cycle-days/{fifth.uuid}/"
    made = api.post("nora", f"{address}vitals/", 201, **SEEN, saturation_percent=97)
    assert (made["saturation_percent"], made["seen_at"], made["temperature_c"]) == (97, "10:05", None)
    assert api.get("cora", f"{address}vitals/") == [made]
    reacted = api.post("nora", f"{address}reactions/", 201, **(REACTION | {"grade": 3}))
    assert (reacted["grade"], reacted["agent"]) == (3, "trastuzumab")
    assert api.get("cora", f"{address}reactions/") == [reacted]


@pytest.mark.parametrize(
    ("what", "said", "status"),
    [
        ("vitals", SEEN, 409),
        ("vitals", SEEN | {"pulse_bpm": 251}, 409),
        ("vitals", SEEN | {"pulse_bpm": "fast"}, 400),
        ("reactions", REACTION | {"grade": 6}, 400),
        ("reactions", REACTION | {"agent": "pertuzumab"}, 409),
        ("reactions", REACTION | {"signs": []}, 400),
        ("reactions", SEEN, 400),
    ],
)
def test_a_program_is_refused_what_a_page_is(fifth, what, said, status):
    api.post("nora", f"cycle-days/{fifth.uuid}/{what}/", status, **said)


def test_an_amended_stop_time_moves_the_end_of_the_observation():
    row = given_t_dm1("08:00", "09:30")
    dose = row.administrations.get()
    api.post("nora", f"administrations/{dose.uuid}/amend/", 200, stopped_at="09:45", reason="Read off the pump.")
    assert "Observe until 11:15" in words(signed_in("nora").get("/today/"))
    assert dose.cycle_day.plan.vital_signs.count() == 0
    assert (date(2026, 3, 30), time(8, 0)) == (row.administrations.get().given_on, row.administrations.get().started_at)
    assert reverse("cycle-vitals", args=[row.uuid]) in signed_in("nora").get("/today/").content.decode()
