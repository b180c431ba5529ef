"""What one agent's administration was, and what is asked of it whether it is recorded or amended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from her2tracker.lib.bounds import plain
from her2tracker.lib.refusals import Refusal, Refused
from scheduling import catalog
from scheduling.core import products
from scheduling.models import Administration, SitePolicy
from scheduling.words import DifferenceReason, OmissionReason


@dataclass(frozen=True, slots=True)
class Dose:
    """What one agent's administration was. Exactly one of mg, ml and omission_reason is set."""

    agent: str
    mg: Decimal | None = None
    ml: Decimal | None = None
    omission_reason: OmissionReason | str = ""
    product: str = ""
    lot: str = ""
    expires_on: date | None = None
    started_at: time | None = None
    stopped_at: time | None = None
    difference_reason: DifferenceReason | str = ""
    note: str = ""

    @property
    def product_name(self) -> str:
        """The product by its full name, where it is a known one."""
        return products.named(catalog.products(), self.agent, self.product)


def check_given(dose: Dose, target: Administration, *, in_ml: bool, on: date, policy: SitePolicy) -> None:
    """Raise Refused unless the dose says how much of which product went in, and why where it differs from planned."""
    measure, planned = (dose.ml, target.planned_ml) if in_ml else (dose.mg, target.planned_mg)
    if measure is None or measure <= 0:
        raise faulty(dose.agent, f"Enter how much {dose.agent} was given.")
    if refusal := products.refuse_product(catalog.products(), dose.agent, dose.product):
        raise Refused(refusal, {dose.agent: [refusal.sentence]})
    if dose.expires_on and dose.expires_on < on:
        raise faulty(dose.agent, "The product had expired on that day. Check the expiry date.")
    if dose.started_at and dose.stopped_at and dose.stopped_at < dose.started_at:
        raise faulty(dose.agent, "The infusion cannot stop before it started.")
    if planned and not dose.difference_reason and _differs(measure, planned, policy):
        raise faulty(
            dose.agent,
            f"{plain(measure)} differs by {abs(measure - planned) / planned * 100:.1f} % from the {plain(planned)} "
            "planned: choose a reason.",
        )


def _differs(measure: Decimal, planned: Decimal, policy: SitePolicy) -> bool:
    return abs(measure - planned) / planned * 100 > policy.difference_asks_reason_percent


def faulty(agent: str, sentence: str) -> Refused:
    return Refused(Refusal("faulty-dose", sentence), {agent: [sentence]})
