"""One migrated database per code, copied for each test process.

Running every migration takes a quarter of a minute, most of it Python; copying its result takes one
second. The result is kept, as SQL, in pytest's cache under a fingerprint of all it was made from.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from her2tracker.local.postgres import installed_binaries
from her2tracker.local.state import ROOT

MIGRATED = "migrated"
# What migrations and triggers are made of and import.
INPUTS = (
    "*/migrations/*.py", "*/models/*.py", "*/models.py", "*/words.py", "*/lifecycle.py", "audit/history.py",
    "requirements/dev.txt",
)  # fmt: skip


def make(name: str, cache: Path, settings: dict[str, str]) -> None:
    """A fresh copy of the migrated database. The first test process makes that; others wait for it."""
    with _administrator(settings) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")
        exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [MIGRATED]).fetchone()
        if exists is None:
            _make_migrated(connection, cache / f"{fingerprint()}.sql", settings)
        for command in ("DROP DATABASE IF EXISTS {0}", "CREATE DATABASE {0} TEMPLATE {1}"):
            connection.execute(sql.SQL(command).format(sql.Identifier(name), sql.Identifier(MIGRATED)))


def fingerprint(root: Path = ROOT) -> str:
    digest = hashlib.sha256()
    for path in sorted({path for pattern in INPUTS for path in root.glob("**/" + pattern) if _ours(path, root)}):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _ours(path: Path, root: Path) -> bool:
    return not path.relative_to(root).parts[0].startswith((".", "tests"))


@contextmanager
def _administrator(settings: dict[str, str]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"], dbname="postgres", autocommit=True
    ) as connection:
        yield connection


def _make_migrated(connection: psycopg.Connection, kept: Path, settings: dict[str, str]) -> None:
    """Under another name until it is whole, so that an interrupted run leaves no half of it."""
    connection.execute("DROP DATABASE IF EXISTS unfinished")
    connection.execute("CREATE DATABASE unfinished")
    if kept.exists():
        _client("psql", settings, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-f", str(kept))
    else:
        _migrate()
        _keep(kept, settings)
    connection.execute(f"ALTER DATABASE unfinished RENAME TO {MIGRATED}".encode())


def _migrate() -> None:
    base, _, _name = os.environ["DATABASE_URL"].rpartition("/")
    for command in (["migrate", "--verbosity", "0"], ["createcachetable", "--verbosity", "0"]):
        subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": f"{base}/unfinished"},
            check=True,
        )


def _keep(kept: Path, settings: dict[str, str]) -> None:
    for old in kept.parent.glob("*.sql"):
        old.unlink(missing_ok=True)
    unfinished = kept.with_suffix(f".{os.getpid()}.part")  # another run may be keeping its own
    _client("pg_dump", settings, "--no-owner", "-f", str(unfinished))
    unfinished.rename(kept)


def _client(program: str, settings: dict[str, str], *arguments: str) -> None:
    where = ["-h", settings["HOST"], "-p", str(settings["PORT"]), "-U", settings["USER"], "-d", "unfinished"]
    subprocess.run([str(installed_binaries() / program), *where, *arguments], check=True)  # noqa: S603
