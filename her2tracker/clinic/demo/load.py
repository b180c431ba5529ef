"""Loads the demo clinic through the same actions that people use, so that only possible states exist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from decimal import Decimal

from django.utils import timezone

from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Role
from her2tracker.clinic.demo import PASSWORD, hearts, lately, letters, seats
from her2tracker.clinic.demo.stories import ALL, NEW, Echo, Story
from monitoring.actions import assessments, decisions, flags
from monitoring.core.lvef import Lvef
from monitoring.core.result import Modality, Symptoms
from monitoring.models import CardiacFlag
from monitoring.words import Decision, DecisionReason
from scheduling import catalog
from scheduling.actions import administrations, cycles, forwards, patients, plans, regimens, releases
from scheduling.actions.administrations import Dose
from scheduling.actions.plans import Prior
from scheduling.core import laboratory
from scheduling.core.products import of_agent
from scheduling.models import CycleDay, Patient, RegimenVersion, TreatmentPlan
from scheduling.models.standing import regimen_of
from scheduling.words import DelayReason, ForwardReason, OmissionReason

TEAM = (
    ("nora@demo.example", "Nora Nightjar", Role.NURSE),
    ("nils@demo.example", "Nils Nuthatch", Role.NURSE),
    ("omar@demo.example", "Dr Omar Ortolan", Role.ONCOLOGIST),
    ("olivia@demo.example", "Dr Olivia Osprey", Role.ONCOLOGIST),
    ("cora@demo.example", "Cora Curlew", Role.COORDINATOR),
    ("pia@demo.example", "Pia Plover", Role.PHARMACIST),
    ("ada@demo.example", "Ada Avocet", Role.ADMINISTRATOR),
)
AT_HOME_FOR = 40  # days that the demo's tablets have been taken
AFTER_TRASTUZUMAB = 45  # days between its last dose and the first tablet
ECHO_EVERY = 84  # days between the demo's own echoes; the rules come from the protocols


class Clinic:
    """The demo site, its people and its day."""

    def __init__(self) -> None:
        self.site = Site.objects.create(name="Demo clinic", time_zone="Europe/Madrid", is_demo=True, phone="555 0100")
        for email, full_name, role in TEAM:
            User.objects.create_user(email, PASSWORD, full_name=full_name, role=role, site=self.site)
        self.nora = User.objects.get(email="nora@demo.example")
        self.omar = User.objects.get(email="omar@demo.example")
        self.cora = User.objects.get(email="cora@demo.example")
        self.today = self.site.today()


def load() -> int:
    """Make the demo clinic; returns how many patients it has. Does nothing when it is there already."""
    if Site.objects.filter(is_demo=True).exists():
        return 0
    clinic = Clinic()
    _sign_off_regimens(clinic)
    for number, story in enumerate((*ALL, *NEW), start=1):
        patient = _register(clinic, story, number)
        if story.regimen:
            _treat(clinic, story, patient)
        else:
            _describe(clinic, story, patient)
    hearts.happen(clinic.site)
    for batch in flags.watched_in_batches(clinic.site):
        flags.reconcile(batch, now=timezone.now())
    lately.happen(clinic.site)
    seats.fill(clinic.site, by=clinic.nora, arranged_by=clinic.cora)
    letters.load(clinic.site, clinic.cora)
    return len(ALL) + len(NEW)


def _sign_off_regimens(clinic: Clinic) -> None:
    for version in RegimenVersion.objects.at(clinic.omar.site_id):
        if not regimen_of(version).confidence.is_verified:
            statement = "Demo only: accepted so that the regimen can be tried. Not a clinical sign-off."
            regimens.sign_off(by=clinic.omar, regimen=version, statement=statement)


def _register(clinic: Clinic, story: Story, number: int) -> Patient:
    return patients.register(
        by=clinic.cora,
        mrn=f"DEMO-{number:04d}",
        family_name=story.family_name,
        given_name=story.given_name,
        born_on=date.fromisoformat(story.born),
        phone=f"555 01{number:02d}",
        email=f"{story.given_name.lower()}.{story.family_name.lower()}@patient.example",
        allergies="None known",
    )


def _describe(clinic: Clinic, story: Story, patient: Patient) -> None:
    profile = {"her2": "positive", "er": "positive", "pr": "negative", "neoadjuvant_therapy": False}
    if "residual_disease" in story.details:
        profile |= {"neoadjuvant_therapy": True}
    patients.describe_tumour(by=clinic.omar, patient=patient, **(profile | story.details))
    _weigh(clinic, patient, story.kg, clinic.today)
    _record_echo(clinic, patient, Echo(5, story.baseline or "60"))


def _prepare(clinic: Clinic, story: Story, patient: Patient, start_on: date) -> None:
    """What was done before the start, so that nothing stands before the first infusion."""
    before = story.then == "neoadjuvant-before" or story.regimen in ("t-dm1", "t-dxd")
    surgery_on = start_on - timedelta(days=12 if before else 100)
    profile = {
        "her2": "positive", "er": "positive", "pr": "negative", "neoadjuvant_therapy": before,
        "residual_disease": "present" if before else "none", "surgery_on": surgery_on,
        "chemotherapy_cycles": 4, "chemotherapy_ended_on": start_on - timedelta(days=18), "anthracycline": False,
    }  # fmt: skip
    patients.describe_tumour(by=clinic.omar, patient=patient, **profile)


def _treat(clinic: Clinic, story: Story, patient: Patient) -> None:
    version = RegimenVersion.objects.filter(key=story.regimen).latest("version")
    start_on = _start_of(clinic, story, version)
    _weigh(clinic, patient, story.kg, min(start_on - timedelta(days=2), clinic.today - timedelta(days=1)))
    if story.baseline:
        _record_echo(clinic, patient, Echo((clinic.today - start_on).days + 5, story.baseline))
    _surveil(clinic, story, patient, start_on)
    _prepare(clinic, story, patient, start_on)
    plan = plans.start(
        by=clinic.omar,
        patient=patient,
        regimen=version,
        start_on=start_on,
        prior=_prior(story, start_on),
        setting="adjuvant",
    )
    for row in list(plan.cycle_days.all())[: story.given]:
        _give(clinic, row)
    if story.given and story.then not in ("lost-weight", "old-weight"):
        _weigh(clinic, patient, story.kg, clinic.today - timedelta(days=story.weighed_days_ago))
    _set_time(clinic, plan, story)
    TURNS.get(story.then, _nothing)(clinic, story, plan)


def _start_of(clinic: Clinic, story: Story, version: RegimenVersion) -> date:
    """The start that puts the next cycle `next_in` days from today; what is taken at home began weeks ago."""
    days = regimen_of(version).cycle_days
    if not days:
        return clinic.today - timedelta(days=AT_HOME_FOR)
    done = story.given + (6 if story.then == "neoadjuvant-before" else 0)
    offset = days[done].offset_days - (days[6].offset_days if story.then == "neoadjuvant-before" else 0)
    return clinic.today + timedelta(days=story.next_in - offset)


def _prior(story: Story, start_on: date) -> Sequence[Prior]:
    if story.then == "at-home":
        last = start_on - timedelta(days=AFTER_TRASTUZUMAB)
        return [Prior("trastuzumab", 18, last, place="Demo hospital")]
    if story.then != "neoadjuvant-before":
        return ()
    last, first = start_on - timedelta(days=20), start_on - timedelta(days=125)
    return [
        Prior(agent, 6, last, first_given_on=first, place="Before surgery, demo hospital")
        for agent in ("trastuzumab", "pertuzumab")
    ]


def _give(clinic: Clinic, row: CycleDay, on: date | None = None) -> None:
    row.refresh_from_db()
    on = on or row.planned_on
    _take_blood(clinic, row, on)
    due = administrations.due_on(row, on, today=clinic.today)
    doses = [
        Dose(d.agent, ml=d.calculation.ml, product=_product(d.agent), lot=f"DEMO{row.cycle:03d}")
        if d.entry.dose.components
        else Dose(d.agent, mg=d.calculation.planned_mg, product=_product(d.agent), lot=f"DEMO{row.cycle:03d}")
        for d in due
    ]
    administrations.record(by=clinic.nora, cycle_day=row, given_on=on, doses=doses)


def _take_blood(clinic: Clinic, row: CycleDay, on: date) -> None:
    """What is asked for before T-DM1; nothing else waits for the laboratory."""
    known = {"platelets": "212", "ast": "24", "alt": "27", "bilirubin": "9"}
    tests = laboratory.asked(catalog.lab_tests(), [dose.agent for dose in row.administrations.all()])
    if tests:
        values = [(test.id, Decimal(known[test.id]), test.units[0]) for test in tests]
        releases.record_labs(by=clinic.nora, cycle_day=row, values=values, taken_on=on)


def _product(agent: str) -> str:
    return next((product.name for product in of_agent(catalog.products(), agent)), f"Demo product of {agent}")


def _weigh(clinic: Clinic, patient: Patient, kg: str, on: date) -> None:
    patients.measure(by=clinic.nora, patient=patient, measured_on=on, weight_kg=Decimal(kg), height_cm=Decimal(165))


def _surveil(clinic: Clinic, story: Story, patient: Patient, start_on: date) -> None:
    """Echoes on time since the start, unless this patient's story is that they were not."""
    if story.baseline is None or story.then in ("echo-overdue", "overdue-booked", "follow-up"):
        return
    days_in = (clinic.today - start_on).days
    for number, day in enumerate(range(ECHO_EVERY - 3, days_in - 7, ECHO_EVERY - 2), start=1):
        _record_echo(clinic, patient, Echo(days_in - day, str(int(story.baseline) - number % 3)))


def _record_echo(clinic: Clinic, patient: Patient, echo: Echo) -> None:
    assessments.record(
        by=clinic.cora,
        patient=patient,
        performed_on=clinic.today - timedelta(days=echo.days_ago),
        lvef=Lvef.parse(echo.lvef),
        modality=Modality(echo.modality),
        symptoms=Symptoms(echo.symptoms),
        lab=echo.lab,
    )


def _set_time(clinic: Clinic, plan: TreatmentPlan, story: Story) -> None:
    row = plan.cycle_days.planned().first()
    if row and story.time:
        cycles.set_time(by=clinic.nora, cycle_day=row, starts_at=time.fromisoformat(story.time))


Turn = Callable[[Clinic, Story, TreatmentPlan], None]


def _nothing(clinic: Clinic, story: Story, plan: TreatmentPlan) -> None:
    """Most days nothing turns."""


def _echo(*echoes: Echo) -> Turn:
    def turn(clinic: Clinic, story: Story, plan: TreatmentPlan) -> None:  # noqa: ARG001
        for echo in echoes:
            _record_echo(clinic, plan.patient, echo)

    return turn


def _late_by_8(clinic: Clinic, story: Story, plan: TreatmentPlan) -> None:  # noqa: ARG001
    """Her next cycle was planned eight days ago and delayed to today: trastuzumab re-loads."""
    _delay_next(clinic, plan, 8, DelayReason.INTERCURRENT_ILLNESS, "Fever; comes today.")


def _delayed_once(clinic: Clinic, story: Story, plan: TreatmentPlan) -> None:  # noqa: ARG001
    _delay_next(clinic, plan, 7, DelayReason.PATIENT_CHOICE, "A wedding.")


def _delay_next(clinic: Clinic, plan: TreatmentPlan, days: int, reason: DelayReason, note: str) -> None:
    row = plan.cycle_days.planned().first()
    if row:
        to_on = row.planned_on + timedelta(days=days)
        cycles.delay(by=clinic.nora, cycle_day=row, to_on=to_on, reason=reason, note=note)
        cycles.set_time(by=clinic.nora, cycle_day=row, starts_at=row.starts_at)


def _weight_change(days_ago: int, factor: str) -> Turn:
    def turn(clinic: Clinic, story: Story, plan: TreatmentPlan) -> None:
        kg = str((Decimal(story.kg) * Decimal(factor)).quantize(Decimal("0.1")))
        _weigh(clinic, plan.patient, kg, clinic.today - timedelta(days=days_ago))

    return turn


def _given_today(clinic: Clinic, story: Story, plan: TreatmentPlan) -> None:  # noqa: ARG001
    row = plan.cycle_days.planned().first()
    if row:
        _give(clinic, row, clinic.today)


def _held(clinic: Clinic, story: Story, plan: TreatmentPlan) -> None:  # noqa: ARG001
    """A fall that an oncologist decided to hold for, six days ago by the result."""
    _record_echo(clinic, plan.patient, Echo(6, "46"))
    flag = CardiacFlag.objects.open().filter(plan=plan, kind="finding").first()
    if flag:
        decisions.decide(
            by=clinic.omar,
            flag=flag,
            decision=Decision.HOLD,
            reason=DecisionReason.RULE_MET,
            note="Hold, repeat at the same lab.",
            repeat_by=clinic.today + timedelta(days=22),
        )


def _booked(clinic: Clinic, story: Story, plan: TreatmentPlan) -> None:  # noqa: ARG001
    day = clinic.today + timedelta(days=2)
    assessments.book_echo(by=clinic.cora, plan=plan, booked_for=day, lab="Demo echo lab")


def _omitted_once(clinic: Clinic, story: Story, plan: TreatmentPlan) -> None:  # noqa: ARG001
    row = plan.cycle_days.planned().first()
    if row:
        cycles.omit(by=clinic.nora, cycle_day=row, reason=OmissionReason.INTERCURRENT_ILLNESS, note="In hospital.")


def _brought_forward(clinic: Clinic, story: Story, plan: TreatmentPlan) -> None:  # noqa: ARG001
    row = plan.cycle_days.planned().first()
    if row:
        to_on, reason = row.planned_on - timedelta(days=1), ForwardReason.PATIENT_CHOICE
        forwards.bring_forward(by=clinic.nora, cycle_day=row, to_on=to_on, reason=reason, note="Travels that day.")


TURNS: dict[str, Turn] = {
    "withhold": _echo(Echo(4, "47")),
    "late-by-8": _late_by_8,
    "lost-weight": _weight_change(0, "0.88"),
    "given-today": _given_today,
    "held": _held,
    "fall-tomorrow": _echo(Echo(1, "45")),
    "t-dm1-fall": _echo(Echo(2, "46")),
    "review-pocket": _echo(Echo(3, "49.5", lab="Another echo lab")),
    "modality-change": _echo(Echo(5, "50", modality="muga")),
    "range-result": _echo(Echo(2, "45-50")),
    "overdue-booked": _booked,
    "delayed-once": _delayed_once,
    "omitted-once": _omitted_once,
    "brought-forward": _brought_forward,
}
