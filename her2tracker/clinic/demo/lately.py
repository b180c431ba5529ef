"""What the demo clinic's people began lately and have not finished, so that each of them finds it waiting."""

from __future__ import annotations

from datetime import time, timedelta

from her2tracker.accounts.models import Site, User
from her2tracker.clinic import site_actions
from her2tracker.lib.refusals import Refused
from monitoring.actions import intervals, risk
from monitoring.core.risk import Answers
from scheduling.actions import alongside, chairside, closures, consents, drafts, regimens, releases, second_checks
from scheduling.core.alongside import AlongsideKind
from scheduling.models import CycleDay, RegimenVersion, TreatmentPlan
from scheduling.words import DayState, ReactionAction, ReactionSign

CLOSED_IN, CLOSED_FOR = 28, 2  # days from today, and days after the first: never today's list


def happen(site: Site) -> None:
    """Through the actions, as everything in the demo."""
    people = {user.email.partition("@")[0]: user for user in User.objects.filter(site=site)}
    _write_a_regimen(people["pia"])
    _close_the_clinic(people["cora"], site)
    _assess_a_risk(people["omar"], site)
    _run_alongside(people["omar"], site)
    _react(people["nora"], site)
    _consent(people["cora"], site)
    _release(people["omar"], site)
    _ask_for_all(people["ada"])
    _ask_for_a_check(people["nils"], site)


def _write_a_regimen(pia: User) -> None:
    """Under review: two who did not write it may rehearse and sign it."""
    version = RegimenVersion.objects.get(key="trastuzumab-q3w-17", version=1)
    text = regimens.text_of(version).replace('id = "trastuzumab-q3w-17"', 'id = "own-trastuzumab-demo"', 1)
    text = text.replace('name = "', 'name = "Demo clinic: ', 1)
    draft = drafts.create(by=pia, text=text, based_on=version)
    drafts.submit(by=pia, draft=draft, change_note="Demo only: the same regimen under the clinic's own name.")


def _close_the_clinic(cora: User, site: Site) -> None:
    """Each doctor finds the moves of his patients waiting for him."""
    first_on = site.today() + timedelta(days=CLOSED_IN)
    last_on = first_on + timedelta(days=CLOSED_FOR)
    closure = closures.prepare(by=cora, first_on=first_on, last_on=last_on, name="Move to the new day unit")
    closures.send(by=cora, closure=closure)


def _assess_a_risk(omar: User, site: Site) -> None:
    """High by the proforma, and looked at more often for it."""
    plan = _running(site, "Maple")
    risk.record(by=omar, patient=plan.patient, answers=Answers(said={"stable-angina": True}))
    intervals.choose(by=omar, plan=plan, weeks=6, reason="High cardiac risk.")


def _run_alongside(omar: User, site: Site) -> None:
    plan = _running(site, "Dogwood")
    alongside.record(by=omar, plan=plan, kind=AlongsideKind.ENDOCRINE_THERAPY, from_on=plan.start_on)


def _react(nora: User, site: Site) -> None:
    """A reaction to the last infusion of somebody who comes today: her row says so."""
    row = CycleDay.objects.at(site).planned().filter(planned_on=site.today(), cycle__gt=2).first()
    before = row and row.plan.cycle_days.filter(state=DayState.GIVEN).last()
    if before and before.done_on:
        agent = before.administrations.all()[0].agent
        signs = [ReactionSign.FEVER, ReactionSign.CHILLS]
        chairside.record_reaction(
            by=nora, cycle_day=before, agent=agent, seen_on=before.done_on, seen_at=time(9, 40), grade=2, signs=signs,
            action=ReactionAction.INTERRUPTED, note="Paracetamol; taken up again after half an hour.",
        )  # fmt: skip


def _consent(cora: User, site: Site) -> None:
    """Everybody signed before the first infusion but one who comes tomorrow: her form is still to be had."""
    tomorrow = CycleDay.objects.at(site).planned().filter(planned_on=site.today() + timedelta(days=1)).first()
    missing = tomorrow.plan_id if tomorrow else 0
    for plan in TreatmentPlan.objects.active().at(site).select_related("patient").exclude(pk=missing):
        signed_on = min(plan.start_on - timedelta(days=3), site.today())
        consents.record(by=cora, plan=plan, signed_on=signed_on, kept_in="Demo record, section 4")


def _release(omar: User, site: Site) -> None:
    """He released the day's infusions that nothing stood against; tomorrow's wait for him."""
    rows = CycleDay.objects.at(site).planned().filter(planned_on=site.today())
    releases.release_all(by=omar, cycle_days=list(rows.select_related("plan__patient__site", "plan__regimen")))


def _ask_for_all(ada: User) -> None:
    """From now on the clinic gives nothing without consent, a doctor's release and a second person's check."""
    asked = {"release_required": True, "second_check_required": True, "consent_required": True}
    site_actions.change(by=ada, site={}, scheduling=asked, monitoring={})


def _ask_for_a_check(nils: User, site: Site) -> None:
    """One of today's infusions that nothing else stops waits for a second person: the other nurse finds it."""
    rows = CycleDay.objects.at(site).planned().filter(planned_on=site.today(), starts_at__isnull=False)
    for row in rows.select_related("plan__patient__site", "plan__regimen").order_by("starts_at", "pk"):
        try:
            second_checks.request(by=nils, cycle_day=row)
        except Refused:
            continue  # held, or not released: the next one
        return


def _running(site: Site, family_name: str) -> TreatmentPlan:
    return TreatmentPlan.objects.active().at(site).get(patient__family_name=family_name)
