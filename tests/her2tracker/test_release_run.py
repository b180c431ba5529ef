"""The doctor's release run: what comes in the next days, one by one or all that nothing stands against."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from her2tracker.audit.models import Act
from scheduling.actions import holds, releases
from scheduling.models import Release, SitePolicy
from scheduling.words import HoldReason
from tests import api, make
from tests.scheduling.pages import START, signed_in, words

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 30)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-30T07:20:00Z", tick=False):
        yield


@pytest.fixture(autouse=True)
def asked_for():
    SitePolicy.objects.create(site=make.site(), release_required=True)


def coming(day: int, **fields):
    """The first cycle of a plan that starts on this day of April, or of March from the 30th on."""
    start = date(2026, 3, day) if day >= 30 else date(2026, 4, day)
    with time_machine.travel(f"{start}T05:00:00Z", tick=False):
        return make.cycle(make.plan(start=start, **fields), 1)


def test_the_run_shows_today_and_the_next_three_days_and_no_more():
    rows = [coming(day) for day in (30, 31, 1, 2, 3)]
    page = words(signed_in("omar").get("/releases/"))
    assert "4 infusions, 0 released, 4 with nothing against them" in page
    for row in rows[:4]:
        assert row.plan.patient.mrn in page
    assert rows[4].plan.patient.mrn not in page


def test_all_green_ones_are_released_with_one_press_and_the_others_are_named():
    green = [coming(30), coming(31)]
    fallen = coming(30)
    holds.begin(by=make.person("omar"), plan=fallen.plan, reason=HoldReason.OTHER)
    said = {"cycle_day": [str(row.uuid) for row in (*green, fallen)]}
    page = words(signed_in("omar").post("/releases/", said, follow=True))
    assert "Released 2 cycles." in page
    assert f"Not released: {fallen.plan.patient}, cycle 1." in page
    assert {one.plan_id for one in Release.objects.all()} == {row.plan_id for row in green}
    act = Act.objects.get(verb="cycles.released")
    assert act.details == {"released": 2, "refused": 1}
    parts = Act.objects.filter(verb="cycle.released", details__within=str(act.uuid))
    assert {part.patient_uuid for part in parts} == {row.plan.patient.uuid for row in green}


def test_one_is_released_by_its_own_button():
    row = coming(31)
    page = words(signed_in("omar").post("/releases/", {"cycle_day": str(row.uuid)}, follow=True))
    assert "Released 1 cycle." in page
    assert "Released Omar Ortega" in page
    assert "1 infusion, 1 released, 0 with nothing against them" in page


def test_what_is_open_and_does_not_stop_is_looked_at_first():
    row = coming(30, kg=70)
    make.weight(row.plan.patient, 80, TODAY)  # more than 10 %: asks for new arithmetic, stops nothing
    omar = signed_in("omar")
    page = words(omar.get("/releases/"))
    assert "Look and release …" in page
    assert "0 with nothing against them" in page
    with pytest.raises(Exception, match="recalculate"):
        releases.release_all(by=make.person("omar"), cycle_days=[row])


@pytest.mark.parametrize("named", [[], ["nonsense"], ["00000000-0000-4000-8000-000000000000"]])
def test_naming_nothing_that_is_there_releases_nothing(named):
    answer = signed_in("omar").post("/releases/", {"cycle_day": named})
    assert answer.status_code == 422
    assert "Nothing is left to release." in words(answer)


def test_a_cycle_of_another_site_is_not_released():
    elsewhere = make.site(name="Elsewhere")
    stranger = make.cycle(make.plan(start=TODAY, of=make.patient(elsewhere)), 1)
    assert signed_in("omar").post("/releases/", {"cycle_day": str(stranger.uuid)}).status_code == 422
    assert not Release.objects.exists()


def test_an_empty_run_says_so_for_each_day():
    page = words(signed_in("omar").get("/releases/"))
    assert page.count("No infusion waits for this day.") == 4


def test_a_site_without_release_is_told_so():
    SitePolicy.objects.update(release_required=False)
    assert "This site gives without a release." in words(signed_in("omar").get("/releases/"))


@pytest.mark.parametrize("who", ["nora", "cora", "pia", "ada", "xavier"])
def test_the_run_is_an_oncologists(who):
    assert signed_in(who).get("/releases/").status_code == 403
    api.post(who, "releases/", 403, cycle_days=[])


def test_a_program_runs_the_same():
    row, fallen = coming(30), coming(31)
    holds.begin(by=make.person("omar"), plan=fallen.plan, reason=HoldReason.OTHER)
    shown = api.get("omar", "releases/")
    lines = [line for day in shown["days"] for line in day["lines"]]
    assert [(line["is_green"], line["is_released"]) for line in lines] == [(True, False), (False, False)]
    done = api.post("omar", "releases/", 200, cycle_days=[str(row.uuid), str(fallen.uuid)])
    assert len(done["made"]) == 1
    assert [(one["cycle_day"], one["code"]) for one in done["refused"]] == [(str(fallen.uuid), "treatment-objection")]
    assert api.post("omar", "releases/", 400, cycle_days=["x"])["error"]["fields"]


def test_the_run_costs_the_same_queries_for_one_infusion_as_for_ten():
    coming(30)
    coming(31)
    few = queries()
    for _ in range(9):
        coming(31)
    assert queries() == few


def queries() -> int:
    client = signed_in("omar")
    client.get("/releases/")
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/releases/").status_code == 200
    return len(captured)


def test_a_plan_given_for_months_is_released_like_a_new_one():
    row = make.cycle(make.plan(start=START), 1)
    assert row.planned_on < TODAY  # missed: it is released on its own page, for today
    assert "No infusion waits for this day." in words(signed_in("omar").get("/releases/"))
    assert releases.release(by=make.person("omar"), cycle_day=row).for_on == TODAY
