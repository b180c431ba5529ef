"""What would the other rule set say? Side by side, in words, on the result, the flag, in print and over the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from monitoring.core.result import Modality
from monitoring.models import CardiacFlag, LvefAssessment
from monitoring.words import FlagKind
from scheduling.models import Patient, TreatmentPlan
from tests import api, make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SignIn = Callable[[str], Client]


def fallen(baseline: int, now: int, **fields: object) -> tuple[TreatmentPlan, LvefAssessment]:
    plan = make.plan(start=date(2026, 1, 5), given=5, baseline=baseline)
    return plan, make.lvef(plan.patient, now, date(2026, 4, 28), **fields)


def test_where_the_label_here_withholds_and_the_european_one_does_not_the_row_says_that_it_differs(sign_in: SignIn):
    _, row = fallen(66, 50)  # CLINICAL.md 3.3: hold by the US label, continue by the European one
    said = api.get("omar", f"lvef/{row.uuid}/compare/")["comparison"]
    by = {one["protocol"]: one for one in said["rows"]}
    assert said["leading"] == "withhold"
    assert (by["trastuzumab-us"]["applies"], by["trastuzumab-us"]["differs"]) == (True, False)
    assert (by["trastuzumab-eu"]["advice"], by["trastuzumab-eu"]["applies"], by["trastuzumab-eu"]["differs"]) == (
        "continue", False, True,
    )  # fmt: skip
    omar = sign_in("omar")
    flag = CardiacFlag.objects.get(kind=FlagKind.FINDING)
    places = [
        reverse("assessment", args=[row.uuid]),
        reverse("assessment-compare", args=[row.uuid]),
        reverse("flag", args=[flag.uuid]),
    ]
    for place in places:
        page = omar.get(place).content.decode()
        assert "for comparison only" in page, place
        assert "<strong>differs</strong>" in page, place
    assert "Print" in omar.get(places[1]).content.decode()


def test_a_baseline_is_compared_with_nothing(sign_in: SignIn):
    plan, _ = fallen(62, 61)
    baseline = LvefAssessment.objects.filter(patient=plan.patient).order_by("performed_on")[0]
    assert api.get("omar", f"lvef/{baseline.uuid}/compare/") == {"comparison": None}
    page = sign_in("omar").get(reverse("assessment-compare", args=[baseline.uuid])).content.decode()
    assert "Nothing to compare" in page


def test_muga_61_then_echo_50_carries_the_caution_and_offers_the_repeat_where_the_baseline_was(sign_in: SignIn):
    """No rule is met at 50 %: the caution and the way to the repeat stand on the result itself."""
    plan = make.plan(start=date(2026, 1, 5), given=5, baseline=None, of=_measured_by_muga())
    row = make.lvef(plan.patient, 50, date(2026, 4, 28), modality=Modality.ECHO_2D)
    cora = sign_in("cora")
    page = cora.get(reverse("assessment", args=[row.uuid])).content.decode()
    assert "Provisional: baseline by MUGA, this by 2D echo; methods differ by several points." in page
    address = f"{reverse('echo-book', args=[plan.uuid])}?lab=Nuclear%20medicine"
    assert f'href="{address}">Repeat by MUGA at Nuclear medicine' in page
    assert cora.get(address).context["form"].initial["lab"] == "Nuclear medicine"


def test_a_finding_across_methods_offers_the_repeat_as_a_decision_with_the_baselines_laboratory(sign_in: SignIn):
    plan = make.plan(start=date(2026, 1, 5), given=5, baseline=None, of=_measured_by_muga())
    make.lvef(plan.patient, 49, date(2026, 4, 28), modality=Modality.ECHO_2D)
    flag = CardiacFlag.objects.get(kind=FlagKind.FINDING)
    card = sign_in("omar").get(reverse("flag", args=[flag.uuid])).content.decode()
    assert "Provisional: baseline by MUGA, this by 2D echo" in card
    assert "by MUGA at Nuclear medicine as the baseline was" in card
    said = {
        "decision": "repeat",
        "reason": "method-changed",
        "decisions_seen": 0,
        "note": "",
        "repeat_by": "2026-05-14",
    }
    assert sign_in("omar").post(reverse("flag", args=[flag.uuid]), said).status_code == 302
    assert flag.decisions.get().reason == "method-changed"


def _measured_by_muga() -> Patient:
    patient = make.patient()
    make.lvef(patient, 61, date(2026, 1, 2), modality=Modality.MUGA, lab="Nuclear medicine")
    return patient
