"""What a change shows before it is confirmed is what it leaves behind: on random plans of every regimen.

A thousand plans go from rows to facts and back without a database, through the functions that preview and actions
share; eighty go through the actions and their rows.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction

from her2tracker.lib.refusals import Refused
from scheduling import catalog
from scheduling.actions import changes, cycles
from scheduling.core.facts import Delayed, Extended, Omitted
from scheduling.models import Administration, CycleDay, Delay, Extension, RegimenVersion, TreatmentPlan, standing
from scheduling.models.standing import projection_of, regimen_of
from scheduling.words import DayState, DelayReason, DelayScope, OmissionReason
from tests import make

START, TODAY = date(2026, 1, 5), date(2026, 4, 30)
INFUSED = sorted(key for (key, _), regimen in catalog.regimens().items() if regimen.phases)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-04-30T09:00:00Z", tick=False):
        yield


def unsaved_plan(key: str, chance: random.Random) -> TreatmentPlan:
    """Rows as the database would hand them over, with a history of doses early, late and omitted."""
    version = RegimenVersion(key=key, version=1, digest=f"core:{key}")
    plan = TreatmentPlan(pk=1, regimen=version, start_on=START, dosing_weight_kg=70)
    plan._prefetched_objects_cache = {
        "prior_treatments": [], "cycle_days": [], "delays": [], "extensions": [], "level_changes": [],
        "brought_forward": [],
    }  # fmt: skip
    for number in range(1, chance.randint(0, 5) + 1):
        entries = [e for e in projection_of(plan, today=TODAY).entries if (e.cycle, e.day) == (number, 1)]
        on = entries[0].on + timedelta(chance.choice([0, chance.randint(-3, 9), chance.randint(0, 45)]))
        plan._prefetched_objects_cache["cycle_days"].append(row_of(plan, entries, on, chance.random() < 0.2))
    return plan


def row_of(plan: TreatmentPlan, entries: list[Any], on: date, omitted: bool) -> CycleDay:
    first = entries[0]
    row = CycleDay(pk=first.cycle, plan=plan, cycle=first.cycle, day=first.day, planned_on=first.on, done_on=on)
    row.state = DayState.OMITTED if omitted else DayState.GIVEN
    row._prefetched_objects_cache = {
        "administrations": [
            Administration(cycle_day=row, agent=e.agent, given_on=None if omitted else on) for e in entries
        ]
    }
    return row


@pytest.fixture(scope="module", autouse=True)
def regimens_by_digest():
    """Published rows are converted once per digest: these are the files themselves."""
    known = {f"core:{key}": catalog.regimen(key) for key in INFUSED}
    standing._converted.update(known)
    yield
    for digest in known:
        del standing._converted[digest]


def test_a_thousand_plans_stand_after_a_change_as_its_preview_said():
    chance, told = random.Random(20260430), dict.fromkeys(("delay", "alone", "omit", "extend"), 0)
    while sum(told.values()) < 1000:
        plan, act = unsaved_plan(chance.choice(INFUSED), chance), chance.choice(list(told))
        if act == "extend" and regimen_of(plan.regimen).cap.doses is None:
            continue
        fact = write(plan, act, chance, preview := [])
        assert projection_of(plan, today=TODAY) == preview[0], (plan.regimen.key, fact)
        told[act] += 1
    assert min(told.values()) > 150


def write(plan: TreatmentPlan, act: str, chance: random.Random, preview: list[Any]) -> object:
    """Put the projection that is previewed into `preview`, then add to the plan the row that the action would write."""
    rows, now = plan._prefetched_objects_cache, projection_of(plan, today=TODAY)
    first = next(e for e in now.entries if e.state == "planned")
    cycle, day = first.cycle, first.day
    fact: Any
    row: Any
    if act in ("delay", "alone"):
        to_on, scope = first.on + timedelta(chance.randint(1, 60)), DelayScope("only" if act == "alone" else "later")
        fact = Delayed(cycle, day, to_on, scope)
        row = Delay(pk=1, cycle=cycle, day=day, from_on=first.on, to_on=to_on, scope=scope)
    elif act == "omit":
        fact = Omitted(cycle, day, TODAY, made_up=chance.random() < 0.5)
        row = row_of(plan, [e for e in now.entries if (e.cycle, e.day) == (cycle, day)], TODAY, omitted=True)
        row.omission_made_up = fact.made_up
    else:
        fact, row = Extended(1, "x", True), Extension(pk=1, cycles=1, reason="x", overridden=True)
    preview.append(projection_of(plan, fact, today=TODAY))
    rows[{"omit": "cycle_days", "extend": "extensions"}.get(act, "delays")].append(row)
    return fact


@pytest.mark.django_db
def test_eighty_plans_in_rows_stand_after_a_change_as_its_preview_said():
    chance, by, done = random.Random(4), make.person("omar"), 0
    running = [make.plan(key, start=START) for key in INFUSED]
    while done < 80:
        started = chance.choice(running)
        with transaction.atomic():
            plan = TreatmentPlan.objects.get(pk=started.pk)
            for row in list(plan.cycle_days.all())[: chance.randint(0, 2)]:
                make.give(row)
            done += _compared(chance, by, plan)
            transaction.set_rollback(True)
    assert done >= 80


def _compared(chance: random.Random, by: Any, plan: TreatmentPlan) -> int:
    """1 when a change was made and its rows are the preview's; 0 when it was refused, in the preview already."""
    row = plan.cycle_days.planned().first()
    assert row is not None
    look, make_it = a_change(chance, by, plan, row)
    try:
        shown = look()
    except Refused:
        return 0
    make_it()
    fresh = TreatmentPlan.objects.with_facts().get(pk=plan.pk)
    written = {
        (day.cycle, day.day, dose.agent): (day.planned_on, dose.kind)
        for day in fresh.cycle_days.all()
        if day.state == DayState.PLANNED
        for dose in day.administrations.all()
    }
    assert written == {(e.cycle, e.day, e.agent): (e.on, e.kind) for e in shown.entries if e.state == "planned"}
    return 1


def a_change(chance: random.Random, by: Any, plan: TreatmentPlan, row: CycleDay) -> tuple[Any, Any]:
    """How to look at it, and how to make it."""
    act = chance.choice(["delay", "alone", "omit", "extend"])
    if act == "omit":
        said: dict[str, Any] = {"by": by, "cycle_day": row, "made_up": chance.random() < 0.5}
        return (
            lambda: cycles.preview_omit(**said).after,
            lambda: cycles.omit(**said, reason=OmissionReason.OTHER),
        )
    if act == "extend":
        said = {"by": by, "plan": plan, "cycles": 1}
        return (
            lambda: changes.preview_extend(**said).change.after,
            lambda: changes.extend(**said, reason="x", overridden=True),
        )
    to_on = max(row.planned_on, TODAY) + timedelta(chance.randint(1, 45))
    scope = DelayScope.ONLY if act == "alone" else DelayScope.LATER
    said = {"by": by, "cycle_day": row, "to_on": to_on, "scope": scope}
    return (
        lambda: cycles.preview_delay(**said).after,
        lambda: cycles.delay(**said, reason=DelayReason.OTHER),
    )
