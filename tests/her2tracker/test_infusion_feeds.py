"""A nurse's and a clinic's infusions as a calendar: they follow every change, name nobody, and end at once."""

from __future__ import annotations

from datetime import date, time

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from her2tracker.accounts.roles import Role
from her2tracker.audit.models import Act
from her2tracker.audit.sentences import sentence
from her2tracker.lib.refusals import Refused
from scheduling.actions import cycles, holds, infusion_feeds
from scheduling.models import InfusionFeed, TreatmentPlan
from scheduling.words import DelayReason, HoldReason
from tests import api, make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to("2026-01-05 09:00", tick=False)


@pytest.fixture
def plan() -> TreatmentPlan:
    return make.plan("trastuzumab-q3w-18", start=START)


def fetched(secret: str) -> list:
    answer = Client().get(reverse("infusions-feed", query={"key": secret}))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert answer["Cache-Control"] == "private, no-store"
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def status(secret: str) -> int:
    return Client().get(reverse("infusions-feed", query={"key": secret})).status_code


def test_an_entry_says_cycle_and_minutes_and_not_whose_it_is(plan):
    cycles.set_time(by=make.person("nora"), cycle_day=make.cycle(plan, 1), starts_at=time(10))
    found = fetched(infusion_feeds.open_feed(by=make.person("nora")))
    row = make.cycle(plan, 1)
    assert str(found[0]["summary"]) == f"Infusion C1 of 18, {row.chair_minutes} min"
    assert found[0].decoded("dtstart").isoformat() == "2026-01-05T10:00:00+00:00"
    assert found[1].decoded("dtstart") == date(2026, 1, 26)
    text = b"".join(event.to_ical() for event in found).decode().lower()
    for told in (plan.patient.family_name, plan.patient.given_name, plan.patient.mrn, "trastuzumab", "her2+"):
        assert told.lower() not in text


def test_a_delay_moves_the_entry_and_adds_none(plan):
    secret = infusion_feeds.open_feed(by=make.person("cora"), of_clinic=True)
    before = {str(event["uid"]): event for event in fetched(secret)}
    row = make.cycle(plan, 2)
    cycles.delay(by=make.person("nora"), cycle_day=row, to_on=date(2026, 1, 29), reason=DelayReason.PATIENT_CHOICE)
    after = {str(event["uid"]): event for event in fetched(secret)}
    uid = f"{row.uuid}@her2tracker"
    assert (before[uid].decoded("dtstart"), after[uid].decoded("dtstart")) == (date(2026, 1, 26), date(2026, 1, 29))
    assert int(after[uid]["sequence"]) > int(before[uid]["sequence"])
    assert len(fetched(secret)) == len(after)


def test_a_held_infusion_says_so(plan):
    secret = infusion_feeds.open_feed(by=make.person("nora"))
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.OTHER)
    assert all(str(event["summary"]).endswith(", on hold") for event in fetched(secret))


def test_an_ended_and_an_unknown_address_answer_404_with_nothing(plan):
    nora = make.person("nora")
    secret = infusion_feeds.open_feed(by=nora)
    assert status(secret) == 200
    infusion_feeds.revoke(by=nora)
    answer = Client().get(reverse("infusions-feed", query={"key": secret}))
    assert (answer.status_code, "VEVENT" in answer.content.decode()) == (404, False)
    assert status("guessed") == status("") == 404
    with pytest.raises(Refused, match="no calendar of infusions"):
        infusion_feeds.revoke(by=nora)


def test_a_new_address_ends_the_one_before_and_no_other(plan):
    nora, cora = make.person("nora"), make.person("cora")
    old, other = infusion_feeds.open_feed(by=nora), infusion_feeds.open_feed(by=cora)
    clinic = infusion_feeds.open_feed(by=nora, of_clinic=True)
    new = infusion_feeds.open_feed(by=nora)
    assert [status(one) for one in (old, new, other, clinic)] == [404, 200, 200, 200]


def test_a_persons_own_ends_with_the_role_the_account_and_the_site(plan):
    nora = make.person("nora")
    secret = infusion_feeds.open_feed(by=nora)
    for name, wrong in (("role", Role.PHARMACIST), ("is_active", False), ("site", make.site(name="Elsewhere"))):
        right = getattr(nora, name)
        setattr(nora, name, wrong)
        nora.save(update_fields=[name])
        assert status(secret) == 404, name
        setattr(nora, name, right)
        nora.save(update_fields=[name])
    assert status(secret) == 200


def test_another_sites_infusions_are_not_in_it(plan):
    assert fetched(infusion_feeds.open_feed(by=make.person("nora", make.site(name="Elsewhere")))) == []


def test_only_the_fingerprint_is_kept_and_the_history_tells_of_it(plan):
    nora = make.person("nora")
    secret = infusion_feeds.open_feed(by=nora)
    assert secret not in str(list(InfusionFeed.objects.values()))
    infusion_feeds.open_feed(by=nora, of_clinic=True)
    infusion_feeds.revoke(by=nora)
    told = [sentence(act) for act in Act.objects.filter(verb__startswith="infusion-feed").order_by("pk")]
    assert told == [
        "opened an own calendar of infusions", "opened the clinic’s calendar of infusions",
        "ended a calendar of infusions",
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["pia", "ada", "xavier"])
def test_only_who_may_share_a_calendar_opens_one(who):
    with pytest.raises(PermissionDenied):
        infusion_feeds.open_feed(by=make.person(who))


def test_the_queries_do_not_grow_with_the_infusions(plan):
    secret = infusion_feeds.open_feed(by=make.person("nora"))
    few = _asked(secret)
    make.plan("trastuzumab-pertuzumab", start=START)
    assert _asked(secret) == few


def _asked(secret: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        fetched(secret)
    return len(captured)


def test_the_page_shows_an_address_once_and_ends_it(plan):
    client = Client()
    client.force_login(make.person("nora"))
    opened = client.post("/feeds/open/", {"of": "own"}).content.decode()
    address = opened.split("<code>")[1].split("</code>")[0]
    assert Client().get(address.replace("http://testserver", "")).status_code == 200
    assert "key=" not in client.get("/feeds/").content.decode()
    assert client.post("/feeds/end/", {"of": "own"}, follow=True).status_code == 200
    assert Client().get(address.replace("http://testserver", "")).status_code == 404


def test_the_same_over_the_api(plan):
    opened = api.post("cora", "infusion-feeds/", 201, of="clinic")
    assert status(opened["address"].split("key=")[1]) == 200
    assert [one["of"] for one in api.get("cora", "infusion-feeds/")] == ["clinic"]
    assert api.post("cora", "infusion-feeds/end/", 200, of="clinic") == {"ended": True}
    assert api.post("cora", "infusion-feeds/end/", 409, of="clinic")["error"]["code"] == "no-feed"
    assert "of" in api.post("cora", "infusion-feeds/", 400, of="everybody")["error"]["fields"]
