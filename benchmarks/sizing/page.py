"""The sizing table for people: the loads it shows, its columns, and the page that carries it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmarks.sizing.arithmetic import Load, Needs, Rate, needs, of_day, of_people
from pipeline import markdown
from pipeline.settings import CHECKOUT

PAGE = CHECKOUT / "docs" / "reference" / "sizing.md"
BEGIN, END = (
    "<!-- made by ./flyover sizing --page from benchmarks/sizing/rates.yaml -->",
    "<!-- end of what is made -->",
)
COLUMNS = (
    "load", "records", "records a day", "rows/s at peak", "brokers", "partitions", "drains", "workers", "cores",
    "topics GB", "database GB", "databases", "first load, days", "basis",
)  # fmt: skip
_PEOPLE = (
    ("a county of 500,000", 500_000),
    ("a prefecture of 10 million", 10_000_000),
    ("a province of 65 million", 65_000_000),
    ("400 million", 400_000_000),
    ("1.4 billion", 1_400_000_000),
)
_DAYS = (10_000, 1_000_000, 100_000_000)


def usual_loads(rates: Mapping[str, Rate]) -> list[Load]:
    """What the page shows: so many records a day, so many people."""
    by_day = [of_day(f"{number:,} records a day", number) for number in _DAYS]
    return [*by_day, *(of_people(rates, name, people) for name, people in _PEOPLE)]


def cells(found: Needs) -> tuple[str | int, ...]:
    """One line of the table."""
    return (
        found.load.name, f"{found.load.records:,}", f"{found.load.records_a_day:,}", f"{found.rows_per_s:,.0f}",
        found.brokers, found.partitions, found.drains, found.workers, found.cores, f"{found.topics_gb:,.1f}",
        f"{found.database_gb:,.0f}", found.databases, f"{found.first_load_days:,.1f}",
        found.basis,
    )  # fmt: skip


def rate_cells(rate: Rate) -> tuple[str, ...]:
    """One line of the table of what is reckoned with."""
    basis = rate.basis if rate.most is None else f"measured up to {rate.most:,}"
    return f"`{rate.name}`", f"{rate.value:,.10g}", rate.unit, basis, rate.source


def written(rates: Mapping[str, Rate]) -> str:
    """The part of the page that is made."""
    sizes = markdown.table(COLUMNS, [cells(needs(rates, load)) for load in usual_loads(rates)])
    figures = markdown.table(
        ("figure", "value", "unit", "basis", "source"), [rate_cells(rate) for rate in rates.values()]
    )
    return f"{BEGIN}\n\n{sizes}\n## Reckoned with\n\n{figures}\n{END}"


def write(rates: Mapping[str, Rate], page: Path = PAGE) -> None:
    """Put it into the page."""
    text = page.read_text(encoding="utf-8")
    before, after = text[: text.index(BEGIN)], text[text.index(END) + len(END) :]
    page.write_text(f"{before}{written(rates)}{after}", encoding="utf-8")
