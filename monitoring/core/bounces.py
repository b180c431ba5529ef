"""A message that came back: which one it was, and what the other server said (RFC 3464)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from uuid import UUID

_OURS = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@[^>\s]+>")
LONGEST_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CameBack:
    """`key` is in our Message-ID; `why` is the other server's sentence."""

    key: UUID
    why: str


def read(raw: bytes) -> CameBack | None:
    """None for anything but a final failure of a message of ours: delays, answers from absence, others' mail."""
    if len(raw) > LONGEST_BYTES:
        return None
    message = message_from_bytes(raw, policy=policy.default)
    if message.get_content_type() != "multipart/report":
        return None
    statuses = [block for block in _statuses(message) if str(block.get("Action", "")).strip().lower() == "failed"]
    found = _OURS.search(" ".join(_ids(message)))
    if not statuses or found is None:
        return None
    told = statuses[0].get("Diagnostic-Code") or statuses[0].get("Status") or "no reason given"
    return CameBack(UUID(found[1]), " ".join(str(told).partition(";")[2].split() or str(told).split())[:300])


def _statuses(message: Message) -> Iterator[Message]:
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload()
            yield from (block for block in blocks if isinstance(block, Message)) if isinstance(blocks, list) else ()


def _ids(message: Message) -> Iterator[str]:
    """Message-IDs of what is sent along, whole or its headers alone."""
    for part in message.walk():
        if part.get_content_type() == "message/rfc822":
            yield from (str(one.get("Message-ID", "")) for one in part.get_payload() if isinstance(one, Message))
        elif part.get_content_type() == "text/rfc822-headers" and isinstance(part, EmailMessage):
            yield str(part.get_content())
