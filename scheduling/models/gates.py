"""From rows to what stands before one infusion: its release, and its blood tests. No queries beyond `about`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from her2tracker.lib.bounds import plain
from scheduling.catalog.laboratory import lab_tests
from scheduling.core.laboratory import LabValue, LabVerdict, asked, judge
from scheduling.core.release import Ordered, lapsed
from scheduling.models.about import About
from scheduling.models.cycles import Administration, CycleDay
from scheduling.models.releases import LabResult, Release


@dataclass(frozen=True, slots=True)
class ReleaseState:
    """The latest release of a cycle day, if any, and why it does not hold."""

    release: Release | None
    lapsed: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return self.release is not None and not self.lapsed


def ordered(row: CycleDay) -> Ordered:
    """What a doctor sees and releases. Reads the administrations of the row."""
    doses = {dose.agent: _dose(dose) for dose in row.administrations.all()}
    return Ordered(row.planned_on, doses, row.plan.dosing_weight_kg)


def _dose(dose: Administration) -> str:
    """`420 mg (maintenance)`."""
    amount = f"{plain(dose.planned_mg)} mg" if dose.planned_mg is not None else dose.dose_text
    return f"{amount} ({dose.kind})"


def release_of(row: CycleDay, known: About, on: date) -> ReleaseState:
    """Whether this cycle day may be given on `on` by a doctor's release."""
    found = [one for one in known.releases if (one.cycle, one.day) == (row.cycle, row.day)]
    if not found:
        return ReleaseState(None)
    release = found[-1]
    held = [hold.begun_on for hold in known.holds if hold.recorded_at >= release.recorded_at]
    seen = Ordered(release.planned_on, release.doses, release.weight_kg)
    reasons = lapsed(
        seen,
        ordered(row),
        for_on=release.for_on,
        on=on,
        held_on=held[-1] if held else None,
        ended=release.ended_at is not None,
    )
    return ReleaseState(release, reasons)


def laboratory_of(row: CycleDay, known: About) -> tuple[LabVerdict, ...]:
    """Each blood test that is asked for before this infusion, with the latest value entered for it."""
    tests = asked(lab_tests(), [dose.agent for dose in row.administrations.all()])
    if not tests:
        return ()
    values = {one.test: one for one in known.lab_results if (one.cycle, one.day) == (row.cycle, row.day)}
    return tuple(judge(test, _value(values.get(test.id))) for test in tests)


def _value(row: LabResult | None) -> LabValue | None:
    return LabValue(row.test, row.value, row.unit, row.taken_on) if row else None
