"""What the releases before have shown of persons, for whoever keeps them all and subtracts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from pipeline.db import Connection
from release.candidates import Earlier, Shown, Slice, TableKey, Version
from release.tables import Cell

_SHOWN = """
select
    indicator_code, method, realm, area_code, period, dimension, member, unit, value, numerator, denominator,
    value_high, array_agg(release_id order by release_id)
from mart.indicator_value
where unit_of_count = 'person' and status = 'published' and status_note is null and value is not null
group by
    indicator_code, method, realm, area_code, period, dimension, member, unit, value, numerator, denominator, value_high
order by 1, 2, 3, 5
"""


def shown_before(connection: Connection) -> Earlier:
    """Every table of persons as each release showed it; releases that showed the same stand once."""
    by_table: dict[TableKey, dict[int, dict[Cell, Shown]]] = defaultdict(lambda: defaultdict(dict))
    for *where, unit, value, numerator, denominator, high, releases in connection.execute(_SHOWN):
        place = Slice(*where)
        heads = value if numerator is None and unit == "persons" else numerator
        shown = Shown(heads, denominator, _unlinked(unit, value, denominator, high))
        for release_id in releases:
            by_table[place.table][release_id][place.cell] = shown
    return {table: _distinct(versions.values()) for table, versions in by_table.items()}


def _unlinked(unit: str, value: float, denominator: float | None, high: float | None) -> float | None:
    """How many unlinked persons a bound has told of; see the macro sums_over_sums."""
    if high is None or not denominator:
        return None
    return round((high - value) * denominator / (100.0 if unit == "pct" else 1.0))


def _distinct(versions: Iterable[Version]) -> list[Version]:
    kept: dict[frozenset[tuple[Cell, Shown]], Version] = {}
    for version in versions:
        kept.setdefault(frozenset(version.items()), version)
    return list(kept.values())
