"""The profile of a batch: what it looked like, in numbers no one can be recognised by.

Written in the transaction that marks duplicates, by set, over the rows that will be judged; safe to repeat. Of a batch
above ``SAMPLE_ROWS`` every so many rows are looked at, which costs a share a quarter of a per cent. A column with a
personal-data class other than none gives the share of its nulls and nothing else; a value outside its code list, which
may be anything, is counted as ``(other)``.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from expectations.rules.checks import Expect, History
from expectations.rules.suites import Suite
from pipeline import db
from pipeline.contracts import Field
from pipeline.db import SQL, Composed, Connection, Identifier, Literal

SAMPLE_ROWS = 100_000
OTHER, NONE = "(other)", "(null)"
_PUBLIC = ("public", "internal")
_NUMBERS = ("integer", "bigint", "double precision", "numeric")
_DATES = ("date", "timestamptz")
_BEYOND_REASON = 10**15
"""No figure an agency sends is so large; squares of what is would not fit a number."""
_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
_ONE_OF = re.compile(r"\^\((?P<codes>[^()^$*+?\[\]{}]+?)(\|[\w-]+:\.\+)?\)\$")
"""Regular expressions of suites that are lists of codes, with a way out for extensions as OneRoster has it."""


@dataclass(frozen=True)
class Profile:
    """What was measured: value and detail by (measure, column)."""

    batch_id: uuid.UUID
    values: dict[tuple[str, str], tuple[float | None, Mapping[str, Any]]] = field(default_factory=dict)

    def value(self, measure: str, column: str | None = None) -> float | None:
        """The figure, where it could be measured."""
        return self.values.get((measure, column or ""), (None, {}))[0]

    def detail(self, measure: str, column: str | None = None) -> Mapping[str, Any]:
        """What belongs to the figure."""
        return self.values.get((measure, column or ""), (None, {}))[1] or {}


def write(connection: Connection, suite: Suite, batch_id: uuid.UUID) -> Profile:
    """Measure the batch and keep it in ``quality.profile``, in the caller's transaction."""
    profile = measure(connection, suite, batch_id)
    connection.execute("delete from quality.profile where batch_id = %s", (batch_id,))
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for (name, column), (value, detail) in profile.values.items():
            copy.write_row((batch_id, name, column, value, json.dumps(detail, ensure_ascii=False)))
    return profile


_COPY = "copy quality.profile (batch_id, measure, field, value, detail) from stdin"


def read(connection: Connection, batch_id: uuid.UUID) -> Profile:
    """What was measured when the batch was judged; without values where it was judged before there were profiles."""
    found = connection.execute(
        "select measure, field, value, detail from quality.profile where batch_id = %s", (batch_id,)
    )
    return Profile(batch_id, {(name, column): (value, detail or {}) for name, column, value, detail in found})


def measure(connection: Connection, suite: Suite, batch_id: uuid.UUID) -> Profile:
    """Look at the rows of a batch; nothing is written."""
    profile = Profile(batch_id)
    manifest = _manifest(connection, batch_id)
    profile.values.update(_volumes(manifest))
    connection.execute(
        "select set_config('flyover.batch_id', %s, true), set_config('jit', 'off', true)", (str(batch_id),)
    )
    every = -(-manifest["expected_rows"] // SAMPLE_ROWS) or 1
    with connection.cursor(row_factory=db.dict_row) as cursor:
        looked = cursor.execute(_aggregates(suite, every)).fetchone() or {}
    profile.values["rows", ""] = (looked["rows"], {"every": every} if every > 1 else {})
    if looked["rows"]:
        profile.values.update(_figures(suite, looked))
        profile.values.update(_codes(connection, suite, every))
    if any(isinstance(rule.check, History) and rule.check.measure == "last_term" for rule in suite.rules):
        profile.values["last_term", ""] = _terms(connection, manifest["agency_code"])
    return profile


def coded(suite: Suite) -> Mapping[str, tuple[str, ...]]:
    """Columns that hold codes, with the codes their rules allow; truth values are two."""
    fields = {f.column: f for f in suite.contract.landed_fields if f.classification in _PUBLIC}
    found: dict[str, tuple[str, ...]] = {f.column: ("true", "false") for f in fields.values() if f.pg_type == "boolean"}
    for rule in suite.rules:
        if isinstance(rule.check, Expect) and (column := rule.check.arguments.get("column")) in fields:
            if codes := rule.check.arguments.get("value_set"):
                found[column] = tuple(map(str, codes))
            elif listed := _ONE_OF.fullmatch(str(rule.check.arguments.get("regex", ""))):
                found[column] = tuple(listed["codes"].split("|"))
    return found


def numbers(suite: Suite) -> tuple[Field, ...]:
    """Columns whose figures may be averaged: no key, no reference, nothing personal."""
    return tuple(
        f
        for f in suite.contract.landed_fields
        if f.pg_type in _NUMBERS and f.classification in _PUBLIC and f.key_position is None and not f.reference
    )


def _manifest(connection: Connection, batch_id: uuid.UUID) -> dict[str, Any]:
    with connection.cursor(row_factory=db.dict_row) as cursor:
        found = cursor.execute(
            "select m.agency_code, m.expected_rows, m.unchanged_rows, m.deleted_rows, d.mode from connect.batch as m "
            "inner join connect.delivery as d on m.delivery_id = d.delivery_id where m.batch_id = %s",
            (batch_id,),
        ).fetchone()
    assert found is not None  # noqa: S101 - a batch lands by its manifest
    return found


def _volumes(manifest: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], tuple[float | None, Mapping[str, Any]]]]:
    """Rows in the agency's file, whether new or not, and the share of its records that it no longer sends."""
    sent = manifest["expected_rows"] - manifest["deleted_rows"] + manifest["unchanged_rows"]
    known = sent + manifest["deleted_rows"]
    yield ("volume", ""), (sent, {"mode": manifest["mode"]})
    yield ("deleted_share", ""), (manifest["deleted_rows"] / known if known else None, {"of": known})


def _aggregates(suite: Suite, every: int) -> Composed:
    parts: list[SQL | Composed] = [SQL('count(*) as "rows"')]
    for number, f in enumerate(suite.contract.landed_fields):
        parts.append(SQL("count({}) as {}").format(_column(f), Identifier(f"n{number}")))
        if f in numbers(suite):
            value = SQL("({}::float8)").format(_column(f))
            bounded = SQL("filter (where abs({}) < {})").format(value, Literal(_BEYOND_REASON))
            whole = SQL(
                "jsonb_build_object('n', count({v}) {b}, 'mean', avg({v}) {b}, 'deviation', stddev_samp({v}) {b}, "
                "'min', min({v}) {b}, 'max', max({v}) {b}, "
                "'quantiles', percentile_cont({q}::float8[]) within group (order by {v}) {b}) as {name}"
            )
            parts.append(whole.format(v=value, b=bounded, q=Literal(list(_QUANTILES)), name=Identifier(f"d{number}")))
        elif f.pg_type in _DATES and f.classification in _PUBLIC:
            span = SQL("jsonb_build_object('min', min({c}), 'max', max({c})) as {name}")
            parts.append(span.format(c=_column(f), name=Identifier(f"d{number}")))
    return SQL("select {} from judging.{} as r where {}").format(
        SQL(", ").join(parts), Identifier(suite.table), _sampled(every)
    )


def _figures(
    suite: Suite, looked: Mapping[str, Any]
) -> Iterator[tuple[tuple[str, str], tuple[float | None, Mapping[str, Any]]]]:
    for number, f in enumerate(suite.contract.landed_fields):
        yield ("null_share", f.column), (1 - looked[f"n{number}"] / looked["rows"], {})
        if detail := looked.get(f"d{number}"):
            name = "number" if "mean" in detail else "dates"
            yield (name, f.column), (detail.get("mean"), detail)


def _codes(
    connection: Connection, suite: Suite, every: int
) -> Iterator[tuple[tuple[str, str], tuple[float | None, Mapping[str, Any]]]]:
    """Rows by code of every coded column, in one pass over them."""
    columns = coded(suite)
    if not columns:
        return
    names = [Identifier(f"c{number}") for number in range(len(columns))]
    shown = [
        SQL(
            "case when r.{column} is null then {none} when r.{column}::text = any({codes}) then r.{column}::text "
            "else {other} end as {name}"
        ).format(
            column=Identifier(column), none=Literal(NONE), codes=Literal(list(codes)), other=Literal(OTHER), name=name
        )
        for (column, codes), name in zip(columns.items(), names, strict=True)
    ]
    statement = SQL(
        "select coalesce({names}), count(*), {which} from (select {shown} from judging.{table} as r where {sampled}) "
        "as coded group by grouping sets ({sets})"
    ).format(
        names=SQL(", ").join(names),
        which=SQL("array[{}]").format(SQL(", ").join(SQL("grouping({})").format(name) for name in names)),
        shown=SQL(", ").join(shown),
        table=Identifier(suite.table),
        sampled=_sampled(every),
        sets=SQL(", ").join(SQL("({})").format(name) for name in names),
    )
    counts: dict[str, dict[str, int]] = {column: {} for column in columns}
    for code, rows, left_out in connection.execute(statement):
        counts[list(columns)[left_out.index(0)]][code] = rows
    for column, found in counts.items():
        yield ("codes", column), (len(found), dict(sorted(found.items(), key=lambda one: -one[1])))


def _terms(connection: Connection, agency_code: str) -> tuple[float | None, Mapping[str, Any]]:
    """Enrolments of learners in the latest term that is under way, and what the term of its kind before it once had.

    A register keeps few enrolments of terms gone by, so that these are taken from the profiles of that time.
    """
    found = connection.execute(_ENROLLED, {"agency": agency_code, "settled": _SETTLED_DAYS}).fetchone()
    if found is None:
        return None, {}
    enrolled, kind, start = found
    told = {"agency": agency_code, "kind": kind, "start": start.isoformat()}
    before = connection.execute(_ENROLLED_BEFORE, told).fetchone() or (None, None)
    return enrolled, {"type": kind, "term": start.isoformat(), "before": before[0], "term_before": before[1]}


_SETTLED_DAYS = 14
"""So long after its first day a term has its enrolments."""
_CURRENT = """select latest.* from (
        select distinct on (l._record_id) l.*
        from landing.{} as l
        inner join quality.batch as b on l._batch_id = b.batch_id and b.status <> 'refused'
        where l._agency_code = %(agency)s
        order by l._record_id, l._version desc
    ) as latest where not latest._is_deleted"""
_ENROLLED = f"""
select enrolled, type, start_date
from (
    select s.type, s.start_date, count(distinct e.sourced_id) as enrolled
    from ({_CURRENT.format("oneroster__enrollments")}) as e
    inner join ({_CURRENT.format("oneroster__classes")}) as c on e.class_sourced_id = c.sourced_id
    cross join lateral unnest(string_to_array(c.term_sourced_ids, ',')) as listed (id)
    inner join ({_CURRENT.format("oneroster__academic_sessions")}) as s on trim(listed.id) = s.sourced_id
    where e.role = 'student' and s.start_date <= current_date - %(settled)s::integer
    group by s.type, s.start_date
) as terms
order by start_date desc, enrolled desc
limit 1
"""  # noqa: S608 - names of our own tables


_ENROLLED_BEFORE = """
select p.value, p.detail ->> 'term'
from quality.batch as b
inner join quality.profile as p on b.batch_id = p.batch_id and p.measure = 'last_term'
where b.agency_code = %(agency)s and b.source = 'oneroster' and b.entity = 'enrollments' and b.status = 'released'
    and p.detail ->> 'type' = %(kind)s and p.detail ->> 'term' < %(start)s
order by p.detail ->> 'term' desc, b.judged_at desc
limit 1
"""


def _sampled(every: int) -> SQL | Composed:
    return SQL("true") if every == 1 else SQL("mod(r._batch_seq, {}) = 0").format(Literal(every))


def _column(f: Field) -> Composed:
    return SQL("r.{}").format(Identifier(f.column))
