"""The administrator's places, the frame, and signing in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from her2tracker.accounts.models import User
from her2tracker.audit.models import Act
from monitoring.models import CardiacPolicy, SweepRun
from scheduling.models import SitePolicy
from tests import api, make

pytestmark = pytest.mark.django_db

SETTINGS = {
    "name": "Test clinic",
    "phone": "555 0199",
    "time_zone": "Europe/Madrid",
    "jurisdiction": "EU",
    "rounding_step_mg": "10",
    "weight_valid_days": "21",
    "start_tolerance_minutes": "10",
    "difference_asks_reason_percent": "5",
    "reload_with_pertuzumab": "eu-hp",
    "anchor": "grid",
    "minimum_gap_days": "",
    "cap": "doses",
    "lower_limit_of_normal": "52",
    "adopted_guidelines": ["esc-2022"],
    "reminder_lead_days": "10",
    "echo_lead_days": "21",
    "echo_result_days": "2",
    "lead_oncologist": "",
    "lead_after_hours": "",
    "coordinator_after_hours": "",
}


@pytest.fixture
def ada(client: Client) -> User:
    person = make.person("ada")
    client.force_login(person)
    return person


def test_site_settings_are_saved_and_say_what_changed(client: Client, ada: User):
    assert client.post(reverse("site-settings"), SETTINGS).status_code == 302
    ada.site.refresh_from_db()
    assert (ada.site.time_zone, ada.site.jurisdiction) == ("Europe/Madrid", "EU")
    assert SitePolicy.objects.get(site=ada.site).rounding_step_mg == Decimal(10)
    assert CardiacPolicy.objects.get(site=ada.site).lower_limit_of_normal == Decimal(52)
    act = Act.objects.get(verb="site.changed")
    assert act.details["lower_limit_of_normal"] == ["50", "52"]
    page = client.get(reverse("site-settings")).content.decode()
    assert "52" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [("lower_limit_of_normal", "80"), ("rounding_step_mg", "-5"), ("time_zone", "Mars/Base"), ("name", "")],
)
def test_a_setting_that_cannot_be_is_refused_beside_its_field(client: Client, ada: User, field: str, value: str):
    response = client.post(reverse("site-settings"), SETTINGS | {field: value})
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not Act.objects.filter(verb="site.changed").exists()


def test_the_ladders_hours_and_its_lead_are_the_sites_own(client: Client, ada: User):
    omar = make.person("omar")
    own = {"lead_oncologist": str(omar.uuid), "lead_after_hours": "4", "coordinator_after_hours": "8"}
    assert client.post(reverse("site-settings"), SETTINGS | own).status_code == 302
    policy = CardiacPolicy.objects.get(site=ada.site)
    assert [(step.id, step.after_hours) for step in policy.ladder.steps] == [("lead", 4), ("coordinator", 8)]
    assert policy.lead_oncologist == omar
    page = client.get(reverse("site-settings")).content.decode()
    assert f'<option value="{omar.uuid}" selected>Omar Ortega</option>' in page
    assert "Empty: 24 hours, as the policy file has it." in page


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ({"lead_after_hours": "48"}, "Each step comes later than the one before it"),
        ({"lead_after_hours": "8", "coordinator_after_hours": "8"}, "Each step comes later than the one before it"),
        ({"coordinator_after_hours": "24"}, "Each step comes later than the one before it"),
        ({"lead_after_hours": "0"}, "greater than or equal to 1"),
        ({"coordinator_after_hours": "337"}, "less than or equal to 336"),
    ],
)
def test_hours_out_of_order_or_bounds_are_refused_in_words(client: Client, ada: User, hours: dict, words: str):
    answer = client.post(reverse("site-settings"), SETTINGS | hours)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not CardiacPolicy.objects.exists()


def test_programs_change_some_settings_and_leave_the_others(ada: User):
    changed = api.patch("ada", "site/", 200, lead_after_hours=6, phone="555 0200")
    assert (changed["lead_after_hours"], changed["coordinator_after_hours"]) == (6, None)
    assert api.get("ada", "site/")["phone"] == "555 0200"
    answer = api.patch("ada", "site/", 409, lead_after_hours=50)
    assert api.error(answer)[0] == "hours-out-of-order"
    assert api.patch("ada", "site/", 400, lead_oncologist=str(make.person("nora").uuid))
    assert api.get("ada", "site/")["lead_after_hours"] == 6


def test_an_invited_person_sets_a_password_from_the_mail_and_signs_in(client: Client, ada: User):
    data = {"email": "Nina@Test.example", "full_name": "Nina New", "role": "nurse"}
    assert client.post(reverse("person-new"), data).status_code == 302
    person = User.objects.get(email="nina@test.example")
    assert not person.has_usable_password()
    assert [m.to for m in mail.outbox] == [["nina@test.example"]]
    link = next(word for word in mail.outbox[0].body.split() if "/account/password/reset/key/" in word)
    fresh = Client()
    landed = fresh.get(link.replace("http://testserver", ""), follow=True)
    form = {"password1": "a-long-new-passphrase", "password2": "a-long-new-passphrase"}
    fresh.post(landed.request["PATH_INFO"], form)
    assert fresh.login(email="nina@test.example", password="a-long-new-passphrase")


def test_the_same_address_is_not_invited_twice(client: Client, ada: User):
    taken = make.person("nora").email
    response = client.post(reverse("person-new"), {"email": taken, "full_name": "Other", "role": "nurse"})
    assert response.status_code == 422
    assert "already" in response.content.decode()


def test_closing_an_account_ends_its_session(client: Client, ada: User):
    nora, hers = make.person("nora"), Client()
    hers.force_login(nora)
    assert hers.get(reverse("patients")).status_code == 200
    client.post(reverse("person", args=[nora.uuid]), {"full_name": nora.full_name, "role": "nurse"})
    assert hers.get(reverse("patients")).status_code == 302


def test_an_administrator_cannot_take_their_own_role(client: Client, ada: User):
    response = client.post(reverse("person", args=[ada.uuid]), {"full_name": "Ada", "role": "nurse", "is_active": "on"})
    assert response.status_code == 422
    ada.refresh_from_db()
    assert ada.role == "administrator"


def test_a_person_signs_in_by_e_mail_and_lands_on_their_role_s_home(client: Client):
    nora = make.person("nora")
    response = client.post(reverse("account_login"), {"login": nora.email.upper(), "password": make.PASSWORD})
    assert response["Location"] == reverse("home")
    assert client.get(reverse("home"))["Location"] == reverse("today")


def test_a_wrong_password_says_so_and_does_not_sign_in(client: Client):
    nora = make.person("nora")
    response = client.post(reverse("account_login"), {"login": nora.email, "password": "wrong"})
    assert response.status_code == 200
    assert "_auth_user_id" not in client.session


def test_nobody_signs_themselves_up(client: Client):
    assert client.get("/account/signup/").status_code == 200
    client.post(
        "/account/signup/", {"email": "me@x.example", "password1": "a-long-pass-1", "password2": "a-long-pass-1"}
    )
    assert not User.objects.filter(email="me@x.example").exists()


def test_the_heartbeat_is_red_until_both_checks_have_run_and_again_after_26_hours(client: Client):
    nora = make.person("nora")
    client.force_login(nora)
    page = client.get(reverse("patients"))
    assert page.context["heartbeat"].stale
    now = datetime.now(UTC)
    for name in ("flag-overdue-echocardiograms", "flag-lvef-drops"):
        SweepRun.objects.create(name=name, site=nora.site, business_date=now.date(), last_at=now)
    assert not client.get(reverse("patients")).context["heartbeat"].stale
    SweepRun.objects.update(last_at=now - timedelta(hours=26, minutes=1))
    assert client.get(reverse("patients")).context["heartbeat"].stale


def test_health_answers_strangers_with_a_word(client: Client):
    assert client.get("/health/").json() == {"status": "ok"}
    assert client.get("/health/live/").json() == {"status": "ok"}


def test_no_page_of_a_signed_in_person_stays_in_a_shared_browser_s_cache(client: Client):
    client.force_login(make.person("nora"))
    assert "no-store" in client.get(reverse("patients"))["Cache-Control"]
    assert "no-store" in client.get("/api/v1/patients/")["Cache-Control"]
