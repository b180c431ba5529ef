"""HFA-ICOS against its own test vectors, every threshold, and everything an answer may change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from her2tracker.lib.bounds import Bounds
from her2tracker.lib.catalog import CatalogError
from her2tracker.lib.catalog import read as read_file
from monitoring.catalog import risk as catalog
from monitoring.core.lvef import Lvef
from monitoring.core.risk import Answers, Factor, Level, Measure, Proforma, Score, Weight, score
from tests.core.monitoring_cases import read

HFA = catalog.proforma()
FILE = read("risk.toml")
IDS = [factor.id for factor in HFA.factors]
FIGURES = ("lvef-below-50", "lvef-50-to-54", "age-from-80", "age-65-to-79", "obesity")


def _answers(case: dict[str, Any]) -> Answers:
    unknown = set(case.get("unknown", []))
    figures = FILE["usual"] | case.get("measured", {})
    measured = {
        Measure(name): Lvef.parse(figure) if isinstance(figure, str) else Decimal(figure)
        for name, figure in figures.items()
        if name not in unknown
    }
    said = {id_: id_ in case.get("yes", []) for id_ in IDS if id_ not in unknown and id_ not in FIGURES}
    return Answers(said, measured)


def _wrong(proforma: Proforma, case: dict[str, Any]) -> dict[str, Any]:
    found = score(proforma, _answers(case))
    seen = {
        "level": found.level.value,
        "could_be": found.could_be.value,
        "points": found.points,
        "met": [one.factor.id for one in found.met],
        "asked": [one.id for one in found.asked],
    }
    expected = {"could_be": case["expect"]["level"], "asked": []} | case["expect"]
    return {key: seen[key] for key, value in expected.items() if seen[key] != value}


@pytest.mark.parametrize("case", FILE["cases"], ids=lambda case: case["title"][:50])
def test_the_score_is_as_the_source_says(case: dict[str, Any]) -> None:
    assert _wrong(HFA, case) == {}


def _moved(bounds: Bounds, step: Decimal) -> Bounds:
    """Every limit by one step."""
    limits = {name: getattr(bounds, name) for name in ("below", "at_most", "at_least", "over")}
    return Bounds(**{name: None if limit is None else limit + step for name, limit in limits.items()})


def _altered() -> list[tuple[str, Proforma]]:
    """The proforma with one figure or weight changed, once for each."""
    found = []
    for step in (Decimal("0.1"), Decimal("-0.1")):
        for n, factor in enumerate(HFA.factors):
            for measure, bounds in factor.measures.items():
                moved = replace(factor, measures={**factor.measures, measure: _moved(bounds, step)})
                found.append((f"{factor.id} {measure} {step}", _with(n, moved)))
    for step in (Decimal(1), Decimal(-1)):
        scoring = HFA.scoring
        found.append((f"medium {step}", replace(HFA, scoring=replace(scoring, medium=_moved(scoring.medium, step)))))
        found.append((f"high {step}", replace(HFA, scoring=replace(scoring, high=_moved(scoring.high, step)))))
    for n, factor in enumerate(HFA.factors):
        others = [weight for weight in Weight if weight is not factor.weight]
        found += [(f"{factor.id} {weight}", _with(n, replace(factor, weight=weight))) for weight in others]
    for weight, points in HFA.scoring.points.items():
        changed = replace(HFA.scoring, points={**HFA.scoring.points, weight: points + 1})
        found.append((f"{weight} points", replace(HFA, scoring=changed)))
    return found


def _with(n: int, factor: Factor) -> Proforma:
    return replace(HFA, factors=(*HFA.factors[:n], factor, *HFA.factors[n + 1 :]))


def test_no_figure_and_no_weight_can_change_without_a_case_noticing() -> None:
    unnoticed = [name for name, other in _altered() if not any(_wrong(other, case) for case in FILE["cases"])]
    assert unnoticed == []


said = st.dictionaries(st.sampled_from([id_ for id_ in IDS if id_ not in FIGURES]), st.booleans())
measured = st.fixed_dictionaries(
    {},
    optional={
        Measure.LVEF: st.integers(min_value=30, max_value=75).map(Decimal),
        Measure.AGE: st.integers(min_value=18, max_value=99).map(Decimal),
        Measure.BMI: st.integers(min_value=15, max_value=50).map(Decimal),
        Measure.EGFR: st.integers(min_value=5, max_value=120).map(Decimal),
    },
)


@given(said, measured)
def test_answering_every_open_question_stays_between_the_level_and_what_it_could_be(
    known: dict[str, bool], figures: dict[Measure, Decimal]
) -> None:
    found = score(HFA, Answers(known, figures))
    all_no = score(HFA, Answers({**dict.fromkeys(IDS, False), **known}, figures))
    assert found.level is all_no.level
    assert found.level.severity <= found.could_be.severity
    assert found.is_final is (found.level is found.could_be)
    assert all_no.asked == ()


@given(said, measured, st.sampled_from([id_ for id_ in IDS if id_ not in FIGURES]))
def test_one_more_yes_never_lowers_the_level(known: dict[str, bool], figures: dict[Measure, Decimal], id_: str) -> None:
    before = score(HFA, Answers({**known, id_: False}, figures))
    after = score(HFA, Answers({**known, id_: True}, figures))
    assert after.level.severity >= before.level.severity


def _level(*yes: str) -> Score:
    return score(HFA, _answers({"yes": yes}))


@pytest.mark.parametrize(
    ("yes", "asked"), [("hypertension", False), ("troponin", False), ("stable-angina", True), ("heart-failure", True)]
)
def test_high_and_very_high_risk_ask_for_biomarkers_and_six_weekly_echoes(yes: str, asked: bool) -> None:
    found = _level(yes)
    assert [change.id for change in found.changes] == (["biomarkers-at-baseline"] if asked else [])
    assert (found.proposed is not None and found.proposed.id == "six-weekly") is asked


def test_the_intervals_of_high_risk_are_those_written_down() -> None:
    found = _level("stable-angina")
    shown = {
        one.id: (one.rule.every_days, one.rule.opens_after_days, one.rule.overdue_after_days, one.for_first_months)
        for one in found.intervals
    }
    assert shown == {"six-weekly": (42, 28, 50, None), "three-cycles": (63, 42, 71, 6)}
    (low,) = score(HFA, _answers({})).intervals
    assert (low.rule.every_days, low.rule.opens_after_days, low.rule.overdue_after_days) == (112, 84, 122)


def test_an_interval_by_risk_is_unverified_and_ends_when_its_source_says() -> None:
    found = {one.id: one for one in _level("stable-angina").intervals}
    assert not any(one.rule.citation.confidence.is_verified for one in found.values())
    assert found["three-cycles"].from_first(date(2026, 1, 5)).until == date(2026, 7, 5)
    assert found["six-weekly"].from_first(date(2026, 1, 5)).until is None


def test_every_factor_says_where_its_weight_comes_from() -> None:
    found = _level("hypertension", "heart-failure")
    assert [(one.citation.key, one.citation.confidence.value) for one in found.met] == [
        ("hfa-icos-2020#her2-proforma", "secondary"),
        ("hfa-icos-calculator#definitions", "verified"),
    ]


def test_a_score_says_itself_in_a_sentence_with_what_is_missing() -> None:
    assert _level("stable-angina").sentence == "High risk, 0 points: stable angina."
    open_ = score(HFA, _answers({"yes": ["smoking"], "unknown": ["troponin"]}))
    assert open_.sentence == (
        "At least low risk, 1 point: smoker, or a significant history of smoking. "
        "Not answered: 1 question; at most medium risk."
    )


def test_a_measured_figure_outweighs_a_no_and_says_why() -> None:
    found = score(HFA, Answers({"hypertension": False}, {Measure.SYSTOLIC: Decimal(150)}))
    assert [one.because for one in found.met] == ["systolic blood pressure, mmHg: 150, over 140"]


def test_an_answer_to_no_known_question_is_an_error() -> None:
    with pytest.raises(KeyError, match="prior-trastuzumab"):
        score(HFA, Answers({"prior-trastuzumab": True}))


def test_a_proforma_is_found_by_id_and_version_and_an_unknown_one_is_named() -> None:
    assert catalog.proforma("hfa-icos-her2", 1) is HFA
    with pytest.raises(CatalogError, match="no risk proforma hfa-icos-her2 version 9"):
        catalog.proforma("hfa-icos-her2", 9)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [({"surprise": 1}, "surprise"), ({"factors": []}, "at least 1"), ({"scoring": {"points": {}}}, "source")],
)
def test_a_faulty_proforma_is_refused_in_words(change: dict[str, Any], complaint: str) -> None:
    raw = read_file(catalog.FOLDER / "hfa-icos-her2-v1.toml") | change
    with pytest.raises(CatalogError, match=complaint):
        catalog.read(raw, "some-v1.toml")


def test_levels_are_ordered() -> None:
    assert [level.severity for level in Level] == [0, 1, 2, 3]
