"""What is taken at home, one level lower. The ladders are those of CLINICAL.md 1.3.

Neratinib 240, then 200, 160 and 120 mg; tucatinib 300, then 250, 200 and 150 mg twice a day; below that, stopped.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from her2tracker.accounts.access import Denied
from her2tracker.audit import sentences
from her2tracker.audit.models import Act
from her2tracker.lib.refusals import Refused
from scheduling import catalog
from scheduling.actions import changes, oral_levels, plans
from scheduling.core.at_home import Lowered, courses
from scheduling.models import OralLevelChange, TreatmentPlan
from scheduling.words import CeaseReason, PlanState
from tests import api, make
from tests.scheduling.pages import START, signed_in, url, words

pytestmark = pytest.mark.django_db
FEBRUARY, MARCH = date(2026, 2, 2), date(2026, 3, 2)
LAST = date(2027, 1, 3)  # day 364 from 5 January 2026
TUCATINIB = "tucatinib-capecitabine-trastuzumab"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-02-02T09:00:00Z", tick=False) as travelled:
        yield travelled


@pytest.fixture
def plan(clock) -> TreatmentPlan:
    clock.move_to("2026-01-05T09:00:00Z")
    made = make.plan("neratinib", start=START, baseline=None)
    clock.move_to("2026-02-02T09:00:00Z")
    return made


def lower(plan: TreatmentPlan, from_on: date = FEBRUARY, agent: str = "neratinib", **fields: Any) -> Any:
    values = {"reason": "Diarrhoea, grade 3."} | fields
    return oral_levels.reduce(by=make.person("omar"), plan=plan, agent=agent, from_on=from_on, **values)


def refusal(plan: TreatmentPlan, from_on: date = FEBRUARY, **fields: Any) -> str:
    with pytest.raises(Refused) as caught:
        lower(plan, from_on, **fields)
    return caught.value.code


def said(plan: TreatmentPlan, **fields: Any) -> dict[str, Any]:
    plan.refresh_from_db()
    return {"agent": "neratinib", "from_on": "2026-02-02", "reason": "Diarrhoea.", "revision": plan.revision} | fields


def taken(course: Any) -> list[tuple[Decimal, date, date | None]]:
    return [(step.dose.mg, step.since, step.until) for step in course.doses]


def test_the_course_is_the_full_dose_until_the_day_before_and_then_each_level():
    lowered = [Lowered("neratinib", FEBRUARY, Decimal(200)), Lowered("neratinib", MARCH, Decimal(160))]
    [course] = courses(catalog.regimen("neratinib"), START, lowered=lowered)
    assert taken(course) == [
        (240, START, date(2026, 2, 1)), (200, FEBRUARY, date(2026, 3, 1)), (160, MARCH, LAST),
    ]  # fmt: skip
    assert course.doses[1].sentence == "200 mg once a day, Mon 2 Feb 2026 to Sun 1 Mar 2026"
    assert course.next_level == 120
    on = [date(2025, 12, 1), date(2026, 2, 1), FEBRUARY, MARCH, date(2028, 1, 1)]
    assert [course.taken_on(day).dose.mg for day in on] == [240, 240, 200, 160, 160]


def test_a_stepped_start_ends_where_the_reduction_begins():
    [course] = courses(
        catalog.regimen("neratinib"), START, lowered=[Lowered("neratinib", date(2026, 1, 14), Decimal(200))]
    )
    assert [(step.dose.mg, step.until) for step in course.step_up] == [
        (120, date(2026, 1, 11)),
        (160, date(2026, 1, 13)),
    ]


def test_from_the_first_day_on_there_was_no_full_dose():
    [course] = courses(catalog.regimen("neratinib"), START, lowered=[Lowered("neratinib", START, Decimal(200))])
    assert taken(course) == [(200, START, LAST)]


def test_an_ended_plan_ends_the_level_too_and_drops_one_that_never_came():
    lowered = [Lowered("neratinib", FEBRUARY, Decimal(200)), Lowered("neratinib", MARCH, Decimal(160))]
    [course] = courses(catalog.regimen("neratinib"), START, ended_on=date(2026, 2, 10), lowered=lowered)
    assert taken(course) == [(240, START, date(2026, 2, 1)), (200, FEBRUARY, date(2026, 2, 10))]


def test_only_the_agent_that_was_reduced_is_lower():
    lowered = [Lowered("tucatinib", FEBRUARY, Decimal(250))]
    tucatinib, capecitabine = courses(catalog.regimen(TUCATINIB), START, lowered=lowered)
    assert taken(tucatinib) == [(300, START, date(2026, 2, 1)), (250, FEBRUARY, None)]
    assert tucatinib.doses[1].dose.times_per_day == 2
    assert [step.sentence for step in capecitabine.doses] == ["1000 mg/m² twice a day on days 1 to 14 of every 21"]


def test_every_step_down_to_the_last_and_then_it_is_stopped(plan):
    days = [FEBRUARY, date(2026, 2, 9), date(2026, 2, 16)]
    assert [lower(plan, day).reached for day in days] == [200, 160, 120]
    with pytest.raises(Refused, match="Neratinib is at 120 mg, its lowest dose: below that it is stopped"):
        lower(plan, date(2026, 2, 23))
    assert oral_levels.reducible(plan) == ()
    told = sentences.sentence(Act.objects.filter(verb="plan.reduced").earliest("pk"))
    assert " ".join(told.split()) == "reduced neratinib to 200 mg from Mon 2 Feb 2026 on"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"mg": Decimal(160)}, "one-step"),
        ({"mg": Decimal(240)}, "not-a-level"),
        ({"mg": Decimal(0)}, "not-a-level"),
        ({"mg": Decimal(180)}, "not-a-level"),
        ({"reason": "  "}, "no-reason"),
        ({"from_on": date(2026, 1, 4)}, "before-the-start"),
        ({"from_on": date(2027, 1, 4)}, "too-far"),  # the day after its last
        ({"from_on": date(2026, 8, 4)}, "too-far"),  # 183 days ahead
        ({"agent": "tucatinib"}, "no-such-agent"),
        ({"revision": 99}, "changed-meanwhile"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_saved(plan, fields, code):
    assert refusal(plan, **fields) == code
    assert not OralLevelChange.objects.exists()


def test_half_a_year_ahead_is_the_furthest(plan):
    assert lower(plan, date(2026, 8, 3)).reached == 200


def test_never_up_again_nor_before_the_last(plan):
    lower(plan, FEBRUARY)
    assert refusal(plan, MARCH, mg=Decimal(200)) == "no-way-up"
    assert refusal(plan, FEBRUARY) == "before-the-last"
    row = OralLevelChange.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        OralLevelChange.objects.create(
            plan=plan,
            agent="neratinib",
            from_on=MARCH,
            mg=row.mg,
            reason="x",
            plan_revision=9,
            recorded_by=row.recorded_by,
        )


def test_a_plan_that_ended_is_not_reduced(plan):
    plans.cease(by=make.person("omar"), plan=plan, reason=CeaseReason.TOXICITY)
    plan.refresh_from_db()
    assert refusal(plan) == "not-active"


@pytest.mark.parametrize("who", ["nora", "cora", "pia"])
def test_only_an_oncologist_reduces(plan, who):
    with pytest.raises(Denied):
        oral_levels.reduce(by=make.person(who), plan=plan, agent="neratinib", from_on=FEBRUARY, reason="x")
    assert signed_in(who).get(url("plan-level", plan)).status_code == 403


def test_the_page_shows_both_doses_and_then_the_plan_and_the_chart_have_the_lower_one(plan):
    omar = signed_in("omar")
    assert "Reduce dose" in words(omar.get(url("plan", plan)))
    page = words(omar.get(url("plan-level", plan, "?agent=neratinib&from_on=2026-02-02")))
    assert "240 mg once a day, Mon 5 Jan 2026 to Sun 3 Jan 2027" in page  # now
    assert (
        "240 mg once a day, Mon 5 Jan 2026 to Sun 1 Feb 2026 200 mg once a day, Mon 2 Feb 2026 to Sun 3 Jan 2027"
        in page
    )
    assert "The next level below is 160 mg" in page
    assert "From cycle" not in page
    assert not OralLevelChange.objects.exists()
    done = words(omar.post(url("plan-level", plan), said(plan), follow=True))
    assert "Reduced Neratinib to 200 mg from Mon 2 Feb 2026 on. Undo …" in done
    assert "200 mg once a day, Mon 2 Feb 2026 to Sun 3 Jan 2027" in done
    assert "200 mg from Mon 2 Feb 2026 on: Diarrhoea." in done
    chart = words(signed_in("nora").get(reverse("patient", args=[plan.patient.uuid])))
    assert "Neratinib 200 mg once a day, reduced" in chart
    history = words(omar.get(reverse("patient-history", args=[plan.patient.uuid])))
    assert "reduced neratinib to 200 mg from Mon 2 Feb 2026 on" in history


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"reason": ""}, "Say why the dose is reduced"),
        ({"from_on": "soon"}, "Enter a date"),
        ({"from_on": ""}, "Say from when it is reduced"),
        ({"agent": "aspirin"}, "Not in this plan"),
        ({"revision": "1", "agent": "neratinib"}, ""),
    ],
)
def test_a_post_that_cannot_be_is_shown_again(plan, fields, told):
    if "revision" in fields:
        lower(plan)
    response = signed_in("omar").post(url("plan-level", plan), said(plan) | fields)
    assert response.status_code == 422
    assert told in words(response)
    assert OralLevelChange.objects.count() == (1 if "revision" in fields else 0)


def test_the_reduction_is_taken_back_and_the_plan_goes_on(plan):
    lower(plan)
    plan = TreatmentPlan.objects.with_facts().get(pk=plan.pk)
    omar = signed_in("omar")
    page = words(omar.get(url("plan-undo", plan)))
    assert "This takes back the reduction of neratinib to 200 mg from Mon 2 Feb 2026 on" in page
    assert "240 mg once a day, Mon 5 Jan 2026 to Sun 3 Jan 2027" in page
    assert omar.post(url("plan-undo", plan), {"revision": plan.revision}).status_code == 302
    plan.refresh_from_db()
    assert not OralLevelChange.objects.exists()
    assert plan.state == PlanState.ACTIVE  # it has no infusions left, and never had one
    assert changes.last_change(plan) is None


def test_an_agent_beside_infusions_is_reduced_from_a_day_on_and_no_infusion_moves(clock):
    clock.move_to("2026-01-05T09:00:00Z")
    plan = make.plan(TUCATINIB, start=START, given=1)
    clock.move_to("2026-02-02T09:00:00Z")
    before = list(plan.cycle_days.values_list("cycle", "planned_on"))
    omar = signed_in("omar")
    page = words(omar.get(url("plan-level", plan)))
    assert "Tucatinib, taken at home" in page
    assert "Capecitabine" not in page
    lower(plan, agent="tucatinib")
    assert list(plan.cycle_days.values_list("cycle", "planned_on")) == before
    assert "250 mg twice a day, from Mon 2 Feb 2026 on" in words(omar.get(url("plan", plan)))
    assert refusal(plan, agent="capecitabine") == "no-levels"
    assert refusal(plan, agent="trastuzumab") == "infused"


def test_the_api_previews_reduces_and_refuses_alike(plan):
    address, body = f"plans/{plan.uuid}/reduce/", {"agent": "neratinib", "from_on": "2026-02-02"}
    shown = api.post("omar", f"{address}preview/", 200, **body)
    assert [dose["since"] for dose in shown["at_home"]["doses"]] == ["2026-01-05", "2026-02-02"]
    assert shown["changed"] == []
    assert not OralLevelChange.objects.exists()
    made = api.post("omar", address, 200, **body, reason="Diarrhoea.", mg="200")
    assert made["oral_level_changes"][0] | {"recorded_by": "", "recorded_at": ""} == {
        "agent": "neratinib", "from_on": "2026-02-02", "mg": "200", "reason": "Diarrhoea.",
        "recorded_by": "", "recorded_at": "",
    }  # fmt: skip
    assert made["at_home"][0]["doses"][1]["dose"] == "200 mg once a day every day"
    up = api.post("omar", address, 409, **body | {"from_on": "2026-03-02"}, reason="Better.", mg="240")
    assert api.error(up)[0] == "not-a-level"
    api.post("omar", address, 400, agent="neratinib", reason="x")
    api.post("omar", address, 400, **body, from_cycle=2, reason="x")
    api.post("omar", address, 400, **body, mg_per_kg="3", reason="x")
    api.post("nora", address, 403, **body, reason="x")
    assert api.post("omar", f"plans/{plan.uuid}/undo/preview/", 200)["what"] == (
        "the reduction of neratinib to 200 mg from Mon 2 Feb 2026 on"
    )
