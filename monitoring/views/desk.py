"""A new plan's checklist, an echo nobody came to, and lists under a name."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.pages import next_url, tell
from her2tracker.accounts.roles import Permission, Role
from her2tracker.lib.refusals import Refused
from monitoring.actions import checklists, no_shows, saved_lists
from monitoring.core.checklist import Point
from monitoring.forms.desk import NotAttendedForm, SavedListForm, SettledForm
from monitoring.models import EchoBooking, EchoNoShow, SavedList
from scheduling.lookups import plan_for
from scheduling.models import TreatmentPlan
from scheduling.views.inside import inside

DATES = 3  # of the coming infusions: what is agreed with a new patient


@permitted(Permission.VIEW_QUEUE)
@require_http_methods(["GET", "POST"])
def plan_checklist(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Each point with what is on record about it, to be ticked or waived."""
    by = user_of(request)
    plan = plan_for(by, uuid)
    wrong: dict[str, str] = {}
    if request.method == "POST":
        point = _point(request.POST.get("point", ""))
        try:
            _settle(by, plan, point, request)
        except Refused as refused:
            wrong = {point.value: str(refused)}
        else:
            return redirect(next_url(request, reverse("plan-checklist", args=[plan.uuid])))
    ticks = {tick.point: tick for tick in plan.checklist.select_related("recorded_by")}
    dates = list(plan.cycle_days.planned().order_by("planned_on").values_list("planned_on", flat=True)[:DATES])
    booking = EchoBooking.objects.filter(plan=plan, cancelled_at=None).order_by("-booked_for").first()
    context = inside(plan.patient, "Checklist of a new plan", plan=plan, dates=dates, booking=booking)
    context["points"] = [(one, ticks.get(one.value), wrong.get(one.value, "")) for one in Point]
    context["open"] = sum(one.value not in ticks for one in Point)
    return render(request, "monitoring/checklist.html", context, status=422 if wrong else 200)


@permitted(Permission.BOOK_ECHOES)
@require_http_methods(["GET", "POST"])
def echo_not_attended(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Nobody came to this appointment, or why that is settled."""
    by = user_of(request)
    rows = EchoBooking.objects.select_related("plan__patient", "no_show__recorded_by", "no_show__settled_by")
    booking = rows.filter(plan__patient__site=by.site_id, uuid=uuid).first()
    if booking is None:
        raise Http404
    known: EchoNoShow | None = getattr(booking, "no_show", None)
    back = next_url(request, reverse("lvef-trend", args=[booking.plan.patient.uuid]))
    data = request.POST if request.method == "POST" else None
    form: NotAttendedForm | SettledForm = SettledForm(data) if known else NotAttendedForm(data)
    if form.is_valid():
        try:
            if known:
                no_shows.settle(by=by, no_show=known, **form.cleaned_data)
            else:
                no_shows.record(by=by, booking=booking, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, "Settled." if known else "Kept: the echo is to be booked again.")
            return redirect(back)
    title = "Did not attend the echo"
    context = inside(booking.plan.patient, title, form=form, booking=booking, known=known, back=back)
    return render(request, "monitoring/echo_not_attended.html", context, status=422 if form.errors else 200)


@permitted(Permission.VIEW_PATIENTS)
@require_POST
def list_save(request: HttpRequest, page: str) -> HttpResponse:
    """The present filter of a list under a name."""
    by, form = user_of(request), SavedListForm(request.POST)
    if page not in saved_lists.PAGES:
        raise Http404
    if form.is_valid():
        said, role = form.cleaned_data, Role(by.role) if form.cleaned_data["shared"] and by.role else None
        try:
            made = saved_lists.save(by=by, page=page, query=said["query"], name=said["name"], role=role)
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, f"Saved as “{made.name}”.")
    else:
        messages.error(request, "Name the list: nothing was saved.")
    return redirect(f"{reverse(page)}?{saved_lists.clean(page, request.POST.get('query', '')[:200])}")


@permitted(Permission.VIEW_PATIENTS)
@require_POST
def list_remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    by = user_of(request)
    found = SavedList.objects.filter(site=by.site_id, uuid=uuid).select_related("recorded_by").first()
    if found is None:
        raise Http404
    try:
        saved_lists.remove(by=by, saved=found)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Removed the list “{found.name}”.")
    return redirect(found.page)


def _point(text: str) -> Point:
    if text not in list(Point):
        raise Http404
    return Point(text)


def _settle(by: User, plan: TreatmentPlan, point: Point, request: HttpRequest) -> None:
    words = request.POST.get("words", "")
    if request.POST.get("act") == "undo":
        checklists.untick(by=by, plan=plan, point=point)
    else:
        checklists.tick(by=by, plan=plan, point=point, words=words, waived=request.POST.get("act") == "waive")
