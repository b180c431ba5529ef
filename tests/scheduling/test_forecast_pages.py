"""Who will not finish in a year: the list, its sheet, and the API's answer."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from her2tracker.audit.models import Act
from her2tracker.lib.tables import cell
from scheduling.actions import cycles
from scheduling.words import DelayReason
from tests import api, make
from tests.scheduling.pages import START, signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-25T09:00:00Z", tick=False):
        yield


def late(**fields):
    """18 doses every three weeks would end on 28 Dec; three weeks late on 18 Jan, and the year ends on 4 Jan."""
    plan = make.plan("trastuzumab-pertuzumab", start=START, given=4, of=make.patient(**fields))
    row = make.cycle(plan, 5)
    cycles.delay(by=make.person("nora"), cycle_day=row, to_on=date(2026, 4, 20), reason=DelayReason.CAPACITY)
    return plan


def test_a_plan_that_does_not_fit_is_listed_with_its_figures_and_one_that_fits_is_not():
    late(family_name="Late")
    make.plan("trastuzumab-pertuzumab", start=START, given=4, of=make.patient(family_name="Timely"))
    page = words(signed_in("omar").get(reverse("forecast")))
    assert "1 plan" in page
    assert "LATE, Anna" in page
    assert "TIMELY" not in page
    assert "21 days" in page
    assert "Mon 4 Jan 2027" in page


def test_an_empty_forecast_says_what_that_means():
    assert "Everybody finishes in a year" in words(signed_in("cora").get(reverse("forecast")))


def test_the_forecast_asks_as_often_for_four_plans_as_for_one():
    late()
    omar = signed_in("omar")
    omar.get(reverse("forecast"))
    with CaptureQueriesContext(
        connection,
    ) as one:
        omar.get(reverse("forecast"))
    for _ in range(3):
        late()
    with CaptureQueriesContext(connection) as four:
        omar.get(reverse("forecast"))
    assert len(four) == len(one)


def test_the_sheet_holds_no_formula_and_is_an_act():
    late(family_name='=HYPERLINK("x")', given_name="@sum", mrn="+1-2")
    response = signed_in("cora").get(reverse("forecast-csv"))
    assert response["Content-Type"].startswith("text/csv")
    head, row = list(csv.reader(io.StringIO(response.content.decode())))
    assert row[:4] == ['\'=HYPERLINK("x")', "'@sum", "1970-05-17", "'+1-2"]
    assert dict(zip(head, row, strict=True))["delay_days"] == "21"
    assert Act.objects.get(verb="forecast.exported").details == {"rows": 1}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=1", "'=1"),
        ("-x", "'-x"),
        (" +1", "' +1"),
        ("\t=1", "'\t=1"),
        (-3, "-3"),
        (None, ""),
        ("Ana-Maria", "Ana-Maria"),
    ],
)
def test_a_cell_is_text(value, text):
    assert cell(value) == text


@pytest.mark.parametrize("who", ["nora", "pia", "ada", "xavier"])
@pytest.mark.parametrize("page", ["forecast", "forecast-csv"])
def test_who_does_not_see_the_forecast(who, page):
    assert signed_in(who).get(reverse(page)).status_code == 403


def test_another_sites_plans_are_not_in_it():
    elsewhere = make.site(name="Another clinic")
    plan = make.plan("trastuzumab-pertuzumab", start=START, given=4, of=make.patient(elsewhere))
    nora, row = make.person("nora", elsewhere), make.cycle(plan, 5)
    cycles.delay(by=nora, cycle_day=row, to_on=date(2026, 4, 20), reason=DelayReason.CAPACITY)
    assert "Everybody finishes" in words(signed_in("omar").get(reverse("forecast")))


def test_the_api_tells_the_same():
    plan = late()
    (line,) = api.get("cora", "forecast/")["results"]
    assert (line["plan"], line["given"], line["delay_days"]) == (str(plan.uuid), 4, 21)
    assert line["year_ends_on"] == "2027-01-04"
    assert api.client("nora").get("/api/v1/forecast/").status_code == 403
