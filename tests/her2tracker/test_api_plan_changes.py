"""Changing a running plan over the API; figures are those of CLINICAL.md sections 1, 2 and 4.1."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from scheduling.models import Extension, LevelChange
from tests import api, make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-25T09:00:00Z", tick=False):
        yield


@pytest.fixture
def plan():
    return make.plan("trastuzumab-pertuzumab", start=START, given=4)


def test_one_day_moves_alone_and_back(plan):
    fifth = make.cycle(plan, 5)
    said = {"to_on": "2026-04-02", "scope": "only"}
    shown = api.post("cora", f"cycle-days/{fifth.uuid}/delay/preview/", 200, **said)
    assert next((day["cycle"], day["new_on"]) for day in shown["changed"]) == (5, "2026-04-02")
    api.post("cora", f"cycle-days/{fifth.uuid}/delay/", 200, reason="capacity", **said)
    stands = api.get("cora", f"plans/{plan.uuid}/")
    assert [day["planned_on"] for day in stands["cycle_days"][4:6]] == ["2026-04-02", "2026-04-20"]
    assert stands["delays"][0]["scope"] == "only"
    assert api.post("cora", f"plans/{plan.uuid}/undo/preview/", 200)["what"] == "the delay of cycle 5 to Thu 2 Apr 2026"
    undone = api.post("cora", f"plans/{plan.uuid}/undo/", 200, revision=stands["revision"])
    assert (undone["cycle_days"][4]["planned_on"], undone["delays"]) == ("2026-03-30", [])
    assert api.error(api.post("cora", f"plans/{plan.uuid}/undo/", 409))[0] == "nothing-to-undo"


def test_a_delay_alone_that_leaves_too_few_days_is_refused(plan):
    said = {"to_on": "2026-04-06", "scope": "only", "reason": "capacity"}
    answer = api.post("cora", f"cycle-days/{make.cycle(plan, 5).uuid}/delay/", 409, **said)
    assert api.error(answer)[0] == "gap-too-short"


def test_an_extension_past_a_year_needs_an_override(plan):
    address = f"plans/{plan.uuid}/extend/"
    shown = api.post("omar", f"{address}preview/", 200, cycles=1)
    assert (shown["refusal"]["code"], shown["after"]["last_on"]) == ("past-one-year", "2027-01-18")
    assert api.error(api.post("omar", address, 409, cycles=1, reason="Wish."))[0] == "past-one-year"
    made = api.post("omar", address, 200, cycles=1, reason="Wish.", overridden=True)
    assert (made["extensions"][0]["overridden"], made["projection"]["last_on"]) == (True, "2027-01-18")
    assert made["projection"] == shown["after"]


def test_a_level_goes_down_once_and_never_up():
    plan = make.plan("t-dm1", start=START, given=4)
    address, agent = f"plans/{plan.uuid}/reduce/", "trastuzumab-emtansine"
    shown = api.post("omar", f"{address}preview/", 200, agent=agent, from_cycle=6)
    assert shown["changed"][0]["now"][0]["dose"] == "3 mg/kg"
    made = api.post("omar", address, 200, agent=agent, from_cycle=6, reason="Platelets.")
    assert made["level_changes"][0]["mg_per_kg"] == "3"
    up = api.post("omar", address, 409, agent=agent, from_cycle=7, reason="Better.", mg_per_kg="3.6")
    assert api.error(up)[0] == "not-a-level"
    assert LevelChange.objects.count() == 1


def test_policies_are_previewed_and_chosen(plan):
    address = f"plans/{plan.uuid}/policy/"
    api.post("omar", f"{address}preview/", 200, reload_with_pertuzumab="eu-hp")
    made = api.post("omar", address, 200, reload_with_pertuzumab="eu-hp", reason="EU label.")
    assert (made["reload_with_pertuzumab"], made["anchor"]) == ("eu-hp", "actual")
    assert api.error(api.post("omar", address, 409, reason="Again."))[0] == "nothing-changes"


@pytest.mark.parametrize(
    ("address", "said", "field"),
    [
        ("extend", {"cycles": 0, "reason": "x"}, "cycles"),
        ("extend", {"cycles": 19, "reason": "x"}, "cycles"),
        ("extend", {"cycles": 1}, "reason"),
        ("extend", {"cycles": 1, "reason": "  "}, "reason"),
        ("reduce", {"agent": "trastuzumab", "from_cycle": 0, "reason": "x"}, "from_cycle"),
        ("reduce", {"agent": "trastuzumab", "from_cycle": 5, "reason": "x", "mg_per_kg": "-1"}, "mg_per_kg"),
        ("policy", {"anchor": "moon", "reason": "x"}, "anchor"),
        ("undo", {"revision": 0}, "revision"),
    ],
)
def test_a_faulty_change_names_its_fault_and_saves_nothing(plan, address, said, field):
    answer = api.post("omar", f"plans/{plan.uuid}/{address}/", 400, **said)
    assert list(answer["error"]["fields"]) == [field]
    assert not Extension.objects.exists()


@pytest.mark.parametrize("who", ["nora", "cora", "pia"])
@pytest.mark.parametrize(
    "address", ["extend", "extend/preview", "reduce", "reduce/preview", "policy", "policy/preview"]
)
def test_only_an_oncologist_changes_a_plan_as_a_whole(plan, who, address):
    api.post(who, f"plans/{plan.uuid}/{address}/", 403)
