"""Celery's application. Everything it needs to know is in the settings, under CELERY_."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "her2tracker.settings")

app = Celery("her2tracker")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect  # type: ignore[untyped-decorator]
def check_at_once(**_: Any) -> None:
    """Beat first waits a whole interval. After a night without it, nobody should wait for the first check."""
    for entry in app.conf.beat_schedule.values():
        app.send_task(entry["task"], **entry.get("options", {}))
