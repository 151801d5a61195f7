"""Which indicators there are, what they stand at, and what they should come to: for the command line and the pages."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.db import Connection, connect
from pipeline.settings import Settings
from release.tables import PROVINCE

READER = "policymaker"
_STANDING = """
select
    v.indicator_code, v.method, v.realm, d.name_zh, d.name_en, v.period, v.value, v.unit, v.status, v.status_note,
    v.definition_version, v.dimension, v.member
from mart.current_indicator_value as v
left join mart.indicator_definition as d
    on v.indicator_code = d.indicator_code and v.method = d.method and v.definition_version = d.definition_version
where v.area_code = %(area)s
    and (%(code)s::text is null or v.indicator_code = %(code)s)
    and (%(code)s::text is not null or v.dimension = 'total')
    and (
        %(code)s::text is not null
        or v.period = (
            select max(o.period) from mart.current_indicator_value as o
            where o.indicator_code = v.indicator_code and o.method = v.method and o.realm = v.realm
                and o.area_code = v.area_code and o.dimension = 'total'
        )
    )
order by v.realm, v.indicator_code, v.method, v.period, v.dimension, v.member
"""
_TARGETS = """
select distinct on (realm, indicator_code, method)
    realm, indicator_code, method, target_value, target_year, nullif(document_title, '')
from mart.target
where area_code = %s
order by realm, indicator_code, method, target_year desc, issued_date desc
"""


@dataclass(frozen=True)
class Target:
    """What a plan says an indicator should come to."""

    value: float
    year: int
    document: str | None


@dataclass(frozen=True)
class Standing:
    """One indicator of one area as the current release shows it."""

    indicator_code: str
    method: str
    realm: str
    name_zh: str | None
    name_en: str | None
    period: str
    value: float | None
    unit: str
    status: str
    status_note: str | None
    definition_version: int
    dimension: str
    member: str
    target: Target | None


@dataclass(frozen=True)
class Gap:
    """A return that is missing, where it is to be sent, and how many numbers wait for it."""

    indicator_code: str
    method: str
    realm: str
    missing_return: str
    send_to_sources: tuple[str, ...]
    numbers: int


def standing(settings: Settings, area_code: str = PROVINCE, indicator_code: str | None = None) -> list[Standing]:
    """Every indicator of an area with its latest number; of one indicator all its periods and breakdowns."""
    with connect(settings, READER) as connection:
        targets = _targets(connection, area_code)
        rows = connection.execute(_STANDING, {"area": area_code, "code": indicator_code}).fetchall()
    return [Standing(*(*row, targets.get((row[2], row[0], row[1])))) for row in rows]


def gaps(settings: Settings) -> list[Gap]:
    """What the current release could not compute, by the return that is missing."""
    with connect(settings, READER) as connection:
        rows = connection.execute(
            "select indicator_code, method, realm, missing_return, send_to_sources, count(*) from mart.data_gap "
            "group by 1, 2, 3, 4, 5 order by 3, 1, 2, 4"
        ).fetchall()
    return [Gap(code, method, realm, missing, tuple(sources), n) for code, method, realm, missing, sources, n in rows]


def _targets(connection: Connection, area_code: str) -> dict[tuple[str, str, str], Target]:
    rows = connection.execute(_TARGETS, (area_code,)).fetchall()
    return {tuple(where): Target(float(value), year, title) for *where, value, year, title in rows}
