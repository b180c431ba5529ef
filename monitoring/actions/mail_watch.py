"""Waiting for mail that is owed: the database calls when it is committed, and is asked again when it was away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import structlog
from django.db import Error, close_old_connections, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from monitoring.actions.reminders import CHANNEL

LOOK_EVERY_SECONDS = 30.0  # a call can be lost with its connection; what waits for another try makes no call
WAKE_EVERY_SECONDS = 1.0  # how late the wish to end is noticed
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 10.0

log = structlog.get_logger(__name__)


def watch(deliver: Callable[[], object], is_stopping: Callable[[], bool]) -> None:
    """Call `deliver` at once, at every call, and every 30 s, until `is_stopping`; survives a database that goes.

    Any number of these may run beside each other and beside the workers: each message is claimed by one.
    """
    pause = FIRST_PAUSE_SECONDS
    while not is_stopping():
        try:
            for _ in _calls(is_stopping):
                deliver()
                pause = FIRST_PAUSE_SECONDS
        except Error as error:
            log.warning("mail_watch_interrupted", error=str(error), again_in_seconds=pause)
            close_old_connections()
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _calls(is_stopping: Callable[[], bool]) -> Iterator[None]:
    """A connection of its own: calls that arrive while a message is being sent wait on it."""
    listener: BaseDatabaseWrapper = connection.copy()
    try:
        with listener.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        while not is_stopping():
            yield
            _wait(listener, is_stopping)
    finally:
        listener.close()


def _wait(listener: BaseDatabaseWrapper, is_stopping: Callable[[], bool]) -> None:
    """Until somebody calls, or for as long as one looks without being called."""
    ends = time.monotonic() + LOOK_EVERY_SECONDS
    while not is_stopping() and (left := ends - time.monotonic()) > 0:
        with listener.wrap_database_errors:
            if list(listener.connection.notifies(timeout=min(left, WAKE_EVERY_SECONDS), stop_after=1)):
                return
