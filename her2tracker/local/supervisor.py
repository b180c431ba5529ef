"""Keeps programs running: whoever dies is started again, later each time; the end is in order."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from her2tracker.local import process
from her2tracker.local.process import Running

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_AFTER_SECONDS = 60.0
TICK_SECONDS = 0.2

Say = Callable[[str], None]


class Stopped(Exception):
    """Raised out of any wait when a signal asks for the end."""


def raise_on_signals() -> None:
    """Ctrl-C, `make stop` and a closed terminal end everything in order."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handle)


def do_nothing(_number: int, _frame: FrameType | None) -> None:
    """Unlike SIG_IGN, programs started meanwhile do not inherit it."""


def ignore_signals() -> None:
    """While ending: a second Ctrl-C must not leave half of them behind."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, do_nothing)


@dataclass(slots=True)
class Kept:
    """One program and when it may be started again."""

    running: Running
    last: bool  # ended after the others, who need it for their own end
    pause_seconds: float = FIRST_PAUSE_SECONDS
    start_again_at: float | None = None


class Supervisor:
    """The programs of one launcher."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.kept: list[Kept] = []

    def keep(self, running: Running, *, last: bool = False) -> Running:
        self.kept.append(Kept(running, last))
        return running

    def watch(self) -> None:
        """Until Stopped is raised by a signal."""
        while True:
            for kept in self.kept:
                self._look_at(kept, time.monotonic())
            time.sleep(TICK_SECONDS)

    def stop(self) -> None:
        """Those that need the services first, then the services."""
        for last in (False, True):
            group = [kept.running for kept in self.kept if kept.last is last]
            for running in group:
                running.ask_to_stop()
            for running in group:
                running.stop()

    def _look_at(self, kept: Kept, now: float) -> None:
        if kept.start_again_at is not None:
            if now >= kept.start_again_at:
                kept.running = process.start(kept.running.program)
                kept.start_again_at = None
        elif kept.running.has_ended():
            self._plan_restart(kept, now)

    def _plan_restart(self, kept: Kept, now: float) -> None:
        name, code = kept.running.program.name, kept.running.process.returncode
        steady = now - kept.running.started_at > STEADY_AFTER_SECONDS
        pause = FIRST_PAUSE_SECONDS if steady else kept.pause_seconds
        kept.pause_seconds = min(pause * 2, LONGEST_PAUSE_SECONDS)
        kept.start_again_at = now + pause
        self.say(
            f"{name} ended ({_how(code)}); starting it again in {pause:.1f} s. Its log: {kept.running.program.log}"
        )


def _how(code: int) -> str:
    return f"by signal {-code}" if code < 0 else f"with exit code {code}"
