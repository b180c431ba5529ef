"""A regimen on three dummies: every dose, what loads again after a delay and why, and a digest that holds still."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from scheduling import catalog
from scheduling.core.rehearsal import Line, Rehearsal, Scene, rehearse
from tests.core.scheduling_cases import Case, cases

EVERY = sorted({key for key, _ in catalog.regimens()})


def rehearsed(key: str) -> Rehearsal:
    return rehearse(catalog.regimen(key), catalog.dummies(), catalog.policy())


def scene_of(key: str, late: int) -> Scene:
    return next(scene for scene in rehearsed(key).scenes if scene.days_late == late)


def line_of(scene: Scene, cycle: int, agent: str) -> Line:
    return next(line for line in scene.lines if (line.cycle, line.agent) == (cycle, agent))


@pytest.mark.parametrize("case", cases("rehearsals"))
def test_a_rehearsal_shows_what_the_label_says(case: Case) -> None:
    scene = scene_of(case["regimen"], case["late"])
    assert (len(scene.lines), scene.last_day) == (case["doses"], case["last_day"])
    for expected in case["milligrams"]:
        line = line_of(scene, expected["cycle"], expected["agent"])
        assert line.kind.value == expected["kind"]
        assert [one.planned_mg for one in line.amounts] == expected["mg"]
    assert [said.sentence for said in scene.said] == case.get("said", [])
    assert list(scene.left_out) == case.get("left_out", [])


@pytest.mark.parametrize("key", EVERY)
def test_every_shipped_regimen_can_be_rehearsed(key: str) -> None:
    rehearsal, regimen = rehearsed(key), catalog.regimen(key)
    if not regimen.phases:
        assert rehearsal.scenes == ()
        assert rehearsal.at_home
        return
    assert [scene.days_late for scene in rehearsal.scenes] == [0, 7, 8, 42]
    assert all(len(line.amounts) == 3 for scene in rehearsal.scenes for line in scene.lines)
    assert rehearsal.refusals == ()


def test_the_arithmetic_of_every_dummy_is_shown() -> None:
    line = line_of(scene_of("trastuzumab-q3w-18", 0), 1, "Trastuzumab")
    assert [one.words for one in line.amounts] == [
        "8 mg/kg × 40 kg = 320 mg", "8 mg/kg × 68 kg = 544 mg", "8 mg/kg × 120 kg = 960 mg",
    ]  # fmt: skip


def test_the_delayed_day_is_the_second_without_a_loading_dose_and_else_the_last_there_is() -> None:
    regimen = catalog.regimen("trastuzumab-q3w-18")
    short = replace(regimen, phases=(replace(regimen.phases[0], cycles=2),))
    assert rehearse(regimen, catalog.dummies()).scenes[1].delayed == (3, 1)
    assert rehearse(short, catalog.dummies()).scenes[1].delayed == (2, 1)
    single = replace(regimen, phases=(replace(regimen.phases[0], cycles=1),))
    assert rehearse(single, catalog.dummies()).scenes[1].delayed == (1, 1)


def test_a_dose_over_its_ceiling_is_a_refusal_and_no_milligrams() -> None:
    regimen = catalog.regimen("t-dm1")
    phase = regimen.phases[0]
    agent = phase.agents[0]
    strong = replace(agent, maintenance=replace(agent.maintenance, mg_per_kg=Decimal("3.7")), first=None)
    rehearsal = rehearse(replace(regimen, phases=(replace(phase, agents=(strong,)),)), catalog.dummies())
    assert rehearsal.scenes[0].lines[0].amounts[0].planned_mg is None
    assert len(rehearsal.refusals) == 3
    assert "forbids more than 3.6 mg/kg" in rehearsal.refusals[0]


def test_treatment_without_an_end_has_no_last_dose() -> None:
    assert scene_of("thp", 0).last == "Laid out to day 169; it goes on until progression."
    assert scene_of("trastuzumab-q3w-18", 0).last == "The last dose is on day 358, 51 weeks after the first."


def test_the_digest_holds_still_and_changes_with_the_file_and_with_what_is_shown() -> None:
    same, other = rehearsed("t-dm1"), rehearsed("trastuzumab-sc")
    assert same.digest("a") == rehearsed("t-dm1").digest("a")
    assert same.digest("a") != same.digest("b")
    assert same.digest("a") != other.digest("a")
    dummies = replace(catalog.dummies(), delays_days=(7, 8, 41))
    assert rehearse(catalog.regimen("t-dm1"), dummies).digest("a") != same.digest("a")
