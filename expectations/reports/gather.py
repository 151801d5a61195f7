"""Asks ``quality.*`` what the pages show; each number on a page is a number of these views."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from connectors import calendar
from connectors.registry import Agency
from expectations.reports.facts import (
    PARTS,
    WHOLE,
    AgencyFacts,
    BatchLine,
    Books,
    Evidence,
    Facts,
    Failure,
    Feed,
    FieldCount,
    HeldBatch,
    Point,
    RuleCount,
    Scores,
    Threshold,
    Version,
)
from expectations.rules.suites import Text
from pipeline.db import SQL, Connection, dict_row

LATEST_BATCHES, LATEST_FAILURES, LATEST_POINTS, MOST_FIELDS = 6, 12, 30, 12
Row = Mapping[str, Any]
Made = TypeVar("Made")
RECENT = dt.timedelta(days=92)
"""How long a batch that was held stays on the list once it is decided, and one that failed a rule on the rule's."""


@dataclass(frozen=True)
class Asker:
    """Asks about every agency, or about one and nothing else."""

    connection: Connection
    only: str | None = None

    def rows(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        """The answer; ``{mine}`` in a query stands for the condition that keeps others' rows out."""
        mine = "(%(only)s::text is null or agency_code = %(only)s)"
        with self.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(SQL(query.replace("{mine}", mine)), {"only": self.only, **parameters}).fetchall()


def gather(asker: Asker, agencies: Mapping[str, Agency], places: Mapping[str, calendar.Feed]) -> Facts:
    """Everything but the details of single batches; ``asker.connection`` should see one snapshot."""
    scores, trends = _scores(asker), _trends(asker)
    feeds = _grouped(asker.rows(_FEEDS), lambda row: row["agency_code"], lambda row: _feed(row, scores, trends))
    rules = _grouped(asker.rows(_RULES), _agency, _rule_count)
    fields = _grouped(asker.rows(_FIELDS, most=MOST_FIELDS), _agency, _field_count)
    batches = _grouped(asker.rows(_LATEST, latest=LATEST_BATCHES), _agency, batch_line)
    months = _grouped(asker.rows(_MONTHS), _agency, lambda row: str(row["month"]))
    held = _held_lately(asker)
    parts = {}
    for code in sorted(feeds):
        place = places.get(code)
        parts[code] = AgencyFacts(
            code=code,
            name=named(agencies, code),
            area=agencies[code].area if code in agencies else "unknown",
            punctuality=place.state if place else None,
            deadline=place.deadline if place else None,
            feeds=feeds[code],
            scores=scores.get((code, WHOLE), {}),
            trend=trends.get((code, WHOLE), ()),
            rules=rules.get(code, ()),
            fields=fields.get(code, ()),
            batches=batches.get(code, ()),
            held=held.get(code, ()),
            months=months.get(code, ()),
        )
    return Facts(
        agencies=parts,
        failures=_grouped(
            asker.rows(_FAILURES, latest=LATEST_FAILURES, since=_since()), _rule, lambda row: Failure(**row)
        ),
        thresholds=_grouped(asker.rows(_THRESHOLDS), _rule, lambda row: Threshold(**row)),
        versions=_versions(asker),
    )


def named(agencies: Mapping[str, Agency], code: str) -> Text:
    """Name of an agency, its code where its file is gone."""
    return Text(agencies[code].name_zh, agencies[code].name_en) if code in agencies else Text(code, code)


def batch_line(row: Row) -> BatchLine:
    """A batch as it stands in a list."""
    return BatchLine(
        batch_id=row["batch_id"],
        agency_code=row["agency_code"],
        entity_table=row["entity_table"],
        status=row["status"],
        judged_at=row["judged_at"],
        replay_of=row["replay_of"],
        books=books(row),
        score=row["score"],
        failed=tuple(row["failed"]),
    )


def books(row: Row) -> Books:
    """Books out of a row that has a column of each."""
    return Books(*(int(row[name]) for name in ("received", *PARTS)))


def _feed(row: Row, scores: Mapping[tuple[str, str], Scores], trends: Mapping[tuple[str, str], list[Point]]) -> Feed:
    place = (row["agency_code"], row["entity_table"])
    return Feed(
        agency_code=place[0],
        table=place[1],
        books=books(row),
        batches=row["batches"],
        under_way=int(row["under_way"]),
        held_batches=row["held_batches"],
        waiting=row["waiting"],
        judged_at=row["judged_at"],
        scores=scores.get(place, {}),
        trend=trends.get(place, ()),
    )


def _scores(asker: Asker) -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
    for row in asker.rows(_STANDING):
        found[row["agency_code"], row["entity_table"]][row["dimension"]] = row["score"]
    return found


def _trends(asker: Asker) -> dict[tuple[str, str], list[Point]]:
    rows = asker.rows(_TREND, most=LATEST_POINTS)
    return _grouped(rows, lambda r: (r["agency_code"], r["entity_table"]), lambda r: Point(r["judged_at"], r["score"]))


def _rule_count(row: Row) -> RuleCount:
    return RuleCount(**{**row, "evaluated": int(row["evaluated"]), "failed": int(row["failed"])})


def _field_count(row: Row) -> FieldCount:
    return FieldCount(row["entity_table"], row["field"], row["rules"], int(row["failed"]))


def held_batches(asker: Asker) -> list[HeldBatch]:
    """Every batch that was ever held: those that wait first, then the latest."""
    return [HeldBatch(**{**row, "evidence": _evidence(row["evidence"])}) for row in asker.rows(_HELD)]


def _evidence(found: Sequence[Row]) -> tuple[Evidence, ...]:
    return tuple(Evidence(one["rule_id"], one["observed"], one["compared"]) for one in found)


def _held_lately(asker: Asker) -> dict[str, list[HeldBatch]]:
    found: dict[str, list[HeldBatch]] = defaultdict(list)
    since = _since()
    for batch in held_batches(asker):
        if batch.decided_at is None or batch.decided_at > since:
            found[batch.agency_code].append(batch)
    return found


def _since() -> dt.datetime:
    return dt.datetime.now(dt.UTC) - RECENT


def _versions(asker: Asker) -> Mapping[str, Sequence[Version]]:
    return _grouped(asker.rows(_VERSIONS), _rule, lambda row: Version(**row))


def _agency(row: Row) -> str:
    return str(row["agency_code"])


def _rule(row: Row) -> str:
    return str(row["rule_id"])


Key = TypeVar("Key", str, tuple[str, str])


def _grouped(rows: Iterable[Row], key: Callable[[Row], Key], made: Callable[[Row], Made]) -> dict[Key, list[Made]]:
    found: dict[Key, list[Made]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(made(row))
    return dict(found)


BATCH_COLUMNS = """
    b.batch_id, b.agency_code, b.entity_table, b.status, b.judged_at, b.replay_of, b.received, b.released,
    b.quarantined, b.duplicate, b.refused, b.held, s.score,
    array(
        select r.rule_id
        from quality.rule_result as r
        where r.batch_id = b.batch_id and not r.passed
        order by r.failed desc, r.rule_id
    ) as failed
"""
"""What :func:`batch_line` needs of ``quality.judged_batch as b`` and ``quality.score as s``."""
_FEEDS = "select * from quality.feed where {mine} order by agency_code, entity_table"
_STANDING = "select agency_code, entity_table, dimension, score from quality.standing where {mine}"
_TREND = """
select agency_code, entity_table, judged_at, score
from (
    select t.*, row_number() over (partition by agency_code, entity_table order by judged_at desc, delivery_id) as place
    from quality.score_trend as t
    where dimension = 'all' and score is not null and {mine}
) as latest
where place <= %(most)s
order by judged_at, delivery_id
"""
_RULES = """
select
    agency_code, entity_table, rule_id, severity, dimension, scope, evaluated, failed, batches, waiting, returned
from quality.top_rules as t
inner join quality.severity_weight as w using (severity)
where {mine}
order by waiting * weight desc, failed * weight desc, entity_table, rule_id, agency_code
"""
_FIELDS = """
select *
from (
    select f.*, row_number() over (partition by agency_code order by failed desc, entity_table, field) as place
    from quality.worst_fields as f
    where {mine}
) as worst
where place <= %(most)s
order by failed desc, entity_table, field
"""
_LATEST = f"""
select {BATCH_COLUMNS}
from (
    select
        q.*, row_number() over (partition by agency_code, entity_table order by judged_at desc, batch_id) as place
    from quality.judged_batch as q
    where {{mine}}
) as b
left join quality.score as s on b.batch_id = s.batch_id and s.dimension = 'all'
where b.place <= %(latest)s
order by b.judged_at desc, b.entity_table, b.batch_id
"""  # noqa: S608
_HELD = """
select
    h.batch_id, h.agency_code, h.entity_table, h.month, h.judged_at, h.received, h.decided_at, h.ended,
    (
        select json_agg(
            json_build_object('rule_id', r.rule_id, 'observed', r.observed, 'compared', r.evidence)
            order by r.rule_id
        )
        from quality.rule_result as r
        where r.batch_id = h.batch_id and r.rule_id = any(h.rule_ids)
    ) as evidence
from quality.held_batch as h
where {mine}
order by h.ended = 'waiting' desc, h.judged_at desc, h.batch_id
"""
_MONTHS = "select agency_code, month from quality.scorecard where {mine} order by month desc"
_FAILURES = """
select rule_id, agency_code, batch_id, judged_at, evaluated, failed
from (
    select
        r.rule_id, agency_code, b.batch_id, b.judged_at, r.evaluated, r.failed,
        row_number() over (partition by r.rule_id order by b.judged_at desc, b.batch_id) as place
    from quality.rule_result as r
    inner join quality.judged_batch as b on r.batch_id = b.batch_id
    where not r.passed and b.judged_at > %(since)s and {mine}
) as latest
where place <= %(latest)s
order by rule_id, place
"""
_THRESHOLDS = """
select distinct on (r.rule_id, agency_code)
    r.rule_id, agency_code, b.batch_id, b.judged_at, r.passed, r.evidence as compared
from quality.rule_result as r
inner join quality.judged_batch as b on r.batch_id = b.batch_id
where b.is_recent and r.evidence is not null and {mine}
order by r.rule_id, agency_code, b.judged_at desc
"""
_VERSIONS = "select rule_id, fingerprint, first_used_at, definition from quality.rule order by 1, 3 desc, 2"
