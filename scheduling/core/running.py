"""An infusion that runs: what may be started and stopped, and when vital signs are asked for meanwhile.

All moments are wall-clock times of the site.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest

from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal
from her2tracker.lib.sources import Citation
from scheduling.core.agent import Observation


@dataclass(frozen=True, slots=True)
class Run:
    """One agent going in, or gone in: minutes as planned, and the observation that its dose asks for."""

    agent: str
    title: str
    minutes: int
    started: datetime
    stopped: datetime | None = None
    observation: Observation | None = None

    @property
    def is_running(self) -> bool:
        return self.stopped is None

    @property
    def planned_end(self) -> datetime:
        return self.started + timedelta(minutes=self.minutes)

    @property
    def watched_until(self) -> datetime | None:
        """None where no label gives a time, or it counts from an end that has not come."""
        if self.observation is None:
            return None
        begins = self.started if self.observation.after == "start" else self.stopped
        return begins + timedelta(minutes=self.observation.minutes) if begins else None

    def minutes_over(self, now: datetime) -> int:
        """How long it has run past its planned end; 0 before that and once it has stopped."""
        return max(0, _minutes(now - self.planned_end)) if self.is_running else 0


@dataclass(frozen=True, slots=True)
class Convention:
    """When a site asks for vital signs. Minutes; a set taken up to `early` before its time answers."""

    after_start: tuple[int, ...]
    at_end: bool
    at_end_of_observation: bool
    early: int
    citation: Citation

    def prompts(self, runs: Iterable[Run]) -> tuple[Prompt, ...]:
        """Of one visit, the earliest first. Those of an end stand only once that end is known."""
        return tuple(sorted((one for run in runs for one in self._of(run)), key=lambda one: one.due))

    def _of(self, run: Run) -> Iterable[Prompt]:
        last = run.stopped or run.planned_end
        for minutes in self.after_start:
            due = run.started + timedelta(minutes=minutes)
            if due < last or minutes == 0:
                yield Prompt(due, f"{minutes} min after the start of {run.title}" if minutes else _start_of(run))
        if self.at_end and run.stopped:
            yield Prompt(run.stopped, f"end of {run.title}")
        if self.at_end_of_observation and run.watched_until:
            yield Prompt(run.watched_until, f"end of the observation after {run.title}")

    def open_ones(self, prompts: Iterable[Prompt], taken: Sequence[datetime]) -> tuple[Prompt, ...]:
        """Those that no set of vital signs has answered. A later set closes what came before it."""
        latest = max(taken, default=None)
        early = timedelta(minutes=self.early)
        return tuple(one for one in prompts if latest is None or latest < one.due - early)

    def not_taken(self, prompts: Sequence[Prompt], taken: Sequence[datetime]) -> tuple[Prompt, ...]:
        """Those that a later set closed although none was taken in their own time, before the next was due."""
        early, still_open = timedelta(minutes=self.early), set(self.open_ones(prompts, taken))
        missed = []
        for one, following in zip_longest(prompts, prompts[1:]):
            until = max(following.due - early, one.due + timedelta(minutes=1)) if following else None
            in_time = any(one.due - early <= at and (until is None or at < until) for at in taken)
            if one not in still_open and not in_time:
                missed.append(one)
        return tuple(missed)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Vital signs are due, and after what."""

    due: datetime
    after: str

    def is_due(self, now: datetime) -> bool:
        return self.due <= now

    def minutes_late(self, now: datetime) -> int:
        return max(0, _minutes(now - self.due))


@dataclass(frozen=True, slots=True)
class Asked:
    """What vital signs are asked for now: the longest due, the next to come, and those that were passed over."""

    due: Prompt | None
    late: int  # minutes
    next: Prompt | None
    not_taken: tuple[Prompt, ...]
    any: bool
    citation: Citation


def asked(convention: Convention, runs: Sequence[Run], taken: Sequence[datetime], now: datetime) -> Asked:
    """On the day itself. Once it has passed nothing is due any more: what was not taken is told."""
    prompts = convention.prompts(runs)
    still_open, missed = convention.open_ones(prompts, taken), convention.not_taken(prompts, taken)
    if any(run.started.date() < now.date() for run in runs):
        return Asked(
            None, 0, None, tuple(sorted((*missed, *still_open), key=_when)), bool(prompts), convention.citation
        )
    due = next((one for one in still_open if one.is_due(now)), None)
    following = next((one for one in still_open if not one.is_due(now)), None)
    late = due.minutes_late(now) if due else 0
    return Asked(due, late, following, missed, bool(prompts), convention.citation)


def _when(prompt: Prompt) -> datetime:
    return prompt.due


def _start_of(run: Run) -> str:
    return f"start of {run.title}"


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


def next_agent(agents: Iterable[str], runs: Iterable[Run]) -> str | None:
    """The first in the regimen's order that was not started."""
    begun = {run.agent for run in runs}
    return next((agent for agent in agents if agent not in begun), None)


def refuse_start(
    *, agent: str, agents: Sequence[str], runs: Sequence[Run], at: datetime, now: datetime, why: str
) -> Refusal | None:
    """Starting `agent` of a visit whose agents stand in the regimen's order; `runs` are those begun so far.

    Another order, or a start within the observation before it, needs a reason.
    """
    if agent not in agents:
        return Refusal("not-due", f"{agent} is not due on this cycle day.")
    if at > now:
        return Refusal("in-the-future", f"{at:%H:%M} has not come yet: write when the infusion was started.")
    if at.date() != now.date():
        return Refusal("not-today", f"What ran on {in_words(at.date())} is recorded as given, with its times.")
    if begun := next((run for run in runs if run.agent == agent), None):
        return Refusal("already-started", f"{begun.title} was started at {begun.started:%H:%M}.")
    if running := next((run for run in runs if run.is_running), None):
        said = f"{running.title} has been running since {running.started:%H:%M}: stop it first."
        return Refusal("another-runs", said)
    if overlapping := next((run for run in runs if run.stopped and at < run.stopped), None):
        said = f"{overlapping.title} ran until {overlapping.stopped:%H:%M}: this cannot have started before that."
        return Refusal("overlaps", said)
    if not why.strip() and (depart := departure(agent, agents, runs, at)):
        return Refusal("needs-a-reason", f"{depart} Say why, or wait.")
    return None


def departure(agent: str, agents: Sequence[str], runs: Sequence[Run], at: datetime) -> str:
    """How a start departs from the regimen's order or from the observation before it; empty where it does not."""
    expected = next_agent(agents, runs)
    if expected is not None and expected != agent:
        return f"{expected.capitalize()} comes first in this regimen."
    watched = [run for run in runs if run.watched_until and run.watched_until > at and _comes_before(run)]
    if watched:
        run = max(watched, key=lambda one: one.watched_until or one.started)
        return f"{run.title} is observed until {run.watched_until:%H:%M} before the next agent."
    return ""


def _comes_before(run: Run) -> bool:
    """An observation that counts from an infusion's end comes before the next agent; from its start, it runs along."""
    return run.observation is not None and run.observation.after == "end"


def refuse_stop(run: Run, *, is_withdrawn: bool, at: datetime, now: datetime) -> Refusal | None:
    if is_withdrawn:
        return Refusal("withdrawn", f"The start of {run.title} was withdrawn: there is nothing to stop.")
    if run.stopped:
        return Refusal("already-stopped", f"{run.title} was stopped at {run.stopped:%H:%M}.")
    if at > now:
        return Refusal("in-the-future", f"{at:%H:%M} has not come yet: write when the infusion was stopped.")
    if at < run.started:
        return Refusal("before-the-start", f"It was started at {run.started:%H:%M}: it cannot stop before that.")
    return None


def refuse_withdrawal(run: Run, *, is_withdrawn: bool, reason: str) -> Refusal | None:
    """Taking a start back, which says that nothing of it went in."""
    if is_withdrawn:
        return Refusal("withdrawn", f"The start of {run.title} is withdrawn already.")
    if run.stopped:
        said = f"{run.title} went in until {run.stopped:%H:%M}: record the infusion, and amend what is wrong."
        return Refusal("already-stopped", said)
    if not reason.strip():
        return Refusal("no-reason", "Say in a sentence why the start is withdrawn.")
    return None


def refuse_elsewise(runs: Iterable[Run], act: str) -> Refusal | None:
    """Delaying, omitting or ending what has begun to go in: what went in is recorded first."""
    run = next(iter(runs), None)
    if run is None:
        return None
    told = f"{run.title} was started at {run.started:%H:%M}"
    return Refusal("begun", f"{told}: record what went in, or withdraw the start, before it is {act}.")


def refuse_recording(runs: Sequence[Run], *, named: Iterable[str], given_on: datetime | None) -> Refusal | None:
    """Recording a visit of which something was started; `named` are the agents that the record itself tells of."""
    if running := next((run for run in runs if run.is_running), None):
        said = f"{running.title} has been running since {running.started:%H:%M}: stop it first."
        return Refusal("still-running", said)
    told = set(named)
    if twice := next((run for run in runs if run.agent in told), None):
        said = (
            f"{twice.title} was stopped at {twice.stopped:%H:%M} and is recorded so: leave it out, and amend it after."
        )
        return Refusal("recorded-by-its-run", said)
    begun = runs[0] if runs else None
    if begun and given_on and given_on.date() != begun.started.date():
        on = in_words(begun.started.date())
        return Refusal("another-day", f"{begun.title} was started on {on}: record the infusion for that day.")
    return None
