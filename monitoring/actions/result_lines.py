"""The lines of a file of LVEF results against what is on record: whose each is, what it adds, and why one may not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from her2tracker.accounts.models import Site, User
from her2tracker.audit.acts import Part, act
from her2tracker.lib import sheets
from her2tracker.lib.cells import refusal_of
from her2tracker.lib.refusals import Refusal, Refused
from monitoring.actions import checks, snoozes
from monitoring.core import result_lines as core
from monitoring.core.entry import DoubleEntry
from monitoring.core.lvef import Lvef
from monitoring.core.result import Modality
from monitoring.core.result_lines import Measured, OnRecord, ResultLine
from monitoring.models import CardiacPolicy, LvefAssessment
from scheduling.models import Patient, PreviousMrn, bulk

AT_A_TIME = 2000  # results written by one statement; between two of them the page is told

NAMELESS = "No patient has this MRN here, so nobody can be meant. Names are not looked at."


@dataclass(slots=True)
class Whose:
    """A patient as far as a line needs her. Acts are told of her by `uuid`."""

    pk: int
    uuid: Any
    name: str
    born_on: date


@dataclass(slots=True)
class Line:
    """One line of the file. `asks` says why its figure is to be typed again."""

    said: ResultLine
    patient: Whose | None = None
    is_there: bool = False
    asks: str = ""
    refusals: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def measured(self) -> Measured:
        assert self.said.measured is not None  # noqa: S101 - a line without it carries refusals, and is asked nothing
        return self.said.measured

    @property
    def is_new(self) -> bool:
        return not self.refusals and not self.is_there


def refuse_unreadable(text: str) -> int:
    """How many rows the table has. Raises `sheets.Unreadable`."""
    return len(sheets.read(text, required=core.REQUIRED, optional=core.OPTIONAL))


def read(by: User, text: str) -> list[Line]:
    """Each line with whom and what it means at `by`'s site. A constant number of queries."""
    rows = sheets.read(text, required=core.REQUIRED, optional=core.OPTIONAL)
    lines = [Line(said, refusals=list(said.faults)) for said in core.read(rows, today=by.site.today())]
    understood = [line for line in lines if not line.refusals]
    _meet(by.site, understood)
    _compare(by.site, [line for line in understood if line.patient])
    return lines


def carry_out(by: User, lines: Sequence[Line], again: Mapping[int, str], tell: Any) -> None:
    """Record every new result and judge it. Raises Refused for the first line that cannot be.

    `again` holds, by line, the figure typed a second time.
    """
    for line in lines:
        if line.is_new and line.asks and (why := core.refuse_again(line.measured, again.get(line.said.line, ""))):
            line.refusals.append(why)
    if refused := core.faulty([(line.said.line, line.said.mrn, line.refusals) for line in lines]):
        raise Refused(Refusal("line-refused", refusal_of(refused)))
    new = [line for line in lines if line.is_new]
    if new:
        _record(by, new, tell)


def _record(by: User, new: Sequence[Line], tell: Any) -> None:
    now, patients = timezone.now(), sorted({line.patient.pk for line in new if line.patient})
    with act("assessments.recorded", by=by) as entry:
        for first in range(0, len(new), AT_A_TIME):
            part = new[first : first + AT_A_TIME]
            rows = [_columns(line, by, now) for line in part]
            bulk.insert(LvefAssessment, rows)
            entry.parts += _told(part, rows)
            tell(first + len(part))
        snoozes.end_by_results(patients)
        checks.judge(by.site, patients, now=now)
        entry.details = {"count": len(new)}


def _columns(line: Line, by: User, now: Any) -> dict[str, Any]:
    assert line.patient is not None  # noqa: S101 - a line without a patient is refused
    one = line.measured
    return {
        "patient_id": line.patient.pk, "performed_on": one.performed_on, "modality": one.modality.value,
        "symptoms": one.symptoms.value, "lab": one.lab, "gls_percent": one.gls_percent, "note": one.note,
        "lvef_low": one.lvef.low, "lvef_high": one.lvef.high, "lvef_low_open": one.lvef.low_open,
        "lvef_high_open": one.lvef.high_open, "recorded_by_id": by.pk, "recorded_at": now,
    }  # fmt: skip


def _told(part: Sequence[Line], rows: Sequence[dict[str, Any]]) -> list[Part]:
    """Each chart tells of its own, as of a result entered by hand."""
    made = dict(LvefAssessment.objects.filter(pk__among=[row["id"] for row in rows]).values_list("pk", "uuid"))
    return [
        Part(
            "assessment.recorded", line.patient, LvefAssessment(uuid=made[row["id"]]),
            {"lvef": str(line.measured.lvef), "on": str(row["performed_on"]), "modality": row["modality"]},
        )
        for line, row in zip(part, rows, strict=True)
        if line.patient
    ]  # fmt: skip


def _meet(site: Site, lines: Sequence[Line]) -> None:
    """Find each line's patient by MRN; the date of birth must agree."""
    mrns = list({line.said.mrn for line in lines})
    fields = ("mrn", "pk", "uuid", "family_name", "given_name", "born_on", "merged_into")
    rows = Patient.objects.filter(site=site, mrn__in=mrns).order_by().values_list(*fields)
    known = {row[0]: row[1:] for row in rows}
    earlier = dict(PreviousMrn.objects.filter(site=site, mrn__in=mrns).order_by().values_list("mrn", "patient__mrn"))
    for line in lines:
        mrn, found = line.said.mrn, known.get(line.said.mrn)
        if mrn in earlier:
            line.refusals.append(f"mrn: {mrn} is an earlier number of MRN {earlier[mrn]}. Write that one.")
        elif found is None or found[5] is not None:
            line.refusals.append(f"mrn: {NAMELESS}")
        elif found[4] != line.said.born_on:
            line.refusals.append(f"born_on: MRN {mrn} was born on another day by the record. Is it the same patient?")
        else:
            line.patient = Whose(found[0], found[1], f"{found[2].upper()}, {found[3]}", found[4])


def _compare(site: Site, lines: Sequence[Line]) -> None:
    """What is on record already, what contradicts it, and which figures are to be typed again."""
    records, limits = _records([line.patient.pk for line in lines if line.patient]), limits_of(site)
    for line in sorted(lines, key=lambda one: (one.measured.performed_on, one.said.line)):
        assert line.patient is not None  # noqa: S101 - only met ones come here
        one, record = line.measured, records.setdefault(line.patient.pk, OnRecord())
        line.is_there = one.same in record.known
        if line.is_there:
            continue
        line.asks = core.asks_again(limits, one, record)
        if against := record.contradicts(one):
            line.warnings.append(against)
        record.add(one.same)


def _records(patients: Sequence[int]) -> dict[int, OnRecord]:
    found: dict[int, OnRecord] = {}
    fields = ("patient_id", "performed_on", "modality", "lvef_low", "lvef_high", "lvef_low_open", "lvef_high_open")
    rows = LvefAssessment.objects.valid().filter(patient__among=list(set(patients)))
    for patient, on, modality, *ends in rows.order_by("performed_on", "pk").values_list(*fields):
        key = tuple(ends)
        lvef = _lvefs.get(key) or _lvefs.setdefault(key, Lvef(*ends))
        found.setdefault(patient, OnRecord()).add((on, Modality(modality), lvef))
    return found


_lvefs: dict[tuple[Any, ...], Lvef] = {}  # few differ: one decimal between 5 and 95, and some ranges


def limits_of(site: Site) -> DoubleEntry:
    """When the site has a figure typed twice."""
    policy = CardiacPolicy.of(site)
    return DoubleEntry(policy.double_entry_below, policy.double_entry_fall)
