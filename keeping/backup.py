"""Copies the warehouse while it works, and proves that the copy is whole.

A copy is a folder: the database as one moment saw it (``pg_dump``), the sealed originals, the list of the erased, and a
manifest with the count and the checksum of every table at that moment. Not in it: ``secrets.json`` and the credentials
of agencies' systems, without which the sealed parts do not open and nobody can be told apart; Kafka, which the outbox
fills again; Airflow's history.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keeping import erased_list
from pipeline import programs
from pipeline.db import SQL, Connection, Identifier, connect
from pipeline.errors import BadInput, SystemTrouble
from pipeline.settings import Settings
from stack import database

Say = Callable[[str], None]
DUMP, ORIGINALS, MANIFEST = "warehouse.dump", "intake", "manifest.json"
JOBS = 2
_NOT_OURS = ("pg_catalog", "information_schema", "pg_toast")

Checksums = dict[str, tuple[int, str]]
"""By table: rows, and a sum over them that no order changes"""


@dataclass(frozen=True)
class Copy:
    """A finished copy."""

    folder: Path
    taken_at: dt.datetime
    tables: int
    rows: int
    bytes: int


def backup(settings: Settings, into: Path, *, say: Say = lambda _: None) -> Copy:
    """Copy the warehouse to a new folder below ``into``; a copy that is not finished has no manifest.

    :raises SystemTrouble: when the database or the disk does not let it
    """
    taken_at = dt.datetime.now(dt.UTC)
    folder = into / f"flyover-{taken_at:%Y%m%dT%H%M%SZ}"
    try:
        folder.mkdir(parents=True, mode=0o700)
    except FileExistsError:
        raise BadInput(f"{folder} is there already", advice="Wait a second, or name another folder.") from None
    try:
        sums = _database(settings, folder / DUMP, say)
        originals = _originals(settings, folder / ORIGINALS)
    except OSError as error:
        raise SystemTrouble(f"the copy in {folder} could not be finished: {error.strerror}") from error
    say(f"originals: {originals:,} copied, sealed as they are")
    manifest = {
        "taken_at": taken_at.isoformat(),
        "database": settings.pg_database,
        "tables": sums,
        "erased": sorted(erased_list.read(settings)),
        "files": {name: _sha256(folder / name) for name in _files(folder)},
        "keys": _fingerprint_of_keys(settings),
    }
    draft = folder / f".{MANIFEST}"
    with draft.open("w", encoding="utf-8") as out:
        json.dump(manifest, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(folder / MANIFEST)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Copy(folder, taken_at, len(sums), sum(rows for rows, _ in sums.values()), size)


def read_manifest(settings: Settings, folder: Path) -> dict[str, Any]:
    """What a copy says of itself, its files as they were written.

    :raises BadInput: for a folder that is no finished copy, was changed, or was sealed with other keys
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise BadInput(f"{folder} is no finished copy", advice="./flyover backup makes one.") from error
    for name, digest in manifest["files"].items():
        if not (folder / name).is_file() or _sha256(folder / name) != digest:
            raise BadInput(f"{folder / name} is not as it was written", advice="Take another copy.")
    if manifest["keys"] != _fingerprint_of_keys(settings):
        raise BadInput(
            "the copy was made with other keys than secrets.json has now",
            advice="Put the secrets.json of its time back first: without it nothing sealed opens.",
        )
    return manifest


def checksums(connection: Connection[Any]) -> Checksums:
    """Count and checksum of every table, in the connection's transaction."""
    connection.execute("set local timezone = 'UTC'")
    found = connection.execute(_TABLES, {"not_ours": list(_NOT_OURS)}).fetchall()
    sums: Checksums = {}
    for schema, table in found:
        row = connection.execute(
            SQL(
                "select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text from only {} as t"
            ).format(Identifier(schema, table))
        ).fetchone()
        assert row is not None  # noqa: S101 - an aggregate gives a row
        sums[f"{schema}.{table}"] = (row[0], row[1])
    return sums


def run(settings: Settings, program: str, arguments: list[str]) -> None:
    """Run one of PostgreSQL's programs as the server's administrator; the password is in no process list.

    :raises SystemTrouble: with the last line it said
    """
    user, password = administrator(settings)
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PGHOST": settings.pg_host,
        "PGPORT": str(settings.pg_port),
        "PGUSER": user,
        "PGPASSWORD": password,
        "LC_ALL": "C.UTF-8",
    }
    command = [str(programs.postgres(program)), *arguments]
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise SystemTrouble(f"{program} failed: {said}")


def administrator(settings: Settings) -> tuple[str, str]:
    """Who may read and make everything, and the password."""
    user, password = database.superuser()
    return user, password if password is not None else settings.secrets.pg_passwords[user]


def _database(settings: Settings, target: Path, say: Say) -> Mapping[str, tuple[int, str]]:
    """Dump what one snapshot sees, and sum up what the same snapshot sees."""
    with connect(settings, "flyover_owner") as connection:
        connection.execute("set transaction isolation level repeatable read read only")
        row = connection.execute("select pg_export_snapshot()").fetchone()
        assert row is not None  # noqa: S101 - a function gives a row
        run(
            settings,
            "pg_dump",
            [
                "--format=custom",
                "--compress=gzip:1",
                "--enable-row-security",
                f"--snapshot={row[0]}",
                f"--file={target}",
                settings.pg_database,
            ],
        )
        say(f"database: {target.stat().st_size / 2**20:,.0f} MiB written")
        sums = checksums(connection)
    say(f"database: {len(sums):,} tables, {sum(rows for rows, _ in sums.values()):,} rows summed up")
    return sums


def _originals(settings: Settings, target: Path) -> int:
    """Copy sealed originals; one whose retention ends meanwhile is passed over."""
    copied = 0
    for path in sorted(settings.intake_dir.glob("*/*.sealed")):
        place = target / path.parent.name / path.name
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            shutil.copy2(path, place)
        except FileNotFoundError:
            continue
        copied += 1
    return copied


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fingerprint_of_keys(settings: Settings) -> str:
    """Tells other keys, and nothing about these."""
    secrets = settings.secrets
    return hashlib.blake2b(
        b"keys of a copy", key=secrets.vault_master_key + secrets.intake_key[:32], digest_size=16
    ).hexdigest()


_TABLES = """
select n.nspname, c.relname
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where c.relkind = 'r' and n.nspname <> all(%(not_ours)s) and n.nspname !~ '^pg_'
order by 1, 2
"""
