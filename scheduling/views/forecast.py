"""Who will not finish in a year, as a page and as a sheet."""

from __future__ import annotations

import csv

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.roles import Permission
from her2tracker.audit import acts
from her2tracker.lib.tables import cell
from scheduling import catalog
from scheduling.forecasts import Late, interruption_words, late_at

PER_PAGE = 50
COLUMNS = (
    "family_name", "given_name", "born_on", "mrn", "regimen", "credited", "given", "omitted", "left", "left_out",
    "delay_days", "interrupted_days", "year_ends_on", "last_on", "days_past",
)  # fmt: skip


@permitted(Permission.VIEW_FORECAST)
@require_safe
def forecast(request: HttpRequest) -> HttpResponse:
    """Every active plan of the site whose doses do not fit into one year."""
    page = Paginator(late_at(user_of(request).site), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "limits": catalog.year_limits(), "interruption": interruption_words()}
    return render(request, "scheduling/forecast.html", context)


@permitted(Permission.VIEW_FORECAST)
@require_safe
def forecast_csv(request: HttpRequest) -> HttpResponse:
    """The whole list as a sheet. Names leave the product with it, so it is an act."""
    by = user_of(request)
    late = late_at(by.site)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="forecast-{by.site.today()}.csv"'
    sheet = csv.writer(response)
    sheet.writerow(COLUMNS)
    sheet.writerows([cell(value) for value in _values(one)] for one in late)
    acts.record("forecast.exported", by=by, rows=len(late))
    return response


def _values(one: Late) -> tuple[object, ...]:
    patient, found = one.plan.patient, one.forecast
    return (
        patient.family_name, patient.given_name, patient.born_on, patient.mrn, one.regimen.name, found.credited,
        found.given, found.omitted, found.left, found.left_out, found.delay_days, found.interrupted_days,
        found.year_ends_on, found.last_on, one.days_past,
    )  # fmt: skip
