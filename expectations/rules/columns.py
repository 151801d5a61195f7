"""Which fields of the sender's file a rule looks at, in the sender's own words."""

from __future__ import annotations

import functools
import re

from expectations.rules import suites
from expectations.rules.suites import Expect, History, Reference, Rule
from pipeline.contracts import Contract

_ROW_COLUMN = re.compile(r"\br\.\"?([a-z_][a-z0-9_]*)")
_ELSEWHERE = re.compile(r"\b([ex])\.(sex|birth_date|[a-z_]+)")
"""In a rule about what other tables say of the person: facts of the person (``e``), columns of the row (``x``)."""
_PARAMETERS = ("column", "column_A", "column_B")


def of_rule(rule_id: str, contract: Contract) -> tuple[str, ...]:
    """Columns a rule looks at, in the order of the contract; none for a rule we no longer know."""
    return _by_rule(contract).get(rule_id, ())


@functools.cache
def _by_rule(contract: Contract) -> dict[str, tuple[str, ...]]:
    suite = suites.load(suites.SUITES).get(contract.table)
    return {} if suite is None else {rule.id: _columns(rule, contract) for rule in suite.rules}


def _columns(rule: Rule, contract: Contract) -> tuple[str, ...]:
    check = rule.check
    if isinstance(check, Expect):
        ours = {str(check.arguments[key]) for key in _PARAMETERS if key in check.arguments}
    elif isinstance(check, Reference):
        ours = {check.column}
    elif isinstance(check, History):
        ours = {check.column} if check.column else set()
    else:
        ours = set(_ROW_COLUMN.findall(check.sql)) | _of_person(check.sql, contract)
    if ours & {"_record_id", "_version"}:
        ours |= {f.column for f in contract.key_fields}
    if ours & {"_person_key", "_id_status"}:
        ours |= {f.column for f in contract.fields if f.identifier == "resident_id"}
    return tuple(f.name for f in contract.fields if f.column in ours)


def _of_person(sql: str, contract: Contract) -> set[str]:
    """Columns a rule looks at to know the person and what is said of them here."""
    if "{elsewhere}" not in sql:
        return set()
    seen = set(_ELSEWHERE.findall(sql))
    facts = {name for owner, name in seen if owner == "e"}
    own = {name for owner, name in seen if owner == "x"}
    return own | {f.column for f in contract.fields if f.identifier == "resident_id" or f.linkage in facts}
