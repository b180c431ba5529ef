"""The data files of both apps: every source leads to a document, every document is used, every version is frozen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from her2tracker.lib import catalog as files
from her2tracker.lib.sources import Confidence, weakest
from scheduling import catalog as scheduling

ROOT = Path(__file__).parent.parent
FOLDERS = (
    "scheduling/regimens", "scheduling/choices", "scheduling/policies", "scheduling/preconditions",
    "scheduling/products", "scheduling/laboratory", "scheduling/chairside_checks",
    "monitoring/protocols", "monitoring/risk", "monitoring/policies", "monitoring/adherence",
)  # fmt: skip
PATHS = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.toml"))]
SOURCE = re.compile(r"[a-z0-9-]+#[a-z0-9-]+")


def citing(value: Any) -> Iterator[dict[str, Any]]:
    """Every table of a data file that names a source, however deep."""
    if isinstance(value, dict):
        if "source" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from citing(inner)


def cited_in_code() -> set[str]:
    """Documents that Python names itself: what no data file says is cited as `document#section`."""
    code = (path for app in ("scheduling", "monitoring") for path in (ROOT / app).rglob("*.py"))
    return {found.split("#")[0] for path in code for found in SOURCE.findall(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_source_leads_to_a_document_no_surer_than_it(path: Path) -> None:
    tables = list(citing(files.read(path)))
    assert tables, "a data file cites something"
    for table in tables:
        document = files.documents()[table["source"].split("#")[0]]
        confidence = Confidence(table.get("confidence", "verified"))
        assert weakest([confidence, document.confidence]) is confidence, f"{table['source']} is surer than its document"


def test_every_document_is_cited() -> None:
    cited = {table["source"].split("#")[0] for path in PATHS for table in citing(files.read(path))}
    assert set(files.documents()) - cited - cited_in_code() == set()


def test_every_file_is_read_by_its_catalog() -> None:
    from monitoring import catalog as monitoring
    from monitoring.catalog import adherence, policies, risk

    shipped = set(scheduling.regimens()) | set(monitoring.protocols()) | set(risk.proformas())
    own = [policies.echo_policy(), policies.baseline_policy(), policies.call_policy(), *policies.ladders()]
    policed = [*own, *adherence.definitions().values()]
    shipped |= {(one.id, one.version) for one in policed}
    apart = [
        f"scheduling/{name}"
        for name in ("choices", "policies", "preconditions", "products", "laboratory", "chairside_checks")
    ]
    names = {path.stem for path in PATHS if str(path.parent.relative_to(ROOT)) not in apart}
    assert {f"{id_}-v{version}" for id_, version in shipped} == names
    assert scheduling.choices()
    assert scheduling.preconditions()
    assert scheduling.products()
    assert scheduling.lab_tests()
    assert scheduling.chairside_items()
    for path in sorted(scheduling.POLICIES.glob("*.toml")):
        entry = scheduling.policies_from(files.read(path), path.name)
        assert path.stem == f"{entry.id}-v{entry.version}"


def test_the_twelve_early_regimens_and_the_four_other_lines_are_there() -> None:
    assert {id_ for id_, _ in scheduling.regimens()} == {
        "neratinib", "t-dxd-metastatic", "thp", "tucatinib-capecitabine-trastuzumab",
        "ac-th", "apt", "apt-q3w", "phesgo", "t-dm1", "t-dxd", "tch-weekly", "trastuzumab-6-months",
        "trastuzumab-pertuzumab", "trastuzumab-q3w-17", "trastuzumab-q3w-18", "trastuzumab-sc",
    }  # fmt: skip


def test_the_newest_version_is_the_one_without_a_number() -> None:
    assert scheduling.regimen("apt") is scheduling.regimen("apt", 1)
    with pytest.raises(files.CatalogError, match="there is no regimen apt version 9"):
        scheduling.regimen("apt", 9)


def test_a_definition_read_back_from_its_row_is_the_same_regimen() -> None:
    raw = files.read(scheduling.REGIMENS / "t-dm1-v1.toml")
    stored = json.loads(json.dumps(files.definition(raw).raw))
    assert scheduling.regimen_from(stored, "t-dm1") == scheduling.regimen("t-dm1")


def test_a_comment_does_not_change_a_digest_and_a_figure_does() -> None:
    text = (scheduling.REGIMENS / "t-dm1-v1.toml").read_text(encoding="utf-8")
    digests = [
        files.definition(files.parse(version, name="t-dm1")).digest
        for version in (text, "# a remark\n" + text, text.replace("= 3.6 ", "= 3.7 ", 1))
    ]
    assert digests[0] == digests[1] != digests[2]


APT = (scheduling.REGIMENS / "apt-v1.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("mg_per_kg = 4\n", "mg_per_kg = 4\nmg = 300\n"), "exactly one of mg_per_kg, mg and components"),
        (("mg_per_kg = 4\n", ""), "exactly one of mg_per_kg, mg and components"),
        (("mg_per_kg = 4\n", "mg_per_kg = -4\n"), "greater than 0"),
        (("mg_per_kg = 4\n", "mg_per_kg = 4\ncolour = 1\n"), "Extra inputs are not permitted"),
        (("days_late = { over = 7 }\n", ""), "a re-load states"),
        (("days_late = { over = 7 }\n", "days_late = { }\n"), "at least one of below"),
        (("cycles = 13\n", "cycles = 14\n"), "the phases hold 26 cycles, the cap says 25 doses"),
        (("days = [1]", "days = [8]"), "a cycle day must lie inside its cycle"),
        (('source = "apt-2016#abstract"\n', 'source = "apt-2016"\n'), "should match pattern"),
        (('name = "trastuzumab"', 'name = "pertuzumab"'), "differ"),
        (("maintenance]\nmg_per_kg = 6", "loading]\nmg_per_kg = 8"), "maintenance: Field required"),
    ],
)
def test_a_faulty_regimen_is_refused_in_words(change: tuple[str, str], said: str) -> None:
    assert change[0] in APT
    with pytest.raises(files.CatalogError, match=re.escape(said)):
        scheduling.regimen_from(files.parse(APT.replace(*change, 1), name="apt"), "apt-v1.toml")


NERATINIB = (scheduling.REGIMENS / "neratinib-v1.toml").read_text(encoding="utf-8")
THP = (scheduling.REGIMENS / "thp-v1.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "change", "said"),
    [
        (NERATINIB, ("weeks = 52, ", ""), "a cap states doses or weeks, or else until what treatment goes on"),
        (THP, ('until = "progression"', 'until = "progression", doses = 6'), "a cap states doses or weeks, or else"),
        (NERATINIB, ("{ mg = 240,", "{ mg = 240, mg_per_m2 = 100,"), "exactly one of mg and mg_per_m2"),
        (THP, ('route = "iv"', 'route = "oral"'), "an agent taken by mouth has no cycle days"),
        (NERATINIB.split("[[oral]]")[0], ("", ""), "phases with infusions, or agents taken by mouth"),
    ],
)
def test_a_faulty_line_without_an_end_is_refused_in_words(text: str, change: tuple[str, str], said: str) -> None:
    with pytest.raises(files.CatalogError, match=re.escape(said)):
        scheduling.regimen_from(files.parse(text.replace(*change, 1), name="x"), "x-v1.toml")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('value = "eu-hp"', 'value = "eu"'), "the options are"),
        (("days_since_last = { at_least = 42 }\n", ""), "days_since_last: Field required"),
        (('id = "where-labels-disagree"', 'id = "where"'), "there is no policy where"),
    ],
)
def test_a_faulty_policy_is_refused_in_words(change: tuple[str, str], said: str) -> None:
    text = (scheduling.POLICIES / "where-labels-disagree-v1.toml").read_text(encoding="utf-8")
    assert change[0] in text
    with pytest.raises(files.CatalogError, match=re.escape(said)):
        scheduling.policies_from(files.parse(text.replace(*change, 1), name="x"), "x-v1.toml")


def test_a_precondition_asks_for_one_thing() -> None:
    text = (scheduling.PRECONDITIONS / "early-her2-positive-v1.toml").read_text(encoding="utf-8")
    text = text.replace("surgery = true", "surgery = true\nresidual_disease = true", 1)
    with pytest.raises(files.CatalogError, match="a precondition asks for exactly one thing"):
        scheduling.preconditions_from(files.parse(text, name="x"), "x-v1.toml")


def test_the_schema_beside_the_regimens_is_current() -> None:
    stored = json.loads((scheduling.REGIMENS / "regimen.schema.json").read_text(encoding="utf-8"))
    assert stored == scheduling.schema()
