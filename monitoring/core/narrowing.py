"""The weakest figures any rule could meet, so that one query can pick every row the core might flag, and few more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from her2tracker.lib.bounds import Bounds
from her2tracker.lib.dates import add_days
from monitoring.core.evaluation import figures_of
from monitoring.core.protocol import Condition, Protocol, Surveillance
from monitoring.core.result import Assessment, Symptoms
from monitoring.core.surveillance import Facts, Window

_SHORTEST_MONTH, _LONGEST_MONTH = 28, 31  # days


@dataclass(frozen=True, slots=True)
class Clause:
    """What a rule demands at least, every part of it. None, or False: it does not ask.

    Figures are the worst end of the LVEF and the largest fall its range allows; GLS falls are relative, percent.
    """

    lvef_at_most: Decimal | None = None
    fall_at_least: Decimal | None = None
    is_below_normal: bool = False
    symptoms: Symptoms | None = None
    gls_fall_at_least: Decimal | None = None
    biomarker_rise: bool = False

    def within(self, other: Clause) -> bool:
        """Whether everything that meets this clause meets `other` too."""
        return (
            _at_most(self.lvef_at_most, other.lvef_at_most)
            and _at_least(self.fall_at_least, other.fall_at_least)
            and _at_least(self.gls_fall_at_least, other.gls_fall_at_least)
            and self.is_below_normal >= other.is_below_normal
            and self.biomarker_rise >= other.biomarker_rise
            and (other.symptoms is None or (self.symptoms is not None and self.symptoms.grade >= other.symptoms.grade))
        )


@dataclass(frozen=True, slots=True)
class ResultNarrowing:
    """A result can be flagged only when it meets one of `clauses`, or has no baseline and one is needed."""

    clauses: tuple[Clause, ...]
    needs_baseline: bool

    def may_flag(self, assessment: Assessment, baseline: Assessment | None, lower_limit_of_normal: Decimal) -> bool:
        """The same as the query, for the test that holds both to the core."""
        if baseline is None and self.needs_baseline:
            return True
        figures = figures_of(assessment, baseline, lower_limit_of_normal, "worst")
        return any(
            _reaches(figures.lvef, at_most=clause.lvef_at_most)
            and _reaches(figures.fall, at_least=clause.fall_at_least)
            and _reaches(figures.gls_fall_percent, at_least=clause.gls_fall_at_least)
            and (not clause.is_below_normal or figures.lvef < lower_limit_of_normal)
            and (clause.symptoms is None or figures.symptoms.grade >= clause.symptoms.grade)
            and (not clause.biomarker_rise or bool(figures.biomarker_rise))
            for clause in self.clauses
        )


@dataclass(frozen=True, slots=True)
class WindowNarrowing:
    """Days from a date to the first day on which an assessment could be overdue; None: never for that reason.

    `after_result` counts from the last result on treatment, `while_held` the same during a hold,
    `after_last_given` from the last administration of a completed plan, and from `settled_after` days after
    it a result answers everything that plan will ever be asked.
    """

    after_result: int | None
    while_held: int | None
    after_last_given: int | None
    settled_after: int | None

    def may_be_overdue(self, facts: Facts, today: date) -> bool:
        """Whether anything could be overdue on `today`, facts of later days left out; what the query compares."""
        asked, interval = facts.repeat_asked, facts.interval
        if asked is not None and asked.by < today:
            return True
        last = facts.last_result
        if facts.first_given_on is None:
            return False
        if facts.completed_on is not None:
            since = facts.last_given_on or facts.completed_on
            is_settled = last is not None and _over(since, self.settled_after, last)
            return not is_settled and _over(since, self.after_last_given, today)
        if last is None:
            return self.after_result is not None
        days = [self.after_result, self.while_held if facts.held_since else None]
        days.append(interval.rule.overdue_after_days + 1 if interval else None)
        return any(_over(last, one, today) for one in days)


def results(protocols: Iterable[Protocol]) -> ResultNarrowing:
    """From every rule that needs a decision. A clause that lies within another is left out."""
    protocols = tuple(protocols)
    rules = [rule for one in protocols for rule in one.rules]
    clauses = list(dict.fromkeys(_clause(rule.when) for rule in rules if rule.then.needs_decision))
    weakest = [one for one in clauses if not any(one is not other and one.within(other) for other in clauses)]
    return ResultNarrowing(tuple(weakest), any(one.needs_baseline for one in protocols))


def windows(protocols: Iterable[Protocol]) -> WindowNarrowing:
    """From every surveillance: the soonest that any of them could call overdue."""
    asking = [one.surveillance for one in protocols if one.surveillance]
    rules = [rule for one in asking for rule in (one.on_treatment, one.with_dysfunction) if rule]
    held = [one.while_held.every_days for one in asking if one.while_held]
    after = [days for one in asking for days in _after_last_given(one)]
    settled = [days for one in asking for days in _settled_after(one)]
    return WindowNarrowing(
        min((rule.overdue_after_days + 1 for rule in rules), default=None),
        min(held, default=None),
        min(after, default=None),
        max(settled, default=None),
    )


def next_change(window: Window, dated: Iterable[date | None], *, is_held: bool, today: date) -> date | None:
    """The first day after `today` on which a plan's flags could change though no fact did; None: never.

    A window changes on the day from which it is overdue, and on that of each `dated` fact, which does not count before.
    The clocks of a hold for the heart run every day.
    """
    if is_held:
        return add_days(today, 1)
    days = (*(one.overdue_on for one in (window, *window.others)), *dated)
    return min((day for day in days if day is not None and day > today), default=None)


def _after_last_given(surveillance: Surveillance) -> Iterable[int]:
    """Completion comes on the last administration's day at the soonest, a month is at least so long."""
    grace, follow_up = surveillance.on_treatment.grace_days + 1, surveillance.follow_up
    if surveillance.at_completion:
        yield grace
    if follow_up:
        yield min(follow_up.months) * _SHORTEST_MONTH + (1 if follow_up.within else grace)


def _settled_after(surveillance: Surveillance) -> Iterable[int]:
    if surveillance.follow_up:
        yield max(surveillance.follow_up.months) * _LONGEST_MONTH
    elif surveillance.at_completion:
        yield 0


def _clause(when: Condition) -> Clause:
    """Only what a worse result meets sooner: lower ends of the LVEF and upper ends of a fall are left out.

    So a result whose better end meets the rule meets the clause with its worse end as well.
    """
    return Clause(
        _highest(when.lvef),
        _lowest(when.fall),
        bool(when.below_normal),
        when.symptoms,
        _lowest(when.gls_fall_percent),
        bool(when.biomarker_rise),
    )


def _highest(bounds: Bounds | None) -> Decimal | None:
    """Below 50 is taken as at most 50: a superset needs no finer comparison."""
    limits = [one for one in (bounds.below, bounds.at_most) if one is not None] if bounds else []
    return min(limits, default=None)


def _lowest(bounds: Bounds | None) -> Decimal | None:
    limits = [one for one in (bounds.over, bounds.at_least) if one is not None] if bounds else []
    return max(limits, default=None)


def _at_most(one: Decimal | None, other: Decimal | None) -> bool:
    return other is None or (one is not None and one <= other)


def _at_least(one: Decimal | None, other: Decimal | None) -> bool:
    return other is None or (one is not None and one >= other)


def _reaches(figure: Decimal | None, *, at_most: Decimal | None = None, at_least: Decimal | None = None) -> bool:
    if at_most is None and at_least is None:
        return True
    return figure is not None and (at_most is None or figure <= at_most) and (at_least is None or figure >= at_least)


def _over(since: date, days: int | None, today: date) -> bool:
    return days is not None and add_days(since, days) <= today
