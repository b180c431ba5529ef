"""Milligrams, rounding, weights, levels and gaps, case by case."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from her2tracker.lib.rounding import signed_percent
from scheduling import catalog
from scheduling.core import dosing, gaps
from scheduling.core.regimen import Agent, Dose
from tests.core.scheduling_cases import Case, cases

LAST = date(2026, 3, 9)


def _agent(case: Case) -> Agent:
    return catalog.regimen(case["regimen"]).agent(case["agent"])


def _dose(agent: Agent, which: str) -> Dose:
    found = {"loading": agent.loading, "maintenance": agent.maintenance}[which]
    assert found is not None
    return found


def _decimal(figure: object) -> Decimal | None:
    return None if figure is None else Decimal(str(figure))


@pytest.mark.parametrize("case", cases("doses"))
def test_a_dose_is_calculated_with_its_arithmetic(case: Case) -> None:
    agent = _agent(case)
    made = dosing.calculate(
        _dose(agent, case["dose"]),
        _decimal(case.get("kg")),
        agent.rounding,
        step_mg=_decimal(case.get("step")),
        ceiling=agent.ceiling,
        preparation=agent.preparation,
    )
    assert made.calculated_mg == _decimal(case.get("calculated"))
    assert made.planned_mg == _decimal(case.get("planned"))
    assert made.ml == _decimal(case.get("ml", made.ml))
    assert made.arithmetic == case.get("arithmetic", made.arithmetic)
    assert (made.refused.code if made.refused else None) == case.get("refused")


@pytest.mark.parametrize("case", cases("doses", "proposals"))
def test_a_proposed_figure_is_allowed_within_the_limits_only(case: Case) -> None:
    agent = _agent(case)
    exact, weight = Decimal(str(case["exact"])), Decimal(str(case["kg"]))
    for row in case["rows"]:
        refusal = dosing.refuse_rounding(exact, Decimal(str(row["mg"])), weight, agent.rounding, agent.ceiling)
        assert (refusal is None) == row["allowed"], row
        assert (refusal.code if refusal else None) == row.get("code")


@pytest.mark.parametrize("case", cases("doses", "weights"))
def test_a_change_of_weight_asks_for_new_arithmetic(case: Case) -> None:
    for row in case["rows"]:
        change = dosing.weight_change(_agent(case), Decimal(str(row["reference"])), Decimal(str(row["now"])))
        assert (signed_percent(change.percent), change.recalculate) == (row["percent"], row["recalculate"])


@pytest.mark.parametrize("case", cases("doses", "levels"))
def test_dose_levels_go_one_way(case: Case) -> None:
    for row in case["rows"]:
        refusal = dosing.refuse_level(_agent(case), Decimal(str(row["from"])), Decimal(str(row["to"])))
        assert (refusal.code if refusal else None) == row.get("code"), row


@pytest.mark.parametrize("case", cases("gaps"))
def test_a_gap_re_loads_or_continues(case: Case) -> None:
    for regimen in case["regimens"]:
        agent = catalog.regimen(regimen).agent(case["agent"], case["phase"])
        for row in case["rows"]:
            judged = gaps.judge(agent, case["interval"], LAST, LAST + timedelta(row["since"]))
            kind = "reload" if isinstance(judged, gaps.Reload) else "continue"
            assert (kind, judged.dose.in_words(), judged.days_late) == (row["kind"], row["dose"], row["late"])


@pytest.mark.parametrize("case", cases("gaps", "too_soon"))
def test_a_minimum_interval_is_kept(case: Case) -> None:
    for row in case["rows"]:
        found = gaps.too_soon(_agent(case), LAST, LAST + timedelta(row["since"]))
        assert (found is not None) == row["too_soon"], row


def test_a_reload_says_why_in_one_sentence() -> None:
    agent = catalog.regimen("trastuzumab-q3w-17").agent("trastuzumab")
    judged = gaps.judge(agent, 21, LAST, LAST + timedelta(29))
    assert judged.reason == "29 days since the last dose, 8 late: trastuzumab re-loads at 8 mg/kg"
    assert judged.citation.key == "herceptin-smpc-2011#missed-dose"


def test_an_early_dose_says_how_early() -> None:
    agent = catalog.regimen("trastuzumab-q3w-17").agent("trastuzumab")
    judged = gaps.judge(agent, 21, LAST, LAST + timedelta(20))
    assert judged.reason == "20 days since the last dose, 1 early: trastuzumab continues at 6 mg/kg"


def test_a_dose_above_the_ceiling_gets_no_planned_milligrams() -> None:
    regimen = catalog.regimen("t-dm1")
    t_dxd = catalog.regimen("t-dxd").agent("trastuzumab-deruxtecan")
    ceiling = regimen.agent("trastuzumab-emtansine").ceiling
    made = dosing.calculate(t_dxd.maintenance, Decimal(68), None, ceiling=ceiling)
    assert made.planned_mg is None
    assert made.refused is not None
    assert made.refused.sentence == "The label forbids more than 3.6 mg/kg."


@pytest.mark.parametrize("kg", ["0", "-70"])
def test_a_weight_that_cannot_be_is_an_error(kg: str) -> None:
    agent = catalog.regimen("trastuzumab-q3w-17").agent("trastuzumab")
    with pytest.raises(ValueError, match="more than 0 kg"):
        dosing.calculate(agent.maintenance, Decimal(kg), None)
