"""data/areas and data/values: the numbers themselves, by area and by breakdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from portal.publishing.files import short
from portal.publishing.reading import Mart, Number
from release.tables import PROVINCE

STATUS = {"published": "p", "withheld": "w", "needs_input": "n", "not_applicable": "x"}
_TOTAL = "total"
_PARITY, _GAP = "parity_index", "gap_absolute"


def area_files(mart: Mart) -> Iterator[tuple[str, dict[str, Any]]]:
    """Path and document (the type AreaFile) of every realm and area."""
    totals = sorted(
        (number for number in mart.numbers if number.dimension == _TOTAL),
        key=lambda n: (n.realm, n.area, n.indicator, n.method, n.period),
    )
    for (realm, area), numbers in groupby(totals, key=lambda n: (n.realm, n.area)):
        yield (
            f"data/areas/{realm}/{area}.json",
            {
                "area": area,
                "realm": realm,
                "release": mart.release.release_id,
                "series": [_series(list(held)) for _, held in groupby(numbers, key=lambda n: (n.indicator, n.method))],
            },
        )


def values_files(mart: Mart) -> Iterator[tuple[str, dict[str, Any]]]:
    """Path and document (the type ValuesFile) of every breakdown of every indicator."""
    order = {(row["dimension"], row["member"]): place for place, row in enumerate(mart.members)}
    for key, numbers in groupby(mart.numbers, key=lambda n: (n.indicator, n.method, n.realm, n.dimension)):
        indicator, method, realm, dimension = key
        yield (
            f"data/values/{realm}/{indicator}/{method}/{dimension}.json",
            _values(mart.release.release_id, list(numbers), order),
        )


def parity_files(mart: Mart) -> Iterator[tuple[str, dict[str, Any]]]:
    """Path and document (the type ParitiesFile) of a realm: how far groups are apart in every indicator now."""
    newest: dict[tuple[str, str, str], dict[str, Number]] = {}
    for number in sorted(mart.numbers, key=lambda n: n.period):
        if number.indicator in (_PARITY, _GAP) and number.area == PROVINCE:
            newest.setdefault((number.realm, number.dimension, number.member), {})[number.indicator] = number
    pairs = [(key, newest[key]) for key in sorted(newest) if _PARITY in newest[key]]
    for realm, rows in groupby(pairs, key=lambda pair: pair[0][0]):
        yield (
            f"data/parities/{realm}.json",
            {"realm": realm, "release": mart.release.release_id, "rows": [_parity(key, held) for key, held in rows]},
        )


def _parity(key: tuple[str, str, str], held: Mapping[str, Number]) -> dict[str, Any]:
    _, made_of, member = key
    parity, gap = held[_PARITY], held.get(_GAP)
    indicator, method = made_of.split(".", 1)
    return {
        "indicator": indicator,
        "method": method,
        "pair": member,
        "period": parity.period,
        "status": parity.status,
        "parity": short(parity.value),
        "gap": short(gap.value) if gap is not None and gap.period == parity.period else None,
    }


def _series(numbers: Sequence[Number]) -> dict[str, Any]:
    first = numbers[0]
    return {
        "indicator": first.indicator,
        "method": first.method,
        "unit": first.unit,
        "points": [_point(number) for number in numbers],
    }


def _point(number: Number) -> dict[str, Any]:
    return {
        "period": number.period,
        "status": number.status,
        "value": short(number.value),
        "low": short(number.low),
        "high": short(number.high),
        "numerator": short(number.numerator),
        "denominator": short(number.denominator),
        "coverage": short(number.coverage),
        "as_of": number.as_of,
        "version": number.version,
        "note": number.note,
    }


def _values(release: int, numbers: Sequence[Number], order: dict[tuple[str, str], int]) -> dict[str, Any]:
    first = numbers[0]
    areas = sorted({number.area for number in numbers})
    periods = sorted({number.period for number in numbers})
    members = sorted({n.member for n in numbers}, key=lambda m: (order.get((first.dimension, m), len(order)), m))
    notes = sorted({number.note for number in numbers if number.note})
    as_of = {number.period: number.as_of for number in sorted(numbers, key=lambda n: n.as_of)}
    area_at, period_at, member_at, note_at = (
        {code: place for place, code in enumerate(codes)} for codes in (areas, periods, members, notes)
    )
    return {
        "indicator": first.indicator,
        "method": first.method,
        "realm": first.realm,
        "dimension": first.dimension,
        "unit": first.unit,
        "release": release,
        "areas": areas,
        "periods": periods,
        "members": members,
        "notes": notes,
        "as_of": [as_of[period] for period in periods],
        "version": max(number.version for number in numbers),
        "rows": [
            [
                area_at[n.area], period_at[n.period], member_at[n.member], STATUS[n.status],
                short(n.value), short(n.low), short(n.high), short(n.numerator), short(n.denominator),
                short(n.coverage), note_at[n.note] if n.note else None,
            ]
            for n in numbers
        ],
    }  # fmt: skip
