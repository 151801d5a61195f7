"""What a release changed in numbers that an earlier one had shown, by how much, and because of which batches.

A number of persons that changed by a few is withheld (release/disclosure.py), so every difference told here is one
that may be. The batches that are the reason are those judged, withdrawn or waived between the two releases that reach
the indicator by lineage; where only the definition's version rose, the definition is the reason, and where neither did,
the models are (another dbt project made the release).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from connectors import registry
from pipeline.db import Connection, connect
from pipeline.errors import BadInput
from pipeline.settings import Settings
from release import lineage
from release.candidates import Slice
from release.derive import KINDS
from release.differences import NumberChange, numbers
from release.picture import Figure, Picture
from release.trace import READER, makers

Because = Literal["data", "definition", "models", "nothing known"]
_FIGURES = """
select
    indicator_code, method, realm, area_code, period, dimension, member, value, numerator, denominator, status, unit,
    definition_version
from mart.indicator_value
where release_id = %s and (%s::text is null or indicator_code = %s)
"""
_MOVED = """
select b.batch_id, b.agency_code, b.source, b.entity, b.status, b.first_landed_at, b.released
from quality.batch as b
where greatest(
    b.released_seq,
    (
        select max(q.released_seq) from quarantine.entry as q where q.batch_id = b.batch_id
    )
) between %s + 1 and %s
order by b.agency_code, b.source, b.entity, b.released_seq
"""


@dataclass(frozen=True)
class MovedBatch:
    """A batch that came in, or went, between two releases. ``status`` is what it is today."""

    batch_id: uuid.UUID
    agency_code: str
    source: str
    entity: str
    status: str
    delivered_at: dt.datetime | None
    rows: int


@dataclass(frozen=True)
class Revision:
    """One number that reads otherwise, and why."""

    change: NumberChange
    because: Because
    batches: tuple[MovedBatch, ...]


@dataclass(frozen=True)
class Revisions:
    """Everything that changed between two releases, of one indicator or of all."""

    earlier: int
    later: int
    revisions: tuple[Revision, ...]


@dataclass(frozen=True)
class _Release:
    release_id: int
    released_seq: int
    project_digest: str | None


def between(
    settings: Settings, earlier: int | None = None, later: int | None = None, *, indicator: str | None = None
) -> Revisions:
    """Compare two releases, by default the current one with the one before it.

    :raises BadInput: when there is no such release, or nothing before the current one
    """
    with connect(settings, READER) as connection:
        first, second = _pair(connection, earlier, later)
        changes = numbers(_picture(connection, first, indicator), _picture(connection, second, indicator))
        moved = _moved(connection, first, second)
        reach = _Reach(settings, connection)
        return Revisions(
            first.release_id,
            second.release_id,
            tuple(_revision(change, moved, reach, first, second) for change in changes),
        )


class _Reach:
    """Which batches can reach which indicators, asked once an indicator."""

    def __init__(self, settings: Settings, connection: Connection) -> None:
        self._settings, self._makers = settings, makers(connection)
        self._agencies = registry.load_all(settings.agencies_dir)
        self._entities: dict[str, Collection[tuple[str, str]]] = {}

    def reaches(self, batch: MovedBatch, where: Slice) -> bool:
        code = where.dimension.split(".")[0] if where.indicator_code in KINDS else where.indicator_code
        if code not in self._entities:
            self._entities[code] = lineage.entities_above(self._settings, self._makers.get(code, []))
        agency = self._agencies.get(batch.agency_code)
        return (batch.source, batch.entity) in self._entities[code] and (agency is None or agency.realm == where.realm)


def _revision(
    change: NumberChange, moved: Collection[MovedBatch], reach: _Reach, first: _Release, second: _Release
) -> Revision:
    batches = tuple(batch for batch in moved if reach.reaches(batch, change.slice))
    return Revision(change, _because(change, batches, first, second), batches)


def _because(change: NumberChange, batches: Collection[MovedBatch], first: _Release, second: _Release) -> Because:
    before, after = change.before, change.after
    if before is not None and after is not None and before.definition_version != after.definition_version:
        return "definition"
    if batches:
        return "data"
    return "models" if first.project_digest != second.project_digest else "nothing known"


def _pair(connection: Connection, earlier: int | None, later: int | None) -> tuple[_Release, _Release]:
    releases = {
        row[0]: _Release(*row)
        for row in connection.execute("select release_id, released_seq, project_digest from mart.release")
    }
    current = connection.execute("select release_id from mart.current_release").fetchone()
    later = later if later is not None else current[0] if current else None
    before = [number for number in releases if later is not None and number < later]
    earlier = earlier if earlier is not None else max(before, default=None)
    for number in (earlier, later):
        if number not in releases:
            raise BadInput(
                f"there is no release {number}" if number is not None else "there are no two releases to compare",
                advice="select release_id, published_at from mart.release lists those there are.",
            )
    return releases[earlier], releases[later]


def _picture(connection: Connection, release: _Release, indicator: str | None) -> Picture:
    rows = connection.execute(_FIGURES, (release.release_id, indicator, indicator))
    return Picture({}, {}, {}, {Slice(*row[:7]): Figure(*row[7:]) for row in rows})


def _moved(connection: Connection, first: _Release, second: _Release) -> tuple[MovedBatch, ...]:
    low, high = sorted((first.released_seq, second.released_seq))
    return tuple(MovedBatch(*row) for row in connection.execute(_MOVED, (low, high)))
