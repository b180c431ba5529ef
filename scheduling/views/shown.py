"""What pages about infusions show: doses with their milligrams, changes day by day, what was done meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from her2tracker.audit import sentences
from her2tracker.audit.models import Act
from her2tracker.lib.dates import in_words
from scheduling import consequences
from scheduling.actions.administrations import Due
from scheduling.actions.cycles import Change
from scheduling.actions.rows import Ordering
from scheduling.core.agent import Agent, Observation
from scheduling.core.chair import observation_of
from scheduling.core.closure import OnClosedDay
from scheduling.core.comparison import Comparison, DayChange, Outlook, compare, outlook
from scheduling.core.dosing import Calculation
from scheduling.core.expansion import Entry
from scheduling.core.projection import Projection
from scheduling.core.regimen import DoseKind
from scheduling.forms.cycles import Revised
from scheduling.models import CycleDay, TreatmentPlan
from scheduling.models.chairs import booked_of
from scheduling.models.closed_days import closed_days_of, on_closed_days_of
from scheduling.models.standing import agent_on, regimen_of
from scheduling.views.inside import inside

# Acts that give a plan a new revision; a stale form is told about these.
CHANGES_A_PLAN = ("administration.", "cycle.", "hold.", "infusion.", "plan.")
QUICK_WEEKS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class DoseShown:
    """One agent's dose with its milligrams, or millilitres for a combination."""

    title: str
    entry: Entry
    calculation: Calculation
    observation: Observation | None = None
    was: Calculation | None = None  # where the milligrams were others

    @property
    def in_ml(self) -> bool:
        return bool(self.entry.dose.components)

    @property
    def kind(self) -> str:
        """A dose without a loading of its own is still marked when it is the agent's first."""
        first = self.entry.judgement is None and self.entry.kind is DoseKind.MAINTENANCE
        return "first" if first else self.entry.kind.value


@dataclass(frozen=True, slots=True)
class DayShown:
    """One cycle day of a change, with the doses as they would be."""

    change: DayChange
    doses: tuple[DoseShown, ...]
    closed: OnClosedDay | None = None

    @property
    def name(self) -> str:
        return f"Cycle {self.change.cycle}" + (f", day {self.change.day}" if self.change.day > 1 else "")


@dataclass(frozen=True, slots=True)
class OutlookShown:
    """How long one agent may wait, with the milligrams on both sides of the boundary."""

    outlook: Outlook
    now: DoseShown
    reloaded: DoseShown | None


@dataclass(frozen=True, slots=True)
class QuickDate:
    """A date offered with one press, and which agents would re-load on it."""

    on: date
    label: str
    reloading: tuple[str, ...]


def day_name(row: CycleDay) -> str:
    return f"cycle {row.cycle}" + (f", day {row.day}" if row.day > 1 else "")


def inside_plan(plan: TreatmentPlan, here: str, **more: Any) -> dict[str, Any]:
    """Context of a page about a plan: the banner's patient, and the way back to patient and plan."""
    context = inside(plan.patient, here, plan=plan, regimen=regimen_of(plan.regimen), **more)
    context["crumbs"] = [*context["crumbs"], ("Plan", reverse("plan", args=[plan.uuid]))]
    return context


def dose_shown(ordering: Ordering, entry: Entry) -> DoseShown:
    return DoseShown(ordering.regimen.agent(entry.agent, entry.phase).title, entry, ordering.calculate(entry))


def due_shown(plan: TreatmentPlan, due: Due) -> DoseShown:
    title = regimen_of(plan.regimen).agent(due.entry.agent, due.entry.phase).title
    observation = observation_of(due.entry.dose, plan.patient.site.jurisdiction)
    return DoseShown(title, due.entry, due.calculation, observation)


def days_shown(plan: TreatmentPlan, comparison: Comparison) -> list[DayShown]:
    """Every day from the first that changes."""
    ordering, site = Ordering.of(plan), plan.patient.site
    shut = on_closed_days_of(plan, comparison.after.entries, closed_days_of(site), site.today())
    return [
        DayShown(day, tuple(_doses_of(ordering, day)), shut.get((day.cycle, day.day)))
        for day in comparison.from_first_change
    ]


def chairs_freed(plan: TreatmentPlan) -> list[str]:
    """Every chair that is booked for what is still planned: what a hold or an end frees."""
    site = plan.patient.site
    return [f"{in_words(one.on)}, {one.in_words(site)}" for one in booked_of(plan).values()]


def moves(plan: TreatmentPlan, change: Change) -> dict[str, Any]:
    """What a preview shows: the plan before and after, day by day, and what moves beside it."""
    comparison = compare(change.before, change.after, change.gone)
    return {
        "comparison": comparison,
        "days": days_shown(plan, comparison),
        "beside": consequences.beside(plan, comparison),
    }


def _doses_of(ordering: Ordering, day: DayChange) -> Iterator[DoseShown]:
    before = {entry.agent: ordering.calculate(entry) for entry in day.was}
    for entry in day.now:
        found, was = dose_shown(ordering, entry), before.get(entry.agent)
        differs = was is not None and was.planned_mg != found.calculation.planned_mg
        yield replace(found, was=was) if differs else found


def outlooks(plan: TreatmentPlan, row: CycleDay, standing: Projection) -> list[OutlookShown]:
    """For each agent of a cycle day that is still planned: until when it stays, from when it re-loads."""
    ordering = Ordering.of(plan)
    entries = [e for e in standing.entries if (e.cycle, e.day) == (row.cycle, row.day)]
    return [_outlook_shown(ordering, entry, agent_on(plan, entry)) for entry in entries]


def _outlook_shown(ordering: Ordering, entry: Entry, agent: Agent) -> OutlookShown:
    found = outlook(agent, entry)
    reloaded = None
    if found.reload is not None:
        reloaded = replace(entry, kind=DoseKind.RELOAD, dose=found.reload.dose)
        entry = replace(entry, kind=DoseKind.MAINTENANCE, dose=agent.maintenance)
    return OutlookShown(found, dose_shown(ordering, entry), dose_shown(ordering, reloaded) if reloaded else None)


def quick_dates(row: CycleDay, looks: Iterable[OutlookShown], today: date) -> list[QuickDate]:
    """Today when the day was missed, then one to three weeks after the planned day, each with what re-loads."""
    dates = {today: "Today"} if row.planned_on < today else {}
    for weeks in QUICK_WEEKS:
        on = row.planned_on + timedelta(weeks=weeks)
        if on >= today:
            dates.setdefault(on, f"+{weeks} week" + ("s" if weeks > 1 else ""))
    outlooks = [look.outlook for look in looks]
    return [
        QuickDate(on, label, tuple(o.agent.title for o in outlooks if o.reloads_on(on))) for on, label in dates.items()
    ]


def undoable(plan: TreatmentPlan, sentence: str) -> SafeString:
    """A message about a change that may still be taken back, with the way there."""
    return format_html('{} <a href="{}">Undo …</a>', sentence, reverse("plan-undo", args=[plan.uuid]))


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for the part that changes; without it the whole page is shown."""
    return bool(getattr(request, "htmx", False))


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: an empty post is a post too."""
    return request.POST if request.method == "POST" else None


def refused_again(plan: TreatmentPlan, form: Revised) -> dict[str, Any]:
    """A posted form on its way back: what was done meanwhile, and the plan it is now about."""
    if not form.is_bound:
        return {"form": form}
    meanwhile = done_meanwhile(plan, form.seen())
    form.show_anew(plan.revision)
    return {"form": form, "meanwhile": meanwhile}


def done_meanwhile(plan: TreatmentPlan, seen_revision: int | None) -> list[str]:
    """What others did to the plan since somebody saw `seen_revision` of it, newest first."""
    missed = plan.revision - seen_revision if seen_revision else 0
    if missed < 1:
        return []
    acts = Act.objects.filter(patient_uuid=plan.patient.uuid)[:50]
    return [_told(act) for act in acts if act.verb.startswith(CHANGES_A_PLAN) and act.verb != "cycle.timed"][:missed]


def _told(act: Act) -> str:
    told = sentences.sentence(act)
    said = f" ({act.reason})" if act.reason and act.reason.lower() not in told.lower() else ""
    return f"{timezone.localtime(act.at):%H:%M} {act.by_name} {told}{said}"
