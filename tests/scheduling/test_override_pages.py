"""Treating in spite of an objection: an oncologist's recorded act, for one infusion."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from scheduling.models import Override
from scheduling.words import DayState
from tests import make
from tests.scheduling.pages import FIFTH, START, record_data, signed_in, url, words

pytestmark = pytest.mark.django_db
SAID = {"reason": "cardiology-advice", "note": "Cardiology saw her on Friday and advises to continue."}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-04-06T09:00:00Z", tick=False):
        yield


@pytest.fixture
def stopped():
    plan = make.plan(start=START, given=4)
    make.lvef(plan.patient, 45, date(2026, 4, 2))
    return make.cycle(plan, 5)


def test_an_oncologist_overrides_and_the_nurse_gives_and_sees_who_said_so(stopped):
    omar, nora = signed_in("omar"), signed_in("nora")
    assert "Override and treat" in words(omar.get(url("cycle-day", stopped)))
    assert "It may now be given" in words(omar.post(url("cycle-override", stopped), SAID, follow=True))
    page = words(nora.get(url("cycle-day", stopped)))
    assert "Overridden by Omar Ortega on Mon 6 Apr 2026: cardiology advises to continue" in page
    assert SAID["note"] in page
    assert "Record cycle 5 as given on Mon 6 Apr 2026" in page
    nora.post(url("cycle-day", stopped), record_data(stopped, FIFTH, trastuzumab="420"))
    stopped.refresh_from_db()
    assert stopped.state == DayState.GIVEN
    assert "Overridden by Omar Ortega" in words(nora.get(url("cycle-day", stopped)))


def test_the_override_holds_for_this_infusion_only(stopped):
    signed_in("omar").post(url("cycle-override", stopped), SAID)
    assert "Do not give." in words(signed_in("nora").get(url("cycle-day", make.cycle(stopped.plan, 6))))


def test_an_override_stays_in_sight_when_its_objection_is_gone(stopped):
    signed_in("omar").post(url("cycle-override", stopped), SAID)
    make.lvef(stopped.plan.patient, 60, date(2026, 4, 5))
    page = words(signed_in("nora").get(url("cycle-day", stopped)))
    assert page.count("Overridden by Omar Ortega on Mon 6 Apr 2026") == 1
    assert SAID["note"] in page


@pytest.mark.parametrize(
    ("missing", "sentence"), [("reason", "Choose a reason."), ("note", "Say in a sentence why treatment goes on.")]
)
def test_an_override_without_its_reason_is_not_recorded(stopped, missing, sentence):
    response = signed_in("omar").post(url("cycle-override", stopped), SAID | {missing: ""})
    assert response.status_code == 422
    assert sentence in words(response)
    assert not Override.objects.exists()


def test_nothing_to_override_is_said(stopped):
    signed_in("omar").post(url("cycle-override", stopped), SAID)
    response = signed_in("omar").post(url("cycle-override", stopped), SAID)
    assert response.status_code == 422
    assert "Nothing stands against this infusion" in words(response)


@pytest.mark.parametrize("who", ["nora", "cora", "pia", "ada", "xavier"])
def test_only_an_oncologist_overrides(stopped, who):
    assert signed_in(who).get(url("cycle-override", stopped)).status_code == 403
    assert signed_in(who).post(url("cycle-override", stopped), SAID).status_code == 403
    assert not Override.objects.exists()
