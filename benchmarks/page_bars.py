"""S8 to S11: the nurse's day as a page, asked again, under load, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import Context
from django.template.loader import get_template
from django.test import Client, RequestFactory, override_settings
from django.test.client import ClientHandler
from django.test.utils import CaptureQueriesContext
from django.urls import clear_url_caches, path

from benchmarks import load_bars
from benchmarks.bare import day_of
from benchmarks.bars import Bar, each, in_turns, median, p95
from benchmarks.clinic import build, busiest_day
from her2tracker import urls
from her2tracker.accounts.access import open_to_signed_in
from her2tracker.accounts.models import Site
from her2tracker.clinic.today import day_at
from her2tracker.clinic.views.today import context_of
from tests import make

TIMES = 15
PARTS = ("today/list_head", "today/list")
PAGE, DAY, CONSTANT = "/today/", "/api/v1/today/", "/benchmark/constant/"
ANEW, KEPT = {"DAY_KEPT_SECONDS": 0}, {"DAY_KEPT_SECONDS": 3600}


def bars(site: Site, grow: int = 0) -> Iterator[Bar]:
    """`grow`: how many times as many plans a second clinic gets before the page is measured again."""
    on, client = busiest_day(site, 150), Client()
    client.force_login(make.person("nora", site))
    rows = len(day_at(site, on).rows)
    note = f"{rows} rows"
    yield from _page(client, site, on, note)
    yield from _again(client, on, note)
    yield from _json(client, site, on, note)
    yield from load_bars.bars(client, site, on, note)
    if grow:
        yield _grown(client, site, on, grow)


def _page(client: Client, site: Site, on: date, note: str) -> Iterator[Bar]:
    """Read anew each time: nobody else asked just before."""
    page, constants = request_of(client, PAGE, on=str(on)), _constants(client, site, on)
    with override_settings(**ANEW):
        ours, limit = in_turns(page, constants, TIMES)
        yield Bar("S8", "Today's page / its template from constants", median(ours), median(limit), 2, note=note)
        with CaptureQueriesContext(connection) as captured:
            page()
    yield Bar("S8", "queries of Today's page", len(captured), 12, 1, unit="queries", note=note)
    with override_settings(**KEPT):
        ours, limit = in_turns(page, constants, TIMES)
    yield Bar("S8", "... asked just after somebody else", median(ours), median(limit), 2, note=note)


def _constants(client: Client, site: Site, on: date) -> Callable[[], object]:
    """The same templates with what they were given once: frame, head and body."""
    frame = next(one for one in client.get(PAGE, {"on": str(on)}).context if "again" in one).flatten()
    listed = context_of(day_at(site, on), "all", make.person("nora", site)) | {"unreadable": False}
    page, head, body = (get_template(f"clinic/{name}.html").template for name in ("today", *PARTS))

    def render() -> str:
        shown = {name: part.render(Context(listed)) for name, part in (("head", head), ("body", body))}
        return page.render(Context(frame | {"list": shown}))

    if len(render()) < len(client.get(PAGE, {"on": str(on)}).content) / 2:
        raise AssertionError("the constants render less than the page")
    return render


def _again(client: Client, on: date, note: str) -> Iterator[Bar]:
    """An open page, and a program, ask whether anything changed."""
    urls.urlpatterns.append(path(CONSTANT.lstrip("/"), _constant))
    clear_url_caches()
    constant = request_of(client, CONSTANT)
    name = _name_of(client.get(PAGE, {"on": str(on)}).content.decode())
    page = request_of(client, PAGE, status=204, HTTP_HX_REQUEST="true", on=str(on), seen=name)
    ours, limit = in_turns(page, constant, 10 * TIMES)
    yield Bar("S10", "a refresh, nothing changed / a constant view", median(ours), median(limit), 2, note=note)
    tag = client.get(DAY, {"on": str(on)}).headers["ETag"]
    program = request_of(client, DAY, status=304, HTTP_IF_NONE_MATCH=tag, on=str(on))
    ours, limit = in_turns(program, constant, 10 * TIMES)
    yield Bar("S10", "... and of a program, If-None-Match", median(ours), median(limit), 2, note=note)


@open_to_signed_in
def _constant(_: HttpRequest) -> HttpResponse:
    return HttpResponse("constant")


def _name_of(page: str) -> str:
    return page.split("seen=", 1)[1].split('"', 1)[0].split("&", 1)[0]


def _json(client: Client, site: Site, on: date, note: str) -> Iterator[Bar]:
    """Requests per second, ours over the peer's."""
    api = request_of(client, DAY, on=str(on))
    bare = lambda: day_of(connection.connection, site.pk, on)  # noqa: E731 - one of two that are measured in turns
    for what, kept in (
        ("the day as JSON / bare SQL and JSON, requests/s", ANEW), ("... asked just after somebody else", KEPT),
    ):  # fmt: skip
        with override_settings(**kept):
            ours, limit = in_turns(api, bare, TIMES)
        measured, peer = 1000 / median(ours), 1000 / median(limit)
        yield Bar("S11", what, measured, peer, 0.3, unit="/s", at_least=True, note=note)


def _grown(client: Client, site: Site, on: date, times: int) -> Bar:
    """The same day of the same clinic, before and after another clinic brings many times its rows."""
    page, rows = request_of(client, PAGE, on=str(on)), _infusions()
    with override_settings(**ANEW):
        before = each(page, 40)
        build(times * site.patients.count(), name="Benchmark clinic, the larger one")
        after = each(page, 40)
    note = f"{rows} and {_infusions()} infusions"
    return Bar("S8", "p95 of the page among more rows / among these", p95(after), p95(before), 1.3, note=note)


def _infusions() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM scheduling_cycleday")
        return int(cursor.fetchone()[0])


def request_of(client: Client, address: str, *, status: int = 200, **said: str) -> Callable[[], None]:
    """Through all middleware, without the test client, which copies every context of every template it renders.

    Names in capitals are headers, others the query.
    """
    handler, cookie = ClientHandler(), client.cookies.output(header="", sep=";").strip()
    headers = {name: value for name, value in said.items() if name.isupper()}
    query = {name: value for name, value in said.items() if not name.isupper()}

    def ask() -> None:
        answer = handler(RequestFactory().get(address, query, HTTP_COOKIE=cookie, **headers).environ)
        if answer.status_code != status:
            raise AssertionError(f"{address} answers {answer.status_code}")

    return ask
