"""What others say about the persons of a batch: two sexes for one id, two birth dates, a birth date this row lacks.

Every entity whose contract names a sex or a birth date tells of persons; where its rows bear no person key themselves
(OneRoster's demographics) another entity with the same key does (its users). The latest released word of each record
is kept in ``landing.person_fact``, taken in batch by batch up to a mark when someone asks; looking persons up by their
key then costs what the batch has rows, however long the history.

What contradicts a row is fixed in ``landing.person_elsewhere`` in the transaction that marks duplicates: it says that
the words differ, never whose they are. An entity's own earlier word is no contradiction, else nothing could ever be
corrected; two rows of one batch that disagree about a person are.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

from expectations.rules.checks import ELSEWHERE, Across
from expectations.rules.suites import Suite
from pipeline import contracts
from pipeline.contracts import Contract
from pipeline.db import SQL, Composed, Connection, Identifier, Literal

_SEX = SQL(
    "case when lower({0}) in ('male', 'm', '男', '男性', '1') then 'male' "
    "when lower({0}) in ('female', 'f', '女', '女性', '2') then 'female' end"
)

_PLAUSIBLE = SQL(
    "case when {0} between l._published_at::date - interval '150 years' and l._published_at::date then {0} end"
)
"""A day no one alive was born on contradicts nobody: another rule finds it."""


def note(connection: Connection, suite: Suite, batch_id: uuid.UUID) -> None:
    """Fix what is known elsewhere about the persons of a batch, where a rule asks; in the caller's transaction."""
    if not any(isinstance(rule.check, Across) and f"{{{ELSEWHERE}}}" in rule.check.sql for rule in suite.rules):
        return
    directory = _directory(suite.contract)
    take_in(connection, directory)
    connection.execute("select set_config('flyover.batch_id', %s, true)", (str(batch_id),))
    connection.execute("delete from landing.person_elsewhere where batch_id = %s", (batch_id,))
    statement = _CONTRADICTIONS.format(
        own=_own(suite.contract, directory),
        table=Literal(suite.table),
        named_by=Literal([f"{teller}|{names}" for teller, names in _named_by(directory).items()]),
    )
    connection.execute(statement, {"batch": batch_id})


def take_in(connection: Connection, directory: Path) -> int:
    """Take in what batches released since the last time say of persons; how many batches. One at a time does."""
    mark = connection.execute("select released_seq from landing.person_fact_mark for update").fetchone()
    assert mark is not None  # noqa: S101 - the migration writes it
    keepers = {contract.table: contract for contract in _keepers(directory)}
    fresh = connection.execute(_FRESH, {"mark": mark[0], "tables": list(keepers)}).fetchall()
    for batch_id, table, _ in fresh:
        for statement in (_GONE, _TAKEN):
            connection.execute(statement.format(**_words(keepers[table])), {"batch": batch_id})
    if fresh:
        connection.execute("update landing.person_fact_mark set released_seq = %s", (max(row[2] for row in fresh),))
    return len(fresh)


_FRESH = """
select b.batch_id, b.source || '__' || b.entity, b.released_seq
from quality.batch as b
where b.released_seq > %(mark)s and b.status = 'released' and b.source || '__' || b.entity = any(%(tables)s)
order by b.released_seq
"""
_GONE = SQL(
    """
delete from landing.person_fact as f
using released.{table} as l
where l._batch_id = %(batch)s and l._is_deleted and f.agency_code = l._agency_code
    and f.entity_table = {name} and f.record_id = l._record_id and f.version < l._version
"""
)
_TAKEN = SQL(
    """
insert into landing.person_fact (agency_code, entity_table, record_id, person_key, sex, birth_date, version, batch_id)
select distinct on (l._record_id)
    l._agency_code, {name}, l._record_id, l._person_key, {sex}, {birth_date}, l._version, l._batch_id
from released.{table} as l
where l._batch_id = %(batch)s and not l._is_deleted and {is_someone}
order by l._record_id, l._version desc
on conflict (agency_code, entity_table, record_id) do update
set
    person_key = excluded.person_key, sex = excluded.sex, birth_date = excluded.birth_date,
    version = excluded.version, batch_id = excluded.batch_id
where person_fact.version <= excluded.version
"""
)
_CONTRADICTIONS = SQL(
    """
insert into landing.person_elsewhere (batch_id, row_id, sex_differs, birth_date_differs, birth_date)
with own as materialized (
    {own}
),

persons as materialized (
    select distinct person_key from own
),

told as materialized (
    select p.person_key, f.agency_code, f.entity_table, f.sex, f.birth_date, f.batch_id
    from persons as p
    inner join landing.person_fact as f on p.person_key = f.person_key
    union all
    select p.person_key, d.agency_code, d.entity_table, d.sex, d.birth_date, d.batch_id
    from persons as p
    inner join landing.person_fact as f on p.person_key = f.person_key
    cross join unnest({named_by}::text[]) as named (teller_and_name)
    inner join landing.person_fact as d
        on f.agency_code = d.agency_code and f.record_id = d.record_id
        and d.entity_table = split_part(named.teller_and_name, '|', 1)
        and f.entity_table = split_part(named.teller_and_name, '|', 2)
),

elsewhere as (
    select distinct t.person_key, t.sex, t.birth_date
    from told as t
    inner join quality.batch as b on t.batch_id = b.batch_id and b.status = 'released'
    where not (t.agency_code = (select m.agency_code from quality.batch as m where m.batch_id = %(batch)s)
        and t.entity_table = {table})
    union
    select person_key, sex, birth_date from own
)

select
    %(batch)s, own.row_id, coalesce(own.sex <> e.sex, false), coalesce(own.birth_date <> e.birth_date, false),
    case when own.birth_date is distinct from e.birth_date then e.birth_date end
from own
inner join elsewhere as e on own.person_key = e.person_key
where own.sex <> e.sex or (e.birth_date is not null and own.birth_date is distinct from e.birth_date)
"""
)


def _own(contract: Contract, directory: Path) -> Composed:
    """The persons of the batch under judgement, with what its rows say of them."""
    words = _words(contract)
    if contract.bears_person:
        return SQL(
            "select l._row_id as row_id, l._person_key as person_key, {sex} as sex, {birth_date} as birth_date "
            "from judging.{table} as l where l._person_key is not null"
        ).format(**words)
    return _BY_NAME.format(names=Literal(_named_by(directory)[contract.table]), **words, **_named(contract, directory))


_BY_NAME = SQL(
    """
    select l._row_id as row_id, who.person_key, {sex} as sex, {birth_date} as birth_date
    from judging.{table} as l
    inner join (
        select f.record_id, f.person_key
        from landing.person_fact as f
        where f.entity_table = {names} and f.person_key is not null
            and f.agency_code = (select b.agency_code from quality.batch as b where b.batch_id = %(batch)s)
            and f.record_id in (select r.{key} from judging.{table} as r)
        union
        select u._record_id, u._person_key
        from landing.{named} as u
        where u._person_key is not null and u._batch_id in (
            select beside.batch_id
            from quality.batch as b
            inner join quality.batch as beside on b.delivery_id = beside.delivery_id
            where b.batch_id = %(batch)s and beside.entity = {named_entity}
        )
    ) as who on l.{key} = who.record_id
    """
)


def _named(contract: Contract, directory: Path) -> dict[str, Identifier | Literal]:
    named = _named_by(directory)[contract.table]
    (key,) = contract.key_fields
    return {"named": Identifier(named), "named_entity": Literal(named.split("__", 1)[1]), "key": Identifier(key.column)}


def _words(contract: Contract) -> dict[str, SQL | Composed | Identifier | Literal]:
    columns = {f.linkage: f.column for f in contract.landed_fields if f.linkage in ("sex", "birth_date")}
    sex, birth_date = (
        SQL("l.{}").format(Identifier(columns[kind])) if kind in columns else None for kind in ("sex", "birth_date")
    )
    return {
        "table": Identifier(contract.table),
        "name": Literal(contract.table),
        "sex": _SEX.format(sex) if sex else SQL("null::text"),
        "birth_date": _PLAUSIBLE.format(birth_date) if birth_date else SQL("null::date"),
        "is_someone": SQL("l._person_key is not null") if contract.bears_person else SQL("true"),
    }


def _directory(contract: Contract) -> Path:
    return contract.path.parents[1]


@functools.cache
def _named_by(directory: Path) -> Mapping[str, str]:
    """Tables that tell of persons without bearing them, with the table of the same key that does."""
    known = contracts.load_all(directory)
    found = {}
    for contract in known.values():
        if contract.tells_of_persons and not contract.bears_person:
            parents = [known.get((contract.source, key.reference or "")) for key in contract.key_fields]
            if len(parents) == 1 and (parent := parents[0]) is not None and parent.bears_person:
                found[contract.table] = parent.table
    return found


@functools.cache
def _keepers(directory: Path) -> tuple[Contract, ...]:
    """Contracts whose released rows are kept as facts about persons."""
    return tuple(_keeping(directory))


def _keeping(directory: Path) -> Iterator[Contract]:
    named = _named_by(directory)
    for contract in contracts.load_all(directory).values():
        tells = contract.tells_of_persons and (contract.bears_person or contract.table in named)
        if tells or contract.table in named.values():
            yield contract
