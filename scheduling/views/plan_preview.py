"""A plan that does not exist yet, laid out for reading: each dose once with its arithmetic, then every date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from scheduling import catalog
from scheduling.actions import rows
from scheduling.actions.plans import Preview
from scheduling.core.at_home import Course, courses
from scheduling.core.chair import ChairTime
from scheduling.core.closure import OnClosedDay, on_closed
from scheduling.core.dosing import Calculation
from scheduling.core.expansion import Entry, agent_of
from scheduling.core.regimen import Agent, DoseKind
from scheduling.models.closed_days import closed_days_of
from scheduling.models.standing import policy_of


@dataclass(frozen=True, slots=True)
class DoseLine:
    """One agent's dose of one kind, as it will be ordered."""

    agent: Agent
    kind: DoseKind
    entry: Entry
    calculation: Calculation

    @property
    def mg(self) -> Decimal | None:
        return self.calculation.planned_mg

    @property
    def kind_shown(self) -> str:
        """An agent without a loading dose still has a first one, which runs longer and is watched longer."""
        is_first = self.kind is DoseKind.MAINTENANCE and self.entry.judgement is None
        return "first" if is_first else self.kind.value

    @property
    def in_words(self) -> str:
        """What stands where milligrams would, for a combination or while there is no weight."""
        return self.entry.dose.in_words()


@dataclass(frozen=True, slots=True)
class DayLine:
    """One infusion day. `days_since` is None for the first one without earlier doses."""

    cycle: int
    day: int
    on: date
    days_since: int | None
    doses: tuple[DoseLine, ...]
    chair: ChairTime
    notes: tuple[str, ...]
    closed: OnClosedDay | None = None

    @property
    def why(self) -> tuple[str, ...]:
        """The gap sentence of whatever loads again."""
        judged = (dose.entry.judgement for dose in self.doses if dose.kind is DoseKind.RELOAD)
        return tuple(judgement.reason for judgement in judged if judgement)


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything the preview pane says."""

    preview: Preview
    doses: tuple[DoseLine, ...]
    days: tuple[DayLine, ...]

    @property
    def first(self) -> DayLine | None:
        """None where nothing is infused."""
        return self.days[0] if self.days else None

    @property
    def courses(self) -> tuple[Course, ...]:
        return courses(self.preview.regimen, self.preview.plan.start_on)

    @property
    def later(self) -> DayLine | None:
        """The last day, whose doses and chair are what most days look like."""
        return self.days[-1] if len(self.days) > 1 else None

    @property
    def of_cycles(self) -> int:
        return self.days[-1].cycle

    @property
    def notes(self) -> tuple[str, ...]:
        """What several days say alike, said once."""
        return tuple(dict.fromkeys(f"Cycle {day.cycle}, {note}" for day in self.days for note in day.notes))

    @property
    def left_out(self) -> str:
        """What the regimen's weeks leave no room for, in a sentence; nothing when all of it fits."""
        cycles = len({entry.cycle for entry in self.preview.projection.past_cap})
        weeks = self.preview.regimen.cap.weeks
        return (
            f"{cycles} cycles do not fit into {weeks} weeks from the first dose and are not planned." if cycles else ""
        )


def show(preview: Preview) -> Shown:
    lines = [_line(preview, entry) for entry in preview.projection.entries]
    # a dose that is the same figure of the same agent and kind is one line, whichever phase it stands in
    doses = {(line.agent.name, line.kind_shown, line.in_words): line for line in reversed(lines)}
    return Shown(preview, tuple(reversed(doses.values())), tuple(_days(preview, lines)))


def _line(preview: Preview, entry: Entry) -> DoseLine:
    agent = preview.regimen.agent(entry.agent, entry.phase)
    return DoseLine(agent, entry.kind, entry, preview.ordering.calculate(entry))


def _days(preview: Preview, lines: list[DoseLine]) -> Iterator[DayLine]:
    shut = _on_closed(preview)
    by_day: dict[rows.DayKey, list[DoseLine]] = {}
    for line in lines:
        by_day.setdefault((line.entry.cycle, line.entry.day), []).append(line)
    for (cycle, day), doses in by_day.items():
        entries = [line.entry for line in doses]
        gaps = [entry.judgement.days_since_last for entry in entries if entry.judgement]
        notes = tuple(dict.fromkeys(entry.note for entry in entries if entry.note))
        chair = preview.ordering.chair(entries)
        yield DayLine(
            cycle, day, entries[0].on, min(gaps, default=None), tuple(doses), chair, notes, shut.get((cycle, day))
        )


def _on_closed(preview: Preview) -> dict[rows.DayKey, OnClosedDay]:
    """What would be planned on days when the site is closed."""
    site, policy = preview.plan.patient.site, policy_of(preview.plan)
    return on_closed(
        preview.projection.entries,
        closed_days_of(site),
        catalog.window(),
        lambda entry: agent_of(preview.regimen, entry, policy=policy),
        today=site.today(),
    )
