"""What nobody decided is passed on by mail: after 24 hours to the lead, after 48 to the coordinator, each once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission, Role
from her2tracker.audit.models import Act
from monitoring import tasks
from monitoring.actions import decisions, delegations, escalations, reminders, snoozes, sweeps
from monitoring.models import CardiacFlag, CardiacPolicy, FlagEscalation, Reminder, SweepRun
from monitoring.words import Decision, DecisionReason, FlagKind, ReminderKind, SweepName
from tests import make

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


def finding(clock: Any) -> CardiacFlag:
    """LVEF 62 before, 46 now: withhold. Raised on Monday 2 March 2026 at 09:00."""
    clock.move_to("2026-03-02T09:00:00Z")
    plan = make.plan(start=date(2026, 1, 5), given=2)
    make.person("omar")
    make.person("cora")
    make.lvef(plan.patient, 46, date(2026, 3, 2))
    return CardiacFlag.objects.get(kind=FlagKind.FINDING, patient=plan.patient)


def steps() -> list[str]:
    return list(FlagEscalation.objects.values_list("step", flat=True))


def oncologist(who: str) -> User:
    """Another one, for the lead and for who stands in."""
    site = make.site()
    address = f"{who}@{site.name.lower().replace(' ', '-')}.example"
    name = f"{who.capitalize()} Oster"
    return User.objects.create_user(address, make.PASSWORD, full_name=name, role=Role.ONCOLOGIST, site=site)


def mailed() -> list[str]:
    rows = Reminder.objects.filter(kind=ReminderKind.ESCALATION).order_by("pk")
    return [row.recipient.full_name for row in rows.select_related("recipient")]


def test_nothing_is_owed_a_minute_before_24_hours(clock):
    finding(clock)
    clock.move_to("2026-03-03T08:59:00Z")
    assert tasks.escalate_flags() == 0
    assert steps() == []


def test_after_24_hours_every_oncologist_is_mailed_where_no_lead_is_named(clock):
    finding(clock)
    olga = oncologist("olga")
    clock.move_to("2026-03-03T09:00:00Z")
    assert tasks.escalate_flags() == 1
    assert steps() == ["lead"]
    assert sorted(mailed()) == ["Olga Oster", "Omar Ortega"]
    assert olga.may(Permission.DECIDE_FLAGS)


def test_after_24_hours_the_lead_alone_is_mailed_with_links_to_decide(clock):
    finding(clock)
    CardiacPolicy.objects.create(site=make.site(), lead_oncologist=oncologist("olga"))
    clock.move_to("2026-03-03T09:00:00Z")
    tasks.escalate_flags()
    assert mailed() == ["Olga Oster"]
    assert Reminder.objects.get(kind=ReminderKind.ESCALATION).text.count("/flags/decide/") == 3


def test_a_lead_who_is_away_is_mailed_through_who_stands_in(clock):
    finding(clock)
    olga, omar = oncologist("olga"), make.person("omar")
    CardiacPolicy.objects.create(site=make.site(), lead_oncologist=olga)
    delegations.begin(by=olga, to=omar)
    clock.move_to("2026-03-03T09:00:00Z")
    tasks.escalate_flags()
    assert mailed() == ["Omar Ortega"]


def test_a_site_may_have_hours_of_its_own(clock, sign_in: SignIn):
    flag = finding(clock)
    CardiacPolicy.objects.create(site=make.site(), lead_after_hours=4, coordinator_after_hours=8)
    clock.move_to("2026-03-02T12:59:00Z")
    assert tasks.escalate_flags() == 0
    clock.move_to("2026-03-02T13:00:00Z")
    assert tasks.escalate_flags() == 1
    assert '<th scope="row">8 hours</th>' in sign_in("omar").get(reverse("flag", args=[flag.uuid])).content.decode()
    clock.move_to("2026-03-02T17:00:00Z")
    tasks.escalate_flags()
    assert mailed() == ["Omar Ortega", "Cora Castell"]


def test_hours_in_which_a_flag_was_put_off_do_not_count(clock):
    clock.move_to("2026-03-02T09:00:00Z")
    plan = make.plan(start=date(2026, 1, 5), given=2, baseline=52)
    make.lvef(plan.patient, 49, date(2026, 3, 2))  # below 50 without a fall of 10: clinical review
    flag = CardiacFlag.objects.get(kind=FlagKind.FINDING)
    clock.move_to("2026-03-02T21:00:00Z")
    snoozes.begin(by=make.person("omar"), flag=flag, until=date(2026, 3, 7), reason="Reads the images on Friday.")
    clock.move_to("2026-03-06T21:00:00Z")
    assert tasks.escalate_flags() == 0
    clock.move_to("2026-03-07T11:59:00Z")  # twelve hours before it was put off, twelve less a minute after
    assert tasks.escalate_flags() == 0
    clock.move_to("2026-03-07T12:00:00Z")
    assert tasks.escalate_flags() == 1


def test_after_48_hours_the_coordinator_is_mailed_without_a_name_in_it(clock):
    flag = finding(clock)
    clock.move_to("2026-03-04T09:00:00Z")
    tasks.escalate_flags()
    assert (steps(), mailed()) == (["lead", "coordinator"], ["Omar Ortega", "Cora Castell"])
    mail = Reminder.objects.get(kind=ReminderKind.ESCALATION, recipient=make.person("cora"))
    assert mail.subject == "A cardiac flag has waited 48 hours for a decision"
    for private in (flag.patient.family_name, flag.patient.given_name, flag.patient.mrn):
        assert private not in mail.subject + mail.text + mail.html
    assert reverse("flag", args=[flag.uuid]) in mail.text


def test_ten_runs_over_ten_days_take_each_step_once(clock):
    finding(clock)
    counts = []
    for day in range(4, 14):
        clock.move_to(f"2026-03-{day:02}T09:00:00Z")
        counts.append(tasks.escalate_flags())
    assert counts == [2, *[0] * 9]
    assert mailed() == ["Omar Ortega", "Cora Castell"]
    assert Act.objects.filter(verb="flag.escalated").count() == 2


def test_a_worker_that_was_off_for_four_days_writes_what_one_that_never_was_wrote(clock):
    finding(clock)
    clock.move_to("2026-03-08T11:30:00Z")
    assert tasks.escalate_flags() == 2
    assert [str(row.owed_since) for row in FlagEscalation.objects.all()] == [
        "2026-03-03 09:00:00+00:00",
        "2026-03-04 09:00:00+00:00",
    ]


def test_a_decided_flag_climbs_no_further(clock):
    flag = finding(clock)
    clock.move_to("2026-03-03T10:00:00Z")
    tasks.escalate_flags()
    decisions.decide(
        by=make.person("omar"),
        flag=flag,
        decision=Decision.CONTINUE,
        reason=DecisionReason.CARDIOLOGY_ADVICE,
        note="Seen by cardiology.",
    )
    clock.move_to("2026-03-06T10:00:00Z")
    assert tasks.escalate_flags() == 0
    assert (steps(), mailed()) == (["lead"], ["Omar Ortega"])


def test_an_overdue_lvef_does_not_climb_because_only_a_result_closes_it(clock):
    clock.move_to("2026-01-05T09:00:00Z")
    make.plan(start=date(2026, 1, 5), given=1)
    clock.move_to("2026-05-01T09:00:00Z")
    tasks.flag_overdue_echocardiograms()
    clock.move_to("2026-05-10T09:00:00Z")
    assert tasks.escalate_flags() == 0


def test_nobody_of_another_site_hears_of_it(clock):
    make.person("cora", make.site(name="Far clinic"))
    finding(clock)
    clock.move_to("2026-03-05T09:00:00Z")
    tasks.escalate_flags()
    rows = Reminder.objects.filter(kind=ReminderKind.ESCALATION)
    assert {row.recipient.site.name for row in rows} == {"Test clinic"}


def test_a_step_that_cannot_be_written_leaves_nothing_and_is_taken_by_the_next_run(clock, monkeypatch):
    finding(clock)
    clock.move_to("2026-03-05T09:00:00Z")
    with monkeypatch.context() as broken:
        broken.setattr(reminders, "queue", _out_of_order)
        with pytest.raises(Exception, match="could not check"):
            tasks.escalate_flags()
    assert (steps(), mailed()) == ([], [])
    assert not SweepRun.objects.filter(name=SweepName.ESCALATION).exists()
    assert tasks.escalate_flags() == 2
    assert mailed() == ["Omar Ortega", "Cora Castell"]


def test_one_flag_that_cannot_be_passed_on_does_not_keep_the_others_back(clock, monkeypatch):
    bad, good = finding(clock), finding(clock)
    clock.move_to("2026-03-03T10:00:00Z")
    climb = escalations._climb

    def failing(flag: CardiacFlag, *rest: Any) -> int:
        if flag.pk == bad.pk:
            raise ValueError("broken row")
        return climb(flag, *rest)

    monkeypatch.setattr(escalations, "_climb", failing)
    with pytest.raises(sweeps.SweepFailed):
        tasks.escalate_flags()
    assert [row.flag for row in FlagEscalation.objects.all()] == [good]


def _out_of_order(**_: Any) -> bool:
    raise OSError("disk full")


def test_the_command_does_what_the_task_does(clock, capsys):
    finding(clock)
    clock.move_to("2026-03-05T09:00:00Z")
    call_command("escalate_flags")
    assert "Steps taken: 2" in capsys.readouterr().out


@pytest.mark.parametrize("who", ["nora", "omar", "cora", "pia"])
def test_the_flag_shows_the_ladder_and_what_was_done(clock, sign_in: SignIn, who: str):
    flag = finding(clock)
    address = reverse("flag", args=[flag.uuid])
    page = sign_in(who).get(address).content.decode()
    assert page.count("Not reached yet") == 2
    clock.move_to("2026-03-04T09:30:00Z")
    tasks.escalate_flags()
    page = sign_in(who).get(address).content.decode()
    assert "Undecided for more than <strong>48 hours</strong>" in page
    assert page.count("1 mail written") == 2
    assert "Not reached yet" not in page


def test_the_list_asks_no_more_questions_for_more_escalated_flags(clock, sign_in: SignIn):
    def count() -> int:
        omar = sign_in("omar")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            omar.get(reverse("flags"))
        return len(asked)

    finding(clock)
    clock.move_to(timezone.now() + timedelta(days=3))
    tasks.escalate_flags()
    one = count()
    finding(clock)
    clock.move_to("2026-03-05T09:00:00Z")
    tasks.escalate_flags()
    assert FlagEscalation.objects.count() == 4
    assert count() == one
