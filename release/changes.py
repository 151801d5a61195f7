"""What has moved since core was last built whole, so that a build runs only the models that can come out different.

A build runs the models below every entity of which a batch was judged, withdrawn or waived since, and below the links
of persons where those moved; all the others hold what they would be made to hold again. When the project's own files
have changed (a model, a seed), or nothing is known of a build before, everything runs. The state is written only when a
build ends well: what failed is run again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import locks
from pipeline.db import Connection

_TABLE = """
create table if not exists intermediate.whole_build (
    is_only boolean primary key default true check (is_only),
    released_seq bigint not null,
    project text not null,
    registry text not null,
    built_at timestamptz not null default now()
)
"""
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
insert into intermediate.whole_build (released_seq, project, registry) values (%s, %s, %s)
on conflict (is_only) do update set released_seq = excluded.released_seq, project = excluded.project,
    registry = excluded.registry, built_at = now()
"""
_WRITTEN_BY_DBT = ("target", "logs")


@dataclass(frozen=True)
class Changes:
    """One look at what a build must take in. ``selectors`` are dbt's; None means everything, empty nothing at all."""

    released_seq: int
    project: str
    registry: str
    selectors: tuple[str, ...] | None


def look(connection: Connection, project: Path, registry: str) -> Changes:
    """Compare what is released with what the last whole build had seen; ``registry`` stands for the agencies."""
    connection.execute(_TABLE)
    seen, text = _released_seq(connection), digest(project)
    before = connection.execute("select released_seq, project, registry from intermediate.whole_build").fetchone()
    if before is None or before[1] != text:
        return Changes(seen, text, registry, None)
    moved = connection.execute(_MOVED, {"since": before[0]}).fetchall()
    selectors = [f"source:{source}.{entity}+" for source, entity in moved]
    if before[2] != registry:
        selectors.append("source:registry.agencies+")
    return Changes(seen, text, registry, tuple(selectors))


def remember(connection: Connection, changes: Changes) -> None:
    """Say that core holds everything of this look."""
    connection.execute(_REMEMBER, (changes.released_seq, changes.project, changes.registry))


def is_project_changed(connection: Connection, project: Path) -> bool:
    """Whether the project's files are others than those that core was last built whole by."""
    connection.execute(_TABLE)
    before = connection.execute("select project from intermediate.whole_build").fetchone()
    return before is None or before[0] != digest(project)


def _released_seq(connection: Connection) -> int:
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
