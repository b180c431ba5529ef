"""A day by chair and hour, placed for the drawing: a line per chair, a bar per infusion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scheduling.core.chair_day import Place, clock
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
    kind: str  # "booked", "given" or "moved"
    height: int = _BAR

    @property
    def text_x(self) -> float:
        return self.x + 6

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


def picture(day: Day, places: Iterable[Place], *, now: int | None = None, moved: Iterable[str] = ()) -> Picture | None:
    """The drawing of a seating; nothing where the day has no hours. `now` in minutes, on the day itself."""
    places = tuple(places)
    if day.hours is None:
        return None
    opens, closes = day.open_minutes
    first = min(opens, *(place.begins for place in places)) if places else opens
    last = max(closes, *(place.ends for place in places)) if places else closes
    first, last = first // 60 * 60, -(-last // 60) * 60
    scale = (_WIDTH - _LEFT - 8) / (last - first)
    at = _Scale(first, scale)
    shown = {str(chair.uuid): chair.name for chair in day.chairs}
    shown |= {str(b.chair.uuid): b.chair.name for b in day.bookings.values() if str(b.chair.uuid) not in shown}
    told = frozenset(moved)
    lines = tuple(
        Line(
            name[:12],
            _TOP + number * _LANE,
            tuple(_bars(day, at, [one for one in places if one.chair == chair], _TOP + number * _LANE, told)),
        )
        for number, (chair, name) in enumerate(shown.items())
    )
    return Picture(
        lines,
        tuple((at.x(minute), clock(minute)) for minute in range(first, last + 1, 60)),
        at.x(now) if now is not None and first <= now <= last else None,
        _in_words(places, shown),
        _TOP + len(lines) * _LANE + 6,
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    first: int
    per_minute: float

    def x(self, minute: int) -> float:
        return round(_LEFT + (minute - self.first) * self.per_minute, 1)


def _bars(day: Day, at: _Scale, places: list[Place], y: int, moved: frozenset[str]) -> Iterator[Bar]:
    """A name may run past its bar as far as the line is empty: a short stay is named as well as a long one."""
    ordered = sorted(places, key=lambda place: place.begins)
    ends = [*(at.x(place.begins) for place in ordered[1:]), float(_WIDTH)]
    for place, room_until in zip(ordered, ends, strict=False):
        row, x = row_of(day, place.key), at.x(place.begins)
        given = row is not None and row.state == DayState.GIVEN
        name = _name(row)
        label = f"✓ {name}" if given else f"→ {name}" if place.key in moved else name
        kind = "given" if given else "moved" if place.key in moved else "booked"
        title = f"{name}, {clock(place.begins)} to {clock(place.ends)}" + (", given" if given else "")
        width = round(place.minutes * at.per_minute - 2, 1)
        yield Bar(x, y + 3, width, _cut(label, int((room_until - x - 10) / _LETTER)), title, kind)


def _cut(label: str, fits: int) -> str:
    if len(label) <= fits:
        return label
    return f"{label[: fits - 1].rstrip(' ,')}…" if fits > 1 else ""


def _name(row: CycleDay | None) -> str:
    return f"{row.plan.patient.family_name}, {row.plan.patient.given_name}" if row else ""


def _in_words(places: tuple[Place, ...], shown: dict[str, str]) -> str:
    if not places:
        return f"{len(shown)} chairs, none booked."
    used = len({place.chair for place in places})
    first, last = min(place.begins for place in places), max(place.ends for place in places)
    infusions = "1 infusion" if len(places) == 1 else f"{len(places)} infusions"
    return (
        f"{infusions} in {used} of {len(shown)} chairs, from {clock(first)} to {clock(last)}. "
        "The table below says the same."
    )
