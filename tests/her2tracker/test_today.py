"""Today: what a nurse sees at 07:27, for any day, at a constant price."""

from __future__ import annotations

from datetime import date, time

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.actions import assessments
from scheduling.actions import changes, closed_days, cycles, holds
from scheduling.words import HoldReason, OmissionReason, OverrideReason
from tests import make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-01-05T07:27:00Z", tick=False):
        yield


@pytest.fixture
def seen(client):
    """The list as Nora sees it, as one line of text."""

    def get(query: str = "", who: str = "nora") -> str:
        client.force_login(make.person(who))
        response = client.get(f"/today/{query}")
        assert response.status_code == 200
        return " ".join(response.content.decode().replace("\u2009", " ").split())

    return get


def test_a_row_has_two_identifiers_cycle_agents_amounts_minutes_and_state(seen):
    plan = make.plan("trastuzumab-pertuzumab", start=START, kg=68)
    cycles.set_time(by=make.person("nora"), cycle_day=make.cycle(plan, 1), starts_at=time(9, 0))
    text = seen()
    assert "09:00" in text
    assert "TESTCASE, Anna" in text
    assert f'17 May 1970 · <span class="nowrap">MRN {plan.patient.mrn}</span>' in text
    assert "cycle 1 of 18" in text
    assert "544 mg" in text  # 8 mg/kg × 68 kg
    assert "840 mg" in text
    assert text.count(">Loading<") == 2
    assert "state-ready" in text
    assert "Record …" in text


def test_an_infusion_without_an_hour_says_so(seen):
    make.plan(start=START)
    assert "no time" in seen()


def test_a_first_infusion_without_a_loading_dose_is_marked_first(seen):
    make.plan("t-dm1", start=START)
    assert ">First<" in seen()


def test_each_thing_missing_is_named_with_whose_it_is(seen):
    make.plan(start=START, baseline=None)
    text = seen()
    assert "No baseline LVEF" in text
    assert "Oncologist" in text
    assert "state-hold" in text


def test_a_held_row_is_struck_and_says_who_decides(seen):
    plan = make.plan(start=START)
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.LVEF_FALL)
    text = seen()
    assert 'class="is-held"' in text
    assert "On hold: fall of LVEF" in text
    assert "Omar Ortega decides" in text


def test_a_withhold_finding_shows_on_the_row_until_it_is_overridden(seen):
    plan = make.plan(start=START, given=1)
    with time_machine.travel("2026-01-26T08:00:00Z", tick=False):
        make.lvef(plan.patient, 46, date(2026, 1, 25))
        assert "Withhold advised" in seen()
        cycles.override(
            by=make.person("omar"),
            cycle_day=make.cycle(plan, 2),
            reason=OverrideReason.CARDIOLOGY_ADVICE,
            note="Cardiology saw her today.",
        )
        text = seen()
        assert "Ready, by override" in text
        assert "overridden by Omar Ortega" in text


def test_given_and_omitted_stay_in_place_and_say_who(seen):
    given, omitted = make.plan(start=START), make.plan(start=START)
    make.give(make.cycle(given, 1))
    cycles.omit(by=make.person("nora"), cycle_day=make.cycle(omitted, 1), reason=OmissionReason.INTERCURRENT_ILLNESS)
    text = seen()
    assert "Given, recorded 07:27" in text
    assert "Omitted: intercurrent illness" in text
    assert text.count('class="is-done"') == 2
    assert "Nora Nilsen" in text


def test_not_ready_lists_only_what_lacks_something(seen):
    ready, lacking = make.plan(start=START), make.plan(start=START, baseline=None)
    text = seen("?show=not-ready")
    assert lacking.patient.mrn in text
    assert ready.patient.mrn not in text
    assert 'Not ready <span class="count">1</span>' in text
    assert 'All <span class="count">2</span>' in text


def test_an_empty_day_says_when_the_next_infusions_are(seen):
    make.plan(start=START)
    text = seen("?on=2026-01-25")
    assert "No infusions on Sun 25 Jan 2026" in text
    assert "The next are on Mon 26 Jan 2026" in text


def test_the_arrows_go_to_the_nearest_days_with_infusions(seen):
    make.plan(start=START, given=1)
    text = seen("?on=2026-01-10")
    assert "?on=2026-01-05" in text
    assert "?on=2026-01-26" in text


def test_a_date_that_cannot_be_read_shows_today_and_says_so(seen):
    for wrong in ("yesterday", "2026-02-31", "9999-12-31"):
        text = seen(f"?on={wrong}")
        assert "That was not a date" in text
        assert "Today, Mon 5 Jan 2026" in text


@time_machine.travel("2026-04-07T07:27:00Z", tick=False)
def test_a_missed_infusion_says_what_giving_it_today_means(seen):
    """Cycle 5 was planned on 30 March: on 7 April it is 8 days late, 29 since the last dose."""
    make.plan(start=START, given=4)
    text = seen()
    assert "Missed, 1 infusion nobody decided" in text
    assert "Missed on Mon 30 Mar 2026" in text
    assert "29 days since the last dose, 8 late" in text
    assert "560 mg" in text  # 8 mg/kg × 70 kg
    assert ">Re-load<" in text


@time_machine.travel("2026-04-06T07:27:00Z", tick=False)
def test_seven_days_late_is_still_maintenance(seen):
    make.plan(start=START, given=4)
    text = seen()
    assert "28 days since the last dose, 7 late" in text
    assert "420 mg" in text
    assert ">Re-load<" not in text


@time_machine.travel("2026-04-20T07:27:00Z", tick=False)
def test_a_cycle_waits_for_an_earlier_one_that_nobody_decided(seen):
    make.plan(start=START, given=4)  # cycle 5 of 30 March undecided, cycle 6 planned for today
    assert "Cycle 5 of Mon 30 Mar 2026 is undecided" in seen()


@time_machine.travel("2026-04-07T07:27:00Z", tick=False)
def test_nothing_is_missed_on_another_day_s_list(seen):
    make.plan(start=START, given=4)
    assert "Missed, 1 infusion" not in seen("?on=2026-04-08")
    assert "Missed on Mon 30 Mar 2026" in seen("?on=2026-03-30")


def test_another_site_s_infusions_are_not_seen(seen):
    other = make.site(name="Other clinic")
    elsewhere = make.plan(start=START, of=make.patient(other))
    assert elsewhere.patient.mrn not in seen()


def test_only_who_may_record_is_offered_to(seen):
    make.plan(start=START)
    assert "Record …" not in seen(who="pia")


@pytest.mark.parametrize("who", ["ada", "xavier"])
def test_who_may_not_see_patients_is_refused(client, who):
    client.force_login(make.person(who))
    assert client.get(reverse("today")).status_code == 403


def test_the_day_is_the_site_s_own_calendar_day(client):
    at = make.site(name="Auckland", time_zone="Pacific/Auckland")
    client.force_login(make.person("nora", at))
    with time_machine.travel("2026-01-05T12:00:00Z", tick=False):
        assert "Tue 6 Jan 2026" in client.get("/today/").content.decode()


def test_three_rows_and_sixty_cost_the_same_number_of_queries(client):
    for _ in range(2):
        make.plan("trastuzumab-pertuzumab", start=date(2025, 12, 15))  # missed today
    make.plan(start=START)
    few = queries(client)
    for _ in range(57):
        make.plan("trastuzumab-pertuzumab", start=START)
    assert queries(client) == few


def queries(client) -> int:
    client.force_login(make.person("nora"))
    client.get("/today/")
    with CaptureQueriesContext(
        connection,
    ) as captured:
        client.get("/today/")
    return len(captured)


def test_six_infusions_ask_as_often_as_two_and_read_each_heart_once(client):
    for _ in range(2):
        make.plan(start=START)
    client.force_login(make.person("nora"))
    client.get("/today/")
    with CaptureQueriesContext(connection) as two:
        client.get("/today/")
    for _ in range(4):
        make.plan(start=START)
    with CaptureQueriesContext(connection) as six:
        client.get("/today/")
    assert len(six) == len(two)
    assert sum('FROM "monitoring_lvefassessment"' in query["sql"] for query in six.captured_queries) == 1


def test_today_is_at_most_twelve_round_trips_whatever_is_on_it(client):
    make.plan(start=START)
    assert queries(client) <= 12
    _one_of_every_kind()
    assert queries(client) <= 12


def _one_of_every_kind() -> None:
    """Missed, closed, reduced, held, overridden, booked, flagged, switched, given and omitted."""
    nora, omar, cora, site = make.person("nora"), make.person("omar"), make.person("cora"), make.site()
    make.plan("trastuzumab-pertuzumab", start=date(2025, 12, 22))
    closed_days.close(by=make.person("ada"), on=START, name="Stocktaking")
    reduced = make.plan("t-dm1", start=START)
    changes.reduce(by=omar, plan=reduced, agent="trastuzumab-emtansine", from_cycle=1, reason="Low platelets.")
    holds.begin(by=omar, plan=make.plan(start=START), reason=HoldReason.CARDIAC_SYMPTOMS)
    cold = make.plan(start=START, baseline=None)
    cycles.override(
        by=omar, cycle_day=make.cycle(cold, 1), reason=OverrideReason.BENEFIT_OUTWEIGHS, note="Echo tomorrow."
    )
    late = make.plan(start=date(2025, 9, 1), given=6)
    assessments.book_echo(by=cora, plan=late, booked_for=date(2026, 1, 9), lab="Echo lab")
    make.lvef(late.patient, 40, date(2026, 1, 2))
    make.give(make.cycle(make.plan(start=START), 1))
    omitted = make.plan(start=START)
    cycles.omit(by=nora, cycle_day=make.cycle(omitted, 1), reason=OmissionReason.PATIENT_CHOICE)
    assert site.today() == START
