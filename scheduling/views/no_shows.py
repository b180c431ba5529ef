"""Nobody came to an infusion: saying so, and saying why it is settled."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import next_url, tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from scheduling.actions import no_shows
from scheduling.lookups import cycle_day_for
from scheduling.models import NoShow
from scheduling.views.inside import inside


class NotAttendedForm(forms.Form):
    words = forms.CharField(label="What is known", max_length=300, required=False)


class SettledForm(forms.Form):
    settlement = forms.CharField(label="Why it is settled", max_length=300)


@permitted(Permission.CHANGE_SCHEDULE)
@require_http_methods(["GET", "POST"])
def cycle_not_attended(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Before it is known: who did not come. Afterwards: why nothing more is to be done."""
    by = user_of(request)
    row = cycle_day_for(by, uuid)
    mine = NoShow.objects.filter(plan=row.plan_id, cycle=row.cycle, day=row.day, on=row.planned_on)
    known = mine.select_related("recorded_by", "settled_by", "plan__patient").first()
    back = next_url(request, f"{reverse('today')}?on={row.planned_on}")
    data = request.POST if request.method == "POST" else None
    form: NotAttendedForm | SettledForm = SettledForm(data) if known else NotAttendedForm(data)
    if form.is_valid():
        try:
            if known:
                no_shows.settle(by=by, no_show=known, **form.cleaned_data)
            else:
                no_shows.record(by=by, cycle_day=row, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            said = "Settled." if known else f"Kept: {row.plan.patient} did not attend. The coordinators call today."
            messages.success(request, said)
            return redirect(back)
    context = inside(row.plan.patient, "Did not attend", form=form, row=row, known=known, back=back)
    return render(request, "scheduling/not_attended.html", context, status=422 if form.errors else 200)
