"""A day as it is shared out among nurses: who has what, how heavy each one's day is, and what nobody has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from her2tracker.accounts.models import Site, User
from her2tracker.clinic import missed
from her2tracker.clinic.amounts import Amount, amounts_of
from her2tracker.clinic.at_chair import AtChair
from her2tracker.clinic.day_rows import days_of
from scheduling.core.acuity import Load, loads
from scheduling.core.regimen import Regimen
from scheduling.models import CycleDay
from scheduling.models.nursing import nurses_at
from scheduling.models.standing import regimen_of
from scheduling.words import DayState


@dataclass(frozen=True, slots=True)
class ShareLine:
    """One infusion that somebody may take."""

    day: CycleDay
    regimen: Regimen
    amounts: tuple[Amount, ...]
    chair: AtChair
    is_missed: bool


@dataclass(frozen=True, slots=True)
class Sharing:
    """A day's infusions that are not omitted, those of earlier days nobody decided among today's."""

    on: date
    lines: tuple[ShareLine, ...]
    nurses: tuple[tuple[User, Load], ...]

    @property
    def unowned(self) -> int:
        return sum(line.chair.nurse is None for line in self.lines)

    @property
    def acuity(self) -> int:
        return sum(line.chair.acuity for line in self.lines)


def sharing_at(site: Site, on: date) -> Sharing:
    """In a constant number of queries, however many infusions and nurses."""
    today = site.today()
    heads = missed.heads(site, before=today) if on == today else {}
    late = {head.pk for head in heads.values()}
    found, _, chairs = days_of(site, on, late)
    days = [day for day in found if day.state != DayState.OMITTED]
    lines = tuple(
        ShareLine(day, regimen_of(day.plan.regimen), amounts_of(day), chairs[day.pk], day.pk in late) for day in days
    )
    taken = loads((str(line.chair.nurse.pk), line.chair.acuity) for line in lines if line.chair.nurse)
    nurses = tuple((nurse, taken.get(str(nurse.pk), Load(0, 0))) for nurse in nurses_at(site.pk))
    return Sharing(on, lines, nurses)
