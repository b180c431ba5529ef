"""An independent second check: another person, without the first figures, before anything is recorded."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, transaction

from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Role
from her2tracker.audit import sentences
from her2tracker.audit.models import Act
from her2tracker.lib.refusals import Refused
from scheduling import catalog
from scheduling.actions import cycles, plans, second_checks
from scheduling.models import Administration, SecondCheck, SitePolicy
from scheduling.words import DelayReason, OverrideReason
from tests import api, make
from tests.scheduling.pages import FIFTH, START, record_data, signed_in, url, words

pytestmark = pytest.mark.django_db
ITEMS = [item.id for item in catalog.chairside_items()]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-30T08:50:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def fifth():
    """Four given without a check; from now on the site asks for one. 6 mg/kg × 68.3 kg = 409.8 mg."""
    row = make.cycle(make.plan(start=START, given=4, kg="68.3"), 5)
    asks_for_checks()
    return row


def asks_for_checks(**more):
    SitePolicy.objects.update_or_create(site=make.site(), defaults={"second_check_required": True} | more)


def ask(row, who="nora"):
    return second_checks.request(by=make.person(who), cycle_day=row)


def done(check, figure="409.8", who="nils", **more):
    entered = {one.agent: Decimal(figure) for one in check.figures}
    return second_checks.submit(by=make.person(who), check=check, entered=entered, **{"confirmed": ITEMS} | more)


def form_data(figure, **more):
    return {"trastuzumab": figure, "not_right": "", **{f"item-{item}": "on" for item in ITEMS}} | more


def state(row):
    return api.get("nora", f"cycle-days/{row.uuid}/second-check/")


def record(row, **more):
    return signed_in("nora").post(url("cycle-day", row), record_data(row, FIFTH, trastuzumab="409.8") | more)


def test_nothing_is_recorded_until_a_second_person_agrees(fifth):
    page = words(signed_in("nora").get(url("cycle-day", fifth)))
    assert "No second check yet. Second check (nurse)" in page
    assert "Record cycle 5 as given" not in page
    assert record(fifth).status_code == 422
    check = ask(fifth)
    assert record(fifth).status_code == 422
    done(check)
    page = words(signed_in("nora").get(url("cycle-day", fifth)))
    assert "Agreed by Nils Novak at 08:50, asked for by Nora Nilsen trastuzumab: both 409.8 mg" in page
    assert record(fifth).status_code == 302
    assert Administration.objects.get(cycle_day=fifth).given_mg == Decimal("409.8")


def test_the_api_refuses_to_record_without_it_in_the_same_words(fifth):
    answer = api.post(
        "nora", f"cycle-days/{fifth.uuid}/record/", 409, revision=fifth.plan.revision, given_on=str(FIFTH),
        doses=[{"agent": "trastuzumab", "mg": "409.8", "product": make.product("trastuzumab")}],
    )  # fmt: skip
    assert api.error(answer)[0] == "treatment-objection"
    assert "No second check yet" in api.error(answer)[1]


def test_where_the_site_does_not_ask_for_one_nothing_waits_for_it(fifth):
    SitePolicy.objects.update(second_check_required=False)
    assert record(fifth).status_code == 302


def test_the_person_who_asked_is_refused_as_checker_by_page_and_api(fifth):
    check = ask(fifth)
    with pytest.raises(Refused, match="somebody else must do it") as refused:
        done(check, who="nora")
    assert refused.value.code == "same-person"
    page = signed_in("nora").post(f"/second-checks/{check.uuid}/", form_data("409.8"))
    assert page.status_code == 422
    figures = [{"agent": "trastuzumab", "figure": "409.8"}]
    answer = api.post("nora", f"second-checks/{check.uuid}/", 409, figures=figures, confirmed=ITEMS)
    assert api.error(answer)[0] == "same-person"
    check.refresh_from_db()
    assert check.state == "asked"


def test_the_database_itself_holds_no_check_by_the_person_who_asked_and_one_request_at_a_time(fifth):
    check = done(ask(fifth), "400")
    with pytest.raises(IntegrityError), transaction.atomic():
        SecondCheck.objects.filter(pk=check.pk).update(ended_by=check.recorded_by)
    waiting = ask(fifth)
    copy = {name: getattr(waiting, name) for name in ("plan", "cycle", "for_on", "planned_on", "doses", "first")}
    with pytest.raises(IntegrityError), transaction.atomic():
        SecondCheck.objects.create(**copy, plan_revision=1, recorded_by=make.person("nils"))


def bare(response):
    """The whole answer, its markup too, without what is random in it."""
    text = response.content.decode()
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Za-z0-9]{60,}|nonce-\S+", "", text)


@pytest.mark.parametrize(
    ("key", "figures"),
    [
        ("trastuzumab-pertuzumab", ("546.4", "840")),  # 8 mg/kg × 68.3 kg, and the fixed loading dose
        ("phesgo", ("1200", "1,200", "600")),
    ],
)
def test_what_the_first_person_prepared_is_nowhere_in_the_checkers_page_or_answer(key, figures):
    row = make.cycle(make.plan(key, start=FIFTH, kg="68.3"), 1)
    asks_for_checks()
    infusion = bare(signed_in("nora").get(url("cycle-day", row)))
    assert any(figure in infusion for figure in figures)  # where they stand, they are found
    check = ask(row)
    blind = bare(signed_in("nils").get(f"/second-checks/{check.uuid}/"))
    assert "What it follows from" in blind
    program = bare(api.client("nils").get(f"/api/v1/second-checks/{check.uuid}/"))
    assert '"doses":' in program
    listed = bare(api.client("nils").get("/api/v1/second-checks/"))
    waiting = bare(api.client("nils").get(f"/api/v1/cycle-days/{row.uuid}/second-check/"))
    refused = bare(signed_in("nils").post(f"/second-checks/{check.uuid}/", {}))
    for answer in (blind, program, listed, waiting, refused):
        for figure in figures:
            assert not re.search(rf"(?<![\d.]){re.escape(figure)}(?![\d])", answer), figure


def test_the_checker_sees_everything_the_figure_follows_from(fifth):
    page = words(signed_in("nils").get(f"/second-checks/{ask(fifth).uuid}/"))
    for said in ("6 mg/kg", "68.3 kg", "5 of 17", "21 days since the last dose, on time", "TESTCASE", "17 May 1970"):
        assert said in page.replace("\u2009", " "), said
    for item in catalog.chairside_items():
        assert item.title in page


def test_a_difference_shows_both_figures_to_both_and_stops_until_a_new_check_agrees(fifth):
    check = ask(fifth)
    answer = signed_in("nils").post(f"/second-checks/{check.uuid}/", form_data("490.8"), follow=True)
    assert "The two checks differ" in words(answer)
    for who in ("nora", "nils"):
        page = words(signed_in(who).get(url("cycle-day", fifth)))
        assert "409.8 mg 490.8 mg" in page
        assert "Record cycle 5 as given" not in page
    assert state(fifth)["differs"]
    assert record(fifth).status_code == 422
    done(ask(fifth))
    assert record(fifth).status_code == 302
    told = [sentences.sentence(act) for act in Act.objects.filter(verb="second-check.done").order_by("id")]
    both = "trastuzumab: Nora Nilsen 409.8 mg, Nils Novak 490.8 mg"
    assert told == [
        f"did the second check of cycle 5 and found a difference: {both}",
        "did the second check of cycle 5 and agreed: trastuzumab: both 409.8 mg",
    ]


def test_a_difference_stops_the_infusion_where_no_check_is_asked_for_too(fifth):
    SitePolicy.objects.update(second_check_required=False)
    done(ask(fifth), "408")
    assert record(fifth).status_code == 422


def test_a_withdrawn_new_request_does_not_hide_the_difference(fifth, clock):
    done(ask(fifth), "408")
    second_checks.withdraw(by=make.person("nora"), check=ask(fifth), reason="The pharmacy looks at it.")
    assert state(fifth)["differs"]
    clock.move_to("2026-03-31T08:50:00Z")
    assert state(fifth)["differs"]  # a night resolves nothing


def test_an_oncologist_overrides_a_difference_by_name_and_a_new_difference_stands_again(fifth):
    done(ask(fifth), "408")
    cycles.override(by=make.person("omar"), cycle_day=fifth, reason=OverrideReason.OTHER, note="408 is a slip.")
    page = words(signed_in("nora").get(url("cycle-day", fifth)))
    assert "overridden by Omar Ortega" in page.lower().replace("omar ortega", "Omar Ortega")
    assert "Record cycle 5 as given" in page
    done(ask(fifth), "410")
    assert record(fifth).status_code == 422


def test_overriding_the_heart_does_not_waive_the_second_check(fifth):
    make.lvef(fifth.plan.patient, 40, date(2026, 3, 28))
    made = cycles.override(
        by=make.person("omar"), cycle_day=fifth, reason=OverrideReason.OTHER, note="Cardiology agrees."
    )
    assert "second-check-missing" not in made.objections
    assert record(fifth).status_code == 422


@pytest.mark.parametrize(
    ("figure", "outcome"), [("410", "agreed"), ("409.8", "agreed"), ("409", "differed"), ("415", "differed")]
)
def test_the_exact_figure_and_the_sites_rounding_of_it_agree_and_nothing_else(fifth, figure, outcome):
    asks_for_checks(rounding_step_mg=10)
    fifth.plan.refresh_from_db()
    assert done(ask(fifth), figure).state == outcome


def test_every_item_is_ticked_by_itself_or_what_is_not_right_is_said(fifth):
    check = ask(fifth)
    data = form_data("409.8")
    del data["item-pump"]
    page = signed_in("nils").post(f"/second-checks/{check.uuid}/", data)
    assert page.status_code == 422
    assert "Not ticked: pump" in words(page)
    assert 'name="trastuzumab" value="409.8"' in page.content.decode()  # what was typed stays
    signed_in("nils").post(f"/second-checks/{check.uuid}/", data | {"not_right": "Pump shows 30 min."})
    check.refresh_from_db()
    assert (check.state, check.not_right) == ("differed", "Pump shows 30 min.")
    assert "Pump shows 30 min." in words(signed_in("nora").get(url("cycle-day", fifth)))


@pytest.mark.parametrize("figures", [{}, {"trastuzumab": "0"}, {"trastuzumab": "409.8", "pertuzumab": "420"}])
def test_a_figure_that_lacks_is_zero_or_is_of_another_drug_is_refused(fifth, figures):
    check = ask(fifth)
    with pytest.raises(Refused):
        second_checks.submit(
            by=make.person("nils"), check=check, entered={a: Decimal(f) for a, f in figures.items()}, confirmed=ITEMS
        )
    check.refresh_from_db()
    assert check.state == "asked"


def new_weight(row):
    make.weight(row.plan.patient, 60, FIFTH)
    row.plan.refresh_from_db()
    plans.recalculate(by=make.person("omar"), plan=row.plan, weight=row.plan.patient.measurements.first())


def delay(row):
    cycles.delay(by=make.person("cora"), cycle_day=row, to_on=date(2026, 3, 31), reason=DelayReason.CAPACITY)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (new_weight, "doses are calculated with 60 kg, not with 68.3 kg"),
        (delay, "moved from Mon 30 Mar 2026 to Tue 31 Mar 2026"),
    ],
)
def test_what_changes_afterwards_ends_request_and_check_and_says_why(fifth, change, why):
    waiting = ask(fifth)
    change(fifth)
    found = state(fifth)
    assert why in found["waiting_lapsed"]
    with pytest.raises(Refused, match="This request lapsed") as refused:
        done(waiting)
    assert refused.value.code == "check-lapsed"
    fifth.refresh_from_db()
    page = words(signed_in("nora").get(url("cycle-day", fifth, f"?on={fifth.planned_on}")))
    assert f"lapsed: {why}" in page


def test_an_agreed_check_is_for_its_own_day(fifth, clock):
    done(ask(fifth))
    clock.move_to("2026-03-31T08:50:00Z")
    found = state(fifth)
    assert (found["agreed"], found["lapsed"]) == (False, ["it was for Mon 30 Mar 2026, not for Tue 31 Mar 2026"])


def test_a_new_weight_after_the_check_asks_for_another(fifth):
    done(ask(fifth))
    new_weight(fifth)
    assert not state(fifth)["agreed"]
    assert record(fifth).status_code == 422
    done(ask(fifth), "360")  # 6 mg/kg × 60 kg
    assert state(fifth)["agreed"]


def test_one_request_at_a_time_and_none_for_what_was_agreed(fifth):
    check = ask(fifth)
    with pytest.raises(Refused) as refused:
        ask(fifth, "nils")
    assert refused.value.code == "already-asked"
    done(check)
    with pytest.raises(Refused) as refused:
        ask(fifth)
    assert refused.value.code == "already-agreed"


def test_no_check_is_asked_for_while_something_else_stops_it_or_before_its_day(fifth, clock):
    with pytest.raises(Refused) as refused:
        ask(make.cycle(fifth.plan, 6))
    assert refused.value.code in ("not-due", "treatment-objection")
    make.lvef(fifth.plan.patient, 40, date(2026, 3, 28))
    with pytest.raises(Refused) as refused:
        ask(fifth)
    assert refused.value.code == "treatment-objection"


def test_a_request_is_withdrawn_and_then_cannot_be_done(fifth):
    check = ask(fifth)
    signed_in("nils").post(f"/second-checks/{check.uuid}/withdraw/", {"reason": "Wrong bag."})
    with pytest.raises(Refused) as refused:
        done(check)
    assert refused.value.code == "not-open"
    assert api.error(api.post("nora", f"second-checks/{check.uuid}/withdraw/", 409))[0] == "not-open"


def test_a_request_for_what_was_recorded_meanwhile_leads_to_the_record(fifth):
    SitePolicy.objects.update(second_check_required=False)
    check = ask(fifth)
    assert record(fifth).status_code == 302
    page = words(signed_in("nils").get(f"/second-checks/{check.uuid}/", follow=True))
    assert "Cycle 5 was recorded as given by Nora Nilsen" in page
    assert api.client("nils").get(f"/api/v1/second-checks/{check.uuid}/").status_code == 409
    assert "Second checks waiting" not in words(signed_in("nils").get("/today/"))
    with pytest.raises(Refused) as refused:
        done(check)
    assert refused.value.code == "already-decided"


def test_two_figures_for_one_drug_are_refused(fifth):
    check = ask(fifth)
    figures = [{"agent": "trastuzumab", "figure": figure} for figure in ("409.8", "410")]
    api.post("nils", f"second-checks/{check.uuid}/", 400, figures=figures, confirmed=ITEMS)


def test_the_request_stands_on_everybodys_today_with_identifiers_and_minutes(fifth, clock):
    ask(fifth)
    clock.shift(240)
    page = words(signed_in("nils").get("/today/"))
    assert "Second checks waiting, 1" in page
    assert "no chair booked TESTCASE" in page
    assert re.search(r"Waits 4 min since 08:50, Nora Nilsen", page)
    assert "Check …" in page
    own = words(signed_in("nora").get("/today/"))
    assert "Second checks waiting, 1" in own
    assert "Check …" not in own
    assert "Second checks waiting" not in words(signed_in("pia").get("/today/"))
    assert api.get("nils", "second-checks/")[0]["minutes"] == 4
    assert "Waits 4 min" in words(signed_in("nils").get("/second-checks/"))


def test_a_day_with_only_the_check_to_come_is_ready_and_is_released_without_it(fifth):
    make.weight(fifth.plan.patient, "68.3", FIFTH)
    page = signed_in("nora").get("/today/")
    assert "Ready. Second check to come" in words(page)
    asks_for_checks(release_required=True)
    answer = api.post("omar", f"cycle-days/{fifth.uuid}/release/", 201, revision=fifth.plan.revision)
    assert answer["for_on"] == "2026-03-30"


def test_roles_that_record_nothing_neither_ask_nor_check(fifth):
    check = ask(fifth)
    for who in ("cora", "pia", "ada"):
        assert signed_in(who).get(f"/second-checks/{check.uuid}/").status_code == 403
        assert signed_in(who).post(url("cycle-second-check", fifth)).status_code == 403
    with pytest.raises(Exception, match="does not allow"):
        done(check, who="cora")


def test_another_site_finds_nothing(fifth):
    check = ask(fifth)
    elsewhere = make.site(name="Another clinic")
    User.objects.create_user("n@else.example", make.PASSWORD, full_name="N N", role=Role.NURSE, site=elsewhere)
    assert api.client("nora", elsewhere).get(f"/api/v1/second-checks/{check.uuid}/").status_code == 404
    assert api.client("nora", elsewhere).get("/api/v1/second-checks/").json() == []
