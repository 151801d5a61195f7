"""The examples of every rule: good rows, rows that fail one rule alone, rows on either side of its edge."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from expectations.judging import judge
from expectations.rules.suites import Rule
from pipeline.settings import Settings
from tests.landed import Landing, Line

FIXTURES = Path(__file__).parent / "fixtures" / "rules"
EDGES = FIXTURES.parent / "edges"


@functools.cache
def cases(source: str) -> Mapping[str, Any]:
    """What the file of a source holds, by entity."""
    found: Mapping[str, Any] = yaml.safe_load((FIXTURES / f"{source}.yaml").read_text(encoding="utf-8"))
    return found


def where(rule: Rule) -> tuple[str, str, str]:
    """Source, entity and name of a rule."""
    table, name = rule.id.split(".")
    source, entity = table.split("__")
    return source, entity, name


def line(values: Mapping[str, Any], **more: Any) -> Line:
    """A row as it lands, an event of its own."""
    values = dict(values)
    return Line(id_status=values.pop("_id_status", None), values=values, event_id=uuid.uuid4(), **more)


def changed(source: str, entity: str, change: Mapping[str, Any]) -> dict[str, Any]:
    """The first good row as another record, with a change."""
    case = cases(source)[entity]
    row = dict(case["good"][0])
    key = next(iter(row))
    row[key] = case.get("key", "another")
    return row | dict(change)


def wrong_lines(rule: Rule) -> list[Line]:
    """Rows that fail a rule, each under a record id that tells the rule."""
    source, entity, name = where(rule)
    if name == "unique_key":
        return [line(changed(source, entity, {}), record_id=rule.id)] * 2
    changes = _several(cases(source)[entity]["failing"][name])
    if len(changes) == 1:
        return [line(changed(source, entity, changes[0]), record_id=rule.id)]
    return [line(changed(source, entity, one), record_id=f"{rule.id} {number}") for number, one in enumerate(changes)]


def edges(source: str, entity: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(rule's name, change) of rows that must just pass."""
    for name, change in cases(source)[entity].get("passing", {}).items():
        yield from ((name, one) for one in _several(change))


def beyond(source: str, entity: str, name: str) -> list[Mapping[str, Any]]:
    """Changes that a rule must just refuse."""
    found: list[Mapping[str, Any]] = _beyond(source).get(entity, {}).get(name, [])
    return found


def whole_batch(case: Mapping[str, Any], outcome: str) -> list[Mapping[str, Any]]:
    """Changes of every row of a batch that fails, or passes, a rule about the whole of it; several go in turn."""
    changes = _several(case[outcome])
    return [changes[number % len(changes)] for number in range(case["rows"])]


@functools.cache
def _beyond(source: str) -> Mapping[str, Any]:
    path = EDGES / f"{source}.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}


def good_world(settings: Settings, source: str) -> Landing:
    """A good delivery of a source, judged: the parents that references look for."""
    landing = Landing(settings, source)
    landing.deliver({entity: [line(row) for row in case["good"]] for entity, case in cases(source).items()})
    for verdict in judge.judge_ready(settings, source):
        assert verdict.failed_rules == ()
        assert verdict.released == verdict.received > 0
    return landing


def _several(change: Any) -> list[Mapping[str, Any]]:
    return change if isinstance(change, list) else [change]
