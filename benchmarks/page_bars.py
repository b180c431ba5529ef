"""S8 and S11: the nurse's day as a page and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from django.db import connection
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.test.utils import CaptureQueriesContext

from benchmarks.bars import Bar, in_turns, median
from benchmarks.clinic import busiest_day
from her2tracker.accounts.models import Site
from tests import make

TIMES = 15


def bars(site: Site) -> Iterator[Bar]:
    on, nora = busiest_day(site, 150), make.person("nora", site)
    client = Client()
    client.force_login(nora)
    shown = client.get("/today/", {"on": str(on)})
    rows = len(shown.context["day"].rows)
    template, context = get_template("clinic/today.html"), shown.context[0].flatten()

    page = _request(client, "/today/", on)
    ours, limit = in_turns(page, lambda: template.template.render(_context(context)), TIMES)
    note = f"{rows} rows"
    yield Bar("S8", "Today's page / its template from constants", median(ours), median(limit), 2, note=note)
    with CaptureQueriesContext(connection) as captured:
        page()
    yield Bar("S8", "queries of Today's page", len(captured), 12, 1, unit="queries", note=note)
    yield _json(site, on, rows)


def _request(client: Client, path: str, on: object) -> Callable[[], None]:
    """Through all middleware, without the test client, which copies every context of every template it renders."""
    handler, cookie = ClientHandler(), client.cookies.output(header="", sep=";").strip()

    def ask() -> None:
        answer = handler(RequestFactory().get(path, {"on": str(on)}, HTTP_COOKIE=cookie).environ)
        if answer.status_code != 200:
            raise AssertionError(f"{path} answers {answer.status_code}")

    return ask


def _context(flat: dict[str, object]) -> object:
    from django.template import Context

    return Context(flat)


def _json(site: Site, on: object, rows: int) -> Bar:
    nora = make.person("nora", site)
    client = Client()
    client.force_login(nora)

    api = _request(client, "/api/v1/today/", on)

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT d.uuid, d.cycle, d.of_cycles, d.starts_at, t.mrn, t.family_name, t.given_name, t.born_on, "
                "a.agent, a.kind, a.planned_mg FROM scheduling_cycleday d JOIN scheduling_treatmentplan p ON "
                "p.id = d.plan_id JOIN scheduling_patient t ON t.id = p.patient_id JOIN scheduling_administration a "
                "ON a.cycle_day_id = d.id WHERE t.site_id = %s AND d.planned_on = %s",
                [site.pk, on],
            )
            json.dumps(cursor.fetchall(), default=str)

    ours, limit = in_turns(api, bare, TIMES)
    # requests per second, ours over the peer's
    return Bar(
        "S11", "the day as JSON / bare SQL and JSON, requests per second",
        1000 / median(ours), 1000 / median(limit), 0.3, unit="/s", at_least=True, note=f"{rows} rows",
    )  # fmt: skip
