"""Flags are mailed to whoever answers for the plan, or to who stands in; the mail names nobody and decides nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.test import Client
from django.urls import reverse

from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Role
from her2tracker.audit.models import Act
from her2tracker.audit.sentences import sentence
from her2tracker.lib.refusals import Refused
from monitoring import tasks
from monitoring.actions import decision_links, delegations, urgent
from monitoring.models import CardiacFlag, Delegation, FlagDecision, Reminder
from monitoring.words import FlagKind, ReminderKind, ReminderState
from scheduling.actions import plans
from scheduling.models import TreatmentPlan
from tests import api, make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SignIn = Callable[[str], Client]
START = date(2026, 1, 5)


@pytest.fixture
def olga() -> User:
    """Another oncologist of the test clinic."""
    site = make.site()
    return User.objects.create_user(
        "olga@test-clinic.example", make.PASSWORD, full_name="Olga Oster", role=Role.ONCOLOGIST, site=site
    )


def treated(family_name: str = "Quimby") -> TreatmentPlan:
    of = make.patient(family_name=family_name, given_name="Beatrix", mrn=f"Q-{family_name}")
    return make.plan(start=START, given=5, of=of)


def fallen(plan: TreatmentPlan, figure: int = 40) -> CardiacFlag:
    make.lvef(plan.patient, figure, date(2026, 4, 30))
    return CardiacFlag.objects.get(kind=FlagKind.FINDING, plan=plan)


def mailed(kind: ReminderKind) -> list[str]:
    rows = Reminder.objects.filter(kind=kind).exclude(state=ReminderState.CANCELLED).select_related("recipient")
    return sorted(str(row.recipient) for row in rows)


# Who answers for the plan


def test_whoever_started_the_plan_is_mailed_and_nobody_else(olga):
    fallen(treated())
    assert mailed(ReminderKind.URGENT_FLAG) == ["Omar Ortega"]


def test_another_oncologist_is_named_and_mailed_from_then_on(olga, sign_in: SignIn):
    plan = treated()
    address = reverse("plan-assign", args=[plan.uuid])
    assert "Omar Ortega" in sign_in("omar").get(address).content.decode()
    data = {"to": str(olga.uuid), "note": "Moved to her clinic.", "revision": plan.revision}
    assert sign_in("omar").post(address, data).status_code == 302
    assert "responsible: Olga Oster" in sign_in("nora").get(reverse("plan", args=[plan.uuid])).content.decode()
    told = sentence(Act.objects.get(verb="plan.assigned"))
    assert told == "made Olga Oster the responsible oncologist, after Omar Ortega"
    fallen(plan)
    assert mailed(ReminderKind.URGENT_FLAG) == ["Olga Oster"]


def test_only_an_oncologist_of_the_site_can_answer_for_a_plan(olga):
    plan, omar = treated(), make.person("omar")
    far = make.person("omar", make.site(name="Far clinic"))
    for nobody in (make.person("nora"), far):
        with pytest.raises(Refused, match="an oncologist of this site"):
            plans.assign(by=omar, plan=plan, to=nobody)
    with pytest.raises(Refused, match="already"):
        plans.assign(by=omar, plan=plan, to=omar)


def test_a_change_meanwhile_is_told_and_not_overwritten(olga):
    plan = treated()
    plans.assign(by=make.person("omar"), plan=plan, to=olga, revision=plan.revision)
    with pytest.raises(Refused, match="changed this plan"):
        plans.assign(by=make.person("omar"), plan=plan, to=make.person("omar"), revision=plan.revision)


def test_programs_name_the_responsible_oncologist(olga):
    plan = treated()
    shown = api.post("omar", f"plans/{plan.uuid}/assign/", 200, to=olga.email, revision=plan.revision)
    assert shown["responsible"] == "Olga Oster"
    answer = api.post("omar", f"plans/{plan.uuid}/assign/", 409, to="nobody@test-clinic.example")
    assert api.error(answer)[0] == "unknown-person"


def test_when_the_responsible_oncologist_has_left_everybody_who_may_decide_is_mailed(olga):
    plan, omar = treated(), make.person("omar")
    omar.is_active = False
    omar.save(update_fields=["is_active"])
    fallen(plan)
    assert mailed(ReminderKind.URGENT_FLAG) == ["Olga Oster"]


# Who stands in


def test_what_is_sent_to_her_goes_to_who_stands_in_and_back_when_it_ends(olga, clock, sign_in: SignIn):
    first, second = treated("Quimby"), treated("Quill")
    omar = sign_in("omar")
    assert omar.post(reverse("stand-in"), {"to": str(olga.uuid), "since": "", "until": ""}).status_code == 302
    fallen(first)
    clock.move_to("2026-05-01T07:00:00Z")
    tasks.send_reminders()
    assert mailed(ReminderKind.URGENT_FLAG) == ["Olga Oster"]
    assert mailed(ReminderKind.FLAG_DIGEST) == ["Olga Oster"]
    row = Delegation.objects.get()
    sign_in("omar").post(reverse("stand-in-end", args=[row.uuid]))
    fallen(second)
    assert mailed(ReminderKind.URGENT_FLAG) == ["Olga Oster", "Omar Ortega"]
    told = [sentence(act) for act in Act.objects.filter(verb__startswith="delegation.").order_by("at")]
    assert told == [
        "asked Olga Oster to stand in, from Thu 30 Apr 2026 until it is ended",
        "ended that Olga Oster stands in for Omar Ortega",
    ]


def test_both_see_it_on_their_flags_page(olga, sign_in: SignIn):
    delegations.begin(by=make.person("omar"), to=olga, until=date(2026, 5, 8))
    hers = Client()
    hers.force_login(olga)
    assert "Olga Oster stands in for you" in sign_in("omar").get(reverse("flags")).content.decode()
    page = hers.get(reverse("flags")).content.decode()
    assert "You stand in for Omar Ortega" in page
    assert "until Fri 8 May 2026 inclusive" in page
    assert "stands in" not in sign_in("nora").get(reverse("flags")).content.decode()


@pytest.mark.parametrize(
    ("moment", "name"),
    [
        ("2026-05-03T23:59:00Z", "Omar Ortega"),
        ("2026-05-04T00:00:00Z", "Olga Oster"),
        ("2026-05-08T23:59:00Z", "Olga Oster"),
        ("2026-05-09T00:00:00Z", "Omar Ortega"),
    ],
)
def test_it_begins_on_its_morning_and_ends_with_its_last_day(olga, clock, moment, name):
    plan = treated()
    delegations.begin(by=make.person("omar"), to=olga, since=date(2026, 5, 4), until=date(2026, 5, 8))
    clock.move_to(moment)
    fallen(plan)
    assert mailed(ReminderKind.URGENT_FLAG) == [name]


def test_two_who_stand_in_for_each_other_still_hear(olga):
    delegations.begin(by=make.person("omar"), to=olga)
    delegations.begin(by=olga, to=make.person("omar"))
    fallen(treated())
    assert mailed(ReminderKind.URGENT_FLAG) == ["Olga Oster"]


def test_who_stands_in_and_then_left_leaves_no_orphan(olga):
    delegations.begin(by=make.person("omar"), to=olga)
    User.objects.filter(pk=olga.pk).update(is_active=False)
    fallen(treated())
    assert mailed(ReminderKind.URGENT_FLAG) == ["Omar Ortega"]


def test_bad_input_is_refused_in_words(olga, sign_in: SignIn):
    omar, address = sign_in("omar"), reverse("stand-in")
    for data, words in (
        ({"to": ""}, "This field is required."),
        ({"to": str(make.person("nora").uuid)}, "Select a valid choice."),
        ({"to": str(olga.uuid), "since": "2026-04-29"}, "Choose today or a later day."),
        ({"to": str(olga.uuid), "since": "2026-05-05", "until": "2026-05-04"}, "cannot lie before the first"),
    ):
        answer = omar.post(address, data)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert omar.post(address, {"to": str(olga.uuid)}).status_code == 302
    assert "End that first" in omar.post(address, {"to": str(olga.uuid)}).content.decode()


def test_nobody_ends_what_is_between_two_others(olga):
    row = delegations.begin(by=make.person("omar"), to=olga)
    third = User.objects.create_user(
        "otto@test-clinic.example", full_name="Otto Ost", role=Role.ONCOLOGIST, site=make.site()
    )
    with pytest.raises(Refused, match="Only the two people"):
        delegations.end(by=third, delegation=row)


def test_programs_hand_over_and_take_back(olga):
    made = api.post("omar", "stand-ins/", 201, to=olga.email, until="2026-05-08")
    assert (made["person"], made["to"], made["until"][:10]) == ("Omar Ortega", "Olga Oster", "2026-05-09")
    assert [one["uuid"] for one in api.get("omar", "stand-ins/")] == [made["uuid"]]
    assert api.post("omar", f"stand-ins/{made['uuid']}/end/", 200)["ended_at"] is not None
    assert api.error(api.post("omar", f"stand-ins/{made['uuid']}/end/", 409))[0] == "over-already"


# The daily digest


def test_one_red_and_two_yellow_in_one_mail_that_names_nobody(clock):
    red, yellow = fallen(treated("Quimby")), make.plan(start=START, given=5, baseline=52)
    fallen(yellow, 49)
    late = make.plan(start=START, given=2, of=make.patient(family_name="Late"))
    clock.move_to("2026-05-01T06:00:00Z")
    tasks.flag_overdue_echocardiograms()
    tasks.send_reminders()
    mail = Reminder.objects.get(kind=ReminderKind.FLAG_DIGEST)
    assert mail.subject == "Cardiac flags: 1 red, 2 yellow – Fri 1 May 2026"
    for plan in (red.plan, yellow, late):
        for private in (plan.patient.family_name, plan.patient.given_name, plan.patient.mrn, "1970"):
            assert private not in mail.subject + mail.text + mail.html
    assert mail.text.count("/flags/decide/") == 9
    assert mail.text.index("RED") < mail.text.index("LVEF overdue")


def test_one_digest_a_day_however_often_it_is_asked_for(clock):
    fallen(treated())
    clock.move_to("2026-05-01T05:59:00Z")
    tasks.send_reminders()
    assert mailed(ReminderKind.FLAG_DIGEST) == []
    clock.move_to("2026-05-01T06:00:00Z")
    for _ in range(5):
        tasks.send_reminders()
    assert mailed(ReminderKind.FLAG_DIGEST) == ["Omar Ortega"]


def test_each_oncologist_hears_of_her_own_plans_only(olga, clock):
    mine, hers = treated("Quimby"), treated("Quill")
    plans.assign(by=make.person("omar"), plan=hers, to=olga)
    for plan in (mine, hers):
        fallen(plan)
    clock.move_to("2026-05-01T07:00:00Z")
    tasks.send_reminders()
    for who, plan in (("Omar Ortega", mine), ("Olga Oster", hers)):
        mail = Reminder.objects.get(kind=ReminderKind.FLAG_DIGEST, recipient__full_name=who)
        assert mail.subject.startswith("Cardiac flags: 1 red –")
        assert str(CardiacFlag.objects.get(plan=plan).uuid) in mail.text


# Links


def links(flag: CardiacFlag) -> list[str]:
    mail = Reminder.objects.get(kind=ReminderKind.URGENT_FLAG, about=f"flag:{flag.uuid}")
    return re.findall(r"https?://[^/\s]+(/flags/decide/\S+)", urgent.written(mail)[0])


def test_each_of_three_links_opens_its_form_and_decides_nothing(sign_in: SignIn):
    flag = fallen(treated())
    names = []
    for address in links(flag):
        page = sign_in("omar").get(address, follow=True)
        assert page.status_code == 200
        opened = [option for option in page.context["card"].options if option.is_open]
        names += [option.decision.value for option in opened]
    assert names == ["hold", "continue-with-cardiology", "repeat"]
    assert not FlagDecision.objects.exists()


def test_without_sign_in_a_link_shows_the_sign_in_page_and_reveals_nothing():
    flag = fallen(treated())
    page = Client().get(links(flag)[0], follow=True)
    assert page.redirect_chain[0][0].startswith("/account/login/")
    text = page.content.decode()
    for private in ("Quimby", "Beatrix", "Q-Quimby", "40 %", "Withhold"):
        assert private not in text


def test_after_sign_in_the_link_goes_on_to_its_form(settings):
    flag = fallen(treated())
    link = links(flag)[0]
    browser = Client()
    login = browser.get(link)["Location"]
    omar = make.person("omar")
    answer: Any = browser.post(login, {"login": omar.email, "password": make.PASSWORD})
    assert answer["Location"] == link


@pytest.mark.parametrize("cut", [4, 40])
def test_a_spoilt_link_leads_to_the_list_with_a_calm_sentence(sign_in: SignIn, cut: int):
    page = sign_in("omar").get(links(fallen(treated()))[0][:-cut] + "x/", follow=True)
    assert page.status_code == 200
    assert page.redirect_chain[-1][0] == "/flags/"
    assert "This link is not complete. Here are the flags as they stand now." in page.content.decode()


def test_a_link_of_another_purpose_is_not_a_link(sign_in: SignIn):
    flag = fallen(treated())
    token = signing.dumps([str(flag.uuid), "hold"], salt="another")
    page = sign_in("omar").get(reverse("flag-link", args=[token]), follow=True)
    assert page.redirect_chain[-1][0] == "/flags/"


def test_a_link_works_for_fourteen_days_and_then_leads_to_the_list(sign_in: SignIn):
    link = links(fallen(treated()))[0]
    with time_machine.travel("2026-05-14T08:59:00Z", tick=False):
        assert "decision=hold" in sign_in("omar").get(link)["Location"]
    with time_machine.travel("2026-05-14T09:01:00Z", tick=False):
        page = sign_in("omar").get(link, follow=True)
        assert "more than 14 days old" in page.content.decode()


def test_a_link_is_for_who_may_decide_at_the_same_site(sign_in: SignIn):
    link = links(fallen(treated()))[0]
    assert sign_in("nora").get(link).status_code == 403
    stranger = Client()
    stranger.force_login(make.person("omar", make.site(name="Far clinic")))
    assert stranger.get(link).status_code == 404


def test_a_link_of_a_flag_decided_meanwhile_shows_that(sign_in: SignIn):
    flag = fallen(treated())
    omar = sign_in("omar")
    data = {
        "decision": "continue-with-cardiology", "reason": "cardiology-advice", "note": "", "decisions_seen": 0,
    }  # fmt: skip
    assert omar.post(reverse("flag", args=[flag.uuid]), data).status_code == 302
    page = omar.get(links(flag)[0], follow=True).content.decode()
    assert "Continue with cardiology" in page
    assert "by Omar Ortega" in page


def test_reading_a_link_gives_back_what_was_written():
    flag = fallen(treated())
    token = decision_links.links_for(flag)[2].url.rstrip("/").rpartition("/")[2]
    uuid, decision = decision_links.read(token)
    assert (uuid, decision.value) == (flag.uuid, "repeat")
