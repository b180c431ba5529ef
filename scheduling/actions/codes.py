"""What a scanner reads beside an infusion: the wristband that ticks identity, and the bags that fill lot and expiry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling import catalog
from scheduling.actions import cycles
from scheduling.actions.doses import Dose, faulty
from scheduling.actions.locks import lock
from scheduling.actions.trade_numbers import numbers_at
from scheduling.catalog.barcodes import decode
from scheduling.core import scanning
from scheduling.core.scanning import Bag, CodeKind, Wristband
from scheduling.core.trade_numbers import carrying
from scheduling.models import CodeRead, CycleDay, Patient, PreviousMrn


def understand(*, by: User, cycle_day: CycleDay, text: str) -> Wristband | Bag | Refusal:
    """What a text would mean beside this infusion. Nothing is written."""
    mrn = cycle_day.plan.patient.mrn
    return scanning.understand(decode(text), mrn=mrn, today=by.site.today())


def read(*, by: User, cycle_day: CycleDay, text: str, agent: str = "") -> CodeRead:
    """Take a scanned code down. `agent` says which drug a bag is, where its code does not.

    Raises Refused for what is unreadable or unknown, for an expired bag, and for another patient's wristband; that
    last one is on record all the same, and stands before the infusion until the right one is read.
    """
    require(by, Permission.RECORD_ADMINISTRATIONS)
    meant = understand(by=by, cycle_day=cycle_day, text=text)
    if isinstance(meant, Refusal):
        raise Refused(meant, {"code": [meant.sentence]})
    try:
        if isinstance(meant, Bag):
            return _bag(by, cycle_day, meant, text, agent)
        return _wristband(by, cycle_day, meant)
    except Refused as refused:
        raise Refused(refused.refusal, refused.fields or {"code": [str(refused)]}) from refused


def scanned(*, by: User, cycle_day: CycleDay, wristband: str = "", doses: Sequence[Mapping[str, Any]]) -> list[Dose]:
    """The doses of a record that came with scanned codes: each code is read first. Raises Refused."""
    if wristband:
        band = understand(by=by, cycle_day=cycle_day, text=wristband)
        if isinstance(band, Bag):
            sentence = "This is a bag’s code, not a wristband."
            raise Refused(Refusal("not-a-wristband", sentence), {"wristband": [sentence]})
        read(by=by, cycle_day=cycle_day, text=wristband)
    found = []
    for said in doses:
        values = dict(said)
        code = values.pop("code", "")
        bag = read(by=by, cycle_day=cycle_day, text=code, agent=values["agent"]) if code else None
        found.append(filled(Dose(**values), bag if bag and bag.kind == CodeKind.BAG else None))
    return found


def filled(dose: Dose, read: CodeRead | None) -> Dose:
    """The dose with what its bag's code says, where nobody wrote anything else. Raises Refused where they differ."""
    if read is None:
        return dose
    for written, said, what in ((dose.lot, read.lot, "lot"), (dose.product, read.product, "product")):
        if written and said and written.strip() != said:
            raise faulty(dose.agent, f"The {what} is written as {written.strip()}; the bag’s code says {said}.")
    if dose.expires_on and read.expires_on and dose.expires_on != read.expires_on:
        raise faulty(dose.agent, f"The expiry differs from the {read.expires_on} of the bag’s code.")
    return replace(
        dose,
        lot=dose.lot or read.lot,
        product=dose.product or read.product,
        expires_on=dose.expires_on or read.expires_on,
    )


def _wristband(by: User, cycle_day: CycleDay, band: Wristband) -> CodeRead:
    patient = cycle_day.plan.patient
    is_right = scanning.same_number(band.number, patient.mrn) or _is_previous(patient, band.number)
    if not is_right and not _is_somebodys(patient, band.number):
        refuse(scanning.unknown_number(band.number, patient=str(patient), mrn=patient.mrn))
    with act("wristband.read" if is_right else "wristband.wrong", by=by, patient=patient, subject=cycle_day) as entry:
        row = _open(cycle_day)
        # whose number another one is stays out of this patient's record
        kept = band.number if is_right else ""
        made = CodeRead.objects.create(
            plan=row.plan, cycle=row.cycle, day=row.day, kind=CodeKind.WRISTBAND, read_on=by.site.today(), text=kept,
            is_right=is_right, recorded_by=by,
        )  # fmt: skip
        entry.details = {"cycle": row.cycle}
    if not is_right:
        refuse(scanning.wrong_patient(band.number, patient=str(patient), mrn=patient.mrn))
    return made


def _is_previous(patient: Patient, number: str) -> bool:
    """A band printed before a merge is still this patient's."""
    return PreviousMrn.objects.filter(patient=patient, mrn__iexact=number.strip()).exists()


def _is_somebodys(patient: Patient, number: str) -> bool:
    """Another patient's of this site, now or before."""
    same = {"site": patient.site_id, "mrn__iexact": number.strip()}
    return Patient.objects.filter(**same).exists() or PreviousMrn.objects.filter(**same).exists()


def _bag(by: User, cycle_day: CycleDay, bag: Bag, text: str, chosen: str) -> CodeRead:
    today = by.site.today()
    refuse(scanning.refuse_bag(bag, today))
    with act("bag.read", by=by, patient=cycle_day.plan.patient, subject=cycle_day) as entry:
        row = _open(cycle_day)
        due = tuple(dose.agent for dose in row.administrations.all())
        product = carrying(catalog.products(), numbers_at(by.site), bag.gtin)
        agent = scanning.agent_of(bag, product, due=due, chosen=chosen)
        if isinstance(agent, Refusal):
            raise Refused(agent, {"agent" if agent.code == "which-agent" else "code": [agent.sentence]})
        made = CodeRead.objects.create(
            plan=row.plan, cycle=row.cycle, day=row.day, kind=CodeKind.BAG, read_on=today, text=text.strip()[:400],
            is_right=True, agent=agent, gtin=bag.gtin, product=product.name if product else "", lot=bag.lot,
            serial=bag.serial, expires_on=bag.expires_on, recorded_by=by,
        )  # fmt: skip
        entry.details = {"cycle": row.cycle, "agent": agent, **_told(bag)}
    return made


def _open(cycle_day: CycleDay) -> CycleDay:
    """The cycle day with its plan held, unless it is decided."""
    plan = lock(cycle_day.plan, expected_revision=None)
    row = plan.cycle_days.filter(pk=cycle_day.pk).first()
    if row is None:
        raise Refused(Refusal("gone", "This cycle day is no longer in the plan."))
    row.plan = plan
    refuse(cycles.refuse_decided(row))
    return row


def _told(bag: Bag) -> dict[str, str]:
    expiry: date | None = bag.expires_on
    return {"gtin": bag.gtin, "lot": bag.lot, "serial": bag.serial, "expires": str(expiry) if expiry else ""}
