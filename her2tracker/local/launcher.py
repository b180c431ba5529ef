"""`make run`: the services, the preparation, then web, workers and beat until somebody says stop."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from her2tracker.local import preparation, process, supervisor
from her2tracker.local.process import Program
from her2tracker.local.services import Services, for_state
from her2tracker.local.state import Holder, Lock, Refused, State, default_folder
from her2tracker.local.supervisor import Stopped, Supervisor

FIRST_PORT = 8000
PORTS_TO_TRY = 50
MOST_WEB_WORKERS = 8
# No query: searches carry names, and a calendar's address its secret.
ACCESS_LINE = '%(t)s "%(m)s %(U)s" %(s)s %(B)s bytes %(D)s us'
# Browsers open connections ahead of need. A sync worker would wait on each for a request that may never
# come, so the kernel keeps them to itself until they speak, or for this long.
SILENT_SECONDS = 60
_KILL = signal.SIGKILL


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def run() -> None:
    """Returns after an ordered end."""
    state = State(default_folder())
    state.create()
    lock = Lock(state)
    lock.take("run")
    with listening_socket() as listener, _ordered_end():
        services = for_state(state)
        keeper = Supervisor(say)
        try:
            _bring_up(state, lock, services, keeper, listener)
            keeper.watch()
        except Stopped:
            say("\nStopping: web and workers first, then Redis and PostgreSQL.")
        finally:
            supervisor.ignore_signals()
            keeper.stop()
            services.stop()
            lock.release()
    say("Stopped. What was recorded is kept in " + str(state.folder))


def _bring_up(state: State, lock: Lock, services: Services, keeper: Supervisor, listener: socket.socket) -> None:
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    environment = {"HER2TRACKER_PUBLIC_URL": address, **_only_set("HER2TRACKER_PUBLIC_URL"), **services.environment}
    say(f"Starting her2tracker. Its data and logs: {state.folder}")
    services.start()
    for running in services.running:
        keeper.keep(running, last=True)
    services.running = []  # the keeper ends them now, and restarts them until then
    demo = os.environ.get("HER2TRACKER_DEMO") or ("1" if services.postgres else "0")
    prepared = preparation.ensure(state, environment, embedded=services.postgres is not None, demo=demo)
    web = keeper.keep(process.start(web_program(state, environment, listener)))
    process.wait_until(lambda: _serves(listener.getsockname()[1]), web, seconds=120)
    lock.tell(Holder(os.getpid(), "run", address, environment))
    say(welcome(address, prepared.sign_ins, state))
    # After the first page is served: five programs that load at once would all be late.
    for program in task_programs(state, environment):
        keeper.keep(process.start(program))


@contextmanager
def _ordered_end() -> Iterator[None]:
    supervisor.raise_on_signals()
    try:
        yield
    finally:
        supervisor.ignore_signals()


def _only_set(*names: str) -> dict[str, str]:
    return {name: os.environ[name] for name in names if os.environ.get(name)}


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def listening_socket() -> Iterator[socket.socket]:
    """Ours for as long as we run, so that a restarted web server loses neither its port nor a request."""
    wanted = os.environ.get("HER2TRACKER_PORT", "")
    first, tries = (int(wanted), 1) if wanted else (FIRST_PORT, PORTS_TO_TRY)
    for port in range(first, first + tries):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            listener.close()
            continue
        with listener:
            if hasattr(socket, "TCP_DEFER_ACCEPT"):
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, SILENT_SECONDS)
            listener.listen(256)
            yield listener
        return
    raise Refused(f"Port {first} is taken. Choose another with HER2TRACKER_PORT, or leave that out to get a free one.")


def web_program(state: State, environment: dict[str, str], listener: socket.socket) -> Program:
    """Sync workers, one per core: pages are bound by the processor, and threads only fight over it."""
    descriptor = str(listener.fileno())
    options = ["--bind", f"fd://{descriptor}", "--workers", str(min(cores(), MOST_WEB_WORKERS))]
    options += ["--worker-class", "sync", "--preload", "--no-control-socket", "--timeout", "60"]
    options += ["--graceful-timeout", "10", "--access-logfile", "-", "--access-logformat", ACCESS_LINE]
    if Path("/dev/shm").is_dir():  # noqa: S108 - gunicorn's own advice: a slow disk must not look like a hung worker
        options += ["--worker-tmp-dir", "/dev/shm"]  # noqa: S108
    return Program(
        "web",
        [sys.executable, "-m", "gunicorn", *options, "her2tracker.wsgi:application"],
        state.logs / "web.log",
        environment,
        stop_within_seconds=15,
        inherited=(listener.fileno(),),
    )


def task_programs(state: State, environment: dict[str, str]) -> list[Program]:
    """Mail has a worker of its own, and one that listens: an urgent message must not wait behind a sweep."""
    celery = [sys.executable, "-m", "celery", "--app", "her2tracker"]
    plain = ["--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    commands = {
        "worker": ["worker", "--queues", "celery", "--concurrency", "1", "--hostname", "worker@%h", *plain],
        "mail": ["worker", "--queues", "mail", "--concurrency", "1", "--hostname", "mail@%h", *plain],
        "beat": ["beat", "--scheduler", "celery.beat.Scheduler", "--loglevel", "INFO"],
    }
    programs = {name: [*celery, *command] for name, command in commands.items()}
    # Sends what is owed the moment it is committed; without it mail leaves when beat next asks.
    programs["watch"] = [sys.executable, "manage.py", "deliver_reminders", "--watch", "--skip-checks"]
    return [
        # Killed with us outright: their tasks are repeated, and a warm end would wait for a dead Redis.
        Program(name, command, state.logs / f"{name}.log", environment, orphaned_signal=_KILL)
        for name, command in programs.items()
    ]


def _serves(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("HEAD", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def welcome(address: str, entries: list[list[str]], state: State) -> str:
    lines = ["", f"her2tracker is ready: {address}", ""]
    if entries:
        widths = [max(len(entry[column]) for entry in entries) for column in range(3)]
        lines.append("Demo sign-ins (invented people, this computer only):")
        lines += [
            "  " + "   ".join(c.ljust(w) for c, w in zip(entry, widths, strict=True)).rstrip() for entry in entries
        ]
        lines.append("")
    lines += [f"Logs: {state.logs} (make logs follows them).", "Ctrl-C stops everything."]
    return "\n".join(lines)
