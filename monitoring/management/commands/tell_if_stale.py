"""Mail the administrators when the checks have not run: by cron or systemd, without any worker."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from her2tracker.accounts.models import Site
from her2tracker.accounts.roles import Permission
from monitoring.actions import reminders
from monitoring.heartbeat import STALE_AFTER, Heartbeat, last_heartbeat


class Command(BaseCommand):
    help = "Mail the administrators of each site whose checks have not run. Ends with 1 when there is one."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        beats = [(site, last_heartbeat(site, now)) for site in Site.objects.order_by("name")]
        stale = [(site, beat) for site, beat in beats if beat.stale]
        if not stale:
            self.stdout.write("The checks have run at every site.")
            return
        # Each site is told even when another site's mail is not accepted: what failed is in the last line.
        said = [self._tell(site, beat) for site, beat in stale]
        raise CommandError("\n".join(said))

    def _tell(self, site: Site, beat: Heartbeat) -> str:
        people = [person.email for person in reminders.recipients(site, Permission.MANAGE_SITE)]
        if not people:
            return f"{site}: {beat.text}. No administrator could be told: the site has none."
        hours = int(STALE_AFTER.total_seconds() // 3600)
        text = (
            f"{beat.text} at {site}: more than {hours} hours ago, or never.\n\n"
            "Until they run, no overdue LVEF and no fall is flagged by itself. Start the task workers and the\n"
            f"scheduler, then look here:\n{settings.PUBLIC_URL}/\n\n"
            "This mail did not come by the workers, so that it arrives when they are down.\n"
        )
        try:
            send_mail("The cardiac checks have not run", text, None, people)
        except OSError as error:
            return f"{site}: {beat.text}. The mail was not accepted: {error}"
        return f"{site}: {beat.text}. Administrators told: {len(people)}."
