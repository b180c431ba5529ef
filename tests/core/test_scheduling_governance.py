"""Who may make a regimen orderable: every refusal of a draft's life, and of a version's."""

from __future__ import annotations

from typing import Any

import pytest

from scheduling import catalog
from scheduling.core import governance as law
from scheduling.core.governance import DraftState, Standing, VersionState

DRAFT, REVIEW, APPROVED, WITHDRAWN = DraftState
AUTHOR, SECOND, THIRD = 1, 2, 3


def code(refusal: Any) -> str:
    return refusal.code if refusal else ""


def sign(state: DraftState = REVIEW, **but: Any) -> str:
    usual = {"is_author": False, "has_signed": False, "statement": "Checked.", "shown": "a", "rehearsal": "a"}
    return code(law.refuse_sign(state, **(usual | but)))


TRANSITIONS = [
    # edit, submit, send back, sign, withdraw
    (DRAFT, "", "", "not-under-review", "not-under-review", ""),
    (REVIEW, "under-review", "under-review", "", "", ""),
    (APPROVED, *["already-approved"] * 5),
    (WITHDRAWN, *["already-withdrawn"] * 5),
]


@pytest.mark.parametrize(("state", "edit", "submit", "back", "signed", "withdraw"), TRANSITIONS)
def test_each_state_allows_its_acts_and_no_other(
    state: DraftState, edit: str, submit: str, back: str, signed: str, withdraw: str
) -> None:
    assert code(law.refuse_edit(state, is_author=True)) == edit
    assert code(law.refuse_submit(state, "A note.", is_author=True)) == submit
    assert code(law.refuse_send_back(state, "A reason.")) == back
    assert sign(state) == signed
    assert code(law.refuse_withdraw(state, "A reason.")) == withdraw


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_nothing_is_submitted_sent_back_signed_or_given_up_without_words(text: str) -> None:
    assert code(law.refuse_submit(DRAFT, text, is_author=True)) == "no-change-note"
    assert code(law.refuse_send_back(REVIEW, text)) == "no-reason"
    assert code(law.refuse_withdraw(DRAFT, text)) == "no-reason"
    assert sign(statement=text) == "no-statement"


def test_only_its_author_changes_and_submits_a_draft() -> None:
    assert code(law.refuse_edit(DRAFT, is_author=False)) == "not-the-author"
    assert code(law.refuse_submit(DRAFT, "A note.", is_author=False)) == "not-the-author"


def test_the_author_does_not_sign_and_nobody_signs_twice_or_what_they_were_not_shown() -> None:
    assert sign(is_author=True) == "own-draft"
    assert sign(has_signed=True) == "already-signed"
    assert sign(shown="b") == "rehearsal-changed"


@pytest.mark.parametrize(
    ("signed_by", "refused"),
    [
        ([], "not-signed"),
        ([SECOND], "not-signed"),
        ([SECOND, SECOND], "not-signed"),
        ([AUTHOR, SECOND], "not-signed"),
        ([SECOND, THIRD], ""),
        ([AUTHOR, SECOND, THIRD], ""),
    ],
)
def test_two_different_people_who_did_not_write_it_publish_it(signed_by: list[int], refused: str) -> None:
    assert code(law.refuse_publish(REVIEW, author=AUTHOR, signed_by=signed_by)) == refused


def test_a_draft_that_nobody_submitted_is_never_published() -> None:
    assert code(law.refuse_publish(DRAFT, author=AUTHOR, signed_by=[SECOND, THIRD])) == "not-under-review"


@pytest.mark.parametrize(
    ("key", "version", "newest", "refused"),
    [
        ("own-apt", 1, None, ""),
        ("own-apt", 2, None, "not-the-next-version"),
        ("own-apt", 2, 1, ""),
        ("own-apt", 1, 1, "not-the-next-version"),
        ("own-apt", 3, 1, "not-the-next-version"),
        ("apt", 2, None, "not-an-own-id"),
        ("own-", 1, None, "not-an-own-id"),
        ("ownapt", 1, None, "not-an-own-id"),
    ],
)
def test_an_own_regimen_has_an_own_id_and_the_next_version(
    key: str, version: int, newest: int | None, refused: str
) -> None:
    assert code(law.refuse_identity(key, version, newest=newest)) == refused


def test_no_shipped_regimen_has_the_id_of_an_own_one() -> None:
    assert [key for key, _ in catalog.regimens() if key.startswith(law.OWN)] == []


def test_a_version_is_published_superseded_by_a_newer_one_or_retired() -> None:
    assert law.stand(2, newest=2, name="APT").state is VersionState.PUBLISHED
    assert law.stand(1, newest=2, name="APT") == Standing(VersionState.SUPERSEDED, "APT v2")
    retired = law.stand(2, newest=2, name="APT", retired="Not used.", instead="TCH v1")
    assert retired == Standing(VersionState.RETIRED, "TCH v1", "Not used.")


def test_only_a_published_version_is_ordered_and_the_sentence_names_the_other() -> None:
    assert law.refuse_order("APT", 2, Standing(VersionState.PUBLISHED)) is None
    superseded = law.refuse_order("APT", 1, Standing(VersionState.SUPERSEDED, "APT v2"))
    assert superseded is not None
    assert superseded.code == "superseded-regimen"
    assert superseded.sentence == "APT v1 is superseded here. Order APT v2 instead."
    retired = law.refuse_order("APT", 2, Standing(VersionState.RETIRED, "", "Not used any more."))
    assert retired is not None
    assert retired.sentence == "APT v2 is retired here (Not used any more). Choose another regimen."


def test_a_version_is_retired_once_with_a_reason_and_for_one_that_can_be_ordered() -> None:
    published, retired = Standing(VersionState.PUBLISHED), Standing(VersionState.RETIRED, "", "Old.")
    assert law.refuse_retire(published, "Old.") is None
    assert code(law.refuse_retire(published, " ")) == "no-reason"
    assert code(law.refuse_retire(retired, "Old.")) == "already-retired"
    assert law.refuse_replacement(False, published) is None
    for is_itself, standing in ((True, published), (False, retired), (False, None)):
        assert code(law.refuse_replacement(is_itself, standing)) == "no-replacement"


def test_it_is_said_whose_turn_it_is() -> None:
    def told(state: DraftState, *signed_by: str, back: bool = False) -> str:
        return law.waits_for(state, author="Pia", signed_by=signed_by, sent_back=back)

    assert told(DRAFT) == "Pia, to submit it"
    assert told(DRAFT, back=True) == "Pia, to change it and submit it again"
    assert told(REVIEW) == "two signatures, neither of them Pia’s"
    assert told(REVIEW, "Omar") == "one more signature, not Pia’s nor Omar’s"
    assert told(APPROVED) == told(WITHDRAWN) == ""
