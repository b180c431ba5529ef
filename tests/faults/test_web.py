"""F8 and F10: many people at one thing at once, and a web server that dies in the middle of a request."""

from __future__ import annotations

import http.client
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import permutations
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Role
from her2tracker.api import tokens
from her2tracker.audit.models import Act
from scheduling.models import Administration, CycleDay, Patient, TreatmentPlan
from tests import make
from tests.faults import invariants
from tests.faults.conftest import LONG
from tests.faults.hasty import VICTIM
from tests.faults.points import statements_of
from tests.faults.servers import Answer, Person, web

pytestmark = pytest.mark.django_db(transaction=True)
Request = tuple[str, str, dict[str, Any]]  # who, address, body


def given(day: CycleDay, on: date) -> Request:
    dose = {
        "agent": "trastuzumab",
        "mg": "560",
        "product": make.product("trastuzumab"),
    }  # 8 mg/kg x 70 kg, the loading dose
    return "nora", f"cycle-days/{day.uuid}/record/", {"given_on": str(on), "doses": [dose]}


def nurses(port: int) -> list[Person]:
    made = []
    for number in range(1, 9):
        nurse = User.objects.create_user(
            f"nurse{number}@test.example", make.PASSWORD, full_name=f"Nurse {number}", role=Role.NURSE, site=make.site()
        )
        made.append(Person(nurse.full_name, port, token=tokens.issue(by=nurse)))
    return made


@pytest.mark.timeout(600)
@pytest.mark.fault("F8", "eight nurses record the same infusions at once")
@pytest.mark.parametrize("infusions", [6, pytest.param(200, marks=LONG)])
def test_of_eight_nurses_one_records_each_infusion_and_seven_learn_who_did(
    transactional_db: None, tmp_path: Path, infusions: int
):
    today = make.site().today()
    days = [make.cycle(make.plan(start=today), 1) for _ in range(infusions)]
    with web(tmp_path) as port:
        together = Barrier(8)

        def work(nurse: Person) -> list[Answer]:
            answers = []
            for day in days:
                together.wait(timeout=60)
                _, address, body = given(day, today)
                answers.append(nurse.post(address, **body))
            return answers

        people = nurses(port)
        with ThreadPoolExecutor(8) as pool:
            by_nurse = dict(zip((one.who for one in people), pool.map(work, people), strict=True))
    for number, day in enumerate(days):
        answers = {name: answers[number] for name, answers in by_nurse.items()}
        (winner,) = (name for name, answer in answers.items() if answer.status == 200)
        for answer in (answer for name, answer in answers.items() if name != winner):
            assert answer.status == 409, answer.text
            assert answer.json["error"]["code"] == "already-decided"
            assert winner in answer.json["error"]["message"]
        day.refresh_from_db()
        assert (day.state, day.decided_by.full_name) == ("given", winner)
    assert Counter(Act.objects.values_list("verb", flat=True))["administration.given"] == infusions
    invariants.cycles_in_order()


def stands(plan: TreatmentPlan, statuses: dict[str, int]) -> tuple[Any, ...]:
    """What everybody sees afterwards, and what each was answered."""
    plan.refresh_from_db()
    days = tuple(plan.cycle_days.order_by("cycle").values_list("cycle", "state", "planned_on", "done_on"))
    return plan.state, plan.holds.count(), days, tuple(sorted(statuses.items()))


def one_after_another(plan: TreatmentPlan, requests: tuple[Request, ...]) -> tuple[Any, ...]:
    """How it ends in this order; taken back afterwards."""
    with transaction.atomic():
        statuses = {}
        for who, address, body in requests:
            client = APIClient()
            client.force_authenticate(make.person(who))
            statuses[who] = client.post(f"/api/v1/{address}", body, format="json").status_code
        found = stands(plan, statuses)
        transaction.set_rollback(True)
    return found


@pytest.mark.timeout(900)
@pytest.mark.fault("F8", "record, delay and hold at once on one plan")
@pytest.mark.parametrize("times", [2, pytest.param(20, marks=LONG)])
def test_record_delay_and_hold_at_once_end_as_one_after_another(transactional_db: None, tmp_path: Path, times: int):
    today = make.site().today()
    with web(tmp_path) as port:
        people = {who: Person.signed_in(who, port) for who in ("nora", "cora", "omar")}
        for _ in range(times):
            plan = make.plan(start=today)
            day = make.cycle(plan, 1)
            later = {"to_on": str(today + timedelta(days=7)), "reason": "capacity"}
            requests: list[Request] = [
                given(day, today),
                ("cora", f"cycle-days/{day.uuid}/delay/", later),
                ("omar", f"plans/{plan.uuid}/hold/", {"reason": "other"}),
            ]
            possible = {one_after_another(plan, order) for order in permutations(requests)}
            seen = at_once(people, requests)
            assert stands(plan, seen) in possible
    invariants.cycles_in_order()


def at_once(people: dict[str, Person], requests: list[Request]) -> dict[str, int]:
    together = Barrier(len(requests))

    def ask(request: Request) -> tuple[str, int]:
        who, address, body = request
        together.wait(timeout=60)
        return who, people[who].post(address, **body).status

    with ThreadPoolExecutor(len(requests)) as pool:
        return dict(pool.map(ask, requests))


def ordered() -> tuple[Patient, dict[str, str]]:
    patient, today = make.patient(), make.site().today()
    make.weight(patient, 70, today)
    make.lvef(patient, 62, today)
    make.ready(patient, today)
    return patient, {"regimen": "trastuzumab-q3w-17", "start_on": str(today)}


def stored(patient: Patient) -> tuple[int, int, int, int]:
    """Plans, cycle days, administrations, and acts that say so."""
    return (
        TreatmentPlan.objects.filter(patient=patient).count(),
        CycleDay.objects.filter(plan__patient=patient).count(),
        Administration.objects.filter(cycle_day__plan__patient=patient).count(),
        Act.objects.filter(verb="plan.started", patient_uuid=patient.uuid).count(),
    )


@pytest.mark.timeout(900)
@pytest.mark.fault("F10", "kill -9 of web before a random statement of a plan's start")
@pytest.mark.parametrize("points", [3, pytest.param(20, marks=LONG)])
def test_a_plan_whose_start_was_killed_is_whole_or_not_there(
    transactional_db: None, tmp_path: Path, points: int, dice: random.Random
):
    make.signed_off("trastuzumab-q3w-17", make.site())
    patient, body = ordered()
    client = APIClient()
    client.force_authenticate(make.person("omar"))
    statements = statements_of(lambda: client.post(f"/api/v1/patients/{patient.uuid}/plans/", body, format="json"))
    order = tmp_path / "die-before"
    with web(tmp_path, application="tests.faults.doomed:application", **{VICTIM: str(order)}) as port:
        omar = Person.signed_in("omar", port)
        for _ in range(points):
            patient, body = ordered()
            order.write_text(str(dice.randint(1, statements)))
            with pytest.raises((OSError, http.client.HTTPException)):
                omar.post(f"patients/{patient.uuid}/plans/", **body)
            assert not order.exists()
            before = stored(patient)
            assert before in ((0, 0, 0, 0), (1, 17, 17, 1))
            again = omar.post(f"patients/{patient.uuid}/plans/", **body)
            assert again.status == (409 if before[0] else 201), again.text
            assert stored(patient) == (1, 17, 17, 1)
