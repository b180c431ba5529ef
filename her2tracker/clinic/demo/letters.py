"""Letters to the demo's patients: switched on, written for the week, and one patient who asks for another day."""

from __future__ import annotations

from datetime import datetime, time

from django.utils import timezone

from her2tracker.accounts.models import Site, User
from monitoring.actions import letter_settings, patient_answers, patient_letters
from monitoring.actions.patient_answers import Asked
from monitoring.core.patient_letters import Answer
from monitoring.models import Reminder
from monitoring.models.appointments import standing
from monitoring.words import ReminderKind


def load(site: Site, coordinator: User) -> None:
    """As if the site's hour for letters had come already."""
    letter_settings.choose(by=coordinator, is_on=True)
    noon = datetime.combine(site.today(), time(12), site.zone)
    patient_letters.compose(site, now=noon)
    for letter in Reminder.objects.filter(site=site, kind=ReminderKind.PATIENT, due_on__gt=site.today())[:20]:
        found = standing(letter)
        if found is not None:
            asked = Asked(letter, found.patient, found, 0)
            patient_answers.answer(
                of=asked, said=Answer.OTHER_DAY, words="Fridays are better for me", now=timezone.now()
            )
            return
