"""What an administrator decides for the site, and who works there."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms

from her2tracker.accounts.models import JURISDICTIONS, Site, User
from her2tracker.accounts.roles import Role
from her2tracker.clinic.site_actions import leads_at
from monitoring import catalog
from monitoring.catalog.policies import call_policy, ladder
from monitoring.core.protocol import Kind
from monitoring.models import CardiacPolicy
from scheduling.catalog import acuity_weights
from scheduling.core.acuity import HEAVIEST
from scheduling.core.calendar import WEEKDAYS
from scheduling.forms.fields import DayField
from scheduling.forms.plan_changes import QUESTIONS, option_choices
from scheduling.models import SitePolicy
from scheduling.models.nursing import OWN_WEIGHTS


def _weight(label: str) -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=0, max_value=HEAVIEST, label=label)


class SiteForm(forms.Form):
    """Fields in three groups; `cleaned_groups` parts them by the row that keeps them."""

    name = forms.CharField(max_length=120, label="Name of the site")
    phone = forms.CharField(max_length=40, required=False, label="Phone", help_text="Shown to patients.")
    time_zone = forms.ChoiceField(label="Time zone", help_text="Due dates are this place's calendar days.")
    jurisdiction = forms.ChoiceField(
        choices=[(j, j) for j in JURISDICTIONS],
        label="Jurisdiction",
        help_text="Whose labels bind here, where they differ.",
    )
    second_factor_roles = forms.MultipleChoiceField(
        required=False,
        choices=[(r.value, r.label) for r in Role],
        widget=forms.CheckboxSelectMultiple,
        label="Second factor required of",
        help_text="They reach nothing until they have set one up. The hospital’s own sign-in counts as one.",
    )
    idle_minutes = forms.IntegerField(
        required=False,
        min_value=5,
        max_value=480,
        label="Sign people out after (minutes without a sign of life)",
        help_text="Empty: only after ten hours. What somebody sends too late is kept for them, unrecorded.",
    )
    rounding_step_mg = forms.DecimalField(
        required=False,
        min_value=1,
        max_value=150,
        decimal_places=1,
        label="Round doses to (mg)",
        help_text="Empty: no rounding. Never past the limit of each drug's source, never up for T-DM1.",
    )
    weight_valid_days = forms.IntegerField(min_value=1, max_value=120, label="A weight is recent for (days)")
    difference_asks_reason_percent = forms.DecimalField(
        min_value=0,
        max_value=20,
        decimal_places=1,
        label="A dose given asks for a reason when it differs by more than (%)",
    )
    reload_with_pertuzumab = forms.ChoiceField(label=QUESTIONS["reload_with_pertuzumab"], widget=forms.RadioSelect)
    anchor = forms.ChoiceField(label=QUESTIONS["anchor"], widget=forms.RadioSelect)
    minimum_gap_days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=84,
        label="Least days between two doses where the next keeps its date",
        help_text="Empty: the figure of the policy file.",
    )
    cap = forms.ChoiceField(label=QUESTIONS["cap"], widget=forms.RadioSelect)
    release_required = forms.BooleanField(
        required=False,
        label="A doctor releases each cycle before it is given",
        help_text="Until then nobody can record it as given.",
    )
    second_check_required = forms.BooleanField(
        required=False,
        label="A second person checks each infusion before it is given",
        help_text="Under another name, without seeing the first figures. Until both agree nothing is recorded.",
    )
    consent_required = forms.BooleanField(
        required=False,
        label="A signed consent to the treatment is on record before anything is given",
        help_text="For each plan. One that was withdrawn stops everything, whatever stands here.",
    )
    closed_weekdays = forms.TypedMultipleChoiceField(
        required=False,
        coerce=int,
        choices=list(enumerate(WEEKDAYS)),
        widget=forms.CheckboxSelectMultiple,
        label="Closed on",
        help_text="Cycles planned on these weekdays are marked. None moves by itself.",
    )
    lower_limit_of_normal = forms.DecimalField(
        min_value=45,
        max_value=60,
        decimal_places=1,
        label="Lower limit of normal LVEF (%)",
        help_text="The institution's own. Stored with every finding it was used for.",
    )
    adopted_guidelines = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Guidelines that judge beside the labels",
    )
    reminder_lead_days = forms.IntegerField(min_value=1, max_value=60, label="The digest looks ahead (days)")
    echo_lead_days = forms.IntegerField(
        min_value=0,
        max_value=120,
        label="The echo lab lets one wait (days)",
        help_text="An echo is asked for that long before an infusion needs it.",
    )
    echo_result_days = forms.IntegerField(
        min_value=0,
        max_value=30,
        label="An echo’s result is on record after (days)",
        help_text="0: on the day itself.",
    )
    lead_oncologist = forms.ModelChoiceField(
        User.objects.none(),
        required=False,
        to_field_name="uuid",
        empty_label="Every oncologist of the site",
        label="Lead oncologist",
        help_text="Is mailed first when nobody decides a finding.",
    )
    lead_after_hours = forms.IntegerField(
        required=False, min_value=1, max_value=336, label="Undecided findings go to the lead oncologist after (hours)"
    )
    coordinator_after_hours = forms.IntegerField(
        required=False, min_value=1, max_value=336, label="They go to the coordinators after (hours)"
    )

    start_tolerance_minutes = forms.IntegerField(
        min_value=0,
        max_value=120,
        label="An infusion is on time until (minutes after its hour)",
        help_text="How the operations report counts.",
    )
    call_attempts = forms.IntegerField(
        required=False, min_value=1, max_value=10, label="Calls in a row without an answer before the doctor is told"
    )

    acuity_maintenance = _weight("An infusion at maintenance doses weighs")
    acuity_loading = _weight("One with a loading or first dose weighs")
    acuity_reload = _weight("One with a re-load weighs")
    acuity_further_agent = _weight("Each further agent adds")

    SITE = ("name", "phone", "time_zone", "jurisdiction", "second_factor_roles", "idle_minutes")
    LABELS = ("reload_with_pertuzumab", "anchor", "minimum_gap_days", "cap")
    SCHEDULING = (
        "rounding_step_mg",
        "weight_valid_days",
        "difference_asks_reason_percent",
        "release_required",
        "second_check_required",
        "consent_required",
        "closed_weekdays",
        "start_tolerance_minutes",
        *OWN_WEIGHTS,
        *LABELS,
    )
    ESCALATION = ("lead_oncologist", "lead_after_hours", "coordinator_after_hours")
    MONITORING = (
        "lower_limit_of_normal",
        "adopted_guidelines",
        "reminder_lead_days",
        "echo_lead_days",
        "echo_result_days",
        "call_attempts",
        *ESCALATION,
    )

    def __init__(self, site: Site, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        leads = User.objects.filter(pk__in=[person.pk for person in leads_at(site)])
        self.fields["lead_oncologist"].queryset = leads  # type: ignore[attr-defined]
        for step in ladder().steps:
            words = f"Empty: {step.after_hours} hours, as the policy file has it."
            self.fields[f"{step.id}_after_hours"].help_text = words
        self.fields["call_attempts"].help_text = f"Empty: {call_policy().attempts}, as the policy file has it."
        for name in OWN_WEIGHTS:
            shipped = getattr(acuity_weights(), name.removeprefix("acuity_"))
            self.fields[name].help_text = f"Empty: {shipped}, as the policy file has it."
        zones = sorted(z for z in zoneinfo.available_timezones() if "/" in z or z == "UTC")
        self.fields["time_zone"].choices = [(z, z.replace("_", " ")) for z in zones]  # type: ignore[attr-defined]
        for name in QUESTIONS:
            self.fields[name].choices = option_choices(name)  # type: ignore[attr-defined]
        # by id: a new version takes the place of the one before
        guidelines = {p.id: p.title for p in catalog.protocols().values() if p.kind is Kind.GUIDELINE}
        self.fields["adopted_guidelines"].choices = list(guidelines.items())  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if Site.objects.filter(name=name).exclude(name=self.initial.get("name")).exists():
            raise forms.ValidationError("Another site has this name.")
        return name

    def cleaned_groups(self) -> dict[str, dict[str, Any]]:
        groups = {"site": self.SITE, "scheduling": self.SCHEDULING, "monitoring": self.MONITORING}
        return {group: {name: self.cleaned_data[name] for name in names} for group, names in groups.items()}


def initial_of(site: Site) -> dict[str, Any]:
    treatment = SitePolicy.objects.filter(site=site).first() or SitePolicy(site=site)
    heart = CardiacPolicy.objects.filter(site=site).first() or CardiacPolicy(site=site)
    rows = ((site, SiteForm.SITE), (treatment, SiteForm.SCHEDULING), (heart, SiteForm.MONITORING))
    values = {name: getattr(row, name) for row, names in rows for name in names}
    if values["adopted_guidelines"] is None:
        values["adopted_guidelines"] = sorted(
            {
                p.id
                for p in catalog.protocols().values()
                if p.kind is Kind.GUIDELINE and p.jurisdiction in ("any", site.jurisdiction)
            }
        )
    return values


class ClosedDayForm(forms.Form):
    on = DayField(label="Day")
    name = forms.CharField(max_length=80, label="Why", help_text="As plans will show it: a holiday, a move.")


class PersonForm(forms.Form):
    full_name = forms.CharField(max_length=120, label="Name")
    role = forms.ChoiceField(choices=[(r.value, r.label) for r in Role], label="Role")


class InviteForm(PersonForm):
    email = forms.EmailField(label="E-mail", help_text="A mail with a link to set the password goes there.")

    field_order = ("email", "full_name", "role")


class ChangeForm(PersonForm):
    is_active = forms.BooleanField(required=False, label="May sign in")

    @classmethod
    def of(cls, person: User) -> dict[str, Any]:
        return {"full_name": person.full_name, "role": person.role, "is_active": person.is_active}
