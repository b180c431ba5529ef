"""The library: every regimen with every figure's source, and who took responsibility for what is unverified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.catalog import documents
from her2tracker.lib.refusals import Refused
from her2tracker.lib.sources import Citation, Document
from scheduling import lookups
from scheduling.actions import regimens
from scheduling.core.regimen import Agent, Dose, Regimen
from scheduling.forms.regimens import SignOffForm
from scheduling.models import RegimenSignOff, RegimenVersion
from scheduling.models.standing import regimen_of


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the library."""

    version: RegimenVersion
    core: Regimen
    is_signed: bool

    @property
    def agents(self) -> list[Agent]:
        return [self.core.agent(name) for name in self.core.agents]


@dataclass(frozen=True, slots=True)
class Stated:
    """A dose of one agent under the name it has in the regimen."""

    which: str
    dose: Dose


@dataclass(frozen=True, slots=True)
class Fact:
    words: str
    citation: Citation
    document: Document | None

    @property
    def section(self) -> str:
        return self.citation.section.replace("-", " ")


@permitted(Permission.VIEW_REGIMENS)
@require_safe
def regimen_list(request: HttpRequest) -> HttpResponse:
    """The newest version of each regimen."""
    newest = RegimenVersion.objects.order_by("key", "-version").distinct("key")
    signed = set(RegimenSignOff.objects.filter(site=user_of(request).site).values_list("regimen_id", flat=True))
    rows = [Listed(version, regimen_of(version), version.pk in signed) for version in newest]
    rows.sort(key=lambda row: row.core.name)
    return render(request, "scheduling/regimens.html", {"rows": rows})


@permitted(Permission.VIEW_REGIMENS)
@require_http_methods(["GET", "POST"])
def regimen_detail(request: HttpRequest, key: str, version: int) -> HttpResponse:
    """One version; posting signs its unverified figures off for this site."""
    user, row = user_of(request), lookups.regimen_for(key, version)
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
        "versions": RegimenVersion.objects.filter(key=key).exclude(pk=row.pk).order_by("-version"),
        "form": form,
    }
    return render(request, "scheduling/regimen.html", context, status=422 if form.errors else 200)


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
