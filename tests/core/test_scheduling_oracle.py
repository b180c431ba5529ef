"""The program against a second opinion (scheduling_oracle.py), over random lives of every regimen."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduling import catalog
from scheduling.core.dosing import calculate_each
from scheduling.core.expansion import Entry, EntryState
from scheduling.core.facts import Delayed, DelayScope, Fact, Given, LevelChanged, Omitted
from scheduling.core.policy import CapPolicy
from scheduling.core.projection import project
from scheduling.core.regimen import Dose, DoseKind
from scheduling.core.switching import Outcome, asks_kind, judge
from tests.core import scheduling_oracle as oracle
from tests.core.scheduling_oracle import Row, What

START = date(2026, 1, 5)
IN_SIGHT = START + timedelta(weeks=26)
LIFE = st.lists(
    st.one_of(
        st.builds(What, st.just("give"), st.integers(-5, 45)),
        st.builds(What, st.just("give"), st.integers(0, 9)),
        st.builds(What, st.sampled_from(["omit", "make up"])),
    ),
    max_size=14,
)
ENDINGS = st.one_of(
    st.none(),
    st.builds(What, st.just("delay"), st.integers(1, 60)),
    st.builds(What, st.just("delay alone"), st.integers(1, 9)),
)
LADDERS = {oracle.EMTANSINE: (Fraction(3), Fraction(24, 10)), oracle.DERUXTECAN: (Fraction(44, 10), Fraction(32, 10))}


def facts_of(rows: list[Row], happened: dict[int, What]) -> list[Fact]:
    """The same life as the program records it: dates from the oracle's rows."""
    facts: list[Fact] = []
    for row in rows:
        what = happened.get(row.cycle, What("plan"))
        if what.act == "give":
            facts.append(Given(row.cycle, 1, row.agent, row.on))
        elif what.act in ("omit", "make up"):
            facts.append(Omitted(row.cycle, 1, row.on, made_up=what.act == "make up"))
        elif what.act.startswith("delay"):
            scope = DelayScope.ONLY if what.act == "delay alone" else DelayScope.LATER
            facts.append(Delayed(row.cycle, 1, row.on, scope))
    return list(dict.fromkeys(facts))


def amount_of(dose: Dose) -> object:
    if dose.components:
        return "/".join(str(part.mg) for part in dose.components)
    return Fraction(dose.mg_per_kg) if dose.mg_per_kg is not None else int(dose.mg or 0)


def place(row: Row) -> tuple[int, str]:
    return row.cycle, row.agent


def as_row(entry: Entry, happened: dict[int, What]) -> Row:
    what = happened.get(entry.cycle, What("plan"))
    states = {EntryState.GIVEN: "give", EntryState.OMITTED: "omitted", EntryState.PLANNED: what.act}
    return Row(entry.cycle, entry.agent, entry.on, amount_of(entry.dose), states[entry.state])


@settings(max_examples=1000, deadline=None)
@given(
    st.sampled_from(sorted(oracle.PLANS)), LIFE, ENDINGS, st.booleans(), st.booleans(),
    st.dictionaries(st.integers(1, 14), st.integers(0, 1), max_size=2), st.integers(3500, 14000),
)  # fmt: skip
def test_every_plan_has_the_dates_and_amounts_of_a_second_opinion(
    regimen: str,
    life: list[What],
    ending: What | None,
    eu_hp: bool,
    grid: bool,
    steps: dict[int, int],
    weight: int,
) -> None:
    core = catalog.regimen(regimen)
    last = None if core.cap.open_ended else core.total_cycles
    cycles = [*life, ending][:last] if ending else life[:last]
    happened = {n: what for n, what in enumerate(cycles, 1) if what}
    ladder = LADDERS.get(core.agents[0])
    reduced = _down_the_ladder(steps, ladder) if ladder else {}
    rows = list(oracle.play(regimen, START, happened, eu_hp=eu_hp, grid=grid, reduced=reduced, in_sight=IN_SIGHT))
    facts = [*facts_of(rows, happened), *(LevelChanged(core.agents[0], n, _decimal(mg)) for n, mg in reduced.items())]
    policy = catalog.policy("eu-hp" if eu_hp else "label", "grid" if grid else "actual")
    projection = project(core, START, facts, today=START, policy=policy)
    found = [as_row(entry, happened) for entry in projection.entries]
    fitting = [row for row in rows if row.state != oracle.NO_ROOM]
    assert sorted(found, key=place) == sorted(fitting, key=place)
    _check_milligrams(regimen, projection.entries, rows, Decimal(weight) / 100)


def _down_the_ladder(steps: dict[int, int], ladder: tuple[Fraction, ...]) -> dict[int, Fraction]:
    """Cycles and levels, each lower than the one before."""
    found: dict[int, Fraction] = {}
    for cycle, step in sorted(steps.items()):
        if all(ladder[step] < level for level in found.values()):
            found[cycle] = ladder[step]
    return found


def _decimal(level: Fraction) -> Decimal:
    return Decimal(level.numerator) / level.denominator


def _check_milligrams(regimen: str, entries: tuple[Entry, ...], rows: list[Row], kg: Decimal) -> None:
    made = calculate_each(catalog.regimen(regimen), entries, kg)
    amounts = {(row.cycle, row.agent): row.amount for row in rows}
    for entry, calculation in zip(entries, made, strict=True):
        amount = amounts[entry.cycle, entry.agent]
        if entry.dose.components:
            assert calculation.calculated_mg is None
        else:
            by_weight = isinstance(amount, Fraction)
            assert Fraction(calculation.calculated_mg or 0) == (amount * Fraction(kg) if by_weight else amount)


def test_the_second_opinion_knows_every_regimen_that_is_shipped() -> None:
    infused = {key for key, _ in catalog.regimens() if catalog.regimen(key).phases}
    assert infused == set(oracle.PLANS)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(oracle.CARRIED_ON)), LIFE, st.integers(1, 80),
    st.sampled_from([DoseKind.LOADING, DoseKind.MAINTENANCE]),
)  # fmt: skip
def test_another_form_and_the_rest_of_the_year_have_the_dates_of_a_second_opinion(
    change: tuple[str, str], life: list[What], gap: int, answer: DoseKind
) -> None:
    old, new = (catalog.regimen(key) for key in change)
    happened = dict(enumerate((What("give"), *life[: old.total_cycles - 2]), 1))
    rows = list(oracle.play(change[0], START, happened))
    facts = facts_of(rows, happened)
    given_on = [fact.on for fact in facts if isinstance(fact, Given)]
    verdict = judge(old, new, facts, catalog.switching_rules())
    assert verdict.questions  # no document says how the first dose follows
    assert asks_kind(new, verdict) is (change[1] != "trastuzumab-sc")  # which has one dose only
    conjugate = change[0] in ("t-dm1", "t-dxd")
    assert verdict.outcome is (Outcome.COMPLETES if conjugate else Outcome.CONTINUES)
    assert verdict.new_baseline is conjugate
    policy = catalog.policy(cap=CapPolicy.WEEKS if conjugate else CapPolicy.REGIMEN)
    assert verdict.cap is policy.cap
    start = max(given_on) + timedelta(gap)
    wanted = list(oracle.carry_on(change, start, len(given_on), min(given_on), str(answer)))
    assume(wanted)  # nothing of the year is left to plan
    credited = verdict.answered(answer)
    projection = project(new, start, credited, today=start, policy=policy)
    assert [as_row(entry, {}) for entry in projection.entries] == wanted
