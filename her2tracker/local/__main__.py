"""The command line: `python -m her2tracker.local [run|stop|reset|exec|temporary|browser]`."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time

from her2tracker.local import browser, launcher, preparation, supervisor
from her2tracker.local.services import for_state, temporary
from her2tracker.local.state import ROOT, Lock, Refused, State, default_folder
from her2tracker.local.supervisor import Stopped

STOP_WITHIN_SECONDS = 60


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return int(options.act(options) or 0)
    except Refused as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    except Stopped:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m her2tracker.local", description=__doc__)
    acts = parser.add_subparsers()
    parser.set_defaults(act=_run)
    acts.add_parser("run", help="start everything; the default").set_defaults(act=_run)
    acts.add_parser("stop", help="end what runs from this checkout").set_defaults(act=_stop)
    acts.add_parser("where", help="print the folder that holds its data").set_defaults(act=_where)
    reset = acts.add_parser("reset", help="delete the local database, queue and outbox")
    reset.add_argument("--force", action="store_true", help="do not ask")
    reset.set_defaults(act=_reset)
    execute = acts.add_parser("exec", help="run a command with the services' environment")
    execute.add_argument("--temporary", action="store_true", help="with services that are gone afterwards")
    execute.add_argument("command", nargs=argparse.REMAINDER)
    execute.set_defaults(act=_exec)
    acts.add_parser("temporary", help="services until standard input closes; for tests").set_defaults(act=_temporary)
    look = acts.add_parser("browser", help="say which browser tests would drive")
    look.add_argument("--install", action="store_true", help="install Debian's when there is none")
    look.set_defaults(act=_browser)
    return parser


def _run(_options: argparse.Namespace) -> None:
    launcher.run()


def _stop(_options: argparse.Namespace) -> None:
    lock = Lock(State(default_folder()))
    holder = lock.holder()
    if holder is None:
        print("her2tracker does not run from this checkout.")
        return
    os.kill(holder.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_WITHIN_SECONDS
    while lock.holder() is not None:
        if time.monotonic() > deadline:
            raise Refused(f"Process {holder.pid} is still ending after {STOP_WITHIN_SECONDS} s.")
        time.sleep(0.1)
    print("Stopped.")


def _where(_options: argparse.Namespace) -> None:
    print(default_folder())


def _reset(options: argparse.Namespace) -> None:
    state = State(default_folder())
    if not state.folder.exists():
        print("There is nothing to delete.")
        return
    question = f"Delete the local database and everything else in {state.folder}? [yes/no] "
    if not options.force and input(question) != "yes":
        raise Refused("Nothing was deleted.")
    lock = Lock(state)
    lock.take("reset")
    shutil.rmtree(state.folder)
    print(f"Deleted {state.folder}. The next `make run` starts afresh.")


def _exec(options: argparse.Namespace) -> int:
    command = [part for index, part in enumerate(options.command) if index or part != "--"]
    if not command:
        raise Refused("Say what to run: python -m her2tracker.local exec -- manage.py shell")
    if options.temporary:
        supervisor.raise_on_signals()
        with temporary() as services:
            return _in_front(command, services.environment)
    return _exec_with_state(command)


def _exec_with_state(command: list[str]) -> int:
    """With the running services, or with ones started for this command alone."""
    state = State(default_folder())
    state.create()
    lock = Lock(state)
    holder = lock.holder()
    preparation.forget(state)  # the command may change the database
    if holder is not None and holder.address:
        return _in_front(command, holder.environment)
    lock.take("exec")
    supervisor.raise_on_signals()
    services = for_state(state)
    try:
        services.start()
        if not state.done("prepared"):
            preparation.run(services.environment, demo="0")
            state.mark_done("prepared")
        return _in_front(command, services.environment)
    finally:
        supervisor.ignore_signals()
        services.stop()
        lock.release()


def _in_front(command: list[str], environment: dict[str, str]) -> int:
    """In the foreground, with the terminal: Ctrl-C is for the command, not for us."""
    before = signal.signal(signal.SIGINT, supervisor.do_nothing)
    try:
        return subprocess.run(  # noqa: S603 - running the given command is what this is for
            command, cwd=ROOT, env={**os.environ, **environment}, check=False
        ).returncode
    except FileNotFoundError:
        raise Refused(f"There is no command {command[0]!r}.") from None
    finally:
        signal.signal(signal.SIGINT, before)


def _temporary(_options: argparse.Namespace) -> None:
    """The tests' services. Their end is the end of our standard input, which even a killed test run closes."""
    supervisor.ignore_signals()
    with temporary() as services:
        print(json.dumps(services.environment), flush=True)
        sys.stdin.read()


def _browser(options: argparse.Namespace) -> None:
    found = browser.find()
    if found is None and options.install and browser.can_install() and browser.install():
        found = browser.find()
    print(f"Browser tests drive {found}." if found else f"Browser tests will be skipped: {browser.missing()}")


if __name__ == "__main__":
    sys.exit(main())
