"""The published protocols against CLINICAL.md, and no figure that a case does not hold in place."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest

from her2tracker.lib.catalog import CatalogError, documents
from monitoring import catalog
from monitoring.core.evaluation import evaluate, judge, protocols_for
from monitoring.core.protocol import Advice, Kind, Protocol
from tests.core import monitoring_cases as cases

# The newest version of each: what sites publish now, and what the cases judge.
PUBLISHED = {id_: catalog.protocol(id_) for id_, _ in catalog.protocols()}
NEWEST = sorted((protocol.id, protocol.version) for protocol in PUBLISHED.values())
# Replaced versions stay readable for the findings that name them, and never change.
REPLACED = {
    ("esc-2022", 1): "e462f8c957b419782bf0b0a9086da30383a3bd3cdcdaab7ca3b1a86869931a4f",
    ("trastuzumab-eu", 1): "6af2b0da0f41cfdacfd381bff5e93854b8b9084050af1cb3b122a579bcf093fb",
}
ALL = tuple(PUBLISHED.values())
TABLE = cases.read("expected-outcomes.toml")


@pytest.mark.parametrize("row", TABLE["rows"], ids=lambda row: f"{row['baseline']}-to-{row['now']}")
def test_every_rule_set_judges_the_24_pairs_as_tabulated(row: dict[str, Any]) -> None:
    assert len(TABLE["rows"]) == 24
    for column, names in TABLE["columns"].items():
        for name in names:
            found = evaluate(
                PUBLISHED[name],
                cases.assessment(row["now"]),
                cases.assessment(row["baseline"]),
                lower_limit_of_normal=Decimal(TABLE["lower_limit_of_normal"]),
            )
            assert (name, found.advice.value) == (name, row[column])


def test_every_case_of_rules_starts_holds_and_surveillance_passes() -> None:
    assert list(cases.every_failure(PUBLISHED)) == []


@pytest.mark.parametrize("case", cases.read("published.toml")["cases"], ids=lambda case: case["title"][:40])
def test_published_patients_are_judged_as_their_rules_say(case: dict[str, Any]) -> None:
    baseline, now = cases.assessment(**case["baseline"]), cases.assessment(**case["now"])
    for name, advice in case["advice"].items():
        found = evaluate(PUBLISHED[name], now, baseline, lower_limit_of_normal=cases.NORMAL)
        assert (name, found.advice.value) == (name, advice)
        assert found.provisional is case.get("provisional", False)


# Figures of the protocol files ------------------------------------------------------------------

# Altered figures that change nothing, each with the reason why.
WITHOUT_EFFECT = {
    # Over 45 % already permits, whatever the upper end of the next condition.
    ("hp-metastatic", ("hold", "resume_when", 1, "lvef", "at_most"), Decimal("45.1")),
}


def test_a_replaced_version_is_frozen() -> None:
    replaced = {key: one.digest for key, one in catalog.definitions().items() if key not in NEWEST}
    assert replaced == REPLACED


@pytest.mark.parametrize("key", NEWEST, ids=lambda key: f"{key[0]}-v{key[1]}")
def test_no_figure_can_change_without_a_case_noticing(key: tuple[str, int]) -> None:
    raw = catalog.read_file(catalog.FOLDER / f"{key[0]}-v{key[1]}.toml")
    figures = list(cases.figures(raw))
    assert figures
    unnoticed = []
    for path, value in figures:
        for other in cases.neighbours(path, value):
            altered = {key[0]: catalog.read(cases.altered(raw, path, other), "altered")}
            noticed = next(cases.every_failure(altered), None)
            if noticed is None and (key[0], path, other) not in WITHOUT_EFFECT:
                unnoticed.append((path, value, other))
    assert unnoticed == []


def _measured(case: dict[str, Any]) -> dict[str, Decimal]:
    """What a rule case measures, by the name conditions use."""
    found = {"lvef": Decimal(case["now"])}
    if "baseline" in case:
        found["fall"] = Decimal(case["baseline"]) - found["lvef"]
    if "gls" in case:
        before, after = (Decimal(one) for one in case["gls"])
        found["gls_fall_percent"] = (abs(before) - abs(after)) / abs(before) * 100
    return found


@pytest.mark.parametrize("protocol", ALL, ids=lambda protocol: protocol.id)
def test_every_rule_figure_has_cases_just_below_at_and_just_above_it(protocol: Protocol) -> None:
    files = [cases.read(f"rules/{path.name}") for path in (cases.FOLDER / "rules").glob("*.toml")]
    measured = [_measured(case) for file in files if protocol.id in file["protocols"] for case in file["cases"]]
    for rule in protocol.rules:
        for name in ("fall", "lvef", "gls_fall_percent"):
            bounds = getattr(rule.when, name)
            for figure in bounds.figures() if bounds else ():
                away = [one[name] - figure for one in measured if name in one]
                assert any(-1 <= gap < 0 for gap in away), (rule.id, name, figure, "below")
                assert 0 in away, (rule.id, name, figure, "at")
                assert any(0 < gap <= 1 for gap in away), (rule.id, name, figure, "above")


# Files --------------------------------------------------------------------------------------------


def test_every_source_of_a_protocol_is_a_known_document_and_never_more_certain_than_it() -> None:
    known = documents()
    order = ("unverified", "secondary", "verified")
    for protocol in ALL:
        for rule in (*protocol.rules, *protocol.start):
            document = known[rule.citation.document]
            assert order.index(rule.citation.confidence) <= order.index(document.confidence), (protocol.id, rule.id)


def test_what_clinical_md_marks_as_unread_is_shown_as_unverified() -> None:
    for name in ("trastuzumab-sc-us", "t-dm1-early"):
        rules = {rule.id: rule.citation.confidence.value for rule in PUBLISHED[name].rules}
        assert set(rules.values()) <= {"unverified", "verified"}
        assert rules.get("fall-of-16", rules.get("below-45")) == "unverified"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"surprise": 1}, "surprise"),
        ({"rules": [{"id": "a", "when": {}, "then": "withhold", "words": "x", "source": "a#b"}]}, "always be met"),
        ({"rules": [{"id": "a", "when": {"fall": {}}, "then": "withhold", "words": "x", "source": "a#b"}]}, "at least"),
        ({"rules": [{"id": "a", "when": {"fall": {"over": 1}}, "then": "withhold", "words": "x"}]}, "source"),
        ({"agents": []}, "only site policy"),
    ],
)
def test_a_protocol_file_that_says_too_little_or_too_much_is_refused(change: dict[str, Any], complaint: str) -> None:
    raw = catalog.read_file(catalog.FOLDER / "trastuzumab-us-v1.toml") | change
    with pytest.raises(CatalogError, match=complaint):
        catalog.read(raw, "some-v1.toml")


def test_a_stored_definition_reads_back_as_the_same_protocol() -> None:
    for key, published in catalog.definitions().items():
        assert catalog.read(published.raw, "stored") == catalog.protocols()[key]


def test_importing_the_core_brings_neither_django_nor_pydantic_along() -> None:
    modules = ["protocol", "evaluation", "surveillance", "holds", "lifecycle", "reminders", "trend", "lvef", "result"]
    code = f"import sys, {', '.join('monitoring.core.' + m for m in modules)}; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()  # noqa: S603
    assert not {"django", "pydantic", "celery"} & set(loaded)


# Which protocols apply ------------------------------------------------------------------------------


def _ids(*arguments: Any, **options: Any) -> list[str]:
    return [protocol.id for protocol in protocols_for(ALL, *arguments, **options)]


def test_trastuzumab_with_pertuzumab_is_judged_by_both_labels_and_site_policy() -> None:
    assert _ids(["trastuzumab", "pertuzumab"], "US", "adjuvant") == ["hp-early", "trastuzumab-us", "clinical-review"]


def test_a_european_site_also_follows_its_guidelines_and_can_choose_among_them() -> None:
    expected = ["trastuzumab-eu", "esc-2022", "nice-ta107", "clinical-review"]
    assert _ids(["trastuzumab"], "EU", "adjuvant") == expected
    assert _ids(["trastuzumab"], "EU", "adjuvant", adopted=[]) == ["trastuzumab-eu", "clinical-review"]
    assert _ids(["trastuzumab"], "US", "adjuvant", adopted=["nice-ta107"])[1] == "nice-ta107"


def test_the_setting_chooses_the_table() -> None:
    assert _ids(["trastuzumab-emtansine"], "US", "adjuvant")[0] == "t-dm1-early"
    assert _ids(["trastuzumab-emtansine"], "US", "metastatic")[0] == "t-dm1-metastatic"
    assert _ids(["pertuzumab-trastuzumab-hyaluronidase"], "US", "metastatic")[0] == "hp-metastatic"


def test_an_agent_without_a_label_in_its_jurisdiction_falls_back_to_another() -> None:
    assert "trastuzumab-sc-us" in _ids(["trastuzumab-hyaluronidase"], "EU", "adjuvant")


def test_a_new_version_replaces_the_old_one() -> None:
    old = PUBLISHED["trastuzumab-us"]
    new = catalog.read(catalog.definitions()[("trastuzumab-us", 1)].raw | {"version": 2}, "new")
    assert [p.version for p in protocols_for([new, old], ["trastuzumab"], "US", "adjuvant")] == [2]


def test_the_strictest_label_leads_and_the_others_are_shown() -> None:
    applying = protocols_for(ALL, ["trastuzumab", "pertuzumab"], "US", "adjuvant")
    found = judge(applying, cases.assessment(50), cases.assessment(66), lower_limit_of_normal=cases.NORMAL)
    assert found.advice is Advice.WITHHOLD
    assert found.leading.protocol_id == "trastuzumab-us"
    assert [evaluation.advice.value for evaluation in found.evaluations] == ["continue", "withhold", "continue"]
    assert found.leading.leading is not None
    assert found.leading.leading.arithmetic == "66 % → 50 %: fall of 16 points"


def test_judging_by_no_protocol_is_an_error_and_not_a_continue() -> None:
    with pytest.raises(ValueError, match="no cardiac protocol"):
        judge([], cases.assessment(50), cases.assessment(66), lower_limit_of_normal=cases.NORMAL)


def test_site_policy_always_applies() -> None:
    assert [p.id for p in ALL if p.kind is Kind.SITE] == ["clinical-review"]
    assert _ids(["paclitaxel"], "US", "adjuvant") == ["clinical-review"]


def test_the_json_schema_beside_the_protocols_is_current() -> None:
    written = json.loads((catalog.FOLDER / "schema.json").read_text(encoding="utf-8"))
    assert written == catalog.schema()
