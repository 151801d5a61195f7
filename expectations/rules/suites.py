"""Reads the rules: one YAML file per entity, ``expectations/suites/<source>__<entity>.yaml``, in Chinese and English.

A rule says one thing, in exactly one of the ways of :mod:`expectations.rules.checks`. From the same rule are made what
Great Expectations evaluates and the SQL that finds the failing rows. The reference page of them is
:mod:`expectations.rules.page`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from expectations.rules import checks
from expectations.rules.checks import SUITES, Across, Check, Expect, Failing, History, Reference
from pipeline import contracts
from pipeline.contracts import Contract
from pipeline.errors import ConfigurationError
from pipeline.settings import CHECKOUT

__all__ = [
    "SUITES", "Across", "Check", "Expect", "Failing", "History", "Reference", "Rule", "Suite", "Text", "load",
    "read_one",
]  # fmt: skip

Severity = Literal["critical", "warning", "info"]
Dimension = Literal["completeness", "validity", "consistency", "uniqueness", "timeliness", "plausibility"]
Scope = Literal["row", "table", "delivery"]

_TEXTS = ("title", "why", "mend")
_KEYS = frozenset(
    {"id", "owner", "severity", "dimension", "scope"} | {f"{t}_{lang}" for t in _TEXTS for lang in ("zh", "en")}
)


@dataclass(frozen=True)
class Text:
    """One sentence in both languages."""

    zh: str
    en: str


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
    check: Check

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


def _read(directory: Path, contract: Contract, known: checks.Known) -> Suite:
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
        rule = read_one(entry, contract, known, path.name)
        if rule.id in rules:
            raise ConfigurationError(f"{path.name}: {rule.id}: the id is there twice")
        rules[rule.id] = rule
    return Suite(contract, tuple(rules.values()))


def read_one(entry: dict[str, Any], contract: Contract, known: checks.Known, file: str) -> Rule:
    """One rule as a suite holds it.

    :raises ConfigurationError: as :func:`load`
    """
    where = f"{file}: {entry.get('id', 'a rule without id')}"
    kinds = [key for key in checks.KINDS if key in entry]
    if len(kinds) != 1:
        raise ConfigurationError(f"{where}: give exactly one of {', '.join(checks.KINDS)}")
    checks.exact_keys(entry, _KEYS | set(kinds), where)
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
        check=checks.read(entry, contract, known, where),
    )
    _scope_fits(rule, where)
    return rule


def _scope_fits(rule: Rule, where: str) -> None:
    looks_across = isinstance(rule.check, Reference | Across)
    if looks_across != (rule.scope == "delivery"):
        raise ConfigurationError(f"{where}: a reference or a look across, and nothing else, has scope delivery")
    if isinstance(rule.check, History) and rule.scope != "table":
        raise ConfigurationError(f"{where}: a rule about history has scope table")
    if isinstance(rule.check, Expect) and (rule.check.type in checks.TABLE_EXPECTATIONS) != (rule.scope == "table"):
        raise ConfigurationError(f"{where}: scope {rule.scope} does not fit its expectation")


def _text(entry: dict[str, Any], key: str, where: str) -> Text:
    zh, en = (" ".join(str(entry[f"{key}_{lang}"] or "").split()) for lang in ("zh", "en"))
    if not zh or not en:
        raise ConfigurationError(f"{where}: {key} needs both languages")
    return Text(zh, en)


def _one_of(entry: dict[str, Any], key: str, allowed: tuple[str, ...], where: str) -> Any:
    if entry[key] not in allowed:
        raise ConfigurationError(f"{where}: {key} must be one of {', '.join(allowed)}")
    return entry[key]
