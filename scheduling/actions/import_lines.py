"""The lines of a file of patients and plans against what is on record: what each would do, and why one may not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from her2tracker.accounts.models import Site, User
from her2tracker.lib import sheets
from her2tracker.lib.cells import refusal_of
from her2tracker.lib.refusals import Refusal, Refused
from scheduling import clearance
from scheduling.actions import intake, patients, plans
from scheduling.actions.plans import Preview
from scheduling.actions.starting import Known, Order, Prior
from scheduling.catalog.uploads import agents
from scheduling.core import intake as core
from scheduling.core.intake import Person, Understood, Wanted
from scheduling.models import (
    BodyMeasurement,
    CycleDay,
    Patient,
    PreviousMrn,
    PriorTreatment,
    RegimenVersion,
    TreatmentPlan,
)
from scheduling.models.closed_days import closed_days_of
from scheduling.models.facts import remember_doses
from scheduling.words import CeaseReason, Setting, Sex


@dataclass(slots=True)
class Line:
    """One line of the file. `plan` is the one it started, or asked for in an earlier import."""

    asked: Understood
    patient: Patient | None = None
    version: RegimenVersion | None = None
    weight: BodyMeasurement | None = None
    is_new: bool = False
    is_there: bool = False
    plan: UUID | None = None
    preview: Preview | None = None
    refusals: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def wanted(self) -> Wanted:
        assert self.asked.wanted is not None  # noqa: S101 - a line without it carries refusals, and is asked nothing
        return self.asked.wanted

    @property
    def is_ready(self) -> bool:
        return not self.refusals and not self.is_there

    def order(self) -> Order:
        assert self.patient is not None  # noqa: S101 - as `wanted`
        assert self.version is not None  # noqa: S101
        prior = [
            Prior(one.agent, one.doses, one.last_on, one.first_on, one.place, one.kind) for one in self.wanted.earlier
        ]
        wanted = self.wanted
        return Order(self.patient, self.version, wanted.start_on, wanted.setting, prior, line=self.asked.line)


def words() -> core.Words:
    """What a file may say where a word is chosen."""
    languages = [code for code, _ in settings.LANGUAGES]
    return core.Words([*Sex], [*Setting], languages, agents())


def usual_language() -> str:
    """What a patient's letters are written in while nobody said."""
    return str(Patient._meta.get_field("language").default)


def refuse_unreadable(text: str) -> int:
    """How many rows the table has. Raises `sheets.Unreadable`."""
    return len(sheets.read(text, required=core.REQUIRED, optional=core.OPTIONAL))


def read(by: User, text: str) -> list[Line]:
    """Each line with whom and what it means at `by`'s site. A constant number of queries."""
    rows = sheets.read(text, required=core.REQUIRED, optional=core.OPTIONAL)
    lines = [Line(asked) for asked in core.read(rows, words(), today=by.site.today())]
    for line in lines:
        line.refusals += line.asked.faults
    understood = [line for line in lines if line.asked.wanted]
    _meet(by, understood)
    _choose(by.site, understood)
    _mark_there([line for line in understood if not line.is_new and not line.refusals])
    return lines


def rehearse(by: User, lines: Sequence[Line]) -> None:
    """Give each line its preview, warnings and refusals: the rows are written, looked at, and taken back."""
    with transaction.atomic():
        ready = _admit(by, lines)
        known = Known.of([line.order().patient for line in ready])
        for line in ready:
            line.preview, refusals = intake.judge(by, line.order(), known)
            line.refusals += [refusal.sentence for refusal in refusals]
        startable = [line for line in ready if line.is_ready]
        _warn_of_objections(by, startable)
        _warn_of_days(by.site, startable)
        transaction.set_rollback(True)


def carry_out(by: User, lines: Sequence[Line], tell: Callable[[int], None]) -> None:
    """Register, weigh and start every line that is not there yet. Raises Refused for the first that cannot be."""
    refused = [(line.asked.line, line.asked.mrn, line.refusals[0]) for line in lines if line.refusals]
    if refused:
        raise Refused(Refusal("line-refused", refusal_of(refused)))
    ready = _admit(by, lines)
    started = intake.start_many(by=by, orders=[line.order() for line in ready], tell=tell)
    for line, plan in zip(ready, started, strict=True):
        line.plan = plan.uuid


def _meet(by: User, lines: Sequence[Line]) -> None:
    """Find each line's patient, or prepare a new one."""
    site, mrns = by.site, [line.wanted.person.mrn for line in lines]
    on_record = {one.mrn: one for one in Patient.objects.filter(site=site, mrn__in=mrns)}
    earlier = dict(PreviousMrn.objects.filter(site=site, mrn__in=mrns).order_by().values_list("mrn", "patient__mrn"))
    for line in lines:
        person = line.wanted.person
        if person.mrn in earlier:
            line.refusals.append(
                f"mrn: {person.mrn} is an earlier number of MRN {earlier[person.mrn]}. Write that one."
            )
        elif person.mrn in on_record:
            _meet_again(line, person, on_record[person.mrn], site)
        else:
            line.patient, line.is_new = _newcomer(by, person), True
            line.refusals += _mistakes(line.patient)


def _meet_again(line: Line, person: Person, patient: Patient, site: Site) -> None:
    patient.site = site  # one object for all: its policies are read once
    line.patient = patient
    record = Person(**{name: getattr(patient, name) for name in Person.__dataclass_fields__})
    another = core.refuse_another(person, record)
    if another:
        line.refusals.append(another)
    line.warnings += core.not_taken_over(person, record)


def _newcomer(by: User, person: Person) -> Patient:
    return Patient(
        site=by.site, recorded_by=by, mrn=person.mrn, family_name=person.family_name, given_name=person.given_name,
        born_on=person.born_on, sex=person.sex or Sex.UNKNOWN, language=person.language or usual_language(),
        phone=person.phone, email=person.email,
    )  # fmt: skip


def _mistakes(patient: Patient) -> Iterable[str]:
    try:
        patients.check_fields(patient)
    except ValidationError as error:
        return [f"{name}: {sentence}" for name, said in error.message_dict.items() for sentence in said]
    return []


def _choose(site: Site, lines: Sequence[Line]) -> None:
    """Find each line's regimen, in its newest version; whether that may be ordered is asked as of any plan."""
    library = RegimenVersion.objects.at(site)
    keys = sorted(set(library.order_by().values_list("key", flat=True)))
    newest = {one.key: one for one in library.filter(key__in={line.wanted.regimen for line in lines}).newest()}
    for line in lines:
        line.version = newest.get(line.wanted.regimen)
        if line.version is None:
            near = get_close_matches(line.wanted.regimen, keys, n=1)
            meant = f" Do you mean “{near[0]}”?" if near else " The library shows each regimen’s id."
            line.refusals.append(f"regimen: “{line.wanted.regimen}” is not in the library.{meant}")


def _mark_there(lines: Sequence[Line]) -> None:
    """A plan of this patient, regimen and start is on record already, unless it was entered in error."""
    known = [line.patient for line in lines]
    rows = TreatmentPlan.objects.filter(patient__in=known).exclude(end_reason=CeaseReason.ENTERED_IN_ERROR).order_by()
    there = {
        (patient, key, start_on): uuid
        for patient, key, start_on, uuid in rows.values_list("patient_id", "regimen__key", "start_on", "uuid")
    }
    for line in lines:
        asked = (line.patient.pk if line.patient else 0, line.wanted.regimen, line.wanted.start_on)
        line.plan = there.get(asked)
        line.is_there = line.plan is not None


def _admit(by: User, lines: Sequence[Line]) -> list[Line]:
    """Save the new patients and the weights of the lines that are ready; returns these lines."""
    ready = [line for line in lines if line.is_ready]
    intake.register_many(by=by, people=[line.patient for line in ready if line.patient and line.is_new])
    intake.weigh_many(by=by, weights=list(_weights(by, ready)))
    return ready


def _weights(by: User, lines: Sequence[Line]) -> Iterable[BodyMeasurement]:
    """Those in the file that are not on record."""
    weighed = [line for line in lines if line.wanted.weight_kg is not None]
    on_record: set[tuple[int, date, Decimal | None]] = set(
        BodyMeasurement.objects.filter(
            patient__in=[line.patient for line in weighed], measured_on__in={line.wanted.weighed_on for line in weighed}
        )
        .order_by()
        .values_list("patient_id", "measured_on", "weight_kg")
    )
    for line in weighed:
        patient, kg, on = line.order().patient, line.wanted.weight_kg, line.wanted.weighed_on
        if on and (patient.pk, on, kg) not in on_record:
            yield BodyMeasurement(patient=patient, measured_on=on, weight_kg=kg, recorded_by=by)


def _warn_of_objections(by: User, lines: Sequence[Line]) -> None:
    """What Today will say against the first infusion, as things stand now."""
    shown = [(line, line.preview) for line in lines if line.preview]
    TreatmentPlan.objects.bulk_create([preview.plan for _, preview in shown], batch_size=1000)
    prior = [row for line, preview in shown for row in plans.prior_rows(preview.plan, line.order().prior, by)]
    PriorTreatment.objects.bulk_create(prior, batch_size=1000)
    # rows that nobody saves, with numbers that tell them apart
    firsts = [CycleDay(id=number, plan=preview.plan, cycle=0, day=0) for number, (_, preview) in enumerate(shown)]
    remember_doses(firsts, {})  # or another row's, that bears the same number, would be read for each
    found = clearance.objections(firsts, on=by.site.today()) if firsts else {}
    for number, (line, _) in enumerate(shown):
        line.warnings += [f"{objection.in_short.rstrip('.')}." for objection in found[number]]


def _warn_of_days(site: Site, lines: Sequence[Line]) -> None:
    """A start on a closed day, or one that has passed: what is planned until today is missed until it is recorded."""
    days, today = [line.wanted.start_on for line in lines], site.today()
    closed = closed_days_of(site, min(days), max(days)) if days else None
    for line in lines:
        start_on = line.wanted.start_on
        if start_on < today:
            line.warnings.append("The start has passed: infusions until today stand as missed until they are recorded.")
        why = closed.why(start_on) if closed else ""
        if why:
            line.warnings.append(f"The start falls on a closed day: {why}.")
