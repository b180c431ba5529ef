"""The migration linter, which is an app of development only: `python -m tests.lint_migrations`.

It reads the SQL of every migration and refuses what would stop the previous release while it still serves.
"""

import sys

import django
from django.core.management import call_command

from her2tracker import settings

# A unique index on the regimens' versions: some dozens of rows, locked for less than a millisecond. And one on letters
# to patients, of which there are none when it is made. And one on subscribed calendars, a few for each person: what the
# previous release writes, the new index takes as the old one did.
SMALL = ["0005_regimen_drafts_and_imports", "0008_one_letter", "0015_infusions_assigned"]
OURS = ("accounts", "audit", "scheduling", "monitoring", "clinic")


def main() -> None:
    """Exits with 1 when a migration is unsafe."""
    settings.INSTALLED_APPS.append("django_migration_linter")
    settings.LOGGING["root"]["level"] = "WARNING"
    django.setup()
    call_command(
        "lintmigrations",
        include_apps=list(OURS),
        ignore_initial_migrations=True,  # nobody serves while the first tables are made
        ignore_name=SMALL,
        no_cache=True,
        quiet=["ok", "ignore"],
    )


if __name__ == "__main__":
    sys.exit(main())
