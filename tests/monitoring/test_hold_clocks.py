"""A hold's clocks from database rows: what the sweep says of a hold that lasts or comes again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from monitoring import tasks
from monitoring.actions import decisions
from monitoring.core.surveillance import Occasion
from monitoring.models import CardiacFlag
from monitoring.models.clocks import holds_of
from monitoring.models.standing import standing_of
from monitoring.words import Decision, DecisionReason, FlagKind
from scheduling import clearance
from scheduling.actions import holds, regimens, switches
from scheduling.actions.switches import To
from scheduling.models import TreatmentPlan
from scheduling.words import HoldReason, SwitchReason
from tests import api, make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)


def at(clock: Any, day: date) -> None:
    clock.move_to(f"{day.isoformat()}T09:00:00Z")


def treated(clock: Any, key: str = "trastuzumab-q3w-17", given: int = 2) -> TreatmentPlan:
    """From 5 January, baseline 62; on Tue 27 January two infusions are given."""
    at(clock, date(2026, 1, 27))
    return make.plan(key, start=START, given=given)


def hold(plan: TreatmentPlan, reason: HoldReason = HoldReason.LVEF_FALL) -> None:
    holds.begin(by=make.person("omar"), plan=plan, reason=reason)


def resume(plan: TreatmentPlan) -> None:
    holds.resume(by=make.person("omar"), plan=plan, note="Recovered.")


def held_times(clock: Any, plan: TreatmentPlan, times: int, first: date = date(2026, 2, 2)) -> date:
    """So many holds for the heart, five days each and a day between; the last one is open. Returns its first day."""
    day = first
    for number in range(times):
        at(clock, day)
        hold(plan)
        if number < times - 1:
            at(clock, day + timedelta(days=5))
            resume(plan)
            day += timedelta(days=6)
    return day


def stops() -> list[str]:
    """What the open stop flags say."""
    return [flag.sentence for flag in CardiacFlag.objects.filter(kind=FlagKind.FINDING, fact__startswith="stop:")]


def test_the_fourth_hold_for_the_heart_is_flagged_with_the_advice_to_discontinue(clock):
    plan = treated(clock)
    make.lvef(plan.patient, 46, date(2026, 1, 27))
    held_times(clock, plan, 3)
    tasks.flag_lvef_drops()
    assert stops() == []  # more than 3 occasions: the third is not yet one
    resume(plan)
    hold(plan)
    tasks.flag_lvef_drops()
    flag = CardiacFlag.objects.get(fact__startswith="stop:")
    assert (flag.advice, flag.state) == ("discontinue", "open")
    assert "hold number 4" in flag.sentence
    assert [tasks.flag_lvef_drops() for _ in range(3)] == [0, 0, 0]


def test_a_hold_is_a_stop_on_day_57_after_the_lvef_that_led_to_it_and_not_on_day_56(clock):
    plan = treated(clock)
    make.lvef(plan.patient, 46, date(2026, 1, 27))
    at(clock, date(2026, 1, 28))
    hold(plan)
    at(clock, date(2026, 3, 24))  # day 56
    tasks.flag_lvef_drops()
    assert stops() == []
    at(clock, date(2026, 3, 25))  # day 57: more than 8 weeks
    tasks.flag_lvef_drops()
    [said] = stops()
    assert "day 57" in said
    assert CardiacFlag.objects.get(fact__startswith="stop:").advice == "discontinue"


def test_a_hold_that_no_lvef_led_to_counts_its_eight_weeks_from_its_own_first_day(clock):
    """Held for symptoms with a baseline of weeks ago as the only result: that normal result started no clock."""
    plan = treated(clock)
    at(clock, date(2026, 2, 16))
    hold(plan, HoldReason.CARDIAC_SYMPTOMS)
    at(clock, date(2026, 4, 13))  # day 98 after the baseline, day 56 of the hold
    tasks.flag_lvef_drops()
    assert stops() == []
    at(clock, date(2026, 4, 14))
    tasks.flag_lvef_drops()
    [said] = stops()
    assert "day 57" in said


def test_holds_for_another_reason_do_not_count(clock):
    plan = treated(clock)
    make.lvef(plan.patient, 46, date(2026, 1, 27))
    for day in range(3):
        at(clock, date(2026, 2, 2 + day))
        hold(plan, HoldReason.OTHER_TOXICITY)
        resume(plan)
    hold(plan)
    tasks.flag_lvef_drops()
    assert stops() == []


def test_a_plan_switched_within_its_line_carries_the_count(clock):
    plan = treated(clock)
    make.lvef(plan.patient, 46, date(2026, 1, 27))
    held_times(clock, plan, 3)
    resume(plan)
    at(clock, date(2026, 2, 19))
    make.lvef(plan.patient, 60, date(2026, 2, 19))
    for flag in CardiacFlag.objects.filter(kind=FlagKind.FINDING):
        decisions.decide(
            by=make.person("omar"), flag=flag, decision=Decision.CONTINUE, reason=DecisionReason.CARDIOLOGY_ADVICE
        )
    new = switched(clock, plan)
    assert not new.starts_new_line
    hold(new)
    tasks.flag_lvef_drops()
    assert any("hold number 4" in said for said in stops())
    [found] = holds_of([standing_of(new)], date(2026, 3, 12)).values()
    assert found.number == 4


def switched(clock: Any, plan: TreatmentPlan) -> TreatmentPlan:
    omar = make.person("omar")
    make.give(make.cycle(plan, 3), date(2026, 2, 19))
    version = make.regimen("trastuzumab-sc")
    regimens.sign_off(by=omar, regimen=version, statement="Checked against the current label for this test.")
    at(clock, date(2026, 3, 12))
    to = To(version, date(2026, 3, 12), "adjuvant")
    return switches.make(by=omar, plan=plan, to=to, reason=SwitchReason.FORM)


def test_no_lvef_by_day_28_of_a_hold_is_overdue_and_says_that_it_is_critical(clock, sign_in):
    plan = treated(clock)
    make.lvef(plan.patient, 46, date(2026, 1, 27))
    at(clock, date(2026, 2, 2))
    hold(plan)
    at(clock, date(2026, 3, 1))  # day 27
    tasks.flag_overdue_echocardiograms()
    assert not CardiacFlag.objects.filter(kind=FlagKind.OVERDUE).exists()
    at(clock, date(2026, 3, 2))  # day 28
    tasks.flag_overdue_echocardiograms()
    flag = CardiacFlag.objects.get(kind=FlagKind.OVERDUE)
    assert flag.due_on == date(2026, 3, 2)
    assert "while on hold, critical" in flag.sentence
    milder = make.plan(start=date(2026, 3, 2), given=1, baseline=52)
    make.lvef(milder.patient, 49, date(2026, 3, 2))
    cards = sign_in("omar").get(reverse("flags")).context["cards"]
    of_held = [card for card in cards if card.flag.plan == plan]
    assert [(card.flag.kind, card.tone) for card in of_held] == [("finding", "hold"), ("overdue", "hold")]
    assert cards.index(of_held[-1]) < [card.flag.plan for card in cards].index(milder)  # above what is for review


def test_the_eight_week_stop_offers_to_cease_the_plan(clock, sign_in):
    plan = treated(clock)
    make.lvef(plan.patient, 46, date(2026, 1, 27))
    hold(plan)
    at(clock, date(2026, 3, 25))
    tasks.flag_lvef_drops()
    flag = CardiacFlag.objects.get(fact__startswith="stop:")
    page = sign_in("omar").get(reverse("flag", args=[flag.uuid])).content.decode()
    assert f'href="{reverse("plan-cease", args=[plan.uuid])}"' in page
    assert "Discontinuing is advised" in page  # the banner
    assert "herceptin" in page.lower()


def test_plan_flag_resume_page_and_banner_tell_the_same_clocks(clock, sign_in):
    plan = treated(clock, "trastuzumab-pertuzumab")
    make.lvef(plan.patient, 46, date(2026, 1, 27))
    hold(plan)
    at(clock, date(2026, 2, 8))
    omar = sign_in("omar")
    flag = CardiacFlag.objects.get(kind=FlagKind.FINDING)
    pages = {name: omar.get(reverse(name, args=[row.uuid])).content.decode() for name, row in
             (("plan", plan), ("plan-resume", plan), ("flag", flag))}  # fmt: skip
    for name, page in pages.items():
        for said in (
            "Repeat LVEF due Tue 17 Feb 2026, 9 days left",  # pertuzumab: 21 days, sooner than trastuzumab's 28
            "Not to be resumed before Tue 24 Feb 2026, 16 days left",  # trastuzumab: at least 28 days
            "8-week limit Tue 24 Mar 2026, 44 days left",
            "Hold number 1 for the heart: number 4 advises discontinuing",
            "Trastuzumab: last day without loading again Mon 23 Feb 2026",  # 28 days after 26 January
            "Pertuzumab: last day without loading again Sun 8 Mar 2026",  # 41 days after it
        ):
            assert said in page, (name, said)
    assert "On hold since Tue 27 Jan 2026, day 12. Repeat LVEF due Tue 17 Feb 2026, 9 days left" in pages["plan"]
    assert "8 mg/kg" in pages["plan-resume"]
    told = api.get("omar", f"plans/{plan.uuid}/window/")["hold_clock"]
    assert (told["day"], told["stage"]) == (12, "held")
    limit = next(line for line in told["lines"] if line["clock"] == "limit")
    assert (limit["on"], limit["days_left"], limit["confidence"]) == ("2026-03-24", 44, "verified")


def test_a_repeat_that_came_is_asked_for_no_more(clock, sign_in):
    plan = treated(clock)
    make.lvef(plan.patient, 46, date(2026, 1, 27))
    flag = CardiacFlag.objects.get(kind=FlagKind.FINDING)
    decisions.decide(
        by=make.person("omar"), flag=flag, decision=Decision.HOLD, reason=DecisionReason.RULE_MET,
        repeat_by=date(2026, 2, 17),
    )  # fmt: skip
    omar, address = sign_in("omar"), reverse("plan", args=[plan.uuid])
    assert "LVEF to be repeated by Tue 17 Feb 2026." in omar.get(address).content.decode()
    at(clock, date(2026, 2, 12))
    make.lvef(plan.patient, 48, date(2026, 2, 12))
    page = sign_in("omar").get(address).content.decode()
    assert "LVEF to be repeated by" not in page
    assert "Repeat LVEF due" in page  # the next one, by the protocols


def test_continuing_with_cardioprotection_ends_the_hold_and_clears_the_infusion(clock, sign_in):
    plan = treated(clock)
    make.lvef(plan.patient, 46, date(2026, 1, 27))
    hold(plan)
    at(clock, date(2026, 2, 16))
    flag = CardiacFlag.objects.get(kind=FlagKind.FINDING)
    omar = sign_in("omar")
    page = omar.get(reverse("flag", args=[flag.uuid])).content.decode()
    assert "Ends the hold of Tue 27 Jan 2026" in page
    assert "Cardioprotection started" in page
    assert "The next LVEF is then due Tue 21 Apr 2026" in page
    said = {"decision": "continue-with-cardiology", "reason": "cardioprotection-started", "decisions_seen": 0,
            "note": "Ramipril and bisoprolol begun."}  # fmt: skip
    assert omar.post(reverse("flag", args=[flag.uuid]), said).status_code == 302
    ended = plan.holds.get()
    assert (ended.ended_on, ended.end_note) == (
        date(2026, 2, 16),
        "Continue with cardiology: cardioprotection started. Ramipril and bisoprolol begun.",
    )
    flag.refresh_from_db()
    assert flag.state == "decided"
    [objections] = clearance.objections([make.cycle(plan, 3)], on=date(2026, 2, 16)).values()
    assert [one for one in objections if one.blocks] == []
    assert standing_of(plan).window(date(2026, 2, 16)).due_on == date(2026, 4, 21)  # 84 days after 27 January
    make.give(make.cycle(plan, 3), date(2026, 2, 16))


def test_another_hold_is_not_ended_by_a_decision_about_the_heart(clock):
    plan = treated(clock)
    make.lvef(plan.patient, 46, date(2026, 1, 27))
    hold(plan, HoldReason.OTHER_TOXICITY)
    decisions.decide(by=make.person("omar"), flag=CardiacFlag.objects.get(kind=FlagKind.FINDING),
                     decision=Decision.CONTINUE, reason=DecisionReason.CARDIOPROTECTION)  # fmt: skip
    assert plan.holds.get().ended_on is None


def test_continuing_may_name_the_day_of_the_next_lvef_and_surveillance_waits_for_it(client: Any, clock: Any):
    clock.move_to("2026-04-30T09:00:00Z")
    plan = make.plan("trastuzumab-pertuzumab", start=START, given=4)
    make.lvef(plan.patient, 45, date(2026, 4, 20))
    flag = CardiacFlag.objects.get(plan=plan, kind=FlagKind.FINDING, advice="withhold")
    omar = make.person("omar")
    client.force_login(omar)
    page = client.get(reverse("flag", args=[flag.uuid])).content.decode()
    assert "Next LVEF by" in page
    said = {
        "decision": Decision.CONTINUE.value, "reason": DecisionReason.CARDIOPROTECTION.value, "note": "ACE inhibitor.",
        "repeat_by": "2026-05-18", "decisions_seen": 0,
    }  # fmt: skip
    client.post(reverse("flag", args=[flag.uuid]), said)
    window = standing_of(plan).window(date(2026, 4, 30))
    assert (window.due_on, window.occasion) == (date(2026, 5, 18), Occasion.REPEAT)
    past = said | {"repeat_by": "2026-04-01", "decisions_seen": 1}
    assert "Choose today or a later date" in client.post(reverse("flag", args=[flag.uuid]), past).content.decode()
