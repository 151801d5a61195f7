"""What of an agency's database keeps its changes from being captured, in words for the agency's administrator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.capture.database import Column, Facts
from connectors.capture.feeds import Captured, Feed
from pipeline.errors import BadInput

Shape = Mapping[str, str]
"""How a database stood when it was last read: by entity its place in the publication, by ``entity.column`` the family
of its type and its place in the table. A table that left the publication for a while, or a column that was made again,
shows here though no change tells of it."""


def check(feed: Feed, facts: Facts, known: Shape) -> Shape:
    """How the database stands; where that is not as ``known``, everything must be read afresh.

    :raises BadInput: for the first thing that keeps changes from coming: table, column, what to do
    """
    for complaint in _complaints(feed, facts, known):
        raise complaint
    shape = {table.entity: str(facts.memberships[table.name]) for table in feed.tables}
    for table in feed.tables:
        for name in table.columns.values():
            column = facts.columns[table.name][name]
            shape[f"{table.entity}.{name}"] = f"{column.family}, {column.number}"
    return shape


def says_whole_rows(facts: Facts, table: Captured) -> bool:
    """Whether the database repeats every value of a row that changes."""
    return all(column.is_identity for column in facts.columns[table.name].values())


def _complaints(feed: Feed, facts: Facts, known: Shape) -> Iterator[BadInput]:
    script = f"./flyover changes setup {feed.code} prints what its administrator runs."
    if facts.wal_level != "logical":
        yield _bad(feed, f"wal_level of {feed.address} is {facts.wal_level}, not logical", script)
    for table in feed.tables:
        yield from _column_complaints(feed, table, facts, known, script)
    if not facts.has_publication:
        yield _bad(feed, f"the publication {feed.slot} is not there", script)
    for table in feed.tables:
        columns = facts.columns[table.name]
        if unpublished := [c for c in table.columns.values() if not columns[c].is_published]:
            yield _bad(feed, f"table {table.name}: {_named(unpublished)} not in the publication {feed.slot}", script)
        if unread := [c for c in table.columns.values() if not columns[c].is_readable]:
            yield _bad(feed, f"table {table.name}: {feed.user} may not read {', '.join(unread)}", script)
        if unsaid := [c for c in table.key_columns if not columns[c].is_identity]:
            yield _bad(
                feed,
                f"table {table.name}: a delete would not say {', '.join(unsaid)}, by which we know a record",
                "Its administrator makes that the primary key, or sets replica identity to an index on it.",
            )


def _column_complaints(feed: Feed, table: Captured, facts: Facts, known: Shape, script: str) -> Iterator[BadInput]:
    columns: Mapping[str, Column] = facts.columns[table.name]
    missing = facts.missing(table)
    if not columns:
        yield _gone(feed, f"table {table.name} is gone", "a table")
    elif missing:
        yield _gone(feed, f"table {table.name}: column {', '.join(missing)} is gone or was renamed", "a column")
    for column in (c for c in table.columns.values() if c in columns):
        was, found = known.get(f"{table.entity}.{column}", "").partition(",")[0], columns[column]
        if was and was != found.family:
            yield BadInput(
                f"table {table.name}: column {column} was {was} and is {found.type_name} now",
                agency=feed.code,
                source=feed.agency.source,
                advice=(
                    "This feed alone waits, and nothing is lost. Its administrator changes the type back; or, when "
                    f"it is meant and the contract still fits, ./flyover changes accept {feed.code}"
                ),
                code="refused.capture_column_retyped",
            )


def _gone(feed: Feed, problem: str, what: str) -> BadInput:
    return BadInput(
        problem,
        agency=feed.code,
        source=feed.agency.source,
        advice=(
            f"This feed alone waits, and nothing is lost. Its administrator brings it back, or {what} of another "
            f"name is written into connectors/agencies/{feed.code}.yml; then ./flyover changes setup {feed.code}"
        ),
        code="refused.capture_column_gone",
    )


def _bad(feed: Feed, problem: str, advice: str) -> BadInput:
    return BadInput(problem, agency=feed.code, source=feed.agency.source, advice=advice, code="refused.capture_setup")


def _named(columns: list[str]) -> str:
    return f"{', '.join(columns)} {'is' if len(columns) == 1 else 'are'}"
