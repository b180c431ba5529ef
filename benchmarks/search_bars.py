"""S14: finding one patient among many, each way that somebody asks, beside that patient's page by its key."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from django.db import connection
from django.test import Client

from benchmarks.bars import Bar, in_turns, median
from benchmarks.page_bars import request_of
from her2tracker.accounts.models import Site
from scheduling.models import Patient
from tests import make

TIMES = 15
SIZES = (100_000, 1_000_000)  # patients beside the clinic's own: two, so that the growth shows
# Names by arithmetic, no two words alike for long: 80,000 family names, 225 given ones.
_FIRST = "Ba Ko Ri Mel San Tor Hav Lin Gru Pez Oli Dan Wer Schu Fer Nan Mar Tin Cas Ver".split()  # noqa: SIM905
_SECOND = "ren do ma ki lo be sta vi ga no tz ra chi mann quez ssen ski ova ez er".split()  # noqa: SIM905
_THIRD = "la son man berg ström ier eau elli ardo inho ovic enko ides yan wicz dottir sen feld hof müller".split()  # noqa: SIM905
_LAST = ["", "a", "i", "o", "sch", "ia", "us", "et", "ov", "in"]
_GIVEN = "An Ma Lu So Ele Isa Ju Cla Vik Hel Zoë Jo Mi Ka Te".split()  # noqa: SIM905
_END = "na ría cía fie nora bel lia ra tor ena sse anne riam rin resa".split()  # noqa: SIM905


def bars(site: Site) -> Iterator[Bar]:
    client, made = Client(), count(1)
    client.force_login(make.person("nora", site))
    model = Patient.objects.filter(site=site).earliest("pk")
    have = 0
    for size in SIZES:
        _copy(model, [next(made) for _ in range(size - have)])
        have = size
        wanted = Patient.objects.get(site=site, mrn=f"S-{size // 2 + 77:08}")
        for what, text in _asked(wanted):
            yield _bar(client, wanted, what, text)


def _asked(wanted: Patient) -> Iterator[tuple[str, str]]:
    family = wanted.family_name
    yield "a name with a typing error", f"{family[:3]}{family[4:]}"
    yield "both names, one with a typing error", f"{family[:3]}{family[4:]} {wanted.given_name}"
    yield "the MRN", wanted.mrn
    yield "the date of birth", str(wanted.born_on)
    yield "the end of a telephone number", wanted.phone[-6:]


def _bar(client: Client, wanted: Patient, what: str, text: str) -> Bar:
    """As the search field asks while somebody types. Raises AssertionError when the patient is not on the page."""
    part = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "found", "q": text}
    shown = client.get("/patients/", {"q": text}, follow=True).content.decode()
    if wanted.mrn not in shown:
        raise AssertionError(f"{text} does not find {wanted}")
    search, page = request_of(client, "/patients/", **part), request_of(client, f"/patients/{wanted.uuid}/")
    ours, limit = in_turns(search, page, TIMES)
    note = f"{Patient.objects.filter(site=wanted.site_id).count()} patients"
    return Bar("S14", f"search by {what} / the patient's page", median(ours), median(limit), 5, note=note)


def _copy(model: Patient, numbers: list[int]) -> None:
    """By COPY, history triggers lifted, indexes made anew afterwards; every column but these as the model has it."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE scheduling_patient DISABLE TRIGGER USER")
        indexes = _without_indexes(cursor)
        cursor.execute("CREATE TEMP TABLE named (mrn text, family text, given text, n bigint)")
        with cursor.copy("COPY named FROM STDIN") as rows:
            for n in numbers:
                rows.write_row((f"S-{n:08}", *_name(n), n))
        own = {
            "uuid": "gen_random_uuid()", "mrn": "n.mrn", "family_name": "n.family", "given_name": "n.given",
            "born_on": "date '1935-01-01' + (n.n * 37 %% 24000)::int",
            "phone": "'06' || lpad((n.n * 7919 %% 99999989)::text, 8, '0')",
        }  # fmt: skip
        columns = [field.column for field in Patient._meta.concrete_fields if not field.primary_key]
        chosen = ", ".join(own.get(name, f's."{name}"') for name in columns)
        names = ", ".join(f'"{name}"' for name in columns)
        cursor.execute(
            f"INSERT INTO scheduling_patient ({names}) SELECT {chosen} "
            "FROM named n, scheduling_patient s WHERE s.id = %s",
            [model.pk],
        )
        cursor.execute("DROP TABLE named")
        for index in indexes:
            cursor.execute(index)
        cursor.execute("ALTER TABLE scheduling_patient ENABLE TRIGGER USER")
        cursor.execute("ANALYZE scheduling_patient")


def _without_indexes(cursor: Any) -> list[str]:
    """Drops the indexes that hold no constraint, and tells how they are made again."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'scheduling_patient' AND indexname NOT IN "
        "(SELECT conname FROM pg_constraint) AND indexdef NOT LIKE 'CREATE UNIQUE %'"
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [made for _, made in found]


def _name(n: int) -> tuple[str, str]:
    family = _FIRST[n % 20] + _SECOND[n // 20 % 20] + _THIRD[n // 400 % 20] + _LAST[n // 8000 % 10]
    return family, _GIVEN[n * 7 % 15] + _END[n // 7 % 15]
