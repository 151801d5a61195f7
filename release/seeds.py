"""Carries the registry of agencies into the warehouse, where dbt reads it as a source.

The registry is the yml files of ``connectors/agencies``; it is written whole before every build, so an agency that
was added, renamed or moved out of the province is right in the next one.
"""

from __future__ import annotations

import hashlib

from connectors import registry
from pipeline.db import connect
from pipeline.settings import Settings

_TABLE = """
create table if not exists staging.agencies (
    agency_code text primary key,
    sector_code text not null,
    source_name text not null,
    area_code text not null check (area_code in ('province', 'simulated', 'outside')),
    agency_name_zh text not null,
    agency_name_en text not null,
    time_zone text not null
)
"""

_LATER_COLUMN = "alter table staging.agencies add column if not exists time_zone text not null"
"""A database of an earlier version has the table without it; added while the table is empty."""


def write_agencies(settings: Settings) -> str:
    """Write ``staging.agencies`` from the registry, whole and in one transaction; returns a checksum of its rows."""
    agencies = registry.load_all(settings.agencies_dir).values()
    rows = [(a.agency_code, a.sector, a.source, a.area, a.name_zh, a.name_en, a.time_zone) for a in agencies]
    with connect(settings, "flyover_dbt") as connection:
        connection.execute(_TABLE)
        connection.execute("delete from staging.agencies")
        connection.execute(_LATER_COLUMN)
        connection.cursor().executemany("insert into staging.agencies values (%s, %s, %s, %s, %s, %s, %s)", rows)
    return hashlib.sha256(repr(sorted(rows)).encode()).hexdigest()
