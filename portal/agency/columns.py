"""Which columns of the sender's file a reason is about, in the sender's own words."""

from __future__ import annotations

import functools
import re

from expectations.rules import suites
from expectations.rules.suites import Expect, History, Reference, Rule
from pipeline.contracts import Contract

_ROW_COLUMN = re.compile(r"\br\.\"?([a-z_][a-z0-9_]*)")
_AT_FIELD = re.compile(r"`\$\.data\.([^`\[]+)")
_LACKS_FIELD = re.compile(r"missing required field `([^`]+)`")
_PARAMETERS = ("column", "column_A", "column_B")


def of_rule(rule_id: str, contract: Contract) -> tuple[str, ...]:
    """Columns a rule looks at, in the order of the contract; none for a rule we no longer know."""
    return _by_rule(contract).get(rule_id, ())


@functools.lru_cache(4096)  # rows are many, their ways to be wrong few
def of_row(rule_ids: tuple[str, ...], field: str | None, detail: str | None, contract: Contract) -> tuple[str, ...]:
    """Columns at fault in one row: what the reader or the contract named, else what its rules look at."""
    known = {f.name for f in contract.fields}
    told = [name for name in (field, named_in(detail)) if name in known]
    if told:
        return (str(told[0]),)
    looked_at = {name for rule_id in rule_ids for name in of_rule(rule_id, contract)}
    return tuple(f.name for f in contract.fields if f.name in looked_at)


def named_in(detail: str | None) -> str | None:
    """Field that the contract's decoder complained about; it never quotes a value."""
    found = _AT_FIELD.search(detail or "") or _LACKS_FIELD.search(detail or "")
    return found[1] if found else None


@functools.cache
def _by_rule(contract: Contract) -> dict[str, tuple[str, ...]]:
    suite = suites.load().get(contract.table)
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
        ours = set(_ROW_COLUMN.findall(check.sql))
    if ours & {"_record_id", "_version"}:
        ours |= {f.column for f in contract.key_fields}
    if ours & {"_person_key", "_id_status"}:
        ours |= {f.column for f in contract.fields if f.identifier == "resident_id"}
    return tuple(f.name for f in contract.fields if f.column in ours)
