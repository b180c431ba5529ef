"""A flag put off comes back by itself; what is urgent cannot be put off; a new result brings it back at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from her2tracker.audit.models import Act
from her2tracker.audit.sentences import sentence
from her2tracker.lib.refusals import Refused
from monitoring import tasks
from monitoring.actions import decisions, snoozes
from monitoring.models import CardiacFlag, FlagSnooze, Reminder
from monitoring.words import Decision, DecisionReason, FlagKind, FlagState, ReminderKind
from tests import api, make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SignIn = Callable[[str], Client]


@pytest.fixture
def flag() -> CardiacFlag:
    """On 30 April: LVEF 49 after 52, below 50 without a fall of 10, which is clinical review."""
    plan = make.plan(start=date(2026, 1, 5), given=5, baseline=52)
    make.lvef(plan.patient, 49, date(2026, 4, 30))
    return CardiacFlag.objects.get(kind=FlagKind.FINDING, plan=plan)


def put_off(client: Client, flag: CardiacFlag, until: str, reason: str = "Cardiology answers on Tuesday.") -> Any:
    return client.post(reverse("flag-put-off", args=[flag.uuid]), {"until": until, "reason": reason})


def listed(client: Client, state: str = "open") -> list[CardiacFlag]:
    return [card.flag for card in client.get(reverse("flags"), {"state": state}).context["cards"]]


def test_put_off_it_leaves_the_open_list_and_returns_on_its_morning_without_a_job(flag, clock, sign_in: SignIn):
    omar = sign_in("omar")
    assert put_off(omar, flag, "2026-05-05").status_code == 302
    assert (listed(omar), listed(omar, "put-off")) == ([], [flag])
    clock.move_to("2026-05-04T23:59:00Z")
    assert listed(sign_in("omar")) == []
    clock.move_to("2026-05-05T00:00:00Z")
    assert (listed(sign_in("omar")), listed(sign_in("omar"), "put-off")) == ([flag], [])


def test_the_card_says_until_when_by_whom_and_why(flag, sign_in: SignIn):
    put_off(sign_in("omar"), flag, "2026-05-05")
    for who in ("omar", "nora"):
        page = sign_in(who).get(reverse("flags"), {"state": "put-off"}).content.decode()
        assert "Put off until Tue 5 May 2026" in page
        assert "by Omar Ortega, Thu 30 Apr 2026: Cardiology answers on Tuesday." in page
    act = Act.objects.get(verb="flag.snoozed")
    assert sentence(act) == "put a cardiac flag off until Tue 5 May 2026"
    assert act.reason == "Cardiology answers on Tuesday."


def test_fourteen_days_are_allowed_and_fifteen_are_not(flag, sign_in: SignIn):
    late = put_off(sign_in("omar"), flag, "2026-05-15")
    assert late.status_code == 422
    assert "A flag can be put off for 14 days at most." in late.content.decode()
    assert not FlagSnooze.objects.exists()
    assert put_off(sign_in("omar"), flag, "2026-05-14").status_code == 302


@pytest.mark.parametrize(
    ("until", "reason", "words"),
    [
        ("2026-04-30", "Because.", "Choose a day after today."),
        ("", "Because.", "This field is required."),
        ("2026-05-05", " ", "Say why this can wait."),
    ],
)
def test_bad_input_is_said_beside_its_field_and_saves_nothing(flag, sign_in: SignIn, until, reason, words):
    answer = put_off(sign_in("omar"), flag, until, reason)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not FlagSnooze.objects.exists()


def test_advice_to_withhold_cannot_be_put_off_and_is_not_offered(sign_in: SignIn):
    plan = make.plan(start=date(2026, 1, 5), given=5)
    make.lvef(plan.patient, 40, date(2026, 4, 30))
    urgent = CardiacFlag.objects.get(kind=FlagKind.FINDING)
    assert reverse("flag-put-off", args=[urgent.uuid]) not in sign_in("omar").get(reverse("flags")).content.decode()
    with pytest.raises(Refused, match="this cannot wait"):
        snoozes.begin(by=make.person("omar"), flag=urgent, until=date(2026, 5, 2), reason="Later.")


def test_a_range_whose_lower_end_says_withhold_cannot_be_put_off(sign_in: SignIn):
    plan = make.plan(start=date(2026, 1, 5), given=5)
    make.lvef(plan.patient, "45-50", date(2026, 4, 30))  # a fall of 17 points at one end, of 12 at the other
    flag = CardiacFlag.objects.get(kind=FlagKind.FINDING)
    assert reverse("flag-put-off", args=[flag.uuid]) not in sign_in("omar").get(reverse("flags")).content.decode()
    with pytest.raises(Refused, match="this cannot wait"):
        snoozes.begin(by=make.person("omar"), flag=flag, until=date(2026, 5, 2), reason="Later.")


def test_a_new_result_brings_it_back_at_once(flag, clock, sign_in: SignIn):
    put_off(sign_in("omar"), flag, "2026-05-10")
    clock.move_to("2026-05-02T10:00:00Z")
    make.lvef(flag.patient, 51, date(2026, 5, 2))
    assert flag in listed(sign_in("omar"))
    assert FlagSnooze.objects.get().ended_because == "A new LVEF result is on record."


def test_a_decision_ends_it(flag):
    omar = make.person("omar")
    snoozes.begin(by=omar, flag=flag, until=date(2026, 5, 10), reason="Later.")
    decisions.decide(by=omar, flag=flag, decision=Decision.CONTINUE, reason=DecisionReason.CARDIOLOGY_ADVICE)
    assert FlagSnooze.objects.get().ended_because == "Decided by Omar Ortega."
    with pytest.raises(Refused, match="already decided"):
        snoozes.begin(by=omar, flag=flag, until=date(2026, 5, 10), reason="Later.")


def test_it_is_brought_back_by_one_button_and_put_off_only_once_at_a_time(flag, sign_in: SignIn):
    omar = sign_in("omar")
    put_off(omar, flag, "2026-05-05")
    again = put_off(omar, flag, "2026-05-10")
    assert again.status_code == 422
    assert "Omar Ortega put this flag off until Tue 5 May 2026 already." in again.content.decode()
    omar.post(reverse("flag-bring-back", args=[flag.uuid]))
    assert listed(omar) == [flag]
    assert FlagSnooze.objects.get().ended_because == "Brought back by Omar Ortega."
    assert "not put off" in omar.post(reverse("flag-bring-back", args=[flag.uuid]), follow=True).content.decode()


def test_it_stays_on_the_chart_and_leaves_both_digests(flag, clock, sign_in: SignIn):
    make.person("cora")
    put_off(sign_in("omar"), flag, "2026-05-05")
    clock.move_to("2026-05-01T07:00:00Z")
    tasks.send_reminders()
    assert "No flag waits" in Reminder.objects.get(kind=ReminderKind.FLAG_DIGEST).subject
    assert "Flags undecided" not in Reminder.objects.get(kind=ReminderKind.DIGEST).text
    assert flag.sentence in sign_in("nora").get(reverse("patient", args=[flag.patient.uuid])).content.decode()


def test_programs_put_off_and_bring_back_through_the_same_act(flag):
    address = f"flags/{flag.uuid}/"
    code, _ = api.error(api.post("omar", f"{address}put-off/", 409, until="2026-05-15", reason="Later."))
    assert code == "snooze-too-long"
    shown = api.post("omar", f"{address}put-off/", 200, until="2026-05-05", reason="Later.")
    assert shown["put_off_until"].startswith("2026-05-05T00:00:00")
    assert [one["uuid"] for one in api.get("omar", "flags/", put_off="true")["results"]] == [str(flag.uuid)]
    assert api.get("omar", "flags/", put_off="false", state="open")["results"] == []
    assert api.post("omar", f"{address}bring-back/", 200)["put_off_until"] is None
    assert api.error(api.post("omar", f"{address}bring-back/", 409))[0] == "not-snoozed"
    assert flag.state == FlagState.OPEN
