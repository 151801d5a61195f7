"""The monthly scorecard of an agency: what ``quality.scorecard`` and its neighbours say, as one page to print."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from expectations.reports.facts import DIMENSIONS, PARTS, WHOLE, Books, HeldBatch
from expectations.reports.gather import Asker, books, held_batches

MOST_PROBLEMS, MOST_HELD = 5, 4


@dataclass(frozen=True)
class MonthScore:
    """A dimension's score of the month, beside that of the month before."""

    dimension: str
    score: Decimal | None
    before: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """Points gained since the month before."""
        return None if self.score is None or self.before is None else self.score - self.before


@dataclass(frozen=True)
class Problem:
    """One of the things that failed most."""

    rule_id: str
    entity_table: str
    severity: str
    failed: int


@dataclass(frozen=True)
class Scorecard:
    """One month of one agency; counts leave replays aside, for they carry rows that are counted already."""

    agency_code: str
    month: str
    deliveries: int
    batches: int
    books: Books
    due: int
    on_time: int
    late: int
    missing: int
    mended: int
    median_hours_to_mend: Decimal | None
    waiting: int
    held_batches: int
    held_released: int
    held_refused: int
    held_waiting: int
    whole: MonthScore
    scores: Sequence[MonthScore]
    problems: Sequence[Problem]
    held: Sequence[HeldBatch]


def gather(asker: Asker, *, month: str | None = None) -> list[Scorecard]:
    """Scorecards of every month, or of one; by agency, latest first."""
    wanted = {"month": month}
    scores = _by_month(asker.rows(_SCORES, **wanted))
    problems = _by_month(asker.rows(_PROBLEMS, **wanted, most=MOST_PROBLEMS))
    held: dict[tuple[str, str], list[HeldBatch]] = defaultdict(list)
    for batch in held_batches(asker):
        held[batch.agency_code, batch.month].append(batch)
    return [
        _scorecard(
            row,
            scores.get((row["agency_code"], row["month"]), ()),
            problems.get((row["agency_code"], row["month"]), ()),
            held.get((row["agency_code"], row["month"]), ()),
        )
        for row in asker.rows(_COUNTS, **wanted)
    ]


def _scorecard(
    row: Mapping[str, Any],
    scores: Sequence[Mapping[str, Any]],
    problems: Sequence[Mapping[str, Any]],
    held: Sequence[HeldBatch],
) -> Scorecard:
    by_dimension = {s["dimension"]: MonthScore(s["dimension"], s["score"], s["score_before"]) for s in scores}
    counts = {name: value for name, value in row.items() if name not in ("received", *PARTS)}
    return Scorecard(
        **counts,
        books=books(row),
        whole=by_dimension.get(WHOLE, MonthScore(WHOLE, None, None)),
        scores=tuple(by_dimension.get(name, MonthScore(name, None, None)) for name in DIMENSIONS),
        problems=tuple(Problem(p["rule_id"], p["entity_table"], p["severity"], int(p["failed"])) for p in problems),
        held=tuple(held[:MOST_HELD]),
    )


def _by_month(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["agency_code"], row["month"]].append(row)
    return found


_COUNTS = """
select *
from quality.scorecard
where {mine} and (%(month)s::text is null or month = %(month)s)
order by agency_code, month desc
"""
_SCORES = """
select agency_code, month, dimension, score, score_before
from quality.monthly_score
where {mine} and (%(month)s::text is null or month = %(month)s)
"""
_PROBLEMS = """
select agency_code, month, entity_table, rule_id, severity, failed
from quality.scorecard_problem
where {mine} and place <= %(most)s and (%(month)s::text is null or month = %(month)s)
order by place
"""
