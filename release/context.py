"""Puts beside the numbers what they are about, in words: areas, breakdowns, targets, the subject of a definition.

Written whole at every publication, in its transaction, so that a reader of mart needs no other schema. What core does
not hold (it was never built whole) is left as it was; a member without a name is called by its code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.db import SQL, Connection, Identifier
from release.tables import PROVINCE

_AREAS = """
insert into mart.area (area_code, area_level, name_zh, name_en, parent_area_code, valid_from, valid_to, groups)
select
    division_code, division_level, division_name_zh, division_name_en,
    case division_level when 'county' then prefecture_code when 'prefecture' then %s end,
    nullif(first_day, date '0001-01-01'), valid_to,
    array_remove(array[
        case when is_mountain_island then 'mountain' end,
        case when is_mountain26_original then 'mountain26_2021' end,
        case when is_island and division_level = 'county' then 'island' end
    ], null)
from (
    select distinct on (division_code)
        d.*, min(valid_from) over (partition by division_code) as first_day
    from core.dim_division as d
    order by division_code, valid_from desc
) as latest
"""
_TARGETS = """
insert into mart.target (
    realm, indicator_code, method, area_code, target_year, document_no, target_value, unit, direction, document_title,
    issued_date, note
)
select
    realm, indicator_code, method, area_code, target_year, coalesce(document_no, ''), target_value, unit_code,
    direction_code, coalesce(document_title, ''), issued_date, note_text
from core.indicator_target
where comparison_code in ('compared', 'no_value_yet')
"""
_SEEN = "select distinct dimension, member from mart.indicator_value order by 1, 2"
_BETWEEN_ZH, _BETWEEN_EN = " · ", ", "
_PARTS: Mapping[str, tuple[str, str]] = {
    "size_band_by_stage": ("size_band", "stage"),
    "size_band_by_urban_rural": ("size_band", "urban_rural"),
    "field_occupation": ("field", "occupation"),
}
_GROUPINGS = {"total", "prefecture", "county_group", "county_group_fixed", "island"}
"""What a figure made of counties' figures may be grouped by."""
_OWN = {
    "withheld": ("不公布的数字", "Withheld numbers"),
    "total": ("全部县（市、区）", "All counties"),
    "none": ("不属于任何集团", "In no group"),
}
_LAST = 999


@dataclass(frozen=True)
class Dimension:
    """A breakdown and its names."""

    dimension: str
    name_zh: str
    name_en: str
    sort_order: int


@dataclass(frozen=True)
class Member:
    """A place in a breakdown and its names."""

    dimension: str
    member: str
    name_zh: str
    name_en: str
    sort_order: int


@dataclass(frozen=True)
class Words:
    """What names are taken from: the seeds, and the names of indicators by ``code.method``."""

    dimensions: Sequence[Dimension]
    members: Sequence[Member]
    indicators: Mapping[str, tuple[str, str]]


def write(connection: Connection) -> None:
    """Write all of it anew; the caller holds the publishing transaction."""
    if _has(connection, "dim_division"):
        connection.execute("delete from mart.area")
        connection.execute(_AREAS, (PROVINCE,))
    if _has(connection, "indicator_target"):
        connection.execute("delete from mart.target")
        connection.execute(_TARGETS)
    _write_subjects(connection)
    put_names(connection, _words(connection))


def put_names(connection: Connection, words: Words) -> None:
    """Name every breakdown and member that any release shows, and all that the seeds name."""
    seen = [(dimension, member) for dimension, member in connection.execute(_SEEN)]
    dimensions, members = named(words, seen)
    connection.execute("delete from mart.dimension_member")
    connection.execute("delete from mart.dimension")
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into mart.dimension (dimension, name_zh, name_en, sort_order) values (%s, %s, %s, %s)",
            [(d.dimension, d.name_zh, d.name_en, d.sort_order) for d in dimensions],
        )
        cursor.executemany(
            "insert into mart.dimension_member (dimension, member, name_zh, name_en, sort_order) "
            "values (%s, %s, %s, %s, %s)",
            [(m.dimension, m.member, m.name_zh, m.name_en, m.sort_order) for m in members],
        )


def named(words: Words, seen: Iterable[tuple[str, str]]) -> tuple[list[Dimension], list[Member]]:
    """Names of the seeds and of everything seen; composed ones from the names of their parts."""
    dimensions = {d.dimension: d for d in words.dimensions}
    members = {(m.dimension, m.member): m for m in words.members}
    for dimension, member in seen:
        if dimension not in dimensions:
            dimensions[dimension] = Dimension(dimension, *_called(words, dimension), _LAST)
        if (dimension, member) not in members:
            members[dimension, member] = _member(words, members, dimension, member)
    in_use = {dimension for dimension, _ in members}
    return (
        sorted((d for d in dimensions.values() if d.dimension in in_use), key=lambda d: (d.sort_order, d.dimension)),
        sorted(members.values(), key=lambda m: (m.dimension, m.sort_order, m.member)),
    )


def _called(words: Words, dimension: str) -> tuple[str, str]:
    return words.indicators.get(dimension, (dimension, dimension))


def _member(words: Words, known: Mapping[tuple[str, str], Member], dimension: str, member: str) -> Member:
    if (parts := _PARTS.get(dimension)) and member.count(":") == 1:
        both = [known.get((part, code)) for part, code in zip(parts, member.split(":"), strict=True)]
        if all(both):
            one, other = (part for part in both if part)
            zh, en = f"{one.name_zh}{_BETWEEN_ZH}{other.name_zh}", f"{one.name_en}{_BETWEEN_EN}{other.name_en}"
            return Member(dimension, member, zh, en, 100 * one.sort_order + other.sort_order)
    if dimension == "education_group":
        return Member(dimension, member, f"教育集团 {member}", f"Education group {member}", _LAST)
    if "." in dimension:
        return Member(dimension, member, *_of_derived(words, known, member), _LAST)
    return Member(dimension, member, member, member, _LAST)


def _of_derived(words: Words, known: Mapping[tuple[str, str], Member], member: str) -> tuple[str, str]:
    """Names of what a derived figure sets beside each other: two groups, a grouping of counties, another indicator."""
    if member in words.indicators:
        return words.indicators[member]
    if member in _GROUPINGS - {"total"}:
        return next(((d.name_zh, d.name_en) for d in words.dimensions if d.dimension == member), (member, member))
    if member in _OWN:
        return _OWN[member]
    a, _, b = member.partition("/")
    for dimension in dict.fromkeys(dimension for dimension, _ in known):
        one, other = known.get((dimension, a)), known.get((dimension, b))
        if one and other:
            return f"{one.name_zh}／{other.name_zh}", f"{one.name_en} / {other.name_en}"
    return member, member


def _words(connection: Connection) -> Words:
    dimensions = [Dimension(*row) for row in _rows(connection, "dimensions", Dimension)]
    members = [Member(*row) for row in _rows(connection, "dimension_members", Member)]
    if _has(connection, "occupation_majors"):
        members += of_occupations(
            connection.execute(
                "select occupation_major_code::text, name_zh, name_en from core.occupation_majors "
                "where occupation_scheme_code = 'GBT6565' order by 1"
            ).fetchall()
        )
    if _has(connection, "industry_sections"):
        members += of_sections(
            connection.execute(
                "select industry_section_code, name_zh, name_en from core.industry_sections order by 1"
            ).fetchall()
        )
    indicators = connection.execute(
        "select indicator_code || '.' || method, name_zh, name_en from mart.indicator_definition "
        "order by definition_version"
    )
    return Words(dimensions, members, {key: (zh, en) for key, zh, en in indicators})


def of_occupations(majors: Iterable[Sequence[str]]) -> list[Member]:
    """Members of ``occupation`` from the seed of GB/T 6565: code, name in Chinese, name in English."""
    return [Member("occupation", code, zh, en, int(code)) for code, zh, en in majors]


def of_sections(sections: Iterable[Sequence[str]]) -> list[Member]:
    """Members of ``industry_section`` from the seed of GB/T 4754: code, name in Chinese, name in English."""
    return [Member("industry_section", code, zh, en, ord(code)) for code, zh, en in sections]


def _rows(connection: Connection, table: str, kind: type[Dimension] | type[Member]) -> list[tuple[Any, ...]]:
    if not _has(connection, table):
        return []
    columns = SQL(", ").join(map(Identifier, kind.__dataclass_fields__))
    return connection.execute(SQL("select {} from core.{}").format(columns, Identifier(table))).fetchall()


def _write_subjects(connection: Connection) -> None:
    """The subject is the file that defines an indicator: definitions_schools, and so on."""
    tables = connection.execute(
        "select relname from pg_class where relnamespace = 'core'::regnamespace and relname like 'definitions\\_%' "
        "and relkind = 'r' order by 1"
    ).fetchall()
    for (table,) in tables:
        connection.execute(
            SQL(
                "update mart.indicator_definition as d set subject = {} from core.{} as s "
                "where d.indicator_code = s.indicator_code and d.method = s.method and d.subject is distinct from {}"
            ).format(subject := table.removeprefix("definitions_"), Identifier(table), subject)
        )


def _has(connection: Connection, table: str) -> bool:
    row = connection.execute("select to_regclass(%s) is not null", (f"core.{table}",)).fetchone()
    return bool(row and row[0])
