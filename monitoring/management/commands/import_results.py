"""Check and record the files of LVEF results that wait, at every site."""

from __future__ import annotations

from monitoring import tasks
from monitoring.management.commands._task import TaskCommand


class Command(TaskCommand):
    help = "Check and record the files of LVEF results that wait, at every site."
    task = staticmethod(tasks.import_results)
    said = "Files recorded: {count}"
