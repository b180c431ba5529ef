"""Models and migrations agree."""

from __future__ import annotations

import pgtrigger
import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def test_no_model_change_lacks_its_migration():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_every_trigger_that_the_models_name_is_installed_as_they_name_it():
    states = [trigger.get_installation_status(model)[0] for model, trigger in pgtrigger.registered()]
    assert len(states) > 150
    assert set(states) == {"INSTALLED"}
