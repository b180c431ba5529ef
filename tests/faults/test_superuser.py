"""F13: somebody with the database's own key edits a dose; the application's role tries to."""

from __future__ import annotations

from datetime import date
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from her2tracker.audit.models import HistoryCheck
from tests import make

START = date(2026, 1, 5)


def as_superuser(*statements: str) -> None:
    """A session of its own with every trigger silenced."""
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"], user=settings["USER"], dbname=settings["NAME"], autocommit=True
    ) as session:
        for statement in ("SET session_replication_role = replica", *statements):
            assert session.execute(statement.encode()).rowcount != 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.fault("F13", "a dose edited alone, with its history, with its act")
@pytest.mark.parametrize(
    "rows",
    [
        ("UPDATE scheduling_administration SET given_mg = 999 WHERE id = {0}",),
        (
            "UPDATE scheduling_administration SET given_mg = 999 WHERE id = {0}",
            "UPDATE scheduling_administrationevent SET given_mg = 999 WHERE pgh_obj_id = {0} AND given_mg IS NOT NULL",
        ),
        ("UPDATE audit_act SET details = '{{}}' WHERE verb = 'administration.given'",),
        ("DELETE FROM audit_act WHERE verb = 'administration.given'",),
    ],
    ids=["the dose", "the dose and its history", "the act", "the act taken away"],
)
def test_the_check_names_what_a_superuser_changed(rows: tuple[str, ...]) -> None:
    dose = make.cycle(make.plan(start=START, given=1), 1).administrations.get()
    call_command("check_history", stdout=StringIO())
    as_superuser(*(row.format(dose.pk) for row in rows))
    out = StringIO()
    with pytest.raises(CommandError, match="differences found"):
        call_command("check_history", stdout=out)
    table = rows[-1].split()[1 if rows[-1].startswith("UPDATE") else 2]
    assert f"of {table} " in out.getvalue()
    assert HistoryCheck.objects.latest("done_at").faults > 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.fault("F13", "the application's role edits the record")
@pytest.mark.parametrize("table", ["audit_act", "audit_seal", "audit_sealedrows", "scheduling_administrationevent"])
def test_the_applications_role_is_refused(table: str) -> None:
    make.plan(start=START, given=1)
    call_command("check_history", stdout=StringIO())
    for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):  # noqa: S608
        with pytest.raises(DatabaseError, match="annot"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
