"""How many flags each rule raised and what was decided, counted by hand; on the page, as CSV and over the API."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring import tasks
from monitoring.actions import decisions
from monitoring.core.burden import rule_of
from monitoring.models import CardiacFlag
from monitoring.words import Decision, DecisionReason, FlagKind
from scheduling.actions import cycles
from scheduling.words import OverrideReason
from tests import api, make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SignIn = Callable[[str], Client]
RAISED = datetime(2026, 4, 1, 9, tzinfo=UTC)


def fallen(decision: Decision | None = None, after: timedelta = timedelta(hours=2)) -> CardiacFlag:
    """LVEF 62 before and 46 on 1 April, which withholds by trastuzumab's label; decided so long after."""
    with time_machine.travel(RAISED, tick=False):
        plan = make.plan(start=date(2026, 1, 5), given=4)
        make.lvef(plan.patient, 46, date(2026, 4, 1))
    flag = CardiacFlag.objects.get(kind=FlagKind.FINDING, plan=plan)
    if decision:
        with time_machine.travel(RAISED + after, tick=False):
            repeat_by = date(2026, 4, 22) if decision in (Decision.HOLD, Decision.REPEAT) else None
            decisions.decide(
                by=make.person("omar"), flag=flag, decision=decision, reason=DecisionReason.OTHER, note="Said.",
                repeat_by=repeat_by,
            )  # fmt: skip
    return flag


def clinic() -> None:
    """Seven findings of April: two held, one each of the other decisions, one overridden, one left."""
    fallen(Decision.HOLD, timedelta(hours=1))
    fallen(Decision.HOLD, timedelta(hours=47, minutes=59))
    fallen(Decision.CONTINUE, timedelta(hours=48))
    fallen(Decision.REPEAT, timedelta(hours=3))
    fallen(Decision.NOT_VALID, timedelta(hours=5))
    overridden = fallen()
    with time_machine.travel(RAISED + timedelta(hours=1), tick=False):
        cycles.override(
            by=make.person("omar"), cycle_day=make.cycle(overridden.plan, 5), reason=OverrideReason.CARDIOLOGY_ADVICE,
            note="Cardiology agrees.",
        )  # fmt: skip
    fallen()


def line(client: Client, rule: str) -> dict[str, str]:
    body = client.get(reverse("flag-report-csv")).content.decode()
    [found] = [row for row in csv.DictReader(io.StringIO(body)) if row["Rule"] == rule]
    return found


def test_the_counts_are_those_of_a_count_by_hand(sign_in: SignIn):
    clinic()
    flag = CardiacFlag.objects.filter(kind=FlagKind.FINDING).latest("pk")
    found = line(sign_in("cora"), rule_of(flag.fact))
    assert found == {
        "Month": "2026-04",
        "Rule": rule_of(flag.fact),
        "Raised": "7",
        "Hold": "2",
        "Continue with cardiology": "1",
        "Repeat echo": "1",
        "Not valid": "1",
        "Resolved by facts": "0",
        "Undecided": "2",
        "Overridden": "1",
        # the one decided at 48 hours, and the two undecided since 1 April
        "Waited past the ladder": "3",
        # of 1, 3, 5, 47:59 and 48 hours
        "Median hours to decision": "5.0",
    }


def test_page_table_csv_and_api_say_the_same(sign_in: SignIn):
    clinic()
    rule = rule_of(CardiacFlag.objects.filter(kind=FlagKind.FINDING).latest("pk").fact)
    page = sign_in("omar").get(reverse("flag-report"))
    [shown] = [row for row in page.context["rows"] if row.rule == rule]
    [told] = [row for row in api.get("omar", "reports/flags/") if row["rule"] == rule]
    printed = line(sign_in("omar"), rule)
    assert (shown.raised, shown.held, shown.beyond_ladder) == (told["raised"], told["held"], told["beyond_ladder"])
    assert printed["Raised"] == str(told["raised"]) == "7"
    april = next(one for one in page.context["months"] if one.label == "Apr 2026")
    assert f"Apr 2026 {april.raised}, {april.decided} decided" in page.content.decode()


def test_a_result_that_ends_an_overdue_flag_is_a_fact_and_climbs_no_ladder(sign_in: SignIn, clock: Any):
    clock.move_to("2026-01-05T09:00:00Z")
    plan = make.plan(start=date(2026, 1, 5), given=1)
    clock.move_to("2026-04-30T09:00:00Z")
    tasks.flag_overdue_echocardiograms()
    clock.move_to("2026-05-20T09:00:00Z")
    make.lvef(plan.patient, 61, date(2026, 5, 20))
    found = line(sign_in("omar"), "LVEF overdue")
    assert (found["Raised"], found["Resolved by facts"], found["Undecided"]) == ("1", "1", "0")
    assert (found["Waited past the ladder"], found["Median hours to decision"]) == ("0", "")


def test_the_month_is_the_sites_own(sign_in: SignIn):
    with time_machine.travel("2026-04-01T02:00:00Z", tick=False):
        plan = make.plan(start=date(2026, 1, 5), given=4, of=make.patient(make.site(time_zone="America/New_York")))
        make.lvef(plan.patient, 46, date(2026, 3, 31))
    months = {row["Month"] for row in csv.DictReader(io.StringIO(
        sign_in("omar").get(reverse("flag-report-csv")).content.decode()
    ))}  # fmt: skip
    assert months == {"2026-03"}


def test_the_page_shows_twelve_months_and_the_csv_all(sign_in: SignIn, clock: Any):
    fallen()
    clock.move_to("2027-03-31T09:00:00Z")
    assert sign_in("omar").get(reverse("flag-report")).context["raised"] == 1
    clock.move_to("2027-04-01T09:00:00Z")
    page = sign_in("omar").get(reverse("flag-report"))
    assert page.context["raised"] == 0
    assert "No flag in the last 12 months" in page.content.decode()
    assert "2026-04" in sign_in("omar").get(reverse("flag-report-csv")).content.decode()


def test_nothing_of_another_site_is_counted(sign_in: SignIn):
    with time_machine.travel(RAISED, tick=False):
        plan = make.plan(start=date(2026, 1, 5), given=4, of=make.patient(make.site(name="Far clinic")))
        make.lvef(plan.patient, 46, date(2026, 4, 1))
    assert sign_in("omar").get(reverse("flag-report")).context["raised"] == 0


@pytest.mark.parametrize("name", ["flag-report", "flag-report-csv"])
def test_more_flags_ask_no_more_questions(sign_in: SignIn, name: str):
    def asked() -> int:
        omar = sign_in("omar")
        with CaptureQueriesContext(connection) as queries:
            assert omar.get(reverse(name)).status_code == 200
        return len(queries)

    fallen(Decision.CONTINUE)
    few = asked()
    for _ in range(3):
        fallen(Decision.CONTINUE)
    assert asked() == few


@pytest.mark.parametrize(
    ("fact", "rule"),
    [
        ("finding:3f0e:trastuzumab-us:fall-of-16", "trastuzumab-us: fall-of-16"),
        ("stop:3f0e:hp-early", "hp-early: hold has become a stop"),
        ("overdue:2026-03-30", "LVEF overdue"),
        ("baseline:missing", "no baseline LVEF"),
        ("baseline:2026-01-05", "no LVEF on record"),
    ],
)
def test_a_rule_is_named_from_its_fact(fact: str, rule: str):
    assert rule_of(fact) == rule
