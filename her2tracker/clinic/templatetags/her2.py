"""Filters and tags of every page: figures as clinicians write them, states as marks, sources as lines.

A figure that cannot be read raises instead of showing nothing: a blank where milligrams belong is
worse than an error page.
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from django import template
from django.forms import BoundField
from django.utils import timezone
from django.utils.safestring import SafeString

from her2tracker.clinic import marks
from her2tracker.lib import dates
from her2tracker.lib.bounds import plain
from her2tracker.lib.catalog import documents
from her2tracker.lib.sources import Citation, Confidence, Document

register = template.Library()

THIN_SPACE = "\u2009"  # U+202F does not break either, but is so narrow that 238 mg reads as one word
UNKNOWN = "—"

Figure = Decimal | int | str | None


def _with_unit(figure: Figure, unit: str) -> str:
    if figure is None or figure == "":
        return UNKNOWN
    return f"{plain(Decimal(str(figure)))}{THIN_SPACE}{unit}"


@register.filter
def mg(figure: Figure) -> str:
    """Milligrams: `544 mg`, never `544.0 mg`."""
    return _with_unit(figure, "mg")


@register.filter
def kg(figure: Figure) -> str:
    """Kilograms: `68.4 kg`."""
    return _with_unit(figure, "kg")


@register.filter
def percent(figure: Figure) -> str:
    """Percent of the left ventricle's volume, or any other: `47 %`."""
    return _with_unit(figure, "%")


@register.filter
def minutes(figure: Figure) -> str:
    """Minutes: `90 min`."""
    return _with_unit(figure, "min")


@register.filter
def points(figure: Figure) -> str:
    """Percentage points of a fall: `15 points`, `1 point`."""
    return UNKNOWN if figure is None or figure == "" else counted(figure, "point,points")


@register.filter
def counted(number: Figure, words: str) -> str:
    """A number with its noun: `{{ n|counted:"infusion,infusions" }}`."""
    one, many = words.split(",")
    figure = Decimal(str(number))
    return f"{plain(figure)} {one if abs(figure) == 1 else many}"


@register.filter
def late(days: int) -> str:
    """How far a plan is from where it was first: `8 days`, and `2 days early` where it was brought forward."""
    return counted(days, "day,days") if days >= 0 else f"{counted(-days, 'day,days')} early"


def _local(moment: date | datetime) -> date | datetime:
    return timezone.localtime(moment) if isinstance(moment, datetime) and timezone.is_aware(moment) else moment


@register.filter
def day(moment: date | datetime | None) -> str:
    """`Mon 5 Jan 2026`. An instant is first moved to the site's time zone."""
    return dates.in_words(_local(moment)) if moment else UNKNOWN


@register.filter
def short_day(moment: date | datetime | None) -> str:
    """`Mon 5 Jan`, where the year stands beside it."""
    return day(moment).rsplit(" ", 1)[0] if moment else UNKNOWN


@register.filter
def birth_day(born_on: date | None) -> str:
    """`12 Mar 1972`: a date of birth is read aloud without its weekday."""
    return day(born_on).split(" ", 1)[1] if born_on else UNKNOWN


@register.filter
def clock(moment: datetime | None) -> str:
    """`07:02`, in the site's time zone."""
    return f"{_local(moment):%H:%M}" if moment else UNKNOWN


@register.simple_tag
def state_badge(state: str, word: str = "", title: str = "", of: str = "") -> SafeString:
    """`{% state_badge row.state %}`, `{% state_badge window.state of="window" %}`."""
    return marks.state_badge(state, word, title, of)


@register.simple_tag
def kind_badge(kind: str) -> SafeString:
    """`{% kind_badge row.kind %}`: first, loading, reload, maintenance."""
    return marks.kind_badge(kind)


@register.simple_tag
def shape(name: str) -> SafeString:
    """`{% shape "triangle" %}`, beside its word."""
    return marks.shape(name)


@register.filter
def tone(state: str, of: str = "") -> str:
    """A state's tone, for a class name: ready, needs, hold, done or quiet."""
    return marks.mark_of(state, of).tone


@register.inclusion_tag("components/confidence_mark.html")
def confidence_mark(confidence: str) -> dict[str, Any]:
    """The "unverified" chip with its sentence; nothing for a verified figure."""
    mark = Confidence(str(confidence))
    return {"verified": mark.is_verified, "sentence": mark.label.removeprefix("unverified: ")}


@register.inclusion_tag("components/source_note.html")
def source_note(source: Citation | str, confidence: str = "verified") -> dict[str, Any]:
    """Document, section, version and confidence of one fact, from a Citation or `document#section`."""
    citation = source if isinstance(source, Citation) else Citation.parse(source, Confidence(str(confidence)))
    return {
        "key": citation.key,
        "document": _document(citation.document),
        "section": citation.section.replace("-", " "),
        "confidence": citation.confidence,
    }


def _document(name: str) -> Document | None:
    return documents().get(name)


@register.inclusion_tag("components/field.html")
def field(field: BoundField, unit: str = "", short: bool = False) -> dict[str, Any]:
    """One form field with label, help and error in place; `unit` stands after the control."""
    return {"field": field, "unit": unit, "short": short}


@register.filter
def is_check(field: BoundField) -> bool:
    """Whether the control is one box to tick, whose label stands beside it."""
    return field.widget_type == "checkbox"


@register.simple_tag
def product_version() -> str:
    """The version in the footer, which is what a report of a problem must name."""
    return _version()


@cache
def _version() -> str:
    try:
        return version("her2tracker")
    except PackageNotFoundError:
        project = Path(__file__).resolve().parents[3] / "pyproject.toml"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
