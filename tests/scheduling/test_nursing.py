"""A day shared out among nurses (G72): taken, given, given back, and how heavy each one's day is."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from her2tracker.accounts.access import Denied
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Role
from her2tracker.audit import sentences
from her2tracker.audit.models import Act
from her2tracker.lib.refusals import Refused
from scheduling.actions import cycles, nursing
from scheduling.core.acuity import Load
from scheduling.models import NurseAssignment
from scheduling.models.nursing import loads_of, taken_on
from scheduling.words import DelayReason, OmissionReason
from tests import api, make
from tests.scheduling.pages import signed_in, words

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-01-05T07:55:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def nina():
    return User.objects.create_user(
        "nina@test-clinic.example", make.PASSWORD, full_name="Nina Nowak", role=Role.NURSE, site=make.site()
    )


@pytest.fixture
def rows():
    """A first infusion of one agent, a first of two, and a second of one: acuity 2, 3 and 1."""
    plans = [
        make.plan(start=TODAY, kg=70),
        make.plan("trastuzumab-pertuzumab", start=TODAY, kg=70),
        make.plan(start=date(2025, 12, 15), given=1, kg=70),
    ]
    return [make.cycle(plans[0], 1), make.cycle(plans[1], 1), make.cycle(plans[2], 2)]


def who_has(row) -> list[str]:
    found = NurseAssignment.objects.standing().filter(plan=row.plan_id, cycle=row.cycle)
    return [str(one.nurse) for one in found]


def test_a_nurse_takes_several_at_once_and_her_day_has_a_sum(rows):
    nora = make.person("nora")
    done = nursing.take(by=nora, cycle_days=rows)
    assert (len(done.made), done.refused) == (3, ())
    assert loads_of(taken_on(nora.site, TODAY)) == {nora: Load(3, 6)}


def test_what_a_colleague_has_is_refused_and_the_rest_is_taken(rows, nina):
    nursing.take(by=nina, cycle_days=rows[:1])
    done = nursing.take(by=make.person("nora"), cycle_days=rows)
    assert [(row.pk, refusal.code) for row, refusal in done.refused] == [(rows[0].pk, "taken")]
    assert who_has(rows[0]) == ["Nina Nowak"]
    assert who_has(rows[1]) == ["Nora Nilsen"]


@pytest.mark.parametrize("who", ["nora", "cora"])
def test_who_may_assign_moves_an_infusion_to_another_and_both_are_on_record(rows, nina, who):
    nursing.take(by=make.person("nora"), cycle_days=rows[:1])
    nursing.assign(by=make.person(who), cycle_days=rows[:1], to=nina)
    assert who_has(rows[0]) == ["Nina Nowak"]
    assert NurseAssignment.objects.count() == 2
    told = sentences.sentence(Act.objects.filter(verb="nurse.assigned").latest("pk"))
    assert told == "gave cycle 1 on Mon 5 Jan 2026 to Nina Nowak, before that Nora Nilsen"


def test_only_a_nurse_of_the_site_is_given_infusions(rows):
    done = nursing.assign(by=make.person("cora"), cycle_days=rows[:1], to=make.person("omar"))
    assert [refusal.code for _, refusal in done.refused] == ["not-a-nurse"]
    stranger = make.person("nora", make.site(name="Other clinic"))
    with pytest.raises(Refused):
        nursing.assign(by=make.person("cora"), cycle_days=rows[:1], to=stranger)
    assert not NurseAssignment.objects.exists()


def test_an_infusion_is_given_back_by_its_nurse_and_is_nobodys(rows):
    nora = make.person("nora")
    nursing.take(by=nora, cycle_days=rows[:1])
    nursing.give_back(by=nora, cycle_day=rows[0])
    assert who_has(rows[0]) == []
    with pytest.raises(Refused) as refused:
        nursing.give_back(by=nora, cycle_day=rows[0])
    assert refused.value.code == "nobodys"
    told = sentences.sentence(Act.objects.get(verb="nurse.given-back"))
    assert told == "gave cycle 1 on Mon 5 Jan 2026 back; until then Nora Nilsen had it"


def test_an_infusion_that_moves_to_another_day_is_nobodys_there(rows):
    nora = make.person("nora")
    nursing.take(by=nora, cycle_days=rows[2:])
    cycles.delay(by=nora, cycle_day=rows[2], to_on=date(2026, 1, 7), reason=DelayReason.CAPACITY)
    assert taken_on(nora.site, date(2026, 1, 7)) == []
    assert taken_on(nora.site, TODAY) == []


def test_an_omitted_infusion_is_not_taken(rows):
    cycles.omit(by=make.person("nora"), cycle_day=rows[0], reason=OmissionReason.OTHER)
    done = nursing.take(by=make.person("nora"), cycle_days=rows[:1])
    assert [refusal.code for _, refusal in done.refused] == ["gone"]


@pytest.mark.parametrize("who", ["omar", "cora", "pia", "ada"])
def test_only_nurses_take(rows, who):
    with pytest.raises(Denied):
        nursing.take(by=make.person(who), cycle_days=rows)


def test_who_neither_has_it_nor_assigns_does_not_give_back(rows):
    nursing.take(by=make.person("nora"), cycle_days=rows[:1])
    with pytest.raises(Denied):
        nursing.give_back(by=make.person("omar"), cycle_day=rows[0])


def test_mine_shows_what_is_mine_with_its_acuity_and_the_rows_say_whose_they_are(rows, nina):
    nursing.take(by=make.person("nora"), cycle_days=rows[1:])
    nursing.take(by=nina, cycle_days=rows[:1])
    page = words(signed_in("nora").get("/today/?show=mine"))
    assert "Mine, acuity 4" in page
    assert "Mine 2" in page
    assert rows[0].plan.patient.mrn not in page
    assert rows[1].plan.patient.mrn in page
    assert "Nurse: Nina Nowak" in words(signed_in("nora").get("/today/"))
    assert "You have no infusions of this day" in words(signed_in("nora").get("/today/?show=mine&on=2026-01-06"))
    assert "Mine" not in words(signed_in("cora").get("/today/"))


def test_the_page_takes_gives_and_gives_back_and_tells_each_refusal(rows, nina):
    nora = signed_in("nora")
    page = words(nora.get("/today/assign/"))
    assert "3 infusions, acuity 6 in all · 3 without a nurse" in page
    address = "/today/assign/"
    chosen = [str(row.uuid) for row in rows[:2]]
    page = words(nora.post(address, {"act": "take", "cycle_day": chosen}, follow=True))
    assert "2 infusions taken: Nora Nilsen has them." in page
    assert "Nora Nilsen 2 infusions, acuity 5" in page
    page = words(nora.post(address, {"act": "assign", "to": str(nina.uuid), "cycle_day": chosen[:1]}, follow=True))
    assert "Nina Nowak 1 infusion, acuity 2" in page
    page = words(nora.post(address, {"act": "take", "cycle_day": chosen[:1]}, follow=True))
    assert "Nina Nowak has this infusion: ask them to give it back" in page
    page = words(nora.post(address, {"act": "give-back", "cycle_day": chosen[1:]}, follow=True))
    assert "Given back:" in page
    refused = nora.post(address, {"act": "take"})
    assert refused.status_code == 422
    assert "Choose at least one infusion" in words(refused)
    assert "Choose the nurse" in words(nora.post(address, {"act": "assign", "to": "x", "cycle_day": chosen}))


def test_a_coordinator_assigns_and_does_not_take(rows, nina):
    cora = signed_in("cora")
    page = words(cora.get("/today/assign/"))
    assert "Assign to this nurse" in page
    assert "Assign to me" not in page
    assert cora.post("/today/assign/", {"act": "take", "cycle_day": str(rows[0].uuid)}).status_code == 403


def test_a_program_shares_out_the_day(rows, nina):
    chosen = [str(row.uuid) for row in rows]
    done = api.post("nora", "nurse-assignments/take/", 200, cycle_days=chosen[:2])
    assert [one["nurse"] for one in done["made"]] == ["Nora Nilsen", "Nora Nilsen"]
    done = api.post("cora", "nurse-assignments/assign/", 200, cycle_days=chosen[:1], to=nina.email)
    assert done["made"][0]["assigned_by"] == "Cora Castell"
    day = api.get("nora", "nurse-assignments/", on="2026-01-05")
    assert day["loads"] == [
        {"nurse": "Nina Nowak", "infusions": 1, "acuity": 2}, {"nurse": "Nora Nilsen", "infusions": 1, "acuity": 3},
    ]  # fmt: skip
    assert api.error(api.post("nora", f"cycle-days/{chosen[2]}/nurse/give-back/", 409))[0] == "nobodys"
    assert api.post("nora", f"cycle-days/{chosen[1]}/nurse/give-back/", 200)["loads"][0]["nurse"] == "Nina Nowak"
    row = next(one for one in api.get("nora", "today/")["rows"] if one["cycle_day"]["uuid"] == chosen[0])
    assert (row["nurse"], row["acuity"]) == ("Nina Nowak", 2)


def test_a_site_sets_its_own_weights(rows):
    api.patch("ada", "site/", 200, acuity_loading=5, acuity_further_agent=0)
    page = words(signed_in("nora").get("/today/assign/"))
    assert "acuity 11 in all" in page  # 5 + 5 + 1
    assert api.patch("ada", "site/", 400, acuity_loading=21)["error"]["fields"]["acuity_loading"]
