"""Figures as clinicians write them, states as marks, sources as lines."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

import pytest
from django import forms
from django.template import Context, Template
from django.utils import timezone
from django.utils.html import escape

from her2tracker.clinic import marks
from her2tracker.clinic.templatetags import her2
from her2tracker.lib.catalog import documents
from her2tracker.lib.sources import Citation, Confidence

THIN = "\u2009"


def render(text: str, **context: object) -> str:
    return Template("{% load her2 %}" + text).render(Context(context))


@pytest.mark.parametrize(
    ("figure", "shown"),
    [
        (Decimal("544"), f"544{THIN}mg"),
        (Decimal("544.0"), f"544{THIN}mg"),
        (Decimal("410.40"), f"410.4{THIN}mg"),
        (Decimal("1E+3"), f"1000{THIN}mg"),
        (Decimal("0.5"), f"0.5{THIN}mg"),
        (600, f"600{THIN}mg"),
        ("238", f"238{THIN}mg"),
        (None, "—"),
    ],
)
def test_milligrams_have_a_thin_space_and_no_trailing_zeros(figure: Decimal | int | str | None, shown: str) -> None:
    assert her2.mg(figure) == shown


def test_a_figure_that_cannot_be_read_raises_instead_of_showing_nothing() -> None:
    with pytest.raises(InvalidOperation):
        her2.mg("five hundred")


def test_each_unit_has_its_own_filter() -> None:
    assert her2.kg(Decimal("68.40")) == f"68.4{THIN}kg"
    assert her2.percent(47) == f"47{THIN}%"
    assert her2.minutes(90) == f"90{THIN}min"
    assert her2.points(Decimal("15")) == "15 points"
    assert her2.points(1) == "1 point"


@pytest.mark.parametrize(("number", "shown"), [(0, "0 infusions"), (1, "1 infusion"), (17, "17 infusions")])
def test_a_count_agrees_with_its_noun(number: int, shown: str) -> None:
    assert her2.counted(number, "infusion,infusions") == shown


def test_a_day_is_written_with_its_weekday_and_year() -> None:
    assert her2.day(date(2026, 1, 5)) == "Mon 5 Jan 2026"
    assert her2.short_day(date(2026, 1, 5)) == "Mon 5 Jan"
    assert her2.day(None) == "—"


def test_a_date_of_birth_is_written_without_its_weekday() -> None:
    assert her2.birth_day(date(1972, 3, 12)) == "12 Mar 1972"


def test_an_instant_is_shown_in_the_time_zone_of_the_site() -> None:
    late_in_utc = datetime(2026, 1, 4, 23, 30, tzinfo=UTC)
    with timezone.override("Europe/Oslo"):
        assert her2.day(late_in_utc) == "Mon 5 Jan 2026"
        assert her2.clock(late_in_utc) == "00:30"


@pytest.mark.parametrize("state", ["ready", "needs", "hold", "given", "omitted", "planned", "missed"])
def test_every_state_is_a_shape_and_a_word(state: str) -> None:
    badge = render("{% state_badge state %}", state=state)
    assert "<svg" in badge
    assert marks.STATES[state].word in badge


def test_ready_needs_and_hold_differ_in_shape_and_not_only_in_colour() -> None:
    assert len({marks.STATES[state].shape for state in ("ready", "needs", "hold")}) == 3


def test_an_unknown_state_raises_rather_than_look_harmless() -> None:
    with pytest.raises(KeyError):
        marks.state_badge("on-holt")


def test_a_badge_says_the_words_it_is_given_and_escapes_them() -> None:
    badge = render("{% state_badge 'hold' words %}", words="On hold: LVEF <50 %")
    assert "On hold: LVEF &lt;50 %" in badge
    assert "state-hold" in badge


def test_an_open_window_is_not_an_open_flag() -> None:
    assert "Open" in marks.state_badge("open")
    assert "May be done now" in marks.state_badge("open", of="window")
    assert "Not yet due" in marks.state_badge("not_yet", of="window")


@pytest.mark.parametrize(
    ("kind", "word"),
    [("first", "First"), ("loading", "Loading"), ("reload", "Re-load"), ("maintenance", "Maintenance")],
)
def test_every_kind_of_milligrams_has_its_word(kind: str, word: str) -> None:
    assert word in marks.kind_badge(kind)


def test_a_verified_figure_carries_no_chip() -> None:
    assert "unverified" not in render("{% confidence_mark 'verified' %}")


@pytest.mark.parametrize("confidence", [Confidence.SECONDARY, Confidence.UNVERIFIED])
def test_an_unverified_figure_says_so_in_text(confidence: Confidence) -> None:
    shown = render("{% confidence_mark mark %}", mark=confidence)
    assert "unverified" in shown
    assert confidence.label.removeprefix("unverified: ") in shown
    assert "title=" not in shown


def test_a_source_without_an_address_in_the_web_is_no_link() -> None:
    document = next(one for one in documents().values() if not one.address.startswith("http"))
    shown = render("{% source_note source %}", source=Citation(document.id, "missed-dose", Confidence.UNVERIFIED))
    assert escape(document.title) in shown
    assert "href" not in shown


def test_a_source_names_document_section_version_and_address() -> None:
    document = next(one for one in documents().values() if one.address.startswith("http"))
    shown = render("{% source_note source %}", source=Citation(document.id, "missed-dose", Confidence.UNVERIFIED))
    assert "section “missed dose”" in shown
    assert f"<cite>{escape(document.title)}</cite>" in shown
    assert f"version {escape(document.version)}" in shown
    assert document.address in shown
    assert "unverified" in shown


def test_a_source_nobody_filed_is_still_named() -> None:
    assert "lost-paper#page-4" in render("{% source_note 'lost-paper#page-4' %}")


class WeightForm(forms.Form):
    weight = forms.DecimalField(label="Weight", help_text="Without shoes.", min_value=20)
    fasting = forms.BooleanField(label="Fasting", required=False)


def test_a_field_ties_its_help_and_its_error_to_the_control() -> None:
    shown = render("{% field form.weight unit='kg' %}", form=WeightForm({"weight": "-3"}))
    assert 'aria-describedby="id_weight_helptext id_weight_error"' in shown
    assert 'id="id_weight_helptext"' in shown
    assert 'id="id_weight_error"' in shown
    assert 'aria-invalid="true"' in shown
    assert "kg" in shown


def test_a_box_to_tick_has_its_label_beside_it() -> None:
    assert "field-check" in render("{% field form.fasting %}", form=WeightForm())


def test_a_whole_form_looks_the_same_as_its_fields_one_by_one() -> None:
    shown = str(WeightForm({"weight": "-3"}))
    assert "data-error-summary" in shown
    assert 'href="#id_weight"' in shown


def test_the_footer_names_a_version() -> None:
    assert render("{% product_version %}").count(".") >= 1
