"""What the sectors of the simulated province sent and what became of it: a table, and the same in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cli.books import ROLE
from cli.output import Table
from pipeline.db import connect
from pipeline.settings import Settings

NAMES: Final[Mapping[str, str]] = {
    "school": "Schools",
    "open_university": "Open universities",
    "human_resources": "Human resources",
    "senior_university": "Senior universities",
    "credit_bank": "Credit bank",
    "reference": "Statistics and returns",
}
"""Sectors in the order of a life, and the bureaus that count it last."""

_COLUMNS: Final = (
    "sector", "agencies", "received", "released", "quarantined", "duplicate", "refused", "held", "balanced", "persons",
    "known_elsewhere",
)  # fmt: skip


def sectors(settings: Settings) -> Table:
    """Rows by sector with the books, and how many persons each knows and shares with another sector."""
    with connect(settings, ROLE) as connection:
        found = connection.execute(
            """
            with books as (
                select
                    agencies.sector_code, count(distinct agencies.agency_code) as agencies,
                    sum(batches.received)::bigint as received, sum(batches.released)::bigint as released,
                    sum(batches.quarantined)::bigint as quarantined, sum(batches.duplicate)::bigint as duplicate,
                    sum(batches.refused)::bigint as refused, sum(batches.held)::bigint as held
                from quality.batch as batches
                inner join core.dim_agency as agencies on batches.agency_code = agencies.agency_code
                where agencies.realm = 'simulated'
                group by agencies.sector_code
            ),
            known as (
                select distinct agencies.sector_code, links.learner_key
                from core.person_link as links
                inner join core.dim_agency as agencies on links.agency_code = agencies.agency_code
                where agencies.realm = 'simulated'
            ),
            persons as (
                select
                    known.sector_code, count(*) as persons,
                    count(*) filter (where everywhere.sectors > 1) as known_elsewhere
                from known
                inner join (select learner_key, count(*) as sectors from known group by learner_key) as everywhere
                    on known.learner_key = everywhere.learner_key
                group by known.sector_code
            )
            select
                books.sector_code, books.agencies, books.received, books.released, books.quarantined, books.duplicate,
                books.refused, books.held,
                books.received = books.released + books.quarantined + books.duplicate + books.refused + books.held,
                coalesce(persons.persons, 0), coalesce(persons.known_elsewhere, 0)
            from books
            left join persons on books.sector_code = persons.sector_code
            """
        ).fetchall()
    return Table("sectors", "Sectors", _COLUMNS, sorted(found, key=_by_life))


def in_words(table: Table) -> Iterator[str]:
    """One sentence a sector, and whether the books are balanced."""
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    for row in rows:
        yield _sentence(row)
    if all(row["balanced"] for row in rows):
        yield "The books balance: every row received is released, in quarantine, a duplicate, refused or held."
    else:
        wrong = ", ".join(_name(row["sector"]) for row in rows if not row["balanced"])
        yield f"The books do NOT balance for {wrong}. See ./flyover batches"


def _sentence(row: Mapping[str, Any]) -> str:
    agencies = "1 agency" if row["agencies"] == 1 else f"{row['agencies']} agencies"
    fates = [f"{row['released']:,} released"]
    for column, words in (
        ("quarantined", "in quarantine"),
        ("duplicate", "sent twice"),
        ("refused", "refused"),
        ("held", "held for a decision"),
    ):
        if row[column]:
            fates.append(f"{row[column]:,} {words}")
    told = f"{_name(row['sector'])}: {agencies} sent {row['received']:,} rows; {', '.join(fates)}."
    if row["persons"]:
        told += f" {row['persons']:,} persons, {row['known_elsewhere']:,} of them known in another sector, too."
    return told


def _name(sector: str) -> str:
    return NAMES.get(sector, sector.replace("_", " ").capitalize())


def _by_life(row: Sequence[Any]) -> tuple[int, str]:
    order = list(NAMES)
    return (order.index(row[0]) if row[0] in order else len(order), row[0])
