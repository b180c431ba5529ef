"""What holds for every protocol, over random figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring import catalog
from monitoring.core.__main__ import main
from monitoring.core.evaluation import NoBaseline, evaluate, judge, judge_start
from monitoring.core.lvef import Lvef
from monitoring.core.protocol import Advice, Protocol
from monitoring.core.result import Assessment, Modality, Symptoms
from tests.core.monitoring_cases import DAY_0, NORMAL, assessment

ALL = tuple(catalog.protocols().values())
US = catalog.protocol("trastuzumab-us")

protocols = st.sampled_from(ALL)
tenths = st.integers(min_value=50, max_value=950).map(lambda n: Decimal(n) / 10)
near = st.integers(min_value=380, max_value=720).map(lambda n: Decimal(n) / 10)
percents = st.one_of(tenths, near)
normals = st.integers(min_value=450, max_value=600).map(lambda n: Decimal(n) / 10)
symptoms = st.sampled_from(Symptoms)
gls = st.none() | st.integers(min_value=-250, max_value=-80).map(lambda n: Decimal(n) / 10)
rises = st.sampled_from([None, False, True])


def _of(lvef: Decimal | Lvef, grade: Symptoms = Symptoms.NONE, depth: Decimal | None = None) -> Assessment:
    measured = lvef if isinstance(lvef, Lvef) else Lvef.exactly(lvef)
    return Assessment(DAY_0, measured, Modality.ECHO_2D, "", depth, grade)


@given(protocols, percents, percents, percents, normals, symptoms, gls, gls, rises)
def test_a_worse_lvef_never_yields_milder_advice(
    protocol: Protocol,
    baseline: Decimal,
    one: Decimal,
    other: Decimal,
    normal: Decimal,
    grade: Symptoms,
    before: Decimal | None,
    after: Decimal | None,
    rise: bool | None,
) -> None:
    worse, better = sorted([one, other])
    start = _of(baseline, depth=before)
    advice = [
        evaluate(
            protocol,
            Assessment(DAY_0, Lvef.exactly(lvef), Modality.ECHO_2D, "", after, grade, rise),
            start,
            lower_limit_of_normal=normal,
        ).advice
        for lvef in (worse, better)
    ]
    assert advice[0] >= advice[1]


@given(protocols, percents, percents, percents, normals)
def test_a_higher_baseline_never_yields_milder_advice(
    protocol: Protocol, one: Decimal, other: Decimal, now: Decimal, normal: Decimal
) -> None:
    lower, higher = sorted([one, other])
    advice = [evaluate(protocol, _of(now), _of(b), lower_limit_of_normal=normal).advice for b in (lower, higher)]
    assert advice[0] <= advice[1]


@given(protocols, percents, percents, symptoms, symptoms)
def test_symptoms_never_make_advice_milder(
    protocol: Protocol, baseline: Decimal, now: Decimal, one: Symptoms, other: Symptoms
) -> None:
    milder, graver = sorted([one, other], key=lambda grade: grade.grade)
    advice = [
        evaluate(protocol, _of(now, grade), _of(baseline), lower_limit_of_normal=NORMAL).advice
        for grade in (milder, graver)
    ]
    assert advice[0] <= advice[1]


@given(st.lists(protocols, min_size=1, max_size=6), percents, percents, normals)
def test_the_strictest_part_is_the_whole_advice(
    some: list[Protocol], baseline: Decimal, now: Decimal, normal: Decimal
) -> None:
    found = judge(some, _of(now), _of(baseline), lower_limit_of_normal=normal)
    assert found.advice == max(evaluation.advice for evaluation in found.evaluations)
    assert found.leading.advice is found.advice


@given(protocols, percents, percents, percents, percents)
def test_a_figure_inside_a_range_is_never_judged_outside_what_its_ends_allow(
    protocol: Protocol, baseline: Decimal, one: Decimal, inside: Decimal, other: Decimal
) -> None:
    low, middle, high = sorted([one, inside, other])
    judged = [
        evaluate(protocol, _of(lvef), _of(baseline), lower_limit_of_normal=NORMAL).advice
        for lvef in (low, middle, high)
    ]
    assert judged[0] >= judged[1] >= judged[2]
    whole = evaluate(protocol, _of(Lvef(low, high)), _of(baseline), lower_limit_of_normal=NORMAL)
    assert whole.uncertain is (judged[0] != judged[2])


@given(protocols, percents, percents, st.integers(min_value=-4000, max_value=4000))
def test_shifting_both_dates_changes_no_judgement(
    protocol: Protocol, baseline: Decimal, now: Decimal, days: int
) -> None:
    def judged(shift: int) -> Advice:
        later = DAY_0 + timedelta(days=shift)
        first, second = assessment(baseline, on=later), assessment(now, on=later + timedelta(days=84))
        return evaluate(protocol, second, first, lower_limit_of_normal=NORMAL).advice

    assert judged(0) is judged(days)


def test_a_range_whose_ends_disagree_is_a_clinician_s_to_decide() -> None:
    found = evaluate(US, assessment("45-55"), assessment(62), lower_limit_of_normal=NORMAL)
    assert (found.advice, found.uncertain) == (Advice.REVIEW, True)
    assert [finding.rule_id for finding in found.findings] == ["fall-of-16", "below-normal-and-fall-of-10"]
    assert found.findings[0].arithmetic == "62 % → 45–55 %: at 45 %, fall of 17 points"
    assert found.notes[0] == "45–55 % allows continue and withhold: a clinician must decide."


@pytest.mark.parametrize(
    ("text", "baseline", "advice"), [("40-44", 65, "withhold"), (">55", 70, "continue"), ("<40", 65, "withhold")]
)
def test_a_range_whose_ends_agree_is_judged(text: str, baseline: int, advice: str) -> None:
    found = evaluate(US, assessment(text), assessment(baseline), lower_limit_of_normal=NORMAL)
    assert (found.advice.value, found.uncertain) == (advice, False)


def test_an_uncertain_range_is_never_milder_than_its_milder_end() -> None:
    found = evaluate(catalog.protocol("t-dm1-early"), assessment("40-47"), assessment(52), lower_limit_of_normal=NORMAL)
    assert (found.advice, found.uncertain) == (Advice.REPEAT, True)


def test_without_a_baseline_a_fall_is_refused_by_name_and_never_a_continue() -> None:
    found = evaluate(US, assessment(60), None, lower_limit_of_normal=NORMAL)
    assert isinstance(found.refusal, NoBaseline)
    assert found.advice is Advice.REVIEW
    assert found.leading_rule == "no-baseline"


def test_without_a_baseline_an_lvef_that_meets_a_rule_alone_is_still_judged() -> None:
    found = evaluate(catalog.protocol("t-dxd"), assessment(39), None, lower_limit_of_normal=NORMAL)
    assert found.advice is Advice.WITHHOLD
    assert [finding.rule_id for finding in found.findings] == ["below-40"]
    assert found.findings[0].arithmetic == "39 %: below 40 %"


def test_a_start_without_a_baseline_is_refused_by_name() -> None:
    assert isinstance(judge_start(ALL, None), NoBaseline)


def test_a_start_on_a_range_across_the_figure_objects_and_says_it_is_uncertain() -> None:
    found = judge_start([catalog.protocol("nice-ta107")], assessment("50-60"))
    assert not isinstance(found, NoBaseline)
    assert [(objection.rule_id, objection.uncertain) for objection in found] == [("baseline-at-most-55", True)]
    assert "uncontrolled arrhythmia" in found[0].also_not_when


@pytest.mark.parametrize(
    ("modality", "lab", "words"),
    [("muga", "North", "by 2D echo, this by MUGA"), ("echo-3d", "", "3D echo"), ("echo-2d", "South", "at North")],
)
def test_a_change_of_modality_or_lab_makes_a_result_provisional(modality: str, lab: str, words: str) -> None:
    baseline, now = assessment(62, lab="North"), assessment(47, modality=modality, lab=lab)
    found = evaluate(US, now, baseline, lower_limit_of_normal=NORMAL)
    assert found.provisional
    assert found.advice is Advice.WITHHOLD
    assert any(words in note for note in found.notes)


def test_the_same_modality_and_lab_are_not_provisional() -> None:
    found = evaluate(US, assessment(47, lab="north"), assessment(62, lab="North"), lower_limit_of_normal=NORMAL)
    assert not found.provisional


def test_figures_are_compared_before_any_rounding() -> None:
    found = evaluate(US, assessment(Decimal("46.0")), assessment(Decimal("61.9")), lower_limit_of_normal=Decimal(45))
    assert found.advice is Advice.REVIEW
    assert found.findings[0].arithmetic == "61.9 % → 46 %: fall of 15.9 points"


def test_a_finding_shows_its_figures_rule_and_source() -> None:
    found = evaluate(catalog.protocol("hp-early"), assessment(47), assessment(62), lower_limit_of_normal=NORMAL)
    finding = found.findings[0]
    assert finding.arithmetic == "62 % → 47 %: fall of 15 points, below 50 %"
    assert finding.because == "below 50 % and fall of at least 10 points"
    assert finding.citation.key == "phesgo-monograph#left-ventricular-dysfunction"


def test_advice_is_ordered_from_continue_to_discontinue() -> None:
    assert sorted(Advice, reverse=True)[0] is Advice.DISCONTINUE
    assert Advice.CONTINUE < Advice.REVIEW < Advice.REPEAT < Advice.WITHHOLD < Advice.DISCONTINUE
    assert {advice.shape for advice in Advice} == {"●", "▲", "■"}


def test_the_command_prints_every_protocol_with_rule_arithmetic_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--baseline", "62", "--now", "47", "--drugs", "trastuzumab,pertuzumab"]) == 0
    printed = capsys.readouterr().out
    for words in ("hp-early v1", "trastuzumab-us v1", "fall of 15 points", "herceptin-uspi#dose-modifications"):
        assert words in printed
    assert "verified against the primary text" in printed


@pytest.mark.parametrize(
    "arguments", [["--now", "0.47", "--drugs", "trastuzumab"], ["--now", "47", "--drugs", "aspirin"]]
)
def test_the_command_refuses_bad_input_in_a_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.strip().count("\n") == 0


def test_a_day_of_assessment_plays_no_part_in_the_rules() -> None:
    early = evaluate(US, assessment(47, on=date(2020, 2, 29)), assessment(62), lower_limit_of_normal=NORMAL)
    assert early.advice is Advice.WITHHOLD


@given(st.integers(300, 700), st.integers(300, 700), st.integers(-900, 900), st.integers(-900, 900))
def test_no_judgement_depends_on_a_day(now: int, before: int, later: int, earlier: int) -> None:
    """So it may be kept by its figures, and given to whoever has the same ones."""
    protocols = [catalog.protocol(id_) for id_ in sorted({id_ for id_, _ in catalog.protocols()})]
    one, baseline = assessment(Decimal(now) / 10), assessment(Decimal(before) / 10)
    moved = (
        replace(one, performed_on=DAY_0 + timedelta(later)),
        replace(baseline, performed_on=DAY_0 + timedelta(earlier)),
    )
    assert judge(protocols, *moved, lower_limit_of_normal=NORMAL) == judge(
        protocols, one, baseline, lower_limit_of_normal=NORMAL
    )
