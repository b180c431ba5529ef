"""Every rule set against an oracle written by hand from CLINICAL.md 3.2, over the whole grid.

The oracle knows nothing of the data files: it counts in half points, with whole numbers, in its own words.
Baselines 40 to 80, LVEF 20 to 80 in half points, every grade of symptoms, every label, guideline and policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from monitoring import catalog
from monitoring.core.evaluation import evaluate, judge, protocols_for
from monitoring.core.protocol import Advice
from monitoring.core.result import Assessment, Symptoms
from tests.core.monitoring_cases import assessment

Oracle = Callable[[int, int], str]  # baseline and LVEF in half points -> advice without symptoms
CONTINUE, REVIEW, REPEAT, WITHHOLD, DISCONTINUE = "continue", "review", "repeat", "withhold", "discontinue"
BY_SEVERITY = [CONTINUE, REVIEW, REPEAT, WITHHOLD, DISCONTINUE]
NORMAL = 50


def trastuzumab_us(b: int, c: int) -> str:
    """Hold from 16 points, or from 10 below normal; 15 to 16 does neither."""
    fall = b - c
    if fall >= 32 or (c < 100 and fall >= 20):
        return WITHHOLD
    return REVIEW if fall == 31 else CONTINUE


def below_50_and_10_points(b: int, c: int) -> str:
    """EU label, NICE, and pertuzumab in early disease."""
    return WITHHOLD if c < 100 and b - c >= 20 else CONTINUE


def pertuzumab_metastatic(b: int, c: int) -> str:
    if c < 80:
        return WITHHOLD
    return WITHHOLD if c <= 90 and b - c >= 20 else CONTINUE


def t_dm1_early(b: int, c: int) -> str:
    if c < 90:
        return WITHHOLD
    if c >= 100:
        return CONTINUE
    return WITHHOLD if b - c >= 20 else REPEAT


def t_dm1_metastatic(b: int, c: int) -> str:
    if c < 80:
        return WITHHOLD
    if c > 90:
        return CONTINUE
    return WITHHOLD if b - c >= 20 else REPEAT


def t_dxd(b: int, c: int) -> str:
    if c < 80 or b - c > 40:
        return WITHHOLD
    if c > 90:
        return CONTINUE
    return WITHHOLD if b - c >= 20 else REPEAT


def esc(b: int, c: int) -> str:
    """Without GLS or biomarkers: severe below 40, moderate with a fall of 10 to 40-49."""
    if c < 80:
        return WITHHOLD
    return REVIEW if c < 100 and b - c >= 20 else CONTINUE


def site(b: int, c: int) -> str:
    return REVIEW if c < 100 else CONTINUE


NONE = {Symptoms.UNKNOWN: CONTINUE, Symptoms.NONE: CONTINUE}
STOP = NONE | dict.fromkeys((Symptoms.MILD, Symptoms.MODERATE, Symptoms.SEVERE, Symptoms.VERY_SEVERE), DISCONTINUE)
IGNORED = dict.fromkeys(Symptoms, CONTINUE)  # NICE names no grade of symptoms
INTERRUPT = (
    NONE | {Symptoms.MILD: REVIEW} | dict.fromkeys((Symptoms.MODERATE, Symptoms.SEVERE, Symptoms.VERY_SEVERE), WITHHOLD)
)
LOOK = NONE | dict.fromkeys((Symptoms.MILD, Symptoms.MODERATE, Symptoms.SEVERE, Symptoms.VERY_SEVERE), REVIEW)

ORACLES: dict[str, tuple[Oracle, dict[Symptoms, str]]] = {
    "trastuzumab-us": (trastuzumab_us, STOP),
    "trastuzumab-sc-us": (trastuzumab_us, STOP),
    "trastuzumab-eu": (below_50_and_10_points, STOP),
    "nice-ta107": (below_50_and_10_points, IGNORED),
    "hp-early": (below_50_and_10_points, STOP),
    "hp-metastatic": (pertuzumab_metastatic, STOP),
    "t-dm1-early": (t_dm1_early, STOP),
    "t-dm1-metastatic": (t_dm1_metastatic, STOP),
    "t-dxd": (t_dxd, STOP),
    "esc-2022": (esc, INTERRUPT),
    "clinical-review": (site, LOOK),
}


def _strictest(*advice: str) -> str:
    return max(advice, key=BY_SEVERITY.index)


def _says(id_: str, b: int, c: int, symptoms: Symptoms) -> str:
    figures, by_symptoms = ORACLES[id_]
    return _strictest(figures(b, c), by_symptoms[symptoms])


def _grid(symptoms: Symptoms, every: int) -> Iterator[tuple[int, int, Assessment, Assessment]]:
    """Baseline and LVEF in half points, with their assessments; every LVEF, each `every`-th baseline."""
    results = {c: assessment(Decimal(c) / 2, symptoms=symptoms) for c in range(40, 161)}
    for b in range(80, 161, every):
        baseline = assessment(Decimal(b) / 2)
        for c, result in results.items():
            yield b, c, baseline, result


def test_every_published_rule_set_has_an_oracle() -> None:
    assert set(ORACLES) == {id_ for id_, _ in catalog.protocols()}


@pytest.mark.parametrize("symptoms", Symptoms)
@pytest.mark.parametrize("id_", ORACLES)
def test_the_core_agrees_with_the_oracle_over_the_whole_grid(id_: str, symptoms: Symptoms) -> None:
    """All half points of the baseline without symptoms; with them, all whole ones."""
    protocol, normal = catalog.protocol(id_), Decimal(NORMAL)
    wrong = [
        (b / 2, c / 2, found.value)
        for b, c, baseline, result in _grid(symptoms, 1 if symptoms is Symptoms.NONE else 2)
        if (found := evaluate(protocol, result, baseline, lower_limit_of_normal=normal).advice)
        != _says(id_, b, c, symptoms)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("agents", "jurisdiction", "setting", "ids"),
    [
        (["trastuzumab"], "US", "adjuvant", ["trastuzumab-us"]),
        (["trastuzumab"], "EU", "adjuvant", ["trastuzumab-eu", "esc-2022", "nice-ta107"]),
        (["trastuzumab-hyaluronidase"], "US", "adjuvant", ["trastuzumab-sc-us"]),
        (["trastuzumab", "pertuzumab"], "US", "adjuvant", ["trastuzumab-us", "hp-early"]),
        (["trastuzumab", "pertuzumab"], "US", "metastatic", ["trastuzumab-us", "hp-metastatic"]),
        (["pertuzumab-trastuzumab-hyaluronidase"], "US", "adjuvant", ["hp-early"]),
        (["trastuzumab-emtansine"], "US", "adjuvant", ["t-dm1-early"]),
        (["trastuzumab-emtansine"], "US", "metastatic", ["t-dm1-metastatic"]),
        (["trastuzumab-deruxtecan"], "US", "adjuvant", ["t-dxd"]),
        (["trastuzumab-deruxtecan"], "EU", "metastatic", ["t-dxd", "esc-2022"]),
    ],
)
def test_a_plan_s_drugs_are_judged_by_the_strictest_oracle_of_all(
    agents: list[str], jurisdiction: str, setting: str, ids: list[str]
) -> None:
    applying = protocols_for(catalog.protocols().values(), agents, jurisdiction, setting)
    assert {one.id for one in applying} == {*ids, "clinical-review"}
    for b, c, baseline, result in _grid(Symptoms.NONE, 8):
        found = judge(applying, result, baseline, lower_limit_of_normal=Decimal(NORMAL)).advice
        expected = _strictest(*(_says(one.id, b, c, Symptoms.NONE) for one in applying))
        assert (b / 2, c / 2, found) == (b / 2, c / 2, expected)


@pytest.mark.parametrize("normal", [48, 50, 53, 55])
def test_the_us_label_follows_the_site_s_own_limit_of_normal(normal: int) -> None:
    protocol = catalog.protocol("trastuzumab-us")
    for b, c, baseline, result in _grid(Symptoms.NONE, 4):
        fall = b - c
        holds = fall >= 32 or (c < 2 * normal and fall >= 20)
        found = evaluate(protocol, result, baseline, lower_limit_of_normal=Decimal(normal)).advice
        assert (found >= Advice.WITHHOLD) is holds, (b / 2, c / 2)
