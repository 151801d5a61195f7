"""The columns of an observation, in JSON and CSV alike: their names are those of mart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.publishing.reading import Number


@dataclass(frozen=True)
class Column:
    """One column; ``field`` is its name in :class:`Number`, ``datatype`` that of CSV on the Web."""

    name: str
    field: str
    datatype: str
    zh: str
    is_key: bool = False

    def of(self, number: Number) -> Any:
        """Its value, full as mart holds it."""
        return getattr(number, self.field)


COLUMNS = (
    Column("indicator_code", "indicator", "string", "指标", is_key=True),
    Column("method", "method", "string", "方法", is_key=True),
    Column("realm", "realm", "string", "真实或模拟", is_key=True),
    Column("area_code", "area", "string", "区划代码", is_key=True),
    Column("area_level", "level", "string", "区划层级"),
    Column("period", "period", "string", "时期", is_key=True),
    Column("dimension", "dimension", "string", "分组", is_key=True),
    Column("member", "member", "string", "组别", is_key=True),
    Column("status", "status", "string", "状态"),
    Column("value", "value", "double", "数值"),
    Column("value_low", "low", "double", "下限"),
    Column("value_high", "high", "double", "上限"),
    Column("numerator", "numerator", "double", "分子"),
    Column("denominator", "denominator", "double", "分母"),
    Column("coverage_pct", "coverage", "double", "覆盖率"),
    Column("status_note", "note", "string", "说明"),
    Column("unit", "unit", "string", "单位"),
    Column("unit_of_count", "unit_of_count", "string", "计数单位"),
    Column("definition_version", "version", "integer", "定义版本"),
    Column("as_of", "as_of", "date", "日期"),
)
