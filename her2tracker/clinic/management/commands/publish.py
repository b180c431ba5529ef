"""Publish regimen and protocol files as frozen versions."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from her2tracker.lib.catalog import CatalogError
from monitoring.actions import protocols
from scheduling.actions import regimens


class Command(BaseCommand):
    help = "Publish every regimen and cardiac protocol file that is new; refuse one whose meaning changed."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = regimens.publish(), protocols.publish()
        except CatalogError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Published {made[0]} regimens and {made[1]} cardiac protocols.")
