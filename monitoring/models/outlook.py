"""From rows to the coming infusions' hearts: which lack a valid LVEF on their day, and when the lab must be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from monitoring.core.at_risk import (
    Cover,
    CycleOutlook,
    Infusion,
    Lab,
    Outlook,
    Pairing,
    first_at_risk,
    outlooks,
    pairings,
)
from monitoring.core.protocol import OnTreatment
from monitoring.models.standing import Standing
from scheduling.models import CycleDay
from scheduling.models.closed_days import closed_days_of
from scheduling.words import DayState, PlanState


@dataclass(frozen=True, slots=True)
class PlanOutlook:
    """The coming infusions of one plan, by the uuid of their cycle day, soonest first."""

    infusions: tuple[Infusion, ...]
    found: tuple[CycleOutlook, ...]

    @property
    def first_at_risk(self) -> CycleOutlook | None:
        return first_at_risk(self.found)

    def of(self, key: object) -> CycleOutlook | None:
        """What is worth saying of one infusion: one echo serves several, and is asked for once."""
        found = next((one for one in self.found if one.infusion.key == str(key)), None)
        if found is None or found.state is not Outlook.AHEAD:
            return found
        first = next(one for one in self.found if one.state is Outlook.AHEAD and one.ask_by == found.ask_by)
        return found if found is first else None


def outlooks_of(
    standings: Sequence[Standing], today: date, *, infusions: dict[int, list[Infusion]] | None = None
) -> dict[int, PlanOutlook]:
    """By plan. At most one query, however many plans. Plans on hold, ended, or without surveillance have none.

    A page that shows single days gives their `infusions`.
    """
    asked = {one.plan.pk: (one, rule) for one in standings if _is_watched(one) and (rule := _rule(one))}
    if not asked:
        return {}
    planned = _infusions(list(asked), today) if infusions is None else infusions
    covers = {pk: _cover(one, rule, today) for pk, (one, rule) in asked.items()}
    return {pk: _outlook(one, rule, covers[pk], planned.get(pk, ()), today) for pk, (one, rule) in asked.items()}


def outlook_of(standing: Standing, today: date) -> PlanOutlook:
    """One plan's; without infusions where it has none."""
    return outlooks_of([standing], today).get(standing.plan.pk, PlanOutlook((), ()))


def pairings_of(standing: Standing, outlook: PlanOutlook, today: date) -> tuple[Pairing, ...]:
    """Open days on which the patient comes anyway, or is near, and an echo still saves the first cycle at risk.

    Without one at risk, those that serve the first infusion that no LVEF covers yet.
    """
    saving = outlook.first_at_risk or next((one for one in outlook.found if one.last_useful), None)
    if saving is None:
        return ()
    closed = closed_days_of(standing.plan.patient.site)
    is_open: Callable[[date], bool] = lambda day: not closed.why(day)  # noqa: E731 - a name for the argument below
    return pairings(saving, outlook.infusions, opens_on=standing.window(today).opens_on, is_open=is_open)


def _is_watched(one: Standing) -> bool:
    """A held plan gives nothing: its repeat has clocks of its own."""
    return one.plan.state == PlanState.ACTIVE and one.open_hold is None


def _rule(one: Standing) -> OnTreatment | None:
    """Of protocols that differ, the one whose LVEF ages soonest."""
    rules = (protocol.surveillance.on_treatment for protocol in one.protocols if protocol.surveillance)
    return min(rules, key=lambda rule: rule.overdue_after_days, default=None)


def _outlook(
    one: Standing,
    rule: OnTreatment,
    cover: Cover | None,
    infusions: Iterable[Infusion],
    today: date,
) -> PlanOutlook:
    latest, booked = one.latest, [booking.booked_for for booking in one.bookings]
    unanswered = [day for day in booked if latest is None or latest.performed_on < day]
    lab = Lab(one.policy.echo_lead_days, one.policy.echo_result_days)
    planned = tuple(infusions)
    found = outlooks(planned, cover=cover, rule=rule, bookings=unanswered, lab=lab, today=today)
    return PlanOutlook(planned, found)


def _cover(one: Standing, rule: OnTreatment, today: date) -> Cover | None:
    """From the window; before the first dose no window is due, and the baseline counts as any LVEF does."""
    if one.latest is None:
        return None
    asked = Cover.of_window(one.window(today))
    return asked or Cover.of_result(one.latest.performed_on, rule)


def _infusions(plans: Sequence[int], today: date) -> dict[int, list[Infusion]]:
    rows = CycleDay.objects.filter(plan__in=plans, state=DayState.PLANNED, planned_on__gte=today)
    found: dict[int, list[Infusion]] = {}
    for plan, key, day in rows.order_by("planned_on", "id").values_list("plan_id", "uuid", "planned_on"):
        found.setdefault(plan, []).append(Infusion(str(key), day))
    return found
