"""The tests' own PostgreSQL and Redis, started before Django's settings are read (`-p tests.services`).

They live in a temporary folder under a guardian process that ends them when this process goes away,
however it goes. Services named in the environment are never touched: tests delete what they find.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Generator

import pytest

REDIS_DATABASES_PER_WORKER = 4


class Guardian:
    """The process that owns the services. It ends when its standard input closes."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> dict[str, str]:
        """The environment that reaches the services, once they answer."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "her2tracker.local", "temporary"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for pytest; the services end after it
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise pytest.UsageError("The tests' PostgreSQL and Redis did not start; the reason is printed above.")
        environment: dict[str, str] = json.loads(line)
        return environment

    def stop(self) -> None:
        if self.process is not None:
            self.process.communicate()  # closes its standard input and waits
            self.process = None


guardian = Guardian()


def worker_number() -> int:
    """0 in a single process, n + 1 in xdist's gw<n>."""
    name = os.environ.get("PYTEST_XDIST_WORKER", "")
    return int(name.removeprefix("gw")) + 1 if name else 0


def redis_url(number: int, offset: int = 0) -> str:
    """Each test process has Redis numbers of its own, so that parallel tests see only their own queue."""
    base = os.environ["HER2TRACKER_TEST_REDIS"].partition("?")[0]
    return f"{base}?db={number * REDIS_DATABASES_PER_WORKER + offset}"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        atexit.register(guardian.stop)
        environment = guardian.start()
        forget_the_callers_settings()
        os.environ.update(environment)
        os.environ["HER2TRACKER_TEST_REDIS"] = environment["REDIS_URL"]
    os.environ["REDIS_URL"] = redis_url(worker_number())
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the browser's driver runs a loop in this thread
    return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    guardian.stop()


def forget_the_callers_settings() -> None:
    """A test must neither pass nor fail, nor send mail, because of what a shell exports."""
    for name in [name for name in os.environ if name.startswith("HER2TRACKER_")]:
        del os.environ[name]
