"""Workers, beats and a bad line to Redis, as processes of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Literal
from urllib.parse import quote

from tests.conftest import wait_until, worker_environment
from tests.faults.hasty import VICTIM

APP = "tests.faults.hasty"


def environment() -> dict[str, str]:
    """What a program needs to use the database that this test's Django uses."""
    from django.db import connection

    where = connection.settings_dict
    url = f"postgres://{where['USER']}@{quote(where['HOST'], safe='')}:{where['PORT']}/{where['NAME']}"
    return worker_environment() | {"DATABASE_URL": url}


class Celery:
    """One celery program of the product with a log of its own; `kill` is kill -9."""

    def __init__(self, folder: Path, name: str, *arguments: str, redis: str = "", victim: str = "") -> None:
        self.log = folder / f"{name}.log"
        self.environment = environment() | {VICTIM: victim} | ({"REDIS_URL": redis} if redis else {})
        self.command = [sys.executable, "-m", "celery", "--app", APP, *arguments, "--loglevel", "INFO"]
        self.restarts = -1
        self.start()

    def start(self) -> None:
        self.restarts += 1
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(self.command, env=self.environment, stdout=output, stderr=output)  # noqa: S603

    def __enter__(self) -> Celery:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self.kill()

    def children(self) -> list[int]:
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(word) for word in listed.split()]

    def kill(self) -> None:
        """The program and its pool, outright."""
        if self.has_ended():
            return
        for pid in [*self.children(), self.process.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def keep(self) -> None:
        """As the supervisor does: who has died is started again."""
        if self.has_ended():
            self.start()

    def ready(self) -> Celery:
        """Once it takes tasks."""
        wait_until(lambda: self._says(" ready.") or self.has_ended(), "a worker to start", seconds=90)
        assert not self.has_ended(), self.log.read_text()
        return self

    def _says(self, words: str) -> bool:
        return words in self.log.read_text(errors="replace")


def worker(
    folder: Path, name: str, *, pool: str = "prefork", redis: str = "", victim: str = "", size: int = 1
) -> Celery:
    """A worker of both queues, as the product starts it."""
    options = ["--pool", pool, "--concurrency", str(size), "--hostname", f"{name}@test"]
    options += ["--queues", "celery,mail", "--without-gossip", "--without-mingle"]
    return Celery(folder, name, "worker", *options, redis=redis, victim=victim)


def beat(folder: Path, name: str, *, redis: str = "") -> Celery:
    """The product's beat, every interval of whose schedule is cut to two seconds."""
    return Celery(folder, name, "beat", "--scheduler", "celery.beat.Scheduler", redis=redis)


class Line:
    """A line to Redis: it carries, swallows everything (`hole`), or is cut (`down`)."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.mode: Literal["carry", "hole", "down"] = "carry"
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.open: list[socket.socket] = []
        self.threads: list[threading.Thread] = []
        self._start(self._accept)

    def url(self, database: str) -> str:
        return f"redis://127.0.0.1:{self.listener.getsockname()[1]}/{database}"

    def become(self, mode: Literal["carry", "hole", "down"]) -> None:
        """Takes hold of what is open, too: a line that is cut is cut for everybody."""
        self.mode = mode
        if mode != "hole":
            while self.open:
                with suppress(OSError):
                    self.open.pop().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes who waits in `accept`
        self.become("down")
        for thread in self.threads:
            thread.join(timeout=10)
        self.listener.close()

    def _start(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        self.threads.append(threading.Thread(target=work, args=arguments, daemon=True))
        self.threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.socket(socket.AF_UNIX)
                try:
                    if self.mode == "down":
                        raise ConnectionRefusedError
                    far.connect(self.path)
                except OSError:
                    near.close()
                    far.close()
                    continue
                self.open += [near, far]
                self._start(self._carry, near, far)
                self._start(self._carry, far, near)

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        """Each direction's thread closes the end it reads from."""
        with one, suppress(OSError):
            while data := one.recv(65536):
                if self.mode == "carry":
                    other.sendall(data)
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)
