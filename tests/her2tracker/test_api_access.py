"""Every operation of the API for every role: permitted, refused, or unknown; nothing leaks on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission, Role
from her2tracker.api import tokens
from her2tracker.api.views import Operations
from her2tracker.audit.models import Act
from her2tracker.clinic.handover import taking
from her2tracker.clinic.handover.card import write
from her2tracker.clinic.handover.making import card_of
from monitoring.actions import assessments, check_faults, delegations, report_files, result_imports, saved_lists
from monitoring.models import CardiacFlag, PatientAnswer, Reminder, Unreached
from scheduling.actions import chairside, plan_imports, running, second_checks
from scheduling.models import Chair, ClosedDay, Closure, InfusionRun, Reaction, TradeNumber, TreatmentPlan, VitalSigns
from scheduling.words import ReactionAction, ReactionSign
from tests import api, make
from tests.monitoring.result_files import result
from tests.monitoring.result_files import sheet as result_sheet
from tests.scheduling.sheets import sheet

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)
CAST_BY_ROLE = {role: who for who, (_, role) in make.CAST.items()}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-04-30T09:00:00Z", tick=False):
        yield


def operations() -> Iterator[tuple[str, str, Permission | None]]:
    """(method, address with named parts, permission) of every operation, from the address book itself."""
    for route, view in _views(get_resolver().url_patterns):
        if route.startswith("api/v1/") and issubclass(view, Operations):
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                if hasattr(view, method.lower()):
                    yield method, "/" + route, view.permissions.get(method, "missing")  # type: ignore[misc]


def _views(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, type]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and hasattr(pattern.callback, "cls"):
            yield route, pattern.callback.cls


OPERATIONS = sorted(operations(), key=lambda one: (one[1], one[0]))
NAMES = [f"{method} {address}" for method, address, _ in OPERATIONS]


@pytest.fixture
def addresses():
    """An address of each kind that exists: a treated patient with a withhold finding."""
    plan = make.plan(start=START, given=5)
    fallen = make.lvef(plan.patient, 40, date(2026, 4, 20))
    flag = CardiacFlag.objects.filter(plan=plan).first() or pytest.fail("a fall of 22 points raised no flag")
    day = make.cycle(plan, 6)
    reminder = _reminder()
    closed = ClosedDay.objects.create(site=plan.patient.site, on=date(2026, 12, 25), name="Holiday")
    draft = make.draft()
    span = Closure.objects.create(
        site=plan.patient.site, first_on=date(2026, 12, 24), last_on=date(2026, 12, 26), name="Christmas",
        recorded_by=make.person("cora"),
    )  # fmt: skip
    stand_in = delegations.begin(by=make.person("omar"), to=_colleague(plan.patient.site))
    sent = plan_imports.receive(by=make.person("omar"), text=sheet())
    results = result_imports.receive(by=make.person("cora"), text=result_sheet(result(plan.patient)))
    sent_card = taking.receive(
        by=make.person("omar"), text=write(card_of(plan, by=make.person("omar"), now=timezone.now()))
    )
    chair = Chair.objects.create(site=plan.patient.site, name="Chair 1")
    letter = Reminder.objects.create(
        uuid=uuid4(), site=plan.patient.site, patient=plan.patient, kind="patient", about=f"infusion:{day.uuid}:7",
        due_on=day.planned_on, address="p@patient.example", subject="Your appointment", text="…",
    )  # fmt: skip
    asked = PatientAnswer.objects.create(
        patient=plan.patient, reminder=letter, answer="other-day", answered_at=timezone.now()
    )
    fault = check_faults.note(plan.patient.site, plans=1, not_before=START, now=timezone.now())
    due = make.cycle(make.plan(start=date(2026, 4, 30)), 1)
    check = second_checks.request(by=make.person("nils"), cycle_day=due)
    run, vitals, reaction = _at_the_chair()
    kinds = {
        "second-checks": check.uuid,
        "lvef-reports": report_files.attach(
            by=make.person("cora"), assessment=fallen, name="echo.pdf", content=b"%PDF-1.7 invented"
        ).uuid,
        "plan-imports": sent.uuid,
        "result-imports": results.uuid,
        "handover-cards": sent_card.uuid,
        "infusion-runs": run.uuid, "vital-signs": vitals.uuid, "reactions": reaction.uuid,
        "chairs": chair.uuid,
        "trade-numbers": TradeNumber.objects.create(
            site=chair.site, gtin="09506000134352", agent="trastuzumab", brand="Own", substance="trastuzumab-own",
            recorded_by=make.person("ada"),
        ).uuid,
        "closures": span.uuid,
        "patients": plan.patient.uuid, "plans": plan.uuid, "cycle-days": day.uuid, "lvef": fallen.uuid,
        "flags": flag.uuid, "reminders": reminder.uuid, "closed-days": closed.uuid,
        "regimen-drafts": draft.uuid,
        "stand-ins": stand_in.uuid, "administrations": plan.cycle_days.all()[0].administrations.get().uuid,
        "patient-requests": asked.uuid, "heartbeats": fault.uuid,
        **_of_the_desk(plan),
    }  # fmt: skip

    def address(pattern: str) -> str:
        kind = pattern.split("/")[3]
        text = pattern.replace("<uuid:uuid>", str(kinds.get(kind)))
        text = text.replace("<slug:kind>", "infusion").replace("<slug:language>", "en")
        return text.replace("<slug:key>", "trastuzumab-q3w-17").replace("<int:version>", "1")

    return address


def _of_the_desk(plan: TreatmentPlan) -> dict[str, UUID]:
    """An echo appointment, a patient whom nobody reaches, a list under a name."""
    cora = make.person("cora")
    booking = assessments.book_echo(by=cora, plan=plan, booked_for=date(2026, 4, 30), lab="Echo lab")
    lost = Unreached.objects.create(patient=plan.patient, plan=plan, calls=3, told_at=timezone.now())
    saved = saved_lists.save(by=make.person("nora"), page="queue", query="show=echo", name="Echoes")
    return {"echoes": booking.uuid, "unreached": lost.uuid, "saved-lists": saved.uuid}


def _at_the_chair() -> tuple[InfusionRun, VitalSigns, Reaction]:
    """An infusion that runs, a set of vital signs and a reaction."""
    nora, row = make.person("nora"), make.cycle(make.plan(start=date(2026, 4, 30)), 1)
    seen = {"by": nora, "cycle_day": row, "seen_on": date(2026, 4, 30), "seen_at": time(8, 30)}
    product = make.product("trastuzumab")
    run = running.start(by=nora, cycle_day=row, agent="trastuzumab", started_at=time(8), product=product)
    signs, action = [ReactionSign.FEVER], ReactionAction.COMPLETED
    reaction = chairside.record_reaction(**seen, agent="trastuzumab", grade=1, signs=signs, action=action)
    return run, chairside.record_vitals(**seen, pulse_bpm=80), reaction


def _colleague(site: Site) -> User:
    """Another oncologist, who can stand in."""
    return User.objects.create_user("olga@test-clinic.example", full_name="Olga Oster", role=Role.ONCOLOGIST, site=site)


def _reminder() -> Reminder:
    """Written by the withhold finding of the fixture."""
    return Reminder.objects.first() or pytest.fail("a withhold finding wrote no reminder")


def test_every_operation_names_its_permission():
    assert len(OPERATIONS) > 45
    assert [name for name, (_, _, permission) in zip(NAMES, OPERATIONS, strict=True) if permission == "missing"] == []


def test_every_role_may_do_exactly_what_its_permissions_say(addresses):
    """One pass over operation x role: a permitted act may be refused by state, never by access."""
    wrong = []
    for role in [*Role, ""]:
        program, person = api.client(CAST_BY_ROLE[role]), make.person(CAST_BY_ROLE[role])
        for (method, pattern, permission), name in zip(OPERATIONS, NAMES, strict=True):
            permitted = permission is None or person.may(permission)
            answer = program.generic(method, addresses(pattern), "{}", content_type="application/json")
            fits = (
                answer.status_code not in (401, 403) and answer.status_code < 500
                if permitted
                else answer.status_code == 403
            )
            if not fits:
                wrong.append((role, name, answer.status_code))
    assert wrong == []


def test_a_refused_role_learns_nothing_and_the_denial_is_recorded(addresses):
    program = api.client("ada")
    for (method, pattern, permission), name in zip(OPERATIONS, NAMES, strict=True):
        if permission is None or make.person("ada").may(permission):
            continue
        answer = program.generic(method, addresses(pattern), "{}", content_type="application/json")
        assert set(answer.json()["error"]) == {"code", "message"}, name
        assert "Testcase" not in answer.content.decode(), name
    assert Act.objects.filter(verb="access.denied", by_name="Ada Admin").count() > 20


@pytest.mark.parametrize(("method", "pattern", "permission"), OPERATIONS, ids=NAMES)
def test_a_stranger_is_told_to_sign_in(client, method, pattern, permission):
    nobody = "00000000-0000-4000-8000-000000000000"
    address = pattern.replace("<uuid:uuid>", nobody).replace("<slug:key>", "any").replace("<int:version>", "1")
    answer = client.generic(method, address, "{}", content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not-authenticated")


def test_another_sites_records_do_not_exist(addresses):
    other = make.site(name="Other clinic")
    wrong = []
    for role in (Role.ONCOLOGIST, Role.COORDINATOR):
        program, person = api.client(CAST_BY_ROLE[role], other), make.person(CAST_BY_ROLE[role], other)
        for (method, pattern, permission), name in zip(OPERATIONS, NAMES, strict=True):
            if "<uuid:uuid>" not in pattern or (permission and not person.may(permission)):
                continue
            answer = program.generic(method, addresses(pattern), "{}", content_type="application/json")
            if answer.status_code != 404 or "Testcase" in answer.content.decode():
                wrong.append((name, answer.status_code))
    assert wrong == []


def test_lists_hold_nothing_of_another_site(addresses):
    other = make.site(name="Other clinic")
    assert addresses
    for who, address in (("omar", "patients/"), ("omar", "flags/"), ("cora", "reminders/")):
        assert api.client(who, other).get(f"/api/v1/{address}").json()["results"] == []
    assert api.client("omar", other).get("/api/v1/today/?on=2026-04-20").json()["rows"] == []


def test_a_replaced_token_ends_at_once():
    nora = make.person("nora")
    old, new = tokens.issue(by=nora), tokens.issue(by=nora)
    program = api.APIClient()
    assert program.get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {old}").status_code == 401
    assert program.get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {new}").json()["email"] == nora.email


def test_a_closed_account_has_no_token_that_works():
    program, nora = api.client("nora"), make.person("nora")
    nora.is_active = False
    nora.save(update_fields=["is_active"])
    assert program.get("/api/v1/me/").status_code == 401


def test_a_session_may_write_only_with_its_csrf_token():
    program = api.APIClient(enforce_csrf_checks=True)
    program.force_login(make.person("cora"))
    answer = program.post("/api/v1/patients/", {}, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "permission-denied")


def test_an_unknown_address_answers_in_the_one_shape():
    answer = api.client("nora").get("/api/v1/nonsense/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not-found")


def test_a_method_that_an_address_lacks_is_told_so():
    answer = api.client("nora").delete("/api/v1/patients/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method-not-allowed")
