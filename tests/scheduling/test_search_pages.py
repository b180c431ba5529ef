"""Finding a patient in a second: accents, slips of the finger, numbers old and new, dates of birth."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def nora() -> Client:
    client = Client()
    client.force_login(make.person("nora"))
    return client


def found(client: Client, q: str) -> str:
    """The list's part, as htmx asks for it while somebody types: it never jumps to a chart."""
    response: Any = client.get(reverse("patients"), {"q": q}, headers={"hx-request": "true"})
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    "typed", ["Müller", "muller", "MULLER", "Mueller", "Muler", "Mulller", "anja muller", "Muller, Anja", "anj"]
)
def test_a_name_is_found_without_its_accent_and_with_a_slip(nora, typed):
    make.patient(family_name="Müller", given_name="Anja", mrn="M-1")
    make.patient(family_name="Okafor", given_name="Ngozi", mrn="O-1")
    words = found(nora, typed)
    assert "M-1" in words
    assert "O-1" not in words


@pytest.mark.parametrize("typed", ["1972-03-12", "12.03.1972", "12/3/1972"])
def test_a_date_of_birth_is_found_as_people_write_it(nora, typed):
    make.patient(born_on=date(1972, 3, 12), mrn="M-1")
    make.patient(born_on=date(1972, 12, 3), mrn="O-1")
    words = found(nora, typed)
    assert "M-1" in words
    assert "O-1" not in words


def test_part_of_an_mrn_or_a_phone_number_is_found(nora):
    make.patient(mrn="004-1187", phone="+34 600 123 456")
    assert "004-1187" in found(nora, "1187")
    assert "004-1187" in found(nora, "600 123")


def test_an_exact_mrn_goes_straight_to_the_chart(nora):
    patient = make.patient(mrn="004-118")
    make.patient(mrn="004-1187")
    response = nora.get(reverse("patients"), {"q": " 004-118 "})
    assert response.url == reverse("patient", args=[patient.uuid])


@pytest.mark.parametrize("typed", ["Ngozi Okafor", "okafor ngozi", "OKAFOR, Ngozi"])
def test_a_whole_name_goes_straight_to_the_chart(nora, typed):
    patient = make.patient(family_name="Okafor", given_name="Ngozi")
    make.patient(family_name="Okafor", given_name="Ngozika")
    assert nora.get(reverse("patients"), {"q": typed}).url == reverse("patient", args=[patient.uuid])


def test_two_people_of_one_name_are_listed_and_neither_is_opened(nora):
    make.patient(family_name="Okafor", given_name="Ngozi", mrn="A-1")
    make.patient(family_name="Okafor", given_name="Ngozi", mrn="B-2")
    response = nora.get(reverse("patients"), {"q": "Ngozi Okafor"})
    assert response.status_code == 200
    assert "A-1" in response.content.decode()
    assert "B-2" in response.content.decode()


def test_the_best_match_comes_first(nora):
    make.patient(family_name="Martinez", given_name="Ana", mrn="M-2")
    make.patient(family_name="Martin", given_name="Alice", mrn="M-1")
    words = found(nora, "martin")
    assert words.index("M-1") < words.index("M-2")


def test_nobody_found_says_what_else_to_try(nora):
    make.patient()
    words = found(nora, "Zzyzx")
    assert "Nobody found for “Zzyzx”" in words
    assert "date of birth" in words


@pytest.mark.parametrize("typed", ["%", "_", "'; drop table", "\x00", "(" * 90, "31.02.1972", "💉", "a" * 500])
def test_strange_text_finds_nobody_and_breaks_nothing(nora, typed):
    make.patient()
    assert nora.get(reverse("patients"), {"q": typed}).status_code == 200


def test_another_sites_patient_is_not_found_by_her_number(nora):
    make.patient()
    make.patient(make.site(name="Elsewhere"), mrn="X-9")
    assert nora.get(reverse("patients"), {"q": "X-9"}).status_code == 200
    assert "Nobody found" in found(nora, "X-9")


def test_another_site_s_patients_are_never_found_however_one_asks(nora):
    other = make.site(name="Other clinic")
    theirs = make.patient(
        other, family_name="Müller", given_name="Anja", mrn="X-7711", phone="600 123 456", born_on=date(1972, 3, 12)
    )
    for typed in ("Müller", "Muler", "Muller, Anja", "X-7711", "7711", "600 123", "1972-03-12"):
        assert theirs.mrn not in found(nora, typed)
        whole = nora.get(reverse("patients"), {"q": typed})
        assert whole.status_code == 200  # it does not jump to a chart either
        assert theirs.mrn not in whole.content.decode().replace(f'value="{typed}"', "")


@pytest.mark.parametrize("typed", ["Muler", "Muller, Anja", "M-1", "600 12", "1970-05-17"])
def test_two_found_and_forty_cost_the_same_number_of_queries(nora, typed):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            found(nora, typed)
        return len(captured)

    for number in range(2):
        make.patient(family_name="Müller", given_name="Anja", mrn=f"M-1{number}", phone=f"600 12{number}")
    found(nora, typed)
    few = queries()
    for number in range(2, 40):
        make.patient(family_name="Müller", given_name="Anja", mrn=f"M-1{number}", phone=f"600 12{number}")
    assert queries() == few
