"""The product's own Celery application, made to hurry and to die where a test says."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from celery.signals import task_postrun, task_prerun

from her2tracker.celery import app

EVERY_SECONDS = 2.0
VICTIM = "FAULT_VICTIM"  # names a file: which program dies, and before which statement of its next check

for entry in app.conf.beat_schedule.values():
    entry["schedule"] = EVERY_SECONDS
    entry["options"] = {}  # nothing expires that waited for two seconds


class Death:
    """Kills a process of its own worker outright before the n-th statement of a check; once."""

    def __init__(self, victim: str, before: int) -> None:
        self.pids = [os.getpid()] if victim == "child" else [os.getppid(), os.getpid()]
        self.left = before

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            for pid in self.pids:
                os.kill(pid, signal.SIGKILL)
        return execute(sql, params, many, context)


@task_prerun.connect  # type: ignore[untyped-decorator]
def doom(**_: Any) -> None:
    from django.db import connection

    small_batches()
    with suppress(KeyError, FileNotFoundError):
        order = Path(os.environ[VICTIM])
        victim, before = order.read_text().split()
        order.unlink()  # who takes it dies, and nobody else
        connection.execute_wrappers.append(Death(victim, int(before)))


@task_postrun.connect  # type: ignore[untyped-decorator]
def spare(**_: Any) -> None:
    """Whose point lay past the check's end lives on: no later check dies of it."""
    from django.db import connection

    connection.execute_wrappers[:] = [one for one in connection.execute_wrappers if not isinstance(one, Death)]


def small_batches() -> None:
    """A check of a few plans then has commits between its statements, as one of a million has."""
    from monitoring.models import narrowed

    for batches in (narrowed.every_plan, narrowed.due):
        *others, _size = batches.__defaults__ or ()
        batches.__defaults__ = (*others, 2)
