"""Public holidays: chosen by country and part of it, named before they count, worked on where the site says so."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from her2tracker.accounts.access import Denied
from her2tracker.audit.models import Act
from her2tracker.lib.refusals import Refused
from scheduling.actions import closed_days, holidays
from scheduling.catalog import public_holidays
from scheduling.catalog.public_holidays import Calendar
from scheduling.models import OpenedHoliday, SitePolicy
from scheduling.models.closed_days import closed_days_of
from tests import api, make
from tests.scheduling.pages import signed_in, words

pytestmark = pytest.mark.django_db
CHRISTMAS, EPIPHANY = date(2026, 12, 25), date(2027, 1, 6)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-16T09:00:00Z", tick=False):
        yield


@pytest.fixture
def bavaria():
    return holidays.choose(by=make.person("ada"), country="DE", subdivision="BY")


def test_a_part_of_a_country_has_holidays_of_its_own():
    assert EPIPHANY in public_holidays.of_year(Calendar("DE", "BY"), 2027)
    assert EPIPHANY not in public_holidays.of_year(Calendar("DE", "BE"), 2027)
    assert EPIPHANY not in public_holidays.of_year(Calendar("DE"), 2027)
    assert public_holidays.of_year(Calendar("US"), 2026)[date(2026, 11, 26)] == "Thanksgiving Day"


def test_every_calendar_that_can_be_chosen_can_be_read():
    """A sample of the countries, whole and by their first part; none brings another year along."""
    for country in list(public_holidays.countries())[::12]:
        parts = public_holidays.subdivisions(country)[:1]
        for part in ("", *(code for code, _ in parts)):
            assert {day.year for day in public_holidays.of_year(Calendar(country, part), 2026)} <= {2026}


def test_they_are_named_before_they_count():
    ada = signed_in("ada")
    page = words(ada.get("/settings/holidays/?country=DE&subdivision=BY"))
    assert "Germany, Bayern" in page
    assert "Fri 25 Dec 2026: Christmas Day" in page
    assert "Wed 6 Jan 2027: Epiphany" in page
    assert closed_days_of(make.site()).why(CHRISTMAS) == ""
    assert ada.post("/settings/holidays/", {"country": "DE", "subdivision": "BY", "strict": "1"}).status_code == 302
    assert closed_days_of(make.site()).why(CHRISTMAS) == "Christmas Day"
    assert "Nothing chosen" not in words(ada.get("/settings/holidays/"))


def test_the_settings_page_says_which_holidays_close_the_site_and_what_comes_next():
    ada = signed_in("ada")
    assert "No public holiday closes the site. No day is closed by name" in words(ada.get("/settings/"))
    holidays.choose(by=make.person("ada"), country="DE", subdivision="BY")
    closed_days.close(by=make.person("ada"), on=date(2026, 3, 20), name="Removal")
    page = words(ada.get("/settings/"))
    assert "The public holidays of Germany, Bayern close the site." in page
    assert "Closed next: Fri 20 Mar 2026 (Removal), Fri 3 Apr 2026 (Good Friday), Mon 6 Apr 2026" in page


def test_another_country_drops_the_part_of_the_one_before():
    page = words(signed_in("ada").get("/settings/holidays/?country=FR&subdivision=BY"))
    assert "Mon 14 Jul 2026" not in page
    assert "Tue 14 Jul 2026" in page


@pytest.mark.parametrize("said", [{"country": "XX"}, {"country": "DE", "subdivision": "ZZ", "strict": "1"}])
def test_an_unknown_calendar_is_refused(said: dict[str, str]):
    assert signed_in("ada").post("/settings/holidays/", said).status_code == 422
    with pytest.raises(Refused, match="No public holidays are known"):
        holidays.choose(by=make.person("ada"), country=said["country"], subdivision=said.get("subdivision", ""))
    assert not SitePolicy.objects.filter(holiday_country__gt="").exists()


def test_the_site_works_on_a_holiday_and_closes_on_it_again(bavaria):
    ada = signed_in("ada")
    assert ada.post("/settings/holidays/change/", {"on": "2027-01-06", "act": "open"}).status_code == 302
    assert closed_days_of(make.site()).why(EPIPHANY) == ""
    assert closed_days_of(make.site()).why(CHRISTMAS) == "Christmas Day"
    with pytest.raises(Refused, match="works on Wed 6 Jan 2027 already"):
        holidays.work_on(by=make.person("ada"), on=EPIPHANY)
    ada.post("/settings/holidays/change/", {"on": "2027-01-06", "act": "close"})
    assert closed_days_of(make.site()).why(EPIPHANY) == "Epiphany"
    with pytest.raises(Refused, match="does not work on"):
        holidays.rest_on(by=make.person("ada"), on=EPIPHANY)
    assert Act.objects.filter(verb__in=("holiday.opened", "holiday.closed")).count() == 2


@pytest.mark.parametrize(
    "said", [{"on": "soon", "act": "open"}, {"on": "2026-07-01", "act": "open"}, {"on": "", "act": ""}]
)
def test_a_day_that_is_no_holiday_is_refused(bavaria, said: dict[str, str]):
    page = words(signed_in("ada").post("/settings/holidays/change/", said, follow=True))
    assert "is no public holiday at your site" in page or "That was not a day" in page
    assert not OpenedHoliday.objects.exists()


def test_a_name_the_site_gave_wins_and_a_closed_day_stays_when_holidays_go(bavaria):
    closed_days.close(by=make.person("ada"), on=CHRISTMAS, name="Closed all week")
    assert closed_days_of(make.site()).why(CHRISTMAS) == "Closed all week"
    holidays.choose(by=make.person("ada"), country="")
    assert closed_days_of(make.site()).why(CHRISTMAS) == "Closed all week"
    assert closed_days_of(make.site()).why(EPIPHANY) == ""


def test_only_the_range_asked_for_is_read(bavaria):
    found = closed_days_of(make.site(), date(2026, 12, 24), date(2026, 12, 26))
    assert dict(found.dates) == {CHRISTMAS: "Christmas Day", date(2026, 12, 26): "Second Day of Christmas"}


def test_only_the_administrator_chooses():
    for who in ("nora", "omar", "cora"):
        with pytest.raises(Denied):
            holidays.choose(by=make.person(who), country="DE")


def test_a_new_plan_says_which_of_its_days_are_closed_and_where_they_could_go(bavaria):
    patient = make.patient()
    make.weight(patient, 70, date(2026, 3, 16))
    make.ready(patient, date(2026, 3, 16))
    make.lvef(patient, 62, date(2026, 3, 16))
    make.published()
    page = words(signed_in("omar").get(f"/patients/{patient.uuid}/plans/new/?regimen=trastuzumab-q3w-17"))
    assert "Site closed: Easter Monday" in page
    assert "Open Tue 7 Apr 2026, 1 day later, no re-load" in page


def test_the_api_answers_everybody_and_lets_the_administrator_choose():
    ada, nora = api.client("ada"), api.client("nora")
    body = {"country": "DE", "subdivision": "BY"}
    assert nora.post("/api/v1/holidays/", body, format="json").status_code == 403
    chosen = ada.post("/api/v1/holidays/", body, format="json").json()
    assert chosen["title"] == "Germany, Bayern"
    assert ada.post("/api/v1/holidays/", {"country": "QQ"}, format="json").status_code == 409
    assert ada.post("/api/v1/holidays/", {}, format="json").status_code == 400
    asked = "/api/v1/calendar/?first_on=2026-12-20&last_on=2026-12-31"
    assert [one["on"] for one in nora.get(asked).json()] == ["2026-12-25", "2026-12-26"]
    assert ada.post("/api/v1/holidays/work/", {"on": "2026-12-26"}, format="json").status_code == 200
    assert ada.post("/api/v1/holidays/work/", {"on": "2026-12-26"}, format="json").status_code == 409
    assert [one["on"] for one in nora.get(asked).json()] == ["2026-12-25"]
    assert ada.post("/api/v1/holidays/rest/", {"on": "2026-12-26"}, format="json").status_code == 200
    assert nora.get("/api/v1/calendar/?first_on=2026-12-20&last_on=2026-12-19").status_code == 400
    assert nora.get("/api/v1/calendar/?first_on=2026-12-20&last_on=2036-12-19").status_code == 400
