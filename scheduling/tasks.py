"""What beat asks for. Running it twice changes nothing."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from scheduling.actions import closure_moves, horizons, plan_imports


@shared_task(name="scheduling.tasks.move_horizons")  # type: ignore[untyped-decorator]
def move_horizons() -> int:
    """Complete what is past its last day first: nothing more is laid out for it."""
    now = timezone.now()
    horizons.complete_courses(now=now)
    return horizons.move_on(now=now)


@shared_task(name="scheduling.tasks.carry_out_moves")  # type: ignore[untyped-decorator]
def carry_out_moves() -> int:
    return closure_moves.carry_out()


@shared_task(name="scheduling.tasks.import_plans")  # type: ignore[untyped-decorator]
def import_plans() -> int:
    return plan_imports.work()
