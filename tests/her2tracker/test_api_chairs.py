"""Chairs as a program sees them: arranged, booked, moved, given back, and a whole day's proposal accepted."""

from __future__ import annotations

from datetime import date

import pytest

from scheduling.models import ChairBooking
from tests import api, make

pytestmark = pytest.mark.django_db
START, FOURTH = date(2026, 1, 5), "2026-03-09"


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to("2026-03-02 09:00", tick=False)


@pytest.fixture
def chair():
    hours = [{"weekday": day, "opens_at": "08:00", "closes_at": "16:00"} for day in range(5)]
    assert len(api.post("ada", "chair-hours/", 200, set_up_minutes=10, hours=hours)["hours"]) == 5
    api.post("cora", "chairs/", 201, name="Chair 2")
    return api.post("ada", "chairs/", 201, name="Chair 1", from_on=None)


@pytest.fixture
def row(chair):
    return make.plan(start=START, given=3).cycle_days.get(cycle=4)


def test_a_chair_is_booked_moved_and_given_back(row, chair):
    address = f"cycle-days/{row.uuid}/chair/"
    offered = api.get("pia", address)
    assert (offered["booking"], offered["free"][0]["at"], offered["next_free"]) == (None, "08:00", None)
    made = api.post("nora", address, 200, chair=chair["uuid"], starts_at="09:00", seen="")["booking"]
    assert (made["chair_name"], made["begins"][:16]) == ("Chair 1", "2026-03-09T09:00")
    code, _ = api.error(api.post("nora", address, 409, chair=chair["uuid"], starts_at="10:00", seen=""))
    assert code == "changed-meanwhile"
    api.post("nora", address, 200, chair=chair["uuid"], starts_at="10:00", seen=made["uuid"])
    assert api.client("nora").post(f"/api/v1/{address}give-back/", {}, format="json").status_code == 204
    assert api.error(api.post("nora", f"{address}give-back/", 409))[0] == "no-chair"


def test_a_taken_chair_is_refused_with_whose_it_is(row, chair):
    other = make.plan(start=START, given=3).cycle_days.get(cycle=4)
    api.post("cora", f"cycle-days/{row.uuid}/chair/", 200, chair=chair["uuid"], starts_at="09:00")
    code, told = api.error(
        api.post("nora", f"cycle-days/{other.uuid}/chair/", 409, chair=chair["uuid"], starts_at="09:15")
    )
    assert code == "chair-taken"
    assert "booked by Cora Castell" in told


def test_a_day_is_proposed_and_accepted(row):
    make.plan(start=START, given=3)
    found = api.get("cora", "chair-days/proposal/", on=FOURTH)
    assert (len(found["seats"]), found["measure"]["peak"], found["queue"]["peak"]) == (2, 1, 2)
    assert found["present"]["unplaced"] == 2
    assert not ChairBooking.objects.exists()
    said = {name: found[name] for name in ("on", "keep", "digest", "seats")}
    day = api.post("cora", "chair-days/accept/", 200, **said)
    assert all(one["booking"] for one in day["infusions"])
    assert api.error(api.post("cora", "chair-days/accept/", 409, **said))[0] == "changed-meanwhile"
    assert api.get("nora", "chair-days/", on=FOURTH)["digest"] == day["digest"]


def test_a_chair_is_renamed_and_ends(chair):
    changed = api.post("cora", f"chairs/{chair['uuid']}/", 200, name="Bed 1", position=0, until_on="2026-06-30")
    assert (changed["name"], changed["until_on"]) == ("Bed 1", "2026-06-30")
    assert [one["name"] for one in api.get("nora", "chairs/")] == ["Bed 1", "Chair 2"]
    api.post("nora", "chairs/", 403, name="Chair 3")


def test_a_wish_is_kept(row):
    patient = row.plan.patient.uuid
    api.post("nora", f"patients/{patient}/chair-wish/", 200, not_before="11:00", leave_by=None)
    assert api.get("nora", f"cycle-days/{row.uuid}/chair/")["free"][0]["at"] == "11:00"
    api.post("nora", f"patients/{patient}/chair-wish/", 409, not_before="11:00", leave_by="10:00")
    api.post("nora", f"patients/{patient}/chair-wish/", 400, not_before="late", leave_by=None)


@pytest.mark.parametrize(
    "body",
    [
        {"set_up_minutes": -1, "hours": []},
        {"set_up_minutes": 0, "hours": [{"weekday": 7, "opens_at": "08:00", "closes_at": "09:00"}]},
        {"set_up_minutes": 0},
    ],
)
def test_hours_that_make_no_sense_are_refused(body):
    api.post("ada", "chair-hours/", 400, **body)
