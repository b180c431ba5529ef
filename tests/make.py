"""States built through the front door: a plan that exists here exists because the actions made it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Role
from monitoring.actions import assessments
from monitoring.actions.protocols import publish as publish_protocols
from monitoring.core.lvef import Lvef
from monitoring.core.result import Modality, Symptoms
from monitoring.models import LvefAssessment
from scheduling import catalog
from scheduling.actions import administrations, drafts, patients, plans, regimens, releases
from scheduling.actions.administrations import Dose
from scheduling.actions.plans import Prior
from scheduling.core import laboratory
from scheduling.models import (
    CycleDay,
    Patient,
    RegimenDraft,
    RegimenSignOff,
    RegimenVersion,
    TreatmentPlan,
    TumourProfile,
)
from scheduling.models.standing import regimen_of

PASSWORD = "correct horse battery staple"
_numbers = itertools.count(1)

# The cast: who works where, and Xavier, who must never get in.
CAST = {
    "nils": ("Nils Novak", Role.NURSE),
    "nora": ("Nora Nilsen", Role.NURSE),
    "olivia": ("Olivia Osei", Role.ONCOLOGIST),
    "omar": ("Omar Ortega", Role.ONCOLOGIST),
    "cora": ("Cora Castell", Role.COORDINATOR),
    "pat": ("Pat Perera", Role.PHARMACIST),
    "pia": ("Pia Palmer", Role.PHARMACIST),
    "ada": ("Ada Admin", Role.ADMINISTRATOR),
    "xavier": ("Xavier Xenos", ""),
}


def site(**fields: Any) -> Site:
    """The test clinic; pass a name for another one. Its clock jumps, so nobody is signed out for idleness."""
    name = fields.pop("name", "Test clinic")
    return Site.objects.get_or_create(name=name, defaults={"time_zone": "UTC", "idle_minutes": None, **fields})[0]


def person(who: str, at: Site | None = None) -> User:
    """One of the cast, at the test clinic or another site."""
    at = at or site()
    full_name, role = CAST[who]
    email = f"{who}@{at.name.lower().replace(' ', '-')}.example"
    found = User.objects.filter(email=email).first()
    return found or User.objects.create_user(email, PASSWORD, full_name=full_name, role=role, site=at)


def published() -> None:
    """Every regimen and protocol file as a frozen row."""
    regimens.publish()
    publish_protocols()


def regimen(key: str) -> RegimenVersion:
    if not RegimenVersion.objects.filter(key=key).exists():
        published()
    return RegimenVersion.objects.filter(key=key).latest("version")


def signed_off(key: str, at: Site) -> RegimenVersion:
    """The published regimen as it may be ordered at the site."""
    version = regimen(key)
    if not RegimenSignOff.objects.filter(site=at, regimen=version).exists():
        statement = "Checked against the current label for this test."
        regimens.sign_off(by=person("omar", at), regimen=version, statement=statement)
    return version


def patient(at: Site | None = None, **fields: Any) -> Patient:
    number = next(_numbers)
    values = {
        "mrn": f"T-{number:05d}",
        "family_name": "Testcase",
        "given_name": f"Anna{number}",
        "born_on": date(1970, 5, 17),
    } | fields
    return patients.register(by=person("cora", at), **values)


def weight(of: Patient, kg: Decimal | int | str, on: date) -> None:
    patients.measure(by=person("nora", of.site), patient=of, measured_on=on, weight_kg=Decimal(kg))


def lvef(of: Patient, figure: str | int, on: date, **fields: Any) -> LvefAssessment:
    """A recorded result: `make.lvef(anna, 62, date(...))`, or "50-55" as reported."""
    values: dict[str, Any] = {"modality": Modality.ECHO_2D, "symptoms": Symptoms.NONE, "lab": "Echo lab"} | fields
    return assessments.record(
        by=person("nora", of.site), patient=of, performed_on=on, lvef=Lvef.parse(str(figure)), **values
    )


def plan(
    key: str = "trastuzumab-q3w-17",
    *,
    start: date,
    given: int = 0,
    kg: Decimal | int | str | None = 70,
    baseline: str | int | None = 62,
    of: Patient | None = None,
    prior: Sequence[Prior] = (),
    setting: str = "",
) -> TreatmentPlan:
    """A started plan with its first `given` cycles recorded on their planned days."""
    of = of or patient()
    version, omar = signed_off(key, of.site), person("omar", of.site)
    if kg is not None:
        weight(of, kg, start)
    if baseline is not None:
        lvef(of, baseline, start)
    if not TumourProfile.objects.filter(patient=of).exists():
        ready(of, start)
    setting = setting or regimen_of(version).settings[-1]
    made = plans.start(by=omar, patient=of, regimen=version, start_on=start, prior=prior, setting=setting)
    for row in list(made.cycle_days.all())[:given]:
        give(row)
    made.refresh_from_db()
    return made


def file(key: str = "trastuzumab-q3w-18", *, own: str = "own-trastuzumab", version: int = 1) -> str:
    """A shipped regimen's file under an id of the site's own."""
    text = (catalog.REGIMENS / f"{key}-v1.toml").read_text(encoding="utf-8")
    return text.replace(f'id = "{key}"', f'id = "{own}"', 1).replace("version = 1\n", f"version = {version}\n", 1)


def draft(text: str = "", *, who: str = "pia", at: Site | None = None, submitted: bool = False) -> RegimenDraft:
    """A regimen that Pia writes; `submitted`, it waits for two signatures."""
    by = person(who, at)
    made = drafts.create(by=by, text=text or file())
    return drafts.submit(by=by, draft=made, change_note="Written for this test.") if submitted else made


def signed(of: RegimenDraft, who: str) -> RegimenDraft:
    digest = drafts.read(of).digest
    return drafts.sign(by=person(who, of.site), draft=of, statement="Checked against the label.", rehearsal=digest)


def own_regimen(text: str = "", *, at: Site | None = None) -> RegimenVersion:
    """A regimen that Pia wrote and Omar and Olivia signed."""
    made = draft(text, at=at, submitted=True)
    published = signed(signed(made, "omar"), "olivia").published
    assert published is not None
    return published


def ready(of: Patient, start: date, **fields: Any) -> None:
    """A tumour described so that nothing stands before an adjuvant start on `start`."""
    known = {
        "her2": "positive", "residual_disease": "present", "surgery_on": start - timedelta(days=40),
        "chemotherapy_cycles": 4, "chemotherapy_ended_on": start - timedelta(days=14), "anthracycline": False,
    } | fields  # fmt: skip
    patients.describe_tumour(by=person("omar", of.site), patient=of, **known)


def give(row: CycleDay, on: date | None = None, **fields: Any) -> CycleDay:
    """Record a cycle day exactly as it is due on `on` (its planned day by default)."""
    nora = person("nora", row.plan.patient.site)
    row.refresh_from_db()
    on = on or row.planned_on
    labs(row, on)
    due = administrations.due_on(row, on, today=nora.site.today())
    doses = [
        Dose(d.agent, ml=d.calculation.ml, product=product(d.agent))
        if d.entry.dose.components
        else Dose(d.agent, mg=d.calculation.planned_mg or Decimal(100), product=product(d.agent))
        for d in due
    ]
    return administrations.record(by=nora, cycle_day=row, given_on=on, doses=doses, **fields)


def labs(row: CycleDay, on: date) -> None:
    """The blood tests that are asked for before this infusion, each with a value."""
    tests = laboratory.asked(catalog.lab_tests(), [dose.agent for dose in row.administrations.all()])
    if tests:
        values = [(test.id, Decimal(20), test.units[0]) for test in tests]
        releases.record_labs(by=person("nora", row.plan.patient.site), cycle_day=row, values=values, taken_on=on)


def product(agent: str) -> str:
    """The agent's first known product."""
    return next((one.name for one in catalog.products() if one.agent == agent), f"Brand of {agent}")


def cycle(of: TreatmentPlan, number: int) -> CycleDay:
    return of.cycle_days.get(cycle=number, day=1)
