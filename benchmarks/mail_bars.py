"""S13: from a result posted to its urgent mail accepted by an SMTP server; the process that listens is a real one."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.utils import timezone
from rest_framework.test import APIClient

from benchmarks.bars import Bar, p95
from her2tracker.accounts.models import Site
from monitoring.actions import sweeps
from monitoring.models import CardiacFlag, Reminder, SweepRun
from monitoring.words import ReminderState, SweepName
from scheduling.models import Patient
from tests import make
from tests.mail import MailServer

RESULTS = 25  # posted for each bar
IDLE_MS, BUSY_MS = 1000, 5000  # the bars themselves
PATIENCE_SECONDS = 60
WATCH = ("deliver_reminders", "--watch", "--skip-checks")
CHECKS = ("flag_overdue_echocardiograms", "flag_lvef_drops")


def bars(site: Site) -> Iterator[Bar]:
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # the server tells each line it hears
    _as_yesterday_left_it()
    patients = Patient.objects.filter(site=site, assessments__isnull=False).exclude(flags__isnull=False)
    chosen = list(patients.distinct().order_by("-pk")[: RESULTS * 2 + 2])
    with MailServer() as server, _watching(server):
        _taken(site, chosen.pop(), server)  # the first looks for templates
        idle = [_taken(site, chosen.pop(), server) for _ in range(RESULTS)]
        yield Bar("S13", "p95, result posted to urgent mail accepted, idle", p95(idle), IDLE_MS, 1)
        with _reconciling() as runs:
            busy = [_taken(site, chosen.pop(), server) for _ in range(RESULTS)]
        note = f"{runs[0]} reconciles meanwhile"
        yield Bar("S13", "p95, the same while every plan is reconciled", p95(busy), BUSY_MS, 1, note=note)


def _as_yesterday_left_it() -> None:
    """The clinic's flags are raised and their mails long sent: measured is what a new result adds."""
    now = timezone.now()
    sweeps.flag_overdue_echocardiograms(now=now)
    sweeps.flag_lvef_drops(now=now)
    Reminder.objects.filter(state=ReminderState.QUEUED).update(state=ReminderState.SENT, sent_at=now)


def _taken(site: Site, patient: Patient, server: MailServer) -> float:
    """Milliseconds. The flag is there when the post is answered, or this raises."""
    program, before = APIClient(), len(server.messages)
    program.force_authenticate(make.person("nora", site))
    result = {"performed_on": str(site.today()), "lvef": "41", "modality": "echo-2d", "symptoms": "none", "lab": "Lab"}
    begun = time.perf_counter()
    answer = program.post(f"/api/v1/patients/{patient.uuid}/lvef/", result, format="json")
    if answer.status_code != 201 or not CardiacFlag.objects.filter(patient=patient, kind="finding").exists():
        raise RuntimeError(f"no flag in the result's own transaction: {answer.content!r}")
    _until(lambda: len(server.messages) > before, "the mail")
    return (time.perf_counter() - begun) * 1000


def _until(done: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not done():
        if time.monotonic() > ends:
            raise RuntimeError(f"waited {PATIENCE_SECONDS} s for {what}")
        time.sleep(0.002)


@contextmanager
def _watching(server: MailServer) -> Iterator[None]:
    smtp = {"HOST": server.host, "PORT": str(server.port), "TLS": "0"}
    mail = {f"HER2TRACKER_SMTP_{name}": value for name, value in smtp.items()}
    looked = _looks()
    command = [sys.executable, "manage.py", *WATCH]
    process = subprocess.Popen(command, env=os.environ | mail, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        _until(lambda: _looks() > looked, "the watch to look for the first time")
        yield
    finally:
        process.terminate()
        process.wait()


def _looks() -> int:
    return sum(SweepRun.objects.filter(name=SweepName.DELIVERY).values_list("runs", flat=True))


@contextmanager
def _reconciling() -> Iterator[list[int]]:
    """One check after another, in a process of their own, for as long as the block lasts; how many were begun."""
    stopping, begun = threading.Event(), [0]

    def work() -> None:
        while not stopping.is_set():
            begun[0] += 1
            for name in CHECKS:
                subprocess.run([sys.executable, "manage.py", name], check=True, stdout=subprocess.DEVNULL)  # noqa: S603

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield begun
    finally:
        stopping.set()
        thread.join()
