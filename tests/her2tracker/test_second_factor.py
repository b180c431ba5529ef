"""Coming in with a second factor: set up, asked for, required of a role, lost, and on record."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client, override_settings
from django.urls import reverse

from her2tracker.accounts import second_factor
from her2tracker.accounts.models import User
from her2tracker.audit.models import Act
from her2tracker.clinic import people
from her2tracker.lib.refusals import Refused
from tests import make

pytestmark = pytest.mark.django_db


def code(secret: str, *, later: int = 0) -> str:
    """What an authenticator app shows now; `later` steps of 30 s from now."""
    counter = next(iter(totp.yield_hotp_counters_from_time())) + later
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def signed_in(who: User) -> Client:
    """By the sign-in page itself, so that the session knows how."""
    client = Client()
    sign_in(client, who)
    return client


def sign_in(client: Client, who: User, password: str = make.PASSWORD) -> Any:
    return client.post(reverse("account_login"), {"login": who.email, "password": password})


def set_up(client: Client) -> str:
    """An authenticator app for whoever is signed in and gives the password once more; its secret."""
    assert reverse("account_reauthenticate") in client.get(reverse("mfa_activate_totp"))["Location"]
    client.post(reverse("account_reauthenticate"), {"password": make.PASSWORD})
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    found = re.search(r'value="([A-Z2-7]{16,})"', page)
    assert found, "the secret stands beside the picture for whoever cannot scan it"
    answer = client.post(reverse("mfa_activate_totp"), {"code": code(found[1])})
    assert answer.status_code == 302, answer.content.decode()[-800:]
    return found[1]


@pytest.fixture
def nora() -> User:
    return make.person("nora")


@pytest.fixture
def asked_of_nurses(nora: User) -> User:
    nora.site.second_factor_roles = ["nurse"]
    nora.site.save()
    return nora


def test_who_has_a_second_factor_is_asked_for_it_and_sees_nothing_before(nora: User):
    secret = set_up(signed_in(nora))
    client = Client()
    assert sign_in(client, nora)["Location"].startswith(reverse("mfa_authenticate"))
    assert client.get(reverse("today")).status_code == 302
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert wrong.status_code == 200
    assert "Incorrect code" in wrong.content.decode()
    assert client.get(reverse("today")).status_code == 302
    client.post(reverse("mfa_authenticate"), {"code": code(secret, later=1)})
    assert client.get(reverse("today")).status_code == 200
    signed = Act.objects.filter(verb="person.signed-in").latest("at")
    assert signed.details == {"by_means_of": ["mfa", "password"]}


def test_a_code_is_good_for_one_sign_in(nora: User):
    secret = set_up(signed_in(nora))
    shown = code(secret, later=1)
    for wanted in (200, 302):
        client = Client()
        sign_in(client, nora)
        client.post(reverse("mfa_authenticate"), {"code": shown})
        assert client.get(reverse("today")).status_code == wanted


def test_a_recovery_code_opens_once_when_the_telephone_is_away(nora: User):
    client = signed_in(nora)
    set_up(client)
    client.post(reverse("mfa_generate_recovery_codes"))
    codes = Authenticator.objects.get(user=nora, type="recovery_codes").wrap().get_unused_codes()
    assert len(codes) == 10
    for wanted in (200, 302):
        other = Client()
        sign_in(other, nora)
        other.post(reverse("mfa_authenticate"), {"code": codes[0]})
        assert other.get(reverse("today")).status_code == wanted


def test_a_role_that_must_have_one_reaches_nothing_without_it(asked_of_nurses: User):
    client = signed_in(asked_of_nurses)
    for name in ("today", "patients", "account-api-token", "account_change_password"):
        answer = client.get(reverse(name))
        assert (answer.status_code, answer["Location"]) == (302, reverse("mfa_index")), name
    refused = client.get("/api/v1/today/")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "second-factor-required")
    assert "asks your role for a second factor" in client.get(reverse("mfa_index")).content.decode()
    set_up(client)
    assert client.get(reverse("today")).status_code == 200


def test_other_roles_go_on_as_before(asked_of_nurses: User):
    assert signed_in(make.person("omar", asked_of_nurses.site)).get(reverse("flags")).status_code == 200


def test_the_last_one_of_a_role_that_must_have_one_cannot_be_taken_away(asked_of_nurses: User):
    client = signed_in(asked_of_nurses)
    set_up(client)
    client.post(reverse("mfa_deactivate_totp"))
    assert second_factor.has_one(asked_of_nurses)


def test_secrets_are_not_readable_in_the_database(nora: User):
    secret = set_up(signed_in(nora))
    kept = Authenticator.objects.get(user=nora, type="totp").data["secret"]
    assert secret not in kept
    assert second_factor.cipher().decrypt(kept.encode()).decode() == secret
    with override_settings(SECRET_KEY="another", SECRET_KEY_FALLBACKS=[second_factor.settings.SECRET_KEY]):
        assert second_factor.cipher().decrypt(kept.encode()).decode() == secret, "the key may change"


@pytest.mark.django_db(transaction=True)
def test_setting_one_up_and_taking_it_away_is_on_record(nora: User):
    client = signed_in(nora)
    set_up(client)
    client.post(reverse("mfa_deactivate_totp"))
    told = [act.details["what"] for act in Act.objects.filter(verb="person.credentials").order_by("at", "id")]
    assert told[0] == "totp_activated"
    assert "totp_deactivated" in told


def test_a_lost_telephone_is_reset_by_an_administrator_and_ends_sessions(nora: User):
    client = signed_in(nora)
    set_up(client)
    ada = signed_in(make.person("ada"))
    assert "Reset second factor" in ada.get(reverse("person", args=[nora.uuid])).content.decode()
    ada.post(reverse("person-second-factor-reset", args=[nora.uuid]))
    assert not second_factor.has_one(nora)
    assert client.get(reverse("today")).status_code == 302
    assert Act.objects.get(verb="person.second-factor-reset").subject_uuid == nora.uuid
    assert sign_in(Client(), nora)["Location"] == "/"


def test_nobody_resets_their_own_or_one_that_is_none(nora: User):
    ada = make.person("ada")
    with pytest.raises(Refused, match="another administrator"):
        people.reset_second_factor(by=ada, person=ada)
    with pytest.raises(Refused, match="has no second factor"):
        people.reset_second_factor(by=ada, person=nora)
    assert signed_in(nora).post(reverse("person-second-factor-reset", args=[nora.uuid])).status_code == 403
    elsewhere = make.person("nora", make.site(name="Elsewhere"))
    answer = signed_in(ada).post(reverse("person-second-factor-reset", args=[elsewhere.uuid]))
    assert answer.status_code == 404


def test_wrong_passwords_are_counted_on_record_and_end(nora: User):
    for _ in range(5):
        assert "not correct" in sign_in(Client(), nora, "wrong-password-here").content.decode()
    blocked = sign_in(Client(), nora)
    assert "Too many failed" in blocked.content.decode()
    failed = Act.objects.filter(verb="person.sign-in-failed")
    assert failed.count() == 5
    assert {act.subject_uuid for act in failed} == {nora.uuid}


def test_what_a_stranger_typed_is_not_kept(db: None):
    client = Client()
    client.post(reverse("account_login"), {"login": "my-secret@nowhere.example", "password": "my-secret-password"})
    act = Act.objects.get(verb="person.sign-in-failed")
    assert act.details == {"known": False}
    assert act.subject_uuid is None


def test_a_session_gets_a_new_key_when_somebody_signs_in(nora: User):
    """A key that was planted before is worth nothing after."""
    client = Client()
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = before = session.session_key
    sign_in(client, nora)
    assert client.cookies["sessionid"].value != before
    assert Client(headers={"Cookie": f"sessionid={before}"}).get(reverse("today")).status_code == 302


@pytest.mark.parametrize("next_", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(nora: User, next_: str):
    client = Client()
    answer = client.post(reverse("account_login"), {"login": nora.email, "password": make.PASSWORD, "next": next_})
    assert answer["Location"] == "/"


def test_the_site_decides_which_roles_on_its_page_and_over_http(nora: User):
    ada = signed_in(make.person("ada"))
    shown = ada.patch("/api/v1/site/", {"second_factor_roles": ["oncologist"]}, content_type="application/json")
    assert shown.json()["second_factor_roles"] == ["oncologist"]
    assert "Second factor required of" in ada.get(reverse("site-settings")).content.decode()
    bad = ada.patch("/api/v1/site/", {"second_factor_roles": ["patient"]}, content_type="application/json")
    assert bad.status_code == 400
