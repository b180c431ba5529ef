"""S9: two hundred nurses have the day open, each asks again every five seconds, and the day changes meanwhile.

An open loop: when a request is sent follows from the clock alone, however late earlier answers are, and how long it
took is counted from when it should have been sent. A server that falls behind cannot slow its load down.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from datetime import time as hour

from django.test import Client

from benchmarks.bare import ON, SITE
from benchmarks.bars import Bar, median, p95
from her2tracker.accounts.models import Site
from scheduling.actions import cycles
from scheduling.models import CycleDay
from tests import make

NURSES, EVERY_SECONDS, SECONDS = 200, 5.0, 20
RATE = NURSES / EVERY_SECONDS  # requests per second
CHANGES = 4  # so often somebody records something during the run
WORKERS, WARM = 2, 5
PATIENCE_SECONDS = 60  # then a request counts as an error, and the run goes on
Address = Callable[[int], tuple[str, dict[str, str]]]


def bars(client: Client, site: Site, on: date, note: str) -> Iterator[Bar]:
    cookie = client.cookies.output(header="", sep=";").strip()
    beside = {SITE: str(site.pk), ON: str(on)}
    with _served("benchmarks.bare:application", beside) as port:
        peer = asyncio.run(_Load(port, lambda _: ("/", {})).run())
    with _served("her2tracker.wsgi:application", {}) as port:
        nurses = _Nurses(on, cookie)
        ours = asyncio.run(_Load(port, nurses.ask, nurses.answered, lambda turn: _change(site, on, turn)).run())
        whole = asyncio.run(_Load(port, lambda _: (f"/today/?on={on}", {"Cookie": cookie})).run())
    yield from _told(f"Today, {RATE:g} refreshes/s, p95 / bare SQL and JSON", ours, peer, f"{note}, {CHANGES} changes")
    yield from _told(f"... {RATE:g} whole pages/s, p95", whole, peer, note)


def _told(what: str, ours: _Found, peer: _Found, note: str) -> Iterator[Bar]:
    more = f"{note}; medians {median(ours.taken):.1f} and {median(peer.taken):.1f} ms"
    yield Bar("S9", what, p95(ours.taken), p95(peer.taken), 10, note=more)
    yield Bar("S9", "errors among them", ours.wrong, 1, 0, unit="", note=f"{len(ours.taken)} requests")


def _change(site: Site, on: date, turn: int) -> None:
    row = CycleDay.objects.at(site).filter(planned_on=on, state="planned").order_by("pk")[turn]
    cycles.set_time(by=make.person("nora", site), cycle_day=row, starts_at=hour(8 + turn, 5))


@dataclass
class _Nurses:
    """Each knows the address that her open page asks next; the first time she opens it."""

    on: date
    cookie: str
    pages: dict[int, str] = field(default_factory=dict)

    def ask(self, turn: int) -> tuple[str, dict[str, str]]:
        address = self.pages.get(turn % NURSES)
        asked = {"Cookie": self.cookie}
        return (address, asked | {"HX-Request": "true"}) if address else (f"/today/?on={self.on}", asked)

    def answered(self, turn: int, status: int, text: bytes) -> bool:
        if status == 200:
            address = text.split(b'hx-get="', 1)[1].split(b'"', 1)[0]
            self.pages[turn % NURSES] = address.decode().replace("&amp;", "&")
        return status in (200, 204)


@dataclass
class _Found:
    taken: list[float] = field(default_factory=list)  # ms, from when the request was due
    wrong: int = 0


@dataclass
class _Load:
    port: int
    address: Address
    answered: Callable[[int, int, bytes], bool] = lambda _, status, __: status == 200
    change: Callable[[int], None] | None = None
    found: _Found = field(default_factory=_Found)

    async def run(self) -> _Found:
        for _ in range(WARM):  # each worker has compiled its statements and templates
            await asyncio.gather(*(_get(self.port, *self.address(0)) for _ in range(WORKERS)))
        count, begun = int(RATE * SECONDS), time.perf_counter() + 0.2
        async with asyncio.TaskGroup() as group:
            if self.change:
                group.create_task(self._changes(begun))
            for turn in range(count):
                due = begun + turn / RATE
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(self._one(turn, due))
        return self.found

    async def _changes(self, begun: float) -> None:
        for turn in range(CHANGES):
            await asyncio.sleep(max(0.0, begun + (turn + 0.5) * SECONDS / CHANGES - time.perf_counter()))
            await asyncio.to_thread(self.change or (lambda _: None), turn)

    async def _one(self, turn: int, due: float) -> None:
        status, text = 0, b""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError, IndexError):
            async with asyncio.timeout(PATIENCE_SECONDS):  # its TimeoutError is an OSError
                status, text = await _get(self.port, *self.address(turn))
        self.found.taken.append((time.perf_counter() - due) * 1000)
        self.found.wrong += 0 if status and self.answered(turn, status, text) else 1


async def _get(port: int, address: str, headers: dict[str, str]) -> tuple[int, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"GET {address} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    answer = await reader.read()
    writer.close()
    head, _, text = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), text


@contextmanager
def _served(application: str, more: dict[str, str]) -> Iterator[int]:
    """gunicorn as `make run` starts it: sync workers, one per core."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--worker-class", "sync", "--preload"]
    options += ["--timeout", "120"]
    server = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "gunicorn", *options, "--no-control-socket", "--log-level", "warning", application],
        env={**os.environ, **more},
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.2)
    raise AssertionError("the web server did not start")
