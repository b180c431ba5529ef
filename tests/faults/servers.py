"""A PostgreSQL that a test may kill, the product's web server, and people who use it over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from django.test import Client

from her2tracker.api import tokens
from her2tracker.local import process
from her2tracker.local.launcher import web_program
from her2tracker.local.postgres import NAME, Postgres, installed_binaries
from her2tracker.local.state import Refused, State, make_private, server_account
from tests import make
from tests.faults.processes import environment

PATIENCE_SECONDS = 20.0  # of a person at a page
LONG_ENOUGH = 60.0


class OwnPostgres:
    """As durable as a clinic's: what it has acknowledged must outlive its death."""

    def __init__(self, folder: Path, schema: Path) -> None:
        self.server = Postgres(folder, make_private(folder / "run", server_account()), folder / "postgres.log")
        self.start()
        command = [installed_binaries() / "psql", "-X", "-q", "-h", self.host, "-U", NAME, "-d", NAME]
        command += ["-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-f", schema]
        subprocess.run([str(word) for word in command], check=True)  # noqa: S603

    @property
    def host(self) -> str:
        return str(self.server.sockets)

    def start(self) -> None:
        """Again and again, until the dead one's last processes are gone."""
        ends = time.monotonic() + LONG_ENOUGH
        while True:
            try:
                self.running = self.server.start()
                self.server.wait(self.running)
            except Refused:
                self.running.stop()
                assert time.monotonic() < ends
                time.sleep(0.2)
            else:
                return

    def kill(self) -> None:
        os.kill(self.running.process.pid, signal.SIGKILL)
        self.running.process.wait()

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(host=self.host, user=NAME, dbname=NAME, autocommit=True)


@contextmanager
def own_postgres(schema: Path) -> Iterator[OwnPostgres]:
    """This test's Django uses it, too, until the end."""
    folder = Path(tempfile.mkdtemp(prefix="her2-pg-"))  # short: a socket's path has 107 characters at most
    folder.chmod(0o711 if server_account() else 0o700)
    server, before = OwnPostgres(folder, schema), dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update({"HOST": server.host, "NAME": NAME})
    try:
        yield server
    finally:
        connection.close()
        connection.settings_dict.update(before)
        server.running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def web(folder: Path, *, application: str = "her2tracker.wsgi:application", **more: str) -> Iterator[int]:
    """The product's web server, as `make run` starts it, on a port of its own."""
    state = State(folder / "web")
    state.create()
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        program = web_program(state, environment() | more, listener)
        program = replace(program, argv=[*program.argv[:-1], application])
        running, port = process.start(program), int(listener.getsockname()[1])
        try:
            process.wait_until(lambda: _answers(port), running, seconds=90)
            yield port
        finally:
            running.stop()


def _answers(port: int) -> bool:
    try:
        return Person("", port).ask("GET", "/health/live/").status == 200
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    seconds: float
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    def assert_whole(self) -> None:
        """A clear yes or a clear "not now", and never half of either."""
        assert self.status in (200, 201, 503), (self.status, self.text[-600:])
        if self.status == 503:
            assert int(self.headers["Retry-After"]) > 0
        if "json" in self.headers["Content-Type"]:
            assert self.status != 503 or self.json["error"]["code"] == "unavailable"
        else:
            assert self.text.rstrip().endswith("</html>")
            assert self.status != 503 or "not available just now" in self.text


@dataclass(slots=True)
class Person:
    """One of the cast at a browser and with a program: a session and a token."""

    who: str
    port: int
    session: str = ""
    token: str = ""
    answers: list[Answer] = field(default_factory=list)

    @classmethod
    def signed_in(cls, who: str, port: int) -> Person:
        client, person = Client(), make.person(who)
        client.force_login(person)
        return cls(who, port, client.cookies["sessionid"].value, tokens.issue(by=person))

    def page(self, address: str) -> Answer:
        return self.ask("GET", address, headers={"Cookie": f"sessionid={self.session}"})

    def post(self, address: str, **body: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        return self.ask("POST", f"/api/v1/{address}", json.dumps(body), headers)

    def ask(self, method: str, address: str, body: str = "", headers: dict[str, str] | None = None) -> Answer:
        """Raises OSError or HTTPException where the connection is lost, as a killed worker's is."""
        begun, line = time.monotonic(), http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            line.request(method, address, body or None, headers or {})
            response = line.getresponse()
            text = response.read().decode()
        finally:
            line.close()
        answer = Answer(response.status, time.monotonic() - begun, dict(response.headers), text)
        self.answers.append(answer)
        return answer


class AtWork:
    """People who do the same thing over and over, each in a thread, until the end of the block."""

    def __init__(self, *doing: Any) -> None:
        self.stopping, self.broken = threading.Event(), list[BaseException]()
        self.threads = [threading.Thread(target=self._repeat, args=(one,), daemon=True) for one in doing]

    def _repeat(self, once: Any) -> None:
        try:
            while not self.stopping.is_set():
                once()
                time.sleep(0.02)
        except BaseException as error:
            self.broken.append(error)

    def __enter__(self) -> AtWork:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=PATIENCE_SECONDS * 2)
        if self.broken:
            raise self.broken[0]
