"""PostgreSQL and Redis together: ours, unless the environment names others."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from her2tracker.local.postgres import Postgres
from her2tracker.local.process import Running
from her2tracker.local.state import State, make_private, server_account
from her2tracker.local.valkey import Valkey


class Services:
    """The embedded servers and the environment that points Django at them."""

    def __init__(self, postgres: Postgres | None, valkey: Valkey | None, environment: dict[str, str]) -> None:
        self.postgres = postgres
        self.valkey = valkey
        self.environment = environment
        self.running: list[Running] = []

    def start(self) -> None:
        """Both at once; returns when both answer."""
        # Appended one by one: what has started is ended even when the next one fails.
        for server in (self.valkey, self.postgres):
            if server is not None:
                self.running.append(server.start())
        started = iter(self.running)
        for server in (self.valkey, self.postgres):
            if server is not None:
                server.wait(next(started))

    def stop(self) -> None:
        for running in self.running:
            running.ask_to_stop()
        for running in self.running:
            running.stop()
        self.running = []


def for_state(state: State, environ: Mapping[str, str] = os.environ) -> Services:
    """The services of a checkout: what DATABASE_URL and REDIS_URL name, embedded ones for those not named."""
    postgres = valkey = None
    environment = {
        "HER2TRACKER_LOCAL": "1",
        "HER2TRACKER_STATE": str(state.folder),
        "HER2TRACKER_SECRET_KEY": environ.get("HER2TRACKER_SECRET_KEY") or state.secret_key(),
        "DJANGO_SETTINGS_MODULE": "her2tracker.settings",
        "DATABASE_URL": environ.get("DATABASE_URL", ""),
        "REDIS_URL": environ.get("REDIS_URL", ""),
    }
    if not environment["DATABASE_URL"]:
        postgres = Postgres(state.folder, state.sockets, state.logs / "postgres.log")
        environment["DATABASE_URL"] = postgres.url
    if not environment["REDIS_URL"]:
        valkey = Valkey(state.folder, state.sockets, state.logs / "redis.log")
        environment["REDIS_URL"] = valkey.url
    return Services(postgres, valkey, environment)


@contextmanager
def temporary() -> Iterator[Services]:
    """Services for one test run or one check, in a folder that is gone afterwards. Never the named ones."""
    folder = Path(tempfile.mkdtemp(prefix="her2-"))
    folder.chmod(0o711 if server_account() else 0o700)
    sockets = make_private(folder / "run", server_account())
    state = State(folder / "state")
    state.create()
    postgres = Postgres(folder, sockets, folder / "postgres.log", durable=False)
    valkey = Valkey(folder, sockets, folder / "redis.log", durable=False)
    environment = {
        "HER2TRACKER_LOCAL": "1",
        "HER2TRACKER_STATE": str(state.folder),
        "HER2TRACKER_SECRET_KEY": "only-for-one-test-run-" + "0" * 40,
        "DJANGO_SETTINGS_MODULE": "her2tracker.settings",
        "DATABASE_URL": postgres.url,
        "REDIS_URL": valkey.url,
    }
    services = Services(postgres, valkey, environment)
    try:
        services.start()
        yield services
    finally:
        services.stop()
        shutil.rmtree(folder, ignore_errors=True)
