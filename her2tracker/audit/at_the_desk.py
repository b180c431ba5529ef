"""The sentences of the coordinator's desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from her2tracker.audit.wording import coded, day

Details = dict[str, Any]


def _called(details: Details) -> str:
    again = f", next try {day(details['next_try'])}" if details.get("next_try") else ""
    told = "; the oncologist was told" if details.get("told") else ""
    return f"called the patient: {coded(details.get('outcome'))}{again}{told}"


def _assigned(details: Details) -> str:
    whose = details.get("owner") or "nobody"
    until = f", next step {day(details['next'])}" if details.get("next") else ""
    return f"gave a task of the queue ({coded(details.get('task'))}) to {whose}{until}"


def _ticked(details: Details) -> str:
    how = "waived" if details.get("waived") else "settled"
    return f"{how} a point of the new plan’s checklist: {details.get('point')}"


def _consented(details: Details) -> str:
    where = f"; the form is in: {details['kept_in']}" if details.get("kept_in") else ""
    return f"recorded the consent to this treatment signed on {day(details.get('on'))}{where}"


SENTENCES: dict[str, str | Callable[[Details], str]] = {
    "call.logged": _called,
    "checklist.ticked": _ticked,
    "checklist.unticked": lambda details: f"opened a point of the checklist again: {details.get('point')}",
    "consent.in-error": lambda details: f"marked the consent of {day(details.get('signed_on'))} as recorded in error",
    "consent.recorded": _consented,
    "consent.withdrawn": lambda details: f"recorded that the patient withdrew consent on {day(details.get('on'))}",
    "echo.no-show-settled": lambda details: f"settled that nobody came to the echo of {day(details.get('for'))}",
    "echo.not-attended": lambda details: (
        f"recorded that the patient did not attend the echo of {day(details.get('for'))} at {details.get('lab')}"
    ),
    "list.removed": lambda details: f"removed the saved list {details.get('name')}",
    "list.saved": lambda details: f"saved the list {details.get('name')}",
    "no-show.recorded": lambda details: (
        f"recorded that the patient did not attend cycle {details.get('cycle')} on {day(details.get('on'))}"
    ),
    "no-show.settled": lambda details: (
        f"settled that nobody came to cycle {details.get('cycle')} on {day(details.get('on'))}"
    ),
    "queue.assigned": _assigned,
    "reminder.came-back": "recorded that a message came back",
    "report.attached": lambda details: f"kept the laboratory’s report of the LVEF of {day(details.get('on'))}",
    "report.opened": "opened the laboratory’s report of an LVEF",
    "reminder.settled": "settled a message that did not arrive",
    "unreached.answered": "said what is to be done about a patient whom nobody reaches",
}
