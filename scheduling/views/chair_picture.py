"""A day by chair and hour, placed for the drawing: a line per chair, a bar per infusion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scheduling.core.chair_day import Place, clock
from scheduling.core.in_chairs import InChair
from scheduling.models import CycleDay
from scheduling.models.chair_days import Day, row_of
from scheduling.words import DayState

_LEFT, _TOP, _LANE, _BAR, _WIDTH = 92, 26, 30, 24, 960
_LETTER = 7.6  # the widest that a letter of the drawing is on average


@dataclass(frozen=True, slots=True)
class Bar:
    """One infusion in its chair. `label` is cut to what fits; `title` says all of it."""

    x: float
    y: float
    width: float
    label: str
    title: str
    kind: str  # "booked", "given", "moved", "running" or "over"
    over: float = 0  # the width of what it stays past its end
    beside: bool = False  # its label stands after the bar, which is too short for it
    height: int = _BAR

    @property
    def over_x(self) -> float:
        return round(self.x + self.width, 1)

    @property
    def text_x(self) -> float:
        return round(self.x + self.width + self.over + 5, 1) if self.beside else self.x + 6

    @property
    def text_y(self) -> float:
        return self.y + 17


@dataclass(frozen=True, slots=True)
class Line:
    """One chair's line."""

    name: str
    y: float
    bars: tuple[Bar, ...]

    @property
    def text_y(self) -> float:
        return self.y + 19

    @property
    def bottom(self) -> float:
        return self.y + _LANE


@dataclass(frozen=True, slots=True)
class Picture:
    lines: tuple[Line, ...]
    hours: tuple[tuple[float, str], ...]
    now: float | None
    description: str
    height: int
    width: int = _WIDTH
    left: int = _LEFT
    top: int = _TOP

    @property
    def bottom(self) -> int:
        return self.height - 6


def picture(
    day: Day,
    places: Iterable[Place],
    *,
    now: int | None = None,
    moved: Iterable[str] = (),
    going: Mapping[int, InChair] | None = None,
) -> Picture | None:
    """The drawing of a seating; nothing where the day has no hours. `now` in minutes, on the day itself.

    `going` is what has begun, by cycle day.
    """
    places, going = tuple(places), going or {}
    if day.hours is None:
        return None
    opens, closes = day.open_minutes
    first = min(opens, *(place.begins for place in places)) if places else opens
    last = max(closes, *(place.ends for place in places)) if places else closes
    last = max(last, now or 0) if any(one.chair_over for one in going.values()) else last
    first, last = first // 60 * 60, -(-last // 60) * 60
    scale = (_WIDTH - _LEFT - 8) / (last - first)
    at = _Scale(first, scale)
    shown = {str(chair.uuid): chair.name for chair in day.chairs}
    shown |= {str(b.chair.uuid): b.chair.name for b in day.bookings.values() if str(b.chair.uuid) not in shown}
    marks = _Marks(day, frozenset(moved), going)
    lines = tuple(
        Line(
            name[:12],
            _TOP + number * _LANE,
            tuple(_bars(marks, at, [one for one in places if one.chair == chair], _TOP + number * _LANE)),
        )
        for number, (chair, name) in enumerate(shown.items())
    )
    return Picture(
        lines,
        tuple((at.x(minute), clock(minute)) for minute in range(first, last + 1, 60)),
        at.x(now) if now is not None and first <= now <= last else None,
        _in_words(places, shown, going),
        _TOP + len(lines) * _LANE + 6,
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    first: int
    per_minute: float

    def x(self, minute: int) -> float:
        return round(_LEFT + (minute - self.first) * self.per_minute, 1)


@dataclass(frozen=True, slots=True)
class _Marks:
    """What tells one bar from another: its kind, the sign before its name, and the words of its title."""

    day: Day
    moved: frozenset[str]
    going: Mapping[int, InChair]

    def of(self, place: Place) -> tuple[str, str, str, int]:
        """Kind, label, title and minutes past the chair's end."""
        row = row_of(self.day, place.key)
        name = _name(row)
        hours = f"{name}, {clock(place.begins)} to {clock(place.ends)}"
        going = self.going.get(row.pk) if row else None
        if row is not None and row.state == DayState.GIVEN:
            return "given", f"✓ {name}", f"{hours}, given", 0
        if going and going.is_over:
            over = going.infusion_over or going.chair_over
            return "over", f"▲ {name}, {over} min over", f"{hours}, {going.state}", going.chair_over
        if going:
            return "running", f"▶ {name}", f"{hours}, {going.state}", 0
        if place.key in self.moved:
            return "moved", f"→ {name}", hours, 0
        return "booked", name, hours, 0


def _bars(marks: _Marks, at: _Scale, places: list[Place], y: int) -> Iterator[Bar]:
    """A name too long for its bar stands beside it where the line is empty: a short stay is named as a long one is."""
    ordered = sorted(places, key=lambda place: place.begins)
    ends = [*(at.x(place.begins) for place in ordered[1:]), float(_WIDTH)]
    for place, room_until in zip(ordered, ends, strict=False):
        x = at.x(place.begins)
        kind, label, title, over = marks.of(place)
        width = round(place.minutes * at.per_minute - 2, 1)
        late = round(over * at.per_minute, 1)
        inside, outside = (int(room / _LETTER) for room in (width - 12, room_until - x - width - late - 8))
        beside = len(label) > inside and outside > inside
        label = _cut(label, outside if beside else inside)
        yield Bar(x, y + 3, width, label, title, kind, late, beside)


def _cut(label: str, fits: int) -> str:
    if len(label) <= fits:
        return label
    return f"{label[: fits - 1].rstrip(' ,')}…" if fits > 1 else ""


def _name(row: CycleDay | None) -> str:
    return f"{row.plan.patient.family_name}, {row.plan.patient.given_name}" if row else ""


def _in_words(places: tuple[Place, ...], shown: dict[str, str], going: Mapping[int, InChair]) -> str:
    if not places:
        return f"{len(shown)} chairs, none booked."
    used = len({place.chair for place in places})
    first, last = min(place.begins for place in places), max(place.ends for place in places)
    infusions = "1 infusion" if len(places) == 1 else f"{len(places)} infusions"
    over = sum(one.is_over for one in going.values())
    begun = f" {len(going)} under way, {over} past the planned end." if going else ""
    return (
        f"{infusions} in {used} of {len(shown)} chairs, from {clock(first)} to {clock(last)}.{begun} "
        "The table below says the same."
    )
