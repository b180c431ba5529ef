"""Who may make a regimen orderable, and when a published one no longer is: each refusal is check and sentence."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from her2tracker.lib.refusals import Refusal

APPROVERS = 2
"""Signatures that publish. Neither is the author's. Not a clinical figure."""

OWN = "own-"
"""How every regimen that a site wrote itself is named; no file that ships with the product is."""


class DraftState(StrEnum):
    """What becomes of a file that a site wrote."""

    DRAFT = "draft"
    UNDER_REVIEW = "under-review"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return self.value.replace("-", " ").capitalize()


class VersionState(StrEnum):
    """What a published version is at one site."""

    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    RETIRED = "retired"

    @property
    def label(self) -> str:
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Standing:
    """A version at one site. `instead` names what to order in its place, when somebody said so."""

    state: VersionState
    instead: str = ""
    reason: str = ""

    @property
    def is_orderable(self) -> bool:
        return self.state is VersionState.PUBLISHED

    def in_words(self) -> str:
        """`retired (Not on our formulary); order APT v2 instead`."""
        reason = f" ({self.reason.rstrip('.')})" if self.reason else ""
        instead = f"; order {self.instead} instead" if self.instead else ""
        return f"{self.state.value}{reason}{instead}"


def refuse_edit(state: DraftState, *, is_author: bool) -> Refusal | None:
    if state is DraftState.UNDER_REVIEW:
        sentence = "This draft is under review: have it sent back before you change it, or the signatures mean nothing."
        return Refusal("under-review", sentence)
    if not is_author:
        return Refusal("not-the-author", "Only its author changes a draft: who changed it could not sign it.")
    return _ended(state)


def refuse_submit(state: DraftState, note: str, *, is_author: bool) -> Refusal | None:
    if not is_author:
        return Refusal("not-the-author", "Its author submits a draft.")
    if state is DraftState.UNDER_REVIEW:
        return Refusal("under-review", "This draft is under review already.")
    if not note.strip():
        return Refusal("no-change-note", "Say what changes and why: the approvers read it beside the difference.")
    return _ended(state)


def refuse_send_back(state: DraftState, reason: str) -> Refusal | None:
    if refusal := _not_under_review(state):
        return refusal
    if not reason.strip():
        return Refusal("no-reason", "Say what the author should change.")
    return None


def refuse_withdraw(state: DraftState, reason: str) -> Refusal | None:
    if not reason.strip():
        return Refusal("no-reason", "Say why the draft is given up.")
    return _ended(state)


def refuse_sign(
    state: DraftState, *, is_author: bool, has_signed: bool, statement: str, shown: str, rehearsal: str
) -> Refusal | None:
    """Signing the rehearsal with digest `rehearsal`, when what the person was `shown` had that digest."""
    if refusal := _not_under_review(state):
        return refusal
    if is_author:
        return Refusal("own-draft", "You wrote this draft: two others sign it.")
    if has_signed:
        return Refusal("already-signed", "You signed this rehearsal already: a second person must sign it too.")
    if shown != rehearsal:
        sentence = "The rehearsal is no longer the one you were shown. Read it as it is now, then sign."
        return Refusal("rehearsal-changed", sentence)
    if not statement.strip():
        return Refusal("no-statement", "Say what you checked the rehearsal against.")
    return None


def refuse_publish(state: DraftState, *, author: int, signed_by: Collection[int]) -> Refusal | None:
    """Publishing what `signed_by` signed: their signatures under the rehearsal as it is now."""
    if refusal := _not_under_review(state):
        return refusal
    missing = APPROVERS - len(set(signed_by) - {author})
    if missing > 0:
        people = "Two people who did" if missing == APPROVERS else "One more person who did"
        return Refusal("not-signed", f"{people} not write it must sign the rehearsal before it is published.")
    return None


def waits_for(state: DraftState, *, author: str, signed_by: Sequence[str], sent_back: bool) -> str:
    """Whose turn it is, in words; empty when nobody is waited for."""
    if state is DraftState.DRAFT:
        return f"{author}, to change it and submit it again" if sent_back else f"{author}, to submit it"
    if state is not DraftState.UNDER_REVIEW:
        return ""
    if not signed_by:
        return f"two signatures, neither of them {author}’s"
    return f"one more signature, not {author}’s nor {' and '.join(signed_by)}’s"


def refuse_identity(key: str, version: int, *, newest: int | None) -> Refusal | None:
    """Whether a site may publish `key` in this `version`; `newest` is the newest it has published of it."""
    if not re.fullmatch(rf"{OWN}[a-z0-9-]+", key):
        sentence = (
            f"“{key}” is not the id of a regimen of your own: write id = “{OWN}…”, such as “{OWN}{key or 'regimen'}”. "
            "What ships with her2tracker keeps its ids, so that nobody takes one for the other."
        )
        return Refusal("not-an-own-id", sentence)
    expected = (newest or 0) + 1
    if version != expected:
        has = f"Version {newest} is published and frozen" if newest else "Nothing is published of it"
        return Refusal("not-the-next-version", f"{has}: write version = {expected}.")
    return None


def stand(version: int, *, newest: int, name: str, retired: str | None = None, instead: str = "") -> Standing:
    """What `version` of the regimen `name` is at a site that has its `newest`; `retired` is why, when it is."""
    if retired is not None:
        return Standing(VersionState.RETIRED, instead, retired)
    if version < newest:
        return Standing(VersionState.SUPERSEDED, f"{name} v{newest}")
    return Standing(VersionState.PUBLISHED)


def refuse_order(name: str, version: int, standing: Standing) -> Refusal | None:
    """Starting a plan on this version. Plans that run on it go on."""
    if standing.is_orderable:
        return None
    instead = f" Order {standing.instead} instead." if standing.instead else " Choose another regimen."
    reason = f" ({standing.reason.rstrip('.')})" if standing.reason else ""
    return Refusal(
        f"{standing.state.value}-regimen", f"{name} v{version} is {standing.state.value} here{reason}.{instead}"
    )


def refuse_retire(standing: Standing, reason: str) -> Refusal | None:
    if standing.state is VersionState.RETIRED:
        return Refusal("already-retired", f"It is retired already: {standing.reason}")
    if not reason.strip():
        return Refusal("no-reason", "Say why nobody should be started on it any more.")
    return None


def refuse_replacement(is_itself: bool, standing: Standing | None) -> Refusal | None:
    """Naming a version to order instead; None is one that this site cannot see."""
    if is_itself or standing is None or not standing.is_orderable:
        return Refusal("no-replacement", "What replaces it must be another regimen that can be ordered here.")
    return None


def _not_under_review(state: DraftState) -> Refusal | None:
    if state is DraftState.DRAFT:
        return Refusal("not-under-review", "This draft is not under review: its author submits it first.")
    return _ended(state)


def _ended(state: DraftState) -> Refusal | None:
    if state in (DraftState.APPROVED, DraftState.WITHDRAWN):
        return Refusal(f"already-{state.value}", f"This draft is {state.value} already. Start another one.")
    return None
