"""What a site decides where the labels leave it open."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models

from her2tracker.accounts.models import Site
from her2tracker.audit.history import tracked
from scheduling.core.policy import Anchor, CapPolicy, ReloadPolicy
from scheduling.models.base import choices, one_of


@tracked
class SitePolicy(models.Model):
    """One row per site; absent means the defaults below, which round nothing."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="scheduling_policy")
    rounding_step_mg = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    # A dose given that differs by more than this from the one planned asks for a reason.
    difference_asks_reason_percent = models.DecimalField(max_digits=3, decimal_places=1, default=Decimal(5))
    weight_valid_days = models.PositiveSmallIntegerField(default=28)
    # Copied to each plan when it starts: a later change of the site moves no plan that runs.
    reload_with_pertuzumab = models.CharField(max_length=8, choices=choices(ReloadPolicy), default=ReloadPolicy.LABEL)
    anchor = models.CharField(max_length=8, choices=choices(Anchor), default=Anchor.ACTUAL)
    cap = models.CharField(max_length=8, choices=choices(CapPolicy), default=CapPolicy.REGIMEN)
    minimum_gap_days = models.PositiveSmallIntegerField(null=True, blank=True)
    # Nothing is given until a doctor released the cycle.
    release_required = models.BooleanField(default=False, db_default=False)
    # Nothing is given until a second person worked the doses out again and looked at the chair.
    second_check_required = models.BooleanField(default=False, db_default=False)
    # Nothing is given until a signed consent to the treatment is on record.
    consent_required = models.BooleanField(default=False, db_default=False)
    # Weekdays without infusions, Monday is 0.
    closed_weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    # Whose public holidays close the site; none until somebody chooses.
    holiday_country = models.CharField(max_length=2, blank=True, default="", db_default="")
    holiday_subdivision = models.CharField(max_length=40, blank=True, default="", db_default="")
    # A chair is taken from its set-up on: cannulation, premedication, the bag from the pharmacy.
    chair_set_up_minutes = models.PositiveSmallIntegerField(default=0, db_default=0)
    # An infusion that begins this many minutes after its hour still counts as on time in the operations report.
    # How a clinic counts, not a clinical figure.
    start_tolerance_minutes = models.PositiveSmallIntegerField(default=15, db_default=15)
    # What an infusion weighs when the day is shared out; null: as the policy file has it.
    acuity_maintenance = models.PositiveSmallIntegerField(null=True, blank=True)
    acuity_loading = models.PositiveSmallIntegerField(null=True, blank=True)
    acuity_reload = models.PositiveSmallIntegerField(null=True, blank=True)
    acuity_further_agent = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(rounding_step_mg__isnull=True) | models.Q(rounding_step_mg__gt=0),
                name="scheduling_policy_rounding_step_positive",
            ),
            one_of("reload_with_pertuzumab", ReloadPolicy, "scheduling_policy_reload_known"),
            one_of("anchor", Anchor, "scheduling_policy_anchor_known"),
            one_of("cap", CapPolicy, "scheduling_policy_cap_known"),
            models.CheckConstraint(
                condition=models.Q(minimum_gap_days=None) | models.Q(minimum_gap_days__gte=1),
                name="scheduling_policy_gap_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_weekdays__contained_by=[0, 1, 2, 3, 4, 5, 6]),
                name="scheduling_policy_closed_weekdays_are_weekdays",
            ),
            models.CheckConstraint(
                condition=models.Q(holiday_subdivision="") | ~models.Q(holiday_country=""),
                name="scheduling_policy_subdivision_of_a_country",
            ),
        ]

    def __str__(self) -> str:
        return f"Scheduling policy of {self.site}"

    @classmethod
    def of(cls, site: Site) -> SitePolicy:
        """The site's row, from memory when it was read along with the site, or the defaults where it has none."""
        try:
            return site.scheduling_policy
        except cls.DoesNotExist:
            return cls()
