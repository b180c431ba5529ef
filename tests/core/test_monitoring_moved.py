"""What moving infusions does to the dates of the heart, in plain values."""

from __future__ import annotations

from datetime import date

from her2tracker.lib.moved import Moved
from monitoring.core.at_risk import CycleOutlook, Infusion, Outlook
from monitoring.core.expected import Expected
from monitoring.core.moved import booked, moved_echoes, moved_need
from monitoring.core.surveillance import Occasion

APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)


def _echo(on: date, occasion: Occasion) -> Expected:
    return Expected(on, occasion, "because", None, "a-protocol")


def _needs(by: date | None) -> CycleOutlook:
    return CycleOutlook(Infusion("5", JUNE), Outlook.AHEAD, "needs an echo", APRIL, last_useful=by)


def test_only_the_echoes_whose_date_differs_are_named_each_with_its_own_occasion():
    before = [_echo(APRIL, Occasion.ON_TREATMENT), _echo(MAY, Occasion.COMPLETION)]
    after = [_echo(APRIL, Occasion.ON_TREATMENT), _echo(JUNE, Occasion.COMPLETION)]
    assert list(moved_echoes(before, after)) == [Moved("Echo at completion", MAY, JUNE, "because")]


def test_an_echo_more_and_an_echo_less_are_named_too():
    one = [_echo(APRIL, Occasion.ON_TREATMENT)]
    two = [*one, _echo(MAY, Occasion.ON_TREATMENT)]
    assert list(moved_echoes(one, two)) == [Moved("Echo on treatment", None, MAY, "because")]
    assert list(moved_echoes(two, one)) == [Moved("Echo on treatment", MAY, None, "")]


def test_the_last_useful_day_is_named_when_it_moves_appears_or_goes():
    assert moved_need(_needs(MAY), _needs(MAY)) is None
    assert moved_need(None, None) is None
    assert moved_need(_needs(MAY), _needs(JUNE)) == Moved("Echo needed by", MAY, JUNE, "needs an echo")
    assert moved_need(None, _needs(JUNE)) == Moved("Echo needed by", None, JUNE, "needs an echo")
    gone = moved_need(_needs(MAY), None)
    assert gone is not None
    assert gone.sentence == "The LVEF on record covers every planned infusion."


def test_an_appointment_is_named_when_it_comes_to_or_leaves_an_infusions_day():
    assert booked(APRIL, [APRIL], [APRIL]) is None
    assert booked(APRIL, [MAY], [JUNE]) is None
    leaves, comes = booked(APRIL, [APRIL], [MAY]), booked(APRIL, [MAY], [APRIL])
    assert leaves is not None
    assert comes is not None
    assert leaves.stays
    assert "no longer" in leaves.sentence
    assert "Wed 1 Apr 2026" in comes.sentence
