"""The administrator's places: site settings and people."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from allauth.account.forms import ResetPasswordForm
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from her2tracker.accounts import second_factor
from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import ROLES, Permission, Role
from her2tracker.clinic import people, site_actions, style_guide
from her2tracker.clinic.forms.site import ChangeForm, InviteForm, SiteForm, initial_of
from her2tracker.lib.refusals import Refused
from scheduling.models.closed_days import calendar_of, closed_days_of

AHEAD = timedelta(days=183)
NEXT_SHOWN = 4  # a settings page says what comes; the lists say all


@permitted(Permission.MANAGE_SITE)
@require_http_methods(["GET", "POST"])
def site_settings(request: HttpRequest) -> HttpResponse:
    by = user_of(request)
    form = SiteForm(by.site, request.POST or None, initial=initial_of(by.site))
    if request.method == "POST" and form.is_valid():
        try:
            site_actions.change(by=by, **form.cleaned_groups())
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, "Saved the site's settings. They count from now on.")
            return redirect("site-settings")
    context = {"form": form, "calendar": calendar_of(by.site), "next_closed": _next_closed(by.site)}
    return render(request, "clinic/site_settings.html", context, status=422 if form.is_bound else 200)


@permitted(Permission.MANAGE_PEOPLE)
@require_http_methods(["GET"])
def people_list(request: HttpRequest) -> HttpResponse:
    rows = User.objects.filter(site=user_of(request).site).order_by("-is_active", "full_name")
    roles = [(role.value, definition) for role, definition in ROLES.items()]
    return render(request, "clinic/people.html", {"people": rows, "roles": roles})


@permitted(Permission.MANAGE_PEOPLE)
@require_http_methods(["GET", "POST"])
def person_new(request: HttpRequest) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            person = people.invite(
                by=user_of(request), email=data["email"], full_name=data["full_name"], role=Role(data["role"])
            )
        except Refused as refused:
            tell(form, refused)
        else:
            _mail_password_link(request, person)
            messages.success(request, f"Invited {person}. A mail to {person.email} says how to set a password.")
            return redirect("people")
    return render(request, "clinic/person.html", {"form": form}, status=422 if form.is_bound else 200)


@permitted(Permission.MANAGE_PEOPLE)
@require_http_methods(["GET", "POST"])
def person_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    by = user_of(request)
    person = get_object_or_404(User, uuid=uuid, site=by.site_id)
    form = ChangeForm(request.POST or None, initial=ChangeForm.of(person))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            people.change(
                by=by,
                person=person,
                full_name=data["full_name"],
                role=Role(data["role"]),
                is_active=data["is_active"],
            )
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"Saved {person}.")
            return redirect("people")
    context = {"form": form, "someone": person, "has_second_factor": second_factor.has_one(person)}
    return render(request, "clinic/person.html", context, status=422 if form.is_bound else 200)


@permitted(Permission.MANAGE_PEOPLE)
@require_POST
def person_second_factor_reset(request: HttpRequest, uuid: UUID) -> HttpResponse:
    by = user_of(request)
    person = get_object_or_404(User, uuid=uuid, site=by.site_id)
    try:
        people.reset_second_factor(by=by, person=person)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Reset the second factor of {person}. A new one is set up at the next sign-in.")
    return redirect("person", uuid)


@permitted(Permission.MANAGE_SITE)
@require_http_methods(["GET"])
def style_guide_page(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic/style_guide.html", style_guide.context())


def _next_closed(site: Site) -> list[tuple[date, str]]:
    """The next days closed by name, whoever closed them; a weekday closed every week is not named."""
    today = site.today()
    return sorted(closed_days_of(site, today, today + AHEAD).dates.items())[:NEXT_SHOWN]


def _mail_password_link(request: HttpRequest, person: User) -> None:
    form = ResetPasswordForm(data={"email": person.email})
    if form.is_valid():
        form.save(request)
