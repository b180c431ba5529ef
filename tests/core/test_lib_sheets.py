"""A table from a person is read as it was written, or refused in sentences; never guessed, never a crash."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from her2tracker.lib import sheets
from her2tracker.lib.sheets import Unreadable
from her2tracker.lib.tables import to_csv

NEEDED, MORE = ("mrn", "name"), ("note",)


def _read(text: str) -> list[tuple[int, dict[str, str]]]:
    return [(row.line, dict(row.cells)) for row in sheets.read(text, required=NEEDED, optional=MORE)]


def _refused(text: str) -> list[str]:
    with pytest.raises(Unreadable) as refused:
        sheets.read(text, required=NEEDED, optional=MORE)
    return refused.value.sentences


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_commas_semicolons_and_tabs_separate_and_every_line_end_ends_a_line(mark, end):
    text = end.join([f"mrn{mark}name", f"1{mark}Anna", f"2{mark}Åsa"])
    assert _read(text) == [(2, {"mrn": "1", "name": "Anna"}), (3, {"mrn": "2", "name": "Åsa"})]


def test_a_byte_order_mark_capitals_spaces_and_empty_lines_do_no_harm():
    text = sheets.decode("\ufeff\n MRN , Name ,\n\n 1 , Anna ,\n,,\n2,Berta\n".encode())
    assert _read(text) == [(4, {"mrn": "1", "name": "Anna"}), (6, {"mrn": "2", "name": "Berta"})]


def test_a_value_in_quotation_marks_keeps_what_separates_and_the_marks_inside():
    assert _read('name,mrn\n"O""Hara, Ann",1\n') == [(2, {"name": 'O"Hara, Ann', "mrn": "1"})]


def test_lines_are_counted_as_an_editor_counts_them_after_a_value_with_a_line_break():
    rows = sheets.read('mrn,name\n1,"An\nna"\n2,Berta\n', required=NEEDED)
    assert [(row.line, bool(row.fault)) for row in rows] == [(2, True), (4, False)]
    assert "line break" in rows[0].fault


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"mrn,name\n1,Anna\n2,\xc5sa\n", "Line 3: the file is not UTF-8 text"),
        ("mrn,name\n1,Anna\n".encode("utf-16"), "not UTF-8 text"),
        (b"mrn,name\n1,An\0na\n", "Line 2: the file holds a NUL byte"),
        (b"x" * (sheets.LARGEST_BYTES + 1), "at most 5 MB are read"),
    ],
)
def test_bytes_that_are_no_text_are_refused_with_their_line(content, said):
    with pytest.raises(Unreadable, match=said):
        sheets.decode(content)
    assert sheets.decode(b"x" * sheets.LARGEST_BYTES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The file is empty"),
        ("\n \n", "The file is empty"),
        ("mrn,name\n", "no row below it"),
        ("mrn\n1\n", "Missing: name. The first line names the columns."),
        ("mrn,name,nmae\n1,A,B\n", "No column is called “nmae”. Do you mean “name”?"),
        ("mrn,name,weight\n1,A,B\n", "No column is called “weight”."),
        ("mrn,name,name\n1,A,B\n", "The column “name” is there 2 times."),
        ("mrn,,name\n1,A,B\n", "Column 2 has no name. Name it or take it out."),
        ('mrn,name\n1,"Anna\n2,Berta\n', "Line 2: quotation marks do not match."),
        ('mrn,name\n1,A\n2,"Ber"ta\n', "Line 3: quotation marks do not match."),
        (f"mrn,name\n1,{'x' * 140_000}\n", "Line 2: a value is too long to be one."),
        ("mrn,name\n1,A\0\n", "Line 2: the file holds a NUL byte"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_in_a_sentence(text, said):
    assert any(sentence.startswith(said) or said in sentence for sentence in _refused(text)), _refused(text)


def test_every_mistake_of_a_header_is_told_at_once():
    assert len(_refused("mnr,mnr,age\n1,2,3\n")) == 5


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1", "It has 1 values, and the first line names 2 columns."),
        ("1,Anna,more", "It has 3 values"),
        ("1,An\x07na", "control character"),
        (f"1,{'x' * 1001}", "1001 characters are too many"),
    ],
)
def test_one_bad_row_is_told_by_itself(row, said):
    rows = sheets.read(f"mrn,name\n{row}\n2,Berta\n", required=NEEDED)
    assert said in rows[0].fault
    assert rows[1].fault == ""
    assert sheets.read(f"mrn,name\n1,{'x' * 1000}\n", required=NEEDED)[0].fault == ""


def test_ten_thousand_rows_are_read_and_one_more_is_refused():
    text = "mrn,name\n" + "1,Anna\n" * sheets.MOST_ROWS
    assert len(sheets.read(text, required=NEEDED)) == 10_000
    assert "more than 10\u2009000 rows" in _refused(text + "1,Anna\n")[0]


def test_what_looks_like_a_formula_stays_text():
    assert _read("mrn,name\n=1+1,@Anna\n")[0][1] == {"mrn": "=1+1", "name": "@Anna"}


plain = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20).map(str.strip)


@given(st.lists(st.tuples(plain.filter(bool), plain), min_size=1, max_size=5))
def test_a_sheet_of_ours_is_read_back_as_it_was_written(people):
    people = [(mrn, name) for mrn, name in people if not any(one.startswith("'") for one in (mrn, name))]
    text = to_csv(["mrn", "name"], [*people, ("last", "last")])
    assert [tuple(row.cells.values()) for row in sheets.read(text, required=NEEDED)][:-1] == people


tables = st.text(max_size=200).map(lambda text: f"mrn,name\n{text}".encode("utf-8", "ignore"))


@settings(max_examples=300)
@given(st.binary(max_size=300) | tables)
def test_whatever_is_sent_is_read_or_refused_in_sentences(content):
    rows, sentences = _told(content)
    assert rows or sentences
    assert all(row.line > 1 and (row.fault or set(NEEDED) <= set(row.cells)) for row in rows)
    assert all(sentence.endswith((".", "?")) for sentence in sentences)


def _told(content: bytes) -> tuple[list[sheets.Row], list[str]]:
    try:
        return sheets.read(sheets.decode(content), required=NEEDED, optional=MORE), []
    except Unreadable as refused:
        return [], refused.sentences
