"""A change of the schedule is previewed with what moves beside the infusions: echoes, hours, the patient's calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

import pytest
from django.test import Client
from django.urls import reverse

from monitoring.actions import assessments
from monitoring.models.foretold import echoes_to_come
from monitoring.models.standing import standing_of
from scheduling.actions import cycles, feeds
from scheduling.models import TreatmentPlan
from scheduling.models.standing import projection_of
from scheduling.words import DelayReason
from tests import api, make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SignIn = Callable[[str], Client]


def four_given(clock, **fields) -> TreatmentPlan:
    """Trastuzumab from Mon 5 Jan 2026, four given until 9 March; on Fri 13 March the fifth waits for 30 March."""
    clock.move_to("2026-03-13T07:25:00Z")
    patient = make.patient()
    make.lvef(patient, 62, date(2025, 12, 29))
    return make.plan(start=date(2026, 1, 5), given=4, of=patient, baseline=None, **fields)


def beside(row, to_on: str, *, who: str = "nora", scope: str = "later") -> list[tuple]:
    """What the API's preview of a delay says."""
    shown = api.post(who, f"cycle-days/{row.uuid}/delay/preview/", 200, to_on=to_on, scope=scope)["beside"]
    return [(one["what"], one["old_on"], one["new_on"]) for one in shown]


def test_the_echo_at_completion_and_those_after_it_are_shown_to_move_and_then_do(clock):
    plan = four_given(clock)
    before = beside(make.cycle(plan, 5), "2026-04-13")
    # 17 doses, the last 48 weeks after 5 January: 7 December. Two weeks late it is 21 December.
    completion = next(one for one in before if one[0] == "Echo at completion")
    assert completion == ("Echo at completion", "2026-12-07", "2026-12-21")
    cycles.delay(
        by=make.person("nora"),
        cycle_day=make.cycle(plan, 5),
        to_on=date(2026, 4, 13),
        reason=DelayReason.PATIENT_CHOICE,
    )
    plan = TreatmentPlan.objects.with_facts().get(pk=plan.pk)
    stands = echoes_to_come(standing_of(plan), projection_of(plan, today=date(2026, 3, 13)))
    told = [new_on for what, _, new_on in before if what.startswith("Echo at") or what == "Echo after treatment"]
    now = [echo.on.isoformat() for echo in stands if echo.occasion.value in ("completion", "follow-up")]
    assert told == now


def test_an_appointment_on_the_day_of_the_infusion_stays_and_says_that_it_no_longer_is(clock, sign_in: SignIn):
    plan = four_given(clock)
    assessments.book_echo(by=make.person("cora"), plan=plan, booked_for=date(2026, 3, 30), lab="Echo lab")
    page = sign_in("nora").get(reverse("cycle-delay", args=[make.cycle(plan, 5).uuid]), {"to_on": "2026-04-06"})
    assert "It stays, and is then no longer on the day of an infusion" in page.content.decode()
    assert ("Echo booked", "2026-03-30", "2026-03-30") in beside(make.cycle(plan, 5), "2026-04-06")


def test_the_hour_agreed_for_a_day_is_shown_to_be_dropped_with_it(clock):
    plan = four_given(clock)
    cycles.set_time(by=make.person("nora"), cycle_day=make.cycle(plan, 5), starts_at=time(9, 30))
    assert ("Hour of cycle 5", "2026-03-30", None) in beside(make.cycle(plan, 5), "2026-04-06")
    row = make.cycle(plan, 5)
    cycles.delay(by=make.person("nora"), cycle_day=row, to_on=date(2026, 4, 6), reason=DelayReason.PATIENT_CHOICE)
    assert make.cycle(plan, 5).starts_at is None


def test_a_calendar_the_patient_subscribed_to_is_named_and_only_then(clock):
    plan = four_given(clock)
    names = [what for what, *_ in beside(make.cycle(plan, 5), "2026-04-06")]
    assert "Patient's calendar" not in names
    feeds.open_feed(by=make.person("cora"), patient=plan.patient, language="en", discreet=True)
    assert ("Patient's calendar", None, None) in beside(make.cycle(plan, 5), "2026-04-06")


def test_ceasing_shows_that_completion_comes_at_once_and_the_dates_after_it(clock, sign_in: SignIn):
    plan = four_given(clock)
    shown = api.post("omar", f"plans/{plan.uuid}/cease/preview/", 200)
    assert (shown["after"]["left"], shown["after"]["last_on"]) == (0, "2026-03-09")
    assert shown["changed"][0]["consequences"] == ["the plan ends: no longer planned"]
    assert len(shown["changed"]) == 13
    completion = next(one for one in shown["beside"] if one["what"] == "Echo at completion")
    assert (completion["old_on"], completion["new_on"]) == ("2026-12-07", "2026-03-09")
    assert "Echo at completion" in sign_in("omar").get(reverse("plan-cease", args=[plan.uuid])).content.decode()


def test_what_changes_no_date_moves_nothing_beside_it(clock):
    plan = four_given(clock)
    shown = api.post("omar", f"plans/{plan.uuid}/policy/preview/", 200, reload_with_pertuzumab="eu-hp")
    assert shown["changed"] == []
    assert shown["beside"] == []
