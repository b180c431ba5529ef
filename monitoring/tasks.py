"""What beat asks for. Each task calls one action and returns a count; running it twice changes nothing."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from monitoring import channels
from monitoring.actions import reminders, result_imports, sweeps
from monitoring.words import SweepName


@shared_task(name="monitoring.tasks.heartbeat")  # type: ignore[untyped-decorator]
def heartbeat() -> int:
    return sweeps.heartbeat(now=timezone.now())


@shared_task(name="monitoring.tasks.flag_overdue_echocardiograms")  # type: ignore[untyped-decorator]
def flag_overdue_echocardiograms() -> int:
    return sweeps.flag_overdue_echocardiograms(now=timezone.now())


@shared_task(name="monitoring.tasks.flag_lvef_drops")  # type: ignore[untyped-decorator]
def flag_lvef_drops() -> int:
    return sweeps.flag_lvef_drops(now=timezone.now())


@shared_task(name="monitoring.tasks.escalate_flags")  # type: ignore[untyped-decorator]
def escalate_flags() -> int:
    return sweeps.escalate_flags(now=timezone.now())


@shared_task(name="monitoring.tasks.send_reminders")  # type: ignore[untyped-decorator]
def send_reminders() -> int:
    return sweeps.send_reminders(now=timezone.now())


@shared_task(name="monitoring.tasks.deliver_reminders")  # type: ignore[untyped-decorator]
def deliver_reminders() -> int:
    sent = reminders.deliver(channels.send)
    sweeps.note(SweepName.DELIVERY, None, now=timezone.now(), changed=sent)
    return sent


@shared_task(name="monitoring.tasks.import_results")  # type: ignore[untyped-decorator]
def import_results() -> int:
    return result_imports.work()
