"""The list of a day is read once for all who see the same version of it, and every change makes another version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from her2tracker.accounts.models import User
from her2tracker.clinic import live, site_actions
from her2tracker.clinic.live import is_current, version_of
from scheduling.actions import (
    administrations,
    bookings,
    chairs,
    chairside,
    changes,
    closed_days,
    cycles,
    holds,
    patients,
    releases,
)
from scheduling.actions.administrations import Dose
from scheduling.models import Patient, TreatmentPlan
from scheduling.words import DelayReason, HoldReason, OverrideReason, ReactionAction, ReactionSign
from tests import api, make

pytestmark = pytest.mark.django_db
START, TODAY = date(2026, 1, 5), date(2026, 3, 30)  # the fifth of every three weeks is on that Monday
PAGE, DAY = "/today/", "/api/v1/today/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-30T07:27:00Z", tick=False):
        yield


@pytest.fixture(autouse=True)
def _kept_for_long(settings):
    """So long that only another version can bring another list."""
    settings.DAY_KEPT_SECONDS = 3600
    live.forget()
    yield
    live.forget()


@pytest.fixture
def nora() -> Client:
    client = Client()
    client.force_login(make.person("nora"))
    return client


def listed(client: Client) -> str:
    """The list alone, without the name of its version."""
    text = client.get(PAGE).content.decode()
    return text[text.index('hx-swap="outerHTML"') :]


def anew(client: Client) -> str:
    live.forget()
    return listed(client)


def _changes(plan: TreatmentPlan, other: TreatmentPlan) -> list[tuple[str, Callable[[], object]]]:
    nora, omar, cora, ada = (make.person(who) for who in ("nora", "omar", "cora", "ada"))
    fifth, anna = make.cycle(plan, 5), plan.patient
    chair = chairs.add(by=ada, name="Chair 1")
    chairs.set_hours(by=ada, hours={day: (time(8), time(16)) for day in range(5)}, set_up_minutes=0)
    reaction = {
        "agent": "trastuzumab-emtansine", "seen_on": TODAY, "seen_at": time(7, 20), "grade": 2,
        "signs": [ReactionSign.FEVER],
        "action": ReactionAction.INTERRUPTED,
    }  # fmt: skip
    asks = {"site": {}, "scheduling": {"release_required": True}, "monitoring": {}}
    return [
        ("hour", lambda: cycles.set_time(by=nora, cycle_day=fifth, starts_at=time(9))),
        ("chair", lambda: bookings.book(by=nora, cycle_day=fifth, chair=chair, starts_at=time(10))),
        ("allergies", lambda: patients.update(by=cora, patient=anna, allergies="Penicillin")),
        ("name", lambda: patients.update(by=cora, patient=anna, family_name="Otherwise")),
        ("laboratory", lambda: make.labs(make.cycle(other, 1), TODAY)),
        ("level", lambda: changes.reduce(
            by=omar, plan=other, agent="trastuzumab-emtansine", from_cycle=1, reason="Low platelets.")),
        ("given", lambda: make.give(make.cycle(other, 1))),
        ("reaction", lambda: chairside.record_reaction(by=nora, cycle_day=make.cycle(other, 1), **reaction)),
        ("site", lambda: site_actions.change(by=ada, **asks)),
        ("release", lambda: releases.release(by=omar, cycle_day=fifth)),
        ("weight", lambda: make.weight(anna, 90, TODAY)),
        ("hold", lambda: holds.begin(by=omar, plan=plan, reason=HoldReason.CARDIAC_SYMPTOMS)),
        ("resumed", lambda: holds.resume(by=omar, plan=plan, note="Seen, well.")),
        ("result", lambda: make.lvef(anna, 44, TODAY)),
        ("override", lambda: cycles.override(
            by=omar, cycle_day=fifth, reason=OverrideReason.CARDIOLOGY_ADVICE, note="Cardiology advises to go on.")),
        ("delay", lambda: cycles.delay(
            by=omar, cycle_day=fifth, to_on=date(2026, 3, 31), reason=DelayReason.PATIENT_CHOICE)),
        ("delay undone", lambda: changes.undo(by=omar, plan=plan, reason="Can come after all.")),
        ("closed", lambda: closed_days.close(by=ada, on=TODAY, name="Stocktaking")),
        ("new plan", lambda: make.plan(start=TODAY)),
    ]  # fmt: skip


def test_whatever_changes_the_list_makes_another_version_and_shows_at_once(nora):
    """Weight: of the doses alone that are ordered anew; here it must at least never show an older list."""
    plan, other = make.plan(start=START, given=4), make.plan("t-dm1", start=TODAY)
    site, unseen = make.site(), []
    for name, change in _changes(plan, other):
        seen, version = listed(nora), version_of(site)
        change()
        after = listed(nora)
        assert version_of(site) != version, name
        assert after == anew(nora), name
        unseen += [name] if after == seen else []
    assert set(unseen) <= {"weight", "laboratory", "reaction"}, unseen


def test_while_nothing_changes_the_list_is_read_once_for_all_with_the_same_permissions(nora):
    make.plan(start=START, given=4)
    first = listed(nora)
    with CaptureQueriesContext(connection) as captured:
        assert listed(nora) == first
    assert not any("scheduling_" in query["sql"] for query in captured.captured_queries)
    pia = Client()
    pia.force_login(make.person("pia"))
    assert "Record …" in first
    assert "Record …" not in listed(pia)


def test_another_site_is_never_given_this_one_s_list(nora):
    mine = make.plan(start=START, given=4).patient
    other = make.site(name="Other clinic")
    theirs = Client()
    theirs.force_login(make.person("nora", other))
    assert mine.mrn in listed(nora)
    assert mine.mrn not in listed(theirs)
    assert mine.mrn in api.client("nora").get(DAY).content.decode()
    assert mine.mrn not in api.client("nora", other).get(DAY).content.decode()


def test_what_was_written_past_the_product_shows_when_the_list_is_no_longer_kept(nora, settings):
    plan = make.plan(start=START, given=4)
    settings.DAY_KEPT_SECONDS = 0
    listed(nora)
    Patient.objects.filter(pk=plan.patient_id).update(allergies="Latex")
    assert "Latex" in listed(nora)


def test_an_open_page_is_told_nothing_until_something_changes(nora):
    plan = make.plan(start=START, given=4)
    again = _address(nora.get(PAGE).content.decode())
    asked = {"headers": {"HX-Request": "true"}}
    unchanged = nora.get(again, **asked)
    assert (unchanged.status_code, unchanged.content) == (204, b"")
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.CARDIAC_SYMPTOMS)
    changed = nora.get(again, **asked)
    assert changed.status_code == 200
    assert "On hold" in changed.content.decode()
    assert nora.get(_address(changed.content.decode()), **asked).status_code == 204


def _address(text: str) -> str:
    return text.split('hx-get="', 1)[1].split('"', 1)[0].replace("&amp;", "&")


def test_the_end_of_an_observation_is_a_change_though_nobody_records_anything(nora):
    """T-DM1 is watched for 90 minutes after the first infusion (CLINICAL.md): from 07:20 until 08:50."""
    site = make.site()
    row = make.cycle(make.plan("t-dm1", start=TODAY), 1)
    make.labs(row, TODAY)
    agent, timed = "trastuzumab-emtansine", {"started_at": time(5, 50), "stopped_at": time(7, 20)}
    dose = Dose(agent, mg=Decimal(252), product=make.product(agent), **timed)  # 3.6 mg/kg × 70 kg
    administrations.record(by=make.person("nora"), cycle_day=row, given_on=TODAY, doses=[dose])
    read = Client()
    read.force_login(make.person("nora"))
    text = read.get(PAGE).content.decode()
    assert "Observe until <strong>08:50</strong>" in text
    seen = _address(text).split("seen=", 1)[1].split("&", 1)[0]
    with time_machine.travel("2026-03-30T07:59:00Z", tick=False):
        assert is_current(seen, version_of(site))
    with time_machine.travel("2026-03-30T08:49:00Z", tick=False):
        text = read.get(PAGE).content.decode()
        seen = _address(text).split("seen=", 1)[1].split("&", 1)[0]
        assert is_current(seen, version_of(site))
    with time_machine.travel("2026-03-30T08:50:00Z", tick=False):
        assert not is_current(seen, version_of(site))
        assert "Observed until 08:50: may leave" in read.get(PAGE).content.decode()


def test_another_hour_and_another_day_are_other_versions():
    site = make.site()
    at = {}
    for moment in ("2026-03-30T07:59:59Z", "2026-03-30T08:00:00Z", "2026-03-31T08:00:00Z"):
        with time_machine.travel(moment, tick=False):
            at[moment] = version_of(site)
    assert len(set(at.values())) == 3


@pytest.mark.parametrize("seen", ["", ".", "x", "1-2026033007-0-0.tomorrow", "0.209901010000"])
def test_what_was_never_a_version_is_not_current(seen, nora):
    make.plan(start=START)
    assert nora.get(PAGE, {"seen": seen}, headers={"HX-Request": "true"}).status_code == 200


def test_the_api_answers_304_to_who_has_this_version_and_the_day_to_everybody_else():
    plan = make.plan(start=START, given=4)
    program = api.client("nora")
    first = program.get(DAY)
    tag = first.headers["ETag"]
    with CaptureQueriesContext(connection) as captured:
        same = program.get(DAY, headers={"If-None-Match": tag})
    assert (same.status_code, same.content) == (304, b"")
    assert len(captured) == 2  # who asks, and the version
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.CARDIAC_SYMPTOMS)
    changed = program.get(DAY, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.json()["rows"][0]["state"] == "hold"
    assert changed.headers["ETag"] != tag


def test_who_may_not_see_patients_is_told_no_version_either(settings):
    tag = api.client("nora").get(DAY).headers["ETag"]
    for who in ("xavier", "ada"):
        assert api.client(who).get(DAY, headers={"If-None-Match": tag}).status_code == 403


def test_no_more_than_a_few_lists_are_kept(nora):
    for day in range(1, 29):
        for show in ("all", "not-ready"):
            nora.get(PAGE, {"on": f"2026-02-{day:02}", "show": show})
    assert len(live._lists._rows) == live._MOST_KEPT


def test_a_role_that_changes_changes_what_is_offered(nora):
    make.plan(start=START, given=4)
    assert "Record …" in listed(nora)
    User.objects.filter(pk=make.person("nora").pk).update(role="pharmacist")
    assert "Record …" not in listed(nora)


def test_doses_are_written_as_they_were_read(nora):
    plan = make.plan(start=START, given=4, kg=68)
    dose = api.get("nora", "today/")["rows"][0]["cycle_day"]["administrations"][0]
    assert dose["planned_mg"] == "408"  # 6 mg/kg × 68 kg
    assert Decimal(dose["planned_mg"]) == make.cycle(plan, 5).administrations.get().planned_mg
