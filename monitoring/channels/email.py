"""E-mail, by whatever Django's settings say: SMTP, or a folder on a laptop."""

from __future__ import annotations

from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from monitoring.models import Reminder


def send(reminder: Reminder) -> None:
    """Returns once the server said 250. Raises SMTPException or OSError when it did not."""
    message = EmailMultiAlternatives(
        subject=reminder.subject,
        body=reminder.text,
        to=[reminder.address],
        headers={"Message-ID": message_id(reminder), "Auto-Submitted": "auto-generated"},
    )
    if reminder.html:
        message.attach_alternative(reminder.html, "text/html")
    message.send()


def message_id(reminder: Reminder) -> str:
    """The same on every try: should a 250 get lost, the second copy is known as the first."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{reminder.uuid}@{domain}>"
