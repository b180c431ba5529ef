"""A regimen file from a person: what is refused, in which words, and that nothing a string hides is guessed."""

from __future__ import annotations

import pytest

from her2tracker.lib.catalog import definition, parse
from monitoring import catalog as monitoring
from scheduling import catalog
from scheduling.catalog import uploads
from scheduling.core.expansion import expand
from tests import make
from tests.core.test_scheduling_rehearsal import rehearsed

TEXT = make.file()
STRINGS = ("6(8) mg/kg", "8 mg/kg loading, then 6")


def refused(text: str) -> str:
    with pytest.raises(catalog.Faulty) as caught:
        catalog.read_upload(text)
    return " ".join(caught.value.sentences)


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


@pytest.mark.parametrize("string", STRINGS)
@pytest.mark.parametrize(
    ("place", "written", "said"),
    [
        ("mg_per_kg = 8\n", 'mg_per_kg = "{}"\n', "mg_per_kg holds the text “{}” where a figure belongs"),
        ("mg_per_kg = 6\n", 'mg_per_kg = "{}"\n', "mg_per_kg holds the text “{}” where a figure belongs"),
        ("mg_per_kg = 6\n", 'mg_per_kg = ["{}"]\n', "mg_per_kg.1 holds the text “{}” where a figure belongs"),
        ("minutes = 30\n", 'minutes = "{}"\n', "minutes holds the text “{}” where a figure belongs"),
        ("days = [1]\n", 'days = ["{}"]\n', "days.1 holds the text “{}” where a figure belongs"),
        ("cycles = 18\n", 'cycles = "{}"\n', "cycles holds the text “{}” where a figure belongs"),
        ("mg_per_ml = 21", 'mg_per_ml = "{}"', "mg_per_ml holds the text “{}” where a figure belongs"),
        ("{ over = 7 }", '{{ over = "{}" }}', "over holds the text “{}” where a figure belongs"),
        ("mg_per_kg = 6\n", 'dose = "{}"\n', "dose is not a key of a regimen file, and “{}” is not a figure"),
        ("mg_per_kg = 6\n", 'amount = "{}"\n', "amount is not a key of a regimen file"),
        ("[phases.agents.maintenance]", 'first = "{}"\n[phases.agents.maintenance]', "first holds the text “{}”"),
        ('name = "every three weeks"', 'name = "{}"', "name hides a dose in a name, “{}”"),
        ('title = "Trastuzumab"', 'title = "T {}"', "title hides a dose in a name, “T {}”"),
        ('short_name = "T"', 'short_name = "{}"', "short_name hides a dose in a name, “{}”"),
    ],
)
def test_a_dose_in_a_string_is_refused_wherever_it_stands(string: str, place: str, written: str, said: str) -> None:
    sentence = refused(changed(place, written.format(string)))
    assert said.format(string) in sentence
    assert sentence.startswith("Line ")
    assert "loading = { mg_per_kg = 8, … }, maintenance = { mg_per_kg = 6, … }" in sentence


def test_even_a_plain_number_in_quotation_marks_is_asked_back() -> None:
    assert "holds the text “6” where a figure belongs" in refused(changed("mg_per_kg = 6\n", 'mg_per_kg = "6"\n'))


def test_a_statement_may_name_a_dose_in_its_sentence() -> None:
    text = changed('text = "HER2-positive', 'text = "After 80 mg/m² weekly. HER2-positive')
    assert "80 mg/m²" in catalog.read_upload(text).regimen.indication.text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("mg_per_kg = 6\n", "mg_per_kg 6\n", "This is not TOML. Expected '=' after a key"),
        ("mg_per_kg = 6\n", "", "a dose states exactly one of mg_per_kg, mg and components"),
        ("mg_per_kg = 6\n", "mg_per_kg = 6\nfast = true\n", "fast is not a key of a regimen file: check its spelling"),
        ("mg_per_kg = 6\n", "mg_per_kg = -6\n", "is negative"),
        ("mg_per_kg = 6\n", "mg_per_kg = nan\n", "not a figure anybody could give"),
        ("mg_per_kg = 6\n", "mg_per_kg = inf\n", "not a figure anybody could give"),
        ("mg_per_kg = 6\n", "mg_per_kg = 1e99999999\n", "not a figure anybody could give"),
        ("mg_per_kg = 6\n", "mg_per_kg = 1e-99999999\n", "not a figure anybody could give"),
        ("mg_per_kg = 6\n", "mg_per_kg = true\n", "must be a number, without quotation marks"),
        ("mg_per_kg = 6\n", "mg_per_kg = 2026-01-05\n", "is a date, and a regimen has none"),
        ("mg_per_kg = 6\n", f"mg_per_kg = {'9' * 5000}\n", "a number is too long"),
        ("mg_per_kg = 6\n", f"mg_per_kg = {'[' * 20000}\n", "tables stand too deep"),
        ("cycles = 18\n", "cycles = 17\n", "the phases hold 17 cycles, the cap says 18 doses"),
        ("days = [1]", "days = [22]", "a cycle day must lie inside its cycle"),
        ("mg = [150, 420]", "mg = [0]", "greater than 0"),
        ('id = "own-trastuzumab"\n', "", "id is missing: add it"),
        ('id = "own-trastuzumab"', 'id = "Own Regimen"', "may hold small letters, digits and dashes only"),
        ("version = 1\n", "version = 70000\n", "version is higher than 9999"),
        ('name = "every three weeks"', f'name = "{"a" * 81}"', "longer than 80 letters"),
        ('text = "HER2', 'text = "\\u0000HER2', "a character that cannot be printed"),
        ('source = "herceptin-hcp#dosing"', 'source = "no-such#dosing"', "there is no such document"),
        ('source = "herceptin-hcp#dosing"', 'source = "site-policy#dosing"', "is surer than its document"),
        ('source = "herceptin-hcp#dosing"', 'source = "herceptin-hcp"', "a source is written document#section"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(old: str, new: str, said: str) -> None:
    assert said in refused(changed(old, new))


def test_an_agent_that_no_cardiac_protocol_watches_over_is_refused() -> None:
    text = TEXT.replace('name = "trastuzumab"', 'name = "trastuzumab-dkst"').replace(
        "[agents.trastuzumab]", "[agents.trastuzumab-dkst]"
    )
    said = refused(text)
    assert "names “trastuzumab-dkst”, an agent that no cardiac protocol watches over" in said
    assert "a biosimilar is a product of its agent" in said


def test_every_agent_that_may_be_named_has_a_cardiac_protocol() -> None:
    watched = {agent for protocol in monitoring.protocols().values() for agent in protocol.agents}
    assert uploads.agents() <= watched


def test_every_mistake_of_a_file_is_told_at_once_each_with_its_line() -> None:
    text = changed("mg_per_kg = 6\n", "fast = true\n").replace("minutes = 90\n", "minutes = 0\n", 1)
    with pytest.raises(catalog.Faulty) as caught:
        catalog.read_upload(text)
    lines = {int(sentence.split(",")[0].removeprefix("Line ")) for sentence in caught.value.sentences}
    numbered = text.splitlines()
    assert numbered.index("fast = true") + 1 in lines
    assert numbered.index("minutes = 0") + 1 in lines


def test_a_plan_that_nobody_could_hold_is_refused() -> None:
    days = ", ".join(str(day) for day in range(1, 22))
    text = changed("days = [1]", f"days = [{days}]").replace("cycles = 18", "cycles = 60")
    text = text.replace("doses = 18", "doses = 60")
    assert "hold 1260 doses" in refused(text)


@pytest.mark.parametrize("text", ["", "id = 'x'", "a.b.c = 1", "[[phases]]", "phases = 3", "agents = [1]", "oral = {}"])
def test_what_is_toml_and_no_regimen_is_refused_in_words(text: str) -> None:
    assert "is missing: add it" in refused(text)


def test_a_file_is_utf_8_text_of_a_few_pages() -> None:
    with pytest.raises(catalog.Faulty, match="not UTF-8 text"):
        catalog.decode(b"\xff\xfe" + TEXT.encode())
    with pytest.raises(catalog.Faulty, match="fits into 64 kB"):
        catalog.decode(b"#" * (catalog.LARGEST_BYTES + 1))
    assert catalog.decode(b"#" * catalog.LARGEST_BYTES)
    assert catalog.decode(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()) == TEXT
    assert "longer than 64 kB" in refused(TEXT + "#" * catalog.LARGEST_BYTES)


def test_a_key_is_a_figure_or_text_and_never_both() -> None:
    assert {"mg", "mg_per_kg", "minutes", "days", "cycles", "doses", "over", "at_least"} <= uploads.figures()
    assert not {"name", "title", "text", "source", "confidence", "route", "never", "id"} & uploads.figures()
    assert {"loading", "maintenance", "reload", "cap"} <= uploads.tables()


@pytest.mark.parametrize("path", sorted(catalog.REGIMENS.glob("*.toml")), ids=lambda path: path.stem)
def test_a_shipped_file_uploaded_gives_the_same_expansion(path) -> None:
    text = path.read_text(encoding="utf-8")
    upload = catalog.read_upload(catalog.decode(text.encode()))
    shipped = catalog.regimen(upload.regimen.id, upload.regimen.version)
    assert upload.regimen == shipped
    assert upload.definition.digest == definition(parse(text, name=path.name)).digest
    start = make.date(2026, 1, 5)
    assert expand(upload.regimen, start) == expand(shipped, start)
    assert rehearsed(shipped.id).text() == rehearsed(upload.regimen.id).text()
