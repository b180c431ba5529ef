"""Which trade number is on which product of a site, so that a scanned bag says what it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Max
from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling import catalog
from scheduling.catalog.barcodes import trade_number
from scheduling.catalog.uploads import agents
from scheduling.core.products import Numbered
from scheduling.core.scanning import CodeKind
from scheduling.core.trade_numbers import carrying, refuse_number
from scheduling.models import CodeRead, TradeNumber


def add(*, by: User, number: str, agent: str, brand: str, substance: str) -> TradeNumber:
    """Say which product a trade number is on. `number` is as typed, or a pack's whole code as scanned."""
    require(by, Permission.MANAGE_SITE)
    gtin = trade_number(number)
    if isinstance(gtin, Refusal):
        raise Refused(gtin, {"number": [gtin.sentence]})
    if agent not in agents():
        raise Refused(Refusal("unknown-agent", f"{agent} is no agent that is known here."))
    new = Numbered(gtin, agent, " ".join(brand.split()), " ".join(substance.split()))
    with act("trade-number.added", by=by) as entry:
        # the site's row is the lock: a number said of two products at once stays with one
        Site.objects.select_for_update().get(pk=by.site_id)
        refuse(refuse_number(catalog.products(), numbers_at(by.site), new))
        made = TradeNumber.objects.create(
            site=by.site, gtin=gtin, agent=agent, brand=new.brand, substance=new.substance, recorded_by=by
        )
        entry.subject, entry.details = made, {"gtin": gtin, "product": new.name}
    return made


def end(*, by: User, number: TradeNumber) -> None:
    """From now on the number says nothing. What was recorded with it stays."""
    require(by, Permission.MANAGE_SITE)
    with act("trade-number.ended", by=by) as entry:
        row = TradeNumber.objects.select_for_update().get(pk=number.pk, site=by.site_id)
        if row.ended_at:
            raise Refused(Refusal("already-ended", f"{row.gtin} is ended already."))
        row.ended_at, row.ended_by = timezone.now(), by
        row.save(update_fields=["ended_at", "ended_by"])
        entry.subject, entry.details = row, {"gtin": row.gtin, "product": row.product}


def numbers_at(site: Site) -> tuple[Numbered, ...]:
    """What stands at a site. One query."""
    rows = TradeNumber.objects.standing().filter(site=site)
    return tuple(Numbered(row.gtin, row.agent, row.brand, row.substance) for row in rows)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A number that was scanned here and says nothing yet; `agent` is what the nurse said it was, the last time."""

    gtin: str
    agent: str
    last_on: date


def unknown_at(site: Site) -> list[Unknown]:
    """Trade numbers scanned at a site that no product carries, the latest first. Two queries."""
    own = numbers_at(site)
    read = CodeRead.objects.filter(plan__patient__site=site, kind=CodeKind.BAG, product="").exclude(gtin="")
    rows = read.order_by().values("gtin", "agent").annotate(last_on=Max("read_on")).order_by("-last_on", "gtin")
    found: dict[str, Unknown] = {}
    for row in rows:
        if carrying(catalog.products(), own, row["gtin"]) is None:
            found.setdefault(row["gtin"], Unknown(row["gtin"], row["agent"], row["last_on"]))
    return list(found.values())
