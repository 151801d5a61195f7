"""The reference page of indicators, made from the seeds that define them."""

from __future__ import annotations

import csv
from pathlib import Path

SEEDS = Path("dbt_project", "seeds", "indicators")
PAGE = Path("docs", "reference", "indicators.md")
_HEAD = """# Indicators
<!-- written by ./flyover docs from dbt_project/seeds/indicators; edit the seeds -->
Every number of `mart.indicator_value` follows one of these definitions, in the version it names. A changed meaning is a
new version in a new row; publishing refuses a version that was published and reads otherwise now. Their full text, in
Chinese and English, is `mart.indicator_definition`.

| column of a number | means |
|---|---|
| value, numerator, denominator | the ratio of two sums, or the figure; empty unless published |
| value_low, value_high | a bound by records that belong to nobody yet, a survey's margin or a forecast's interval |
| coverage_pct | share of the numerator's records that belong to a known person |
| dimension, member | breakdown; `total` for all. Of a derived figure: what it is made of, and the pair or grouping |
| area_code, area_level | province, prefecture or county by the division code of the day |
| status | published, withheld, needs_input (status_note names the return), not_applicable |
| definition_version, as_of | which version of the definition, and the day it is about |

A figure with an empty return is made of the release's other figures (`release/derive.py`). Table 1 is the row of the
province's list of lifelong-learning indicators.
"""
_TABLE = """
| indicator | method | version | name | unit | counts | Table 1 | meaning |
|---|---|---|---|---|---|---|---|
"""


def write(checkout: Path) -> Path:
    """Write the page of a checkout; its path."""
    parts = [_HEAD]
    for seed in sorted((checkout / SEEDS).glob("definitions_*.csv")):
        with seed.open(encoding="utf-8") as file:
            rows = [_line(row) for row in csv.DictReader(file)]
        parts.append(f"\n## {seed.stem.removeprefix('definitions_').capitalize()}\n{_TABLE}{''.join(sorted(rows))}")
    page = checkout / PAGE
    page.write_text("".join(parts), encoding="utf-8")
    return page


def _line(row: dict[str, str]) -> str:
    cells = (
        row["indicator_code"], row["method"], row["definition_version"], f"{row['name_zh']} {row['name_en']}",
        row["unit"], row["unit_of_count"], row["seed_table_1"], row["sentence_en"],
    )  # fmt: skip
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n"
