"""A full check that found plans wrongly left alone says so everywhere until an administrator has looked into it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from her2tracker.accounts.access import Denied
from her2tracker.audit.models import Act
from her2tracker.audit.sentences import sentence
from her2tracker.lib.refusals import Refused
from monitoring import tasks
from monitoring.actions import check_faults, sweeps
from monitoring.heartbeat import last_heartbeat
from monitoring.models import CheckFault, NextCheck, SweepRun
from monitoring.models.next_checks import NEVER
from tests import api, make

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
WORDS = "A full check changed the flags of 1 plan that had wrongly been left alone."
SINCE = "since Mon 30 Mar 2026 flags may have come late"


@pytest.fixture
def fault(clock: Any) -> CheckFault:
    """E50's plan, overdue from 1 April on, whose day was lost; the next full check is on 6 April."""
    clock.move_to("2026-01-05T09:00:00Z")
    patient = make.patient()
    make.lvef(patient, 62, date(2025, 12, 29))
    plan = make.plan(start=date(2026, 1, 5), given=1, of=patient, baseline=None)
    clock.move_to("2026-03-30T09:00:00Z")
    tasks.flag_overdue_echocardiograms()
    NextCheck.objects.filter(plan=plan).update(check_on=NEVER)
    clock.move_to("2026-04-06T09:00:00Z")
    with pytest.raises(sweeps.SweepFailed):
        tasks.flag_overdue_echocardiograms()
    tasks.flag_overdue_echocardiograms()
    tasks.flag_lvef_drops()
    return CheckFault.objects.get()


def test_how_many_and_since_when_is_on_record(fault: CheckFault):
    assert (fault.plans, fault.not_before, fault.seen_at) == (1, date(2026, 3, 30), None)
    told = Act.objects.get(verb="check.fault-found")
    assert (told.subject_uuid, told.by_id) == (fault.uuid, None)
    assert sentence(told) == "found plans whose flags had wrongly been left alone: 1"


@pytest.mark.parametrize("who", ["nora", "omar", "cora", "pia", "ada"])
def test_every_page_says_so_to_everybody(fault: CheckFault, sign_in: SignIn, who: str):
    page = sign_in(who).get(reverse("home"), follow=True).content.decode()
    assert WORDS in page
    assert SINCE in page
    assert (reverse("check-faults") in page) == (who == "ada")


def test_it_is_said_where_no_check_ever_left_its_heartbeat(fault: CheckFault):
    SweepRun.objects.all().delete()
    beat = last_heartbeat(fault.site, timezone.now())
    assert beat.stale
    assert beat.fault.startswith(WORDS)


def test_a_check_that_was_right_is_no_fault(clock: Any, sign_in: SignIn):
    clock.move_to("2026-01-05T09:00:00Z")
    make.plan(start=date(2026, 1, 5), given=1)
    tasks.flag_overdue_echocardiograms()
    clock.move_to("2026-01-12T09:00:00Z")
    tasks.flag_overdue_echocardiograms()
    tasks.flag_lvef_drops()
    assert not CheckFault.objects.exists()
    assert "No fault waits to be seen" in sign_in("ada").get(reverse("check-faults")).content.decode()


def test_who_watches_the_machine_reads_it_without_a_sites_name(fault: CheckFault, client: Client):
    told = client.get("/health/").json()
    assert told["status"] == "ok"
    assert told["checks"].startswith(WORDS)
    assert fault.site.name not in told["checks"]
    check_faults.see(by=make.person("ada"), fault=fault, because="A write past the triggers. Dr Ortega was told.")
    assert client.get("/health/").json() == {"status": "ok"}


def test_administrators_are_mailed_without_the_workers_until_it_is_seen(fault: CheckFault):
    ada = make.person("ada")
    with pytest.raises(CommandError, match="Administrators told: 1"):
        call_command("tell_if_stale")
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == ([ada.email], "A cardiac check was wrong")
    assert WORDS in sent.body
    assert reverse("check-faults") in sent.body
    check_faults.see(by=ada, fault=fault, because="A write past the triggers.")
    call_command("tell_if_stale")
    assert len(mail.outbox) == 1


def test_marked_as_seen_it_leaves_the_pages_and_stays_on_record(fault: CheckFault, sign_in: SignIn):
    ada = sign_in("ada")
    page = ada.post(reverse("check-fault-seen", args=[fault.uuid]), {"because": "A restore. All told."}, follow=True)
    text = page.content.decode()
    assert "Marked as seen" in text
    assert WORDS not in text
    assert "A restore. All told." in text
    fault.refresh_from_db()
    assert (fault.seen_by, fault.seen_because) == (make.person("ada"), "A restore. All told.")
    told = Act.objects.get(verb="check.fault-seen")
    assert (told.by_name, told.reason) == (str(make.person("ada")), "A restore. All told.")
    labels = list(CheckFault.pgh_event_model.objects.order_by("pgh_id").values_list("pgh_label", flat=True))  # type: ignore[attr-defined]
    assert labels == ["insert", "update"]


@pytest.mark.parametrize("because", ["", "   "])
def test_without_a_reason_it_stays_and_the_field_says_what_is_missing(fault: CheckFault, sign_in: SignIn, because: str):
    answer = sign_in("ada").post(reverse("check-fault-seen", args=[fault.uuid]), {"because": because})
    assert answer.status_code == 422
    assert "Say what you found out, and who was told." in answer.content.decode()
    with pytest.raises(Refused):
        check_faults.see(by=make.person("ada"), fault=fault, because=because)
    fault.refresh_from_db()
    assert fault.seen_at is None


def test_it_is_seen_once(fault: CheckFault):
    ada = make.person("ada")
    check_faults.see(by=ada, fault=fault, because="First.")
    with pytest.raises(Refused, match="has marked this as seen already"):
        check_faults.see(by=ada, fault=fault, because="Second.")
    fault.refresh_from_db()
    assert fault.seen_because == "First."


@pytest.mark.parametrize("who", ["nora", "omar", "cora", "pia"])
def test_only_an_administrator_marks_it(fault: CheckFault, sign_in: SignIn, who: str):
    assert sign_in(who).post(reverse("check-fault-seen", args=[fault.uuid]), {"because": "x"}).status_code == 403
    with pytest.raises(Denied):
        check_faults.see(by=make.person(who), fault=fault, because="x")


def test_another_sites_fault_is_neither_shown_nor_marked(fault: CheckFault, sign_in: SignIn):
    far = make.site(name="Elsewhere")
    theirs = check_faults.note(far, plans=9, not_before=date(2026, 4, 1), now=fault.found_at)
    assert "9 plans" not in sign_in("ada").get(reverse("check-faults")).content.decode()
    assert sign_in("ada").post(reverse("check-fault-seen", args=[theirs.uuid]), {"because": "x"}).status_code == 404


def test_a_program_reads_it_and_marks_it(fault: CheckFault):
    told = api.get("nora", "heartbeats/")
    assert told["fault"].startswith(WORDS)
    assert [one["plans"] for one in told["faults"]] == [1]
    address = f"heartbeats/faults/{fault.uuid}/seen/"
    assert "because" in str(api.post("ada", address, 400))
    assert api.post("nora", address, 403, because="x")
    assert api.post("ada", address, 200, because="A restore.")["seen_because"] == "A restore."
    assert "seen-already" in str(api.post("ada", address, 409, because="Again."))
    assert api.get("nora", "heartbeats/")["fault"] == ""


def test_what_several_checks_found_is_counted_together(fault: CheckFault, client: Client):
    check_faults.note(fault.site, plans=2, not_before=date(2026, 4, 6), now=fault.found_at)
    assert "the flags of 3 plans that had" in client.get("/health/").json()["checks"]
    assert SINCE in client.get("/health/").json()["checks"]


def test_the_frame_of_a_page_asks_no_further_question_for_it(fault: CheckFault, django_assert_num_queries: Any):
    site = fault.site
    with django_assert_num_queries(1):
        assert last_heartbeat(site, timezone.now()).fault
