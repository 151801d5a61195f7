"""Every rule has a batch it passes and a batch that fails it and nothing else, on a real database."""

import functools
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from expectations.judging import gx, judge, settle
from expectations.rules import suites
from pipeline import db, names
from tests.landed import Landing, Line

FIXTURES = Path(__file__).parents[2] / "fixtures" / "rules"
SUITES = suites.load()
RULES = [rule for suite in SUITES.values() for rule in suite.rules]
ROW_RULES = [rule for rule in RULES if rule.scope != "table"]
MASS_DELETIONS = [rule for rule in RULES if rule.scope == "table" and not isinstance(rule.check, suites.History)]
"""Rules about history have their cases in test_history: one batch neither passes nor fails them."""


@functools.cache
def cases(source):
    return yaml.safe_load((FIXTURES / f"{source}.yaml").read_text(encoding="utf-8"))


def where(rule):
    table, name = rule.id.split(".")
    source, entity = table.split("__")
    return source, entity, name


def line(values, **more):
    values = dict(values)
    return Line(id_status=values.pop("_id_status", None), values=values, event_id=uuid.uuid4(), **more)


def changed(source, entity, change):
    """The first good row as another record, with a change."""
    case = cases(source)[entity]
    row = dict(case["good"][0])
    key = next(iter(row))
    row[key] = case.get("key", "another")
    return row | change


def wrong_lines(rule):
    """Rows that fail a rule, each under a record id that tells the rule."""
    source, entity, name = where(rule)
    if name == "unique_key":
        return [line(changed(source, entity, {}), record_id=rule.id)] * 2
    change = cases(source)[entity]["failing"][name]
    if not isinstance(change, list):
        return [line(changed(source, entity, change), record_id=rule.id)]
    return [line(changed(source, entity, one), record_id=f"{rule.id} {number}") for number, one in enumerate(change)]


@pytest.fixture(scope="module")
def worlds(settings):
    """A good delivery of every source, judged: the parents that references look for."""
    landings = {}
    for source in sorted({path.stem for path in FIXTURES.glob("*.yaml")}):
        landings[source] = Landing(settings, source)
        good = {entity: [line(row) for row in case["good"]] for entity, case in cases(source).items()}
        landings[source].deliver(good)
        for verdict in judge.judge_ready(settings, source):
            assert verdict.failed_rules == ()
            assert verdict.released == verdict.received > 0
    return landings


@pytest.mark.parametrize("table", SUITES)
def test_each_rule_fails_its_bad_row_alone(settings, worlds, table):
    source, entity = table.split("__")
    wrong = [(rule, wrong_lines(rule)) for rule in SUITES[table].row_rules]
    lines = [replace(n, event_id=uuid.uuid4()) for _, lines in wrong for n in lines]
    batch = worlds[source].deliver({entity: lines})[entity]
    (verdict,) = judge.judge_ready(settings, source)
    with db.connect(settings, "flyover_judge") as connection:
        entries = connection.execute(
            "select record_id, rule_ids, stage, status from quarantine.entry where batch_id = %s", (batch,)
        ).fetchall()
        shown = connection.execute(
            db.SQL("select _record_id from released.{} where _batch_id = %s").format(db.Identifier(table)), (batch,)
        ).fetchall()
        failed = dict(
            connection.execute(
                "select rule_id, failed from quality.rule_result where batch_id = %s and scope <> 'table'", (batch,)
            ).fetchall()
        )
    assert failed == {rule.id: len(lines) for rule, lines in wrong}
    kept_back = [(n.record_id, rule.id) for rule, lines in wrong if rule.quarantines for n in lines]
    assert sorted(entries) == sorted((record, [rule], "rule", "open") for record, rule in kept_back)
    assert sorted(shown) == sorted((n.record_id,) for rule, lines in wrong if not rule.quarantines for n in lines)
    assert (verdict.quarantined, verdict.released) == (len(kept_back), len(shown))


@pytest.mark.parametrize("table", SUITES)
def test_rules_pass_at_their_edges(settings, worlds, table):
    source, entity = table.split("__")
    edges = cases(source)[entity].get("passing", {})
    changes = [(name, one) for name, edge in edges.items() for one in (edge if isinstance(edge, list) else [edge])]
    lines = [
        line(changed(source, entity, one), record_id=f"{name} {number}") for number, (name, one) in enumerate(changes)
    ]
    batch = worlds[source].deliver({entity: lines})[entity]
    judge.judge_ready(settings, source)
    with db.connect(settings, "flyover_judge") as connection:
        results = connection.execute("select rule_id, failed from quality.rule_result where batch_id = %s", (batch,))
        failed = {rule_id.split(".")[1] for rule_id, count in results if count}
    assert not failed & set(edges)


@pytest.mark.parametrize("rule", [rule for rule in ROW_RULES if rule.quarantines], ids=lambda rule: rule.id)
def test_without_the_rule_its_bad_row_would_be_released(settings, worlds, rule):
    """The mutation: what catches the bad row is this rule and no other."""
    source, entity, _ = where(rule)
    batch = worlds[source].deliver({entity: wrong_lines(rule)})[entity]
    suite = SUITES[names.table(source, entity)]
    lamed = replace(suite, rules=tuple(other for other in suite.rules if other.id != rule.id))
    waiting = settle.Batch(batch, worlds[source].agency, entity, len(wrong_lines(rule)), None)
    findings = {other.id: gx.Finding(passed=True, failed=0, observed=None) for other in lamed.rules}
    with db.connect(settings, "flyover_judge") as connection:
        verdict = settle.settle(connection, lamed, waiting, findings)
        connection.rollback()
    assert verdict.quarantined == 0
    with db.connect(settings, "flyover_owner") as connection:
        connection.execute("delete from quality.batch where batch_id = %s", (batch,))


@pytest.mark.parametrize("rule", MASS_DELETIONS, ids=lambda rule: rule.id)
@pytest.mark.parametrize(("gone", "left", "status"), [(60, 59, "held"), (60, 60, "released"), (40, 0, "released")])
def test_a_delivery_that_drops_most_records_is_held(settings, worlds, rule, gone, left, status):
    source, entity, _ = where(rule)
    lines = [Line(deleted=True, record_id=f"gone-{n}-{gone}-{left}", version=2) for n in range(gone)]
    worlds[source].deliver({entity: lines}, unchanged=left)
    (verdict,) = judge.judge_ready(settings, source)
    assert verdict.status == status
    assert (verdict.held, verdict.released) == ((gone, 0) if status == "held" else (0, gone))
