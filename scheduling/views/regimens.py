"""The library: every regimen with every figure's source, and who took responsibility for what is unverified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.catalog import documents
from her2tracker.lib.refusals import Refused
from scheduling import lookups
from scheduling.actions import regimens
from scheduling.core.governance import Standing
from scheduling.core.regimen import Agent, Dose, Regimen
from scheduling.forms.drafts import RetireForm
from scheduling.forms.regimens import SignOffForm
from scheduling.models import RegimenDraft, RegimenSignOff, RegimenVersion, TreatmentPlan
from scheduling.models.library import orderable_at, standing_at, standings_at
from scheduling.models.standing import regimen_of
from scheduling.views.drafts import as_file
from scheduling.views.library import Fact, tabs


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the library."""

    version: RegimenVersion
    core: Regimen
    is_signed: bool
    standing: Standing

    @property
    def agents(self) -> list[Agent]:
        return [self.core.agent(name) for name in self.core.agents]


@dataclass(frozen=True, slots=True)
class Stated:
    """A dose of one agent under the name it has in the regimen."""

    which: str
    dose: Dose


@permitted(Permission.VIEW_REGIMENS)
@require_safe
def regimen_list(request: HttpRequest) -> HttpResponse:
    """The newest version of each regimen."""
    user = user_of(request)
    newest, standings = RegimenVersion.objects.at(user.site).newest(), standings_at(user.site)
    signed = set(RegimenSignOff.objects.filter(site=user.site).values_list("regimen_id", flat=True))
    rows = [Listed(version, regimen_of(version), version.pk in signed, standings[version.pk]) for version in newest]
    # a site's own first, what nobody is started on any more last
    rows.sort(key=lambda row: (not row.standing.is_orderable, row.version.site_id is None, row.core.name))
    return render(request, "scheduling/regimens.html", {"rows": rows, "tabs": tabs(user, "library")})


@permitted(Permission.VIEW_REGIMENS)
@require_http_methods(["GET", "POST"])
def regimen_detail(request: HttpRequest, key: str, version: int) -> HttpResponse:
    """One version; posting signs its unverified figures off for this site."""
    user = user_of(request)
    row = lookups.regimen_for(user.site_id, key, version)
    form = SignOffForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            regimens.sign_off(by=user, regimen=row, statement=form.cleaned_data["statement"])
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"Signed off {row}. It can be ordered at {user.site} from now on.")
            return redirect("regimen", key, version)
    core = regimen_of(row)
    context = {
        "row": row,
        "core": core,
        "titles": [core.agent(name).title for name in core.agents],
        "phases": [(phase, [(agent, list(_doses(agent))) for agent in phase.agents]) for phase in core.phases],
        "facts": [Fact(f.words, f.citation, documents().get(f.citation.document)) for f in core.cited_facts],
        "sign_off": row.sign_offs.filter(site=user.site).select_related("recorded_by").first(),
        "versions": RegimenVersion.objects.at(user.site).filter(key=key).exclude(pk=row.pk).order_by("-version"),
        "standing": standing_at(user.site, row),
        "approval": RegimenDraft.objects.filter(published=row).prefetch_related("signatures__recorded_by").first(),
        "tabs": tabs(user, "library"),
        "form": form,
    }
    return render(request, "scheduling/regimen.html", context, status=422 if form.errors else 200)


@permitted(Permission.APPROVE_REGIMENS)
@require_http_methods(["GET", "POST"])
def regimen_retire(request: HttpRequest, key: str, version: int) -> HttpResponse:
    """Nobody is started on it here any more; the page says which plans go on."""
    user = user_of(request)
    row = lookups.regimen_for(user.site_id, key, version)
    others = {other.key: other for other in orderable_at(user.site).values() if other.pk != row.pk}
    form = RetireForm(request.POST if request.method == "POST" else None, versions=others)
    if form.is_valid():
        try:
            regimens.retire(by=user, regimen=row, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"Retired {row} at {user.site}. Plans that run on it go on.")
            return redirect("regimen", key, version)
    running = TreatmentPlan.objects.active().at(user.site_id).filter(regimen=row).count()
    context = {
        "form": form, "subject": row, "title": "Retire this version", "stops": True, "running": running,
        "text": "Nobody at this site is started on it or switched to it any more. This cannot be taken back.",
        "back": reverse("regimen", args=[key, version]), "back_label": str(row),
    }  # fmt: skip
    return render(request, "scheduling/regimen_act.html", context, status=422 if form.errors else 200)


@permitted(Permission.VIEW_REGIMENS)
@require_safe
def regimen_file(request: HttpRequest, key: str, version: int) -> HttpResponse:
    """The file as it was written, to keep, compare or upload elsewhere."""
    row = lookups.regimen_for(user_of(request).site_id, key, version)
    try:
        return as_file(regimens.text_of(row), f"{row.key}-v{row.version}.toml")
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("regimen", key, version)


def _doses(agent: Agent) -> Iterator[Stated]:
    named = (
        ("Loading dose", agent.loading),
        ("First dose", agent.first),
        ("Maintenance dose", agent.maintenance),
        ("Re-load", agent.reload.dose),
    )
    for which, dose in named:
        if dose is not None:
            yield Stated(which, dose)
