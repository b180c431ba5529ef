"""Booking an echo: the date and the place, against the last day that is still useful."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import next_url, tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refused
from monitoring.actions import assessments
from monitoring.forms.assessments import EchoForm
from monitoring.models import EchoBooking
from monitoring.models.standing import standing_of
from monitoring.models.work import infusions_of
from scheduling.lookups import plan_for
from scheduling.models import TreatmentPlan
from scheduling.views.inside import inside


@permitted(Permission.BOOK_ECHOES)
@require_http_methods(["GET", "POST"])
def echo_book(request: HttpRequest, uuid: UUID) -> HttpResponse:
    user = user_of(request)
    plan = plan_for(user, uuid)
    back = next_url(request, reverse("lvef-trend", args=[plan.patient.uuid]))
    form = EchoForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            booking = assessments.book_echo(by=user, plan=plan, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            _told(request, plan, booking)
            return redirect(back)
    standing, today = standing_of(plan), user.site.today()
    bookings = EchoBooking.objects.filter(plan=plan).select_related("recorded_by").order_by("-booked_for", "-id")
    context = inside(plan.patient, "Book echo", form=form, plan=plan, bookings=bookings, back=back, today=today)
    context |= {"window": standing.window(today), "next_on": infusions_of([plan.pk], today).get(plan.pk, [None])[0]}
    context["early"] = standing.too_early(today, today)
    return render(request, "monitoring/echo_book.html", context, status=422 if form.errors else 200)


def _told(request: HttpRequest, plan: TreatmentPlan, booking: EchoBooking) -> None:
    """Booked; with a warning when the echo comes after the infusion that needs it."""
    said = f"Echo of {plan.patient} booked for {in_words(booking.booked_for)} at {booking.lab}."
    today = plan.patient.site.today()
    standing = standing_of(plan)
    window = standing.window(today)
    days = infusions_of([plan.pk], today).get(plan.pk, [])
    late = [day for day in days if window.overdue_on and window.overdue_on <= day < booking.booked_for]
    if late:
        messages.warning(
            request, f"{said} The LVEF is overdue at the infusion of {in_words(late[0])}: ask for an earlier day."
        )
    elif early := standing.too_early(booking.booked_for, today):
        messages.warning(request, f"{said} {early.sentence}")
    else:
        messages.success(request, f"{said} Only its result closes what is due.")
