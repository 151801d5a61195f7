"""Every rule has a batch it passes and a batch that fails it and nothing else, on a real database."""

import uuid
from dataclasses import replace

import pytest

from expectations.judging import gx, judge, settle
from expectations.rules import rule_sql, suites
from pipeline import db, names
from tests.landed import Line, land_tables
from tests.rule_examples import FIXTURES, cases, changed, edges, good_world, line, where, whole_batch, wrong_lines

SUITES = suites.load()
RULES = [rule for suite in SUITES.values() for rule in suite.rules]
ROW_RULES = [rule for rule in RULES if rule.scope != "table"]
TABLE_RULES = [rule for rule in RULES if rule.scope == "table" and not isinstance(rule.check, suites.History)]
"""Rules about history have their cases in test_history: one batch neither passes nor fails them."""
MASS_DELETIONS = [rule for rule in TABLE_RULES if rule.id.endswith(".mass_deletion")]


@pytest.fixture(scope="module")
def worlds(settings):
    """A good delivery of every source, judged: the parents that references look for."""
    return {path.stem: good_world(settings, path.stem) for path in sorted(FIXTURES.glob("*.yaml"))}


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
    changes = list(edges(source, entity))
    lines = [
        line(changed(source, entity, one), record_id=f"{name} {number}") for number, (name, one) in enumerate(changes)
    ]
    batch = worlds[source].deliver({entity: lines})[entity]
    judge.judge_ready(settings, source)
    with db.connect(settings, "flyover_judge") as connection:
        results = connection.execute("select rule_id, failed from quality.rule_result where batch_id = %s", (batch,))
        failed = {rule_id.split(".")[1] for rule_id, count in results if count}
    assert not failed & {name for name, _ in changes}


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


@pytest.mark.parametrize("rule", [rule for rule in TABLE_RULES if rule not in MASS_DELETIONS], ids=lambda rule: rule.id)
@pytest.mark.parametrize("outcome", ["failing", "passing"])
def test_a_rule_about_the_whole_batch_passes_one_and_fails_another(settings, rule, outcome):
    source, entity, name = where(rule)
    case = cases(source)[entity]["whole"][name]
    rows = [changed(source, entity, one) for one in whole_batch(case, outcome)]
    for row in rows:
        row.pop("_id_status", None)
    batch = land_tables(settings, source, f"test-{uuid.uuid4().hex[:8]}", {entity: rows})[entity]
    with db.connect(settings, "flyover_judge") as connection:
        connection.execute("select set_config('flyover.batch_id', %s, true)", (str(batch),))
        query = rule_sql.query(rule, f"{source}__{entity}").format(batch=f"judging.{source}__{entity}")
        fails = connection.execute(rule_sql.trusted(query), {}).fetchone() is not None
    assert fails == (outcome == "failing")
    with db.connect(settings, "flyover_owner") as connection:
        connection.execute("delete from quality.batch where batch_id = %s", (batch,))
