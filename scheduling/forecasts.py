"""Who will not finish in a year: each active plan of a site, projected. Queries do not grow with the plans."""

from __future__ import annotations

from dataclasses import dataclass

from her2tracker.accounts.models import Site
from scheduling import catalog
from scheduling.core.forecast import Forecast, forecast
from scheduling.core.regimen import Regimen
from scheduling.models import TreatmentPlan
from scheduling.models.standing import projection_of, regimen_of


@dataclass(frozen=True, slots=True)
class Late:
    """A plan whose last dose lies past one year, or that leaves doses out because of it."""

    plan: TreatmentPlan
    regimen: Regimen
    forecast: Forecast

    @property
    def days_past(self) -> int:
        """Days from the end of the year to the last dose; 0 when doses are left out instead."""
        last, year = self.forecast.last_on, self.forecast.year_ends_on
        return max((last - year).days, 0) if last and year else 0

    @property
    def does_not_fit(self) -> str:
        """`18 days past the year`, `2 cycle days not planned`."""
        days, out = self.days_past, self.forecast.left_out
        past = f"{days} day{'s' if days != 1 else ''} past the year" if days else ""
        left = f"{out} cycle day{'s' if out != 1 else ''} not planned" if out else ""
        return ", ".join(filter(None, (past, left)))

    @property
    def interrupted(self) -> str:
        """`16 and 21 days`; empty without an interruption that has happened."""
        days = [str(one.days_beyond) for one in self.forecast.interruptions if not one.foreseen]
        return f"{' and '.join(days)} days" if days else ""


def forecast_of(plan: TreatmentPlan) -> Forecast:
    """`plan` with its facts, on the site's today."""
    projection = projection_of(plan, today=plan.patient.site.today())
    return forecast(regimen_of(plan.regimen), projection, catalog.year_limits())


def late_at(site: Site) -> list[Late]:
    """The furthest past the year first, then whoever has the most doses left out."""
    plans = TreatmentPlan.objects.active().at(site).with_facts()
    found = [Late(plan, regimen_of(plan.regimen), forecast_of(plan)) for plan in plans]
    late = [one for one in found if one.forecast.finishes_in_a_year is False]
    return sorted(late, key=lambda one: (-one.days_past, -one.forecast.left_out, one.plan.patient.mrn))


def interruption_words() -> str:
    """What counts as an interruption, for the page that lists them."""
    limits = catalog.year_limits()
    return f"{limits.interruption_days.in_words(' days')} beyond the regimen's own interval"
