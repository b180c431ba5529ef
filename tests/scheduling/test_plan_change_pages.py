"""The pages that change a running plan: everything that moves is seen before the one button that does it."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from scheduling.actions import changes
from scheduling.models import Delay, Extension, LevelChange
from scheduling.words import DelayScope
from tests import make
from tests.scheduling.pages import START, signed_in, url, words

pytestmark = pytest.mark.django_db
PAGES = ("plan-extend", "plan-level", "plan-policy")
POLICY = {"reload_with_pertuzumab": "eu-hp", "anchor": "grid", "cap": "doses"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-25T09:00:00Z", tick=False):
        yield


@pytest.fixture
def plan():
    return make.plan("trastuzumab-pertuzumab", start=START, given=4)


def seen(plan, **said):
    plan.refresh_from_db()
    return {"revision": plan.revision} | said


def test_a_delay_page_offers_to_move_one_cycle_alone(plan):
    fifth, cora = make.cycle(plan, 5), signed_in("cora")
    assert "Move only cycle 5" in words(cora.get(url("cycle-delay", fifth, "?to_on=2026-04-02")))
    page = words(cora.get(url("cycle-delay", fifth, "?to_on=2026-04-02&scope=only")))
    assert "Delay only cycle 5 to Thu 2 Apr 2026" in page
    assert "Cycle 6 Mon 20 Apr 2026 Mon 20 Apr 2026 (unchanged)" in page
    said = seen(plan, to_on="2026-04-02", scope="only", reason="capacity", note="")
    assert cora.post(url("cycle-delay", fifth), said).status_code == 302
    assert Delay.objects.get().scope == DelayScope.ONLY
    assert make.cycle(plan, 6).planned_on == date(2026, 4, 20)


def test_a_delay_page_says_why_one_cycle_cannot_move_alone(plan):
    page = words(signed_in("cora").get(url("cycle-delay", make.cycle(plan, 5), "?to_on=2026-04-06")))
    assert "Alone it cannot: Only 14 days would be left to the next dose, and at least 18 are asked for" in page


def test_a_delay_is_undone_from_its_message_and_from_the_plan(plan):
    cora = signed_in("cora")
    said = seen(plan, to_on="2026-04-06", reason="capacity", note="")
    plan_page = cora.post(url("cycle-delay", make.cycle(plan, 5)), said, follow=True)
    assert f'<a href="{url("plan-undo", plan)}">Undo …</a>' in plan_page.content.decode()
    assert "Undo the delay of cycle 5 to Mon 6 Apr 2026 …" in words(plan_page)
    page = words(cora.get(url("plan-undo", plan)))
    assert "This takes back the delay of cycle 5 to Mon 6 Apr 2026" in page
    assert "Cycle 5 Mon 6 Apr 2026 Mon 30 Mar 2026" in page
    done = words(cora.post(url("plan-undo", plan), seen(plan, reason=""), follow=True))
    assert "Took the last change back. The last dose is now Mon 28 Dec 2026." in done
    assert "Undid the delay of cycle 5 to Mon 6 Apr 2026" in done  # among the versions
    assert make.cycle(plan, 5).planned_on == date(2026, 3, 30)
    assert "There is no change to take back" in words(cora.get(url("plan-undo", plan)))


def test_a_stale_undo_shows_what_was_done_meanwhile(plan):
    nora = signed_in("nora")
    said = {"to_on": "2026-04-06", "reason": "capacity", "note": ""}
    nora.post(url("cycle-delay", make.cycle(plan, 5)), seen(plan, **said))
    stale = seen(plan, reason="")
    nora.post(url("cycle-delay", make.cycle(plan, 5)), seen(plan, **said) | {"to_on": "2026-04-07"})
    response = signed_in("cora").post(url("plan-undo", plan), stale)
    assert response.status_code == 422
    assert "Nora Nilsen delayed cycle 5 from Mon 6 Apr 2026 to Tue 7 Apr 2026" in words(response)
    assert Delay.objects.count() == 2


def test_every_version_of_the_schedule_is_listed_with_who_and_why(plan):
    said = seen(plan, to_on="2026-04-06", reason="patient-choice", note="wedding")
    signed_in("nora").post(url("cycle-delay", make.cycle(plan, 5)), said)
    page = words(signed_in("omar").get(url("plan", plan)))
    assert "v2 Wed 25 Mar 2026 09:00 Nora Nilsen Delayed cycle 5" in page
    assert "wedding" in page
    assert "v1 Wed 25 Mar 2026 09:00 Omar Ortega Started trastuzumab-pertuzumab v1" in page
    assert "v3" not in page


def test_an_extension_past_a_year_is_shown_refused_and_then_overridden_by_name(plan):
    omar = signed_in("omar")
    page = words(omar.get(url("plan-extend", plan, "?cycles=1")))
    assert "more than 52 weeks is not recommended" in page
    assert "Cycle 19 – Mon 18 Jan 2027" in page
    refused = omar.post(url("plan-extend", plan), seen(plan, cycles=1, reason="Wish."))
    assert refused.status_code == 422
    assert not Extension.objects.exists()
    done = omar.post(url("plan-extend", plan), seen(plan, cycles=1, reason="Wish.", overridden="on"), follow=True)
    assert "Added 1 cycle. The last dose is now Mon 18 Jan 2027." in words(done)
    assert "By 1 cycle, past one year by override of Omar Ortega: Wish." in words(done)
    assert "No · the year ends on" in words(done)  # the forecast: not within a year


@pytest.mark.parametrize("cycles", ["0", "-1", "19", "many", "", "1e9"])
def test_an_extension_by_no_number_of_cycles_is_told(plan, cycles):
    omar = signed_in("omar")
    assert omar.get(url("plan-extend", plan, f"?cycles={cycles}")).status_code == 200
    assert omar.post(url("plan-extend", plan), seen(plan, cycles=cycles, reason="x")).status_code == 422
    assert not Extension.objects.exists()


def test_t_dm1_is_reduced_one_level_after_its_milligrams_were_seen():
    plan, omar = make.plan("t-dm1", start=START, given=4), signed_in("omar")
    page = words(omar.get(url("plan-level", plan, "?agent=trastuzumab-emtansine&from_cycle=6")))
    assert "210 mg Maintenance was 252 mg" in page  # 3.6 mg/kg and 3 mg/kg x 70 kg
    assert not LevelChange.objects.exists()
    said = seen(plan, agent="trastuzumab-emtansine", from_cycle=6, reason="Platelets 60.")
    done = words(omar.post(url("plan-level", plan), said, follow=True))
    assert "from cycle 6 on. Undo …" in done
    assert "3 mg/kg from cycle 6 on: Platelets 60." in done
    with time_machine.travel("2026-04-20T09:00:00Z", tick=False):
        today = words(signed_in("nora").get(reverse("today"), {"on": "2026-04-20"}))
    assert "reduced to 3 mg/kg" in today


def test_an_agent_without_levels_is_not_offered_and_a_posted_one_is_refused(plan):
    omar = signed_in("omar")
    assert "Reduce dose" not in words(omar.get(url("plan", plan)))
    response = omar.post(url("plan-level", plan), seen(plan, agent="trastuzumab", from_cycle=5, reason="x"))
    assert response.status_code == 422
    assert "has no reduced dose" in words(response)


def test_policies_are_looked_at_then_chosen_and_stand_on_the_plan(plan):
    omar = signed_in("omar")
    query = "&".join(f"{name}={value}" for name, value in POLICY.items())
    assert "Change policies" in words(omar.get(url("plan-policy", plan, f"?{query}")))
    assert omar.post(url("plan-policy", plan), seen(plan, reason="", **POLICY)).status_code == 422
    done = words(omar.post(url("plan-policy", plan), seen(plan, reason="EU label.", **POLICY), follow=True))
    assert "Changed what the plan goes by." in done
    assert "trastuzumab re-loads from six weeks after its last dose" in done
    again = omar.post(url("plan-policy", plan), seen(plan, reason="Again.", **POLICY))
    assert "goes by these policies already" in words(again)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["nora", "cora", "pia", "ada", "xavier"])
def test_only_an_oncologist_opens_them(plan, page, who):
    assert signed_in(who).get(url(page, plan)).status_code == 403
    assert signed_in(who).post(url(page, plan), {}).status_code == 403


@pytest.mark.parametrize("page", [*PAGES, "plan-undo"])
def test_an_empty_post_is_shown_again_with_its_errors(plan, page):
    assert signed_in("omar").post(url(page, plan), {}).status_code == 422


def test_an_ended_plan_offers_none_of_them(plan):
    plan.refresh_from_db()
    omar = signed_in("omar")
    omar.post(url("plan-cease", plan), seen(plan, reason="toxicity", note=""))
    page = words(omar.get(url("plan", plan)))
    assert "Extend plan" not in page
    assert "Undo" not in page
    assert changes.last_change(plan) is None
