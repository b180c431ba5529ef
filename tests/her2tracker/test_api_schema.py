"""The API's own document, and requests made up from it: whatever is sent, nothing breaks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import schemathesis
import time_machine
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from her2tracker.accounts.roles import Permission
from her2tracker.api import tokens
from monitoring.models import CardiacFlag, Reminder
from tests import make

pytestmark = pytest.mark.django_db
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
START = date(2026, 1, 5)
EXAMPLES = {"omar": 10, "nora": 5, "cora": 5}


@pytest.fixture
def in_process() -> Iterator[Any]:
    """The application in this thread, on this test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    with time_machine.travel("2026-04-30T09:00:00Z", tick=False):
        yield get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def known() -> dict[str, str]:
    """An existing record of each kind: most made-up requests should get past “there is nothing here”."""
    plan = make.plan(start=START, given=5)
    make.person("omar")
    fallen = make.lvef(plan.patient, 40, date(2026, 4, 20))
    return {
        "patients": str(plan.patient.uuid),
        "plans": str(plan.uuid),
        "cycle-days": str(make.cycle(make.plan(start=START, given=5), 6).uuid),  # nothing stands against this one
        "lvef": str(fallen.uuid),
        "flags": str(CardiacFlag.objects.get().uuid),
        "reminders": str(Reminder.objects.earliest("id").uuid),
        "regimen-drafts": str(make.draft(submitted=True).uuid),
    }


def loaded(application: Any, who: str) -> tuple[Any, dict[str, str]]:
    """The document as this person's program reads it, and the headers that it sends."""
    headers = {"Authorization": f"Bearer {tokens.issue(by=make.person(who))}"}
    return schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", application, headers=headers), headers


def test_the_document_is_valid_and_complete():
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")


def test_the_document_is_found_without_its_version(client):
    assert client.get("/api/schema/").headers["Location"] == "/api/v1/schema/"


def test_every_operation_says_who_may_and_how_it_refuses(in_process):
    schema, _ = loaded(in_process, "ada")
    assert schema.raw_schema["openapi"] == "3.1.0"
    for path, methods in schema.raw_schema["paths"].items():
        for method, said in methods.items():
            assert said["x-permission"] == "signed-in" or Permission(said["x-permission"]), path
            assert said["summary"].endswith((".", ")")), f"{method} {path} has no summary"
            assert {"401"} <= set(said["responses"]), path
            if method != "get":
                assert {"400", "403", "409"} <= set(said["responses"]), path


def test_operations_have_names_of_their_own(in_process):
    schema, _ = loaded(in_process, "ada")
    names = [said["operationId"] for methods in schema.raw_schema["paths"].values() for said in methods.values()]
    assert len(set(names)) == len(names)
    assert {"me", "today", "plans_preview", "cycle_days_record", "flags_decide"} <= set(names)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("who", ["omar", "nora", "cora"])
def test_no_made_up_request_breaks_the_api(in_process, known, who):
    schema, headers = loaded(in_process, who)
    person, tried, wrong = make.person(who), 0, []
    for result in schema.get_all_operations():
        operation = result.ok()
        permission = operation.definition.raw["x-permission"]
        if permission == "signed-in" or person.may(Permission(permission)):
            tried += 1
            try:
                try_out(operation, headers, known, EXAMPLES[who])
            except (Exception, BaseExceptionGroup) as error:  # every broken operation is named, not the first alone
                wrong.append((operation.label, _told(error)))
    assert wrong == []
    assert tried > 20


def try_out(operation: Any, headers: dict[str, str], known: dict[str, str], examples: int) -> None:
    """Made-up requests for one operation, each undone again."""
    kind = operation.path.split("/")[3]

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(),
        sense=st.sampled_from(["plausible", "plausible", "known", "none"]),
        day=st.dates(date(2026, 4, 20), date(2026, 7, 1)),
    )
    def attempt(case: Any, sense: str, day: date) -> None:
        if sense != "none" and kind in known:
            case.path_parameters["uuid"] = known[kind]
        if sense != "none" and kind == "regimens" and case.path_parameters:
            case.path_parameters.update(key="trastuzumab-q3w-17", version=1)
        if sense == "plausible":
            case.body = plausible(case.body, str(day))
        with contextlib.suppress(_Undo), transaction.atomic():
            case.call_and_validate(headers=headers, checks=CHECKS)
            connection.check_constraints()
            raise _Undo

    attempt()


def plausible(said: Any, day: str) -> Any:
    """The made-up body with figures, days and names that mean something, so that actions are reached."""
    if not isinstance(said, dict):
        return said
    known = {
        "regimen": "trastuzumab-q3w-17", "version": 1, "lvef": "47", "weight_kg": "71", "height_cm": "165",
        "doses": [{"agent": "trastuzumab", "mg": "420"}], "prior": [], "gls_percent": "-18", "decisions_seen": 0,
        "text": make.file(),
    }  # fmt: skip
    dates = {key: day for key in said if key.endswith(("_on", "_by", "_for"))}
    kept = {key: value for key, value in said.items() if key not in ("revision", "weight", "low", "high", "setting")}
    lvef = {"lvef": "47"} if "modality" in said else {}
    return kept | {key: value for key, value in known.items() if key in said} | lvef | dates


def _told(error: BaseException) -> list[str]:
    return [str(one)[:1500] for one in getattr(error, "exceptions", [error])]


class _Undo(Exception):
    """Rolls one request back."""
