"""A generated province in mart: two releases, 90 counties, ten years, every kind of number a page has to show.

`fill_mart` writes straight into mart what `./flyover demo` would need minutes for: definitions are the real ones, the
numbers are invented and the same each time. Among them are numbers that are withheld, missing or not applicable,
forecasts with intervals, shares with bounds, and names that try to run as a script.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.db import SQL, Connection, Identifier, connect
from pipeline.settings import CHECKOUT, Settings
from release import context
from release.candidates import Value
from release.derive import Derivation, Meaning, derived
from tests.published_numbers import Area, numbers

SEEDS = CHECKOUT / "dbt_project" / "seeds"
POISON = "<script>alert(1)</script>"
"""Stands in a target's document title and in an agency's name: a page must show it as text."""
FIRST_AT = dt.datetime(2026, 11, 2, 7, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
SECOND_AT = FIRST_AT + dt.timedelta(days=7)
_DERIVED_FROM = {
    "mean_years_schooling",
    "small_school_share",
    "lifelong_learning_participation",
    "senior_participation",
}
_DERIVED_SINCE = "2021"
_TARGETS = (
    ("lifelong_learning_participation", "administrative_12m", 2027, 60.0, "at_least"),
    ("mean_years_schooling", "census_3plus_jc16", 2027, 11.1, "at_least"),
    ("senior_participation", "any_source", 2027, 30.0, "at_least"),
    ("small_school_share", "returns_headcount", 2027, 8.0, "at_most"),
    ("comprehensive_reading_rate", "survey_percent", 2027, 92.5, "at_least"),
)
_AGENCIES = (
    (
        "stats-zhejiang",
        "浙江省统计局（模拟）",
        "Zhejiang Bureau of Statistics (simulated)",
        ["census.population_by_age"],
    ),
    ("edu-zhejiang", f"浙江省教育厅 {POISON}", f"Zhejiang Department of Education {POISON}", ["returns.schools"]),
)


@dataclass(frozen=True)
class Published:
    """What was written."""

    first: int
    second: int
    rows: int
    """numbers of the second release, which is the current one"""


def fill_mart(settings: Settings) -> Published:
    """Two releases into a mart that has none; in seconds."""
    definitions, areas = _definitions(), _areas()
    now = numbers(areas, {(row["indicator_code"], row["method"]): row for row in definitions})
    now += _derived(now, definitions)
    before = [_as_before(value, place) for place, value in enumerate(now) if not _is_new(value, place)]
    with connect(settings, "flyover_owner") as connection:
        first = _release(connection, FIRST_AT, 100, "project a")
        second = _release(connection, SECOND_AT, 140, "project a")
        _put(connection, "indicator_definition", [{**row, "first_release_id": first} for row in definitions])
        _put_values(connection, first, before)
        _put_values(connection, second, now)
        connection.execute("insert into mart.current_release (release_id) values (%s)", (second,))
        _put(connection, "area", [area.row() for area in areas])
        context.put_names(connection, _words(definitions))
        _put(connection, "target", list(_targets()))
        _put(connection, "indicator_source", list(_sources(second, now)))
        _put_revisions(connection, first, second)
        connection.execute("insert into mart.explained (release_id) values (%s), (%s)", (first, second))
        connection.execute("analyze mart.indicator_value")
    return Published(first, second, len(now))


def _seed(name: str) -> list[dict[str, Any]]:
    with Path(SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]


def _definitions() -> list[dict[str, Any]]:
    """The definitions in force."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for path in sorted(SEEDS.glob("indicators/definitions_*.csv")):
        subject = path.stem.removeprefix("definitions_")
        for row in _seed(f"indicators/{path.stem}"):
            version = int(row["definition_version"])
            key = row["indicator_code"], row["method"]
            if key not in found or found[key]["definition_version"] < version:
                found[key] = {**row, "definition_version": version, "subject": subject}
    return list(found.values())


def _areas() -> list[Area]:
    """The divisions in force, with the lists they stand on today."""
    lists: dict[str, set[str]] = {}
    for row in _seed("division_memberships"):
        mine = lists.setdefault(row["division_code"], set())
        if row["list_code"] == "mountain26":
            mine.add("mountain26_2021")
        if row["valid_to"] is None:
            mine.add("mountain")
    return [
        Area(
            row["division_code"], row["division_level"], row["division_name_zh"], row["division_name_en"],
            {"county": row["prefecture_code"], "prefecture": "330000"}.get(row["division_level"]),
            tuple(sorted(lists.get(row["division_code"], set()) | ({"island"} & {_island(row)}))),
        )
        for row in _seed("divisions")
        if row["valid_to"] is None
    ]  # fmt: skip


def _island(row: dict[str, Any]) -> str:
    return "island" if row["is_island"] == "true" else ""


def _words(definitions: list[dict[str, Any]]) -> context.Words:
    dimensions = [
        context.Dimension(row["dimension"], row["name_zh"], row["name_en"], int(row["sort_order"]))
        for row in _seed("indicators/dimensions")
    ]
    members = [
        context.Member(row["dimension"], row["member"], row["name_zh"], row["name_en"], int(row["sort_order"]))
        for row in _seed("indicators/dimension_members")
    ]
    members += context.of_occupations(
        (row["occupation_major_code"], row["name_zh"], row["name_en"])
        for row in _seed("occupation_majors")
        if row["occupation_scheme_code"] == "GBT6565"
    )
    members += context.of_sections(
        (row["industry_section_code"], row["name_zh"], row["name_en"]) for row in _seed("industry_sections")
    )
    indicators = {f"{d['indicator_code']}.{d['method']}": (d["name_zh"], d["name_en"]) for d in definitions}
    return context.Words(dimensions, members, indicators)


def _derived(values: list[Value], definitions: list[dict[str, Any]]) -> list[Value]:
    meanings = {(d["indicator_code"], d["method"]): Meaning(d["unit"], d["definition_version"]) for d in definitions}
    derivations = [
        Derivation(*(value or "" for value in row.values()))
        for row in _seed("indicators/indicator_derivations")
        if row["derived_code"] != "withheld_figures"
    ]
    inputs = [v for v in values if v.slice.indicator_code in _DERIVED_FROM and v.slice.period >= _DERIVED_SINCE]
    return derived(inputs, derivations, meanings)


def _is_new(value: Value, place: int) -> bool:
    """Whether the second release is the first to show it: the flow between sectors, and a few more."""
    return value.slice.indicator_code == "learner_flow" or place % 997 == 0


def _as_before(value: Value, place: int) -> Value:
    """What the first release said: every two hundredth number read otherwise."""
    if place % 199 or value.value is None:
        return value
    if place % 398 == 0:
        return replace(value, value=None, numerator=None, denominator=None, value_low=None, value_high=None,
                       coverage_pct=None, status="withheld")  # fmt: skip
    return replace(value, value=round(value.value * 0.98, 4))


def _release(connection: Connection, at: dt.datetime, seq: int, digest: str) -> int:
    row = connection.execute(
        "insert into mart.release (published_at, as_of, released_seq, note, project_digest) "
        "values (%s, %s, %s, %s, %s) returning release_id",
        (at, at, seq, "生成的发布 a generated release", digest),
    ).fetchone()
    assert row is not None
    return int(row[0])


def _put_values(connection: Connection, release_id: int, values: list[Value]) -> None:
    columns = (
        "release_id, indicator_code, method, realm, area_code, area_level, period, dimension, member, value, unit, "
        "unit_of_count, numerator, denominator, coverage_pct, status, status_note, definition_version, as_of, "
        "value_low, value_high"
    )
    with connection.cursor() as cursor, cursor.copy(f"copy mart.indicator_value ({columns}) from stdin") as copy:
        for v in values:
            s = v.slice
            copy.write_row((
                release_id, s.indicator_code, s.method, s.realm, s.area_code, v.area_level, s.period, s.dimension,
                s.member, v.value, v.unit, v.unit_of_count, v.numerator, v.denominator, v.coverage_pct, v.status,
                v.status_note, v.definition_version, v.as_of, v.value_low, v.value_high,
            ))  # fmt: skip


def _put(connection: Connection, table: str, rows: list[dict[str, Any]]) -> None:
    columns = list(rows[0])
    statement = SQL("insert into mart.{} ({}) values ({})").format(
        Identifier(table), SQL(", ").join(map(Identifier, columns)), SQL(", ").join([SQL("%s")] * len(columns))
    )
    connection.cursor().executemany(statement, [[row[column] for column in columns] for row in rows])


def _targets() -> Iterator[dict[str, Any]]:
    for place, (indicator, method, year, value, direction) in enumerate(_TARGETS):
        yield {
            "realm": "simulated", "indicator_code": indicator, "method": method, "area_code": "330000",
            "target_year": year, "document_no": f"模拟规〔2024〕{place + 1}号", "target_value": value,
            "unit": "years" if indicator.startswith("mean") else "pct", "direction": direction,
            "document_title": f"规划 {POISON}" if place == 0 else "终身学习省份建设规划（模拟）",
            "issued_date": "2024-03-01", "note": "口径以文件为准" if place < 2 else None,
        }  # fmt: skip


def _sources(release_id: int, values: list[Value]) -> Iterator[dict[str, Any]]:
    series = {(v.slice.indicator_code, v.slice.method): None for v in values if v.slice.realm == "simulated"}
    for indicator, method in series:
        for place, (code, zh, en, entities) in enumerate(_AGENCIES):
            yield {
                "release_id": release_id, "indicator_code": indicator, "method": method, "realm": "simulated",
                "agency_code": code, "agency_name_zh": zh, "agency_name_en": en, "entities": entities,
                "batches": 10 + place, "newest": FIRST_AT - dt.timedelta(days=place + 1),
            }  # fmt: skip


def _put_revisions(connection: Connection, first: int, second: int) -> None:
    """As release/reasons.py would find them, but told apart by place: data for most, models for some."""
    connection.execute(
        "insert into mart.revision select %s, %s, indicator_code, method, realm, area_code, period, dimension, member, "
        "o.status, o.value, n.status, n.value, case when area_code < '331000' then 'data' else 'models' end "
        "from (select * from mart.indicator_value where release_id = %s) as o "
        "full join (select * from mart.indicator_value where release_id = %s) as n "
        "using (indicator_code, method, realm, area_code, period, dimension, member) "
        "where (o.status, o.value) is distinct from (n.status, n.value)",
        (second, first, first, second),
    )
    changed = connection.execute(
        "select distinct indicator_code, realm from mart.revision where why = 'data' order by 1, 2"
    ).fetchall()
    _put(connection, "revision_delivery", [
        {
            "release_id": second, "indicator_code": indicator, "realm": realm, "agency_code": code,
            "agency_name_zh": zh, "agency_name_en": en, "entity": entities[0], "what": "released",
            "deliveries": 3, "newest": SECOND_AT - dt.timedelta(days=2),
        }
        for indicator, realm in changed
        for code, zh, en, entities in _AGENCIES
    ])  # fmt: skip
