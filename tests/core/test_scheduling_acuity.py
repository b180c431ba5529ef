"""How a day is shared out. The weights are the site's organisation; these are the shipped ones, G72."""

from __future__ import annotations

import pytest

from scheduling import catalog
from scheduling.core.acuity import Load, loads, refuse_taking

WEIGHTS = catalog.acuity_weights()


@pytest.mark.parametrize(
    ("kinds", "acuity"),
    [
        (["maintenance"], 1),
        (["loading"], 2),
        (["first"], 2),
        (["reload"], 2),
        (["maintenance", "maintenance"], 2),
        (["maintenance", "reload"], 3),
        (["loading", "loading", "maintenance"], 4),
        ([], 0),
    ],
)
def test_an_infusion_weighs_its_heaviest_dose_and_each_further_agent(kinds, acuity) -> None:
    assert WEIGHTS.of(kinds) == acuity


def test_a_site_sets_its_own_weights_and_what_it_leaves_out_stays() -> None:
    own = WEIGHTS.with_own({"loading": 5, "reload": None, "nonsense": 9})
    assert (own.of(["loading"]), own.of(["reload"]), own.of(["maintenance"])) == (5, 2, 1)
    assert WEIGHTS.with_own({"maintenance": 0}).of(["maintenance"]) == 0


def test_the_load_of_each_nurse_is_a_count_and_a_sum() -> None:
    assert loads([("Nora", 2), ("Nina", 1), ("Nora", 3)]) == {"Nora": Load(2, 5), "Nina": Load(1, 1)}


@pytest.mark.parametrize(
    ("standing", "may_assign", "may_care", "code"),
    [
        ("", False, True, None),
        ("Nina", True, True, None),
        ("Nina", False, True, "taken"),
        ("Nora", True, True, "has-it"),
        ("", True, False, "not-a-nurse"),
    ],
)
def test_who_takes_what(standing, may_assign, may_care, code) -> None:
    refusal = refuse_taking(standing=standing, nurse="Nora", may_assign=may_assign, may_care=may_care)
    assert (refusal.code if refusal else None) == code
