"""The sentences of what comes into the house, and of what leaves it: files, handover cards, calendars."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from her2tracker.audit.wording import day

Details = dict[str, Any]


def _import(details: Details) -> str:
    return f"the file {details.get('file')} with {details.get('rows')} lines"


def _results(details: Details) -> str:
    return f"the file {details.get('file')} with {details.get('rows')} LVEF results"


def _exported(details: Details) -> str:
    how = {"pdf": "printed", "json": "downloaded"}.get(str(details.get("as")), "opened")
    return f"{how} the handover card {details.get('card')}: it holds the plan, the doses and the LVEFs"


def _took_over(details: Details) -> str:
    plan = f" and went on with {details['regimen']} at cycle {details.get('cycle')}" if details.get("regimen") else ""
    return f"took over a handover card of {details.get('hospital')}: {details.get('results')} LVEFs{plan}"


def _opened(details: Details) -> str:
    whose = {
        "own": "an own calendar of infusions",
        "assigned": "a calendar of the infusions assigned to them",
        "clinic": "the clinic’s calendar of infusions",
    }
    ended = ", which ended the one before" if details.get("replaced") else ""
    return f"opened {whose.get(str(details.get('of')), 'a calendar subscription')}{ended}"


SENTENCES: dict[str, str | Callable[[Details], str]] = {
    "assessments.recorded": lambda details: f"recorded {details.get('count')} LVEF results at once",
    "card.exported": _exported,
    "card.received": lambda details: f"read a handover card of {details.get('hospital')}",
    "card.taken-over": _took_over,
    "card.withdrawn": lambda details: f"put aside a handover card of {details.get('hospital')}; it is forgotten",
    "feed.opened": _opened,
    "feed.revoked": "ended the calendar subscription",
    "import.carried-out": lambda details: f"imported {_import(details)}: {details.get('start')} plans started",
    "import.checked": lambda details: f"had {_import(details)} checked: {details.get('refused')} lines refused",
    "import.confirmed": lambda details: f"confirmed the import of {_import(details)}",
    "import.received": lambda details: f"sent {_import(details)} to be imported",
    "import.refused": lambda details: f"could not import {_import(details)}",
    "import.withdrawn": lambda details: f"withdrew the import of {_import(details)}",
    "infusion-feed.opened": _opened,
    "infusion-feed.revoked": "ended a calendar of infusions",
    "plan.taken-over": lambda details: (
        f"took over the plan of {details.get('hospital')}: {details.get('doses')} doses given, the next on "
        f"{day(details.get('next_on'))}"
    ),
    "result-import.carried-out": lambda details: f"imported {_results(details)}: {details.get('new')} recorded",
    "result-import.checked": lambda details: f"had {_results(details)} checked: {details.get('refused')} refused",
    "result-import.confirmed": lambda details: f"confirmed the import of {_results(details)}",
    "result-import.received": lambda details: f"sent {_results(details)} to be imported",
    "result-import.refused": lambda details: f"could not import {_results(details)}",
    "result-import.withdrawn": lambda details: f"withdrew the import of {_results(details)}",
}
