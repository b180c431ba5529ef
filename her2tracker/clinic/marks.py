"""The marks a person learns once: each state's shape, tone and word, and each kind of milligrams.

One table, so that the day's list, the plan, a flag and the printed page cannot disagree. State is
never colour alone: the shape and the word carry it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


@dataclass(frozen=True, slots=True)
class Mark:
    """How one state is shown. `tone` is ready, needs, hold, done or quiet."""

    tone: str
    shape: str
    word: str


READY, NEEDS, HOLD, DONE, QUIET = "ready", "needs", "hold", "done", "quiet"

STATES: dict[str, Mark] = {
    # may we treat
    "ready": Mark(READY, "circle", "Ready"),
    "needs": Mark(NEEDS, "triangle", "Needs something"),
    "hold": Mark(HOLD, "square", "On hold"),
    # one infusion
    "planned": Mark(QUIET, "ring", "Planned"),
    "running": Mark(READY, "circle", "Running"),
    "given": Mark(DONE, "check", "Given"),
    "omitted": Mark(QUIET, "cross", "Omitted"),
    "missed": Mark(NEEDS, "triangle", "Missed"),
    # a plan
    "active": Mark(READY, "circle", "Active"),
    "completed": Mark(DONE, "check", "Completed"),
    "ceased": Mark(QUIET, "cross", "Ceased"),
    # advice
    "continue": Mark(READY, "circle", "Continue"),
    "resume": Mark(READY, "circle", "Resume"),
    "review": Mark(NEEDS, "triangle", "Review advised"),
    "repeat": Mark(NEEDS, "triangle", "Repeat advised"),
    "withhold": Mark(HOLD, "square", "Withhold advised"),
    "discontinue": Mark(HOLD, "square", "Discontinue advised"),
    # a flag
    "open": Mark(NEEDS, "triangle", "Open"),
    "decided": Mark(QUIET, "ring", "Decided"),
    "resolved": Mark(DONE, "check", "Resolved"),
    # a regimen, from its draft to its retirement
    "draft": Mark(QUIET, "ring", "Draft"),
    "under-review": Mark(NEEDS, "triangle", "Under review"),
    "approved": Mark(DONE, "check", "Approved"),
    "withdrawn": Mark(QUIET, "cross", "Withdrawn"),
    "published": Mark(READY, "circle", "Published"),
    "superseded": Mark(QUIET, "ring", "Superseded"),
    "retired": Mark(QUIET, "cross", "Retired"),
    # a file of patients and plans
    "import-received": Mark(QUIET, "ring", "Being checked"),
    "import-checked": Mark(NEEDS, "triangle", "Checked, not imported"),
    "import-waiting": Mark(QUIET, "ring", "About to run"),
    "import-running": Mark(QUIET, "ring", "Running"),
    "import-done": Mark(DONE, "check", "Imported"),
    "import-refused": Mark(HOLD, "square", "Not imported"),
    # a handover card from elsewhere
    "card-received": Mark(NEEDS, "triangle", "Read, not taken over"),
    "card-taken-over": Mark(DONE, "check", "Taken over"),
    "card-withdrawn": Mark(QUIET, "cross", "Put aside"),
    # an assessment that is due
    "window-none": Mark(QUIET, "dash", "None due"),
    "window-not-yet": Mark(QUIET, "ring", "Not yet due"),
    "window-open": Mark(QUIET, "ring", "May be done now"),
    "window-due": Mark(NEEDS, "triangle", "Due"),
    "window-overdue": Mark(NEEDS, "triangle", "Overdue"),
    # a reminder
    "queued": Mark(QUIET, "ring", "Queued"),
    "sending": Mark(QUIET, "ring", "Sending"),
    "sent": Mark(DONE, "check", "Sent"),
    "failed": Mark(HOLD, "square", "Failed"),
    "cancelled": Mark(QUIET, "cross", "Cancelled"),
    "opted-out": Mark(QUIET, "dash", "Opted out"),
}

KINDS: dict[str, str] = {
    "first": "First",
    "loading": "Loading",
    "reload": "Re-load",
    "maintenance": "Maintenance",
}

_PATHS = {
    "circle": '<circle cx="6" cy="6" r="5.5" fill="currentColor"/>',
    "triangle": '<path d="M6 .6 11.8 11.2H.2z" fill="currentColor"/>',
    "triangle-open": '<path d="M6 1.8 11 10.6H1z" fill="none" stroke="currentColor" stroke-width="1.4"/>',
    "diamond": '<path d="m6 .9 5.1 5.1L6 11.1.9 6z" fill="none" stroke="currentColor" stroke-width="1.6"/>',
    "square": '<rect x=".75" y=".75" width="10.5" height="10.5" fill="currentColor"/>',
    "ring": '<circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" stroke-width="1.6"/>',
    "check": '<path d="m1 6.6 3.4 3.5L11 2" fill="none" stroke="currentColor" stroke-width="2"/>',
    "cross": '<path d="m1.8 1.8 8.4 8.4m0-8.4-8.4 8.4" fill="none" stroke="currentColor" stroke-width="2"/>',
    "dash": '<path d="M1.5 6h9" fill="none" stroke="currentColor" stroke-width="2"/>',
}
_FRAME = '<svg class="shape" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" focusable="false">{}</svg>'
_SHAPES = {name: mark_safe(_FRAME.format(path)) for name, path in _PATHS.items()}  # noqa: S308 - constants of this file


def shape(name: str) -> SafeString:
    """The drawn shape alone; always beside its word. Raises KeyError for a shape nobody drew."""
    return _SHAPES[name]


def mark_of(state: str, of: str = "") -> Mark:
    """The mark of a state, first as `<of>-<state>`, then as itself.

    Raises KeyError when unknown: a misspelt hold must not look like a quiet grey word.
    """
    key = str(state).replace("_", "-")
    return STATES[f"{of}-{key}"] if of and f"{of}-{key}" in STATES else STATES[key]


def state_badge(state: str, word: str = "", title: str = "", of: str = "") -> SafeString:
    """Shape and word of a state; `word` says it more exactly ("On hold since 2 Jan")."""
    mark = mark_of(state, of)
    more = format_html(' title="{}"', title) if title else ""
    return format_html(
        '<span class="state state-{}"{}>{}<span>{}</span></span>', mark.tone, more, shape(mark.shape), word or mark.word
    )


def kind_badge(kind: str) -> SafeString:
    """First, loading, re-load or maintenance. Raises KeyError when unknown."""
    key = str(kind).replace("-", "")
    return format_html('<span class="kind kind-{}">{}</span>', key, KINDS[key])
