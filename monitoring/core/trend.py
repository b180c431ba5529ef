"""The LVEF trend as numbers a template can draw: time across, 30 to 80 % up, and its twin as table rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from her2tracker.lib.bounds import plain
from her2tracker.lib.dates import add_days, add_months, days_between, in_words
from monitoring.core.result import Assessment, Modality
from monitoring.core.thresholds import Threshold

LOWEST, HIGHEST = Decimal(30), Decimal(80)
_STEP = 10
_MARGIN_LEFT, _MARGIN_RIGHT, _MARGIN_TOP, _MARGIN_BOTTOM = 40, 132, 12, 34
_PER_LETTER = 6  # of the drawing's words, at most, on average
_SIZE = 5
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SHAPES = {
    Modality.ECHO_2D: "circle",
    Modality.ECHO_3D: "diamond",
    Modality.MUGA: "square",
    Modality.CMR: "triangle",
}


@dataclass(frozen=True, slots=True)
class Span:
    """A hold. `until` is None while it lasts."""

    since: date
    until: date | None
    label: str = "on hold"


@dataclass(frozen=True, slots=True)
class Mark:
    """A decision on the time axis."""

    on: date
    label: str


@dataclass(frozen=True, slots=True)
class Point:
    """One assessment. `y` is its worst end, `y_best` the other: a range is drawn as a bar, never as its middle."""

    x: float
    y: float
    y_best: float
    shape: str
    path: str
    label: str
    is_baseline: bool
    is_beyond: bool


@dataclass(frozen=True, slots=True)
class Line:
    y: float
    label_y: float
    label: str


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Band:
    x: float
    width: float
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    """The table twin of one point."""

    on: date
    date: str
    lvef: str
    modality: str
    lab: str
    fall: str
    is_baseline: bool


@dataclass(frozen=True, slots=True)
class Key:
    """What a mark of this drawing means. `path` is drawn in a box of 16 by 16; `kind` is the mark's class."""

    kind: str
    path: str
    label: str


@dataclass(frozen=True, slots=True)
class Event:
    """The table twin of a hold, an infusion or a decision."""

    on: date
    date: str
    what: str


@dataclass(frozen=True, slots=True)
class Trend:
    """Everything in one coordinate system: `left` to `right`, `top` to `bottom`, inside `width` by `height`."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    points: tuple[Point, ...]
    path: str
    baseline: Line | None
    thresholds: tuple[Line, ...]
    percents: tuple[Line, ...]
    months: tuple[Tick, ...]
    infusions: tuple[Tick, ...]
    decisions: tuple[Tick, ...]
    holds: tuple[Band, ...]
    today: Tick | None
    rows: tuple[Row, ...]
    keys: tuple[Key, ...]
    events: tuple[Event, ...]
    title: str
    description: str


def draw(
    assessments: Iterable[Assessment],
    *,
    baseline: Assessment | None,
    thresholds: Iterable[Threshold] = (),
    infusions: Iterable[date] = (),
    holds: Iterable[Span] = (),
    decisions: Iterable[Mark] = (),
    today: date,
    width: int = 760,
    height: int = 280,
) -> Trend:
    """Lay the facts out in `width` by `height`. Same facts, same numbers; nothing depends on their order."""
    ordered = sorted(assessments, key=lambda one: (one.performed_on, one.lvef.worst))
    given, spans, marks = sorted(infusions), list(holds), sorted(decisions, key=lambda mark: mark.on)
    days = [one.performed_on for one in ordered] + given + [span.since for span in spans] + [m.on for m in marks]
    baseline_label, thresholds = f"baseline {baseline.lvef}" if baseline else "", tuple(thresholds)
    words = max((len(one.label) * _PER_LETTER + 12 for one in thresholds), default=0)
    frame = _Frame(min([*days, today]), max([*days, today]), width, height, max(_MARGIN_RIGHT, words))
    points = tuple(_point(one, frame, is_baseline=one == baseline) for one in ordered)
    own = [_line(baseline.lvef.worst, baseline_label, frame)] if baseline else []
    # spread together: the baseline's words must not lie on those of a threshold near it
    lines = _spread((*own, *(_line(one.percent, one.label, frame) for one in thresholds)))
    return Trend(
        width,
        height,
        frame.left,
        frame.right,
        frame.top,
        frame.bottom,
        points,
        " ".join(f"{'L' if n else 'M'}{point.x} {point.y}" for n, point in enumerate(points)),
        next((line for line in lines if line.label == baseline_label), None),
        tuple(line for line in lines if line.label != baseline_label),
        tuple(_line(Decimal(p), f"{p} %", frame) for p in range(int(LOWEST), int(HIGHEST) + 1, _STEP)),
        tuple(_months(frame)),
        tuple(Tick(frame.x(day), in_words(day)) for day in given),
        tuple(Tick(frame.x(mark.on), f"{mark.label}, {in_words(mark.on)}") for mark in marks),
        tuple(_band(span, frame, today) for span in spans),
        Tick(frame.x(today), "today"),
        tuple(_row(one, baseline) for one in ordered),
        tuple(_keys(ordered, baseline, given, spans, marks)),
        tuple(sorted(_events(given, spans, marks), key=lambda one: one.on)),
        "LVEF over time",
        _description(ordered, baseline),
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """Dates and percents to pixels. A week of air on both sides keeps marks off the frame."""

    first: date
    last: date
    width: int
    height: int
    margin_right: float  # as wide as the longest words beside a line

    @property
    def left(self) -> float:
        return _MARGIN_LEFT

    @property
    def right(self) -> float:
        return self.width - self.margin_right

    @property
    def top(self) -> float:
        return _MARGIN_TOP

    @property
    def bottom(self) -> float:
        return self.height - _MARGIN_BOTTOM

    @property
    def starts(self) -> date:
        return add_days(self.first, -7)

    @property
    def ends(self) -> date:
        return add_days(self.last, 7)

    def x(self, day: date) -> float:
        share = days_between(self.starts, day) / days_between(self.starts, self.ends)
        return round(self.left + (self.right - self.left) * share, 1)

    def y(self, percent: Decimal) -> float:
        within = min(max(percent, LOWEST), HIGHEST)
        share = float((within - LOWEST) / (HIGHEST - LOWEST))
        return round(self.bottom - (self.bottom - self.top) * share, 1)


def _point(one: Assessment, frame: _Frame, *, is_baseline: bool) -> Point:
    x, y = frame.x(one.performed_on), frame.y(one.lvef.worst)
    shape = _SHAPES[one.modality]
    label = f"{in_words(one.performed_on)}: {one.lvef}, {one.modality.label}"
    is_beyond = not LOWEST <= one.lvef.worst <= HIGHEST
    return Point(x, y, frame.y(one.lvef.best), shape, _mark(shape, x, y), label, is_baseline, is_beyond)


def _mark(shape: str, x: float, y: float) -> str:
    """The outline of a modality's mark, so that it is told apart without colour."""
    n, at = _SIZE, f"M{round(x, 1)} {round(y, 1)}"
    return {
        "circle": f"{at} m-{n} 0 a{n} {n} 0 1 0 {2 * n} 0 a{n} {n} 0 1 0 -{2 * n} 0 Z",
        "diamond": f"{at} m0 -{n} l{n} {n} l-{n} {n} l-{n} -{n} Z",
        "square": f"{at} m-{n} -{n} h{2 * n} v{2 * n} h-{2 * n} Z",
        "triangle": f"{at} m0 -{n} l{n} {2 * n} h-{2 * n} Z",
    }[shape]


def _line(percent: Decimal, label: str, frame: _Frame) -> Line:
    return Line(frame.y(percent), frame.y(percent), label)


def _spread(lines: tuple[Line, ...], apart: float = 13) -> tuple[Line, ...]:
    """Move labels of close lines apart, downwards, so that both can be read."""
    spread: list[Line] = []
    for line in sorted(lines, key=lambda one: one.y):
        lowest = spread[-1].label_y + apart if spread else line.y
        spread.append(Line(line.y, round(max(line.y, lowest), 1), line.label))
    return tuple(spread)


def _months(frame: _Frame) -> Iterable[Tick]:
    """Firsts of months, thinned until a dozen or so labels fit; January carries its year."""
    span = (frame.ends.year - frame.starts.year) * 12 + frame.ends.month - frame.starts.month
    every = next((n for n in (1, 2, 3, 6) if span <= 14 * n), 12)
    month = add_months(frame.starts.replace(day=1), 1)
    while month <= frame.ends:
        if (month.month - 1) % every == 0:
            name = _MONTHS[month.month - 1]
            yield Tick(frame.x(month), f"{name} {month.year}" if month.month == 1 else name)
        month = add_months(month, 1)


def _band(span: Span, frame: _Frame, today: date) -> Band:
    x = frame.x(span.since)
    return Band(x, round(max(frame.x(span.until or today) - x, 1), 1), span.label)


def _row(one: Assessment, baseline: Assessment | None) -> Row:
    return Row(
        one.performed_on,
        in_words(one.performed_on),
        str(one.lvef),
        one.modality.label,
        one.lab,
        _fall(one, baseline),
        one == baseline,
    )


def _keys(
    ordered: list[Assessment], baseline: Assessment | None, given: list[date], spans: list[Span], marks: list[Mark]
) -> Iterable[Key]:
    """Only what this drawing shows: each modality by its shape, then what lies on the time axis."""
    used = {one.modality for one in ordered if one != baseline}
    if baseline in ordered and baseline is not None:
        yield Key(
            "point point-baseline", _mark(_SHAPES[baseline.modality], 8, 8), f"Baseline, {baseline.modality.label}"
        )
    for modality, shape in _SHAPES.items():
        if modality in used:
            yield Key("point", _mark(shape, 8, 8), modality.label)
    if given:
        yield Key("infusion", "M8 13v-9", "Infusion")
    if marks:
        yield Key("decision", "M8 11l4 -6h-8z", "Decision")
    if spans:
        yield Key("band-hold", "M2 3h12v10h-12z", "On hold")


def _events(given: list[date], spans: list[Span], marks: list[Mark]) -> Iterable[Event]:
    for day in given:
        yield Event(day, in_words(day), "Infusion")
    for span in spans:
        yield Event(span.since, in_words(span.since), "Hold begins")
        if span.until:
            yield Event(span.until, in_words(span.until), "Hold ends")
    for mark in marks:
        yield Event(mark.on, in_words(mark.on), f"Decision: {mark.label}")


def _fall(one: Assessment, baseline: Assessment | None) -> str:
    """Points below the baseline; a span when either is a range, a dash for the baseline itself."""
    if baseline is None or one == baseline:
        return "–"
    least, most = baseline.lvef.worst - one.lvef.best, baseline.lvef.best - one.lvef.worst
    return plain(most) if least == most else f"{plain(least)} to {plain(most)}"


def _description(ordered: list[Assessment], baseline: Assessment | None) -> str:
    if not ordered:
        return "No LVEF assessment is on record."
    latest = ordered[-1]
    begins = f"Baseline {baseline.lvef} on {in_words(baseline.performed_on)}. " if baseline else "No baseline. "
    count = f"{len(ordered)} assessments; the latest" if len(ordered) > 1 else "One assessment:"
    return f"{begins}{count} {latest.lvef} on {in_words(latest.performed_on)}."
