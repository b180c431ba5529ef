"""The regimen library on pages: every figure with its source, and the sign-off of what is unverified."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from her2tracker.lib.catalog import documents
from scheduling import catalog
from scheduling.models import RegimenSignOff
from tests import make

pytestmark = pytest.mark.django_db
STATEMENT = {"statement": "Herceptin label of 2024 and the local protocol."}


@pytest.fixture(autouse=True)
def library():
    make.published()


def signed_in(who: str) -> Client:
    client = Client()
    client.force_login(make.person(who))
    return client


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("who", ["nora", "omar", "cora", "pia", "ada"])
def test_everyone_with_a_role_reads_the_library(who):
    client = signed_in(who)
    assert client.get(reverse("regimens")).status_code == 200
    assert client.get(reverse("regimen", args=["apt", 1])).status_code == 200


def test_who_has_no_role_reads_nothing():
    assert signed_in("xavier").get(reverse("regimens")).status_code == 403
    assert signed_in("xavier").get(reverse("regimen", args=["apt", 1])).status_code == 403


def test_the_library_lists_every_regimen_with_doses_and_confidence():
    words = text_of(signed_in("pia").get(reverse("regimens")))
    assert f"{len(catalog.regimens())} regimens" in words
    assert "APT: paclitaxel and trastuzumab weekly" in words
    assert "Not signed off" in words
    for key, version in catalog.regimens():
        assert reverse("regimen", args=[key, version]) in words


@pytest.mark.parametrize("key", sorted(key for key, _ in catalog.regimens()))
def test_a_page_shows_every_fact_of_its_regimen_with_the_source(key):
    words = text_of(signed_in("pia").get(reverse("regimen", args=[key, 1])))
    regimen = catalog.regimen(key)
    for fact in regimen.cited_facts:
        assert documents()[fact.citation.document].publisher.split()[0] in words
    for phase in regimen.phases:
        is_open = regimen.cap.open_ended and phase is regimen.phases[-1]
        cycles = "Cycles" if is_open else f"{phase.cycles} cycles"
        assert f"{cycles} of {phase.cycle_length_days} days" in words


def test_pertuzumab_loads_again_by_the_days_since_the_last_dose_and_trastuzumab_by_the_days_late():
    words = text_of(signed_in("pia").get(reverse("regimen", args=["trastuzumab-pertuzumab", 1])))
    assert "Loads again with 840 mg when at least 42 days since the last dose" in words
    assert "Loads again with 8 mg/kg when over 7 days late" in words


def test_the_subcutaneous_form_never_loads_again():
    assert "Never loads again" in text_of(signed_in("pia").get(reverse("regimen", args=["trastuzumab-sc", 1])))


def test_t_dm1_shows_its_ceiling_and_its_ladder():
    words = text_of(signed_in("pia").get(reverse("regimen", args=["t-dm1", 1])))
    assert "3.6 mg/kg" in words
    assert "3.0, then 2.4 mg/kg, then stop" in words


@pytest.mark.parametrize(("key", "version"), [("no-such", 1), ("apt", 99), ("apt", 0)])
def test_a_version_nobody_published_does_not_exist(key, version):
    assert signed_in("pia").get(reverse("regimen", args=[key, version])).status_code == 404


def test_an_oncologist_signs_off_and_the_page_says_who_and_when():
    client = signed_in("omar")
    address = reverse("regimen", args=["trastuzumab-q3w-17", 1])
    assert "Take responsibility" in text_of(client.get(address))
    assert client.post(address, STATEMENT).url == address
    words = text_of(client.get(address))
    assert "by Omar Ortega" in words
    assert STATEMENT["statement"] in words
    assert "Take responsibility" not in words
    assert "Signed off here" in text_of(client.get(reverse("regimens")))


@pytest.mark.parametrize("who", ["nora", "cora", "pia", "ada"])
def test_nobody_else_signs_off(who):
    client = signed_in(who)
    address = reverse("regimen", args=["apt", 1])
    assert "Take responsibility" not in text_of(client.get(address))
    assert client.post(address, STATEMENT).status_code == 403
    assert not RegimenSignOff.objects.exists()


@pytest.mark.parametrize("statement", ["", "   "])
def test_a_sign_off_says_what_was_checked(statement):
    response = signed_in("omar").post(reverse("regimen", args=["apt", 1]), {"statement": statement})
    assert response.status_code == 422
    assert not RegimenSignOff.objects.exists()


def test_a_second_sign_off_is_refused():
    client, address = signed_in("omar"), reverse("regimen", args=["apt", 1])
    client.post(address, STATEMENT)
    response = client.post(address, STATEMENT)
    assert response.status_code == 422
    assert "signed off at this site already" in text_of(response)
    assert RegimenSignOff.objects.count() == 1


def test_a_sign_off_holds_for_its_own_site_only():
    elsewhere = make.person("omar", make.site(name="Elsewhere"))
    client = Client()
    client.force_login(elsewhere)
    client.post(reverse("regimen", args=["apt", 1]), STATEMENT)
    assert "Take responsibility" in text_of(signed_in("omar").get(reverse("regimen", args=["apt", 1])))
