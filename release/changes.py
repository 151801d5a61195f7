"""What has moved since a part of the warehouse was last built whole, so that a build runs only what can come out other.

A build runs the models below every entity of which a batch was judged, withdrawn or waived since, and below the links
of persons where those moved; all the others hold what they would be made to hold again. When the project's own files
have changed (a model, a seed), or nothing is known of a build before, everything runs. The state is written only when a
build ends well: what failed is run again. Core (see :mod:`release.parts`) follows what is released, the indicators
follow core.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import locks
from pipeline.db import Connection
from release.parts import Part

_BOOKS = """
create table if not exists intermediate.part_built (
    part text primary key,
    released_seq bigint not null,
    project text not null,
    registry text not null,
    built_at timestamptz not null default clock_timestamp(),
    waiting_since timestamptz
);
create table if not exists intermediate.build_bound (
    is_only boolean primary key default true check (is_only),
    released_seq bigint not null,
    opened_at timestamptz not null
);
alter table intermediate.build_bound add column if not exists since_seq bigint not null default -1;
alter table intermediate.build_bound add column if not exists is_whole boolean not null default true;
create table if not exists intermediate.watermark (
    model_name text not null,
    input_name text not null,
    released_seq bigint not null,
    definition text,
    primary key (model_name, input_name)
);
alter table intermediate.watermark add column if not exists definition text;
create table if not exists intermediate.moved (
    model_name text not null,
    agency_code text,
    learner_key uuid,
    moved_date date
);
grant select on intermediate.build_bound to flyover_linker;
drop table if exists intermediate.whole_build
"""
"""``build_bound`` is how far a build reads, above what its tests read (-1: all), and whether it makes everything;
``watermark`` how far the parts of a fact have taken in their inputs, ``moved`` what that came to;
``part_built.waiting_since`` is since when core holds what the indicators do not."""
_MOVED = """
select source, entity from quality.batch where released_seq > %(since)s
union
select split_part(entity_table, '__', 1), split_part(entity_table, '__', 2) from quarantine.entry
where released_seq > %(since)s
union
select 'persons', 'link' from persons.link where released_seq > %(since)s or superseded_seq > %(since)s
union
select 'persons', 'alias' from persons.alias where released_seq > %(since)s or superseded_seq > %(since)s
union
select 'ledger', 'entries' from ledger.run where released_seq > %(since)s
order by 1, 2
"""
_REMEMBER = """
insert into intermediate.part_built (part, released_seq, project, registry) values (%s, %s, %s, %s)
on conflict (part) do update set released_seq = excluded.released_seq, project = excluded.project,
    registry = excluded.registry, built_at = excluded.built_at
"""
_BUILT = "select released_seq, project, registry from intermediate.part_built where part = %s"
_WAITING = """
update intermediate.part_built set waiting_since = coalesce(waiting_since, clock_timestamp())
where part = 'core' and %(is_new)s
"""
_BOUND = """
insert into intermediate.build_bound (released_seq, opened_at) values (%s, clock_timestamp())
on conflict (is_only) do update set released_seq = excluded.released_seq, opened_at = excluded.opened_at
"""
_EXTENT = "update intermediate.build_bound set since_seq = %s, is_whole = %s"
_TO_BE_MADE_ANEW = "update intermediate.part_built set project = '' where part = any(%s)"
_WRITTEN_BY_DBT = ("target", "logs")


@dataclass(frozen=True)
class Changes:
    """One look at what a part must take in. ``moved`` names the entities (``source.entity``); None: all of them."""

    part: Part
    released_seq: int
    project: str
    registry: str
    since_seq: int
    """how far the part reached before; -1 where it must be built anew"""
    moved: tuple[str, ...] | None


def look(connection: Connection, part: Part, project: Path, registry: str) -> Changes:
    """Compare what is released (for the indicators: what core holds) with what the part was last built from.

    ``registry`` stands for the agencies.
    """
    seen, text = _reach(connection, part), digest(project)
    before = connection.execute(_BUILT, (part,)).fetchone()
    if before is None or before[1] != text:
        return Changes(part, seen, text, registry, -1, None)
    moved = [f"{source}.{entity}" for source, entity in connection.execute(_MOVED, {"since": before[0]})]
    if before[2] != registry:
        moved.append("registry.agencies")
    return Changes(part, seen, text, registry, before[0], tuple(moved))


def open_books(connection: Connection) -> None:
    """Make the tables that builds keep their books in, unless they are there: others read them all the time."""
    if connection.execute("select to_regclass('intermediate.part_built')").fetchone() == (None,):
        connection.execute(_BOOKS)


def set_bound(connection: Connection, released_seq: int) -> None:
    """Fix how far a build reads.

    Models of one run would else see different releases, and what reached one input between two models would never be
    looked at again.
    """
    connection.execute(_BOUND, (released_seq,))


def begin(connection: Connection, found: Changes, *, is_whole: bool) -> None:
    """Write down what this build reads, for its models and tests.

    A build of everything replaces tables, and the views on them go: whatever becomes of it, what stands on them has to
    be made anew, too.
    """
    connection.execute(_EXTENT, (-1 if is_whole else found.since_seq, is_whole))
    if is_whole:
        connection.execute(_TO_BE_MADE_ANEW, ([found.part, "indicators"],))


def begin_selection(connection: Connection) -> None:
    """The same for a part that somebody chose: what stands is kept, tests read all of it."""
    connection.execute(_EXTENT, (-1, False))


def remember(connection: Connection, changes: Changes, *, is_new: bool) -> None:
    """Say that the part holds everything of this look; ``is_new`` where something had to run for it."""
    with connection.transaction():
        connection.execute(_REMEMBER, (changes.part, changes.released_seq, changes.project, changes.registry))
        if changes.part == "core":
            connection.execute(_WAITING, {"is_new": is_new})
        else:  # the last to ask what moved
            connection.execute("update intermediate.part_built set waiting_since = null")
            connection.execute("delete from intermediate.moved")


def _reach(connection: Connection, part: Part) -> int:
    if part == "core":
        return released_seq(connection)
    row = connection.execute("select coalesce(max(released_seq), 0) from intermediate.build_bound").fetchone()
    return int(row[0]) if row else 0


def is_project_changed(connection: Connection, project: Path) -> bool:
    """Whether the project's files are others than those that core was last built whole by."""
    open_books(connection)
    before = connection.execute(_BUILT, ("core",)).fetchone()
    return before is None or before[1] != digest(project)


def released_seq(connection: Connection) -> int:
    """The highest number given and committed: whoever takes one holds the lock until commit."""
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (locks.RELEASED_SEQ,))
        row: Any = connection.execute(
            "select case when is_called then last_value else 0 end from quality.released_seq"
        ).fetchone()
    return int(row[0])


def digest(project: Path) -> str:
    """Checksum of the project's files: their names and their bytes."""
    digest = hashlib.sha256()
    for path in sorted(path for path in project.rglob("*") if path.is_file()):
        name = path.relative_to(project)
        if name.parts[0] not in _WRITTEN_BY_DBT:
            digest.update(f"{name}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
