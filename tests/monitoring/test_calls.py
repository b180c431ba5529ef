"""Calls as they went, and a patient whom nobody reaches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from her2tracker.accounts.access import Denied
from her2tracker.audit.models import Act
from her2tracker.audit.sentences import sentence
from her2tracker.lib.refusals import Refused
from monitoring.actions import calls
from monitoring.core.calls import CallOutcome
from monitoring.models import Call, CardiacPolicy, Reminder, Unreached
from scheduling.models import TreatmentPlan
from tests import api, make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SignIn = Callable[[str], Client]


def overdue() -> TreatmentPlan:
    """An echo that is overdue: it stands on the queue."""
    return make.plan(start=date(2026, 1, 5), given=6, of=make.patient(phone="+34 600 000 001"))


def ring(plan: TreatmentPlan, outcome: CallOutcome = CallOutcome.NO_ANSWER, **fields: Any) -> Call:
    return calls.log(by=make.person("cora"), patient=plan.patient, outcome=outcome, **fields)


def told() -> list[Reminder]:
    return list(Reminder.objects.filter(about__startswith="unreached:"))


def test_the_third_call_in_a_row_without_an_answer_tells_the_plans_doctor_once_and_names_nobody():
    plan = overdue()
    ring(plan)
    ring(plan, CallOutcome.LEFT_MESSAGE)
    assert told() == []
    assert not Unreached.objects.exists()
    ring(plan)
    [mail] = told()
    assert mail.recipient == make.person("omar")  # who started the plan and answers for it
    for text in (mail.subject, mail.text, mail.html):
        assert plan.patient.family_name not in text
        assert plan.patient.mrn not in text
    assert (Unreached.objects.get().calls, Unreached.objects.get().plan) == (3, plan)
    ring(plan)
    assert len(told()) == 1
    assert sentence(Act.objects.filter(verb="call.logged").latest("at")).startswith("called the patient: no answer")


def test_reaching_the_patient_ends_it_and_the_count_begins_anew():
    plan = overdue()
    for _ in range(3):
        ring(plan)
    ring(plan, CallOutcome.REACHED, words="Comes on Monday.")
    assert Unreached.objects.get().ended_at is not None
    ring(plan)
    assert Unreached.objects.count() == 1
    ring(plan)
    ring(plan)
    assert Unreached.objects.count() == 2  # three new calls in a row


def test_a_site_may_tell_the_doctor_sooner():
    plan = overdue()
    CardiacPolicy.objects.create(site=plan.patient.site, call_attempts=1)
    ring(plan)
    assert len(told()) == 1


def test_what_the_doctor_answers_stands_on_the_line_and_one_more_call_asks_nothing_new(sign_in: SignIn):
    plan = overdue()
    for _ in range(3):
        ring(plan)
    omar = sign_in("omar")
    assert "could not be reached by telephone" in omar.get(reverse("flags")).content.decode()
    notice = Unreached.objects.get()
    empty = omar.post(reverse("unreached"), {"notice": notice.uuid, "answer": " "})
    assert (empty.status_code, Unreached.objects.get().answer) == (422, "")
    omar.post(reverse("unreached"), {"notice": notice.uuid, "answer": "Write to the family doctor."})
    assert "Write to the family doctor." in sign_in("cora").get(reverse("queue")).content.decode()
    ring(plan)
    assert (len(told()), Unreached.objects.count()) == (1, 1)
    with pytest.raises(Refused, match="answered this already"):
        calls.answer(by=make.person("omar"), notice=notice, words="Again.")


def test_a_call_is_kept_from_the_queues_line_and_shown_there_with_the_next_try(sign_in: SignIn):
    plan, cora = overdue(), sign_in("cora")
    [line] = cora.get(reverse("queue")).context["page"]
    said = {"outcome": "no-answer", "words": "Rang for a minute.", "next_try_on": "2026-05-01", "about": line.item.key}
    answer = cora.post(reverse("patient-calls", args=[plan.patient.uuid]), said | {"next": reverse("queue")})
    assert answer["Location"] == reverse("queue")
    [line] = cora.get(reverse("queue")).context["page"]
    assert (line.item.next_on, line.item.attempts) == (date(2026, 5, 1), 1)
    page = cora.get(reverse("queue")).content.decode()
    for words in ("Last contacts:", "no answer", "Rang for a minute.", "next try Fri 1 May"):
        assert words in page


def test_a_bad_call_is_refused_beside_its_field_and_nothing_is_kept(sign_in: SignIn):
    plan, cora = overdue(), sign_in("cora")
    address = reverse("patient-calls", args=[plan.patient.uuid])
    for said, words in (
        ({}, "This field is required."),
        ({"outcome": "shouted"}, "Select a valid choice"),
        ({"outcome": "reached"}, "what was agreed"),
        ({"outcome": "no-answer", "next_try_on": "2026-04-29"}, "today or later"),
    ):
        answer = cora.post(address, said)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not Call.objects.exists()
    assert sign_in("pia").post(address, {"outcome": "no-answer"}).status_code == 403


def test_a_program_does_the_same_with_the_same_refusals():
    plan = overdue()
    address = f"patients/{plan.patient.uuid}/calls/"
    refused = api.post("cora", address, 409, outcome="reached", words="")
    assert api.error(refused)[0] == "words-missing"
    for _ in range(3):
        api.post("cora", address, 201, outcome="no-answer")
    assert [one["outcome"] for one in api.get("nora", address)] == ["no-answer"] * 3
    [lost] = api.get("omar", "unreached/")
    assert lost["calls"] == 3
    answered = api.post("omar", f"unreached/{lost['uuid']}/answer/", 200, answer="Ask the daughter.")
    assert (answered["answer"], answered["answered_by"]) == ("Ask the daughter.", "Omar Ortega")
    with pytest.raises(Denied):
        calls.answer(by=make.person("cora"), notice=Unreached.objects.get(), words="Mine.")
