"""Dated rules of conversion: data in this folder, read and checked here.

A conversion is done under the rule in force on the day of the application. The receiving institution's own rule comes
before the general one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import ConfigurationError

DIRECTORY = Path(__file__).parent
_FIELDS = frozenset({
    "version", "valid_from", "valid_to", "institution_code", "total_cap_pct", "online_cap_pct", "least_overlap_pct",
    "overlap_free_kinds", "hours_per_credit", "bank_frameworks", "level_marks", "source",
})  # fmt: skip
_DEFAULT = "default"
_EDGES = re.compile(r"[\s()\[\]【】〔〕·・\-–—_:,、.]+")


@dataclass(frozen=True)
class Rule:
    """One version of the rules; ``valid_to`` is the first day it is no longer in force."""

    version: str
    valid_from: dt.date
    valid_to: dt.date | None
    institution_code: str | None
    total_cap_pct: Decimal
    online_cap_pct: Decimal
    least_overlap_pct: Decimal
    overlap_free_kinds: frozenset[str]
    hours_per_credit: Mapping[str, Decimal] = field(hash=False)
    """by kind of outcome; ``default`` for all others"""
    bank_frameworks: frozenset[str]
    level_marks: tuple[re.Pattern[str], ...]
    source: str

    def covers(self, day: dt.date) -> bool:
        """Whether the rule is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def base_title(self, title: str) -> str:
        """The title without marks of level: the same for all levels of one certificate."""
        text = unicodedata.normalize("NFKC", title)
        for mark in self.level_marks:
            text = mark.sub("", text)
        return _EDGES.sub("", text).casefold() or _EDGES.sub("", unicodedata.normalize("NFKC", title)).casefold()

    def worth(self, kind: str, awarded: Decimal | None, framework: str | None, hours: Decimal | None) -> Decimal | None:
        """Credits of the bank an outcome is worth by the rule; None where neither hours nor known credits are stated.

        :param awarded: credits in ``framework``; another framework's are never taken for the bank's
        """
        if awarded is not None and framework in self.bank_frameworks:
            return awarded
        if hours is None:
            return None
        per_credit = self.hours_per_credit.get(kind, self.hours_per_credit[_DEFAULT])
        return (hours / per_credit).quantize(Decimal("0.01"))


@dataclass(frozen=True)
class RuleBook:
    """All versions of the rules."""

    rules: tuple[Rule, ...]
    digest: str = ""
    """stands for the text of all of them"""

    def in_force(self, day: dt.date, institution_code: str | None = None) -> Rule | None:
        """The rule of a day: the institution's own, else the general one; None before there were any."""
        valid = [rule for rule in self.rules if rule.covers(day)]
        own = next(
            (rule for rule in valid if rule.institution_code and rule.institution_code == institution_code), None
        )
        return own or next((rule for rule in valid if rule.institution_code is None), None)


def load(directory: Path = DIRECTORY) -> RuleBook:
    """Read every version in the folder.

    :raises ConfigurationError: naming file and version when something is missing, or two are in force at once
    """
    rules: list[Rule] = []
    texts = hashlib.sha256()
    for path in sorted(directory.glob("*.yaml")):
        texts.update(path.read_bytes())
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        rules += [_rule(path.name, entry) for entry in document["rules"]]
    _check(rules)
    return RuleBook(tuple(rules), texts.hexdigest())


def _rule(file: str, entry: Mapping[str, Any]) -> Rule:
    odd = _FIELDS ^ set(entry)
    if odd:
        raise ConfigurationError(f"ledger/rules/{file}: {entry.get('version')}: missing or unknown: {sorted(odd)}")
    hours = {kind: Decimal(str(value)) for kind, value in entry["hours_per_credit"].items()}
    if _DEFAULT not in hours or any(value <= 0 for value in hours.values()):
        raise ConfigurationError(f"ledger/rules/{file}: {entry['version']}: hours_per_credit needs a positive default")
    return Rule(
        version=entry["version"],
        valid_from=entry["valid_from"],
        valid_to=entry["valid_to"],
        institution_code=entry["institution_code"],
        total_cap_pct=_pct(file, entry, "total_cap_pct"),
        online_cap_pct=_pct(file, entry, "online_cap_pct"),
        least_overlap_pct=_pct(file, entry, "least_overlap_pct"),
        overlap_free_kinds=frozenset(entry["overlap_free_kinds"]),
        hours_per_credit=hours,
        bank_frameworks=frozenset(entry["bank_frameworks"]),
        level_marks=tuple(re.compile(mark) for mark in entry["level_marks"]),
        source=entry["source"],
    )


def _pct(file: str, entry: Mapping[str, Any], name: str) -> Decimal:
    value = Decimal(str(entry[name]))
    if not 0 <= value <= 100:
        raise ConfigurationError(f"ledger/rules/{file}: {entry['version']}: {name} must lie between 0 and 100")
    return value


def _check(rules: Sequence[Rule]) -> None:
    versions = [rule.version for rule in rules]
    if twice := {version for version in versions if versions.count(version) > 1}:
        raise ConfigurationError(f"ledger/rules: a version is said once, but found twice: {sorted(twice)}")
    for rule in rules:
        if rule.valid_to is not None and rule.valid_to <= rule.valid_from:
            raise ConfigurationError(f"ledger/rules: {rule.version} ends before it begins")
        for other in rules:
            if other is not rule and other.institution_code == rule.institution_code and other.covers(rule.valid_from):
                raise ConfigurationError(f"ledger/rules: {rule.version} begins while {other.version} is in force")
