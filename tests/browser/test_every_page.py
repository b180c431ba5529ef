"""Every page of every role: nothing for axe to find, nothing to scroll sideways, nothing in the console."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from her2tracker.accounts.models import User
from her2tracker.clinic.handover import taking
from her2tracker.clinic.handover.card import write
from her2tracker.clinic.handover.making import card_of
from monitoring import channels
from monitoring.actions import assessments, calls, check_faults, delegations, reminders, result_imports, risk, sweeps
from monitoring.core.calls import CallOutcome
from monitoring.core.risk import Answers
from monitoring.models import CardiacFlag, LvefAssessment, Reminder
from scheduling.actions import (
    alongside,
    bookings,
    chairs,
    chairside,
    closures,
    corrections,
    cycles,
    holds,
    no_shows,
    plan_imports,
    running,
    second_checks,
)
from scheduling.core.alongside import AlongsideKind
from scheduling.models import Chair, ChairBooking, CycleDay, RegimenVersion, TreatmentPlan
from scheduling.models.facts import read_plan
from scheduling.words import HoldReason, ReactionAction, ReactionSign
from tests import make
from tests.browser.conftest import DESK, TABLET, NewWindow, OpenAs
from tests.monitoring.result_files import result
from tests.monitoring.result_files import sheet as result_sheet
from tests.scheduling.sheets import ANNA, sheet

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
PLACES = (
    "today", "flags", "queue", "patients", "regimens", "reminders", "site-settings", "people", "person-new",
    "closed-days", "holidays", "closures", "follow-up", "stand-in", "forecast", "adherence", "delivery", "flag-report",
    "plans-import", "site-record", "results-import", "cards", "feeds",
    "chairs", "chairs-proposal", "chair-settings", "trade-numbers",
    "queue-close", "unreached", "operations", "chairs-capacity",
    "check-faults",
    "releases", "second-checks",
    "today-assign", "ahead",
)  # fmt: skip
OF_A_PATIENT = (
    "patient", "patient-edit", "patient-measure", "patient-tumour", "patient-history", "assessment-new", "lvef-trend",
    "patient-suggestions", "patient-calendar", "patient-discharge", "patient-merge", "risk-new", "patient-calls",
)  # fmt: skip
OF_A_PLAN = (
    "plan", "plan-hold", "plan-cease", "plan-recalculate", "plan-prior", "plan-switch", "plan-alongside", "plan-assign",
    "plan-consent", "plan-consent-end",
    "plan-extend", "plan-policy", "plan-card", "baseline", "echo-book", "interval", "plan-checklist",
)  # fmt: skip
OF_A_DRAFT = (
    "regimen-draft", "regimen-draft-edit", "regimen-draft-rehearsal", "regimen-draft-send-back",
    "regimen-draft-withdraw",
)  # fmt: skip
OF_A_CYCLE_DAY = (
    "cycle-day",
    "cycle-time",
    "cycle-override",
    "cycle-delay",
    "cycle-omit",
    "cycle-forward",
    "cycle-chair",
    "cycle-vitals",
    "cycle-reaction",
    "cycle-release",
    "cycle-laboratory",
    "cycle-not-attended",
    "cycle-scan",
    "cycle-start",
)


def a_busy_clinic() -> TreatmentPlan:
    """One patient withheld, one on hold, one overdue, one missed, one without a plan; mail in the ledger."""
    fallen = make.plan("trastuzumab-pertuzumab", start=date(2025, 12, 15), given=1)
    cycles.set_time(by=make.person("nora"), cycle_day=make.cycle(fallen, 2), starts_at=time(9, 0))
    make.lvef(fallen.patient, 47, date(2026, 1, 2))
    held = make.plan(start=date(2025, 12, 15), given=1)
    holds.begin(by=make.person("omar"), plan=held, reason=HoldReason.CARDIAC_SYMPTOMS)
    make.plan(start=date(2025, 9, 22), given=4)
    seated = make.plan("phesgo", start=date(2026, 1, 5), kg=61)
    make.plan("neratinib", start=date(2026, 1, 5), baseline=None)
    make.patient()
    _seat(make.cycle(seated, 1))
    for who in ("cora", "pia", "ada"):
        make.person(who)
    sweeps.flag_overdue_echocardiograms(now=timezone.now())
    sweeps.send_reminders(now=timezone.now())
    reminders.deliver(channels.send)
    check_faults.note(fallen.patient.site, plans=2, not_before=date(2025, 12, 29), now=timezone.now())
    return fallen


def at_the_chair() -> Iterator[str]:
    """What runs, and what was seen meanwhile."""
    nora, row = make.person("nora"), make.cycle(TreatmentPlan.objects.get(regimen__key="phesgo"), 1)
    at = timezone.localtime(timezone.now(), nora.site.zone).time().replace(second=0, microsecond=0)
    agent = row.administrations.get().agent
    run = running.start(by=nora, cycle_day=row, agent=agent, started_at=at, product=make.product(agent))
    seen = {"by": nora, "cycle_day": row, "seen_on": nora.site.today(), "seen_at": at}
    vitals = chairside.record_vitals(**seen, pulse_bpm=80)
    reaction = chairside.record_reaction(
        **seen, agent=agent, grade=1, signs=[ReactionSign.FLUSHING], action=ReactionAction.COMPLETED
    )
    corrections.amend_vitals(by=nora, vitals=vitals, reason="Mistyped.", pulse_bpm=82)
    yield from (reverse(name, args=[run.uuid]) for name in ("run-stop", "run-withdraw"))
    yield reverse("vitals-amend", args=[vitals.uuid])
    yield reverse("reaction-amend", args=[reaction.uuid])
    yield reverse("cycle-day", args=[row.uuid])
    yield reverse("today") + "?show=mine"


def _seat(row: CycleDay) -> None:
    """Two chairs, one of them booked, and everybody else of the day without."""
    cora = make.person("cora")
    chairs.set_hours(by=cora, hours={0: (time(8), time(16)), 1: (time(8), time(16))}, set_up_minutes=10)
    first, _ = [chairs.add(by=cora, name=f"Chair {number}") for number in (1, 2)]
    bookings.book(by=cora, cycle_day=row, chair=first, starts_at=time(10))


def addresses(plan: TreatmentPlan) -> Iterator[str]:
    """Every page there is, with somebody on it."""
    held = TreatmentPlan.objects.get(holds__isnull=False)
    yield from (reverse(name) for name in PLACES)
    yield from (reverse(name, args=[plan.patient.uuid]) for name in OF_A_PATIENT)
    yield from (reverse(name, args=[plan.uuid]) for name in OF_A_PLAN)
    yield reverse("plan-resume", args=[held.uuid])
    by_mouth = TreatmentPlan.objects.get(regimen__key="neratinib")
    yield reverse("plan", args=[by_mouth.uuid])
    yield reverse("plan-level", args=[by_mouth.uuid]) + "?agent=neratinib&from_on=2026-01-12"
    running = TreatmentPlan.objects.get(start_on=date(2025, 9, 22))
    yield reverse("plan-switch", args=[running.uuid]) + "?regimen=trastuzumab-pertuzumab"
    yield from (reverse(name, args=[make.cycle(plan, 2).uuid]) for name in OF_A_CYCLE_DAY)
    yield reverse("cycle-delay", args=[make.cycle(plan, 2).uuid]) + "?to_on=2026-01-27"
    yield reverse("cycle-forward", args=[make.cycle(running, 7).uuid]) + "?to_on=2026-01-25"
    yield reverse("cycle-day", args=[make.cycle(plan, 1).uuid])
    hung = make.cycle(plan, 1).administrations.first() or pytest.fail("a given cycle has no administration")
    yield reverse("administration-amend", args=[hung.uuid])
    yield reverse("flag", args=[CardiacFlag.objects.filter(plan=plan).first().uuid])
    yield reverse("assessment", args=[LvefAssessment.objects.latest("performed_on").uuid])
    yield reverse("assessment-compare", args=[LvefAssessment.objects.latest("performed_on").uuid])
    yield reverse("reminder", args=[Reminder.objects.first().uuid])
    yield from of_the_season(plan)
    yield from of_the_desk(plan)
    yield from at_the_chair()
    yield reverse("chair-change", args=[Chair.objects.first().uuid])
    yield reverse("chairs-proposal") + "?keep=no"
    yield reverse("cycle-chair", args=[ChairBooking.objects.get().cycle_day.uuid])
    yield reverse("regimen", args=["trastuzumab-pertuzumab", 1])
    yield reverse("regimen-retire", args=["phesgo", 1])
    yield reverse("regimen-draft-new") + "?of=trastuzumab-pertuzumab/1"
    drafts = [make.draft(make.file(own="own-written")), make.draft(make.file(own="own-reviewed"), submitted=True)]
    yield reverse("regimen-drafts")
    yield from (reverse(name, args=[draft.uuid]) for name in OF_A_DRAFT for draft in drafts)
    yield from of_a_second_check()
    yield reverse("person", args=[make.person("nora").uuid])
    newcomer = make.patient()
    yield reverse("patient", args=[newcomer.uuid])
    yield reverse("plan-new", args=[newcomer.uuid])
    yield from (reverse(name) for name in ("patient-new", "style-guide", "account-api-token"))
    yield from ("/account/password/change/", "/account/logout/", "/no-such-page/")


def of_the_season(plan: TreatmentPlan) -> Iterator[str]:
    """A closed week with moves that wait, a plan taken at home, a finding that can be put off, a high risk."""
    omar = make.person("omar")
    closure = closures.prepare(
        by=make.person("cora"), first_on=date(2026, 1, 26), last_on=date(2026, 1, 27), name="Move to the new house"
    )
    closures.send(by=make.person("cora"), closure=closure)
    yield reverse("closure", args=[closure.uuid])
    at_home = make.plan("neratinib", start=date(2026, 1, 5), baseline=None)
    alongside.record(by=omar, plan=at_home, kind=AlongsideKind.ENDOCRINE_THERAPY, from_on=date(2026, 1, 5))
    yield from (reverse(name, args=[at_home.uuid]) for name in ("plan", "plan-alongside"))
    level = make.plan("t-dm1", start=date(2026, 1, 5))
    yield reverse("plan-level", args=[level.uuid])
    answered = Answers(said={"stable-angina": True})
    yield reverse("risk", args=[risk.record(by=omar, patient=plan.patient, answers=answered).uuid])
    delegations.begin(by=omar, to=_colleague())
    yield reverse("stand-in")
    yield from (reverse("plan-import", args=[uuid]) for uuid in of_files(omar))
    yield from (reverse("result-import", args=[uuid]) for uuid in of_results(plan))
    yield from of_cards(plan)
    yield reverse("flags") + "?state=put-off"


def of_the_desk(plan: TreatmentPlan) -> Iterator[str]:
    """A patient whom nobody reaches, one who did not come to the echo or the chair, a task and whose it is."""
    cora = make.person("cora")
    booking = assessments.book_echo(by=cora, plan=plan, booked_for=date(2026, 1, 5), lab="Echo lab")
    no_shows.record(by=make.person("nora"), cycle_day=make.cycle(plan, 2))
    for _ in range(3):
        calls.log(by=cora, patient=plan.patient, outcome=CallOutcome.NO_ANSWER, next_try_on=date(2026, 1, 6))
    yield from (reverse("queue"), reverse("unreached"), reverse("patient-calls", args=[plan.patient.uuid]))
    yield reverse("cycle-not-attended", args=[make.cycle(plan, 2).uuid])
    yield reverse("echo-not-attended", args=[booking.uuid])
    failed = Reminder.objects.order_by("pk").first() or pytest.fail("the sweeps wrote no reminder")
    Reminder.objects.filter(pk=failed.pk).update(state="failed", sent_at=None, last_error="550 no such user")
    yield reverse("reminder", args=[failed.uuid])
    yield f"{reverse('queue-owner')}?key=message:{failed.uuid}"


def of_a_second_check() -> Iterator[str]:
    """One that waits and one that differs: the checker's page, the list, and both figures on the infusion's page."""
    for who, differs in (("nils", False), ("olivia", True)):
        row = make.cycle(make.plan("trastuzumab-pertuzumab", start=date(2026, 1, 5)), 1)
        check = second_checks.request(by=make.person(who), cycle_day=row)
        yield reverse("second-check", args=[check.uuid])
        if differs:
            entered = {one.agent: one.planned + 10 for one in check.figures}
            by, said = make.person("nils"), "The bag is cloudy."
            second_checks.submit(by=by, check=check, entered=entered, confirmed=[], not_right=said)
        yield reverse("cycle-day", args=[row.uuid])
    yield reverse("second-checks")


def of_files(omar: User) -> Iterator[UUID]:
    """A file with a refused line, one that waits to be confirmed, one that is about to run."""
    make.signed_off("trastuzumab-q3w-17", omar.site)
    rows = [
        plan_imports.receive(by=omar, text=sheet(ANNA | {"born_on": born_on})) for born_on in ("soon", "1970-05-17")
    ]
    confirmed = plan_imports.confirm(by=omar, plan_import=plan_imports.receive(by=omar, text=sheet()))
    yield from (row.uuid for row in (*rows, confirmed))


def of_results(plan: TreatmentPlan) -> Iterator[UUID]:
    """A file of results with a refused line, one with a figure to be typed again, one that is about to run."""
    cora = make.person("cora")
    lines = (
        [result("NOBODY")],
        [result(plan.patient, 44, performed_on="2026-01-03")],
        [result(plan.patient, 61, performed_on="2026-01-04")],
    )
    rows = [result_imports.receive(by=cora, text=result_sheet(*some)) for some in lines]
    yield from (row.uuid for row in rows)


def of_cards(plan: TreatmentPlan) -> Iterator[str]:
    """A card that came back to where it was made, and what taking it over would do to a new patient."""
    omar = make.person("omar")
    row = taking.receive(by=omar, text=write(card_of(read_plan(plan.pk), by=omar, now=timezone.now())))
    yield reverse("card", args=[row.uuid])
    regimen = RegimenVersion.objects.get(key="trastuzumab-pertuzumab")
    yield reverse("card", args=[row.uuid]) + f"?patient=new&mrn=N-1&regimen={regimen.pk}"


def _colleague() -> User:
    return User.objects.get_or_create(
        email="olga@test-clinic.example", defaults={"full_name": "Olga Ost", "role": "oncologist", "site": make.site()}
    )[0]


def violations(page: Page, rules: dict[str, object]) -> list[str]:
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{page.url}: {v['id']} {[node['html'][:160] for node in v['nodes'][:3]]}" for v in found]


def sideways(page: Page, width: int) -> list[str]:
    """How far the page itself scrolls sideways; a wide table scrolls inside its own region."""
    excess = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{page.url}: {excess} px too wide at {width}"] if excess > 0 else []


@pytest.mark.timeout(600)
@pytest.mark.parametrize("who", ["nora", "omar", "cora", "pia", "ada"])
def test_every_page_is_accessible_in_both_themes_and_fits_desk_and_tablet(open_as: OpenAs, who: str) -> None:
    plan = a_busy_clinic()
    page, seen, wrong = open_as(who), [], []
    for address in addresses(plan):
        answer = page.goto(address)
        assert answer is not None
        if answer.status == 403:
            continue  # what a role may not see is tested for every page in test_access_matrix
        seen.append(address)
        wrong += [f"{page.url}: status {answer.status}"] * (answer.status >= 500)
        wrong += [f"{page.url}: {page.locator('h1').count()} h1"] * (page.locator("h1").count() != 1)
        wrong += violations(page, RULES)
        wrong += sideways(page, DESK["width"])
        page.set_viewport_size(TABLET)
        wrong += sideways(page, TABLET["width"])
        page.emulate_media(color_scheme="dark")
        wrong += violations(page, CONTRAST)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(DESK)
    assert len(seen) > len(PLACES) / 2
    assert wrong == []


def test_the_entrance_is_accessible_in_both_themes(new_window: NewWindow) -> None:
    page = new_window()
    for address in ("/account/login/", "/account/password/reset/"):
        page.goto(address)
        assert violations(page, RULES) + sideways(page, DESK["width"]) == []
        page.emulate_media(color_scheme="dark")
        assert violations(page, CONTRAST) == []
