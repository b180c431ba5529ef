"""One program of ours: started so that it cannot outlive us, ended in its own way."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from her2tracker.local.state import ROOT, Account, Refused

PR_SET_PDEATHSIG = 1  # linux/prctl.h
LARGEST_LOG_BYTES = 5_000_000

# Loaded before any fork: the child may only call it, not import it.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Program:
    """What to run and how it wants to be ended."""

    name: str
    argv: list[str]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within_seconds: float = 10.0
    orphaned_signal: signal.Signals = signal.SIGTERM  # sent by the kernel when the launcher dies
    inherited: tuple[int, ...] = ()


def _tie_to_parent(parent: int, signal_number: int) -> Callable[[], None]:
    """Runs in the child, after it changed its user (which would clear the tie), before its program."""

    def tie() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, signal_number)
        if os.getppid() != parent:
            os._exit(1)  # the launcher died between fork and here

    return tie


def start(program: Program) -> Running:
    """Start it in its own session, so that Ctrl-C reaches the launcher alone and the end is ordered."""
    turn_over(program.log)
    with program.log.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - the argument lists are ours
            program.argv,
            cwd=ROOT if program.account is None else "/",
            env={**os.environ, **program.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=program.inherited,
            user=program.account.uid if program.account else None,
            group=program.account.gid if program.account else None,
            extra_groups=[] if program.account else None,
            preexec_fn=_tie_to_parent(os.getpid(), program.orphaned_signal),
        )
    return Running(program, process)


class Running:
    """A started program."""

    def __init__(self, program: Program, process: subprocess.Popen[bytes]) -> None:
        self.program = program
        self.process = process
        self.started_at = time.monotonic()

    def has_ended(self) -> bool:
        """True once it died, and then what is left of its group (pool children, web workers) is gone too."""
        if self.process.returncode is not None:
            return True
        try:
            peek = os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:  # already reaped
            self.process.poll()
            return True
        if peek is None:
            return False
        self._kill_group()  # before reaping: until then its number cannot belong to anyone else
        self.process.wait()
        return True

    def ask_to_stop(self) -> None:
        if not self.has_ended():
            self.process.send_signal(self.program.stop_signal)

    def stop(self) -> None:
        """Ask, wait, then insist."""
        self.ask_to_stop()
        deadline = time.monotonic() + self.program.stop_within_seconds
        while not self.has_ended() and time.monotonic() < deadline:
            time.sleep(0.02)
        if not self.has_ended():
            self._kill_group()
            self.process.wait()

    def last_words(self, lines: int = 8) -> str:
        """The end of its log."""
        with self.program.log.open("rb") as log:
            log.seek(max(0, self.program.log.stat().st_size - 8000))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])

    def _kill_group(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return  # nobody left in it


def turn_over(log: Path) -> None:
    """Keep one older log, so that a laptop's disk does not fill."""
    if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))


def wait_until(ready: Callable[[], bool], running: Running, seconds: float) -> None:
    """Poll until it is ready. Raises Refused, with the end of its log, when it dies or takes too long."""
    deadline = time.monotonic() + seconds
    while not ready():
        ended = running.has_ended()
        if ended or time.monotonic() > deadline:
            what = "ended at once" if ended else f"was not ready within {seconds:.0f} s"
            raise Refused(
                f"{running.program.name} {what}. Its log, {running.program.log}, ends:\n{running.last_words()}"
            )
        time.sleep(0.02)
