"""One infusion's chair: every hour at which one is free, booked or moved with one press."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.pages import next_url, tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refused
from scheduling import lookups
from scheduling.actions import bookings
from scheduling.core.chair_day import clock
from scheduling.forms.chairs import BookForm, WishForm
from scheduling.models import ChairBooking, CycleDay
from scheduling.models.chair_days import Day, day_of
from scheduling.models.free_hours import free_hours, next_free
from scheduling.views import shown
from scheduling.views.chairs import day_url


@permitted(Permission.CHANGE_SCHEDULE)
@require_http_methods(["GET", "POST"])
def cycle_chair(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Where a chair is free for this infusion; posting books one, or moves the one it has."""
    by = user_of(request)
    row = lookups.cycle_day_for(by, uuid)
    day = day_of(by.site, row.planned_on)
    form = BookForm(day.chairs, _chosen(request), initial=_initial(day, row))
    back = next_url(request, day_url(row.planned_on))
    if form.is_valid():
        said = form.cleaned_data
        try:
            made = bookings.book(
                by=by, cycle_day=row, chair=form.chosen(), starts_at=said["starts_at"], seen=said["seen"]
            )
        except Refused as refused:
            tell(form, refused)
            row = lookups.cycle_day_for(by, uuid)
            day = day_of(by.site, row.planned_on)
        else:
            messages.success(request, _booked(by, row, made))
            return redirect(back)
    context = _context(by, row, day, form) | {"back": back}
    return render(request, "scheduling/chair.html", context, status=422 if form.errors else 200)


@permitted(Permission.CHANGE_SCHEDULE)
@require_POST
def cycle_chair_give_back(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The infusion stays planned, without a chair."""
    by = user_of(request)
    row = lookups.cycle_day_for(by, uuid)
    try:
        bookings.give_back(by=by, cycle_day=row, seen=request.POST.get("seen"))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{shown.day_name(row).capitalize()} on {in_words(row.planned_on)} has no chair now.")
    return redirect(next_url(request, day_url(row.planned_on)))


@permitted(Permission.CHANGE_SCHEDULE)
@require_POST
def cycle_chair_wish(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Between which hours this patient can come."""
    by = user_of(request)
    row = lookups.cycle_day_for(by, uuid)
    form = WishForm(request.POST)
    if form.is_valid():
        try:
            made = bookings.wish(by=by, patient=row.plan.patient, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"Kept: {made}." if made else "The patient can come at any hour.")
            return redirect(next_url(request, reverse("cycle-chair", args=[row.uuid])))
    day = day_of(by.site, row.planned_on)
    context = _context(by, row, day, BookForm(day.chairs, initial=_initial(day, row)), wish=form)
    return render(request, "scheduling/chair.html", context | {"back": day_url(row.planned_on)}, status=422)


def _chosen(request: HttpRequest) -> QueryDict | None:
    """A pressed hour carries its chair; the other form says both by itself."""
    posted = shown.posted(request)
    if posted is None or "place" not in posted:
        return posted
    said = posted.copy()
    said["chair"], _, said["starts_at"] = str(posted["place"]).partition("@")
    return said


def _initial(day: Day, row: CycleDay) -> dict[str, Any]:
    booking = day.bookings.get(row.pk)
    if booking is None:
        return {"starts_at": row.starts_at, "seen": ""}
    begins = booking.begins(day.site).time()
    return {"chair": str(booking.chair.uuid), "starts_at": begins, "seen": str(booking.uuid)}


def _context(by: User, row: CycleDay, day: Day, form: BookForm, wish: WishForm | None = None) -> dict[str, Any]:
    known = getattr(row.plan.patient, "chair_wish", None)
    asked = {"not_before": known.not_before, "leave_by": known.leave_by} if known else {}
    booking = day.bookings.get(row.pk)
    frees = free_hours(day, row)
    context = shown.inside_plan(row.plan, f"Chair for {shown.day_name(row)}", row=row, form=form)
    return context | {
        "name": shown.day_name(row),
        "day": day,
        "minutes": day.minutes(row),
        "booking": booking,
        "seen": str(booking.uuid) if booking else "",
        "frees": frees,
        "full": _full(day, row),
        "next_free": None if frees else _next(by, row),
        "known": known,
        "wish": wish or WishForm(initial=asked),
    }


def _full(day: Day, row: CycleDay) -> str:
    """Why no hour can be offered."""
    stay, plain = day.stay(row), day.plain()
    if day.hours and not plain.starts(stay):
        left = "today" if day.on == day.site.today() else "on this day"
        return f"{stay.minutes} minutes no longer fit {left}: chairs close at {day.hours.closes_at:%H:%M}."
    return "The day is full: no chair is free long enough."


def _next(by: User, row: CycleDay) -> dict[str, Any] | None:
    """The next day with room for it; only a delay goes there, and that is decided elsewhere."""
    found = next_free(by.site, row, max(row.planned_on, by.site.today()))
    return {"on": found[0], "at": clock(found[1].begins)} if found else None


def _booked(by: User, row: CycleDay, made: ChairBooking) -> str:
    begins, ends = made.begins(by.site), made.ends(by.site)
    patient = row.plan.patient
    return f"{made.chair} is booked for {patient.given_name} {patient.family_name}, {begins:%H:%M} to {ends:%H:%M}."
