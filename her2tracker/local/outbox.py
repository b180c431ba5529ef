"""The local outbox: mail that a laptop did not send, as pages. Not there when SMTP is configured."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

SEPARATOR = "-" * 79 + "\n"
NEWEST = 200


@dataclass(frozen=True, slots=True)
class Mail:
    number: int
    to: str
    subject: str
    at: datetime | None
    text: str
    html: str


@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    return render(request, "local/outbox.html", {"mails": list(reversed(_mails()))[:NEWEST]})


@require_GET
def mail(request: HttpRequest, number: int) -> HttpResponse:
    found = next((one for one in _mails() if one.number == number), None)
    if found is None:
        raise Http404
    return render(request, "local/mail.html", {"mail": found})


def _mails() -> list[Mail]:
    """Every message in the folder, oldest first. Raises Http404 where mail really goes out."""
    if not settings.MAIL_OUTBOX_VISIBLE:
        raise Http404
    folder = Path(settings.EMAIL_FILE_PATH)
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime) if folder.is_dir() else []
    raw = [part for path in files for part in path.read_text(encoding="utf-8").split(SEPARATOR) if part.strip()]
    return [_read(number, part) for number, part in enumerate(raw, start=1)]


def _read(number: int, raw: str) -> Mail:
    message = email.message_from_string(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - the default policy makes no other
    at = parsedate_to_datetime(message["Date"]) if message["Date"] else None
    return Mail(
        number, str(message["To"]), str(message["Subject"]), at, _part(message, "plain"), _part(message, "html")
    )


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    return str(body.get_content()) if body else ""
