"""Mail the administrators when the checks have not run, or one was wrong: by cron or systemd, without any worker."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from her2tracker.accounts.models import Site
from her2tracker.accounts.roles import Permission
from monitoring.actions import reminders
from monitoring.heartbeat import STALE_AFTER, Heartbeat, last_heartbeat


class Command(BaseCommand):
    help = "Mail the administrators of a site whose checks have not run or were wrong. Ends with 1 when there is one."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        beats = [(site, last_heartbeat(site, now)) for site in Site.objects.order_by("name")]
        letters = [(site, *_stale(site, beat)) for site, beat in beats if beat.stale]
        letters += [(site, *_fault(site, beat)) for site, beat in beats if beat.fault]
        if not letters:
            self.stdout.write("The checks have run at every site.")
            return
        # Each site is told even when another site's mail is not accepted: what failed is in the last line.
        said = [self._tell(*letter) for letter in letters]
        raise CommandError("\n".join(said))

    def _tell(self, site: Site, what: str, subject: str, text: str) -> str:
        people = [person.email for person in reminders.recipients(site, Permission.MANAGE_SITE)]
        if not people:
            return f"{site}: {what}. No administrator could be told: the site has none."
        try:
            send_mail(subject, text, None, people)
        except OSError as error:
            return f"{site}: {what}. The mail was not accepted: {error}"
        return f"{site}: {what}. Administrators told: {len(people)}."


def _stale(site: Site, beat: Heartbeat) -> tuple[str, str, str]:
    hours = int(STALE_AFTER.total_seconds() // 3600)
    text = (
        f"{beat.text} at {site}: more than {hours} hours ago, or never.\n\n"
        "Until they run, no overdue LVEF and no fall is flagged by itself. Start the task workers and the\n"
        f"scheduler, then look here:\n{settings.PUBLIC_URL}/\n\n"
        "This mail did not come by the workers, so that it arrives when they are down.\n"
    )
    return beat.text, "The cardiac checks have not run", text


def _fault(site: Site, beat: Heartbeat) -> tuple[str, str, str]:
    text = (
        f"At {site}: {beat.fault}.\n\n"
        "Why is not known: the program's log names the plans, under plan_wrongly_left_alone. Tell whoever maintains\n"
        "the program, and those who treat these patients. This is mailed each time until it is marked as seen:\n"
        f"{settings.PUBLIC_URL}{reverse('check-faults')}\n"
    )
    return beat.fault, "A cardiac check was wrong", text
