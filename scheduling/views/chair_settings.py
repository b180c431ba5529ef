"""What chairs there are, when they are used, and how long a set-up takes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from scheduling import lookups
from scheduling.actions import chairs as actions
from scheduling.forms.chairs import AddChairForm, ChairForm, HoursForm
from scheduling.models import Chair, OpeningHours, SitePolicy


@permitted(Permission.ARRANGE_CHAIRS)
@require_http_methods(["GET", "POST"])
def chair_settings(request: HttpRequest) -> HttpResponse:
    """The chairs and the hours; posting saves the hours."""
    by = user_of(request)
    form = HoursForm(request.POST if request.method == "POST" else None, initial=_hours(by))
    if form.is_valid():
        try:
            actions.set_hours(by=by, hours=form.hours(), set_up_minutes=form.cleaned_data["set_up_minutes"])
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, "Saved. What is booked stays where it is.")
            return redirect("chair-settings")
    return _page(request, by, form=form)


@permitted(Permission.ARRANGE_CHAIRS)
@require_http_methods(["POST"])
def chair_add(request: HttpRequest) -> HttpResponse:
    by = user_of(request)
    form = AddChairForm(request.POST)
    if form.is_valid():
        try:
            chair = actions.add(by=by, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"{chair} is there.")
            return redirect("chair-settings")
    return _page(request, by, adding=form)


@permitted(Permission.ARRANGE_CHAIRS)
@require_http_methods(["GET", "POST"])
def chair_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Name, order, and from when until when it is used."""
    by = user_of(request)
    chair = lookups.chair_for(by, uuid)
    shown = {name: getattr(chair, name) for name in ("name", "position", "from_on", "until_on")}
    form = ChairForm(request.POST if request.method == "POST" else None, initial=shown)
    if form.is_valid():
        try:
            chair = actions.change(by=by, chair=chair, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"{chair} is saved.")
            return redirect("chair-settings")
    context = {"chair": chair, "form": form, "crumbs": [*_crumbs(by), ("Chairs and hours", reverse("chair-settings"))]}
    return render(request, "scheduling/chair_change.html", context, status=422 if form.errors else 200)


def _page(
    request: HttpRequest, by: User, *, form: HoursForm | None = None, adding: AddChairForm | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form or HoursForm(initial=_hours(by)),
        "adding": adding or AddChairForm(),
        "chairs": Chair.objects.filter(site=by.site),
        "today": by.site.today(),
        "crumbs": _crumbs(by),
    }
    failed = bool((form and form.errors) or (adding and adding.errors))
    return render(request, "scheduling/chair_settings.html", context, status=422 if failed else 200)


def _hours(by: User) -> dict[str, Any]:
    policy = SitePolicy.objects.filter(site=by.site).first() or SitePolicy()
    return HoursForm.of(OpeningHours.objects.filter(site=by.site), policy.chair_set_up_minutes)


def _crumbs(by: User) -> list[tuple[str, str]]:
    if by.may(Permission.MANAGE_SITE):
        return [("Site settings", reverse("site-settings"))]
    return [("Chairs", reverse("chairs"))]
