"""Whose each task is, the end of the day, a new plan's checklist, failed messages, lists under a name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Role
from her2tracker.lib.refusals import Refused
from monitoring.actions import checklists, failed_messages, owners, saved_lists
from monitoring.core.checklist import Point
from monitoring.core.owners import Lack
from monitoring.core.queue import Need
from monitoring.models import CardiacPolicy, QueueOwner, Reminder
from scheduling.models import Patient, TreatmentPlan
from tests import api, make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SignIn = Callable[[str], Client]


def overdue() -> TreatmentPlan:
    return make.plan(start=date(2026, 1, 5), given=6)


def lines(client: Client, **query: str) -> list[Any]:
    return list(client.get(reverse("queue"), query).context["page"])


def colleague() -> User:
    return User.objects.create_user(
        "clara@test-clinic.example", full_name="Clara Campos", role=Role.COORDINATOR, site=make.site()
    )


def test_a_task_is_unowned_until_somebody_takes_it_and_one_press_takes_it(sign_in: SignIn):
    overdue()
    cora = sign_in("cora")
    [line] = lines(cora, whose="unowned")
    assert line.item.lacks == (Lack.OWNER, Lack.NEXT_DATE)
    assert "No owner" in cora.get(reverse("queue")).content.decode()
    cora.post(reverse("queue-take"), {"key": line.item.key})
    assert lines(cora, whose="unowned") == []
    [mine] = lines(cora, whose="mine")
    assert (mine.item.owner.name, mine.item.lacks) == ("Cora Castell", (Lack.NEXT_DATE,))


def test_a_task_is_handed_over_to_a_person_or_to_whoever_is_in(sign_in: SignIn):
    overdue()
    cora, clara = sign_in("cora"), colleague()
    [line] = lines(cora)
    said = {"key": line.item.key, "owner": f"person:{clara.uuid}", "next_on": "2026-05-04", "note": "Knows the lab."}
    cora.post(reverse("queue-owner"), said)
    [line] = lines(cora)
    assert (line.item.owner.owner, line.item.next_on, line.item.lacks) == (clara, date(2026, 5, 4), ())
    assert lines(cora, whose="mine") == []
    cora.post(reverse("queue-owner"), {"key": line.item.key, "owner": "role:coordinator", "next_on": "2026-05-04"})
    [line] = lines(cora, whose="mine")
    assert line.item.owner.name == "Coordinator, whoever is in"


def test_who_left_owns_nothing_and_a_day_that_passed_is_no_next_step(sign_in: SignIn, clock: Any):
    overdue()
    cora, clara = sign_in("cora"), colleague()
    [line] = lines(cora)
    owners.assign(by=make.person("cora"), key=line.item.key, owner=clara, next_on=date(2026, 5, 1))
    assert lines(cora)[0].item.lacks == ()
    clock.move_to("2026-05-02T09:00:00Z")
    cora = sign_in("cora")
    assert lines(cora)[0].item.lacks == (Lack.NEXT_DATE,)
    clara.is_active = False
    clara.save(update_fields=["is_active"])
    assert Lack.OWNER in lines(cora)[0].item.lacks


def test_nobody_owns_what_they_cannot_see_and_no_step_lies_in_the_past(sign_in: SignIn):
    overdue()
    cora = make.person("cora")
    with pytest.raises(Refused, match="who has the queue"):
        owners.assign(by=cora, key="echo:x", owner=make.person("nora"))
    with pytest.raises(Refused, match="a role that has the queue"):
        owners.assign(by=cora, key="echo:x", role=Role.NURSE)
    with pytest.raises(Refused, match="not both"):
        owners.assign(by=cora, key="echo:x", owner=cora, role=Role.COORDINATOR)
    client = sign_in("cora")
    [line] = lines(client)
    bad = client.post(reverse("queue-owner"), {"key": line.item.key, "next_on": "2026-04-29"})
    assert (bad.status_code, QueueOwner.objects.count()) == (422, 0)
    assert "is past" in bad.content.decode()
    assert client.post(reverse("queue-owner"), {"key": "echo:nothing"}).status_code == 404


def test_closing_the_day_lists_what_lacks_something_until_each_has_both(sign_in: SignIn):
    overdue()
    overdue()
    cora = sign_in("cora")
    page = cora.get(reverse("queue-close"))
    rows = page.context["rows"]
    assert (len(rows), page.context["unowned"]) == (2, 2)
    me, posted = f"person:{make.person('cora').uuid}", {}
    for number, (line, _) in enumerate(rows):
        posted |= {f"row{number}-key": line.item.key, f"row{number}-owner": me}
    wrong = cora.post(
        reverse("queue-close"), posted | {"row0-next_on": "2026-05-04", "row1-next_on": "2026-04-01"}
    )  # fmt: skip
    assert wrong.status_code == 422
    assert "is past" in wrong.content.decode()
    assert QueueOwner.objects.count() == 1  # the row that was right is kept
    [(line, _)] = cora.get(reverse("queue-close")).context["rows"]
    cora.post(
        reverse("queue-close"),
        {"row0-key": line.item.key, "row0-owner": me, "row0-next_on": "2026-05-05"},
    )
    assert "Nothing is left open" in cora.get(reverse("queue-close")).content.decode()


def test_owners_over_the_api_with_the_same_refusals():
    overdue()
    [item] = api.get("cora", "queue/")
    assert (item["owner"], item["lacks"]) == ("", ["owner", "next-date"])
    taken = api.post(
        "cora", "queue/owner/", 200, key=item["key"], owner=make.person("cora").email, next_on="2026-05-04"
    )  # fmt: skip
    assert (taken["owner"], taken["lacks"]) == ("Cora Castell", [])
    refused = api.post("cora", "queue/owner/", 409, key=item["key"], next_on="2026-04-01")
    assert api.error(refused)[0] == "next-in-the-past"
    api.post("cora", "queue/owner/", 409, key="echo:nothing")


def new_plan(**fields: Any) -> TreatmentPlan:
    anna = make.patient(email="anna@patient.example", **fields)
    make.weight(anna, 70, date(2026, 4, 30))
    return make.plan(start=date(2026, 5, 4), of=anna, kg=None, baseline=None)


def test_a_new_plan_stays_on_the_queue_until_every_point_is_settled_or_waived(sign_in: SignIn):
    plan, cora = new_plan(), sign_in("cora")
    [line] = lines(cora, show="new-plan")
    assert (line.task.need, line.task.act_by) == (Need.NEW_PLAN, date(2026, 5, 4))
    address = reverse("plan-checklist", args=[plan.uuid])
    page = cora.get(address).content.decode()
    for words in ("Mon 4 May 2026, Mon 25 May 2026, Mon 15 Jun 2026", "anna@patient.example", "Language"):
        assert words in page
    refused = cora.post(address, {"point": "echo-lab", "act": "waive", "words": ""})
    assert (refused.status_code, plan.checklist.count()) == (422, 0)
    for point in Point:
        assert lines(cora, show="new-plan")
        waive = {"act": "waive", "words": "Done elsewhere."} if point is Point.ECHO_LAB else {"act": "tick"}
        cora.post(address, {"point": point.value} | waive)
    assert lines(cora, show="new-plan") == []
    cora.post(address, {"point": "language", "act": "undo"})
    assert "language" in lines(cora, show="new-plan")[0].task.step


def test_a_plan_entered_while_it_ran_or_there_before_checklists_has_none(sign_in: SignIn):
    overdue()  # began in January, entered today
    cora = sign_in("cora")
    assert lines(cora, show="new-plan") == []
    plan = new_plan()
    CardiacPolicy.objects.create(site=plan.patient.site, checklists_since=timezone.now() + timedelta(days=1))
    assert lines(cora, show="new-plan") == []


def test_a_checklist_over_the_api_with_the_same_refusals():
    plan = new_plan()
    address = f"plans/{plan.uuid}/checklist/"
    assert [one["settled"] for one in api.get("cora", address)] == [False] * 5
    refused = api.post("cora", address, 409, point="language", waived=True)
    assert api.error(refused)[0] == "words-missing"
    api.post("cora", address, 200, point="language")
    assert api.error(api.post("cora", address, 409, point="language"))[0] == "ticked-already"
    after = api.post("cora", f"{address}open-again/", 200, point="language")
    assert [one["settled"] for one in after] == [False] * 5
    with pytest.raises(Refused, match="open already"):
        checklists.untick(by=make.person("cora"), plan=plan, point=Point.LANGUAGE)


def bounced(of: Patient | None = None) -> Reminder:
    of = of or make.patient(email="wrogn@patient.example", phone="555 0147")
    return Reminder.objects.create(
        uuid=uuid4(), site=of.site, patient=of, kind="patient", about="infusion:x:7", due_on=date(2026, 5, 4),
        address=of.email, subject="Your appointment", text="…", state="failed", attempts=6,
        last_error="SMTPRecipientsRefused: 550 no such user",
    )  # fmt: skip


def test_a_failed_message_says_why_and_the_right_address_sends_it_again(sign_in: SignIn):
    row, cora = bounced(), sign_in("cora")
    [line] = lines(cora, show="message")
    assert line.task.why == "SMTPRecipientsRefused: 550 no such user"
    assert "555 0147" in line.task.step  # the other way
    address = reverse("reminder", args=[row.uuid])
    bad = cora.post(address, {"act": "correct", "address": "not an address"})
    assert bad.status_code == 422
    assert "name@example.org" in bad.content.decode()
    cora.post(address, {"act": "correct", "address": "wrong@patient.example"})
    row.refresh_from_db()
    assert (row.state, row.attempts, row.address) == ("queued", 0, "wrong@patient.example")
    assert Patient.objects.get().email == "wrong@patient.example"
    assert lines(cora, show="message") == []


def test_a_failed_message_told_by_telephone_is_settled_and_its_words_stay_out_of_the_ledger(sign_in: SignIn):
    row, cora = bounced(), sign_in("cora")
    address = reverse("reminder", args=[row.uuid])
    assert cora.post(address, {"act": "settle", "words": " "}).status_code == 422
    cora.post(address, {"act": "settle", "words": "Told Anna by telephone."})
    row.refresh_from_db()
    assert row.state == "cancelled"
    assert "Anna" not in row.last_error
    assert lines(cora, show="message") == []
    with pytest.raises(Refused, match="Only a message that failed"):
        failed_messages.settle(by=make.person("cora"), reminder=row, words="Again.")


def test_failed_messages_over_the_api_with_the_same_refusals():
    row = bounced()
    program, path = api.client("cora"), f"/api/v1/reminders/{row.uuid}/correct/"
    refused = program.post(path, {"address": "nowhere"}, format="json")
    assert (refused.status_code, api.error(refused.json())[0]) == (409, "no-address")
    fixed = program.post(path, {"address": "right@patient.example"}, format="json").json()
    assert (fixed["state"], fixed["address"]) == ("queued", "right@patient.example")
    other = bounced(make.patient(email="x@patient.example"))
    assert api.post("cora", f"reminders/{other.uuid}/settle/", 200, words="Told.")["state"] == "cancelled"


def test_a_list_under_a_name_is_ones_own_or_the_roles_and_keeps_the_filter_alone(sign_in: SignIn):
    cora, clara = sign_in("cora"), colleague()
    said = {"query": "show=echo&page=3&whose=mine&x=y", "name": "My echoes"}
    answer = cora.post(reverse("list-save", args=["queue"]), said)
    assert answer["Location"] == "/queue/?show=echo&whose=mine"
    assert "My echoes" in cora.get(reverse("queue")).content.decode()
    assert not saved_lists.lists_of(clara, "queue").exists()
    cora.post(reverse("list-save", args=["queue"]), {"query": "show=no-show", "name": "Did not come", "shared": "on"})
    [shared] = saved_lists.lists_of(clara, "queue")
    assert (shared.name, shared.query) == ("Did not come", "show=no-show")
    with pytest.raises(Refused, match="can remove it"):
        saved_lists.remove(by=clara, saved=shared)
    with pytest.raises(Refused, match="of this name already"):
        saved_lists.save(by=make.person("cora"), page="queue", query="", name="My echoes")


def test_lists_under_a_name_over_the_api():
    made = api.post("cora", "saved-lists/", 201, name="Failed", page="reminders", query="state=failed", shared=True)
    assert (made["query"], made["role"]) == ("state=failed", "coordinator")
    assert [one["name"] for one in api.get("cora", "saved-lists/")] == ["Failed"]
    assert api.get("nora", "saved-lists/") == []
    assert api.client("cora").delete(f"/api/v1/saved-lists/{made['uuid']}/").status_code == 204
