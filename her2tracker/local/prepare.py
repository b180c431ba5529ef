"""Everything between a database that answers and a site that can be served, in one Django process.

Prints one line of JSON for the launcher: what it did, and the demo sign-ins.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from her2tracker.local.state import State


def main() -> None:
    django.setup()
    migrated = bring_up_to_date()
    demo = load_demo_once()
    sys.stdout.write(json.dumps({"migrated": migrated, "sign_ins": sign_ins() if demo else []}) + "\n")


def bring_up_to_date() -> bool:
    """Migrate when there is something to migrate; publish always, for a changed digest must be refused."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    pending = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if pending:
        sys.stderr.write("Bringing the database up to date.\n")
        call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("publish", stdout=sys.stderr)
    return pending


def load_demo_once() -> bool:
    """The demo clinic belongs to the embedded database alone, unless HER2TRACKER_DEMO=1 says otherwise."""
    from django.core.management import call_command

    if os.environ.get("HER2TRACKER_DEMO", "0") != "1":
        return False
    state = _state()
    if not state.done("demo"):
        sys.stderr.write("Loading the demo clinic.\n")
        call_command("load_demo", stdout=sys.stderr)
        state.mark_done("demo")
    return True


def sign_ins() -> list[list[str]]:
    from her2tracker.clinic.demo import SIGN_INS

    return [list(entry) for entry in SIGN_INS]


def _state() -> State:
    from her2tracker.local.state import State, default_folder

    return State(default_folder())


if __name__ == "__main__":
    main()
