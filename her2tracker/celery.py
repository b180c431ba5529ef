"""Celery's application. Everything it needs to know is in the settings, under CELERY_."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "her2tracker.settings")

app = Celery("her2tracker")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
