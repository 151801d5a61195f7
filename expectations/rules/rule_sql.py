"""Makes, from a rule, the SQL that is true for the rows failing it; every value in it is a quoted literal.

The row stands as ``r``, a row of ``judging.<table>``. Null values fail only where the rule is about null.

**What counts as known** in a reference: the agency has sent such a record, in a batch that was not refused, and has
not deleted it since. A parent that is itself in quarantine counts as known, even one that could not be parsed but
whose key could be read: its own entry speaks for it, and one bad parent does not drag its children along.

**What a rule across entities sees** of another entity is each record's latest version that the agency has sent in a
batch that was not refused, without deleted ones and without rows in quarantine, whose word proves nothing; and of
persons, through ``{elsewhere}``, what was noted when the
batch was marked (see :mod:`expectations.judging.persons`).

**A rule about history** asks whether the figure noted in ``quality.history`` lies outside the bounds noted with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from expectations.rules.checks import ELSEWHERE, Across, Failing, History, Reference
from expectations.rules.suites import Rule
from pipeline.db import SQL, Identifier, Literal

_AGENCY = "(select b.agency_code from quality.batch as b where b.batch_id = current_setting('flyover.batch_id')::uuid)"
MANIFEST = """(
    select manifest.*, (select count(*) from {batch} as judged cross join (values (1)) as one) as judged_rows
    from connect.batch as manifest
    where manifest.batch_id = current_setting('flyover.batch_id')::uuid
)"""
"""Source of the one row ``m`` of a table rule; ``{batch}`` stands for the judging view.

Great Expectations leaves the alias of ``{batch}`` to us only in a query that joins, so each of ours does."""


def failing(rule: Rule, table: str) -> str:
    """SQL boolean over ``r`` (``m`` in a table rule), true for what fails ``rule``; null counts as false."""
    check = rule.check
    if isinstance(check, Failing):
        return f"({check.sql})"
    if isinstance(check, Reference):
        return _reference(check)
    if isinstance(check, Across):
        return f"({_across(check)})"
    if isinstance(check, History):
        return _out_of_bounds(rule)
    return _EXPECTED[check.type](check.arguments, table)


def query(rule: Rule, table: str) -> str:
    """The failing rows of a rule as a query for Great Expectations, which puts the judging view for ``{batch}``."""
    condition = failing(rule, table).replace("{", "{{").replace("}", "}}")
    if rule.scope == "table":
        return f"select m.batch_id from {MANIFEST} as m where {condition}"  # noqa: S608 - rules are code of ours
    return f"select r._row_id from {{batch}} as r cross join (values (1)) as one where {condition}"  # noqa: S608


def trusted(text: str) -> SQL:
    """SQL made here or written in a rule file, both code of this project; its percent signs are meant as such."""
    return SQL(text.replace("%", "%%"))


def _reference(check: Reference) -> str:
    column = f"r.{_name(check.column)}"
    if not check.is_list:
        return f"({column} is not null and {column} not in ({_known(check)}))"
    return (
        f"({column} is not null and exists (select from unnest(string_to_array({column}, ',')) as listed (id) "
        f"where trim(listed.id) not in ({_known(check)})))"
    )


def _known(check: Reference) -> str:
    """One column of known values, null-free and uncorrelated, so that PostgreSQL hashes it once a batch."""
    parent, to = f"landing.{_name(check.parent.table)}", _name(check.to)
    landed = f"""
        select p.{to}
        from {parent} as p
        inner join quality.batch as pb on p._batch_id = pb.batch_id and pb.status <> 'refused'
        where p._agency_code = {_AGENCY} and p.{to} is not null and not p._is_deleted
            and not exists (
                select from {parent} as gone
                where gone._is_deleted and gone._agency_code = p._agency_code
                    and gone._record_id = p._record_id and gone._version > p._version
            )"""  # noqa: S608
    keys = [f.column for f in check.parent.key_fields]
    if check.to not in keys:
        return landed
    part = f"split_part(q.record_id, '|', {keys.index(check.to) + 1})" if len(keys) > 1 else "q.record_id"
    return f"""{landed}
        union all
        select {part}
        from quarantine.entry as q
        where q.entity_table = {_literal(check.parent.table)} and q.agency_code = {_AGENCY}
            and q.stage in ('parse', 'decode') and q.record_id is not null"""  # noqa: S608


def _across(check: Across) -> str:
    seen = {entity: _current(contract.table) for entity, contract in check.sees.items()}
    return check.sql.format(**seen, **{ELSEWHERE: _ELSEWHERE})


_ELSEWHERE = (
    "(select e.row_id, e.sex_differs, e.birth_date_differs, e.birth_date from landing.person_elsewhere as e "
    "where e.batch_id = current_setting('flyover.batch_id')::uuid)"
)


def _current(table: str) -> str:
    """The agency's records of another entity as they now are, as a relation; uncorrelated, so it is read once."""
    return f"""(
        select p.*
        from landing.{_name(table)} as p
        inner join quality.batch as pb on p._batch_id = pb.batch_id and pb.status <> 'refused'
        where p._agency_code = {_AGENCY} and not p._is_deleted
            and not exists (
                select from landing.{_name(table)} as later
                inner join quality.batch as lb on later._batch_id = lb.batch_id and lb.status <> 'refused'
                where later._agency_code = p._agency_code and later._record_id = p._record_id
                    and later._version > p._version
            )
            and not exists (
                select from quarantine.{_name(table)} as kept_back
                where kept_back.row_id = p._row_id and kept_back.status <> 'waived'
            )
    )"""  # noqa: S608


def _out_of_bounds(rule: Rule) -> str:
    return (
        "(exists (select from quality.history as h where h.batch_id = m.batch_id "
        f"and h.rule_id = {_literal(rule.id)} and (h.observed < h.low or h.observed > h.high)))"
    )


def _not_null(arguments: Mapping[str, Any], table: str) -> str:
    return f"(r.{_name(arguments['column'])} is null)"


def _in_set(arguments: Mapping[str, Any], table: str) -> str:
    allowed = ", ".join(_literal(value) for value in arguments["value_set"])
    return f"(r.{_name(arguments['column'])} not in ({allowed}))"


def _matches(arguments: Mapping[str, Any], table: str) -> str:
    return f"(r.{_name(arguments['column'])} !~ {_literal(arguments['regex'])})"


def _between(arguments: Mapping[str, Any], table: str) -> str:
    return _outside(f"r.{_name(arguments['column'])}", arguments)


def _length_between(arguments: Mapping[str, Any], table: str) -> str:
    return _outside(f"length(r.{_name(arguments['column'])})", arguments)


def _unique(arguments: Mapping[str, Any], table: str) -> str:
    column = _name(arguments["column"])
    return (
        f"(r.{column} in (select twice.{column} from judging.{_name(table)} as twice "  # noqa: S608
        f"where twice.{column} is not null group by twice.{column} having count(*) > 1))"
    )


def _greater(arguments: Mapping[str, Any], table: str) -> str:
    wanted = ">=" if arguments.get("or_equal") else ">"
    return f"(not r.{_name(arguments['column_A'])} {wanted} r.{_name(arguments['column_B'])})"


def _row_count(arguments: Mapping[str, Any], table: str) -> str:
    return _outside("m.judged_rows", arguments)


def _outside(measure: str, arguments: Mapping[str, Any]) -> str:
    bounds = (("<", arguments.get("min_value")), (">", arguments.get("max_value")))
    return f"({' or '.join(f'{measure} {sign} {_literal(limit)}' for sign, limit in bounds if limit is not None)})"


def _name(identifier: str) -> str:
    return Identifier(identifier).as_string(None)


def _literal(value: Any) -> str:
    return Literal(value).as_string(None)


_EXPECTED: Mapping[str, Callable[[Mapping[str, Any], str], str]] = {
    "ExpectColumnValuesToNotBeNull": _not_null,
    "ExpectColumnValuesToBeInSet": _in_set,
    "ExpectColumnValuesToMatchRegex": _matches,
    "ExpectColumnValuesToBeBetween": _between,
    "ExpectColumnValueLengthsToBeBetween": _length_between,
    "ExpectColumnValuesToBeUnique": _unique,
    "ExpectColumnPairValuesAToBeGreaterThanB": _greater,
    "ExpectTableRowCountToBeBetween": _row_count,
}
