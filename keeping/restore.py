"""Brings a copy back: beside the database that is there, proven equal, the erased erased again, then put in its place.

Until the copy stands proven nothing of what is there is touched. What was handed in since the copy is no longer known;
files that still lie in drop folders are staged again. Topics are deleted, since they hold events the copy never heard
of; what had not landed by the copy is sent again from its outbox.
"""

from __future__ import annotations

import secrets as random
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from connectors import producer
from keeping import backup, erased_list, erasure
from pipeline import kafka, migrations, names
from pipeline.contracts import load_all
from pipeline.db import SQL, Connection, Identifier, connect
from pipeline.errors import SystemTrouble
from pipeline.settings import Settings
from stack import database

Say = Callable[[str], None]


@dataclass(frozen=True)
class Restored:
    """What a restore did. ``erased_again`` counts rows of persons erased since the copy."""

    tables: int
    rows: int
    erased_again: int
    sent_again: int


def restore(settings: Settings, folder: Path, *, say: Say = lambda _: None) -> Restored:
    """Put a copy in the place of the database; stages must not run meanwhile (``./flyover down`` Airflow first).

    :raises BadInput: when the folder is no whole copy of ours
    :raises SystemTrouble: when a table of the copy is not as it was; what was there stays
    """
    manifest = backup.read_manifest(settings, folder)
    beside = replace(settings, pg_database=f"{settings.pg_database}_restoring_{random.token_hex(3)}")
    gone = set(manifest["erased"]) | erased_list.read(settings) | _erased_now(settings)
    with _administrator(settings) as server:
        server.execute(SQL("create database {} owner flyover_owner").format(Identifier(beside.pg_database)))
        try:
            _fill(beside, folder / backup.DUMP, manifest["tables"], say)
            database.bootstrap(beside)
            applied = migrations.apply(beside)
            say(f"warehouse: {len(applied)} migrations applied since" if applied else "warehouse: of this release")
            again = erasure.again(beside, gone, say)
            sent = producer.unlanded(beside)
            _put_in_place(server, settings.pg_database, beside.pg_database)
        except BaseException:
            server.execute(SQL("drop database if exists {} with (force)").format(Identifier(beside.pg_database)))
            raise
    say(f"database: {settings.pg_database} is the copy of {manifest['taken_at']}")
    erased_list.write(settings, gone)
    _originals(settings, folder, with_erased=bool(again))
    _empty_topics(settings)
    if sent:
        producer.resend(settings, sent)
        say(f"Kafka: {len(sent):,} batches that had not landed are sent again")
    return Restored(len(manifest["tables"]), sum(rows for rows, _ in manifest["tables"].values()),
                    sum(again.values()), len(sent))  # fmt: skip


def _fill(beside: Settings, dump: Path, wanted: Mapping[str, list[Any]], say: Say) -> None:
    """Restore the dump and hold every table against what it was."""
    backup.run(
        beside,
        "pg_restore",
        ["--exit-on-error", f"--jobs={backup.JOBS}", f"--dbname={beside.pg_database}", str(dump)],
    )
    with connect(beside, "flyover_owner") as connection:
        found = backup.checksums(connection)
    odd = sorted(
        table for table in wanted.keys() | found.keys() if tuple(wanted.get(table, ())) != found.get(table, ())
    )
    if odd:
        raise SystemTrouble(f"the copy is not what it was: {', '.join(odd[:5])}; what was there stays")
    say(f"database: {len(found):,} tables restored, each equal to the moment of the copy")


def _erased_now(settings: Settings) -> set[str]:
    """Whom the database that is to be replaced knows as erased; nobody where it is lost."""
    try:
        with connect(settings, "flyover_owner") as connection:
            return {subject for (subject,) in connection.execute("select subject from vault.erased")}
    except SystemTrouble:
        return set()


@contextmanager
def _administrator(settings: Settings) -> Iterator[Connection[Any]]:
    user, password = backup.administrator(settings)
    secrets = replace(settings.secrets, pg_passwords={**settings.secrets.pg_passwords, user: password})
    with connect(replace(settings, pg_database="postgres", secrets=secrets), user, autocommit=True) as server:
        yield server


def _put_in_place(server: Connection[Any], name: str, restored: str) -> None:
    """Two renames: whoever connects meets the old database, none for a moment, or the restored one."""
    old = f"{name}_replaced_{random.token_hex(3)}"
    for present_name in (name, restored):
        server.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pid <> pg_backend_pid()",
            (present_name,),
        )
    present = server.execute("select from pg_database where datname = %s", (name,)).fetchone() is not None
    rename = SQL("alter database {} rename to {}")
    if present:
        server.execute(rename.format(Identifier(name), Identifier(old)))
    server.execute(rename.format(Identifier(restored), Identifier(name)))
    if present:
        server.execute(SQL("drop database {} with (force)").format(Identifier(old)))


def _originals(settings: Settings, folder: Path, *, with_erased: bool) -> None:
    """Put kept originals back beside those that are there; none, where the copy held somebody erased since."""
    if with_erased:
        return
    for path in sorted((folder / backup.ORIGINALS).glob("*/*.sealed")):
        place = settings.intake_dir / path.parent.name / path.name
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copy2(path, place)


def _empty_topics(settings: Settings) -> None:
    kafka.remove_topics(settings, [*(c.topic for c in load_all(settings.contracts_dir).values()), names.VAULT_TOPIC])
