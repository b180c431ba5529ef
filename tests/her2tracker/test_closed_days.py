"""Days the site is closed: kept by the administrator, marked on plans and Today, and nothing moves."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from her2tracker.audit.models import Act
from scheduling.actions import closed_days, cycles
from scheduling.models import ClosedDay, SitePolicy
from scheduling.words import DelayReason
from tests import make
from tests.her2tracker.test_site_pages import SETTINGS

pytestmark = pytest.mark.django_db
START, FIFTH = date(2026, 1, 5), date(2026, 3, 30)  # Mondays; cycle 5 is planned 84 days after cycle 1


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-16T09:00:00Z", tick=False):
        yield


def page(client: Client, address: str, who: str) -> str:
    client.force_login(make.person(who))
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_day_is_closed_and_opened_again_by_the_administrator_with_an_act_for_each(client: Client):
    client.force_login(make.person("ada"))
    assert client.post(reverse("closed-days"), {"on": "2026-03-30", "name": "Moving house"}).status_code == 302
    day = ClosedDay.objects.get()
    assert "Moving house" in client.get(reverse("closed-days")).content.decode()
    assert client.post(reverse("closed-day-open", args=[day.uuid])).status_code == 302
    assert not ClosedDay.objects.exists()
    assert Act.objects.filter(verb__in=("day.closed", "day.reopened")).count() == 2


@pytest.mark.parametrize(
    ("on", "name"),
    [("2026-03-15", "passed"), ("2026-03-30", "   "), ("", "no day"), ("30.3.", "x"), ("2026-04-06", "")],
)
def test_a_closed_day_that_cannot_be_is_refused_and_nothing_is_saved(client: Client, on: str, name: str):
    client.force_login(make.person("ada"))
    assert client.post(reverse("closed-days"), {"on": on, "name": name}).status_code == 422
    assert not ClosedDay.objects.exists()


def test_the_same_day_is_not_closed_twice(client: Client):
    client.force_login(make.person("ada"))
    closed_days.close(by=make.person("ada"), on=FIFTH, name="Moving house")
    response = client.post(reverse("closed-days"), {"on": "2026-03-30", "name": "Again"})
    assert response.status_code == 422
    assert "marked as closed already" in response.content.decode()


def test_a_closed_day_of_another_site_is_not_found(client: Client):
    elsewhere = make.site(name="Elsewhere")
    day = ClosedDay.objects.create(site=elsewhere, on=FIFTH, name="Theirs")
    client.force_login(make.person("ada"))
    assert client.post(reverse("closed-day-open", args=[day.uuid])).status_code == 404
    assert ClosedDay.objects.filter(pk=day.pk).exists()


def test_a_cycle_on_a_closed_day_is_marked_with_open_days_near_it_and_stays_where_it_is(client: Client):
    plan = make.plan(start=START, given=4)
    closed_days.close(by=make.person("ada"), on=FIFTH, name="Moving house")
    text = page(client, f"/plans/{plan.uuid}/", "omar")
    assert text.count("Site closed: Moving house") == 1
    assert "Open Tue 31 Mar 2026, 1 day later, no re-load" in text
    assert make.cycle(plan, 5).planned_on == FIFTH


def test_a_closed_weekday_is_saved_and_marks_every_planned_cycle_but_none_given(client: Client):
    plan = make.plan(start=START, given=4)
    SitePolicy.objects.update_or_create(site=plan.patient.site, defaults={"closed_weekdays": [0]})
    assert page(client, f"/plans/{plan.uuid}/", "omar").count("Site closed: closed on Mondays") == 13


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("label", "1 day later: 29 days since the last dose, 8 late: trastuzumab re-loads at 8 mg/kg"),
        ("eu-hp", "1 day later, no re-load"),
    ],
)
def test_an_open_day_is_judged_by_the_plan_s_own_policy(client: Client, policy: str, said: str):
    """CLINICAL.md 2, disagreement 1: 29 days after the last dose the label re-loads, the EU table does not."""
    SitePolicy.objects.update_or_create(site=make.site(), defaults={"reload_with_pertuzumab": policy})
    plan = make.plan("trastuzumab-pertuzumab", start=START, given=4)
    late = FIFTH + timedelta(days=7)
    cycles.delay(by=make.person("nora"), cycle_day=make.cycle(plan, 5), to_on=late, reason=DelayReason.CAPACITY)
    closed_days.close(by=make.person("ada"), on=late, name="Moving house")
    assert f"Open Tue 7 Apr 2026, {said}" in page(client, f"/plans/{plan.uuid}/", "omar")


def test_a_plan_without_closed_days_says_nothing_of_them(client: Client):
    assert "Site closed" not in page(client, f"/plans/{make.plan(start=START, given=4).uuid}/", "omar")


def test_today_says_when_the_site_is_closed_that_day(client: Client):
    closed_days.close(by=make.person("ada"), on=FIFTH, name="Moving house")
    assert "The site is closed this day: Moving house" in page(client, "/today/?on=2026-03-30", "nora")
    assert "The site is closed" not in page(client, "/today/?on=2026-03-31", "nora")


def test_a_row_of_today_on_a_closed_day_names_the_days_near_it_and_its_neighbours_are_marked(client: Client):
    plan = make.plan(start=START, given=4)
    closed_days.close(by=make.person("ada"), on=FIFTH, name="Moving house")
    shut = page(client, "/today/?on=2026-03-30", "nora")
    assert "Site closed: Moving house" in shut
    assert "Open Tue 31 Mar 2026, 1 day later, no re-load" in shut
    assert make.cycle(plan, 5).planned_on == FIFTH
    beside = page(client, "/today/?on=2026-03-29", "nora")
    assert 'closed<span class="visually-hidden">: Moving house</span>' in beside


def test_the_chart_and_the_timeline_say_that_a_day_is_closed(client: Client):
    plan = make.plan(start=START, given=4)
    closed_days.close(by=make.person("ada"), on=FIFTH, name="Moving house")
    assert "Mon 30 Mar 2026: site closed, Moving house" in page(client, f"/patients/{plan.patient.uuid}/", "omar")
    assert "Cycle 5, Mon 30 Mar 2026: planned, site closed: Moving house" in page(
        client, f"/plans/{plan.uuid}/", "omar"
    )


def test_the_preview_of_an_extension_marks_the_cycle_that_falls_on_a_closed_day(client: Client):
    plan = make.plan("trastuzumab-q3w-17", start=START, given=4)
    closed_days.close(by=make.person("ada"), on=date(2026, 12, 28), name="Between the years")  # cycle 18 would be then
    assert "Site closed: Between the years" in page(client, f"/plans/{plan.uuid}/extend/?cycles=1", "omar")


def test_the_preview_of_a_switch_marks_the_days_that_are_closed(client: Client):
    plan = make.plan("trastuzumab-q3w-17", start=START, given=4)
    closed_days.close(by=make.person("ada"), on=FIFTH, name="Moving house")
    shown = page(client, f"/plans/{plan.uuid}/switch/?regimen=trastuzumab-q3w-18", "omar")
    assert "Site closed: Moving house" in shown


def test_the_settings_page_keeps_closed_weekdays(client: Client):
    ada = make.person("ada")
    client.force_login(ada)
    assert client.post(reverse("site-settings"), SETTINGS | {"closed_weekdays": ["5", "6"]}).status_code == 302
    assert SitePolicy.objects.get(site=ada.site).closed_weekdays == [5, 6]
    assert client.post(reverse("site-settings"), SETTINGS | {"closed_weekdays": ["7"]}).status_code == 422


def test_the_api_lists_closes_and_opens_days_and_refuses_what_it_cannot_do(client: Client):
    client.force_login(make.person("ada"))
    body = {"on": "2026-03-30", "name": "Moving house"}
    made = client.post("/api/v1/closed-days/", body, content_type="application/json")
    assert made.status_code == 201
    assert client.post("/api/v1/closed-days/", body, content_type="application/json").status_code == 409
    bad = client.post("/api/v1/closed-days/", {"on": "soon"}, content_type="application/json")
    assert bad.status_code == 400
    assert [row["on"] for row in client.get("/api/v1/closed-days/").json()["results"]] == ["2026-03-30"]
    opened = f"/api/v1/closed-days/{made.json()['uuid']}/open/"
    assert client.post(opened).status_code == 200
    assert client.post(opened).status_code == 404


def test_a_nurse_reads_closed_days_over_the_api_and_closes_none(client: Client):
    client.force_login(make.person("nora"))
    assert client.get("/api/v1/closed-days/").status_code == 200
    body = {"on": "2026-03-30", "name": "x"}
    assert client.post("/api/v1/closed-days/", body, content_type="application/json").status_code == 403
