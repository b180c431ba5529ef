from __future__ import annotations

import pytest

from her2tracker.lib.refusals import Refusal
from scheduling import catalog
from scheduling.core.choosing import Question, Suggestion, Tumour, suggest
from tests.core.scheduling_cases import Case, cases


@pytest.mark.parametrize("case", cases("choices"))
def test_a_tumour_is_suggested_its_regimens_or_asked_about(case: Case) -> None:
    found = suggest(Tumour(**case["tumour"]), catalog.choices())
    suggestions = [one for one in found if isinstance(one, Suggestion)]
    assert [one.regimen for one in suggestions] == case.get("regimens", [])
    assert [one.field for one in found if isinstance(one, Question)] == case.get("questions", [])
    assert [one.code for one in found if isinstance(one, Refusal)] == ([case["refused"]] if "refused" in case else [])
    if "reasons" in case:
        assert len(suggestions[0].reasons) == case["reasons"]


def test_every_suggested_regimen_exists() -> None:
    for choice in catalog.choices():
        assert catalog.regimen(choice.regimen)
