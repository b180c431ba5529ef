"""A plan on one time axis, as numbers that a template draws.

Infusions above, echoes below, holds as bands, and under the axis a lane for whatever runs alongside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from her2tracker.lib.dates import add_months, in_words

WIDTH, HEIGHT = 960, 150
LEFT, RIGHT = 20, 940
TOP, INFUSIONS, ECHOES, AXIS = 34, 60, 86, 116
LANES, LANE_HEIGHT, BAR_HEIGHT = 152, 34, 10
_PADDING = timedelta(days=10)
_MOST_LABELS = 16


@dataclass(frozen=True, slots=True)
class Infusion:
    """`state` is given, planned, omitted or missed; a re-load keeps its own shape. `closed`: why the site is."""

    on: date
    cycle: int
    state: str
    is_reload: bool = False
    closed: str = ""


@dataclass(frozen=True, slots=True)
class Echo:
    on: date
    words: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A hold; `until` is None while it lasts."""

    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Beside:
    """Something alongside; without `since` no date is known, and `words` say what is."""

    title: str
    words: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """A lane: its name at `text_y`, its outline in `path`. `kind` tells a dated bar from a line without dates."""

    text_y: int
    kind: str
    path: str
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at one place of the axis. `path` is its outline, `kind` its class in the drawing."""

    x: float
    kind: str
    path: str
    label: str


@dataclass(frozen=True, slots=True)
class Band:
    x: float
    width: float
    middle: float
    label: str


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    infusions: tuple[Mark, ...]
    echoes: tuple[Mark, ...]
    holds: tuple[Band, ...]
    months: tuple[Tick, ...]
    today: Tick | None
    description: str
    lanes: tuple[Bar, ...] = ()
    width: int = WIDTH
    height: int = HEIGHT


def draw(
    infusions: Sequence[Infusion],
    echoes: Iterable[Echo],
    holds: Iterable[Span],
    *,
    today: date,
    beside: Sequence[Beside] = (),
) -> Timeline | None:
    """None when there is nothing to draw. Echoes long after the last infusion are left to the words beside it.

    The axis is the infusions'; where there are none, that of what is taken at home.
    """
    ends = [infusion.on for infusion in infusions] or [
        day for lane in beside if lane.since for day in (lane.since, lane.until or lane.since)
    ]
    if not ends:
        return None
    first, last = min(ends), max(ends)
    near = sorted((e for e in echoes if first - timedelta(90) <= e.on <= last + _PADDING), key=lambda e: e.on)
    spans = list(holds)
    begin = min([first, *(echo.on for echo in near)]) - _PADDING
    end = max([last, *(span.since for span in spans)]) + _PADDING
    axis = _Axis(begin, end)
    return Timeline(
        infusions=tuple(_infusion(infusion, axis) for infusion in infusions),
        echoes=tuple(_echo(echo, axis) for echo in near),
        holds=tuple(_band(span, axis, today) for span in spans),
        months=tuple(_months(axis)),
        today=Tick(axis.x(today), f"today, {in_words(today)[:-5]}") if begin <= today <= end else None,
        description=" ".join(filter(None, (_description(infusions, near, spans), _beside_in_words(beside)))),
        lanes=tuple(_lane(lane, index, axis) for index, lane in enumerate(beside)),
        height=LANES + LANE_HEIGHT * len(beside) if beside else HEIGHT,
    )


@dataclass(frozen=True, slots=True)
class _Axis:
    begin: date
    end: date

    def x(self, day: date) -> float:
        share = (day - self.begin).days / max((self.end - self.begin).days, 1)
        return round(LEFT + (RIGHT - LEFT) * min(max(share, 0), 1), 1)


def _infusion(one: Infusion, axis: _Axis) -> Mark:
    x = axis.x(one.on)
    kind = {"given": "mark-given", "omitted": "mark-omitted", "missed": "mark-missed"}.get(one.state, "mark-open")
    if one.state == "omitted":
        path = f"m{x - 5:.1f} {INFUSIONS - 5} 10 10m0-10-10 10"
    elif one.state == "missed":
        path = f"M{x} {INFUSIONS - 7}l7.5 13h-15z"
    elif one.is_reload:
        path = f"M{x} {INFUSIONS - 8}l8 8-8 8-8-8z"
    else:
        path = f"M{x - 6:.1f} {INFUSIONS}a6 6 0 1 0 12 0a6 6 0 1 0-12 0z"
    if one.closed:
        path += f"M{x - 7:.1f} {INFUSIONS + 12}h14"
    words = f"{one.state}, re-load" if one.is_reload and one.state != "omitted" else one.state
    words += f", site closed: {one.closed}" if one.closed else ""
    return Mark(x, kind, path, f"Cycle {one.cycle}, {in_words(one.on)}: {words}")


def _echo(one: Echo, axis: _Axis) -> Mark:
    x = axis.x(one.on)
    kind = "mark-echo" if one.is_done else "mark-echo-due"
    return Mark(x, kind, f"M{x} {ECHOES}l7 13h-14z", f"{one.words}, {in_words(one.on)}")


def _band(span: Span, axis: _Axis, today: date) -> Band:
    left, right = axis.x(span.since), axis.x(max(span.until or today, span.since))
    width = max(round(right - left, 1), 3)
    until = f" until {in_words(span.until)}" if span.until else ""
    return Band(left, width, round(left + width / 2, 1), f"On hold since {in_words(span.since)}{until}")


def _lane(lane: Beside, index: int, axis: _Axis) -> Bar:
    """A bar from day to day, with a point where it goes on; a dotted line where no date is known."""
    top = LANES + index * LANE_HEIGHT
    y = top + LANE_HEIGHT - BAR_HEIGHT - 6
    label = f"{lane.title}: {lane.words}"
    if lane.since is None:
        return Bar(top + 10, "lane-undated", f"M{LEFT} {y + BAR_HEIGHT // 2}H{RIGHT}", label)
    left, right = axis.x(lane.since), axis.x(lane.until or axis.end)
    goes_on = lane.until is None or lane.until > axis.end
    tip = f"l6 {BAR_HEIGHT // 2}-6 {BAR_HEIGHT // 2}" if goes_on else f"v{BAR_HEIGHT}"
    return Bar(top + 10, "lane", f"M{left} {y}H{max(right, left + 3)}{tip}H{left}z", label)


def _beside_in_words(beside: Sequence[Beside]) -> str:
    told = "; ".join(f"{lane.title}, {lane.words}" for lane in beside)
    return f"Alongside: {told}." if told else ""


def _months(axis: _Axis) -> Iterable[Tick]:
    """The first of each month; fewer names when they would touch."""
    firsts, day = [], add_months(axis.begin.replace(day=1), 1)
    while day <= axis.end:
        firsts.append(day)
        day = add_months(day, 1)
    every = len(firsts) // _MOST_LABELS + 1
    for index, first in enumerate(firsts):
        name = in_words(first).split(" ")[2]
        year = f" {first.year}" if index == 0 or first.month == 1 else ""
        yield Tick(axis.x(first), f"{name}{year}" if index % every == 0 else "")


def _description(infusions: Sequence[Infusion], echoes: Sequence[Echo], spans: Sequence[Span]) -> str:
    if not infusions:
        return "No infusions."
    counts = [(sum(one.state == state for one in infusions), state) for state in ("given", "planned", "missed")]
    counts.append((sum(one.state == "omitted" for one in infusions), "omitted"))
    counts.append((sum(bool(one.closed) for one in infusions), "on a closed day"))
    told = ", ".join(f"{count} {state}" for count, state in counts if count)
    done = sum(echo.is_done for echo in echoes)
    last = max(infusion.on for infusion in infusions)
    held = f" Held {len(spans)} time{'s' if len(spans) > 1 else ''}." if spans else ""
    return (
        f"Infusions from {in_words(infusions[0].on)} to {in_words(last)}: {told}. "
        f"{done} echoes done, {len(echoes) - done} to come.{held}"
    )
