"""What the other rule sets would say about one result, for the tumour board and for the file."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.roles import Permission
from her2tracker.audit import acts
from monitoring import lookups
from scheduling.views.inside import inside


@permitted(Permission.VIEW_PATIENTS)
@require_safe
def comparison(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Every rule set side by side, with its figures and its source; made to be printed."""
    user = user_of(request)
    row = lookups.assessment_for(user, uuid)
    acts.record("chart.opened", by=user, patient=row.patient, subject=row)
    found = lookups.comparison_of(row)
    context = inside(row.patient, "Rule sets compared", row=row)
    context |= {"standing": found[0], "comparison": found[1]} if found else {}
    return render(request, "monitoring/comparison.html", context)
