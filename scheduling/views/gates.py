"""Go or no-go: what must be so before an infusion, each line with its fact, and whose it is where something lacks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from her2tracker.lib.bounds import plain
from her2tracker.lib.dates import in_words
from scheduling.actions.administrations import Due
from scheduling.core.consent import ConsentState, consent_on
from scheduling.models import CycleDay
from scheduling.models.about import About
from scheduling.models.checking import CheckStanding, clock, standing_of, told
from scheduling.models.checks import codes_of
from scheduling.models.consents import consents_of
from scheduling.models.gates import ReleaseState, laboratory_of, release_of
from scheduling.objection import Objection
from scheduling.words import Gate

TITLES = {
    Gate.RELEASE: "Release", Gate.HEART: "LVEF", Gate.PLAN: "Plan", Gate.WEIGHT: "Weight",
    Gate.LABORATORY: "Laboratory", Gate.CONSENT: "Consent", Gate.IDENTITY: "Identity",
    Gate.SECOND_CHECK: "Second check",
}  # fmt: skip

SAID_BY_OBJECTIONS = (Gate.HEART, Gate.PLAN, Gate.RELEASE, Gate.SECOND_CHECK)


@dataclass(frozen=True, slots=True)
class GateLine:
    """One line of the panel: what was looked at, the facts, and what is open."""

    title: str
    facts: tuple[str, ...]
    objections: tuple[Objection, ...] = ()

    @property
    def stops(self) -> bool:
        return any(one.stops_treatment and not one.is_to_do for one in self.objections)

    @property
    def passes(self) -> bool:
        return all(one.overridden for one in self.objections)


@dataclass(frozen=True, slots=True)
class GoNoGo:
    """The whole panel."""

    lines: tuple[GateLine, ...]
    release: ReleaseState
    laboratory_asked: bool
    check: CheckStanding

    @property
    def stops(self) -> bool:
        return any(line.stops for line in self.lines)


def go_no_go(row: CycleDay, objections: Sequence[Objection], known: About, due: Iterable[Due], on: date) -> GoNoGo:
    """The gates of one infusion on `on`, in the order in which they are read."""
    release, verdicts = release_of(row, known, on), laboratory_of(row, known)
    check = standing_of(row, known, on)
    facts = {
        Gate.RELEASE: _release(release) if known.policy.release_required or release.holds else None,
        Gate.HEART: ("Nothing stands against it",),
        Gate.PLAN: ("Active, not on hold",),
        Gate.WEIGHT: _weight(row, known, on),
        Gate.LABORATORY: tuple(one.sentence for one in verdicts if one.value) if verdicts else None,
        Gate.CONSENT: _consent(known, on),
        Gate.IDENTITY: _identity(row, known, on),
        Gate.SECOND_CHECK: _check(check),
    }
    lines = []
    for gate, title in TITLES.items():
        against, facts_told = tuple(one for one in objections if one.gate is gate), facts[gate]
        if facts_told is not None or against:
            shown = () if against and gate in SAID_BY_OBJECTIONS else facts_told or ()
            lines.append(GateLine(title, shown, against))
    gaps = tuple(one.entry.judgement.reason for one in due if one.entry.judgement)
    lines.append(GateLine("Gap", gaps or ("First dose: no gap to judge",)))
    return GoNoGo(tuple(lines), release, bool(verdicts), check)


def _release(state: ReleaseState) -> tuple[str, ...]:
    if not state.holds or state.release is None:
        return ()
    made, site = state.release, state.release.plan.patient.site
    when = timezone.localtime(made.recorded_at, site.zone)
    doses = ", ".join(f"{agent} {dose}" for agent, dose in made.doses.items())
    by = f"Released by {made.recorded_by} on {in_words(when.date())} at {when:%H:%M}"
    return (f"{by} for {in_words(made.for_on)}: {doses}",)


def _consent(known: About, on: date) -> tuple[str, ...] | None:
    """The consent that holds on the day; a missing or withdrawn one is an objection."""
    standing = consent_on(consents_of(known.consents), on)
    if standing.state is not ConsentState.SIGNED or standing.at is None:
        return None
    row = known.consents[standing.at]
    where = f"; the form is in: {row.kept_in}" if row.kept_in else ""
    return (f"Signed on {in_words(row.signed_on)}, recorded by {row.recorded_by}{where}",)


def _identity(row: CycleDay, known: About, on: date) -> tuple[str, ...] | None:
    """The wristband that was read and is the right one; one that is not is an objection."""
    band = codes_of(known.codes_read, row.cycle, row.day, on).wristband
    if band is None or not band.is_right:
        return None
    at = timezone.localtime(band.recorded_at, row.plan.patient.site.zone)
    return (f"Wristband of MRN {row.plan.patient.mrn} read by {band.recorded_by} at {at:%H:%M}",)


def _check(check: CheckStanding) -> tuple[str, ...] | None:
    if check.agreed and check.done:
        at = clock(check.done, "ended_at")
        return (f"Agreed by {check.done.ended_by} at {at}, asked for by {check.done.recorded_by}", *told(check.done))
    return (check.why_missing,) if check.waiting else None


def _weight(row: CycleDay, known: About, on: date) -> tuple[str, ...]:
    plan = row.plan
    if plan.dosing_weight_kg is None or plan.dosing_weight_on is None:
        return ("No dose goes by weight, or none is calculated yet",)
    used = f"Calculated with {plain(plan.dosing_weight_kg)} kg of {in_words(plan.dosing_weight_on)}"
    if known.weight is None:
        return (used,)
    kg, measured_on = known.weight
    age = (on - measured_on).days
    ago = f", {age} day{'s' if age != 1 else ''} before" if age else ""
    return (used, f"Last weighed {plain(kg)} kg on {in_words(measured_on)}{ago}")
