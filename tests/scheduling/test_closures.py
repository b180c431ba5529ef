"""The clinic is closed 24 to 26 December: every infusion listed, one signature per doctor, and nobody else's moves."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
import time_machine
from django.core.management import call_command
from django.db import DatabaseError

from her2tracker.accounts.access import Denied
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Role
from her2tracker.audit.models import Act
from her2tracker.lib.refusals import Refused
from scheduling.actions import changes, closure_moves, closures, cycles, holds, plans
from scheduling.closure_waits import closures_unsettled, closures_waiting
from scheduling.models import BroughtForward, Closure, ClosureMove, Delay, SitePolicy, TreatmentPlan
from scheduling.models.closed_days import closed_days_of
from scheduling.tasks import carry_out_moves
from scheduling.words import DelayReason, HoldReason, MoveState
from tests import api, make
from tests.scheduling.pages import signed_in, words

pytestmark = pytest.mark.django_db
THURSDAY, FRIDAY, SATURDAY = date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 26)
BEFORE_THURSDAY, BEFORE_FRIDAY = date(2026, 12, 3), date(2026, 12, 4)  # cycle 2 falls on the closed day
WEDNESDAY, MONDAY = date(2026, 12, 23), date(2026, 12, 28)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-12-07T09:00:00Z", tick=False):
        yield


@pytest.fixture(autouse=True)
def weekends_closed():
    SitePolicy.objects.create(site=make.site(), closed_weekdays=[5, 6])


def olga() -> User:
    found = User.objects.filter(email="olga@test-clinic.example").first()
    return found or User.objects.create_user(
        "olga@test-clinic.example", make.PASSWORD, full_name="Olga Olsen", role=Role.ONCOLOGIST, site=make.site()
    )


def started_by(doctor: User, plan: TreatmentPlan) -> TreatmentPlan:
    TreatmentPlan.objects.filter(pk=plan.pk).update(recorded_by=doctor)
    return plan


def to_start(start: date, key: str = "trastuzumab-q3w-17") -> TreatmentPlan:
    """A plan whose first infusion is still to come."""
    patient, today = make.patient(), date(2026, 12, 7)
    make.weight(patient, 70, today)
    make.lvef(patient, 62, today)
    return make.plan(key, start=start, of=patient, kg=None, baseline=None)


def late(start: date, to: date) -> TreatmentPlan:
    """Cycle 2 is a week late already: 28 days since the last dose, the last day without a re-load."""
    plan = make.plan(start=start, given=1)
    cycles.delay(by=make.person("nora"), cycle_day=make.cycle(plan, 2), to_on=to, reason=DelayReason.CAPACITY)
    return plan


def christmas(**options) -> Closure:
    span = {"first_on": THURSDAY, "last_on": SATURDAY, "name": "Christmas"} | options
    return closures.prepare(by=make.person("cora"), **span)


def sent(**options) -> Closure:
    closure = christmas(**options)
    closures.send(by=make.person("cora"), closure=closure)
    closure.refresh_from_db()
    return closure


def of(plan: TreatmentPlan) -> ClosureMove:
    return ClosureMove.objects.get(plan=plan)


def confirmed(closure: Closure, by: User, declined: tuple = ()) -> int:
    seen = ClosureMove.objects.waiting_for(by).filter(closure=closure).values_list("uuid", flat=True)
    return closures.confirm(by=by, closure=closure, seen=list(seen), declined=declined)


def test_thirty_one_cycles_need_one_signature_per_doctor_and_no_others_move():
    plans = [make.plan(start=BEFORE_THURSDAY) for _ in range(14)] + [make.plan(start=BEFORE_FRIDAY) for _ in range(14)]
    reloading = late(date(2026, 11, 27), FRIDAY)
    under_the_skin = make.plan("trastuzumab-sc", start=BEFORE_FRIDAY, given=1)
    theirs = started_by(olga(), make.plan(start=BEFORE_THURSDAY))
    elsewhere = make.plan(start=date(2026, 12, 1))  # cycle 2 on Tue 22 Dec
    cora, omar = signed_in("cora"), signed_in("omar")

    response = cora.post("/closures/", {"first_on": "2026-12-24", "last_on": "2026-12-26", "name": "Christmas"})
    closure = Closure.objects.get()
    assert response.status_code == 302
    assert closure.moves.count() == 31
    assert {abs((move.to_on - move.from_on).days) for move in closure.moves.all()} <= {1, 2, 3}
    assert of(plans[0]).to_on == WEDNESDAY
    assert of(under_the_skin).to_on == MONDAY  # never less than 21 days apart
    page = words(cora.get(f"/closures/{closure.uuid}/"))
    assert "31 infusions affected" in page
    assert (
        "Mon 28 Dec 2026, 3 days later: 31 days since the last dose, 10 late: trastuzumab re-loads at 8 mg/kg" in page
    )
    assert "Olga Olsen, 1 infusion" in page
    assert "Omar Ortega, 30 infusions" in page
    choices = {str(move.uuid): str(move.to_on) for move in closure.moves.all()}
    choices[str(of(reloading).uuid)] = str(MONDAY)
    assert cora.post(f"/closures/{closure.uuid}/send/", choices | {"act": "send"}).status_code == 302
    assert not Delay.objects.filter(reason=DelayReason.CLOSED_DAY).exists()

    assert "30 cycles of yours wait for a new date" in words(omar.get("/flags/"))
    assert "Re-load" in words(omar.get(f"/closures/{closure.uuid}/"))
    seen = [str(move.uuid) for move in closure.moves.filter(doctor=make.person("omar"))]
    declined = str(of(plans[0]).uuid)
    omar.post(f"/closures/{closure.uuid}/confirm/", {"seen": seen, "declined": [declined]})
    assert carry_out_moves() == 29
    assert carry_out_moves() == 0
    assert [make.cycle(plan, 2).planned_on for plan in (plans[0], plans[1], reloading, under_the_skin, theirs)] == [
        THURSDAY, WEDNESDAY, MONDAY, MONDAY, THURSDAY,
    ]  # fmt: skip
    assert make.cycle(elsewhere, 2).planned_on == date(2026, 12, 22)
    assert Act.objects.filter(verb="closure.confirmed").count() == 1
    assert Act.objects.filter(verb__in=("cycle.delayed", "cycle.brought-forward"), by_name="Omar Ortega").count() == 29
    [left] = closures_unsettled(make.site())
    assert (left.moves, left.waiting) == (2, 1)
    assert "2 infusions are not settled, 1 of them waits for a doctor" in words(cora.get("/queue/"))


def test_a_doctor_confirms_no_move_of_another():
    theirs = started_by(olga(), make.plan(start=BEFORE_THURSDAY))
    closure = sent()
    with pytest.raises(Refused, match="None of these moves waits for you"):
        closures.confirm(by=make.person("omar"), closure=closure, seen=[of(theirs).uuid])
    for who in ("cora", "nora"):
        with pytest.raises(Denied):
            closures.confirm(by=make.person(who), closure=closure, seen=[of(theirs).uuid])
    assert of(theirs).state == MoveState.PROPOSED


def test_any_oncologist_confirms_for_one_who_has_left():
    theirs = started_by(olga(), make.plan(start=BEFORE_THURSDAY))
    closure = sent()
    User.objects.filter(email=olga().email).update(is_active=False)
    assert [one.moves for one in closures_waiting(make.person("omar"))] == [1]
    assert confirmed(closure, make.person("omar")) == 1
    assert carry_out_moves() == 1
    assert make.cycle(theirs, 2).planned_on == WEDNESDAY


def test_a_plan_whose_doctor_had_left_before_is_listed_under_nobody():
    User.objects.filter(pk=olga().pk).update(is_active=False)
    plan = started_by(olga(), make.plan(start=BEFORE_THURSDAY))
    closure = sent()
    assert of(plan).doctor is None
    page = words(signed_in("omar").get(f"/closures/{closure.uuid}/"))
    assert "No doctor who can confirm, 1 infusion" in page
    assert "Confirm these moves" in page


def test_the_responsible_oncologist_confirms_whoever_started_the_plan():
    theirs, omars = make.plan(start=BEFORE_THURSDAY), make.plan(start=BEFORE_THURSDAY)
    plans.assign(by=make.person("omar"), plan=theirs, to=olga(), reason="Her clinic day.")
    closure = sent()
    assert (of(theirs).doctor, of(omars).doctor) == (olga(), make.person("omar"))
    page = words(signed_in("omar").get(f"/closures/{closure.uuid}/"))
    assert "Olga Olsen, 1 infusion" in page
    assert "Olga Olsen answers for these plans and confirms their moves." in page
    with pytest.raises(Refused, match="None of these moves waits for you"):
        closures.confirm(by=make.person("omar"), closure=closure, seen=[of(theirs).uuid])
    assert confirmed(closure, olga()) == 1


def test_whoever_becomes_responsible_meanwhile_is_asked_and_a_signature_stays():
    waiting, signed = make.plan(start=BEFORE_THURSDAY), make.plan(start=BEFORE_THURSDAY)
    closure = sent()
    closures.confirm(by=make.person("omar"), closure=closure, seen=[of(signed).uuid])
    for plan in (waiting, signed):
        plans.assign(by=make.person("omar"), plan=plan, to=olga())
    assert [one.moves for one in closures_waiting(olga())] == [1]
    assert closures_waiting(make.person("omar")) == []
    assert of(waiting).doctor == olga()
    assert (of(signed).decided_by, of(signed).state) == (make.person("omar"), MoveState.CONFIRMED)


def test_by_hand_an_infusion_goes_towards_the_day_that_was_proposed():
    earlier, later, away = (
        make.plan(start=BEFORE_THURSDAY),
        make.plan(start=BEFORE_FRIDAY),
        make.plan(start=BEFORE_FRIDAY),
    )
    closure = christmas()
    closures.send(by=make.person("cora"), closure=closure, days={of(later).uuid: MONDAY})
    confirmed(closure, make.person("omar"), declined=tuple(of(plan).uuid for plan in (earlier, later, away)))
    tuesday = date(2026, 12, 29)
    cycles.delay(by=make.person("nora"), cycle_day=make.cycle(away, 2), to_on=tuesday, reason=DelayReason.CAPACITY)
    page = signed_in("nora").get(f"/closures/{closure.uuid}/").content.decode()
    assert f'"/cycle-days/{make.cycle(earlier, 2).uuid}/forward/?to_on=2026-12-23"' in page
    assert f'"/cycle-days/{make.cycle(later, 2).uuid}/delay/?to_on=2026-12-28"' in page
    assert f"/cycle-days/{make.cycle(away, 2).uuid}/" not in page


def test_a_plan_changed_meanwhile_is_not_moved_and_says_the_difference():
    plan, other = make.plan(start=BEFORE_THURSDAY, given=1), make.plan(start=BEFORE_THURSDAY)
    closure = sent()
    assert confirmed(closure, make.person("omar")) == 2
    tuesday = date(2026, 12, 29)
    cycles.delay(by=make.person("nora"), cycle_day=make.cycle(plan, 2), to_on=tuesday, reason=DelayReason.LABORATORY)
    assert carry_out_moves() == 1
    assert of(plan).state == MoveState.REFUSED
    assert "was planned for Thu 24 Dec 2026, and is planned for Tue 29 Dec 2026 now" in of(plan).outcome
    assert (make.cycle(plan, 2).planned_on, make.cycle(other, 2).planned_on) == (tuesday, WEDNESDAY)
    page = words(signed_in("cora").get(f"/closures/{closure.uuid}/"))
    assert "Nora Nilsen delayed cycle 2" in page
    assert closures_unsettled(make.site()) == []  # it was moved out of the span by hand


def test_what_would_now_be_another_dose_is_not_moved():
    plan = make.plan(start=BEFORE_FRIDAY)
    closure = christmas()
    closures.send(by=make.person("cora"), closure=closure, days={of(plan).uuid: MONDAY})
    assert of(plan).agreed == "24 days since the last dose, 3 late: trastuzumab continues at 6 mg/kg"
    confirmed(closure, make.person("omar"))
    make.give(make.cycle(plan, 1), date(2026, 12, 7))  # three days late: cycle 2 moves to Mon 28 Dec by itself
    assert carry_out_moves() == 0
    assert of(plan).state == MoveState.REFUSED
    assert make.cycle(plan, 2).planned_on == MONDAY


def test_a_killed_worker_leaves_its_move_to_the_next_run(monkeypatch):
    plans = [make.plan(start=BEFORE_THURSDAY) for _ in range(2)]
    confirmed(sent(), make.person("omar"))
    whole, calls = closure_moves._outcome, []

    def dies(move):
        calls.append(move.pk)
        if len(calls) == 2:
            whole(move)
            raise SystemExit  # the worker is killed after it wrote, before it committed
        return whole(move)

    monkeypatch.setattr(closure_moves, "_outcome", dies)
    with pytest.raises(SystemExit):
        carry_out_moves()
    monkeypatch.undo()
    assert BroughtForward.objects.count() == 1
    assert carry_out_moves() == 1
    assert [make.cycle(plan, 2).planned_on for plan in plans] == [WEDNESDAY, WEDNESDAY]
    assert BroughtForward.objects.count() == 2


def test_one_broken_plan_does_not_keep_the_others_waiting(monkeypatch):
    first, second = make.plan(start=BEFORE_THURSDAY), make.plan(start=BEFORE_THURSDAY)
    confirmed(sent(), make.person("omar"))
    act = closure_moves._act

    def breaks(by, row, to_on, move):
        if move.plan_id == first.pk:
            raise DatabaseError("broken")
        act(by, row, to_on, move)

    monkeypatch.setattr(closure_moves, "_act", breaks)
    assert carry_out_moves() == 1
    assert (of(first).state, of(second).state) == (MoveState.REFUSED, MoveState.DONE)


def test_the_command_does_what_the_task_does(capsys):
    make.plan(start=BEFORE_THURSDAY)
    confirmed(sent(), make.person("omar"))
    call_command("carry_out_moves")
    assert capsys.readouterr().out == "Infusions moved: 1\n"


def test_a_move_is_undone_as_any_other():
    plan = make.plan(start=BEFORE_THURSDAY)
    confirmed(sent(), make.person("omar"))
    carry_out_moves()
    plan.refresh_from_db()
    changes.undo(by=make.person("omar"), plan=TreatmentPlan.objects.with_facts().get(pk=plan.pk))
    assert make.cycle(plan, 2).planned_on == THURSDAY
    assert not BroughtForward.objects.exists()
    assert carry_out_moves() == 0


def test_a_first_infusion_in_the_span_goes_later_and_never_earlier():
    plan = to_start(FRIDAY)
    christmas()
    move = of(plan)
    assert move.to_on == MONDAY
    assert move.agreed == "first dose"


def test_a_plan_on_hold_is_listed_and_left():
    plan = make.plan(start=BEFORE_THURSDAY, given=1)
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.OTHER, note="Waits for surgery.")
    sent()
    assert (of(plan).state, of(plan).to_on) == (MoveState.LEFT, None)


def test_of_a_weekly_plan_the_first_infusion_is_decided_first():
    plan = to_start(date(2026, 12, 10), "apt")
    christmas(first_on=date(2026, 12, 22), last_on=date(2026, 12, 31))
    moves = list(ClosureMove.objects.filter(plan=plan))
    assert [(move.cycle, move.from_on) for move in moves] == [(3, THURSDAY), (4, date(2026, 12, 31))]
    assert moves[1].to_on is None


def test_the_span_is_closed_once_doctors_were_asked_and_open_again_when_withdrawn():
    closure = christmas()
    assert closed_days_of(make.site()).why(THURSDAY) == ""
    closures.send(by=make.person("cora"), closure=closure)
    assert closed_days_of(make.site()).why(THURSDAY) == "Christmas"
    closures.withdraw(by=make.person("cora"), closure=closure)
    assert closed_days_of(make.site()).why(THURSDAY) == ""
    with pytest.raises(Refused, match="withdrawn by now"):
        closures.send(by=make.person("cora"), closure=closure)


@pytest.mark.parametrize(
    ("span", "code"),
    [
        ({"last_on": "2026-12-23"}, "comes before"),
        ({"first_on": "2026-12-06"}, "has passed"),
        ({"last_on": "2027-01-24"}, "at most 31 days"),
        ({"name": "  "}, "Required"),
        ({"first_on": "soon"}, "Enter a date"),
    ],
)
def test_a_span_that_cannot_be_is_refused_beside_its_field(span: dict[str, str], code: str):
    said = {"first_on": "2026-12-24", "last_on": "2026-12-26", "name": "Christmas"} | span
    response = signed_in("cora").post("/closures/", said)
    assert response.status_code == 422
    assert code.lower() in words(response).lower() or code == "Required"
    assert not Closure.objects.exists()


def test_a_span_of_thirty_one_days_is_the_longest():
    assert christmas(last_on=date(2027, 1, 23)).moves.count() == 0


def test_two_spans_do_not_overlap():
    christmas()
    with pytest.raises(Refused, match="closes Thu 24 Dec 2026 to Sat 26 Dec 2026 already"):
        christmas(first_on=SATURDAY, last_on=MONDAY)


def test_a_day_that_is_no_candidate_is_refused():
    plan = make.plan(start=BEFORE_THURSDAY)
    closure = christmas()
    for day in (FRIDAY, date(2026, 12, 29), BEFORE_THURSDAY):
        with pytest.raises(Refused, match="choose one of the days named"):
            closures.choose(by=make.person("cora"), closure=closure, days={of(plan).uuid: day})
    with pytest.raises(Refused, match="no longer there"):
        closures.choose(by=make.person("cora"), closure=closure, days={uuid4(): None})
    bad = signed_in("cora").post(f"/closures/{closure.uuid}/send/", {str(of(plan).uuid): "2026-12-29", "act": "send"})
    assert bad.status_code == 422
    assert of(plan).state == MoveState.PROPOSED
    assert of(plan).to_on == WEDNESDAY


def test_the_list_costs_the_same_queries_for_one_infusion_as_for_six(django_assert_max_num_queries):
    cora = signed_in("cora")
    make.plan(start=BEFORE_THURSDAY)
    one = christmas()
    with django_assert_max_num_queries(60) as few:
        cora.get(f"/closures/{one.uuid}/")
    closures.withdraw(by=make.person("cora"), closure=one)
    for _ in range(5):
        make.plan(start=BEFORE_THURSDAY)
    six = christmas()
    with django_assert_max_num_queries(60) as many:
        assert "6 infusions affected" in words(cora.get(f"/closures/{six.uuid}/"))
    assert len(many) == len(few)


def test_the_spans_cost_the_same_queries_for_one_as_for_three(django_assert_max_num_queries):
    cora = signed_in("cora")
    make.plan(start=BEFORE_THURSDAY)
    christmas()
    with django_assert_max_num_queries(30) as few:
        assert "1 to be confirmed" in words(cora.get("/closures/"))
    for month in (2, 3):
        christmas(first_on=date(2027, month, 1), last_on=date(2027, month, 2), name=f"Works {month}")
    with django_assert_max_num_queries(30) as many:
        assert "Works 3" in words(cora.get("/closures/"))
    assert len(many) == len(few)


def test_the_api_prepares_sends_confirms_and_withdraws():
    plan = make.plan(start=BEFORE_FRIDAY)
    cora, omar = api.client("cora"), api.client("omar")
    span = {"first_on": "2026-12-24", "last_on": "2026-12-26", "name": "Christmas"}
    made = cora.post("/api/v1/closures/", span, format="json")
    assert made.status_code == 201
    [move] = made.json()["moves"]
    assert [one["on"] for one in move["candidates"]] == ["2026-12-23", "2026-12-28", "2026-12-22"]
    here = f"/api/v1/closures/{made.json()['uuid']}/"
    choice = {"choices": [{"move": move["uuid"], "to_on": "2026-12-28"}]}
    assert cora.post(f"{here}choose/", choice, format="json").json()["moves"][0]["to_on"] == "2026-12-28"
    assert cora.post(f"{here}send/", {}, format="json").json()["state"] == "sent"
    assert cora.post(f"{here}send/", {}, format="json").status_code == 409
    assert omar.post(f"{here}confirm/", {}, format="json").status_code == 400
    answer = omar.post(f"{here}confirm/", {"seen": [move["uuid"]]}, format="json")
    assert answer.json()["moves"][0]["state"] == "confirmed"
    assert omar.post(f"{here}confirm/", {"seen": [move["uuid"]]}, format="json").status_code == 409
    carry_out_moves()
    assert make.cycle(plan, 2).planned_on == MONDAY
    assert cora.post(f"{here}withdraw/", {}, format="json").json()["state"] == "withdrawn"
    assert cora.get("/api/v1/closures/").json()["results"][0]["name"] == "Christmas"
    assert make.cycle(plan, 2).planned_on == MONDAY
