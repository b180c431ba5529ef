"""Ways to reach a person. A new one is a module with `send(reminder)` and a line here."""

from __future__ import annotations

from collections.abc import Callable

from monitoring.channels import email, sms
from monitoring.models import Reminder

CHANNELS: dict[str, Callable[[Reminder], None]] = {"email": email.send, "sms": sms.send}


def send(reminder: Reminder) -> None:
    """By the reminder's own channel. Raises what the channel raises when it was not accepted."""
    CHANNELS[reminder.channel](reminder)
