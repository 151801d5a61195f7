"""Writes into mart why a release's numbers are what they are: the agencies behind each, and what it changed.

Told by lineage, hence after publishing and not in its transaction: a project that cannot be read must not hold a
release up. Agencies and entities are named, deliveries are counted; no key of a delivery leaves quality. Once written
for a release it stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors import registry
from connectors.registry import Agency
from pipeline import locks
from pipeline.db import Connection, connect
from pipeline.errors import BadInput
from pipeline.settings import Settings
from release import lineage, revisions
from release.derive import KINDS
from release.publish import ROLE
from release.trace import makers

_SERIES = """
select
    indicator_code, method, realm,
    case when indicator_code = any(%s) then split_part(dimension, '.', 1) else indicator_code end as made_of
from mart.indicator_value where release_id = %s group by 1, 2, 3, 4 order by 1, 2, 3, 4
"""
_DELIVERIES = """
select source || '.' || entity, agency_code, count(*)::integer, max(first_landed_at)
from quality.batch
where status = 'released' and released > 0 and released_seq <= %s and first_landed_at is not null
group by 1, 2
"""
Series = tuple[str, str, str]
"""Indicator, method and realm."""


@dataclass
class _Source:
    """What one agency gave to one series."""

    entities: set[str] = field(default_factory=set)
    batches: int = 0
    newest: Any = None


def explain(settings: Settings) -> bool:
    """Write the reasons of the current release, unless they are there; whether there was something to do.

    :raises release.build.BuildFailed: when the project cannot be read
    """
    with connect(settings, ROLE) as connection:
        # one at a time: whoever comes second finds it written
        connection.execute("select pg_advisory_xact_lock(%s)", (locks.REASONS,))
        row = connection.execute(
            "select r.release_id, r.released_seq from mart.current_release as c "
            "inner join mart.release as r on c.release_id = r.release_id "
            "where not exists (select from mart.explained as e where e.release_id = r.release_id)"
        ).fetchone()
        if row is None:
            return False
        release_id, released_seq = row
        agencies = registry.load_all(settings.agencies_dir)
        _write_sources(settings, connection, release_id, released_seq, agencies)
        _write_changes(settings, connection, release_id, agencies)
        connection.execute("insert into mart.explained (release_id) values (%s)", (release_id,))
        return True


def _write_sources(
    settings: Settings, connection: Connection, release_id: int, released_seq: int, agencies: Mapping[str, Agency]
) -> None:
    made_of: dict[Series, set[str]] = defaultdict(set)
    for indicator, method, realm, source in connection.execute(_SERIES, (sorted(KINDS), release_id)):
        made_of[indicator, method, realm].add(source)
    above = {code: set(lineage.entities_above(settings, models)) for code, models in makers(connection).items()}
    deliveries = connection.execute(_DELIVERIES, (released_seq,)).fetchall()
    rows = [
        (
            release_id, *series, code, *_named(agencies, code), sorted(source.entities), source.batches,
            source.newest,
        )
        for series, codes in made_of.items()
        for code, source in _sources(series, _entities(codes, above), deliveries, agencies).items()
    ]  # fmt: skip
    connection.cursor().executemany(
        "insert into mart.indicator_source (release_id, indicator_code, method, realm, agency_code, agency_name_zh, "
        "agency_name_en, entities, batches, newest) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        rows,
    )


def _entities(codes: Iterable[str], above: Mapping[str, set[tuple[str, str]]]) -> set[str]:
    return {f"{source}.{entity}" for code in codes for source, entity in above.get(code, ())}


def _sources(
    series: Series, entities: Collection[str], deliveries: Iterable[tuple[Any, ...]], agencies: Mapping[str, Agency]
) -> dict[str, _Source]:
    found: dict[str, _Source] = {}
    for entity, code, batches, newest in deliveries:
        agency = agencies.get(code)
        if entity in entities and agency is not None and agency.realm == series[2]:
            source = found.setdefault(code, _Source())
            source.entities.add(entity)
            source.batches += batches
            source.newest = newest if source.newest is None else max(source.newest, newest)
    return found


def _write_changes(settings: Settings, connection: Connection, release_id: int, agencies: Mapping[str, Agency]) -> None:
    try:
        found = revisions.between(settings, later=release_id)
    except BadInput:  # the first release changes nothing
        return
    with connection.cursor().copy(
        "copy mart.revision (release_id, earlier_release_id, indicator_code, method, realm, area_code, period, "
        "dimension, member, old_status, old_value, new_status, new_value, why) from stdin"
    ) as copy:
        for revision in found.revisions:
            old, new, where = revision.change.before, revision.change.after, revision.change.slice
            copy.write_row((
                found.later, found.earlier, where.indicator_code, where.method, where.realm, where.area_code,
                where.period, where.dimension, where.member, old and old.status, old and old.value,
                new and new.status, new and new.value, revision.because,
            ))  # fmt: skip
    connection.cursor().executemany(
        "insert into mart.revision_delivery (release_id, indicator_code, realm, agency_code, agency_name_zh, "
        "agency_name_en, entity, what, deliveries, newest) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            (found.later, indicator, realm, code, *_named(agencies, code), entity, what, count, newest)
            for (indicator, realm, code, entity, what), (count, newest) in _moved(found).items()
        ],
    )


def _moved(found: revisions.Revisions) -> dict[tuple[str, str, str, str, str], tuple[int, Any]]:
    """Deliveries behind each indicator's changes: how many, and when the newest arrived."""
    batches: dict[tuple[str, str, str, str, str], dict[Any, Any]] = defaultdict(dict)
    for revision in found.revisions:
        where = revision.change.slice
        for batch in revision.batches:
            key = where.indicator_code, where.realm, batch.agency_code, f"{batch.source}.{batch.entity}", batch.status
            batches[key][batch.batch_id] = batch.delivered_at
    return {
        key: (len(moments), max((moment for moment in moments.values() if moment), default=None))
        for key, moments in batches.items()
    }


def _named(agencies: Mapping[str, Agency], code: str) -> tuple[str, str]:
    agency = agencies.get(code)
    return (agency.name_zh, agency.name_en) if agency else (code, code)
