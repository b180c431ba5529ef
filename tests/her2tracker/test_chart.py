"""The patient's chart: the answers of a follow-up visit without scrolling, and the history behind them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from her2tracker.audit.models import Act
from her2tracker.audit.sentences import known_verbs
from monitoring.core.result import Symptoms
from scheduling.actions import cycles, holds, patients
from scheduling.models import BodyMeasurement
from scheduling.words import DelayReason, HoldReason
from tests import make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-10T13:00:00Z", tick=False):
        yield


@pytest.fixture
def seen(client):
    def get(patient, who: str = "omar", more: str = "") -> str:
        client.force_login(make.person(who))
        response = client.get(f"/patients/{patient.uuid}/{more}")
        assert response.status_code == 200
        return " ".join(response.content.decode().replace("\u2009", " ").split())

    return get


def test_it_answers_above_the_fold(seen):
    plan = make.plan(start=START, given=4)
    text = seen(plan.patient)
    assert "cycle 5 of 17" in text
    assert "<strong>4</strong> given" in text
    assert "<strong>13</strong> left" in text
    assert "<strong>Mon 30 Mar 2026</strong>" in text  # cycle 5, and the LVEF 84 days after 5 January
    assert "Mon 20 Apr 2026" in text
    assert "Mon 11 May 2026" in text
    assert "<strong>62 %</strong>" in text


def test_opening_it_is_recorded(seen):
    patient = make.patient()
    seen(patient)
    act = Act.objects.get(verb="chart.opened")
    assert (act.patient_uuid, act.by_name) == (patient.uuid, "Omar Ortega")


def test_open_flags_stand_on_top_with_their_advice(seen):
    plan = make.plan(start=START, given=4)
    make.lvef(plan.patient, 46, date(2026, 3, 9), symptoms=Symptoms.NONE)
    text = seen(plan.patient)
    assert "Withhold advised" in text
    assert "Decide this flag" in text
    assert "fall 16 points" in text
    assert "Hold plan …" in text
    nurse = seen(plan.patient, "nora")
    assert "Decide this flag" not in nurse
    assert "Hold plan …" not in nurse


def test_a_held_plan_names_no_next_date(seen):
    plan = make.plan(start=START, given=4)
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.LVEF_FALL)
    assert "dates count again once the plan is resumed" in seen(plan.patient)


def test_a_patient_without_a_plan_is_told_what_to_do(seen):
    patient = make.patient()
    assert "New plan …" in seen(patient)
    text = seen(patient, "nora")
    assert "An oncologist starts a plan" in text
    assert "No weight or height is recorded" in text
    assert "No LVEF is recorded" in text


def test_a_measurement_and_a_tumour_are_shown(seen):
    patient = make.patient()
    make.weight(patient, "68.4", date(2026, 3, 9))
    patients.describe_tumour(by=make.person("omar"), patient=patient, size_mm=22, nodes_positive=0, her2="positive")
    text = seen(patient)
    assert "68.4 kg" in text
    assert "22" in text
    assert "unknown · unknown · positive" in text


@pytest.mark.parametrize("who", ["ada", "xavier"])
def test_who_may_not_see_patients_is_refused(client, who):
    client.force_login(make.person(who))
    patient = make.patient()
    assert client.get(f"/patients/{patient.uuid}/").status_code == 403
    assert client.get(f"/patients/{patient.uuid}/history/").status_code == 403


def test_another_site_s_patient_is_not_found(client):
    patient = make.patient(make.site(name="Other clinic"))
    client.force_login(make.person("omar"))
    assert client.get(f"/patients/{patient.uuid}/").status_code == 404


def test_a_merged_record_opens_the_one_that_lives_on(seen):
    gone, lives = make.patient(), make.patient()
    patients.merge(by=make.person("cora"), patient=gone, into=lives, reason="Registered twice.")
    assert lives.mrn in seen(gone)


def test_a_longer_story_costs_no_more_queries(client):
    plan = make.plan(start=START, given=1)
    few = queries(client, plan.patient)
    for number in (2, 3, 4):
        make.give(make.cycle(plan, number))
    make.lvef(plan.patient, 60, date(2026, 3, 2))
    assert queries(client, plan.patient) <= few + 1  # a second result is judged against the baseline


def queries(client, patient) -> int:
    client.force_login(make.person("omar"))
    client.get(f"/patients/{patient.uuid}/")
    with CaptureQueriesContext(connection) as captured:
        client.get(f"/patients/{patient.uuid}/")
    return len(captured)


def test_the_history_tells_acts_as_sentences_with_old_and_new(seen):
    plan = make.plan(start=START, given=4)
    cycles.delay(
        by=make.person("nora"), cycle_day=make.cycle(plan, 5), to_on=date(2026, 4, 6), reason=DelayReason.PATIENT_CHOICE
    )
    text = seen(plan.patient, more="history/")
    assert "<strong>Nora Nilsen</strong> (nurse) delayed cycle 5 from Mon 30 Mar 2026 to Mon 6 Apr 2026" in text
    assert "<td>planned on</td><td>Mon 30 Mar 2026</td><td>Mon 6 Apr 2026</td>" in text
    assert "recorded cycle 4 as given on Mon 9 Mar 2026: trastuzumab 420 mg" in text
    assert "17 cycle days added" in text
    assert "without an act" not in text


@pytest.mark.django_db(transaction=True)  # an act's context lasts as long as its transaction
def test_a_change_past_the_product_is_called_out(seen):
    patient = make.patient()
    make.weight(patient, 70, date(2026, 3, 9))
    BodyMeasurement.objects.update(weight_kg=80)
    text = seen(patient, more="history/")
    assert "1 change without an act" in text
    assert "<td>70</td><td>80</td>" in text


def test_the_history_turns_pages(seen):
    patient = make.patient()
    for _ in range(30):
        seen(patient)
    assert "opened the chart" in seen(patient, more="history/?page=2")
    assert "page=1" in seen(patient, more="history/?page=2")


def test_every_act_the_code_records_has_a_sentence():
    written = set()
    for app in ("scheduling", "monitoring", "her2tracker"):
        for path in (Path(settings.BASE_DIR) / app).rglob("*.py"):
            written |= set(re.findall(r'(?:\bact|acts\.record)\(\s*"([a-z-]+\.[a-z-]+)"', path.read_text("utf-8")))
    assert written - {"cycles.delayed"} <= known_verbs()  # the docstring's example
    assert len(written) > 20
