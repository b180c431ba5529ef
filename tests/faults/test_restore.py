"""F14: last night's backup is restored elsewhere. Counts and digests agree, and nobody is told twice."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from her2tracker.audit.models import Act, Seal
from her2tracker.audit.seals import seal
from her2tracker.local.drill import Wanted, drill
from her2tracker.local.postgres import NAME, installed_binaries
from her2tracker.local.state import Refused, make_private, server_account
from monitoring import channels
from monitoring.actions import reminders, restored
from monitoring.models import Reminder
from monitoring.words import ReminderState
from scheduling.models import Administration, Patient
from tests import database, make
from tests.conftest import wait_until
from tests.faults.servers import OwnPostgres, own_postgres

START = date(2026, 1, 5)


@dataclass(frozen=True)
class Clinic:
    """A clinic with a backup of last night, its log until now, and how it was at noon."""

    server: OwnPostgres
    wanted: Wanted
    patients_at_noon: int
    head_at_noon: str


def archived(server: OwnPostgres) -> None:
    """Everything written so far is in the archive."""
    with server.connect() as psql:
        [name] = psql.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone() or [""]
        last = "SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver"
        wait_until(lambda: (psql.execute(last).fetchone() or [""])[0] >= name, "the log to be archived")


@pytest.fixture
def clinic(
    django_db_setup: None, django_db_blocker: Any, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Clinic]:
    cache: Any = request.config.cache
    schema = cache.mkdir("database") / f"{database.fingerprint()}.sql"
    with django_db_blocker.unblock(), own_postgres(schema) as server:
        archive = make_private(server.server.folder / "archive", server_account())
        with server.connect() as psql:
            psql.execute("ALTER SYSTEM SET archive_mode = on")
            psql.execute(f"ALTER SYSTEM SET archive_command = 'cp %p {archive}/%f'")
        connection.close()
        server.running.stop()
        server.start()
        make.plan(start=START, given=1)
        backup = tmp_path / "backup"
        command = [installed_binaries() / "pg_basebackup", "-h", server.host, "-U", NAME, "-D", backup, "-c", "fast"]
        subprocess.run([str(word) for word in command], check=True, capture_output=True)  # noqa: S603
        make.plan(start=START, given=1)
        seal(now=timezone.now())
        head, count = Seal.objects.latest("number").digest, Patient.objects.count()
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()::text")
            noon = cursor.fetchone()[0]
        make.patient(mrn="AFTER-NOON")
        archived(server)
        yield Clinic(server, Wanted(backup, archive, until=noon, expect=head), count, head)


@pytest.mark.timeout(600)
@pytest.mark.fault("F14", "backup restored to a moment; changed behind its back; cut short")
def test_a_backup_comes_back_to_the_moment_asked_for_and_says_when_it_is_not_whole(clinic: Clinic) -> None:
    found = drill(clinic.wanted)
    assert found.counts["scheduling_patient"] == clinic.patients_at_noon
    assert clinic.head_at_noon in found.said
    everything = drill(replace(clinic.wanted, until=""))
    assert everything.counts["scheduling_patient"] == clinic.patients_at_noon + 1

    dose = Administration.objects.filter(given_on__isnull=False).first()
    assert dose is not None
    with clinic.server.connect() as psql:
        psql.execute("SET session_replication_role = replica")
        psql.execute("UPDATE scheduling_administration SET given_mg = 999 WHERE id = %s", [dose.pk])
    archived(clinic.server)
    assert drill(clinic.wanted).counts == found.counts, "before the edit all was well"
    with pytest.raises(Refused, match=f"Row {dose.pk} of scheduling_administration was changed past its history"):
        drill(replace(clinic.wanted, until=""))

    with pytest.raises(Refused, match="the chain was made anew"):
        drill(replace(clinic.wanted, expect="f" * 64))
    with pytest.raises(Refused, match="is no base backup"):
        drill(replace(clinic.wanted, backup=clinic.wanted.archive))


@pytest.mark.django_db(transaction=True)
@pytest.mark.fault("F14", "mail after a restore: what was perhaps sent waits for a person")
@override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
def test_after_a_restore_nobody_is_told_again_and_what_is_new_is_told() -> None:
    plan = make.plan(start=timezone.now().date() - timedelta(days=60), given=2)
    make.lvef(plan.patient, 40, timezone.now().date() - timedelta(days=1))
    owed = Reminder.objects.filter(state=ReminderState.QUEUED).count()
    assert owed > 0, "a withhold finding owes a mail"

    held = restored.hold_messages(now=timezone.now())

    assert held >= owed
    assert reminders.deliver(channels.send) == 0
    assert mail.outbox == []
    failed = Reminder.objects.filter(state=ReminderState.FAILED)
    assert failed.count() == held
    assert {row.last_error for row in failed} == {restored.WHY}
    assert Act.objects.get(verb="messages.held").details == {"count": held}
    assert restored.hold_messages(now=timezone.now()) == 0, "what is held stays as it is"

    other = make.plan(start=timezone.now().date() - timedelta(days=60), given=2)
    make.lvef(other.patient, 40, timezone.now().date())
    assert reminders.deliver(channels.send) == 1
    assert len(mail.outbox) == 1
