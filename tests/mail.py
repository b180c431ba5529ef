"""A real SMTP server on loopback, for the tests of mail that fails as mail fails."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


@dataclass(slots=True)
class Failure:
    """Answer `reply` to the next `times` commands; None means every one."""

    reply: str
    times: int | None
    to: str | None = None


@dataclass  # without slots: the SMTP server looks at every attribute its handler has
class _Handler:
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    attempts: int = 0
    pause_seconds: float = 0
    cuts: int = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it by this name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if reply := self._reply(address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.attempts += 1
        if reply := self._reply(None):
            return reply
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        await asyncio.sleep(self.pause_seconds)
        self.messages.append(message)
        self.recipients.append(list(envelope.rcpt_tos))
        if self.cuts > 0:
            self.cuts -= 1
            _server.transport.abort()
        return "250 OK"

    def _reply(self, address: str | None) -> str | None:
        for failure in self.failures:
            if failure.to == address and failure.times != 0:
                failure.times = None if failure.times is None else failure.times - 1
                return failure.reply
        return None


class _AnyPort(Controller):
    """A port the kernel chooses; the controller's own first connection must then learn which."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class MailServer:
    """Keeps every message it accepted; `fail` makes it refuse."""

    def __init__(self) -> None:
        self._handler = _Handler()
        self._controller = _AnyPort(self._handler, hostname="127.0.0.1", port=0)

    @property
    def host(self) -> str:
        return "127.0.0.1"

    @property
    def port(self) -> int:
        return int(self._controller.port)

    @property
    def messages(self) -> list[EmailMessage]:
        """What it answered 250 to, in order."""
        return self._handler.messages

    @property
    def recipients(self) -> list[list[str]]:
        """For each message, the addresses it went to."""
        return self._handler.recipients

    @property
    def attempts(self) -> int:
        """How often a message was offered, refused ones included."""
        return self._handler.attempts

    def fail(self, reply: str, times: int | None = None, to: str | None = None) -> None:
        """Refuse the next messages, or one recipient's, with a reply such as "451 try again later"."""
        self._handler.failures.append(Failure(reply, times, to))

    def cut(self, times: int = 1) -> None:
        """Accept the next messages and lose the connection before saying so."""
        self._handler.cuts = times

    def slow(self, seconds: float) -> None:
        """Think so long about each message."""
        self._handler.pause_seconds = seconds

    def recover(self) -> None:
        self._handler.failures.clear()
        self._handler.pause_seconds = self._handler.cuts = 0

    def __enter__(self) -> MailServer:
        self._controller.start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self._controller.stop()
