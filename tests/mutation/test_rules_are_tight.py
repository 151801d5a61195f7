"""Each rule is switched off and loosened in turn; its own examples must notice, every time."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest

from expectations.judging import judge
from expectations.rules import rule_sql, suites
from expectations.rules.rule_sql import trusted
from expectations.rules.suites import Rule, Suite
from pipeline import db
from pipeline.db import Connection
from pipeline.settings import Settings
from tests.landed import Line
from tests.mutation import loosened
from tests.rule_examples import FIXTURES, beyond, changed, edges, good_world, line, where, wrong_lines

SUITES = suites.load()


@dataclass(frozen=True)
class Examples:
    """A batch that holds the examples of all rules of one table."""

    connection: Connection
    batch: uuid.UUID

    def failing(self, rule: Rule, table: str) -> set[int]:
        """Rows of the batch that fail a rule."""
        query = f"select r._row_id from judging.{table} as r where {rule_sql.failing(rule, table)}"
        self.connection.execute("select set_config('flyover.batch_id', %s, false)", (str(self.batch),))
        return {row for (row,) in self.connection.execute(trusted(query), {})}


@pytest.fixture(scope="module")
def examples(settings: Settings) -> Iterator[Mapping[str, Examples]]:
    sources = [path.stem for path in sorted(FIXTURES.glob("*.yaml"))]
    worlds = {source: good_world(settings, source) for source in sources}  # all of them first: sources see each other
    with db.connect(settings, "flyover_judge") as connection:
        found = {}
        for source, world in worlds.items():
            tables = {s.contract.entity: _lines(s) for s in SUITES.values() if s.contract.source == source}
            delivered = world.deliver(tables)
            judge.judge_ready(settings, source)
            for entity in tables:
                found[f"{source}__{entity}"] = Examples(connection, delivered[entity])
        yield found


def _lines(suite: Suite) -> list[Line]:
    source, entity = suite.contract.source, suite.contract.entity
    wrong = [replace(one, event_id=uuid.uuid4()) for rule in suite.row_rules for one in wrong_lines(rule)]
    changes = [change for rule in suite.row_rules for change in beyond(*where(rule))]
    changes += [change for _, change in edges(source, entity)]
    return wrong + [line(changed(source, entity, change), record_id=f"edge {n}") for n, change in enumerate(changes)]


@pytest.mark.parametrize("rule", [r for s in SUITES.values() for r in s.row_rules], ids=lambda rule: rule.id)
def test_the_examples_notice_when_a_rule_is_off_or_looser(examples: Mapping[str, Examples], rule: Rule) -> None:
    table = rule.id.split(".")[0]
    kept_back = examples[table].failing(rule, table)
    assert len(kept_back) >= len(wrong_lines(rule)) + len(beyond(*where(rule)))
    survivors = [mutant.how for mutant in loosened.of(rule) if examples[table].failing(mutant.rule, table) >= kept_back]
    assert not survivors
