"""The act log told to people: one sentence per act, in the words of the product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from her2tracker.audit import at_the_chair, at_the_desk, exchange
from her2tracker.audit.models import Act
from her2tracker.audit.wording import coded, day, figures, names


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
    return f"recorded cycle {details.get('cycle')} as given on {day(details.get('on'))}" + (
        f": {doses}" if doses else ""
    )


def _dose(one: dict[str, str]) -> str:
    if one.get("omitted"):
        return f"{one['agent']} omitted ({coded(one['omitted'])})"
    what = "".join(f", {word}{one[name]}" for name, word in (("product", ""), ("lot", "lot ")) if one.get(name))
    return f"{one.get('agent')} {figures(one.get('given', ''))}{what}"


def _answered(details: Details) -> str:
    said = "will come on" if details.get("answer") == "coming" else "asks for another day than"
    return f"kept the patient's own answer by a letter's link: {said} {day(details.get('on'))}"


def _letters_stopped(details: Details) -> str:
    how = "kept by the patient's own link" if details.get("by_link") else "recorded"
    return f"{how} that the patient wants no letters by {details.get('channel')}"


def _exported(details: Details) -> str:
    days = f"{day(details.get('first'))} to {day(details.get('last'))}"
    return f"took a copy of the record, {days}: {details.get('acts')} acts"


def _omitted(details: Details) -> str:
    made_up = ", to be made up at the end" if details.get("made_up") else ""
    return f"omitted cycle {details.get('cycle')}: {coded(details.get('reason'))}{made_up}"


def _delayed(details: Details) -> str:
    moved = f"from {day(details.get('from'))} to {day(details.get('to'))}"
    alone = ", and no later one" if details.get("scope") == "only" else ""
    return f"delayed cycle {details.get('cycle')}{alone} {moved}: {coded(details.get('reason'))}"


def _brought_forward(details: Details) -> str:
    moved = f"from {day(details.get('from'))} to {day(details.get('to'))}"
    return f"brought cycle {details.get('cycle')} forward {moved}: {coded(details.get('reason'))}"


def _closure(details: Details) -> str:
    return f"{details.get('name')}, {day(details.get('first'))} to {day(details.get('last'))}"


def _closure_confirmed(details: Details) -> str:
    declined = f", declined {details.get('declined')}" if details.get("declined") else ""
    return f"confirmed {details.get('confirmed')} moves{declined} around a closed span: {_closure(details)}"


def _holidays_chosen(details: Details) -> str:
    chosen = details.get("calendar")
    return f"closed the site on the public holidays of {chosen}" if chosen else "no longer closes on public holidays"


def _timed(details: Details) -> str:
    at = details.get("at")
    return f"set cycle {details.get('cycle')} to {at}" if at else f"took the hour of cycle {details.get('cycle')} away"


def _seated(details: Details) -> str:
    before = f", before that {details['before']}" if details.get("before") else ""
    at = f"from {details.get('at')} to {details.get('until')}"
    return f"booked {details.get('chair')} for cycle {details.get('cycle')} on {day(details.get('on'))} {at}{before}"


def _overridden(details: Details) -> str:
    against = "; ".join(dict(details.get("objections") or {}).values())
    return f"overrode the objections to cycle {details.get('cycle')} ({coded(details.get('reason'))}): {against}"


def _decided(details: Details) -> str:
    repeat = f", repeat by {day(details['repeat_by'])}" if details.get("repeat_by") else ""
    return f"decided a cardiac flag: {coded(details.get('decision'))}{repeat} ({coded(details.get('reason'))})"


def _held(details: Details) -> str:
    repeat = f", LVEF to be repeated by {day(details['repeat_by'])}" if details.get("repeat_by") else ""
    return f"held the plan: {coded(details.get('reason'))}{repeat}"


def _measured(details: Details) -> str:
    kg, cm = details.get("weight_kg"), details.get("height_cm")
    told = ", ".join(filter(None, (kg and f"weight {figures(kg)} kg", cm and f"height {figures(cm)} cm")))
    return f"recorded {told}, measured {day(details.get('on'))}"


def _recalculated(details: Details) -> str:
    before = f"{figures(details['from_kg'])} kg" if details.get("from_kg") else "no weight"
    return f"recalculated planned doses from {before} to {figures(details.get('to_kg', ''))} kg"


def _extended(details: Details) -> str:
    cycles = int(details.get("cycles") or 0)
    past = f", overriding: {details['overridden']}" if details.get("overridden") else ""
    return f"added {cycles} cycle{'s' if cycles != 1 else ''} to the plan{past}"


def _reduced(details: Details) -> str:
    if "from_on" in details:
        return (
            f"reduced {details.get('agent')} to {figures(details.get('mg', ''))} mg from {day(details['from_on'])} on"
        )
    level = figures(f"{details.get('mg_per_kg')} mg/kg")
    return f"reduced {details.get('agent')} to {level} from cycle {details.get('from_cycle')} on"


def _policy_chosen(details: Details) -> str:
    changes = dict(details.get("changed") or {})
    told = (f"{name.replace('_', ' ')} {coded(was)} → {coded(now)}" for name, (was, now) in changes.items())
    return f"changed what the plan goes by: {', '.join(told)}"


def _undone(details: Details) -> str:
    return f"undid {details.get('what') or 'the last change'}"


def _credited(details: Details) -> str:
    before, after = (names(details.get(name, ())) or "none" for name in ("before", "after"))
    return f"corrected earlier doses from {before} to {after}"


def _switched(details: Details) -> str:
    return f"switched the plan from {details.get('from')} to {details.get('to')}: {coded(details.get('reason'))}"


def _updated(details: Details) -> str:
    changed = names(details.get("changed", ()))
    return f"changed the patient’s {changed}" if changed else "saved the patient without a change"


def _alongside(details: Details) -> str:
    until = f" until {day(details.get('until_on'))}" if details.get("until_on") else ""
    return f"recorded {coded(details.get('kind'))} alongside the plan from {day(details.get('from_on'))}{until}"


def _started(details: Details) -> str:
    return f"started {details.get('regimen')} v{details.get('version')} on {day(details.get('start_on'))}"


def _assessed(details: Details) -> str:
    return f"recorded LVEF {details.get('lvef')} of {day(details.get('on'))} ({coded(details.get('modality'))})"


def _raised(details: Details) -> str:
    return f"raised a cardiac flag ({coded(details.get('kind'))}): {coded(details.get('advice'))} advised"


def _escalated(details: Details) -> str:
    return f"passed a cardiac flag on, undecided for {details.get('after_hours')} hours: {coded(details.get('to'))}"


def _regimen(details: Details) -> str:
    return f"{details.get('key')} v{details.get('version')}"


def _retired(details: Details) -> str:
    instead = f", replaced by {details['replaced_by']}" if details.get("replaced_by") else ""
    return f"retired regimen {details.get('regimen')}{instead}"


def _delegated(details: Details) -> str:
    until = f" to {day(details['until'])}" if details.get("until") else " until it is ended"
    return f"asked {details.get('to')} to stand in, from {day(details.get('since'))}{until}"


def _merged(details: Details) -> str:
    return f"merged record {details.get('from_mrn')} into {details.get('into_mrn')}"


_SENTENCES: dict[str, str | Callable[[Details], str]] = {
    **at_the_chair.SENTENCES,
    **at_the_desk.SENTENCES,
    **exchange.SENTENCES,
    "access.denied": "was refused something their role does not include",
    "administration.given": _given,
    "assessment.invalidated": "declared an LVEF assessment not valid",
    "assessment.recorded": _assessed,
    "baseline.chosen": "chose the baseline LVEF",
    "chair.added": lambda details: f"added the chair {details.get('chair')}",
    "chair.booked": _seated,
    "chair.changed": lambda details: f"changed the chair {details.get('chair')}: {names(details.get('changed', ()))}",
    "chair.exported": lambda details: f"downloaded the chairs of {day(details.get('on'))}",
    "chair.given-back": lambda details: (
        f"gave back {details.get('chair')} of cycle {details.get('cycle')} on {day(details.get('on'))}"
    ),
    "chair.hours-set": lambda details: f"set when chairs are used: {details.get('hours') or 'on no weekday'}",
    "chair.proposal-accepted": lambda details: (
        f"accepted the proposal for the chairs of {day(details.get('on'))}: {details.get('seated')} placed"
    ),
    "chair.wished": lambda details: f"recorded when the patient can come: {details.get('wish') or 'at any hour'}",
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
    "draft.created": lambda details: f"began the draft of {_regimen(details)}",
    "draft.edited": lambda details: f"changed the draft of {_regimen(details)}",
    "draft.sent-back": lambda details: f"sent the draft of {_regimen(details)} back to its author",
    "draft.signed": lambda details: f"signed the rehearsal of {_regimen(details)}",
    "draft.submitted": lambda details: f"submitted {_regimen(details)} for review",
    "draft.withdrawn": lambda details: f"gave up the draft of {_regimen(details)}",
    "echo.booked": "booked an echocardiogram",
    "flag.decided": _decided,
    "check.fault-found": lambda details: f"found plans whose flags had wrongly been left alone: {details.get('plans')}",
    "check.fault-seen": "marked a fault of the checks as seen",
    "flag.escalated": _escalated,
    "forecast.exported": lambda details: f"downloaded the forecast of {details.get('rows')} plans",
    "flag.raised": _raised,
    "flag.reopened": "reopened a cardiac flag",
    "flag.resolved": "resolved a cardiac flag",
    "interval.ended": lambda details: f"ended the surveillance interval {details.get('name')}",
    "interval.set": lambda details: f"set a surveillance interval: {details.get('name')}",
    "alongside.recorded": _alongside,
    "alongside.removed": lambda details: f"took back {coded(details.get('kind'))} alongside the plan",
    "hold.begun": _held,
    "hold.ended": lambda details: f"resumed the plan after {details.get('days_held')} days on hold",
    "measurement.recorded": _measured,
    "measurements.recorded": lambda details: f"recorded {details.get('count')} weights at once",
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
    "patients.registered": lambda details: f"registered {details.get('count')} patients at once",
    "person.changed": "changed a person’s role or access",
    "person.invited": lambda details: f"invited {details.get('name')} as {coded(details.get('role'))}",
    "plan.ceased": lambda details: f"ceased the plan: {coded(details.get('reason'))}",
    "plan.completed": lambda details: f"completed the plan: its last day was {day(details.get('on'))}",
    "plan.credited": _credited,
    "plan.dose-recalculated": _recalculated,
    "plan.extended": _extended,
    "plan.policy-chosen": _policy_chosen,
    "plan.reduced": _reduced,
    "plan.started": _started,
    "plan.undone": _undone,
    "plans.started": lambda details: f"started {details.get('count')} plans at once",
    "plan.laid-out": lambda details: f"laid out the plan until {day(details.get('until'))}",
    "plan.switched": _switched,
    "protocol.published": lambda details: f"published cardiac protocol {details.get('key')} v{details.get('version')}",
    "regimen.published": lambda details: f"published regimen {_regimen(details)}",
    "regimen.retired": _retired,
    "regimen.signed-off": lambda details: f"signed off regimen {details.get('regimen')} v{details.get('version')}",
    "reminder.retried": "had a reminder sent again",
    "delegation.begun": _delegated,
    "delegation.ended": lambda details: f"ended that {details.get('to')} stands in for {details.get('person')}",
    "flag.snoozed": lambda details: f"put a cardiac flag off until {day(details.get('until'))}",
    "flag.snooze-ended": "brought a cardiac flag back that was put off",
    "plan.assigned": lambda details: (
        f"made {details.get('to')} the responsible oncologist, after {details.get('from')}"
    ),
    "day.closed": lambda details: f"closed the site on {day(details.get('on'))}: {details.get('name')}",
    "day.reopened": lambda details: f"opened the site on {day(details.get('on'))} again: {details.get('name')}",
    "risk.assessed": lambda details: f"assessed the cardiac risk: {coded(details.get('level'))}",
    "holiday.closed": lambda details: f"closes on {day(details.get('on'))} again: {details.get('name')}",
    "holiday.opened": lambda details: f"works on {day(details.get('on'))}, a holiday: {details.get('name')}",
    "holidays.chosen": _holidays_chosen,
    "history.check-asked": "asked for the whole record to be compared with its seals",
    "history.exported": _exported,
    "messages.held": lambda details: f"held {details.get('count')} messages after a restore, for a person to send",
    "person.signed-in": lambda details: f"signed in ({', '.join(details.get('by_means_of', ())) or 'password'})",
    "person.timed-out": lambda details: (
        "was signed out by the clock"
        + ("; what was sent just then was kept, unrecorded" if details.get("kept") else "")
    ),
    "person.sign-in-failed": "a sign-in failed",
    "person.connected": "signed in by the hospital’s provider for the first time",
    "person.credentials": lambda details: f"changed how they sign in: {str(details.get('what')).replace('_', ' ')}",
    "person.second-factor-reset": "reset a person’s second factor: a new one has to be set up",
    "site.opened": lambda details: f"opened {details.get('site')} with {details.get('administrator')} as administrator",
    "site.changed": lambda details: f"changed site settings: {names(details)}",
    "token.issued": "made an API token",
    "token.revoked": "ended an API token",
    "tumour.described": "described the tumour",
}
