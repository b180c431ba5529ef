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
from scheduling.actions import cycles, holds, infusion_feeds, nursing
from scheduling.models import InfusionFeed, TreatmentPlan
from scheduling.words import DelayReason, HoldReason, InfusionsOf
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
    secret = infusion_feeds.open_feed(by=make.person("cora"), of=InfusionsOf.CLINIC)
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
    clinic = infusion_feeds.open_feed(by=nora, of=InfusionsOf.CLINIC)
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
    infusion_feeds.open_feed(by=nora, of=InfusionsOf.CLINIC)
    infusion_feeds.open_feed(by=nora, of=InfusionsOf.ASSIGNED)
    infusion_feeds.revoke(by=nora)
    told = [sentence(act) for act in Act.objects.filter(verb__startswith="infusion-feed").order_by("pk")]
    assert told == [
        "opened an own calendar of infusions", "opened the clinic’s calendar of infusions",
        "opened a calendar of the infusions assigned to them", "ended a calendar of infusions",
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


def take(who: str, row) -> None:
    assert nursing.take(by=make.person(who), cycle_days=[row]).made


def assigned(who: str = "nora") -> str:
    return infusion_feeds.open_feed(by=make.person(who), of=InfusionsOf.ASSIGNED)


def test_a_nurses_own_rows_hold_what_she_has_and_nothing_else(plan):
    other = make.plan("trastuzumab-q3w-18", start=START)
    secret = assigned()
    assert fetched(secret) == []
    mine, theirs = make.cycle(plan, 1), make.cycle(other, 1)
    take("nora", mine)
    take("nils", theirs)
    assert [str(event["uid"]) for event in fetched(secret)] == [f"{mine.uuid}@her2tracker"]
    assert [str(event["uid"]) for event in fetched(assigned("nils"))] == [f"{theirs.uuid}@her2tracker"]


def test_what_is_given_to_a_colleague_or_given_back_leaves_a_nurses_own_rows(plan):
    secret, row = assigned(), make.cycle(plan, 1)
    take("nora", row)
    nursing.assign(by=make.person("cora"), cycle_days=[row], to=make.person("nils"))
    assert fetched(secret) == []
    nursing.assign(by=make.person("cora"), cycle_days=[row], to=make.person("nora"))
    assert len(fetched(secret)) == 1
    nursing.give_back(by=make.person("nora"), cycle_day=row)
    assert fetched(secret) == []


def test_what_moved_away_from_its_day_is_no_longer_in_a_nurses_own_rows(plan):
    secret, row = assigned(), make.cycle(plan, 1)
    take("nora", row)
    cycles.delay(by=make.person("nora"), cycle_day=row, to_on=date(2026, 1, 8), reason=DelayReason.PATIENT_CHOICE)
    assert fetched(secret) == []


def test_a_missed_infusion_stands_in_a_nurses_own_rows_on_the_day_she_took_it_for(plan, time_machine):
    time_machine.move_to("2026-01-07 09:00", tick=False)
    secret, row = assigned(), make.cycle(plan, 1)
    take("nora", row)
    assert [event.decoded("dtstart") for event in fetched(secret)] == [date(2026, 1, 7)]


def test_the_three_addresses_of_a_nurse_end_one_by_one(plan):
    nora = make.person("nora")
    secrets = {of: infusion_feeds.open_feed(by=nora, of=of) for of in InfusionsOf}
    assert set(infusion_feeds.feeds_at(nora)) == {"own", "assigned", "clinic"}
    infusion_feeds.revoke(by=nora, of=InfusionsOf.ASSIGNED)
    assert {of.value: status(secret) for of, secret in secrets.items()} == {"own": 200, "assigned": 404, "clinic": 200}


def test_who_cannot_have_infusions_opens_no_calendar_of_them(plan):
    with pytest.raises(PermissionDenied):
        assigned("cora")
    client = Client()
    client.force_login(make.person("cora"))
    assert client.post("/feeds/open/", {"of": "assigned"}).status_code == 403
    assert "Assigned to you" not in client.get("/feeds/").content.decode()


def test_a_calendar_of_a_kind_that_there_is_none_of_is_not_found(plan):
    client = Client()
    client.force_login(make.person("nora"))
    assert client.post("/feeds/open/", {"of": "everybody"}).status_code == 404
    assert client.post("/feeds/end/", {"of": "everybody"}).status_code == 404


def test_the_page_opens_and_ends_what_is_assigned_to_a_nurse(plan):
    client = Client()
    client.force_login(make.person("nora"))
    assert "Assigned to you" in client.get("/feeds/").content.decode()
    opened = client.post("/feeds/open/", {"of": "assigned"}).content.decode()
    secret = opened.split("<code>")[1].split("</code>")[0].split("key=")[1]
    assert status(secret) == 200
    client.post("/feeds/end/", {"of": "assigned"})
    assert status(secret) == 404


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
