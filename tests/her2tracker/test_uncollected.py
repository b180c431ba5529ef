"""The search for circles among objects pauses for a batch, and goes on after it whatever happened."""

from __future__ import annotations

import gc

import pytest

from her2tracker.lib.uncollected import uncollected


def test_it_pauses_within_and_goes_on_afterwards_even_after_an_error():
    assert gc.isenabled()
    with pytest.raises(ValueError, match="off within"):
        _fail()
    assert gc.isenabled()


@uncollected()
def _fail() -> None:
    raise ValueError("on within" if gc.isenabled() else "off within")


def test_where_it_was_off_already_it_stays_off():
    with uncollected():
        with uncollected():
            pass
        assert not gc.isenabled()
