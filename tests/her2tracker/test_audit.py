"""The record of who did what: complete, with old and new values, and never changed afterwards."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pghistory
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from her2tracker.audit.acts import act_of
from her2tracker.audit.models import Act
from monitoring.actions import flags
from monitoring.models import CardiacFlag, LvefAssessment
from scheduling.actions import patients
from scheduling.models import Administration, Patient
from tests import make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)
# Rows that no person changes, or that are themselves the log.
UNTRACKED = {"RegimenVersion", "ProtocolVersion", "SweepRun", "NextCheck", "FullCheck"}


def events_of(model: type, **fields: Any) -> list[Any]:
    event = apps.get_model(model._meta.app_label, f"{model.__name__}Event")  # type: ignore[attr-defined]
    return list(event.objects.filter(**fields).order_by("pgh_id"))


def test_every_clinical_model_keeps_its_history_by_trigger():
    clinical = [m for label in ("scheduling", "monitoring") for m in apps.get_app_config(label).get_models()]
    named = {m.__name__ for m in clinical if not m.__name__.endswith("Event")}
    tracked = {m.__name__.removesuffix("Event") for m in clinical if m.__name__.endswith("Event")}
    assert named - tracked == UNTRACKED


def test_a_write_by_an_action_leaves_the_act_the_person_and_the_reason_with_the_old_and_new_values():
    anna = make.patient(family_name="Before")
    patients.update(by=make.person("cora"), patient=anna, family_name="After")
    inserted, updated = events_of(Patient, pgh_obj_id=anna.pk)
    assert (inserted.family_name, updated.family_name) == ("Before", "After")
    act = Act.objects.get(verb="patient.updated")
    assert updated.pgh_context.metadata["act"] == str(act.uuid)
    assert updated.pgh_context.metadata["by"] == "Cora Castell"
    assert (act.by_name, act.by_role, act.patient_uuid) == ("Cora Castell", "coordinator", anna.uuid)


def test_a_dose_changed_by_raw_sql_is_in_the_history_too():
    plan = make.plan(start=START, given=1)
    dose = make.cycle(plan, 1).administrations.get()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE scheduling_administration SET given_mg = 999 WHERE id = %s", [dose.pk])
    before, after = events_of(Administration, pgh_obj_id=dose.pk)[-2:]
    assert (before.given_mg, after.given_mg) == (Decimal(560), Decimal(999))


def test_an_act_within_an_act_leaves_each_row_to_its_own():
    plan = make.plan(start=START, given=1)
    row = make.lvef(plan.patient, 40, START + timedelta(days=1))
    flag = CardiacFlag.objects.get(assessment=row)
    recorded = Act.objects.get(verb="assessment.recorded", subject_uuid=row.uuid)
    raised = Act.objects.get(verb="flag.raised", subject_uuid=flag.uuid)
    assert act_of(events_of(LvefAssessment, pgh_obj_id=row.pk)[0]) == str(recorded.uuid)
    assert act_of(events_of(CardiacFlag, pgh_obj_id=flag.pk)[0]) == str(raised.uuid)


def test_rows_written_by_one_statement_have_an_act_each_with_person_and_reason():
    plans = [make.plan(start=START, given=1) for _ in range(2)]
    for plan in plans:
        make.lvef(plan.patient, 40, START + timedelta(days=1))
    first = Act.objects.filter(verb="flag.raised").count()
    CardiacFlag.objects.all().delete()
    with CaptureQueriesContext(connection) as captured:
        flags.reconcile(plans, now=timezone.now())
    assert sum('INSERT INTO "monitoring_cardiacflag"' in query["sql"] for query in captured) == 1
    assert Act.objects.filter(verb="flag.raised").count() == 2 * first
    for flag in CardiacFlag.objects.all():
        [event] = events_of(CardiacFlag, pgh_obj_id=flag.pk)
        act = Act.objects.get(uuid=act_of(event))
        assert (act.subject_uuid, act.patient_uuid) == (flag.uuid, flag.patient.uuid)
        assert (act.by_name, act.reason) == ("her2tracker", flag.sentence)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_act SET by_name = 'nobody'",
        "DELETE FROM audit_act",
        "UPDATE scheduling_administrationevent SET given_mg = 1",
        "DELETE FROM scheduling_administrationevent",
        "UPDATE scheduling_regimenversion SET name = 'other'",
        "DELETE FROM monitoring_protocolversion",
        "TRUNCATE audit_act",
        "TRUNCATE scheduling_administrationevent",
    ],
)
def test_the_log_the_history_and_published_versions_cannot_be_changed(statement: str):
    make.plan(start=START, given=1)
    with pytest.raises(DatabaseError, match="annot"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_act_that_fails_leaves_neither_row_nor_act():
    acts = Act.objects.count()
    with pytest.raises(RuntimeError, match="midway"), pghistory.context(act="x"):
        _register_and_fail()
    assert Act.objects.count() == acts
    assert not Patient.objects.filter(mrn="GONE").exists()


def _register_and_fail() -> None:
    with transaction.atomic():
        make.patient(mrn="GONE")
        raise RuntimeError("midway")


def test_opening_a_chart_is_on_record(client: Client):
    anna, nora = make.patient(), make.person("nora")
    client.force_login(nora)
    client.get(reverse("patient", args=[anna.uuid]))
    opened = Act.objects.get(verb="chart.opened")
    assert (opened.by_id, opened.patient_uuid) == (nora.pk, anna.uuid)


def test_a_denial_is_on_record_with_what_was_wanted(client: Client):
    ada = make.person("ada")
    client.force_login(ada)
    assert client.get(reverse("patients")).status_code == 403
    denied = Act.objects.get(verb="access.denied")
    assert (denied.by_id, denied.details["permission"]) == (ada.pk, "view-patients")
