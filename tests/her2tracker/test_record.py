"""The record proves itself: what was edited, added or taken away past the product is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from her2tracker.accounts.roles import Permission
from her2tracker.audit import history_checks, seals
from her2tracker.audit.history_checks import note
from her2tracker.audit.models import Act, HistoryCheck, Seal, SealedRows
from her2tracker.audit.proof import Proof, proof_of_now
from her2tracker.audit.seals import seal
from her2tracker.audit.tables import live_tables, record_tables
from her2tracker.lib.refusals import Refused
from scheduling.models import Administration
from tests import make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)


@contextmanager
def superuser() -> Iterator[None]:
    """Who owns the database can silence every trigger."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def run(statement: str, *values: object) -> None:
    with superuser(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount, "the statement changed nothing, so it proves nothing"


@pytest.fixture
def dose() -> Administration:
    """One given dose, and everything sealed."""
    plan = make.plan(start=START, given=1)
    assert seal(now=timezone.now()) > 0
    return make.cycle(plan, 1).administrations.get()


def told(**more: str) -> list[str]:
    return [fault.sentence for fault in proof_of_now(**more).faults]


def test_a_record_that_nobody_touched_has_no_faults(dose: Administration):
    proof = proof_of_now()
    assert proof.faults == ()
    assert proof.seals == 1
    assert proof.rows == sum(len(part.keys) for part in SealedRows.objects.all()) > 0
    assert proof.head == Seal.objects.get().digest


def test_every_history_and_the_act_log_are_sealed(dose: Administration):
    names = {table.name for table in record_tables()}
    assert {"audit_act", "scheduling_administrationevent", "monitoring_cardiacflagevent"} <= names
    assert len(names) == len(live_tables()) + 1
    for name in ("audit_act", "scheduling_administrationevent"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {name}")  # noqa: S608
            rows = cursor.fetchone()[0]
        assert sum(len(part.keys) for part in SealedRows.objects.filter(table=name)) == rows > 0


def test_a_dose_edited_by_a_superuser_is_named_with_both_figures(dose: Administration):
    run("UPDATE scheduling_administration SET given_mg = 999 WHERE id = %s", dose.pk)
    [sentence] = told()
    assert f"Row {dose.pk} of scheduling_administration was changed past its history" in sentence
    assert "given_mg is 999" in sentence
    assert "its history says 560" in sentence


def test_a_dose_edited_together_with_its_history_is_named_by_the_seal(dose: Administration):
    run("UPDATE scheduling_administration SET given_mg = 999 WHERE id = %s", dose.pk)
    event = dose.pgh_event_model.objects.filter(pgh_obj_id=dose.pk).latest("pgh_id")
    run("UPDATE scheduling_administrationevent SET given_mg = 999 WHERE pgh_id = %s", event.pgh_id)
    [sentence] = told()
    assert f"Row {event.pgh_id} of scheduling_administrationevent was changed since it was sealed" in sentence


def test_who_did_it_cannot_be_rewritten(dose: Administration):
    run("UPDATE audit_act SET by_name = 'Somebody Else' WHERE verb = 'administration.given'")
    [sentence] = told()
    assert "of audit_act was changed since" in sentence


def test_the_person_in_a_rows_history_cannot_be_rewritten(dose: Administration):
    event = dose.pgh_event_model.objects.filter(pgh_obj_id=dose.pk).latest("pgh_id")
    run("""UPDATE pghistory_context SET metadata = '{"by": "Somebody Else"}' WHERE id = %s""", event.pgh_context_id)
    assert any(f"Row {event.pgh_id} of scheduling_administrationevent was changed" in one for one in told())


def test_a_history_entry_that_is_taken_away_is_named(dose: Administration):
    first = dose.pgh_event_model.objects.filter(pgh_obj_id=dose.pk).earliest("pgh_id")
    run("DELETE FROM scheduling_administrationevent WHERE pgh_id = %s", first.pgh_id)
    [sentence] = told()
    assert f"Row {first.pgh_id} of scheduling_administrationevent is gone since it was sealed" in sentence


def test_a_row_added_past_its_history_is_named(dose: Administration):
    run(
        'INSERT INTO scheduling_closedday (uuid, site_id, "on", name) '
        "SELECT gen_random_uuid(), id, '2026-12-24', 'x' FROM accounts_site LIMIT 1"
    )
    [sentence] = told()
    assert "of scheduling_closedday has no history: it was added past it" in sentence


def test_a_row_deleted_past_its_history_is_named(dose: Administration):
    key = dose.pk
    run("DELETE FROM scheduling_administration WHERE id = %s", key)
    assert told() == [f"Row {key} of scheduling_administration is gone, and its history does not say so."]


def test_a_seal_that_is_edited_taken_away_or_made_anew_shows(dose: Administration):
    make.plan(start=START)
    seal(now=timezone.now())
    head = Seal.objects.latest("number").digest
    assert told(expect=head) == []
    assert told(expect="f" * 64) == [
        "No seal has the digest ffffffffffff…, which was noted before: the chain was made anew."
    ]
    run(
        "UPDATE audit_sealedrows SET digests = substr(digests, 1, 32) WHERE id = (SELECT min(id) FROM audit_sealedrows)"
    )
    assert any("Seal 1 is not the digest of what it holds" in one for one in told())
    run("DELETE FROM audit_sealedrows")
    run("DELETE FROM audit_seal WHERE number = 1")
    assert any("Seal 2 does not follow the one before it" in one for one in told())
    run("DELETE FROM audit_seal")
    run("UPDATE audit_act SET by_name = 'Somebody Else'")
    seal(now=timezone.now())
    [sentence] = told(expect=head)
    assert "which was noted before: the chain was made anew" in sentence


def test_the_end_of_the_chain_at_an_earlier_check_is_remembered(dose: Administration):
    note(HistoryCheck(asked_at=timezone.now()), proof_of_now(), now=timezone.now())
    run("DELETE FROM audit_sealedrows")
    run("DELETE FROM audit_seal")
    run("UPDATE audit_act SET by_name = 'Somebody Else'")
    seal(now=timezone.now())
    [sentence] = told()
    assert "the chain was made anew" in sentence


def test_sealing_again_seals_only_what_is_new(dose: Administration):
    assert seal(now=timezone.now()) == 0
    make.patient()
    assert seal(now=timezone.now()) > 0
    assert Seal.objects.latest("number").number == 2
    assert told() == []


def test_a_row_that_commits_after_later_keys_is_sealed_too(dose: Administration):
    """Sequences give keys before commits come, so a lower key may turn up when higher ones are sealed already."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('audit_act_id_seq')")
        early = cursor.fetchone()[0]
    make.patient()
    seal(now=now)
    Act.objects.create(id=early, verb="chart.opened", by_name="Late")
    assert seal(now=now + timedelta(minutes=50)) == 1
    assert told() == []


def test_what_is_settled_is_not_read_again(dose: Administration, django_assert_max_num_queries):
    """One query for each table and a few for the seal itself, however long the record is."""
    with django_assert_max_num_queries(len(record_tables()) + 4):
        seal(now=timezone.now() + seals.SETTLED_AFTER + timedelta(minutes=1))


def test_a_column_that_a_later_release_adds_alters_no_digest(dose: Administration):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_act ADD COLUMN later text NOT NULL DEFAULT 'new'")
    assert told() == []


def test_a_column_that_is_dropped_is_said_not_passed_over(dose: Administration):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_act DROP COLUMN reason")
    [sentence] = told()
    assert sentence == "Seal 1 cannot be compared: its columns reason of audit_act are no more."


@pytest.mark.django_db(transaction=True)
def test_the_command_names_the_row_and_ends_with_an_error():
    plan = make.plan(start=START, given=1)
    out = StringIO()
    call_command("check_history", stdout=out)
    assert "The chain ends in" in out.getvalue()
    dose = make.cycle(plan, 1).administrations.get()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE scheduling_administration SET given_mg = 999 WHERE id = %s", [dose.pk])
        cursor.execute("SET session_replication_role = origin")
    with pytest.raises(CommandError, match="1 differences found"):
        call_command("check_history", stdout=out)
    assert f"Row {dose.pk} of scheduling_administration" in out.getvalue()
    assert HistoryCheck.objects.latest("done_at").faults == 1


@pytest.mark.django_db(transaction=True)
def test_the_daily_check_runs_once_a_day_and_at_once_when_asked():
    make.plan(start=START, given=1)
    now = timezone.now()
    assert history_checks.work(now=now) == 0
    history_checks.work(now=now + timedelta(hours=1))
    assert HistoryCheck.objects.count() == 1
    asked = history_checks.ask(by=make.person("ada"), now=now + timedelta(hours=2))
    with pytest.raises(Refused, match="already waiting"):
        history_checks.ask(by=make.person("ada"), now=now + timedelta(hours=2))
    history_checks.work(now=now + timedelta(hours=2))
    asked.refresh_from_db()
    assert asked.done_at is not None
    history_checks.work(now=now + timedelta(hours=27))
    assert HistoryCheck.objects.exclude(done_at=None).count() == 3


def test_the_administrator_sees_what_differs_on_every_page(client: Client, dose: Administration):
    client.force_login(make.person("ada"))
    assert "never been compared" in client.get(reverse("site-record")).content.decode()
    run("UPDATE scheduling_administration SET given_mg = 999 WHERE id = %s", dose.pk)
    note(HistoryCheck(asked_at=timezone.now()), proof_of_now(), now=timezone.now())
    page = client.get(reverse("site-record")).content.decode()
    assert "1 row or seal differs" in page
    assert f"Row {dose.pk} of scheduling_administration" in page
    assert "See what differs" in client.get(reverse("people")).content.decode()
    client.force_login(make.person("nora"))
    assert "See what differs" not in client.get(reverse("today")).content.decode()


def test_a_record_that_is_whole_says_so(client: Client, dose: Administration):
    client.force_login(make.person("ada"))
    note(HistoryCheck(asked_at=timezone.now()), proof_of_now(), now=timezone.now())
    assert "The record is as it was written." in client.get(reverse("site-record")).content.decode()


def test_a_check_is_asked_for_on_the_page_and_over_http(client: Client):
    client.force_login(make.person("ada"))
    client.post(reverse("site-record-check"))
    assert "waits for a worker" in client.get(reverse("site-record")).content.decode()
    assert client.post("/api/v1/record/checks/").status_code == 409
    note(HistoryCheck.objects.get(), Proof(1, 2, "a" * 64, ()), now=timezone.now())
    assert client.post("/api/v1/record/checks/").status_code == 201
    rows = client.get("/api/v1/record/checks/").json()["results"]
    assert [row["asked_by"] for row in rows] == [str(make.person("ada"))] * 2
    assert rows[1]["head"] == "a" * 64


def test_an_auditor_takes_a_copy_without_names_and_that_is_on_record(client: Client):
    anna = make.patient(family_name="Nobodyknows", mrn="SECRET-1")
    make.plan(of=anna, start=START, given=1)
    client.force_login(make.person("ada"))
    today = make.person("ada").site.today()
    body = {"first": str(today), "last": str(today)}
    answer = client.post(reverse("site-record-csv"), body)
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/csv")
    assert "administration.given" in text
    assert str(anna.uuid) in text
    assert "Nobodyknows" not in text
    assert "SECRET-1" not in text
    assert Act.objects.get(verb="history.exported").details["acts"] == text.count("\n") - 1


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [("2026-03-02", "2026-03-01", "before the first"), ("2024-01-01", "2026-01-01", "At most a year")],
)
def test_a_span_that_is_none_is_refused_with_a_sentence(client: Client, first: str, last: str, said: str):
    client.force_login(make.person("ada"))
    answer = client.post(reverse("site-record-csv"), {"first": first, "last": last})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert client.get("/api/v1/record/acts/", {"first": first, "last": last}).status_code == 409


def test_another_sites_acts_are_not_in_the_copy(client: Client):
    elsewhere = make.site(name="Elsewhere")
    make.patient(at=elsewhere)
    client.force_login(make.person("ada"))
    today = make.person("ada").site.today()
    found = client.get("/api/v1/record/acts/", {"first": str(today), "last": str(today)}).json()["results"]
    assert "patient.registered" not in {row["verb"] for row in found}
    own = make.patient()
    found = client.get("/api/v1/record/acts/", {"first": str(today), "last": str(today)}).json()["results"]
    assert [row["patient"] for row in found if row["verb"] == "patient.registered"] == [str(own.uuid)]


def test_only_the_administrator_may_read_the_record(client: Client):
    for who in ("nora", "omar", "cora", "pia"):
        client.force_login(make.person(who))
        assert not make.person(who).may(Permission.CHECK_HISTORY)
        assert client.get(reverse("site-record")).status_code == 403
        assert client.get("/api/v1/record/checks/").status_code == 403
