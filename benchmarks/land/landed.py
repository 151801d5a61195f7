"""What a contender has landed: every record, and each once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.land import events
from pipeline.db import SQL, Identifier, connect
from pipeline.settings import Settings


def look(settings: Settings, table: tuple[str, str] = ("landing", events.TABLE)) -> Mapping[str, Any]:
    """Rows, distinct events, and the sum of the scores, by which typed values are compared."""
    with connect(settings, "flyover_owner") as connection:
        found = connection.execute(
            SQL("select count(*), count(distinct _event_id), sum(score)::float8 from {}").format(Identifier(*table))
        ).fetchone()
    rows, distinct, scores = found or (0, 0, 0.0)
    return {"landed": rows, "distinct": distinct, "scores": scores}


def books(settings: Settings) -> Mapping[str, Any]:
    """Of our own drains also: whether every manifest is whole, and that nothing was put aside."""
    with connect(settings, "flyover_owner") as connection:
        found = connection.execute(
            "select (select count(*) from connect.batch as m left join quality.batch as b using (batch_id) "
            "where b.status is distinct from 'landed'), (select count(*) from quarantine.entry) "
            "+ (select count(*) from quarantine.undecodable)"
        ).fetchone()
    open_batches, aside = found or (None, None)
    return {**look(settings), "open_batches": open_batches, "aside": aside}


def expected(rows: int) -> Mapping[str, Any]:
    """What :func:`look` finds when all went well."""
    scores = sum(number % 201 / 2 for number in range(rows))
    return {"landed": rows, "distinct": rows, "scores": scores}
