"""A site's settings over HTTP: the same form decides what is allowed, and the same act saves it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.models import JURISDICTIONS, Site
from her2tracker.accounts.roles import Permission, Role
from her2tracker.api.fields import Coded
from her2tracker.api.views import Operations, operation
from her2tracker.clinic import site_actions
from her2tracker.clinic.forms.site import SiteForm, initial_of
from scheduling.core.acuity import HEAVIEST
from scheduling.core.policy import Anchor, CapPolicy, ReloadPolicy

WEIGHT = "A weight of organisation; null: as the policy file has it."
HOURS = "Hours that a finding waits for a decision; null: as the policy file has them."


class SettingsShape(serializers.Serializer[Any]):
    """What this clinic decides where labels leave it open."""

    name = serializers.CharField(max_length=120)
    phone = serializers.CharField(max_length=40, allow_blank=True)
    time_zone = serializers.CharField(max_length=64)
    jurisdiction = serializers.ChoiceField(choices=JURISDICTIONS)
    second_factor_roles = serializers.ListField(child=Coded(Role), help_text="Roles that must show a second factor.")
    idle_minutes = serializers.IntegerField(
        min_value=5, max_value=480, allow_null=True, help_text="Null: a session ends only after ten hours."
    )
    rounding_step_mg = serializers.DecimalField(max_digits=5, decimal_places=1, allow_null=True)
    weight_valid_days = serializers.IntegerField(min_value=1, max_value=120)
    difference_asks_reason_percent = serializers.DecimalField(max_digits=3, decimal_places=1)
    reload_with_pertuzumab = Coded(ReloadPolicy)
    anchor = Coded(Anchor)
    minimum_gap_days = serializers.IntegerField(min_value=1, max_value=84, allow_null=True)
    cap = Coded(CapPolicy)
    release_required = serializers.BooleanField()
    second_check_required = serializers.BooleanField()
    consent_required = serializers.BooleanField()
    acuity_maintenance = serializers.IntegerField(min_value=0, max_value=HEAVIEST, allow_null=True, help_text=WEIGHT)
    acuity_loading = serializers.IntegerField(min_value=0, max_value=HEAVIEST, allow_null=True, help_text=WEIGHT)
    acuity_reload = serializers.IntegerField(min_value=0, max_value=HEAVIEST, allow_null=True, help_text=WEIGHT)
    acuity_further_agent = serializers.IntegerField(min_value=0, max_value=HEAVIEST, allow_null=True, help_text=WEIGHT)
    closed_weekdays = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=6))
    lower_limit_of_normal = serializers.DecimalField(max_digits=3, decimal_places=1)
    adopted_guidelines = serializers.ListField(child=serializers.CharField(max_length=60))
    reminder_lead_days = serializers.IntegerField(min_value=1, max_value=60)
    echo_lead_days = serializers.IntegerField(min_value=0, max_value=120)
    echo_result_days = serializers.IntegerField(min_value=0, max_value=30)
    start_tolerance_minutes = serializers.IntegerField(min_value=0, max_value=120)
    call_attempts = serializers.IntegerField(
        min_value=1, max_value=10, allow_null=True, help_text="Null: as the policy file has them."
    )
    lead_oncologist = serializers.UUIDField(allow_null=True, help_text="Null: every oncologist of the site.")
    lead_after_hours = serializers.IntegerField(min_value=1, max_value=336, allow_null=True, help_text=HOURS)
    coordinator_after_hours = serializers.IntegerField(min_value=1, max_value=336, allow_null=True, help_text=HOURS)


class Settings(Operations):
    permissions = {"GET": Permission.MANAGE_SITE, "PATCH": Permission.MANAGE_SITE}

    @operation("site_retrieve", returns=SettingsShape)
    def get(self, _: Any) -> Response:
        """Your site's settings."""
        return self.shown(SettingsShape, _settings(self.by.site))

    @operation("site_update", takes=SettingsShape, returns=SettingsShape)
    def patch(self, _: Any) -> Response:
        """Change some of your site's settings; those left out stay as they are."""
        site = self.by.site
        form = SiteForm(site, _settings(site) | self.body(SettingsShape, partial=True), initial=initial_of(site))
        if not form.is_valid():
            raise serializers.ValidationError(
                {name: [str(one) for one in errors] for name, errors in form.errors.items()}
            )
        changed = site_actions.change(by=self.by, **form.cleaned_groups())
        return self.shown(SettingsShape, _settings(changed))


def _settings(site: Site) -> dict[str, Any]:
    found = initial_of(site)
    lead = found["lead_oncologist"]
    return found | {"lead_oncologist": lead.uuid if lead else None}
