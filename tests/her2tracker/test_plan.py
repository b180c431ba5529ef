"""The plan page: one sentence, a timeline, every cycle with its arithmetic, and what may be done."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext

from scheduling.actions import cycles, holds, plans
from scheduling.actions.plans import Prior
from scheduling.words import CeaseReason, DelayReason, HoldReason, OmissionReason
from tests import make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-04-06T09:00:00Z", tick=False):
        yield


@pytest.fixture
def seen(client):
    def get(plan, who: str = "omar") -> str:
        client.force_login(make.person(who))
        response = client.get(f"/plans/{plan.uuid}/")
        assert response.status_code == 200
        return " ".join(response.content.decode().replace("\u2009", " ").split())

    return get


def test_the_sentence_says_where_it_stands(seen):
    plan = make.plan(start=START, given=4)
    text = seen(plan)
    assert "Started Mon 5 Jan 2026 · 4 given, 0 omitted, 13 left · not late · last infusion Mon 7 Dec 2026" in text


def test_days_late_and_where_the_last_one_was_planned_are_told(seen):
    plan = make.plan(start=START, given=4)
    make.give(make.cycle(plan, 5), on=date(2026, 4, 6))  # planned for 30 March, 7 days late
    text = seen(plan)
    assert "7 days late in all" in text
    assert "last infusion Mon 14 Dec 2026 (was Mon 7 Dec 2026)" in text
    assert "was Mon 30 Mar 2026" in text


def test_each_cycle_has_amount_kind_gap_arithmetic_and_source(seen):
    text = seen(make.plan(start=START, given=4, kg=68))
    assert "8 mg/kg × 68 kg = 544 mg" in text
    assert "6 mg/kg × 68 kg = 408 mg" in text
    assert ">Loading<" in text
    assert '<td class="num">21</td>' in text
    assert "Source: <cite>" in text


def test_one_delay_re_loads_trastuzumab_and_not_pertuzumab(seen):
    plan = make.plan("trastuzumab-pertuzumab", start=START, given=4)
    by = make.person("nora")
    late = date(2026, 4, 7)  # 29 days since 9 March
    cycles.delay(by=by, cycle_day=make.cycle(plan, 5), to_on=late, reason=DelayReason.PATIENT_CHOICE)
    text = seen(plan)
    table = text.partition('class="data cycles"')[2]
    assert table.count(">Re-load<") == 1
    assert 'Trastuzumab <strong class="mg">560 mg</strong> <span class="kind kind-reload">' in table
    assert "Cycle 5, Tue 7 Apr 2026: planned, re-load" in text


def test_a_missed_and_an_omitted_cycle_are_marked(seen):
    plan = make.plan(start=START, given=3)
    cycles.omit(by=make.person("nora"), cycle_day=make.cycle(plan, 4), reason=OmissionReason.TOXICITY)
    text = seen(plan)
    assert "Omitted: toxicity" in text
    assert "Missed: nobody decided" in text
    assert "Cycle 5 of Mon 30 Mar 2026 is undecided." in text


def test_the_timeline_has_a_description_and_shows_echoes_done_and_due(seen):
    text = seen(make.plan(start=START, given=4))
    assert "Infusions from Mon 5 Jan 2026 to Mon 7 Dec 2026: 4 given, 12 planned, 1 missed." in text
    assert "LVEF 62 %, Mon 5 Jan 2026" in text
    assert "LVEF due, Mon 30 Mar 2026" in text  # 84 days after 5 January
    assert "today, Mon 6 Apr" in text


def test_a_hold_shows_as_a_band_and_is_said_by_whom(seen):
    plan = make.plan(start=START, given=4)
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.LVEF_FALL, repeat_assessment_by=date(2026, 4, 27))
    text = seen(plan)
    assert "band-hold" in text
    assert "On hold since Mon 6 Apr 2026" in text
    assert "LVEF to be repeated by Mon 27 Apr 2026" in text
    assert "Resume plan …" in text
    assert "Hold plan …" not in text


def test_acts_are_offered_by_role(seen):
    plan = make.plan(start=START, given=4)
    assert "Hold plan …" in seen(plan, "omar")
    nurse = seen(plan, "nora")
    assert "Hold plan …" not in nurse
    assert "Record …" in nurse
    assert "Record …" not in seen(plan, "pia")
    assert "Book echo …" in seen(plan, "cora")


def test_an_ended_plan_offers_nothing(seen):
    plan = make.plan(start=START, given=4)
    plans.cease(by=make.person("omar"), plan=plan, reason=CeaseReason.PATIENT_CHOICE)
    text = seen(plan)
    assert "Cease plan …" not in text
    assert "patient choice" in text


def test_a_new_weight_offers_to_recalculate(seen):
    plan = make.plan(start=START, given=4)
    make.weight(plan.patient, 80, date(2026, 4, 6))
    assert "Recalculate with 80" in seen(plan)


def test_what_it_goes_by_names_cap_year_reload_and_protocols(seen):
    text = seen(make.plan("trastuzumab-q3w-18", start=START, given=1))
    assert "until Mon 4 Jan 2027" in text  # 52 weeks from 5 January 2026
    assert "With 8 mg/kg when over 7 days late" in text
    assert "LVEF every 84 days" in text
    assert "Alongside:" in text


def test_earlier_administrations_count_and_are_told(seen):
    prior = Prior("trastuzumab", 6, date(2025, 12, 16), place="another hospital")
    text = seen(make.plan(start=START, prior=[prior]))
    assert "0 given and 6 before" in text
    assert "6 × trastuzumab at another hospital" in text


def test_another_site_s_plan_is_not_found(client):
    other = make.site(name="Other clinic")
    plan = make.plan(start=START, of=make.patient(other))
    client.force_login(make.person("omar"))
    assert client.get(f"/plans/{plan.uuid}/").status_code == 404


@pytest.mark.parametrize("who", ["ada", "xavier"])
def test_who_may_not_see_patients_is_refused(client, who):
    plan = make.plan(start=START)
    client.force_login(make.person(who))
    assert client.get(f"/plans/{plan.uuid}/").status_code == 403


def test_every_regimen_has_a_plan_page(seen):
    for key in ("apt", "tch-weekly", "ac-th", "phesgo", "trastuzumab-sc", "t-dm1", "t-dxd"):
        text = seen(make.plan(key, start=START, given=2))
        assert "2 given" in text, key


def test_a_long_plan_costs_no_more_queries_than_a_short_one(client):
    short, long = make.plan("t-dm1", start=START, given=1), make.plan("tch-weekly", start=START, given=6)
    assert queries(client, short) == queries(client, long)


def queries(client, plan) -> int:
    client.force_login(make.person("omar"))
    client.get(f"/plans/{plan.uuid}/")
    with CaptureQueriesContext(connection) as captured:
        client.get(f"/plans/{plan.uuid}/")
    return len(captured)


@pytest.mark.parametrize("with_baseline", [True, False])
def test_before_a_plan_starts_the_echoes_it_will_ask_for_are_shown(with_baseline):
    """CLINICAL.md 4.3: baseline 29 December, then every 84 days, at completion, and for two years after."""
    patient = make.patient()
    if with_baseline:
        make.lvef(patient, 62, date(2025, 12, 29))
    preview = plans.preview(
        by=make.person("omar"), patient=patient, regimen=make.regimen("trastuzumab-q3w-18"), start_on=START
    )
    text = Template("{% load chart %}{% echo_preview preview %}").render(Context({"preview": preview}))
    if with_baseline:
        dates = ["Mon 23 Mar 2026", "Mon 15 Jun 2026", "Mon 7 Sep 2026", "Mon 30 Nov 2026", "Mon 28 Dec 2026"]
        assert all(day in text for day in [*dates, "Mon 28 Jun 2027", "Thu 28 Dec 2028"])
    else:
        assert "Needed before the first infusion" in text
