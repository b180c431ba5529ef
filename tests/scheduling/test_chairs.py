"""Chairs are booked, moved and given back; no chair and no patient is taken twice; what moves frees its chair."""

from __future__ import annotations

import threading
from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from her2tracker.accounts.access import Denied
from her2tracker.audit import sentences
from her2tracker.audit.models import Act
from her2tracker.lib.refusals import Refused
from scheduling.actions import administrations, bookings, chairs, closed_days, cycles, forwards, holds, plans
from scheduling.actions.bookings import Seat
from scheduling.models import Chair, ChairBooking, CycleDay, OpeningHours
from scheduling.models.chair_days import day_of, days_of, time_of
from scheduling.models.chairs import span
from scheduling.models.free_hours import next_free
from scheduling.words import CeaseReason, DelayReason, ForwardReason, HoldReason, OmissionReason
from tests import make

pytestmark = pytest.mark.django_db
START, TODAY = date(2026, 1, 5), date(2026, 3, 2)
FOURTH = date(2026, 3, 9)  # a Monday
WEEK = {day: (time(8), time(16)) for day in range(5)}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to("2026-03-02 09:00", tick=False)


@pytest.fixture
def two_chairs(_now):
    ada = make.person("ada")
    chairs.set_hours(by=ada, hours=WEEK, set_up_minutes=10)
    return [chairs.add(by=ada, name=f"Chair {number}") for number in (1, 2)]


@pytest.fixture
def plan(two_chairs):
    return make.plan(start=START, given=3)


def fourth(plan) -> CycleDay:
    return plan.cycle_days.get(cycle=4)


def book(row: CycleDay, chair: Chair, at: time = time(9), who: str = "nora", **more) -> ChairBooking:
    return bookings.book(by=make.person(who), cycle_day=row, chair=chair, starts_at=at, **more)


def standing() -> list[ChairBooking]:
    return list(ChairBooking.objects.standing())


def test_a_booking_takes_the_regimens_minutes_and_the_sites_set_up(plan, two_chairs):
    row = fourth(plan)
    made = book(row, two_chairs[0])
    assert row.infusion_minutes == 30  # trastuzumab, maintenance
    assert made.minutes == row.chair_minutes + 10
    assert made.begins(plan.patient.site).time() == time(9)
    assert fourth(plan).starts_at == time(9)


def test_a_taken_chair_is_refused_with_whose_it_is_and_who_booked_it_when(plan, two_chairs):
    other = make.plan(start=START, given=3)
    first = book(fourth(plan), two_chairs[0], who="cora")
    with pytest.raises(Refused) as refused:
        book(fourth(other), two_chairs[0], time(9, 15))
    until = first.ends(plan.patient.site)
    assert str(refused.value) == (
        f"Chair 1 is taken from 09:00 to {until:%H:%M} by Testcase, {plan.patient.given_name}: "
        "booked by Cora Castell on Mon 2 Mar 2026 at 09:00."
    )
    assert len(standing()) == 1
    assert book(fourth(other), two_chairs[0], until.time())
    assert book(fourth(make.plan(start=START, given=3)), two_chairs[1], time(9, 15))


def test_the_database_itself_refuses_one_chair_twice_and_one_patient_in_two(plan, two_chairs):
    made = book(fourth(plan), two_chairs[0])
    other = make.plan(start=START, given=3)
    late = span(plan.patient.site, FOURTH, time(9, 5), 20)
    nora = make.person("nora")
    theirs = {"patient": other.patient, "cycle_day": fourth(other), "on": FOURTH, "during": late, "recorded_by": nora}
    with pytest.raises(IntegrityError, match="scheduling_chair_taken_once"), transaction.atomic():
        ChairBooking.objects.create(
            chair=two_chairs[0],
            cycle_day=fourth(other),
            patient=other.patient,
            on=FOURTH,
            during=late,
            recorded_by=nora,
        )
    fifth = plan.cycle_days.get(cycle=5)
    with pytest.raises(IntegrityError, match="scheduling_patient_in_one_chair"), transaction.atomic():
        ChairBooking.objects.create(
            chair=two_chairs[1], cycle_day=fifth, patient=plan.patient, on=FOURTH, during=late, recorded_by=nora
        )
    bookings.give_back(by=nora, cycle_day=fourth(plan))
    ChairBooking.objects.create(chair=two_chairs[0], **theirs)
    assert [one.chair_id for one in standing()] == [made.chair_id]


def test_moving_to_another_chair_frees_the_first(plan, two_chairs):
    first = book(fourth(plan), two_chairs[0])
    second = book(fourth(plan), two_chairs[1], time(9, 10), seen=str(first.uuid))
    assert standing() == [second]
    assert Act.objects.filter(verb="chair.booked").count() == 2
    told = sentences.sentence(Act.objects.get(subject_uuid=fourth(plan).uuid, details__before="Chair 1 at 09:00"))
    assert told.startswith("booked Chair 2 for cycle 4 on Mon 9 Mar 2026 from 09:10 to ")


def test_a_booking_that_changed_meanwhile_is_not_overwritten(plan, two_chairs):
    book(fourth(plan), two_chairs[0])
    with pytest.raises(Refused, match="Somebody changed this meanwhile"):
        book(fourth(plan), two_chairs[1], seen="")
    with pytest.raises(Refused, match="Somebody changed this meanwhile"):
        bookings.give_back(by=make.person("cora"), cycle_day=fourth(plan), seen="")
    assert len(standing()) == 1


def test_given_back_the_chair_and_the_hour_are_free(plan, two_chairs):
    book(fourth(plan), two_chairs[0])
    bookings.give_back(by=make.person("cora"), cycle_day=fourth(plan))
    assert (standing(), fourth(plan).starts_at) == ([], None)
    with pytest.raises(Refused, match="has no chair"):
        bookings.give_back(by=make.person("cora"), cycle_day=fourth(plan))


@pytest.mark.parametrize("at", [time(7, 59), time(15, 30)])
def test_outside_the_hours_is_refused_with_the_hours(plan, two_chairs, at):
    with pytest.raises(Refused, match="between 08:00 and 16:00"):
        book(fourth(plan), two_chairs[0], at)


def test_a_closed_day_a_weekday_without_hours_and_a_passed_day_are_refused(plan, two_chairs):
    ada = make.person("ada")
    closed_days.close(by=ada, on=FOURTH, name="Maintenance")
    with pytest.raises(Refused, match="Mon 9 Mar 2026 is closed: Maintenance"):
        book(fourth(plan), two_chairs[0])
    chairs.set_hours(by=ada, hours={2: (time(8), time(16))}, set_up_minutes=0)
    with pytest.raises(Refused, match="No chair is used on Mon 30 Mar 2026"):
        book(plan.cycle_days.get(cycle=5), two_chairs[0])
    missed = make.plan(start=START, given=2)
    with pytest.raises(Refused, match="Mon 16 Feb 2026 has passed"):
        book(missed.cycle_days.get(cycle=3), two_chairs[0])


def _delay(row):
    cycles.delay(by=make.person("nora"), cycle_day=row, to_on=FOURTH + timedelta(2), reason=DelayReason.PATIENT_CHOICE)


def _forward(row):
    forwards.bring_forward(
        by=make.person("nora"), cycle_day=row, to_on=FOURTH - timedelta(1), reason=ForwardReason.PATIENT_CHOICE
    )


def _omit(row):
    cycles.omit(by=make.person("nora"), cycle_day=row, reason=OmissionReason.PATIENT_CHOICE)


def _hold(row):
    holds.begin(by=make.person("omar"), plan=row.plan, reason=HoldReason.OTHER, note="Travels.")


def _cease(row):
    plans.cease(by=make.person("omar"), plan=row.plan, reason=CeaseReason.PATIENT_CHOICE)


@pytest.mark.parametrize("change", [_delay, _forward, _omit, _hold, _cease])
def test_what_moves_or_stops_an_infusion_frees_its_chair_in_the_same_act(plan, two_chairs, change):
    book(fourth(plan), two_chairs[0])
    change(fourth(plan))
    assert standing() == []
    assert not CycleDay.objects.filter(plan=plan, cycle=4, state="planned", starts_at__isnull=False).exists()
    assert book(fourth(make.plan(start=START, given=3)), two_chairs[0])


def test_given_on_another_day_the_chair_is_free_and_on_its_day_it_stays(plan, two_chairs, time_machine):
    book(fourth(plan), two_chairs[0])
    stays = make.plan(start=START, given=3)
    kept = book(fourth(stays), two_chairs[1])
    time_machine.move_to("2026-03-09 15:00", tick=False)
    make.weight(stays.patient, 70, FOURTH)
    make.give(fourth(stays))
    time_machine.move_to("2026-03-10 15:00", tick=False)
    row = fourth(plan)
    due = administrations.due_on(row, date(2026, 3, 10), today=date(2026, 3, 10))
    doses = [
        administrations.Dose(one.agent, mg=one.calculation.planned_mg, product=make.product(one.agent)) for one in due
    ]
    administrations.record(by=make.person("nora"), cycle_day=row, given_on=date(2026, 3, 10), doses=doses)
    assert standing() == [kept]


def test_the_hour_of_a_booked_infusion_is_its_chairs(plan, two_chairs):
    book(fourth(plan), two_chairs[0])
    with pytest.raises(Refused, match=r"Chair 1 is booked from 09:00\. Move the chair"):
        cycles.set_time(by=make.person("nora"), cycle_day=fourth(plan), starts_at=time(10))


def test_a_wish_holds_for_bookings_and_proposals(plan, two_chairs):
    cora = make.person("cora")
    bookings.wish(by=cora, patient=plan.patient, not_before=time(11), leave_by=None)
    with pytest.raises(Refused, match="10:59 is too early"):
        book(fourth(plan), two_chairs[0], time(10, 59))
    (place,) = bookings.proposal(day_of(plan.patient.site, FOURTH)).places
    assert place.begins == 11 * 60
    with pytest.raises(Refused, match="Leaving lies before coming"):
        bookings.wish(by=cora, patient=plan.patient, not_before=time(11), leave_by=time(10))
    bookings.wish(by=cora, patient=plan.patient, not_before=None, leave_by=None)
    assert book(fourth(plan), two_chairs[0], time(10, 59))


def accept(site, *, keep=True, digest=None):
    day = day_of(site, FOURTH)
    found = bookings.proposal(day, keep=keep)
    seats = [Seat(place.key, place.chair, time_of(place.begins)) for place in found.places]
    return bookings.accept(by=make.person("cora"), on=FOURTH, seats=seats, digest=digest or day.digest(), keep=keep)


def test_an_accepted_proposal_books_everybody_in_one_act(plan, two_chairs):
    others = [make.plan(start=START, given=3) for _ in range(3)]
    assert accept(plan.patient.site) == 4
    assert {one.cycle_day.plan_id for one in standing()} == {plan.pk, *(other.pk for other in others)}
    assert all(fourth(one).starts_at for one in (plan, *others))
    assert Act.objects.filter(verb="chair.proposal-accepted").count() == 1
    assert Act.objects.filter(verb="chair.booked", patient_uuid=plan.patient.uuid).count() == 1


def test_a_proposal_is_refused_whole_when_the_day_changed_meanwhile(plan, two_chairs):
    other = make.plan(start=START, given=3)
    digest = day_of(plan.patient.site, FOURTH).digest()
    book(fourth(other), two_chairs[0])
    with pytest.raises(Refused, match="Somebody changed this meanwhile"):
        accept(plan.patient.site, digest=digest)
    assert len(standing()) == 1


def test_what_breaks_a_rule_is_never_accepted(plan, two_chairs):
    day = day_of(plan.patient.site, FOURTH)
    seat = Seat(str(fourth(plan).uuid), str(two_chairs[0].uuid), time(7))
    with pytest.raises(Refused, match="07:00 is too early"):
        bookings.accept(by=make.person("cora"), on=FOURTH, seats=[seat], digest=day.digest())


def test_what_is_booked_is_kept_unless_it_may_move(plan, two_chairs):
    others = [make.plan(start=START, given=3) for _ in range(2)]
    kept = book(fourth(plan), two_chairs[0], time(8))
    book(fourth(others[0]), two_chairs[1], time(8))
    day = day_of(plan.patient.site, FOURTH)
    assert {place.key for place in bookings.proposal(day).places} == {str(fourth(others[1]).uuid)}
    assert bookings.proposal(day, keep=False).measure.peak == 1
    accept(plan.patient.site, keep=False)
    assert len(standing()) == 3
    assert ChairBooking.objects.get(pk=kept.pk).freed_at is None or kept not in standing()


def test_a_full_day_names_the_next_one_with_room(plan, two_chairs):
    site, row = plan.patient.site, fourth(plan)
    chairs.set_hours(
        by=make.person("ada"), hours={0: (time(8), time(8, 20)), 1: (time(8), time(12))}, set_up_minutes=10
    )
    found = next_free(site, row, FOURTH)
    assert found is not None
    assert found[0] == date(2026, 3, 10)


def test_a_chair_with_bookings_is_not_taken_away(plan, two_chairs):
    book(fourth(plan), two_chairs[0])
    values = {"name": "Chair 1", "position": 1}
    with pytest.raises(Refused, match="1 infusion is booked in it outside these days"):
        chairs.change(by=make.person("ada"), chair=two_chairs[0], until_on=FOURTH - timedelta(1), **values)
    assert chairs.change(by=make.person("ada"), chair=two_chairs[0], until_on=FOURTH, **values).until_on == FOURTH
    assert day_of(plan.patient.site, FOURTH + timedelta(1)).chairs == (two_chairs[1],)


def test_a_chairs_name_is_given_once_and_hours_close_after_they_open(two_chairs):
    ada = make.person("ada")
    with pytest.raises(Refused, match="There is a chair “chair 1” already"):
        chairs.add(by=ada, name="chair  1")
    with pytest.raises(Refused, match="Closing lies before opening"):
        chairs.set_hours(by=ada, hours={0: (time(9), time(9))}, set_up_minutes=0)
    chairs.set_hours(by=make.person("cora"), hours={}, set_up_minutes=0)
    assert not OpeningHours.objects.exists()
    with pytest.raises(Denied):
        chairs.add(by=make.person("nora"), name="Chair 3")


def test_a_held_plan_asks_for_no_chair(plan, two_chairs):
    _hold(fourth(plan))
    assert day_of(plan.patient.site, FOURTH).rows == ()
    with pytest.raises(Refused, match="on hold"):
        book(fourth(plan), two_chairs[0])


def test_many_days_are_read_with_the_queries_of_one(plan, two_chairs):
    site = plan.patient.site
    with CaptureQueriesContext(connection) as one:
        day_of(site, FOURTH)
    make.plan(start=START, given=3)
    with CaptureQueriesContext(connection) as many:
        days_of(site, [FOURTH + timedelta(shift) for shift in range(28)])
    assert len(many) == len(one) <= 2


@pytest.mark.django_db(transaction=True)
def test_of_two_nurses_who_book_one_slot_at_once_one_is_refused(plan, two_chairs):
    rows = [fourth(plan), fourth(make.plan(start=START, given=3))]
    people = [make.person("nora"), make.person("cora")]
    gate, said = threading.Barrier(2, timeout=20), []

    def press(row, by):
        try:
            gate.wait()
            bookings.book(by=by, cycle_day=row, chair=two_chairs[0], starts_at=time(9))
            said.append("booked")
        except Refused as refused:
            said.append(str(refused))
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=pair) for pair in zip(rows, people, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(one == "booked" for one in said) == [False, True]
    told = next(one for one in said if one != "booked")
    assert told.startswith("Chair 1 is taken from 09:00 to ")
    assert "booked by " in told
    assert told.endswith("on Mon 2 Mar 2026 at 09:00.")
    assert len(standing()) == 1
