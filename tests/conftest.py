"""What every test may use: a browser, a mail server, a task worker. Nothing here leaves this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db.backends.postgresql.operations import DatabaseOperations

from her2tracker.local import browser as local_browser
from tests import database
from tests.mail import MailServer
from tests.services import redis_url, worker_number

# Chromium talks to its maker unless told not to; the tests' network is this machine.
QUIET_BROWSER = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--require-browser", action="store_true", help="fail, instead of skip, without a browser")


def pytest_configure(config: pytest.Config) -> None:
    # Argon2 is slow on purpose; a test signs in hundreds of times.
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Tests write past the product; those of what is kept ask for it.
    django_settings.DAY_KEPT_SECONDS = 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if "page" in names or "browser" in names:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """pytest-django must use the copy we make; it goes with its server."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    from django.db import connection

    config: Any = request.config
    name = connection.settings_dict["TEST"]["NAME"] or f"test_{connection.settings_dict['NAME']}"
    database.make(name, config.cache.mkdir("database"), connection.settings_dict)


@pytest.fixture(scope="session", autouse=True)
def _flush_may_truncate() -> None:
    """Between transactional tests Django truncates every table, which the history's triggers rightly refuse.

    Only that one transaction lifts them, and only a superuser such as the tests' own can.
    """
    original = DatabaseOperations.execute_sql_flush

    def flush(self: DatabaseOperations, sql_list: list[str]) -> None:
        lift = "SET LOCAL session_replication_role = replica;"
        original(self, [lift, *sql_list, "TRUNCATE cache;"])  # rate limits are kept there, outside every model

    DatabaseOperations.execute_sql_flush = flush


@pytest.fixture(scope="session")
def browser_executable(request: pytest.FixtureRequest) -> str:
    """The installed browser; a skip without one, with the line that installs it."""
    if found := local_browser.find():
        return found
    if request.config.getoption("--require-browser"):
        pytest.fail(local_browser.missing(), pytrace=False)
    pytest.skip(local_browser.missing())


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_executable: str) -> dict[str, Any]:
    """How pytest-playwright's `browser` and `page` start it."""
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    arguments = [*as_root, "--disable-dev-shm-usage", *QUIET_BROWSER]
    return {"executable_path": browser_executable, "args": arguments, "headless": True}


@pytest.fixture
def smtp_server(settings: Any) -> Iterator[MailServer]:
    """A real SMTP server on loopback that keeps what it gets; Django sends to it for this test."""
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
        settings.EMAIL_USE_TLS, settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = False, "", ""
        yield server


@pytest.fixture
def fresh_queue() -> Iterator[str]:
    """This test process's own Redis number, empty before and after; its address."""
    import redis

    with redis.Redis.from_url(redis_url(worker_number())) as client:
        client.flushdb()
        yield redis_url(worker_number())
        client.flushdb()


@pytest.fixture
def celery_worker_process(
    transactional_db: None, fresh_queue: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker in a process of its own, on this test's database and queue, both queues consumed."""
    log = tmp_path_factory.mktemp("worker") / "worker.log"
    command = [sys.executable, "-m", "celery", "--app", "her2tracker", "worker", "--pool", "solo"]
    command += ["--queues", "celery,mail", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=worker_environment(), stdout=output, stderr=output)  # noqa: S603
    try:
        wait_until(lambda: " ready." in log.read_text() or process.poll() is not None, "the worker", seconds=60)
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def worker_environment() -> dict[str, str]:
    """The worker must use the test's database, whose name the settings do not know yet when they load."""
    from django.db import connection

    base, _, _name = os.environ["DATABASE_URL"].rpartition("/")
    mail = {
        "HER2TRACKER_SMTP_HOST": str(django_settings.EMAIL_HOST or ""),
        "HER2TRACKER_SMTP_PORT": str(django_settings.EMAIL_PORT),
        "HER2TRACKER_SMTP_TLS": "0",
    }
    return {**os.environ, **mail, "DATABASE_URL": f"{base}/{connection.settings_dict['NAME']}"}


def wait_until(done: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
    """Poll until it is done; a test that waits for nothing says for what it waited."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.05)
