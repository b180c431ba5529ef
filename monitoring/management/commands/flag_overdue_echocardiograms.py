"""Raise and resolve the flags of overdue LVEF assessments, at every site."""

from __future__ import annotations

from monitoring import tasks
from monitoring.management.commands._task import TaskCommand


class Command(TaskCommand):
    help = "Raise and resolve the flags of overdue LVEF assessments, at every site."
    task = staticmethod(tasks.flag_overdue_echocardiograms)
    said = "Flags raised, reopened or resolved: {count}"
