"""A rule as it would be: with other thresholds, or as a file has it. Nothing is written and no suite is touched."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from expectations.rules import suites
from expectations.rules.checks import EXPECTATIONS, Expect, History
from expectations.rules.suites import Rule, Suite
from pipeline import contracts
from pipeline.errors import BadInput, ConfigurationError
from pipeline.settings import CHECKOUT


def find(rule_id: str) -> tuple[Suite, Rule]:
    """A rule by its id, with its suite.

    :raises BadInput: when no suite has it
    """
    suite = suites.load().get(rule_id.split(".")[0])
    for rule in suite.rules if suite else ():
        if suite is not None and rule.id == rule_id:
            return suite, rule
    raise BadInput(f"there is no rule {rule_id}", advice="See ./flyover rule list")


def with_thresholds(rule: Rule, wanted: Sequence[str]) -> Rule:
    """The rule with ``name=value`` put in place of its own thresholds.

    :raises BadInput: for a rule whose check has no thresholds, an unknown name or a value that is none
    """
    given = dict(_pair(text, rule) for text in wanted)
    known = thresholds(rule)
    if unknown := sorted(set(given) - set(known)):
        raise BadInput(
            f"{rule.id} has no threshold {', '.join(unknown)}",
            advice=f"It has: {', '.join(known) or 'none'}. Give --file for another change.",
        )
    if isinstance(rule.check, History):
        try:
            limits = {name: float(value) for name, value in given.items()}
        except (TypeError, ValueError):
            raise BadInput(f"the thresholds of {rule.id} are numbers") from None
        check = dataclasses.replace(rule.check, thresholds={**rule.check.thresholds, **limits})
        return dataclasses.replace(rule, check=check)
    assert isinstance(rule.check, Expect)  # noqa: S101 - no other check has thresholds
    changed = dataclasses.replace(rule.check, arguments={**rule.check.arguments, **given})
    return dataclasses.replace(rule, check=changed)


def thresholds(rule: Rule) -> Mapping[str, Any]:
    """What can be set by name, with what it is now."""
    if isinstance(rule.check, History):
        return rule.check.thresholds
    if isinstance(rule.check, Expect):
        required, optional = EXPECTATIONS[rule.check.type]
        names = sorted((required | optional) - {"column", "column_A", "column_B"})
        return {name: rule.check.arguments.get(name) for name in names}
    return {}


def from_file(path: Path, rule: Rule, suite: Suite) -> Rule:
    """The rule as a file has it: a whole suite or one rule of it.

    :raises BadInput: when the file is not there or has no rule of this id
    :raises ConfigurationError: when the rule in it cannot be read
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(f"there is no file {path}") from None
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path.name}: not YAML: {error}") from error
    entries = document.get("rules", [document]) if isinstance(document, dict) else document
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and entry.get("id") == rule.id:
            return suites.read_one(entry, suite.contract, contracts.load_all(CHECKOUT / "contracts"), path.name)
    raise BadInput(f"{path.name} has no rule {rule.id}")


def _pair(text: str, rule: Rule) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign:
        raise BadInput(f"--threshold {text!r} is not name=value", advice=f"{rule.id} has: {dict(thresholds(rule))}")
    return name.strip(), yaml.safe_load(value)
