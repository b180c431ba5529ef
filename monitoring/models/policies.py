"""What a site decides about the heart where labels leave it open, or differ."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from her2tracker.accounts.models import Site
from her2tracker.audit.history import tracked
from monitoring.catalog.policies import call_policy, ladder
from monitoring.core.escalation import Ladder, with_hours


@tracked
class CardiacPolicy(models.Model):
    """One row per site; absent means the defaults below. Inputs are stored with each finding."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="cardiac_policy")
    # The institution's own limit, in LVEF percent; CLINICAL.md 3.2, edge case 2, gives the default.
    lower_limit_of_normal = models.DecimalField(max_digits=3, decimal_places=1, default=Decimal(50))
    # Guidelines this site adopts beside the labels; null: those of its jurisdiction.
    adopted_guidelines = ArrayField(models.CharField(max_length=60), null=True, blank=True)
    reminder_lead_days = models.PositiveSmallIntegerField(default=7)
    # An entry below this LVEF, or this many points below the last one, is typed twice: 36 for 63 costs a
    # hold. Both figures are the coordinators' own (USERS.md, 15:00), not a label's.
    double_entry_below = models.DecimalField(max_digits=3, decimal_places=1, default=Decimal(50))
    double_entry_fall = models.DecimalField(max_digits=3, decimal_places=1, default=Decimal(10))
    # How long the echo lab lets one wait, in days: an echo must be asked for that long before it is needed.
    echo_lead_days = models.PositiveSmallIntegerField(default=14)
    # And how many days pass until its result is on record: 0 where the report comes the same day.
    echo_result_days = models.PositiveSmallIntegerField(default=0, db_default=0)
    digest_when_empty = models.BooleanField(default=False)
    # Who hears after the first step of the ladder; nobody named: every oncologist of the site.
    lead_oncologist = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # The ladder's hours at this site; null: as the policy file has them.
    lead_after_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    coordinator_after_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    # After how many calls that reached nobody the plan's oncologist is told; null: as the policy file has it.
    call_attempts = models.PositiveSmallIntegerField(null=True, blank=True)
    # Plans started before it have no checklist: they were there when checklists came. Null: every new plan has one.
    checklists_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(double_entry_below__gte=0, double_entry_fall__gt=0),
                name="monitoring_policy_double_entry_plausible",
            ),
            models.CheckConstraint(
                condition=models.Q(lower_limit_of_normal__gte=45, lower_limit_of_normal__lte=60),
                name="monitoring_policy_normal_plausible",
            ),
        ]

    def __str__(self) -> str:
        return f"Cardiac policy of {self.site}"

    @property
    def ladder(self) -> Ladder:
        """The escalation ladder with this site's hours. Raises ValueError when they do not climb."""
        return with_hours(ladder(), self.hours)

    @property
    def hours(self) -> dict[str, int]:
        """The site's own hours by step; a step that keeps the policy file's is not in it."""
        hours = {"lead": self.lead_after_hours, "coordinator": self.coordinator_after_hours}
        return {step: hour for step, hour in hours.items() if hour is not None}

    @property
    def attempts(self) -> int:
        """Calls without reaching the patient after which the oncologist is told."""
        return self.call_attempts or call_policy().attempts

    @classmethod
    def of(cls, site: Site) -> CardiacPolicy:
        """The site's row, or the defaults."""
        return cls.objects.filter(site=site).select_related("lead_oncologist").first() or cls(site=site)
