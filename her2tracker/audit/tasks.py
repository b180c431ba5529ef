"""What beat asks for."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from her2tracker.audit import history_checks


@shared_task(name="audit.tasks.check_history")  # type: ignore[untyped-decorator]
def check_history() -> int:
    """Seal what is new; once a day, or when asked, compare everything. Returns the faults found."""
    return history_checks.work(now=timezone.now())
