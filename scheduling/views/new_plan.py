"""A new plan: the questions beside every date and dose they lead to. Nothing is saved until it is started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal, Refused
from scheduling import catalog, lookups
from scheduling.actions import plans
from scheduling.core import choosing
from scheduling.core.gaps import AskClinician
from scheduling.forms.new_plan import NewPlanForms, PriorForm
from scheduling.models import Patient, RegimenVersion, TumourProfile
from scheduling.models.library import orderable_at, standings_at
from scheduling.models.standing import regimen_of, tumour_of
from scheduling.objection import Objection
from scheduling.views.inside import inside
from scheduling.views.plan_preview import Shown, show
from scheduling.views.shown import wants_part

WEIGHTS_OFFERED = 6


@dataclass(frozen=True, slots=True)
class Pane:
    """The right side: a plan, or why there is none yet. `asked` are the questions only a clinician answers."""

    shown: Shown | None = None
    refusals: tuple[Refusal, ...] = ()
    objections: tuple[Objection, ...] = ()
    asked: tuple[PriorForm, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def can_start(self) -> bool:
        return self.shown is not None and not self.refusals

    @property
    def asks_why(self) -> bool:
        """A plan by mouth has no infusion that could wait: what stands before it is decided here."""
        by_mouth = self.shown is not None and self.shown.preview.regimen.is_by_mouth_only
        return by_mouth and any(objection.stops_treatment for objection in self.objections)


@dataclass(frozen=True, slots=True)
class Advice:
    """What the tumour suggests: regimens with their names, what is still to be asked, or the one refusal.

    `not_here` says why a suggested regimen cannot be ordered at this site: silence would hide it.
    """

    suggestions: tuple[tuple[RegimenVersion, choosing.Suggestion], ...]
    questions: tuple[choosing.Question, ...]
    refusals: tuple[Refusal, ...]
    not_here: tuple[str, ...] = ()

    @property
    def only(self) -> str:
        """The regimen to begin with when just one is suggested; none when there is a choice to make."""
        return self.suggestions[0][1].regimen if len(self.suggestions) == 1 else ""


@permitted(Permission.START_PLANS)
@require_http_methods(["GET", "POST"])
def plan_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Each change draws the preview again; only the act "start" writes."""
    user = user_of(request)
    patient = lookups.patient_for(user, uuid)
    profile, versions = TumourProfile.objects.filter(patient=patient).first(), orderable_at(user.site)
    advice = advice_for(profile, versions, user.site)
    forms = _forms(request, patient, versions, advice.only)
    starting = request.POST.get("act") == "start"
    if starting and forms.is_valid():
        try:
            plan = plans.start(by=user, patient=patient, in_spite_of=forms.in_spite_of, **forms.arguments())
        except Refused as refused:
            tell(forms.plan, refused)
        else:
            messages.success(request, f"Started {plan.regimen} for {patient}: first dose {in_words(plan.start_on)}.")
            return redirect("plan", plan.uuid)
    pane = _pane(user, patient, forms)
    forms.plan.fields["in_spite_of"].required = pane.asks_why  # its label then stops saying "optional"
    context = inside(patient, "New plan", forms=forms, pane=pane)
    if wants_part(request):
        return render(request, "scheduling/new_plan.html#preview", context)
    context |= {"advice": advice, "profile": profile}
    return render(request, "scheduling/new_plan.html", context, status=422 if starting else 200)


def newest_versions(site: Site) -> dict[str, RegimenVersion]:
    """The newest version of each regimen that the site can see, orderable or not, by its id."""
    return {version.key: version for version in RegimenVersion.objects.at(site).newest()}


def advice_for(profile: TumourProfile | None, versions: Mapping[str, RegimenVersion], site: Site) -> Advice:
    found = choosing.suggest(tumour_of(profile), catalog.choices())
    suggestions = [one for one in found if isinstance(one, choosing.Suggestion)]
    return Advice(
        suggestions=tuple((versions[one.regimen], one) for one in suggestions if one.regimen in versions),
        questions=tuple(one for one in found if isinstance(one, choosing.Question)),
        refusals=tuple(one for one in found if isinstance(one, Refusal)),
        not_here=_not_here([one.regimen for one in suggestions if one.regimen not in versions], site),
    )


def _not_here(keys: Sequence[str], site: Site) -> tuple[str, ...]:
    if not keys:
        return ()
    newest, standings = newest_versions(site), standings_at(site)
    rows = [newest[key] for key in dict.fromkeys(keys) if key in newest]
    return tuple(
        f"{row.name} is suggested too, and cannot be ordered here: {standings[row.pk].in_words()}." for row in rows
    )


def _forms(
    request: HttpRequest, patient: Patient, versions: Mapping[str, RegimenVersion], suggested: str
) -> NewPlanForms:
    """What was answered; at first, what can be answered from the chart."""
    weights = list(patient.measurements.filter(weight_kg__isnull=False)[:WEIGHTS_OFFERED])
    known: dict[str, Any] = {
        "versions": versions,
        "weights": weights,
        "agents": agent_titles(newest_versions(patient.site)),
    }
    if request.method == "POST":
        data = request.POST.copy()
        data["regimen"] = data.get("choose") or data.get("regimen", "")
        return NewPlanForms(data, **known)
    first = {
        "regimen": request.GET.get("regimen", suggested),
        "start_on": str(patient.site.today()),
        "weight": str(weights[0].uuid) if weights else "",
    }
    # without a regimen nothing was answered yet: no preview, and no mistake to point at
    return NewPlanForms(first, **known) if first["regimen"] else NewPlanForms(None, initial=first, **known)


def agent_titles(versions: Mapping[str, RegimenVersion]) -> dict[str, str]:
    """Every agent of the library with its title: any of them may have been given before."""
    cores = [regimen_of(version) for version in versions.values()]
    named = {name: core.agent(name).title for core in cores for name in core.agents}
    return dict(sorted(named.items(), key=lambda pair: pair[1]))


def _pane(user: User, patient: Patient, forms: NewPlanForms) -> Pane:
    if not forms.plan.data.get("regimen"):
        return Pane()
    if not forms.is_valid():
        return Pane(missing=tuple(forms.errors))
    arguments = forms.arguments()
    answered = tuple(form for form in forms.priors if form.is_said and form.cleaned_data["decided_kind"])
    try:
        preview = plans.preview(by=user, patient=patient, **arguments)
    except Refused as refused:
        return Pane(refusals=(refused.refusal,), asked=(*answered, *_asked(refused, forms)))
    objections = () if preview.refusals else plans.objections_to(preview, by=user, prior=arguments["prior"])
    return Pane(show(preview), preview.refusals, tuple(objections), answered)


def _asked(refused: Refused, forms: NewPlanForms) -> tuple[PriorForm, ...]:
    """The earlier agent about which no document says how this regimen starts after it."""
    question = refused.__cause__
    if not isinstance(question, AskClinician):
        return ()
    return tuple(form for form in forms.priors if form.agent == question.after)
