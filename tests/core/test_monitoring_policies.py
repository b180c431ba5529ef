"""Echoes asked for too early, and who hears about a flag that nobody decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from her2tracker.lib.catalog import CatalogError
from her2tracker.lib.catalog import read as read_file
from monitoring.catalog import policies as catalog
from monitoring.core.escalation import (
    Delegation,
    Snooze,
    is_snoozed,
    owed,
    recipient,
    refuse_snooze,
    with_hours,
)
from monitoring.core.protocol import Advice
from monitoring.core.stewardship import TooEarly, too_early
from monitoring.core.surveillance import Occasion, Window, WindowState
from tests.core.monitoring_cases import DAY_0, assessment, read

LADDER, ECHO = catalog.ladder(), catalog.echo_policy()
OPENED = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
hours = st.integers(min_value=0, max_value=400)


# Too early ------------------------------------------------------------------------------------------


def _note(case: dict[str, Any]) -> TooEarly | None:
    occasion = Occasion(case.get("occasion", "on-treatment"))
    opens = DAY_0 + timedelta(days=case.get("window_opens", 56))
    return too_early(
        ECHO,
        asked_for=DAY_0 + timedelta(days=case["day"]),
        last=assessment(case["last"], symptoms=case.get("symptoms", "none")) if "last" in case else None,
        baseline=assessment(case["baseline"]) if "baseline" in case else None,
        window=Window(opens, None, None, WindowState.NOT_YET, occasion, "", None),
        needs_decision=case.get("needs_decision", False),
    )


@pytest.mark.parametrize("case", read("stewardship.toml")["cases"], ids=lambda case: case["title"])
def test_an_echo_is_called_too_early_only_when_nothing_speaks_for_it(case: dict[str, Any]) -> None:
    assert (_note(case) is not None) is case["note"]


def test_the_note_shows_the_last_figure_and_where_the_eight_weeks_come_from() -> None:
    note = _note({"baseline": 62, "last": 60, "day": 35})
    assert note is not None
    assert note.sentence == (
        "The last LVEF was 60 % (2D echo) on Mon 5 Jan 2026, 35 days before: below 56 days, and no fall that "
        "any rule counts. New symptoms would be a reason to do it."
    )
    assert (note.citation.key, note.citation.confidence.value) == ("site-policy#echo-stewardship", "unverified")


def test_the_note_says_when_nobody_recorded_symptoms() -> None:
    note = _note({"baseline": 62, "last": 60, "day": 35, "symptoms": "unknown"})
    assert note is not None
    assert note.sentence.endswith("Symptoms were not recorded; new symptoms are a reason to do it.")


def test_a_first_echo_is_never_too_early() -> None:
    assert _note({"day": 0}) is None


# Escalation -----------------------------------------------------------------------------------------


def _steps(after_hours: float, **options: Any) -> list[str]:
    now = OPENED + timedelta(hours=after_hours)
    return [one.step.id for one in owed(LADDER, flag="f1", opened_at=OPENED, now=now, **options)]


@pytest.mark.parametrize(
    ("after", "steps"),
    [
        (0, []),
        (23.99, []),
        (24, ["lead"]),
        (24.01, ["lead"]),
        (47.99, ["lead"]),
        (48, ["lead", "coordinator"]),
        (48.01, ["lead", "coordinator"]),
        (1000, ["lead", "coordinator"]),
    ],
)
def test_the_lead_hears_after_24_hours_and_the_coordinator_after_48(after: float, steps: list[str]) -> None:
    assert _steps(after) == steps


def test_the_ladder_is_the_one_of_the_feature_list() -> None:
    rungs = [(step.after_hours, step.to.label, step.by_mail) for step in LADDER.steps]
    assert rungs == [(24, "lead oncologist", True), (48, "coordinator", True)]


def test_a_step_is_owed_once_however_often_it_is_asked() -> None:
    assert _steps(100, already=["escalation:f1:lead"]) == ["coordinator"]
    assert _steps(100, already=["escalation:f1:lead", "escalation:f1:coordinator"]) == []
    assert _steps(100, already=["escalation:f2:lead"]) == ["lead", "coordinator"]


def test_a_decided_flag_owes_nothing_from_its_decision_on() -> None:
    decided_at = OPENED + timedelta(hours=30)
    assert _steps(29, decided_at=decided_at) == ["lead"]
    assert _steps(30, decided_at=decided_at) == []


def _snooze(start: int, end: int, ended: int | None = None) -> Snooze:
    moments = [None if n is None else OPENED + timedelta(hours=n) for n in (start, end, ended)]
    assert moments[0] is not None
    assert moments[1] is not None
    return Snooze(moments[0], moments[1], moments[2])


def test_a_snooze_returns_by_itself_and_its_hours_do_not_count() -> None:
    put_off = [_snooze(10, 110)]
    assert _steps(50, snoozes=put_off) == []
    assert _steps(110, snoozes=put_off) == []
    assert _steps(123, snoozes=put_off) == []
    assert _steps(124, snoozes=put_off) == ["lead"]
    assert _steps(148, snoozes=put_off) == ["lead", "coordinator"]


def test_a_snooze_ended_early_counts_only_until_then() -> None:
    assert _steps(34, snoozes=[_snooze(10, 110, ended=20)]) == ["lead"]
    assert not is_snoozed([_snooze(10, 110, ended=20)], OPENED + timedelta(hours=20))


def test_overlapping_snoozes_are_counted_once() -> None:
    assert _steps(123, snoozes=[_snooze(10, 100), _snooze(50, 110)]) == []
    assert _steps(124, snoozes=[_snooze(50, 110), _snooze(10, 100)]) == ["lead"]


@given(st.lists(st.tuples(hours, hours), max_size=4), hours, hours)
def test_what_was_owed_stays_owed_while_nobody_snoozes_or_decides(
    spans: list[tuple[int, int]], one: int, other: int
) -> None:
    put_off = [_snooze(min(span), max(span)) for span in spans]
    earlier, later = sorted([one, other])
    if not is_snoozed(put_off, OPENED + timedelta(hours=later)):
        assert set(_steps(earlier, snoozes=put_off)) <= set(_steps(later, snoozes=put_off))


@given(st.lists(st.tuples(hours, hours), max_size=4), hours)
def test_a_step_comes_after_exactly_its_awake_hours(spans: list[tuple[int, int]], after: int) -> None:
    put_off = [_snooze(min(span), max(span)) for span in spans]
    asleep = {hour for span in spans for hour in range(min(span), max(span))}
    awake = sum(hour not in asleep for hour in range(after))
    expected = [] if after in asleep else [id_ for id_, due in (("lead", 24), ("coordinator", 48)) if awake >= due]
    assert _steps(after, snoozes=put_off) == expected


@pytest.mark.parametrize("month", [3, 10])
def test_both_clock_changes_leave_24_hours_what_they_are(month: int) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    opened = datetime(2026, month, 28 if month == 3 else 24, 12, 0, tzinfo=berlin)
    reached = opened.astimezone(UTC) + timedelta(hours=24)
    for minutes, steps in ((-1, []), (0, ["lead"])):
        now = (reached + timedelta(minutes=minutes)).astimezone(berlin)
        assert [one.step.id for one in owed(LADDER, flag="f", opened_at=opened, now=now)] == steps


def test_a_moment_without_a_zone_is_an_error() -> None:
    with pytest.raises(ValueError, match="time zone"):
        owed(LADDER, flag="f", opened_at=datetime(2026, 1, 5), now=datetime(2026, 1, 7))  # noqa: DTZ001


def test_a_site_has_its_own_hours() -> None:
    ours = with_hours(LADDER, {"lead": 4})
    assert [step.after_hours for step in ours.steps] == [4, 48]
    assert [step.after_hours for step in LADDER.steps] == [24, 48]


@pytest.mark.parametrize(
    ("own", "complaint"),
    [({"lead": 48}, "later than"), ({"lead": 0}, "at least one hour"), ({"pharmacist": 3}, "no step pharmacist")],
)
def test_a_site_s_hours_keep_the_order_of_the_ladder(own: dict[str, int], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        with_hours(LADDER, own)


@pytest.mark.parametrize(
    ("advice", "days", "code"),
    [
        ("review", 13, None),
        ("review", 14, None),
        ("review", 15, "snooze-too-long"),
        ("repeat", 1, None),
        ("repeat", 0, "snooze-past"),
        ("repeat", -1, "snooze-past"),
        ("withhold", 1, "too-urgent"),
        ("discontinue", 1, "too-urgent"),
    ],
)
def test_only_what_can_wait_is_put_off_and_for_14_days_at_most(advice: str, days: int, code: str | None) -> None:
    today = date(2026, 1, 5)
    found = refuse_snooze(
        LADDER, advice=Advice(advice), is_decided=False, until=today + timedelta(days=days), today=today
    )
    assert (found.code if found else None) == code


def test_a_decided_flag_is_not_put_off() -> None:
    found = refuse_snooze(LADDER, advice="review", is_decided=True, until=date(2026, 1, 6), today=date(2026, 1, 5))
    assert found is not None
    assert found.code == "flag-decided"


def _delegated(of: str, to: str, start: int = 0, end: int | None = None) -> Delegation:
    return Delegation(of, to, OPENED + timedelta(hours=start), None if end is None else OPENED + timedelta(hours=end))


@pytest.mark.parametrize(("at", "who"), [(-1, "Omar"), (0, "Nora"), (9, "Nora"), (10, "Omar")])
def test_a_delegation_holds_from_its_first_moment_to_its_end(at: int, who: str) -> None:
    assert recipient("Omar", [_delegated("Omar", "Nora", 0, 10)], OPENED + timedelta(hours=at)) == who


def test_delegations_follow_one_another_and_the_newest_counts() -> None:
    chain = [_delegated("Omar", "Nora"), _delegated("Nora", "Cora"), _delegated("Omar", "Xavier", -5)]
    assert recipient("Omar", chain, OPENED) == "Cora"


def test_two_who_delegate_to_each_other_do_not_lose_what_is_theirs() -> None:
    circle = [_delegated("Omar", "Nora"), _delegated("Nora", "Omar")]
    assert recipient("Omar", circle, OPENED) == "Nora"


# Files ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"steps": []}, "at least 1"),
        ({"surprise": 1}, "surprise"),
        ({"snooze": {"days": {"at_most": 14}}}, "source"),
    ],
)
def test_a_faulty_ladder_is_refused_in_words(change: dict[str, Any], complaint: str) -> None:
    raw = read_file(catalog.FOLDER / "escalation-v1.toml") | change
    with pytest.raises(CatalogError, match=complaint):
        catalog.read_ladder(raw, "escalation-v2.toml")


def test_a_ladder_whose_steps_do_not_climb_is_refused() -> None:
    raw = read_file(catalog.FOLDER / "escalation-v1.toml")
    with pytest.raises(CatalogError, match="later than"):
        catalog.read_ladder(raw | {"steps": list(reversed(raw["steps"]))}, "escalation-v2.toml")


def test_every_step_is_shown_as_a_default_nobody_has_signed() -> None:
    assert not any(step.citation.confidence.is_verified for step in LADDER.steps)
    assert replace(LADDER, steps=()).longest_snooze == 14
