"""Start, second check and scan together: nothing starts unchecked, and what has started is always recorded."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

import pytest
import time_machine

from her2tracker.lib.refusals import Refused
from scheduling.actions import codes, plans, running, second_checks
from scheduling.models import SitePolicy
from scheduling.words import DayState
from tests import make
from tests.scheduling.pages import START, signed_in
from tests.scheduling.test_codes import BAG
from tests.scheduling.test_second_checks import ITEMS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-30T08:50:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def fifth():
    """Four given without a check; from now on the site asks for one. 6 mg/kg × 68.3 kg = 409.8 mg."""
    row = make.cycle(make.plan(start=START, given=4, kg="68.3"), 5)
    SitePolicy.objects.update_or_create(site=make.site(), defaults={"second_check_required": True})
    return row


def checked(row):
    check = second_checks.request(by=make.person("nora"), cycle_day=row)
    entered = {"trastuzumab": Decimal("409.8")}
    second_checks.submit(by=make.person("nils"), check=check, entered=entered, confirmed=ITEMS)


def start(row):
    product = make.product("trastuzumab")
    return running.start(
        by=make.person("nora"), cycle_day=row, agent="trastuzumab", started_at=time(8, 40), product=product
    )


def test_nothing_starts_before_the_check_agreed(fifth):
    with pytest.raises(Refused, match="second check"):
        start(fifth)
    checked(fifth)
    assert start(fifth).planned_mg == Decimal("409.8")


def test_a_new_weight_while_it_runs_does_not_keep_what_went_in_from_the_record(fifth, clock):
    checked(fifth)
    run = start(fifth)
    make.weight(fifth.plan.patient, 80, make.site().today())
    clock.move_to("2026-03-30T09:20:00Z")
    running.stop(by=make.person("nora"), run=run, stopped_at=time(9, 15))
    fifth.refresh_from_db()
    assert fifth.state == DayState.GIVEN
    assert fifth.administrations.get().given_mg == Decimal("409.8")


def test_doses_calculated_anew_after_the_check_do_not_start(fifth):
    checked(fifth)
    make.weight(fifth.plan.patient, 80, make.site().today())
    plans.recalculate(by=make.person("nora"), plan=fifth.plan, weight=plans.latest_weight(fifth.plan.patient))
    with pytest.raises(Refused, match="second check"):
        start(fifth)


def test_the_start_page_has_what_the_bags_code_said(fifth):
    checked(fifth)
    codes.read(by=make.person("nora"), cycle_day=fifth, text=BAG, agent="trastuzumab")
    page = signed_in("nora").get(f"/cycle-days/{fifth.uuid}/start/").content.decode()
    assert "AB-77" in page
    assert "2027-12-31" in page
