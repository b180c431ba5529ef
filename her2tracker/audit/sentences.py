"""The act log told to people: one sentence per act, in the words of the product."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from her2tracker.audit.models import Act
from her2tracker.lib.bounds import plain
from her2tracker.lib.dates import in_words


def sentence(act: Act) -> str:
    """What was done, without who and when: `recorded cycle 5 as given on Mon 6 Apr 2026: trastuzumab 420 mg`."""
    tell = _SENTENCES.get(act.verb)
    if tell is None:
        return act.verb.replace(".", " ").replace("-", " ")
    return tell(act.details) if callable(tell) else tell


def known_verbs() -> frozenset[str]:
    """For the test that every act the code records has its sentence."""
    return frozenset(_SENTENCES)


Details = dict[str, Any]


def _given(details: Details) -> str:
    doses = "; ".join(_dose(one) for one in details.get("doses", ()))
    return f"recorded cycle {details.get('cycle')} as given on {_day(details.get('on'))}" + (
        f": {doses}" if doses else ""
    )


def _dose(one: dict[str, str]) -> str:
    if one.get("omitted"):
        return f"{one['agent']} omitted ({_coded(one['omitted'])})"
    what = "".join(f", {word}{one[name]}" for name, word in (("product", ""), ("lot", "lot ")) if one.get(name))
    return f"{one.get('agent')} {_figures(one.get('given', ''))}{what}"


def _amended(details: Details) -> str:
    before, after = dict(details.get("before") or {}), dict(details.get("after") or {})
    changes = (f"{_field(name)} {before.get(name) or 'nothing'} → {after.get(name) or 'nothing'}" for name in after)
    return f"amended the record of {details.get('agent')} in cycle {details.get('cycle')}: {', '.join(changes)}"


def _field(name: str) -> str:
    """`given_mg` as `given mg`."""
    return name.replace("_", " ")


def _reacted(details: Details) -> str:
    when = f"{_day(details.get('on'))} at {details.get('at')}"
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
    return f"released cycle {details.get('cycle')} for {_day(details.get('for'))}: {doses}"


def _released_many(details: Details) -> str:
    refused = f", not {details.get('refused')}" if details.get("refused") else ""
    return f"released {details.get('released')} cycles at once{refused}"


def _laboratory(details: Details) -> str:
    told = ", ".join(f"{test} {value}" for test, value in dict(details.get("values") or {}).items())
    return f"entered blood tests of {_day(details.get('on'))} for cycle {details.get('cycle')}: {told}"


def _answered(details: Details) -> str:
    said = "will come on" if details.get("answer") == "coming" else "asks for another day than"
    return f"kept the patient's own answer by a letter's link: {said} {_day(details.get('on'))}"


def _letters_stopped(details: Details) -> str:
    how = "kept by the patient's own link" if details.get("by_link") else "recorded"
    return f"{how} that the patient wants no letters by {details.get('channel')}"


def _omitted(details: Details) -> str:
    made_up = ", to be made up at the end" if details.get("made_up") else ""
    return f"omitted cycle {details.get('cycle')}: {_coded(details.get('reason'))}{made_up}"


def _delayed(details: Details) -> str:
    moved = f"from {_day(details.get('from'))} to {_day(details.get('to'))}"
    alone = ", and no later one" if details.get("scope") == "only" else ""
    return f"delayed cycle {details.get('cycle')}{alone} {moved}: {_coded(details.get('reason'))}"


def _brought_forward(details: Details) -> str:
    moved = f"from {_day(details.get('from'))} to {_day(details.get('to'))}"
    return f"brought cycle {details.get('cycle')} forward {moved}: {_coded(details.get('reason'))}"


def _closure(details: Details) -> str:
    return f"{details.get('name')}, {_day(details.get('first'))} to {_day(details.get('last'))}"


def _closure_confirmed(details: Details) -> str:
    declined = f", declined {details.get('declined')}" if details.get("declined") else ""
    return f"confirmed {details.get('confirmed')} moves{declined} around a closed span: {_closure(details)}"


def _holidays_chosen(details: Details) -> str:
    chosen = details.get("calendar")
    return f"closed the site on the public holidays of {chosen}" if chosen else "no longer closes on public holidays"


def _timed(details: Details) -> str:
    at = details.get("at")
    return f"set cycle {details.get('cycle')} to {at}" if at else f"took the hour of cycle {details.get('cycle')} away"


def _overridden(details: Details) -> str:
    against = "; ".join(dict(details.get("objections") or {}).values())
    return f"overrode the objections to cycle {details.get('cycle')} ({_coded(details.get('reason'))}): {against}"


def _decided(details: Details) -> str:
    repeat = f", repeat by {_day(details['repeat_by'])}" if details.get("repeat_by") else ""
    return f"decided a cardiac flag: {_coded(details.get('decision'))}{repeat} ({_coded(details.get('reason'))})"


def _held(details: Details) -> str:
    repeat = f", LVEF to be repeated by {_day(details['repeat_by'])}" if details.get("repeat_by") else ""
    return f"held the plan: {_coded(details.get('reason'))}{repeat}"


def _measured(details: Details) -> str:
    kg, cm = details.get("weight_kg"), details.get("height_cm")
    figures = ", ".join(filter(None, (kg and f"weight {_figures(kg)} kg", cm and f"height {_figures(cm)} cm")))
    return f"recorded {figures}, measured {_day(details.get('on'))}"


def _recalculated(details: Details) -> str:
    before = f"{_figures(details['from_kg'])} kg" if details.get("from_kg") else "no weight"
    return f"recalculated planned doses from {before} to {_figures(details.get('to_kg', ''))} kg"


def _extended(details: Details) -> str:
    cycles = int(details.get("cycles") or 0)
    past = f", overriding: {details['overridden']}" if details.get("overridden") else ""
    return f"added {cycles} cycle{'s' if cycles != 1 else ''} to the plan{past}"


def _reduced(details: Details) -> str:
    if "from_on" in details:
        return (
            f"reduced {details.get('agent')} to {_figures(details.get('mg', ''))} mg from {_day(details['from_on'])} on"
        )
    level = _figures(f"{details.get('mg_per_kg')} mg/kg")
    return f"reduced {details.get('agent')} to {level} from cycle {details.get('from_cycle')} on"


def _policy_chosen(details: Details) -> str:
    changes = dict(details.get("changed") or {})
    told = (f"{name.replace('_', ' ')} {_coded(was)} → {_coded(now)}" for name, (was, now) in changes.items())
    return f"changed what the plan goes by: {', '.join(told)}"


def _undone(details: Details) -> str:
    return f"undid {details.get('what') or 'the last change'}"


def _credited(details: Details) -> str:
    before, after = (_names(details.get(name, ())) or "none" for name in ("before", "after"))
    return f"corrected earlier doses from {before} to {after}"


def _switched(details: Details) -> str:
    return f"switched the plan from {details.get('from')} to {details.get('to')}: {_coded(details.get('reason'))}"


def _updated(details: Details) -> str:
    names = _names(details.get("changed", ()))
    return f"changed the patient’s {names}" if names else "saved the patient without a change"


def _alongside(details: Details) -> str:
    until = f" until {_day(details.get('until_on'))}" if details.get("until_on") else ""
    return f"recorded {_coded(details.get('kind'))} alongside the plan from {_day(details.get('from_on'))}{until}"


def _started(details: Details) -> str:
    return f"started {details.get('regimen')} v{details.get('version')} on {_day(details.get('start_on'))}"


def _assessed(details: Details) -> str:
    return f"recorded LVEF {details.get('lvef')} of {_day(details.get('on'))} ({_coded(details.get('modality'))})"


def _raised(details: Details) -> str:
    return f"raised a cardiac flag ({_coded(details.get('kind'))}): {_coded(details.get('advice'))} advised"


def _escalated(details: Details) -> str:
    return f"passed a cardiac flag on, undecided for {details.get('after_hours')} hours: {_coded(details.get('to'))}"


def _regimen(details: Details) -> str:
    return f"{details.get('key')} v{details.get('version')}"


def _retired(details: Details) -> str:
    instead = f", replaced by {details['replaced_by']}" if details.get("replaced_by") else ""
    return f"retired regimen {details.get('regimen')}{instead}"


def _delegated(details: Details) -> str:
    until = f" to {_day(details['until'])}" if details.get("until") else " until it is ended"
    return f"asked {details.get('to')} to stand in, from {_day(details.get('since'))}{until}"


def _merged(details: Details) -> str:
    return f"merged record {details.get('from_mrn')} into {details.get('into_mrn')}"


_SENTENCES: dict[str, str | Callable[[Details], str]] = {
    "access.denied": "was refused something their role does not include",
    "administration.amended": _amended,
    "administration.given": _given,
    "assessment.invalidated": "declared an LVEF assessment not valid",
    "assessment.recorded": _assessed,
    "baseline.chosen": "chose the baseline LVEF",
    "chart.opened": "opened the chart",
    "closure.chosen": lambda details: f"chose days around a closed span: {_closure(details)}",
    "closure.confirmed": _closure_confirmed,
    "closure.prepared": lambda details: (
        f"looked for where {details.get('cycles')} cycles go around a closed span: {_closure(details)}"
    ),
    "closure.sent": lambda details: (
        f"asked doctors to confirm {details.get('cycles')} moves around a closed span: {_closure(details)}"
    ),
    "closure.withdrawn": lambda details: f"took back a closed span: {_closure(details)}",
    "cycle.brought-forward": _brought_forward,
    "cycle.delayed": _delayed,
    "cycle.omitted": _omitted,
    "cycle.overridden": _overridden,
    "cycle.timed": _timed,
    "cycle.release-withdrawn": lambda details: f"took back the release of cycle {details.get('cycle')}",
    "cycle.released": _released,
    "cycles.released": _released_many,
    "laboratory.recorded": _laboratory,
    "draft.created": lambda details: f"began the draft of {_regimen(details)}",
    "draft.edited": lambda details: f"changed the draft of {_regimen(details)}",
    "draft.sent-back": lambda details: f"sent the draft of {_regimen(details)} back to its author",
    "draft.signed": lambda details: f"signed the rehearsal of {_regimen(details)}",
    "draft.submitted": lambda details: f"submitted {_regimen(details)} for review",
    "draft.withdrawn": lambda details: f"gave up the draft of {_regimen(details)}",
    "echo.booked": "booked an echocardiogram",
    "flag.decided": _decided,
    "flag.escalated": _escalated,
    "forecast.exported": lambda details: f"downloaded the forecast of {details.get('rows')} plans",
    "flag.raised": _raised,
    "flag.reopened": "reopened a cardiac flag",
    "flag.resolved": "resolved a cardiac flag",
    "interval.ended": lambda details: f"ended the surveillance interval {details.get('name')}",
    "interval.set": lambda details: f"set a surveillance interval: {details.get('name')}",
    "alongside.recorded": _alongside,
    "alongside.removed": lambda details: f"took back {_coded(details.get('kind'))} alongside the plan",
    "hold.begun": _held,
    "hold.ended": lambda details: f"resumed the plan after {details.get('days_held')} days on hold",
    "measurement.recorded": _measured,
    "patient.merged": _merged,
    "letters.paused": "paused the letters to patients",
    "letters.resumed": "resumed the letters to patients",
    "letters.settings-changed": "changed the letters to patients",
    "letters.unworded": "took back the site's own words of a letter to patients",
    "letters.worded": "changed the words of a letter to patients",
    "patient.answered": _answered,
    "patient.letters-resumed": lambda d: f"recorded that the patient wants letters by {d.get('channel')} again",
    "patient.letters-stopped": _letters_stopped,
    "patient.request-settled": "settled the patient's request for another day",
    "patient.registered": "registered the patient",
    "patient.updated": _updated,
    "person.changed": "changed a person’s role or access",
    "person.invited": lambda details: f"invited {details.get('name')} as {_coded(details.get('role'))}",
    "plan.ceased": lambda details: f"ceased the plan: {_coded(details.get('reason'))}",
    "plan.completed": lambda details: f"completed the plan: its last day was {_day(details.get('on'))}",
    "plan.credited": _credited,
    "plan.dose-recalculated": _recalculated,
    "plan.extended": _extended,
    "plan.policy-chosen": _policy_chosen,
    "plan.reduced": _reduced,
    "plan.started": _started,
    "plan.undone": _undone,
    "plans.started": lambda details: f"started {details.get('count')} plans at once",
    "plan.laid-out": lambda details: f"laid out the plan until {_day(details.get('until'))}",
    "plan.switched": _switched,
    "protocol.published": lambda details: f"published cardiac protocol {details.get('key')} v{details.get('version')}",
    "reaction.recorded": _reacted,
    "vitals.recorded": _vitals,
    "regimen.published": lambda details: f"published regimen {_regimen(details)}",
    "regimen.retired": _retired,
    "regimen.signed-off": lambda details: f"signed off regimen {details.get('regimen')} v{details.get('version')}",
    "reminder.retried": "had a reminder sent again",
    "delegation.begun": _delegated,
    "delegation.ended": lambda details: f"ended that {details.get('to')} stands in for {details.get('person')}",
    "flag.snoozed": lambda details: f"put a cardiac flag off until {_day(details.get('until'))}",
    "flag.snooze-ended": "brought a cardiac flag back that was put off",
    "plan.assigned": lambda details: (
        f"made {details.get('to')} the responsible oncologist, after {details.get('from')}"
    ),
    "day.closed": lambda details: f"closed the site on {_day(details.get('on'))}: {details.get('name')}",
    "day.reopened": lambda details: f"opened the site on {_day(details.get('on'))} again: {details.get('name')}",
    "risk.assessed": lambda details: f"assessed the cardiac risk: {_coded(details.get('level'))}",
    "holiday.closed": lambda details: f"closes on {_day(details.get('on'))} again: {details.get('name')}",
    "holiday.opened": lambda details: f"works on {_day(details.get('on'))}, a holiday: {details.get('name')}",
    "holidays.chosen": _holidays_chosen,
    "feed.opened": lambda details: (
        "opened a calendar subscription" + (", which ended the one before" if details.get("replaced") else "")
    ),
    "feed.revoked": "ended the calendar subscription",
    "site.changed": lambda details: f"changed site settings: {_names(details)}",
    "token.issued": "made an API token",
    "token.revoked": "ended an API token",
    "tumour.described": "described the tumour",
}


def _names(fields: Iterable[str]) -> str:
    return ", ".join(str(name).replace("_", " ") for name in fields)


def _day(text: object) -> str:
    """An ISO date of the details in words; what is not one stays as it was written."""
    try:
        return in_words(date.fromisoformat(str(text)))
    except ValueError:
        return str(text or "an unknown day")


def _coded(value: object) -> str:
    """A stored code as words."""
    return str(value or "no reason").replace("-", " ")


def _figures(text: str) -> str:
    """`420.00 mg` as `420 mg`."""
    return " ".join(_tidy(word) for word in str(text).split(" "))


def _tidy(word: str) -> str:
    try:
        return plain(Decimal(word))
    except InvalidOperation:
        return word
