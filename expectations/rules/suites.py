"""Reads the rules: one YAML file per entity, ``expectations/suites/<source>__<entity>.yaml``, in Chinese and English.

A rule says one thing in exactly one of three ways:

``expect``
    an expectation of Great Expectations by its class name, with its arguments (the closed list below);
``sql: {failing: …}``
    a boolean SQL expression that is true for a failing row. The row is called ``r``; in a rule of scope ``table`` the
    manifest is called ``m`` (a row of ``connect.batch`` and ``judged_rows``, the rows that were there to be judged);
``reference``
    the value in ``column`` must be known as ``to`` in another entity of the same agency (``list: true`` where the
    column holds a comma-joined list). See :mod:`expectations.rules.rule_sql` for what counts as known.

From the same rule are made what Great Expectations evaluates and the SQL that finds the failing rows. The
reference page of them is :mod:`expectations.rules.page`.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from pipeline import contracts, names
from pipeline.contract_struct import ENVELOPE_COLUMNS
from pipeline.contracts import Contract
from pipeline.errors import ConfigurationError
from pipeline.settings import CHECKOUT

SUITES = CHECKOUT / "expectations" / "suites"
Severity = Literal["critical", "warning", "info"]
Dimension = Literal["completeness", "validity", "consistency", "uniqueness", "timeliness", "plausibility"]
Scope = Literal["row", "table", "delivery"]

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
_TABLE_EXPECTATIONS = frozenset({"ExpectTableRowCountToBeBetween"})
_TEXTS = ("title", "why", "mend")
_KEYS = frozenset(
    {"id", "owner", "severity", "dimension", "scope"} | {f"{t}_{lang}" for t in _TEXTS for lang in ("zh", "en")}
)
_CHECKS = ("expect", "sql", "reference")


@dataclass(frozen=True)
class Text:
    """One sentence in both languages."""

    zh: str
    en: str


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
class Rule:
    """One rule: what it says to a person, how grave a failure is, and how it is checked."""

    id: str
    title: Text
    why: Text
    mend: Text
    owner: str
    severity: Severity
    dimension: Dimension
    scope: Scope
    check: Expect | Failing | Reference

    @property
    def quarantines(self) -> bool:
        """Whether a failing row is kept out of the warehouse until someone decides."""
        return self.severity == "critical" and self.scope != "table"

    @property
    def holds(self) -> bool:
        """Whether a failure keeps the whole batch back until someone decides."""
        return self.severity == "critical" and self.scope == "table"


@dataclass(frozen=True)
class Suite:
    """All rules of one entity."""

    contract: Contract
    rules: tuple[Rule, ...]

    @property
    def table(self) -> str:
        """Name it shares with the landing table."""
        return self.contract.table

    @property
    def row_rules(self) -> tuple[Rule, ...]:
        """Rules that single rows pass or fail, those across entities included."""
        return tuple(rule for rule in self.rules if rule.scope != "table")


@functools.cache
def load(directory: Path = SUITES, contracts_dir: Path = CHECKOUT / "contracts") -> Mapping[str, Suite]:
    """All suites by table name, each checked against its contract.

    :raises ConfigurationError: naming the file, the rule and what is wrong: an unknown or missing key, an unknown
        column, a missing translation, an id that is not this table's or is there twice, an entity without a suite
    """
    known = contracts.load_all(contracts_dir)
    suites = {contract.table: _read(directory, contract, known) for contract in known.values()}
    if strangers := sorted({path.stem for path in directory.glob("*.yaml")} - set(suites)):
        raise ConfigurationError(f"suite {strangers[0]}.yaml: there is no contract of that name")
    return suites


def _read(directory: Path, contract: Contract, known: Mapping[tuple[str, str], Contract]) -> Suite:
    path = directory / f"{contract.table}.yaml"
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except FileNotFoundError:
        raise ConfigurationError(f"{contract.name}: write its suite {path.name}") from None
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path.name}: not YAML: {error}") from error
    if not isinstance(document, dict) or set(document) != {"rules"}:
        raise ConfigurationError(f"{path.name}: must hold exactly one key, rules")
    rules: dict[str, Rule] = {}
    for entry in document["rules"]:
        rule = _rule(entry, path, contract, known)
        if rule.id in rules:
            raise ConfigurationError(f"{path.name}: {rule.id}: the id is there twice")
        rules[rule.id] = rule
    return Suite(contract, tuple(rules.values()))


def _rule(entry: dict[str, Any], path: Path, contract: Contract, known: Mapping[tuple[str, str], Contract]) -> Rule:
    where = f"{path.name}: {entry.get('id', 'a rule without id')}"
    checks = [key for key in _CHECKS if key in entry]
    if len(checks) != 1:
        raise ConfigurationError(f"{where}: give exactly one of {', '.join(_CHECKS)}")
    _exact_keys(entry, _KEYS | set(checks), where)
    if not entry["id"].startswith(f"{contract.table}."):
        raise ConfigurationError(f"{where}: its id must begin with {contract.table}.")
    rule = Rule(
        id=entry["id"],
        title=_text(entry, "title", where),
        why=_text(entry, "why", where),
        mend=_text(entry, "mend", where),
        owner=entry["owner"],
        severity=_one_of(entry, "severity", get_args(Severity), where),
        dimension=_one_of(entry, "dimension", get_args(Dimension), where),
        scope=_one_of(entry, "scope", get_args(Scope), where),
        check=_check(entry, contract, known, where),
    )
    _scope_fits(rule, where)
    return rule


def _check(
    entry: dict[str, Any], contract: Contract, known: Mapping[tuple[str, str], Contract], where: str
) -> Expect | Failing | Reference:
    if "sql" in entry:
        _exact_keys(entry["sql"], {"failing"}, where)
        return Failing(" ".join(str(entry["sql"]["failing"]).split()))
    if "expect" in entry:
        return _expect(dict(entry["expect"]), contract, where)
    wanted = dict(entry["reference"])
    is_list = bool(wanted.pop("list", False))
    _exact_keys(wanted, {"entity", "column", "to"}, where)
    parent = known.get((contract.source, names.table(contract.source, wanted["entity"]).split("__")[1]))
    if parent is None:
        raise ConfigurationError(f"{where}: {contract.source} has no entity {wanted['entity']!r}")
    _column(wanted["column"], contract, where)
    _column(wanted["to"], parent, where)
    return Reference(parent, wanted["column"], wanted["to"], is_list)


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
    _exact_keys(wanted, {"codes"}, where)
    path = SUITES / "codes" / f"{wanted['codes']}.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [row[0] for row in list(csv.reader(file))[1:]]
    except FileNotFoundError:
        raise ConfigurationError(f"{where}: there is no code list {path.name}") from None


def _scope_fits(rule: Rule, where: str) -> None:
    is_reference = isinstance(rule.check, Reference)
    if is_reference != (rule.scope == "delivery"):
        raise ConfigurationError(f"{where}: a reference, and only a reference, has scope delivery")
    if isinstance(rule.check, Expect) and (rule.check.type in _TABLE_EXPECTATIONS) != (rule.scope == "table"):
        raise ConfigurationError(f"{where}: scope {rule.scope} does not fit its expectation")


def _column(name: str, contract: Contract, where: str) -> None:
    columns = {f.column for f in contract.landed_fields} | {column for column, _ in ENVELOPE_COLUMNS}
    if name not in columns:
        raise ConfigurationError(f"{where}: {contract.table} has no column {name!r}")


def _exact_keys(node: Any, wanted: set[str] | frozenset[str], where: str) -> None:
    if not isinstance(node, dict):
        raise ConfigurationError(f"{where}: expected a table of keys, found {node!r}")
    if unknown := set(node) - wanted:
        raise ConfigurationError(f"{where}: unknown key {', '.join(sorted(unknown))}")
    if missing := wanted - set(node):
        raise ConfigurationError(f"{where}: missing {', '.join(sorted(missing))}")


def _text(entry: dict[str, Any], key: str, where: str) -> Text:
    zh, en = (" ".join(str(entry[f"{key}_{lang}"] or "").split()) for lang in ("zh", "en"))
    if not zh or not en:
        raise ConfigurationError(f"{where}: {key} needs both languages")
    return Text(zh, en)


def _one_of(entry: dict[str, Any], key: str, allowed: tuple[str, ...], where: str) -> Any:
    if entry[key] not in allowed:
        raise ConfigurationError(f"{where}: {key} must be one of {', '.join(allowed)}")
    return entry[key]
