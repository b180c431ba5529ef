"""What was done to one patient's records, and what each act changed: who, when, old and new."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from her2tracker.audit.acts import act_of
from her2tracker.audit.models import Act
from her2tracker.audit.sentences import sentence
from her2tracker.lib.bounds import plain
from her2tracker.lib.dates import in_words
from monitoring.models import BaselineChoice, CardiacFlag, EchoBooking, FlagDecision, LvefAssessment
from scheduling.models import (
    Administration,
    AlongsideTreatment,
    BodyMeasurement,
    BroughtForward,
    CycleDay,
    Delay,
    Extension,
    Hold,
    LevelChange,
    OralLevelChange,
    Override,
    Patient,
    PreviousMrn,
    PriorTreatment,
    TreatmentPlan,
    TumourProfile,
)

PER_PAGE = 25
_OF_PATIENT: tuple[type[models.Model], ...] = (
    BodyMeasurement,
    TumourProfile,
    PreviousMrn,
    TreatmentPlan,
    LvefAssessment,
    CardiacFlag,
)
_OF_PLAN: tuple[type[models.Model], ...] = (
    CycleDay,
    Delay,
    BroughtForward,
    Extension,
    LevelChange,
    OralLevelChange,
    Override,
    Hold,
    PriorTreatment,
    AlongsideTreatment,
    BaselineChoice,
    EchoBooking,
)
# Keys, and what every row carries: the act says it already.
_UNTOLD = {"id", "uuid", "recorded_at", "recorded_by", "decided_at", "decided_by", "revision", "plan_revision", "site"}
_FEW = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one row. `old` is empty for a row that was added."""

    row: str
    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One act with what it changed. `counts` sums up rows added or removed in number."""

    act: Act
    told: str
    reason: str
    changes: tuple[Change, ...]
    counts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class History:
    """`strangers` are changes that no act explains: someone wrote past the product."""

    page: Page[Act]
    entries: tuple[Entry, ...]
    strangers: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    """One row event with the one before it."""

    event: Any
    before: Any | None
    model: type[models.Model]

    @property
    def is_new(self) -> bool:
        return str(self.event.pgh_label) == "insert"


def history_of(patient: Patient, *, page: int | str = 1) -> History:
    """The latest acts first. One query per kind of row, however long the history."""
    shown = Paginator(Act.objects.filter(patient_uuid=patient.uuid), PER_PAGE).get_page(page)
    by_act = _steps_by_act(patient)
    cycles = _cycle_names(by_act)
    entries = tuple(_entry(act, by_act.get(str(act.uuid), []), cycles) for act in shown)
    strangers = [change for step in by_act.get("", []) for change in _changes(step, cycles)]
    return History(shown, entries, tuple(strangers))


def _steps_by_act(patient: Patient) -> dict[str, list[_Step]]:
    found: dict[str, list[_Step]] = defaultdict(list)
    for model, rows in _tables(patient):
        last: dict[int, Any] = {}
        for event in rows:
            step = _Step(event, last.get(event.pgh_obj_id), model)
            found[act_of(event)].append(step)
            last[event.pgh_obj_id] = event
    return found


def _tables(patient: Patient) -> Iterable[tuple[type[models.Model], list[Any]]]:
    """Every tracked table that holds something of this patient, removed rows included."""
    yield Patient, _events(Patient, Q(pgh_obj_id=patient.pk))
    plans: set[int] = set()
    flags: set[int] = set()
    for model in _OF_PATIENT:
        rows = _events(model, Q(patient_id=patient.pk))
        plans |= {row.pgh_obj_id for row in rows if model is TreatmentPlan}
        flags |= {row.pgh_obj_id for row in rows if model is CardiacFlag}
        yield model, rows
    days: set[int] = set()
    for model in _OF_PLAN:
        rows = _events(model, Q(plan_id__in=plans))
        days |= {row.pgh_obj_id for row in rows if model is CycleDay}
        yield model, rows
    yield Administration, _events(Administration, Q(cycle_day_id__in=days))
    yield FlagDecision, _events(FlagDecision, Q(flag_id__in=flags))


def _events(model: type[models.Model], where: Q) -> list[Any]:
    events = model.pgh_event_model.objects  # type: ignore[attr-defined]
    return list(events.filter(where).select_related("pgh_context").order_by("pgh_id"))


def _cycle_names(by_act: dict[str, list[_Step]]) -> dict[int, str]:
    steps = (step for found in by_act.values() for step in found if step.model is CycleDay)
    return {step.event.pgh_obj_id: f"cycle {step.event.cycle}" for step in steps}


def _entry(act: Act, steps: Sequence[_Step], cycles: dict[int, str]) -> Entry:
    told = sentence(act)
    reason = act.reason if act.reason.lower() not in told.lower() else ""
    summed = _summed_up(steps)
    shown = [step for step in steps if step.event.pgh_label == "update" or (step.is_new and step.model not in summed)]
    changes = tuple(change for step in shown for change in _changes(step, cycles))
    removed = Counter(step.model for step in steps if step.event.pgh_label == "delete")
    counts = [f"{_counted(count, model)} added" for model, count in summed.items()]
    counts += [f"{_counted(count, model)} removed" for model, count in removed.items()]
    return Entry(act, told, reason, changes, tuple(counts))


def _summed_up(steps: Sequence[_Step]) -> dict[type[models.Model], int]:
    """New rows told as a number: many at once, and the computed ones of a plan."""
    added = Counter(step.model for step in steps if step.is_new)
    return {model: count for model, count in added.items() if count > _FEW or model in (CycleDay, Administration)}


def _changes(step: _Step, cycles: dict[int, str]) -> Iterable[Change]:
    """Field by field what an event changed; of a new row, what it says."""
    if step.event.pgh_label == "delete":
        return
    for field in step.model._meta.concrete_fields:
        if field.name in _UNTOLD or isinstance(field, models.ForeignKey | models.JSONField):
            continue
        new = _words(field, step.event)
        old = _words(field, step.before) if step.before else ""
        if new != old:
            yield Change(_row_name(step, cycles), str(field.verbose_name), old, new)


def _row_name(step: _Step, cycles: dict[int, str]) -> str:
    if step.model is CycleDay:
        return cycles[step.event.pgh_obj_id].capitalize()
    if step.model is Administration:
        return f"{step.event.agent}, {cycles.get(step.event.cycle_day_id, 'a cycle')}".capitalize()
    return str(step.model._meta.verbose_name).capitalize()


def _words(field: models.Field[Any, Any], event: Any) -> str:
    value = getattr(event, field.attname)
    if field.choices:
        value = dict(field.flatchoices).get(value, value)
    return _said(value)


def _said(value: Any) -> str:
    """As pages write it. Booleans before figures: True is an int to Python."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        local = timezone.localtime(value)
        return f"{in_words(local.date())} {local:%H:%M}"
    if isinstance(value, date):
        return in_words(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return plain(value) if isinstance(value, Decimal) else str(value)


def _counted(count: int, model: type[models.Model]) -> str:
    name = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
    return f"{count} {name}"
