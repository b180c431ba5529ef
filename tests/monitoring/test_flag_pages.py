"""The oncologist's home: what stands on top, what each decision would do, and who may sign."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from monitoring.actions import assessments, sweeps
from monitoring.models import CardiacFlag
from monitoring.words import Decision, FlagState
from scheduling.actions import holds
from scheduling.models import Hold, TreatmentPlan
from scheduling.words import HoldReason
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
START = date(2026, 1, 5)
SignIn = Callable[[str], Client]


def fallen(figure: int = 47, regimen: str = "trastuzumab-pertuzumab", given: int = 5) -> TreatmentPlan:
    """A plan from 5 Jan with a baseline of 62, its last infusion on 30 Mar, and a fall on 28 April."""
    plan = make.plan(regimen, start=START, given=given)
    make.lvef(plan.patient, figure, date(2026, 4, 28))
    return plan


def post(client: Client, flag: CardiacFlag, **data: object) -> int:
    values = {"decisions_seen": flag.decisions.count(), "note": ""} | data
    return client.post(reverse("flag", args=[flag.uuid]), values).status_code


def test_a_fall_shows_its_figures_its_rules_and_the_next_infusion(sign_in: SignIn):
    plan = fallen()
    page = sign_in("omar").get(reverse("flags")).content.decode()
    for words in ("Withhold advised", str(plan.patient), "62 %", "47 %", "fall of 15 points", "31 days since the last"):
        assert words in page
    assert "Pertuzumab and trastuzumab, early breast cancer" in page
    assert "was Mon 20 Apr 2026, undecided" in page


def test_what_stops_treatment_comes_first_and_of_these_the_next_infusion(sign_in: SignIn):
    mild = make.plan("trastuzumab-q3w-17", start=START, given=6)
    make.lvef(mild.patient, 49, date(2026, 4, 28))  # below 50 without a fall of 10 would be review; 13 is a fall
    later = make.plan("trastuzumab-q3w-17", start=date(2026, 4, 29), given=1)
    make.lvef(later.patient, 45, date(2026, 4, 30))
    sooner = make.plan("trastuzumab-q3w-17", start=date(2026, 4, 10), given=1)
    make.lvef(sooner.patient, 45, date(2026, 4, 30))
    review = make.plan("trastuzumab-q3w-17", start=date(2026, 4, 10), given=1, baseline=52)
    make.lvef(review.patient, 49, date(2026, 4, 30))
    cards = sign_in("omar").get(reverse("flags")).context["cards"]
    assert [card.flag.plan for card in cards] == [sooner, mild, later, review]


def test_holding_says_which_cycles_move_and_when_both_agents_are_loaded_again(sign_in: SignIn):
    plan = make.plan("trastuzumab-pertuzumab", start=START, given=6)  # last on 20 April, next on 11 May
    make.lvef(plan.patient, 47, date(2026, 4, 28))
    [card] = sign_in("omar").get(reverse("flags")).context["cards"]
    hold = next(option for option in card.options if option.decision is Decision.HOLD)
    said = " ".join(hold.consequences)
    assert "Repeat LVEF due Thu 21 May 2026." in said  # 3 weeks, the pertuzumab label's clock
    # the trastuzumab label holds at least 4 weeks, which is longer than pertuzumab's 3
    assert "Held at least until Thu 28 May 2026." in said
    assert "cycles 7–18 move by 17 days" in said
    assert "Trastuzumab is loaded again (8 mg/kg) from Tue 19 May 2026 on" in said  # day 29 after 20 April
    assert "Pertuzumab is loaded again (840 mg) from Mon 1 Jun 2026 on" in said  # day 42 after 20 April


def test_signing_a_hold_holds_the_plan_and_closes_the_flag(sign_in: SignIn):
    plan = fallen()
    flag = CardiacFlag.objects.get(plan=plan)
    omar = sign_in("omar")
    answer = omar.post(
        reverse("flag", args=[flag.uuid]),
        {"decision": "hold", "reason": "rule-met", "repeat_by": "2026-05-21", "note": "", "decisions_seen": 0},
        follow=True,
    )
    assert "is on hold. Repeat LVEF by Thu 21 May 2026." in answer.content.decode()
    flag.refresh_from_db()
    assert flag.state == FlagState.DECIDED
    assert Hold.objects.open().get(plan=plan).repeat_assessment_by == date(2026, 5, 21)


def test_a_bare_ok_is_impossible(sign_in: SignIn):
    flag = CardiacFlag.objects.get(plan=fallen())
    omar = sign_in("omar")
    assert post(omar, flag, decision="continue-with-cardiology", reason="") == 422
    assert post(omar, flag, decision="", reason="rule-met") == 422
    assert post(omar, flag, decision="not-valid", reason="entered-wrongly") == 422
    assert post(omar, flag, decision="repeat", reason="poor-image", repeat_by="2026-04-01") == 422
    assert post(omar, flag, decision="hold", reason="rule-met", repeat_by="the third") == 422
    flag.refresh_from_db()
    assert flag.state == FlagState.OPEN


def test_a_decision_made_meanwhile_is_not_overwritten_unseen(sign_in: SignIn):
    flag = CardiacFlag.objects.get(plan=fallen())
    omar = sign_in("omar")
    assert post(omar, flag, decision="continue-with-cardiology", reason="cardiology-advice") == 302
    answer = omar.post(
        reverse("flag", args=[flag.uuid]),
        {"decision": "hold", "reason": "rule-met", "repeat_by": "2026-05-21", "decisions_seen": 0},
    )
    assert answer.status_code == 422
    assert "decided “Continue with cardiology” meanwhile" in answer.content.decode()


def test_declaring_a_result_not_valid_takes_its_flag_away(sign_in: SignIn):
    plan = fallen()
    flag = CardiacFlag.objects.get(plan=plan)
    assert post(sign_in("omar"), flag, decision="not-valid", reason="entered-wrongly", note="It was 74.") == 302
    flag.refresh_from_db()
    assert flag.state == FlagState.RESOLVED
    assert flag.assessment is not None
    assert flag.assessment.invalidated_because == "It was 74."


def test_an_overdue_flag_says_that_only_a_result_closes_it(sign_in: SignIn, clock):
    plan = make.plan("trastuzumab-q3w-17", start=START, given=6)
    clock.move_to("2026-06-01T09:00:00Z")
    sweeps.flag_overdue_echocardiograms(now=timezone.now())
    assessments.book_echo(by=make.person("cora"), plan=plan, booked_for=date(2026, 6, 3), lab="Echo lab")
    page = sign_in("omar").get(reverse("flags") + "?kind=overdue").content.decode()
    assert "Only an LVEF result closes this flag." in page
    assert "Echo booked for Wed 3 Jun 2026 at Echo lab." in page
    assert "Not valid …" not in page


@pytest.mark.parametrize(
    ("who", "status"), [("omar", 200), ("nora", 200), ("cora", 200), ("ada", 403), ("xavier", 403)]
)
def test_who_sees_flags(sign_in: SignIn, who: str, status: int):
    flag = CardiacFlag.objects.get(plan=fallen())
    client = sign_in(who)
    assert client.get(reverse("flags")).status_code == status
    assert client.get(reverse("flag", args=[flag.uuid])).status_code == status


def test_nurses_and_coordinators_read_and_do_not_decide(sign_in: SignIn):
    flag = CardiacFlag.objects.get(plan=fallen())
    for who in ("nora", "cora"):
        client = sign_in(who)
        assert "Hold plan" not in client.get(reverse("flags")).content.decode()
        assert post(client, flag, decision="hold", reason="rule-met", repeat_by="2026-05-21") == 403


def test_another_site_does_not_see_the_flag(sign_in: SignIn):
    flag = CardiacFlag.objects.get(plan=fallen())
    other = Client()
    other.force_login(make.person("omar", make.site(name="Elsewhere")))
    assert other.get(reverse("flag", args=[flag.uuid])).status_code == 404
    assert other.get(reverse("flags")).context["cards"] == []


def test_the_page_of_flags_asks_as_often_for_six_as_for_two(sign_in: SignIn):
    omar = sign_in("omar")
    for _ in range(2):
        fallen(given=2)
    omar.get(reverse("flags"))
    with CaptureQueriesContext(connection) as two:
        omar.get(reverse("flags"))
    for _ in range(4):
        fallen(given=2)
    with CaptureQueriesContext(connection) as six:
        page = omar.get(reverse("flags"))
    assert len(page.context["cards"]) == 6
    assert len(six) == len(two)


def test_an_empty_list_says_what_that_means(sign_in: SignIn):
    page = sign_in("omar").get(reverse("flags")).content.decode()
    assert "No flag waits for a decision" in page
    assert "Nothing" not in page


def test_a_flag_keeps_the_history_of_its_decisions(sign_in: SignIn):
    flag = CardiacFlag.objects.get(plan=fallen())
    omar = sign_in("omar")
    post(omar, flag, decision="repeat", reason="poor-image", repeat_by=str(date(2026, 4, 30) + timedelta(days=14)))
    post(omar, flag, decision="continue-with-cardiology", reason="cardiology-advice", note="Dr Cardio agrees.")
    page = omar.get(reverse("flag", args=[flag.uuid])).content.decode()
    assert page.index("Dr Cardio agrees.") > 0
    assert "Poor image" in page
    assert "Thu 14 May 2026" in page


def test_an_overdue_flag_says_why_with_its_protocol_its_version_and_its_source(sign_in: SignIn):
    make.plan("trastuzumab-q3w-17", start=START, given=6)
    sweeps.flag_overdue_echocardiograms(now=timezone.now())
    page = sign_in("omar").get(reverse("flags"), {"kind": "overdue"}).content.decode()
    assert "trastuzumab-us, version 1" in page
    # 84 days after 5 January; the label's window ends 92 days after it
    assert "due Mon 30 Mar 2026, overdue from Wed 8 Apr 2026 on" in page
    assert "section “cardiac monitoring”" in page


def test_a_hold_that_has_become_a_stop_says_why_with_its_days_and_its_source(sign_in: SignIn, clock):
    clock.move_to("2026-02-20T09:00:00Z")
    plan = make.plan("trastuzumab-q3w-17", start=START, given=3)
    make.lvef(plan.patient, 44, date(2026, 2, 20))
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.LVEF_FALL)
    clock.move_to("2026-04-30T09:00:00Z")
    sweeps.flag_lvef_drops(now=timezone.now())
    stop = CardiacFlag.objects.get(fact__startswith="stop:")
    page = sign_in("omar").get(reverse("flag", args=[stop.uuid])).content.decode()
    assert "Day 69 on hold" in page
    assert "Hold by trastuzumab-us, version 1" in page
