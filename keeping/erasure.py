"""Erases one person from everything we keep. What is left is the list of whom never to take in again.

In one transaction: lines of outbox, landing and quarantine are emptied, side-cars, vault, links and postings deleted
with the person's data key, and the person put on ``vault.erased``. Then what lies outside the database follows: kept
originals of the agencies concerned, reports, and core, which is built anew. Every step may be repeated.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from connectors import data_keys, pull, registry
from expectations.reports import report
from keeping import blanks, erased_list, whose
from keeping.whose import Traces
from pipeline import sealing
from pipeline.db import SQL, Connection, connect, patiently
from pipeline.settings import Settings
from release import build

Say = Callable[[str], None]
Find = Callable[[Connection[Any], Settings], Traces]
OWNER = "flyover_owner"
_SHORTEST_WORD = 4
_SEARCHED = ("resident_id", "account", "email", "phone")


@dataclass(frozen=True)
class Erasure:
    """What an erasure did: rows by where they were, kept originals removed, agencies whose records they were."""

    erasure_id: uuid.UUID
    rows: Mapping[str, int]
    originals: int
    agencies: tuple[str, ...]
    in_core: bool
    """core knew the person when it began"""


def look(settings: Settings, find: Find) -> Traces:
    """What an erasure would be about; nothing is changed."""
    with connect(settings, OWNER) as connection:
        return find(connection, settings)


def erase(settings: Settings, find: Find, *, by: str, reason: str, say: Say = lambda _: None) -> Erasure:
    """Erase a person everywhere, and build core and reports without them.

    :raises BadInput: when nobody is found
    """
    done = patiently(lambda: _in_the_database(settings, find, by, reason))
    say(f"database: {', '.join(f'{rows:,} {place}' for place, rows in done.rows.items()) or 'nothing was there'}")
    originals = sum(_originals(settings, agency) for agency in done.agencies)
    say(f"intake: {originals:,} kept originals of {', '.join(done.agencies) or 'nobody'} removed")
    if _build_anew(settings, is_needed=bool(done.rows) or done.in_core):
        say("core: built anew")
    _reports(settings)
    _sweep(settings)
    say("reports: written anew; the space of the rows is free to be written over")
    return replace(done, originals=originals)


def again(settings: Settings, subjects: Iterable[str], say: Say = lambda _: None) -> Mapping[str, int]:
    """Erase those of a list from a restored copy of the database, and put them on its list."""
    wanted = list(subjects)
    if not wanted:
        return {}
    done = patiently(
        lambda: _in_the_database(
            settings, lambda c, s: whose.of_subjects(c, s, wanted), "restore", "erased before", also=wanted
        )
    )
    if done.rows:
        say(f"erased persons: {sum(done.rows.values()):,} rows emptied or deleted again")
        _build_anew(settings, is_needed=True)
        _sweep(settings)
    return done.rows


def _build_anew(settings: Settings, *, is_needed: bool) -> bool:
    """Build core from what is left, where it was ever built."""
    with connect(settings, OWNER) as connection:
        built = whose.is_built(connection)
    if is_needed and built:
        build.build_warehouse(settings, full_refresh=True)
    return is_needed and built


def _in_the_database(settings: Settings, find: Find, by: str, reason: str, also: Iterable[str] = ()) -> Erasure:
    known, erasure_id = whose.by_table(settings), uuid.uuid4()
    with connect(settings, OWNER) as connection:
        # Whoever stages, sends or lands reads this list in the transaction it writes in: they end, or wait for us.
        connection.execute("lock table vault.erased in access exclusive mode")
        found = find(connection, settings)
        unread = _unread(connection, settings, found)
        rows = blanks.empty(connection, known, found) | blanks.forget_who(connection, found)
        for record in unread:
            blanks.blank_sealed(connection, record)
        rows |= {"unread rows": len(unread)} if unread else {}
        connection.execute(
            "insert into vault.erased (subject, erasure_id) select unnest(%s::text[]), %s on conflict do nothing",
            (sorted({*found.subjects(known), *also}), erasure_id),
        )
        agencies = tuple(sorted({record.agency_code for record in found.records}))
        connection.execute(
            "insert into audit.entry (actor, action, object, detail) values (%s, 'person.erased', %s, %s)",
            (by, f"erasure {erasure_id}", json.dumps({"reason": reason, "rows": rows, "agencies": agencies})),
        )
        erased_list.keep(settings, connection)  # before the commit: a copy restored later must know
    return Erasure(erasure_id, rows, 0, agencies, bool(found.learners))


def _unread(connection: Connection[Any], settings: Settings, found: Traces) -> list[tuple[str, int]]:
    """Rows that could not be parsed or typed and whose sealed text names the person, by table and number."""
    words = {word.encode() for word in _words(connection, settings, found)}
    agencies = sorted({record.agency_code for record in found.records})
    rows = connection.execute(
        "select entity_table, quarantine_id, sealed from quarantine.entry "
        "where agency_code = any(%s) and sealed is not null",
        (agencies,),
    )
    key = settings.secrets.quarantine_key
    return [
        (table, number)
        for table, number, sealed in rows
        if any(word in sealing.unseal(key, sealed, b"quarantine:" + table.encode()) for word in words)
    ]


def _words(connection: Connection[Any], settings: Settings, found: Traces) -> set[str]:
    """By what a row that nobody could read would name the person: numbers and addresses of theirs, not names."""
    known = whose.by_table(settings)
    words = {record.record_id for record in found.records if known[record.table].identifier_fields}
    subjects = found.subjects(known)
    keys = data_keys.known(connection, settings.secrets.vault_master_key, subjects)
    rows = connection.execute(
        "select subject, sealed from vault.identity where subject = any(%(subjects)s) "
        "union all select subject, sealed from connect.identity_outbox where subject = any(%(subjects)s)",
        {"subjects": subjects},
    )
    for subject, sealed in rows:
        with suppress(KeyError, sealing.SealBroken):  # its key is gone already, or it was sealed with another
            said = msgspec.json.decode(sealing.unseal(keys[subject], sealed, data_keys.context(subject)))
            words |= {value for name, value in said.items() if name.partition(".")[0] in _SEARCHED}
    return {word for word in words if len(word) >= _SHORTEST_WORD}


def _originals(settings: Settings, agency_code: str) -> int:
    """Remove an agency's kept originals, and what lies staged in its drop folder.

    An original is one sealed stream with everybody of a delivery in it, and it cannot be told which hold a person
    whose rows were the same as before: all of the agency go. What the agency sends next says everything anew.
    """
    kept = sorted((settings.intake_dir / agency_code).glob("*.sealed*"))
    for path in kept:
        path.unlink(missing_ok=True)
    agency = registry.load_all(settings.agencies_dir).get(agency_code)
    folder = settings.drop_dir / agency_code
    if agency is not None and folder.is_dir():
        waiting = set(pull.pending_origins(settings, agency))
        for path in folder.iterdir():
            if path not in waiting and not path.name.startswith(".") and not path.name.endswith(pull.UNFINISHED):
                kept.append(path)
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    return len(kept)


def _reports(settings: Settings) -> None:
    """Write the quality report anew: its pages show keys of rows to those who may see them."""
    folder = settings.reports_dir / report.FOLDER
    if folder.is_dir():
        shutil.rmtree(folder)
        report.write(settings)


def _sweep(settings: Settings) -> None:
    """Free the space of rows that are no more, so that the next rows are written over them."""
    with connect(settings, OWNER, autocommit=True) as connection:
        tables = connection.execute(_TOUCHED).fetchall()
        for (table,) in tables:
            connection.execute(SQL("vacuum {}").format(SQL(table)))


_TOUCHED = """
select c.oid::regclass::text
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
inner join pg_stat_user_tables as s on c.oid = s.relid
where n.nspname in ('connect', 'landing', 'quarantine', 'vault', 'persons', 'ledger') and c.relkind = 'r'
    and s.n_dead_tup > 0 and pg_catalog.pg_get_userbyid(c.relowner) = current_user
"""
