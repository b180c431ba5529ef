"""The look holds its promises: contrast in both themes, a strict policy, pages that need nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from her2tracker.clinic import marks, style_guide

STATIC = Path(settings.BASE_DIR) / "her2tracker" / "static"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
PAGES = [p for p in sorted(TEMPLATES.rglob("*.html")) if "emails" not in p.parts]

WORDS_ON = [
    *((ink, ground) for ink in ("ink", "ink-muted", "accent") for ground in ("ground", "surface", "sunken")),
    *((tone, ground) for tone in ("ready", "needs", "hold") for ground in ("ground", "surface", "sunken")),
    *((tone, f"{tone}-soft") for tone in ("ready", "needs", "hold")),
    *(("ink", f"{tone}-soft") for tone in ("ready", "needs", "hold", "accent")),
    ("accent-strong", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-hold", "hold"),
]
EDGES_ON = [(edge, ground) for edge in ("line-strong", "focus") for ground in ("ground", "surface", "sunken")]


def blocks() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """The colours of the light theme, of dark by the system's wish, and of dark by choice."""
    text = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
    bodies = re.findall(r":root[^{]*\{([^}]*)\}", text)
    light, by_system, by_choice = (dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6})", body)) for body in bodies)
    return light, by_system, by_choice


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), WORDS_ON, ids="-on-".join)
def test_words_are_readable_on_every_ground(theme: int, ink: str, ground: str) -> None:
    colours = blocks()[theme]
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES_ON, ids="-on-".join)
def test_edges_of_controls_and_focus_are_visible(theme: int, edge: str, ground: str) -> None:
    colours = blocks()[theme]
    assert contrast(colours[edge], colours[ground]) >= 3


def test_dark_by_choice_is_dark_by_system() -> None:
    _, by_system, by_choice = blocks()
    assert by_system == by_choice


SHEETS = [
    "base", "frame", "entrance", "components", "tables", "forms", "clinical", "drawing", "day", "heart", "scheduling",
]  # fmt: skip


@pytest.mark.parametrize("sheet", SHEETS)
def test_only_the_tokens_name_a_colour(sheet: str) -> None:
    text = (STATIC / "css" / f"{sheet}.css").read_text(encoding="utf-8")
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb\(", text)


@pytest.mark.parametrize("page", PAGES, ids=[str(p.relative_to(TEMPLATES)) for p in PAGES])
def test_no_template_needs_a_laxer_policy(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"|javascript:|hx-on|hx-vals=['\"]js:", text)
    assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "500", "503"])
def test_an_error_page_renders_without_any_context(code: str) -> None:
    page = render_to_string(f"{code}.html")
    assert f'<p class="code">{code[:3]}</p>' in page
    assert 'href="#main"' in page


def test_the_style_guide_shows_every_state_of_every_part() -> None:
    request = RequestFactory().get("/style-guide/")
    page = render_to_string("clinic/style_guide.html", style_guide.context(), request=request)
    for words in ("On hold since 2 Jan", "Re-load", "unverified", "Nothing was saved yet", "What moves"):
        assert words in page
    assert all(mark.word in page for mark in marks.STATES.values())
    assert not re.search(r"\sstyle=", page)


def test_the_banner_of_a_patient_without_facts_says_what_is_missing() -> None:
    patient = {"family_name": "Okafor", "given_name": "Ngozi", "mrn": "004-0932", "sex": "female"}
    page = render_to_string("components/patient_banner.html", {"patient": patient})
    for words in ("OKAFOR, Ngozi", "No treatment plan", "No LVEF recorded", "none recorded", "not recorded"):
        assert words in page


def test_a_stale_heartbeat_is_told_to_everybody() -> None:
    person = {"name": "Nora", "role_label": "Nurse"}
    words = "Checks last ran Sat 3 Jan 07:02"
    page = render_to_string("components/bar.html", {"person": person, "heartbeat": {"text": words, "stale": True}})
    assert 'role="alert"' in page
    assert words in page


def test_demo_sign_ins_are_shown_only_when_they_are_given() -> None:
    one = {"role_label": "Nurse", "email": "nora@demo.example", "password": "x"}
    assert "The demo clinic" not in render_to_string("account/login.html")
    assert one["email"] in render_to_string("account/login.html", {"demo_sign_ins": [one]})


def test_the_lvef_trend_says_in_a_table_what_it_draws() -> None:
    trend = style_guide.context()["trend"]
    page = render_to_string("components/lvef_trend.html", {"trend": trend, "id": "t", "name": "Alice Martin"})
    for row in trend.rows:
        assert row.date in page
        assert row.lvef in page
    for event in trend.events:
        assert f"{event.date}</th><td>{event.what}</td>" in page
    assert page.count("<title>Infusion ") == len(trend.infusions)


def test_the_lvef_trend_is_drawn_in_a_language_with_decimal_commas() -> None:
    trend = style_guide.context()["trend"]
    with translation.override("de"):
        page = render_to_string("components/lvef_trend.html", {"trend": trend, "id": "t"})
    assert f'x="{trend.months[0].x}"' in page
