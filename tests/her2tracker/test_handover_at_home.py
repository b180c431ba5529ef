"""A card of what goes under the skin or is taken at home says so: by which way, what a volume holds, until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from her2tracker.clinic.handover import taking
from her2tracker.clinic.handover.card import Card, write
from her2tracker.clinic.handover.making import card_of
from her2tracker.clinic.handover.pdf import pdf, told
from her2tracker.clinic.handover.taking import Choice
from scheduling.actions import oral_levels
from scheduling.models import TreatmentPlan
from scheduling.models.facts import read_plan
from tests import make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to("2026-04-30 09:00", tick=False)


def card(plan: TreatmentPlan) -> Card:
    return card_of(read_plan(plan.pk), by=make.person("omar"), now=timezone.now())


def doses(plan: TreatmentPlan) -> list[str]:
    return [row[2] for row in told(card(plan))["doses"]]


def taken_there(plan: TreatmentPlan):
    there = make.site(name="Second hospital")
    make.signed_off(plan.regimen.key, there)
    omar = make.person("omar", there)
    row = taking.receive(by=omar, text=write(card(plan)))
    return taking.take_over(by=omar, row=row, choice=Choice(mrn="S-1"))


def test_a_fixed_combination_is_told_by_what_its_volume_holds_and_by_its_way():
    given = doses(make.plan("phesgo", start=START, given=2))
    name = "pertuzumab-trastuzumab-hyaluronidase"
    assert given == [
        f"{name} 1200 mg pertuzumab + 600 mg trastuzumab in 15 mL, subcutaneous, loading",
        f"{name} 600 mg pertuzumab + 600 mg trastuzumab in 10 mL, subcutaneous",
    ]


def test_a_part_of_a_volume_is_told_as_that_part_and_not_as_the_whole_dose():
    made = card(make.plan("phesgo", start=START, given=1))
    day = made.plan.cycle_days[0]
    part = replace(day, doses=(replace(day.doses[0], ml=Decimal(4)),))
    said = told(replace(made, plan=replace(made.plan, cycle_days=(part,))))["doses"]
    assert said[0][2] == "pertuzumab-trastuzumab-hyaluronidase 4 mL, subcutaneous, loading"


def test_what_goes_under_the_skin_in_mg_says_so_and_a_vein_is_not_named():
    assert doses(make.plan("trastuzumab-sc", start=START, given=1)) == [
        "trastuzumab-hyaluronidase 600 mg, subcutaneous"
    ]
    assert doses(make.plan("trastuzumab-q3w-18", start=START, given=2, kg=70))[1] == "trastuzumab 420 mg"


@pytest.mark.parametrize("key", ["phesgo", "trastuzumab-sc"])
def test_what_goes_under_the_skin_goes_on_elsewhere_dose_for_dose(key):
    outcome = taken_there(make.plan(key, start=START, given=4))
    assert outcome.plan is not None
    assert outcome.days[0].cycle == 5
    assert outcome.apart == ()


def test_a_plan_taken_at_home_says_what_is_taken_and_until_when_and_never_that_nothing_was_given():
    plan = make.plan("neratinib", start=START)
    said = told(card(plan))
    # 52 weeks from 5 January 2026: CLINICAL.md, duration of neratinib
    assert any(
        line.startswith("Taken at home: Neratinib, 240 mg once a day, Mon 5 Jan 2026 to Sun 3 Jan 2027")
        for line in said["plan"]
    )
    assert said["no_doses"] == said["next"][0] == "No infusion belongs to this plan: all of it is taken at home."
    assert not any("cycle days given" in line for line in said["plan"])
    assert pdf(card(plan))[:5] == b"%PDF-"


def test_a_reduced_dose_at_home_is_on_the_card_with_its_days():
    plan = make.plan("neratinib", start=START)
    omar = make.person("omar")
    reason = "Diarrhoea, grade 3."
    oral_levels.reduce(by=omar, plan=read_plan(plan.pk), agent="neratinib", from_on=date(2026, 4, 20), reason=reason)
    line = next(line for line in told(card(plan))["plan"] if line.startswith("Taken at home"))
    assert "240 mg once a day, Mon 5 Jan 2026 to Sun 19 Apr 2026; 200 mg once a day, Mon 20 Apr 2026 to" in line


def test_what_is_taken_beside_infusions_is_on_the_card_too():
    plan = make.plan("tucatinib-capecitabine-trastuzumab", start=START, given=2)
    said = [line for line in told(card(plan))["plan"] if line.startswith("Taken at home")]
    assert [line.split(",")[0] for line in said] == ["Taken at home: Tucatinib", "Taken at home: Capecitabine"]


def test_a_regimen_that_is_not_known_here_is_not_guessed_at():
    made = card(make.plan("phesgo", start=START, given=1))
    foreign = replace(made, regimen=replace(made.regimen, digest="0" * 64))
    assert told(foreign)["doses"][0][2] == "pertuzumab-trastuzumab-hyaluronidase 15 mL, loading"


def test_whoever_reads_the_card_of_a_plan_taken_at_home_is_told_how_it_goes_on():
    plan = make.plan("neratinib", start=START)
    there = make.site(name="Second hospital")
    omar = make.person("omar", there)
    row = taking.receive(by=omar, text=write(card(plan)))
    client = Client()
    client.force_login(omar)
    page = client.get(f"/cards/{row.uuid}/").content.decode()
    assert "All of this treatment is taken at home: the LVEF results alone are taken over." in page
    assert "Start it here as a new plan from its own first day" in page
