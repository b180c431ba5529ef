"""The follow-up list as a table that leaves the house: every LVEF still asked for, and those answered."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from monitoring.actions import assessments
from scheduling.actions import plans
from scheduling.models import Patient, TreatmentPlan
from scheduling.words import CeaseReason
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SignIn = Callable[[str], Client]


def ceased(of: Patient | None = None) -> TreatmentPlan:
    """Five infusions from 5 January, the last on Mon 30 Mar 2026; ended on Thu 30 Apr 2026."""
    plan = make.plan(start=date(2026, 1, 5), given=5, of=of)
    omar = make.person("omar", plan.patient.site)
    return plans.cease(by=omar, plan=plan, reason=CeaseReason.PATIENT_CHOICE, note="Enough.")


def table(client: Client) -> list[dict[str, str]]:
    response = client.get(reverse("follow-up-csv"))
    assert response["Content-Disposition"] == 'attachment; filename="follow-up.csv"'
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def test_each_lvef_of_each_patient_is_a_line_with_its_source(sign_in: SignIn):
    plan = ceased()
    rows = table(sign_in("cora"))
    assert [row["LVEF due"] for row in rows] == ["2026-04-30", "2026-09-30", "2027-03-30", "2027-09-30", "2028-03-30"]
    first = rows[0]
    assert (first["MRN"], first["Patient"], first["Born"]) == (plan.patient.mrn, str(plan.patient), "1970-05-17")
    assert (first["Last given"], first["Last LVEF"], first["Measured on"]) == ("2026-03-30", "62 %", "2026-01-05")
    assert (first["State"], first["Answered on"]) == ("due", "")
    assert rows[1]["Because"] == "6 months after the last administration on Mon 30 Mar 2026"
    assert rows[1]["Sources"].startswith("herceptin-uspi#")
    assert rows[1]["Sources"].endswith(", verified")


def test_an_answered_one_says_when_and_a_booking_stands_at_the_next(sign_in: SignIn):
    plan = ceased()
    make.lvef(plan.patient, 61, date(2026, 4, 30))
    assessments.book_echo(by=make.person("cora"), plan=plan, booked_for=date(2026, 9, 28), lab="Echo lab")
    rows = table(sign_in("cora"))
    assert [(row["Answered on"], row["Next echo booked"]) for row in rows[:3]] == [
        ("2026-04-30", ""), ("", "2026-09-28"), ("", ""),
    ]  # fmt: skip


def test_a_name_that_a_spreadsheet_would_run_is_only_text(sign_in: SignIn):
    ceased(make.patient(family_name="=SUM(A1)"))
    assert table(sign_in("cora"))[0]["Patient"].startswith("'=SUM")


def test_only_the_own_site_and_only_who_works_through_the_list(sign_in: SignIn):
    ceased(make.patient(make.site(name="Elsewhere")))
    assert table(sign_in("cora")) == []
    assert sign_in("omar").get(reverse("follow-up-csv")).status_code == 403
    assert sign_in("xavier").get(reverse("follow-up-csv")).status_code == 403


def test_the_list_offers_it_only_when_somebody_is_on_it(sign_in: SignIn):
    cora, address = sign_in("cora"), reverse("follow-up-csv")
    assert address not in cora.get(reverse("follow-up")).content.decode()
    ceased()
    assert address in cora.get(reverse("follow-up")).content.decode()
