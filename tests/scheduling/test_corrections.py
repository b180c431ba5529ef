"""A wrong entry at the chair is amended with a reason; what stood there stays in sight (D45)."""

from __future__ import annotations

from datetime import date, time

import pytest
import time_machine

from her2tracker.audit import sentences
from her2tracker.audit.models import Act
from her2tracker.lib.refusals import Refused
from scheduling.actions import chairside, corrections
from scheduling.models import ChairsideAmendment, VitalSigns
from scheduling.words import ReactionAction, ReactionSign
from tests import api, make
from tests.scheduling.pages import signed_in, url, words

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-01-05T11:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def row():
    return make.cycle(make.plan(start=TODAY), 1)


@pytest.fixture
def vitals(row):
    return chairside.record_vitals(
        by=make.person("nora"), cycle_day=row, seen_on=TODAY, seen_at=time(9, 15), pulse_bpm=180, systolic_mmhg=120,
        diastolic_mmhg=80,
    )  # fmt: skip


@pytest.fixture
def reaction(row):
    return chairside.record_reaction(
        by=make.person("nora"), cycle_day=row, agent="trastuzumab", seen_on=TODAY, seen_at=time(9, 20), grade=2,
        signs=[ReactionSign.FEVER], action=ReactionAction.INTERRUPTED,
    )  # fmt: skip


def code_of(call, **said) -> str:
    with pytest.raises(Refused) as refused:
        call(by=make.person("nora"), **said)
    return refused.value.code


def test_a_wrong_pulse_is_amended_and_the_old_one_is_kept(vitals):
    corrections.amend_vitals(by=make.person("nora"), vitals=vitals, reason="Mistyped.", pulse_bpm=80)
    vitals.refresh_from_db()
    made = ChairsideAmendment.objects.get()
    assert (vitals.pulse_bpm, made.before, made.after) == (80, {"pulse_bpm": "180"}, {"pulse_bpm": "80"})
    told = sentences.sentence(Act.objects.get(verb="vitals.amended"))
    assert told == "amended the vital signs of 09:15 in cycle 1: pulse bpm 180 → 80"


def test_a_wrong_grade_is_amended_and_the_next_infusion_tells_the_right_one(row, reaction, clock):
    corrections.amend_reaction(
        by=make.person("nora"), reaction=reaction, reason="Seen again with the doctor.", grade=3,
        signs=[ReactionSign.FEVER, ReactionSign.CHILLS],
    )  # fmt: skip
    made = ChairsideAmendment.objects.get()
    assert made.before == {"grade": "2", "signs": "fever"}
    assert made.after == {"grade": "3", "signs": "fever, chills"}
    make.give(row)
    clock.move_to("2026-01-26T08:00:00Z")
    assert "grade 3: fever, chills" in words(signed_in("nora").get("/today/"))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"pulse_bpm": 80, "reason": " "}, "no-reason"),
        ({"pulse_bpm": 180, "reason": "Nothing differs."}, "nothing-changed"),
        ({"pulse_bpm": 999, "reason": "Typo."}, "implausible"),
        ({"diastolic_mmhg": None, "reason": "Typo."}, "half-a-pressure"),
        ({"diastolic_mmhg": 130, "reason": "Typo."}, "pressure-turned-round"),
        ({"seen_at": time(11, 1), "reason": "Typo."}, "in-the-future"),
    ],
)
def test_a_correction_that_cannot_be_so_changes_nothing(vitals, said, code):
    assert code_of(corrections.amend_vitals, vitals=vitals, **said) == code
    vitals.refresh_from_db()
    assert (vitals.pulse_bpm, vitals.diastolic_mmhg, vitals.seen_at) == (180, 80, time(9, 15))
    assert not ChairsideAmendment.objects.exists()


def test_a_reaction_amended_to_no_signs_or_another_agent_is_refused(reaction):
    assert code_of(corrections.amend_reaction, reaction=reaction, reason="x", signs=[]) == "no-signs"
    assert code_of(corrections.amend_reaction, reaction=reaction, reason="x", agent="pertuzumab") == "not-due"


def test_an_entry_in_error_stays_in_sight_struck_and_counts_no_more(row, reaction, clock):
    corrections.amend_reaction(by=make.person("nora"), reaction=reaction, reason="Another patient.", in_error=True)
    page = words(signed_in("nora").get(url("cycle-day", row)))
    assert "Reaction, grade 2: fever" in page
    assert "Entered in error" in page
    assert "Another patient." in page
    assert code_of(corrections.amend_reaction, reaction=reaction, reason="Again", grade=1) == "in-error"
    make.give(row)
    clock.move_to("2026-01-26T08:00:00Z")
    assert "Reacted on" not in words(signed_in("nora").get("/today/"))


def test_the_page_fills_in_what_stands_and_shows_old_beside_new(row, vitals):
    nora = signed_in("nora")
    page = nora.get(url("vitals-amend", vitals)).content.decode()
    assert 'value="180"' in page
    data = {
        "seen_on": "2026-01-05", "seen_at": "09:15", "pulse_bpm": "80", "systolic_mmhg": "120", "diastolic_mmhg": "80",
    }  # fmt: skip
    refused = nora.post(url("vitals-amend", vitals), data)
    assert refused.status_code == 422
    assert "Say in a sentence why the entry is amended" in words(refused)
    done = words(nora.post(url("vitals-amend", vitals), data | {"reason": "Mistyped."}, follow=True))
    assert "Amended the entry of 09:15, by Nora Nilsen" in done
    assert "Pulse: 180/min 80/min" in done


def test_the_page_of_a_reaction_amends_it(row, reaction):
    nora = signed_in("nora")
    data = {
        "seen_on": "2026-01-05", "seen_at": "09:20", "agent": "trastuzumab", "grade": "1", "signs": ["fever"],
        "action": "interrupted", "note": "", "reason": "Seen again.",
    }  # fmt: skip
    done = words(nora.post(url("reaction-amend", reaction), data, follow=True))
    assert "Reaction, grade 1: fever" in done
    assert "Grade: 2 1" in done


def test_a_program_amends_and_reads_every_correction(vitals, reaction):
    answer = api.post("nora", f"vital-signs/{vitals.uuid}/", 200, pulse_bpm=80, reason="Mistyped.")
    assert (answer["pulse_bpm"], answer["amendments"][0]["before"]) == (80, {"pulse_bpm": "180"})
    assert api.get("omar", f"vital-signs/{vitals.uuid}/")["amendments"][0]["reason"] == "Mistyped."
    answer = api.post("nora", f"reactions/{reaction.uuid}/", 200, in_error=True, reason="Another patient.")
    assert (answer["in_error"], len(answer["amendments"])) == (True, 1)
    assert api.error(api.post("nora", f"reactions/{reaction.uuid}/", 409, grade=3, reason="x"))[0] == "in-error"
    assert api.post("nora", f"vital-signs/{vitals.uuid}/", 400, pulse_bpm=70)["error"]["fields"]["reason"]


@pytest.mark.parametrize("who", ["cora", "pia", "ada", "xavier"])
def test_who_does_not_record_amends_nothing(vitals, reaction, who):
    client = signed_in(who)
    for name, of in (("vitals-amend", vitals), ("reaction-amend", reaction)):
        assert client.post(url(name, of), {"reason": "x"}).status_code == 403
    assert VitalSigns.objects.get().pulse_bpm == 180
