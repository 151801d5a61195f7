"""Invented rows of a sample's shape: a fixture must never hold a row of the sample, which may be a real person's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from connectors.scaffold.sample import Column

AREA: Final = "339901"
"""Division code that is given to no place."""
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_NAMES: Final = ("甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬")


def row(columns: Sequence[Column], number: int) -> dict[str, str]:
    """One row by header word; ``number`` (1 to 9) tells rows apart."""
    return {column.name: value(column, number) for column in columns}


def value(column: Column, number: int) -> str:
    """A value of the column's type and shape."""
    if column.identifier is not None:
        return _identifier(column, number)
    if column.linkage == "birth_date":
        return f"1980-01-{number:02}"
    if column.digits is not None:
        return str(number).zfill(column.digits)
    if column.linkage == "sex":
        return ("female", "male")[number % 2]
    match column.pg_type:
        case "integer" | "bigint":
            return str(2015 + number if column.is_year else 10 * number)
        case "numeric" | "double precision":
            return f"{number}.5"
        case "date":
            return f"2024-03-{number:02}"
        case "timestamptz":
            return f"2024-03-{number:02}T08:00:00+08:00"
        case "boolean":
            return ("false", "true")[number % 2]
    return f"{column.column[:8].rstrip('_')}-{number}"


def resident_id(number: int) -> str:
    """A resident id whose check character is right and whose area is given to no place."""
    digits = f"{AREA}198001{number:02}{number:03}"
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True))
    return digits + "10X98765432"[total % 11]


def _identifier(column: Column, number: int) -> str:
    match column.identifier:
        case "resident_id":
            return resident_id(number)
        case "full_name":
            return f"测试{_NAMES[number - 1]}"
        case "family_name":
            return "测试"
        case "given_name":
            return _NAMES[number - 1]
        case "phone":
            return f"1000000000{number}"
        case "email":
            return f"invented{number}@example.org"
    return f"invented-{number}"
