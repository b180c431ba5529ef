"""`python -m her2tracker.local.drill BACKUP ARCHIVE`: does last night's backup come back, and is it whole?

Restores a base backup with its write-ahead log into a folder of its own, up to the moment asked for, starts a server
there that nobody else reaches, and lets the product itself say whether the record is as it was. Changes neither the
backup nor the database it was taken from, and leaves nothing behind.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from her2tracker.local.postgres import usable_binaries
from her2tracker.local.process import Program, start, wait_until
from her2tracker.local.state import ROOT, Account, Refused, make_private, server_account

RECOVERY_SECONDS = 3600.0
COUNTED = ("scheduling_patient", "scheduling_treatmentplan", "scheduling_administration", "monitoring_lvefassessment")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to restore. `until` is a moment as PostgreSQL reads it; empty means all that the archive holds."""

    backup: Path  # plain, or base.tar / base.tar.gz, as pg_basebackup writes them
    archive: Path
    binaries: Path | None = None  # of the major version that wrote the backup; the embedded one's where not said
    until: str = ""
    user: str = "her2tracker"
    database: str = "her2tracker"
    expect: str = ""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. `last_act` is the moment of the latest act on record."""

    seconds: float
    last_act: str
    counts: dict[str, object]
    said: str


def drill(wanted: Wanted) -> Restored:
    """Raises Refused when the backup does not come back, or comes back changed."""
    begun = time.monotonic()
    with _scratch() as (folder, account):
        data, sockets = folder / "data", make_private(folder / "run", account)
        _unpack(wanted.backup, data)
        _to_recover(wanted, data, account)
        binaries = wanted.binaries or usable_binaries(folder, account)
        running = start(_server(binaries, data, sockets, account, folder / "postgres.log"))
        try:
            wait_until(lambda: _recovered(wanted, sockets), running, seconds=RECOVERY_SECONDS)
            return _proven(wanted, sockets, begun)
        finally:
            running.stop()


@contextmanager
def _scratch() -> Iterator[tuple[Path, Account | None]]:
    account = server_account()
    folder = Path(tempfile.mkdtemp(prefix="her2-drill-"))  # short: a socket's path has 107 characters at most
    folder.chmod(0o711 if account else 0o700)
    try:
        yield folder, account
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(backup: Path, data: Path) -> None:
    packed = next((backup / name for name in ("base.tar", "base.tar.gz") if (backup / name).exists()), None)
    if packed is not None:
        data.mkdir()
        shutil.unpack_archive(packed, data, filter="data")
    elif (backup / "PG_VERSION").exists():
        shutil.copytree(backup, data, symlinks=True)
    else:
        raise Refused(f"{backup} is no base backup: neither PG_VERSION nor base.tar is in it.")


def _to_recover(wanted: Wanted, data: Path, account: Account | None) -> None:
    """Written after the backup's own settings, so that these win: nobody is reached, and nobody reaches it."""
    if "'" in f"{wanted.archive}{wanted.until}":
        raise Refused("A path or a moment with an apostrophe cannot be restored from.")
    settings = {
        "restore_command": f'cp "{wanted.archive}/%f" "%p"',
        "recovery_target_action": "promote",
        "archive_mode": "off",
        "listen_addresses": "",
        "hba_file": str(data / "pg_hba.drill.conf"),
        **({"recovery_target_time": wanted.until} if wanted.until else {}),
    }
    (data / "pg_hba.drill.conf").write_text("local all all trust\n", encoding="utf-8")
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    (data / "recovery.signal").touch()
    (data / "postmaster.pid").unlink(missing_ok=True)
    for path in (data, *data.rglob("*")):
        if account:
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
    data.chmod(0o700)


def _server(binaries: Path, data: Path, sockets: Path, account: Account | None, log: Path) -> Program:
    options = ["-c", f"unix_socket_directories={sockets}", "-c", "unix_socket_permissions=0700"]
    return Program("postgres", [str(binaries / "postgres"), "-D", str(data), *options], log, account=account)


def _recovered(wanted: Wanted, sockets: Path) -> bool:
    try:
        with _connect(wanted, sockets) as connection:
            row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
    except psycopg.OperationalError:
        return False
    return row == (False,)


def _proven(wanted: Wanted, sockets: Path, begun: float) -> Restored:
    with _connect(wanted, sockets) as connection:
        counts = {table: _one(connection, f"SELECT count(*) FROM {table}") for table in COUNTED}  # noqa: S608
        last = _one(connection, "SELECT coalesce(max(at)::text, 'none') FROM audit_act")
    url = f"postgres://{wanted.user}@{quote(str(sockets), safe='')}:5432/{wanted.database}"
    said = _manage(url, "check_history", *(["--expect", wanted.expect] if wanted.expect else []))
    return Restored(time.monotonic() - begun, str(last), counts, said)


def _manage(url: str, *words: str) -> str:
    """The product's own check, on the copy. Mail and queue of the environment are not used by it."""
    command = [sys.executable, "manage.py", *words, "--skip-checks"]
    done = subprocess.run(  # noqa: S603
        command, cwd=ROOT, env=os.environ | {"DATABASE_URL": url}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Refused(f"The backup came back, but not whole.\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def _connect(wanted: Wanted, sockets: Path) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=str(sockets), user=wanted.user, dbname=wanted.database, autocommit=True, connect_timeout=5
    )


def _one(connection: psycopg.Connection[tuple[object, ...]], query: str) -> object:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m her2tracker.local.drill", description=__doc__)
    parser.add_argument("backup", type=Path, help="the folder that pg_basebackup wrote")
    parser.add_argument("archive", type=Path, help="the folder of archived write-ahead log")
    parser.add_argument("--until", default="", help="a moment such as '2026-11-30 07:00:00+01'; else all there is")
    parser.add_argument("--binaries", type=Path, help="where `postgres` is; else the embedded one")
    parser.add_argument("--user", default="her2tracker")
    parser.add_argument("--database", default="her2tracker")
    parser.add_argument("--expect", default="", help="an end of the record's chain, noted elsewhere")
    options = vars(parser.parse_args())
    try:
        found = drill(Wanted(**options))
    except Refused as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    lines = [f"Restored in {found.seconds:.0f} s. The last act on record: {found.last_act}.", found.said]
    lines += [f"{count:>10} {table}" for table, count in found.counts.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
