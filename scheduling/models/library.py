"""From a site's rows to what it may order: the newest version of each regimen that it did not retire."""

from __future__ import annotations

from her2tracker.accounts.models import Site
from scheduling.core.governance import Standing, VersionState, stand
from scheduling.models.regimens import RegimenRetirement, RegimenVersion


def standings_at(site: Site) -> dict[int, Standing]:
    """How each version the site can see stands there, by primary key. Two queries."""
    rows = list(RegimenVersion.objects.at(site).only("pk", "key", "version", "name", "digest"))
    newest: dict[str, int] = {}
    for row in rows:
        newest[row.key] = max(row.version, newest.get(row.key, 0))
    retired = {
        one.regimen_id: one
        for one in RegimenRetirement.objects.filter(site=site)
        .select_related("replaced_by")
        .defer("replaced_by__definition", "replaced_by__text")
    }
    return {row.pk: _standing(row, newest[row.key], retired.get(row.pk)) for row in rows}


def standing_at(site: Site, version: RegimenVersion) -> Standing:
    return standings_at(site)[version.pk]


def orderable_at(site: Site) -> dict[str, RegimenVersion]:
    """What a plan can be started on or switched to at this site, by the regimen's id."""
    standings = standings_at(site)
    allowed = [pk for pk, one in standings.items() if one.state is VersionState.PUBLISHED]
    return {row.key: row for row in RegimenVersion.objects.filter(pk__in=allowed).order_by("key")}


def _standing(row: RegimenVersion, newest: int, retired: RegimenRetirement | None) -> Standing:
    if retired is None:
        return stand(row.version, newest=newest, name=row.name)
    instead = str(retired.replaced_by) if retired.replaced_by else ""
    return stand(row.version, newest=newest, name=row.name, retired=retired.reason, instead=instead)
