"""The ways in which a rule can be checked, and how each is read from a suite.

``expect``
    an expectation of Great Expectations by its class name, with its arguments (the closed list below);
``sql: {failing: …}``
    a boolean SQL expression that is true for a failing row. The row is called ``r``; in a rule of scope ``table`` the
    manifest is called ``m`` (a row of ``connect.batch`` and ``judged_rows``, the rows that were there to be judged);
``reference``
    the value in ``column`` must be known as ``to`` in another entity of the same agency (``list: true`` where the
    column holds a comma-joined list). See :mod:`expectations.rules.rule_sql` for what counts as known;
``across: {failing: …, sees: [entity, …]}``
    SQL as above that may look at other entities of the same agency, each written ``{entity}``, and at what other
    entities and agencies say about the persons of this batch, ``{elsewhere}``;
``history: {measure: …, column: …}``
    the batch must look like the agency's own earlier ones: see :mod:`expectations.judging.history`.
"""

from __future__ import annotations

import csv
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pipeline import names
from pipeline.contract_struct import ENVELOPE_COLUMNS
from pipeline.contracts import Contract
from pipeline.errors import ConfigurationError
from pipeline.settings import CHECKOUT

SUITES = CHECKOUT / "expectations" / "suites"
KINDS = ("expect", "sql", "reference", "across", "history")
ELSEWHERE = "elsewhere"
_COLUMN_KEYS = ("column", "column_A", "column_B")
EXPECTATIONS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "ExpectColumnValuesToNotBeNull": (frozenset({"column"}), frozenset()),
    "ExpectColumnValuesToBeInSet": (frozenset({"column", "value_set"}), frozenset()),
    "ExpectColumnValuesToMatchRegex": (frozenset({"column", "regex"}), frozenset()),
    "ExpectColumnValuesToBeBetween": (frozenset({"column"}), frozenset({"min_value", "max_value"})),
    "ExpectColumnValueLengthsToBeBetween": (frozenset({"column"}), frozenset({"min_value", "max_value"})),
    "ExpectColumnValuesToBeUnique": (frozenset({"column"}), frozenset()),
    "ExpectColumnPairValuesAToBeGreaterThanB": (frozenset({"column_A", "column_B"}), frozenset({"or_equal"})),
    "ExpectTableRowCountToBeBetween": (frozenset(), frozenset({"min_value", "max_value"})),
}
"""The expectations a rule may use: (arguments it must have, arguments it may have)."""
TABLE_EXPECTATIONS = frozenset({"ExpectTableRowCountToBeBetween"})

Measure = Literal["volume", "deleted_share", "null_share", "distribution", "mean", "last_term"]
_OF_A_COLUMN = frozenset({"null_share", "distribution", "mean"})
_USUAL: Mapping[str, Mapping[str, float]] = {
    "volume": {"batches": 8, "spread": 6, "times": 1.5, "change": 50},
    "deleted_share": {"batches": 8, "spread": 6, "change": 0.1, "rows": 100},
    "null_share": {"batches": 8, "spread": 6, "change": 0.1, "rows": 100},
    "distribution": {"batches": 8, "spread": 6, "change": 0.25, "rows": 200},
    "mean": {"batches": 8, "spread": 6, "times": 1.5, "rows": 100},
    "last_term": {"times": 2, "change": 50},
}
"""Thresholds of each measure where a rule names no other; docs/reference/history-rules.md says why these."""
Sides = Literal["both", "low", "high"]


@dataclass(frozen=True)
class Expect:
    """An expectation of Great Expectations and its arguments."""

    type: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Failing:
    """SQL that is true for a failing row (or, in scope ``table``, a failing manifest)."""

    sql: str


@dataclass(frozen=True)
class Reference:
    """A value that must be known as ``to`` of ``parent`` in the same agency."""

    parent: Contract
    column: str
    to: str
    is_list: bool


@dataclass(frozen=True)
class Across:
    """SQL that is true for a failing row and may look at the entities it names; ``{entity}`` stands for one."""

    sql: str
    sees: Mapping[str, Contract]


@dataclass(frozen=True)
class History:
    """A measure of the batch that must lie where the agency's earlier batches lay."""

    measure: Measure
    column: str | None
    sides: Sides
    thresholds: Mapping[str, float]


Check = Expect | Failing | Reference | Across | History
Known = Mapping[tuple[str, str], Contract]


def read(entry: Mapping[str, Any], contract: Contract, known: Known, where: str) -> Check:
    """The check of a suite's entry, held against the contract.

    :raises ConfigurationError: beginning with ``where``: an unknown key, column, entity or threshold
    """
    if "sql" in entry:
        exact_keys(entry["sql"], {"failing"}, where)
        return Failing(_one_line(entry["sql"]["failing"]))
    if "expect" in entry:
        return _expect(dict(entry["expect"]), contract, where)
    if "across" in entry:
        return _across(dict(entry["across"]), contract, known, where)
    if "history" in entry:
        return _history(dict(entry["history"]), contract, where)
    return _reference(dict(entry["reference"]), contract, known, where)


def exact_keys(node: Any, wanted: set[str] | frozenset[str], where: str) -> None:
    """Refuse a node that is no table of exactly these keys."""
    if not isinstance(node, dict):
        raise ConfigurationError(f"{where}: expected a table of keys, found {node!r}")
    if unknown := set(node) - wanted:
        raise ConfigurationError(f"{where}: unknown key {', '.join(sorted(unknown))}")
    if missing := wanted - set(node):
        raise ConfigurationError(f"{where}: missing {', '.join(sorted(missing))}")


def _reference(wanted: dict[str, Any], contract: Contract, known: Known, where: str) -> Reference:
    is_list = bool(wanted.pop("list", False))
    exact_keys(wanted, {"entity", "column", "to"}, where)
    parent = _entity(wanted["entity"], contract, known, where)
    _column(wanted["column"], contract, where)
    _column(wanted["to"], parent, where)
    return Reference(parent, wanted["column"], wanted["to"], is_list)


def _entity(entity: str, contract: Contract, known: Known, where: str) -> Contract:
    found = known.get((contract.source, names.table(contract.source, entity).split("__")[1]))
    if found is None:
        raise ConfigurationError(f"{where}: {contract.source} has no entity {entity!r}")
    return found


def _across(wanted: dict[str, Any], contract: Contract, known: Known, where: str) -> Across:
    sees = wanted.pop("sees", [])
    exact_keys(wanted, {"failing"}, where)
    sql = _one_line(wanted["failing"])
    named = {field for _, field, _, _ in string.Formatter().parse(sql) if field is not None}
    if unknown := named - set(sees) - {ELSEWHERE}:
        raise ConfigurationError(f"{where}: {', '.join(sorted(unknown))} is not among what it sees")
    if unused := set(sees) - named:
        raise ConfigurationError(f"{where}: sees {', '.join(sorted(unused))} and never looks")
    if ELSEWHERE in named and not contract.tells_of_persons:
        raise ConfigurationError(f"{where}: {contract.name} says nothing of persons that others could know")
    return Across(sql, {entity: _entity(entity, contract, known, where) for entity in sees})


def _history(wanted: dict[str, Any], contract: Contract, where: str) -> History:
    measure, column = wanted.pop("measure", None), wanted.pop("column", None)
    sides = wanted.pop("sides", "high" if measure in ("deleted_share", "null_share", "distribution") else "both")
    if measure not in get_args(Measure):
        raise ConfigurationError(f"{where}: measure must be one of {', '.join(get_args(Measure))}")
    if sides not in get_args(Sides):
        raise ConfigurationError(f"{where}: sides must be one of {', '.join(get_args(Sides))}")
    if (column is not None) != (measure in _OF_A_COLUMN):
        raise ConfigurationError(f"{where}: {measure} is {'' if column is None else 'not '}about a column")
    if column is not None:
        _column(column, contract, where)
    if unknown := set(wanted) - set(_USUAL[measure]):
        raise ConfigurationError(f"{where}: {measure} has no threshold {', '.join(sorted(unknown))}")
    return History(measure, column, sides, {**_USUAL[measure], **{name: float(n) for name, n in wanted.items()}})


def _expect(wanted: dict[str, Any], contract: Contract, where: str) -> Expect:
    kind = wanted.pop("type", None)
    if kind not in EXPECTATIONS:
        raise ConfigurationError(f"{where}: {kind!r} is not one of the expectations we use: {', '.join(EXPECTATIONS)}")
    required, optional = EXPECTATIONS[kind]
    if missing := required - set(wanted):
        raise ConfigurationError(f"{where}: {kind} needs {', '.join(sorted(missing))}")
    if unknown := set(wanted) - required - optional:
        raise ConfigurationError(f"{where}: {kind} has no argument {', '.join(sorted(unknown))}")
    for key in _COLUMN_KEYS:
        if key in wanted:
            _column(wanted[key], contract, where)
    if isinstance(wanted.get("value_set"), dict):
        wanted["value_set"] = _codes(wanted["value_set"], where)
    return Expect(kind, wanted)


def _codes(wanted: dict[str, Any], where: str) -> list[str]:
    """A code list kept in ``suites/codes/<name>.csv``, first column."""
    exact_keys(wanted, {"codes"}, where)
    path = SUITES / "codes" / f"{wanted['codes']}.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [row[0] for row in list(csv.reader(file))[1:]]
    except FileNotFoundError:
        raise ConfigurationError(f"{where}: there is no code list {path.name}") from None


def _column(name: str, contract: Contract, where: str) -> None:
    columns = {f.column for f in contract.landed_fields} | {column for column, _ in ENVELOPE_COLUMNS}
    if name not in columns:
        raise ConfigurationError(f"{where}: {contract.table} has no column {name!r}")


def _one_line(text: Any) -> str:
    return " ".join(str(text).split())
