"""What would the other rule set say?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring import catalog
from monitoring.core.comparison import Comparison, compare, rule_sets
from monitoring.core.evaluation import judge
from monitoring.core.protocol import Advice
from tests.core import monitoring_cases as cases

ALL = tuple(catalog.protocols().values())
TABLE = cases.read("expected-outcomes.toml")
TRASTUZUMAB = rule_sets(ALL, ["trastuzumab"], "adjuvant")
percents = st.integers(min_value=200, max_value=800).map(lambda n: Decimal(n) / 10)


def _compared(baseline: Any, now: Any, *applying: str) -> Comparison:
    return compare(
        TRASTUZUMAB,
        cases.assessment(now),
        None if baseline is None else cases.assessment(baseline),
        lower_limit_of_normal=cases.NORMAL,
        applying=applying,
    )


def test_the_rule_sets_of_every_jurisdiction_are_there_in_their_newest_version() -> None:
    assert [(one.id, one.version) for one in TRASTUZUMAB] == [
        ("trastuzumab-eu", 2),
        ("trastuzumab-us", 1),
        ("esc-2022", 2),
        ("nice-ta107", 1),
        ("clinical-review", 1),
    ]
    assert [one.id for one in rule_sets(ALL, ["trastuzumab-emtansine"], "metastatic")] == [
        "t-dm1-metastatic",
        "esc-2022",
        "clinical-review",
    ]


@pytest.mark.parametrize("row", TABLE["rows"], ids=lambda row: f"{row['baseline']}-to-{row['now']}")
def test_the_rows_are_the_columns_of_the_table(row: dict[str, Any]) -> None:
    found = compare(
        [catalog.protocol(name) for names in TABLE["columns"].values() for name in names],
        cases.assessment(row["now"]),
        cases.assessment(row["baseline"]),
        lower_limit_of_normal=cases.NORMAL,
        applying=["trastuzumab-us"],
    )
    expected = [row[column] for column, names in TABLE["columns"].items() for _ in names]
    assert [one.advice.value for one in found.rows] == expected


def test_66_to_50_is_held_by_the_us_label_only_and_the_page_can_say_so() -> None:
    found = _compared(66, 50, "trastuzumab-us", "clinical-review")
    assert found.leading is Advice.WITHHOLD
    assert [row.protocol_id for row in found.differing] == [
        "trastuzumab-eu",
        "esc-2022",
        "nice-ta107",
        "clinical-review",
    ]
    assert found.stricter == ()
    assert found.sentence.startswith("Here: Withhold advised. 4 of 5 rule sets say otherwise: Trastuzumab, European")


def test_a_european_site_sees_that_the_us_label_would_say_more() -> None:
    found = _compared(66, 50, "trastuzumab-eu", "clinical-review")
    assert found.leading is Advice.CONTINUE
    assert [row.protocol_id for row in found.stricter] == ["trastuzumab-us"]
    stricter = found.stricter[0]
    assert (stricter.applies, stricter.arithmetic) == (False, "66 % → 50 %: fall of 16 points")
    assert stricter.citation is not None
    assert stricter.citation.key == "herceptin-uspi#dose-modifications"


def test_agreement_is_said_too() -> None:
    found = _compared(60, 60, "trastuzumab-us")
    assert found.sentence == "Here: Continue. All 5 rule sets agree."
    assert {row.arithmetic for row in found.rows} == {"no rule is met"}


def test_without_a_baseline_a_row_says_why_it_could_not_judge() -> None:
    found = _compared(None, 60, "trastuzumab-us")
    assert {row.protocol_id: row.advice.value for row in found.rows}["trastuzumab-us"] == "review"
    assert found.rows[1].arithmetic == "No baseline LVEF: a fall cannot be judged. Choose a baseline for this plan."


def test_where_no_rule_set_applies_disagreement_is_still_shown() -> None:
    found = _compared(66, 50)
    assert (found.leading, len(found.differing), found.stricter) == (None, 5, ())


@given(percents, percents, st.sets(st.sampled_from([one.id for one in TRASTUZUMAB]), min_size=1))
def test_what_counts_here_is_what_the_engine_says(baseline: Decimal, now: Decimal, applying: set[str]) -> None:
    found = _compared(baseline, now, *applying)
    judged = judge(
        [one for one in TRASTUZUMAB if one.id in applying],
        cases.assessment(now),
        cases.assessment(baseline),
        lower_limit_of_normal=cases.NORMAL,
    )
    assert found.leading is judged.advice
    assert all(row.differs is (row.advice is not judged.advice) for row in found.rows)
