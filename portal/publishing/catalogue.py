"""data/catalogue.json: what there is, and what it is called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from portal.publishing.files import short
from portal.publishing.reading import Mart, Number, Row
from portal.publishing.tiles import tiles

_LEVELS = ("province", "prefecture", "county")
Series = tuple[str, str]
"""An indicator and its method."""


def catalogue(mart: Mart) -> dict[str, Any]:
    """The document of the type Catalogue."""
    held: dict[Series, dict[str, list[Number]]] = defaultdict(lambda: defaultdict(list))
    for number in mart.numbers:
        held[number.indicator, number.method][number.realm].append(number)
    revised = _revised(mart.revisions)
    indicators = [_indicator(mart, series, held[series], revised) for series in held]
    return {
        "release": {
            "id": mart.release.release_id,
            "previous_id": mart.release.previous_id,
            "published_at": mart.release.published_at,
            "as_of": mart.release.as_of,
            "note": mart.release.note,
        },
        "realms": _realms(mart.numbers),
        "areas": areas(mart),
        "dimensions": dimensions(mart),
        "indicators": sorted(indicators, key=lambda i: (i["subject"], i["code"], i["method"])),
        "targets": [target(row) for row in mart.targets],
    }


def areas(mart: Mart) -> list[dict[str, Any]]:
    """Areas in force, and those no more that numbers are still about."""
    squares = tiles()
    in_use = {number.area for number in mart.numbers}
    return [
        {
            "code": row["area_code"],
            "level": row["area_level"],
            "zh": row["name_zh"],
            "en": row["name_en"],
            "parent": row["parent_area_code"],
            "groups": sorted(row["groups"]),
            "tile": squares[row["area_code"]]._asdict() if row["area_code"] in squares else None,
        }
        for row in mart.areas
        if row["valid_to"] is None or row["area_code"] in in_use
    ]


def dimensions(mart: Mart) -> dict[str, Any]:
    """Breakdowns that the release shows, with the members it shows, in their order."""
    shown: dict[str, set[str]] = defaultdict(set)
    for number in mart.numbers:
        shown[number.dimension].add(number.member)
    by_dimension: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in mart.members:
        if row["member"] in shown[row["dimension"]]:
            by_dimension[row["dimension"]].append({"code": row["member"], "zh": row["name_zh"], "en": row["name_en"]})
    return {
        row["dimension"]: {"zh": row["name_zh"], "en": row["name_en"], "members": by_dimension[row["dimension"]]}
        for row in mart.dimensions
        if row["dimension"] in shown and shown[row["dimension"]]
    }


def target(row: Row) -> dict[str, Any]:
    """The document of the type Target."""
    return {
        "realm": row["realm"],
        "indicator": row["indicator_code"],
        "method": row["method"],
        "area": row["area_code"],
        "year": row["target_year"],
        "value": short(row["target_value"]),
        "unit": row["unit"],
        "direction": row["direction"],
        "document": row["document_title"],
        "document_no": row["document_no"] or None,
        "note": row["note"] or None,
    }


def _indicator(
    mart: Mart, series: Series, by_realm: Mapping[str, Sequence[Number]], revised: Mapping[tuple[str, str, str], int]
) -> dict[str, Any]:
    numbers = [number for held in by_realm.values() for number in held]
    version = max(number.version for number in numbers)
    units = {number.unit for number in numbers}
    told = mart.definitions[(*series, version)]
    return {
        "code": series[0],
        "method": series[1],
        "zh": told["name_zh"],
        "en": told["name_en"],
        "subject": told["subject"] or "other",
        "version": version,
        "sentence": {"zh": told["sentence_zh"], "en": told["sentence_en"]},
        "unit": units.pop() if len(units) == 1 else told["unit"],
        "table_1": told["seed_table_1"],
        "better": told["better"] or "neither",
        "has": {realm: _holdings(held, revised.get((*series, realm), 0)) for realm, held in sorted(by_realm.items())},
        **{
            word: told[word]
            for word in (
                "formula", "source", "numerator", "denominator", "reference_date", "unit_of_count", "missing_return",
            )
        },
    }  # fmt: skip


def _holdings(numbers: Sequence[Number], revised: int) -> dict[str, Any]:
    levels = {number.level for number in numbers}
    return {
        "periods": sorted({number.period for number in numbers}),
        "levels": [level for level in _LEVELS if level in levels],
        "dimensions": sorted({number.dimension for number in numbers}),
        "published": sum(number.status == "published" for number in numbers),
        "withheld": sum(number.status == "withheld" for number in numbers),
        "revised": revised,
    }


def _realms(numbers: Iterable[Number]) -> list[dict[str, Any]]:
    published: dict[str, int] = defaultdict(int)
    counties: dict[str, set[str]] = defaultdict(set)
    for number in numbers:
        published[number.realm] += number.status == "published"
        if number.status == "published" and number.level == "county":
            counties[number.realm].add(number.area)
    return [
        {"code": realm, "published": count, "counties": len(counties[realm])}
        for realm, count in sorted(published.items())
    ]


def _revised(revisions: Iterable[Row]) -> dict[tuple[str, str, str], int]:
    found: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in revisions:
        found[row["indicator_code"], row["method"], row["realm"]] += 1
    return found
