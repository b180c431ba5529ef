"""The sentences of what is released, measured and seen around one infusion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from her2tracker.audit.wording import coded, day

Details = dict[str, Any]


def _amended(details: Details) -> str:
    before, after = dict(details.get("before") or {}), dict(details.get("after") or {})
    changes = (f"{_field(name)} {before.get(name) or 'nothing'} → {after.get(name) or 'nothing'}" for name in after)
    return f"amended the record of {details.get('agent')} in cycle {details.get('cycle')}: {', '.join(changes)}"


def _field(name: str) -> str:
    """`given_mg` as `given mg`."""
    return name.replace("_", " ")


def _reacted(details: Details) -> str:
    when = f"{day(details.get('on'))} at {details.get('at')}"
    what = f"{details.get('agent')} in cycle {details.get('cycle')}"
    return f"recorded a reaction to {what}, {when}, {details.get('told')}"


_VITALS = (
    ("temperature_c", "temperature", " °C"), ("pulse_bpm", "pulse", "/min"),
    ("systolic_mmhg", "upper pressure", " mmHg"),
    ("diastolic_mmhg", "lower pressure", " mmHg"), ("saturation_percent", "saturation", " %"),
)  # fmt: skip


def _vitals(details: Details) -> str:
    measured = dict(details.get("measured") or {})
    told = ", ".join(f"{word} {measured[name]}{unit}" for name, word, unit in _VITALS if name in measured)
    return f"recorded vital signs in cycle {details.get('cycle')} at {details.get('at')}: {told}"


def _released(details: Details) -> str:
    doses = ", ".join(f"{agent} {dose}" for agent, dose in dict(details.get("doses") or {}).items())
    return f"released cycle {details.get('cycle')} for {day(details.get('for'))}: {doses}"


def _released_many(details: Details) -> str:
    refused = f", not {details.get('refused')}" if details.get("refused") else ""
    return f"released {details.get('released')} cycles at once{refused}"


def _laboratory(details: Details) -> str:
    told = ", ".join(f"{test} {value}" for test, value in dict(details.get("values") or {}).items())
    return f"entered blood tests of {day(details.get('on'))} for cycle {details.get('cycle')}: {told}"


def _asked(details: Details) -> str:
    return f"asked for a second check of cycle {details.get('cycle')}"


def _checked(details: Details) -> str:
    figures = "; ".join(str(one) for one in details.get("told") or ())
    outcome = "agreed" if details.get("outcome") == "agreed" else "found a difference"
    return f"did the second check of cycle {details.get('cycle')} and {outcome}: {figures}"


def _bag(details: Details) -> str:
    expiry = f", expires {day(details.get('expires'))}" if details.get("expires") else ""
    lot = f", lot {details.get('lot')}" if details.get("lot") else ""
    return f"scanned the bag of {details.get('agent')} in cycle {details.get('cycle')}{lot}{expiry}"


def _wrong(details: Details) -> str:
    return (
        f"scanned another patient’s wristband at cycle {details.get('cycle')}: nothing may be given until it is right"
    )


def _started(details: Details) -> str:
    hung = str(details.get("product")) + (f", lot {details.get('lot')}" if details.get("lot") else "")
    return f"started {details.get('agent')} of cycle {details.get('cycle')} at {details.get('at')}: {hung}"


def _stopped(details: Details) -> str:
    why = f" ({coded(details.get('why'))})" if details.get("why") else ""
    what = f"{details.get('agent')} of cycle {details.get('cycle')}"
    return f"stopped {what} at {details.get('at')}: {details.get('given')} went in{why}"


def _start_withdrawn(details: Details) -> str:
    what = f"{details.get('agent')} of cycle {details.get('cycle')}"
    return f"took back the start of {what} at {details.get('at')}: nothing went in"


def _seen_amended(details: Details) -> str:
    before, after = dict(details.get("before") or {}), dict(details.get("after") or {})
    if after.get("in_error"):
        told = "entered in error"
    else:
        told = ", ".join(
            f"{_field(name)} {before.get(name) or 'nothing'} → {after.get(name) or 'nothing'}" for name in after
        )
    return f"amended the {details.get('what')} of {details.get('at')} in cycle {details.get('cycle')}: {told}"


def _assigned(details: Details) -> str:
    before = f", before that {details.get('from')}" if details.get("from") else ""
    return f"gave cycle {details.get('cycle')} on {day(details.get('on'))} to {details.get('to')}{before}"


def _given_back(details: Details) -> str:
    return (
        f"gave cycle {details.get('cycle')} on {day(details.get('on'))} back; until then {details.get('from')} had it"
    )


def _release_asked(details: Details) -> str:
    return f"asked {details.get('of')} to release {details.get('cycles')} cycles from {day(details.get('first'))} on"


SENTENCES: dict[str, str | Callable[[Details], str]] = {
    "administration.amended": _amended,
    "bag.read": _bag,
    "cycle.release-withdrawn": lambda details: f"took back the release of cycle {details.get('cycle')}",
    "cycle.released": _released,
    "cycles.released": _released_many,
    "infusion.start-withdrawn": _start_withdrawn,
    "infusion.started": _started,
    "infusion.stopped": _stopped,
    "laboratory.recorded": _laboratory,
    "nurse.assigned": _assigned,
    "nurse.given-back": _given_back,
    "reaction.amended": _seen_amended,
    "releases.asked": _release_asked,
    "vitals.amended": _seen_amended,
    "reaction.recorded": _reacted,
    "second-check.asked": _asked,
    "second-check.done": _checked,
    "second-check.withdrawn": lambda details: f"withdrew the second check of cycle {details.get('cycle')}",
    "trade-number.added": lambda details: f"said that {details.get('gtin')} is {details.get('product')}",
    "trade-number.ended": lambda details: f"ended that {details.get('gtin')} is {details.get('product')}",
    "vitals.recorded": _vitals,
    "wristband.read": lambda details: f"scanned the wristband at cycle {details.get('cycle')}: the right patient",
    "wristband.wrong": _wrong,
}
