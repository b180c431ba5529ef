#!/usr/bin/env python
"""Django's commands. `make manage ARGS="..."` runs them with the local services up."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "her2tracker.settings")
    execute_from_command_line(sys.argv)
