"""The one door to Great Expectations: a batch is judged through its view, and only its own rows are seen.

The view ``judging.<table>`` filters by the connection setting ``flyover.batch_id``. Every judgement opens a
connection of its own with that setting, so two batches at once, in threads or processes, never meet. No failing
value is asked for: the library counts, and :mod:`expectations.rules.rule_sql` finds the rows.
"""

from __future__ import annotations

import os
import re
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from expectations.judging.planning import OPTIONS
from expectations.rules import rule_sql
from expectations.rules.suites import Expect, Rule
from pipeline import db
from pipeline.errors import FlyoverError
from pipeline.settings import Settings

ROLE = "flyover_judge"
_SERVER_ERROR = re.compile(r"\(psycopg2\.errors\.(?P<kind>\w+)\) (?P<text>.*)")
_ABOUT_THE_RULE = frozenset({"SyntaxError", "UndefinedColumn", "UndefinedFunction", "UndefinedTable"})
_importing = threading.Lock()


@dataclass(frozen=True)
class Finding:
    """What Great Expectations found for one rule."""

    passed: bool
    failed: int
    """rows that fail; for a rule about the table 0 or 1"""
    observed: str | None
    """what was counted, for a rule about the table"""


def evaluate(settings: Settings, table: str, batch_id: uuid.UUID, rules: Sequence[Rule]) -> Mapping[str, Finding]:
    """Judge the rows of one batch, deletions and duplicates left out; findings by rule id.

    :raises FlyoverError: when a rule could not be evaluated: a fault of ours, never a verdict on the data
    :raises SystemTrouble: when PostgreSQL has gone away meanwhile
    """
    if not rules:
        return {}
    gx = library()
    expectations = [_expectation(gx, rule, table) for rule in rules]
    try:
        with _view(gx, settings, table, batch_id) as (context, batch):
            outcome = _checkpoint(gx, context, table, batch, expectations).run()
    except Exception as error:
        raise _fault(settings, f"batch {batch_id} of {table} could not be judged: {_told(str(error))}") from error
    (found,) = outcome.run_results.values()
    by_id = {result.expectation_config.meta["rule_id"]: result for result in found.results}
    return {rule.id: _finding(settings, rule, by_id[rule.id], batch_id) for rule in rules}


def library() -> Any:
    """Great Expectations, imported when first needed (seconds) and told to send nothing home."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with _importing:
        import great_expectations
        import great_expectations.expectations

    return great_expectations


@contextmanager
def _view(gx: Any, settings: Settings, table: str, batch_id: uuid.UUID) -> Iterator[tuple[Any, Any]]:
    """A context that keeps nothing, and in it the batch's view as a batch definition."""
    from great_expectations.data_context.types import base

    config = base.DataContextConfig(
        store_backend_defaults=base.InMemoryStoreBackendDefaults(init_temp_docs_sites=False),  # leaves no files behind
        progress_bars=base.ProgressBarsConfig(globally=False, metric_calculations=False),
    )
    context = gx.get_context(mode="ephemeral", project_config=config)
    options = f"-c flyover.batch_id={batch_id} {OPTIONS} -c default_transaction_read_only=on"
    source = context.data_sources.add_postgres(
        name=str(batch_id),
        connection_string=db.sqlalchemy_url(settings, ROLE),
        kwargs={"connect_args": {"options": options, "application_name": f"flyover {ROLE} {table}"}},
    )
    try:
        asset = source.add_table_asset(name=table, table_name=table, schema_name="judging")
        yield context, asset.add_batch_definition_whole_table("batch")
    finally:
        source.get_execution_engine().engine.dispose()
        source.get_engine().dispose()


def _checkpoint(gx: Any, context: Any, table: str, batch: Any, expectations: Sequence[Any]) -> Any:
    suite = context.suites.add(gx.ExpectationSuite(name=table, expectations=expectations))
    definition = context.validation_definitions.add(gx.ValidationDefinition(name=table, data=batch, suite=suite))
    counts_alone = {"result_format": "BASIC", "partial_unexpected_count": 0}
    return context.checkpoints.add(
        gx.Checkpoint(name=table, validation_definitions=[definition], result_format=counts_alone)
    )


def _expectation(gx: Any, rule: Rule, table: str) -> Any:
    meta = {"rule_id": rule.id}
    if not isinstance(rule.check, Expect):
        from expectations.judging.failing_rows import ExpectNoFailingRows

        return ExpectNoFailingRows(unexpected_rows_query=rule_sql.query(rule, table), meta=meta)
    arguments = dict(rule.check.arguments)
    if rule.check.type == "ExpectColumnPairValuesAToBeGreaterThanB":
        arguments["ignore_row_if"] = "either_value_is_missing"  # the default counts a missing half as a failure
    return getattr(gx.expectations, rule.check.type)(**arguments, meta=meta)


def _finding(settings: Settings, rule: Rule, result: Any, batch_id: uuid.UUID) -> Finding:
    counted = result.result.get("unexpected_count", result.result.get("observed_value"))
    if counted is None and result.success:  # an empty batch: there was nothing to count
        counted = 0
    if counted is None:
        raise _fault(settings, f"rule {rule.id} could not be evaluated on batch {batch_id}: {_cause(result)}")
    if rule.scope != "table":
        return Finding(bool(result.success), int(counted), None)
    return Finding(bool(result.success), 0 if result.success else 1, str(counted))


def _fault(settings: Settings, problem: str) -> FlyoverError:
    """The error to raise for a judgement that failed; a server gone away raises its own, to be waited out."""
    with db.connect(settings, ROLE) as connection:
        connection.execute("select 1")
    return FlyoverError(problem.replace(settings.secrets.pg_passwords[ROLE], "***"))  # a URL may stand in it


def _cause(result: Any) -> str:
    info = result.exception_info or {}
    nested = [info, *(value for value in info.values() if isinstance(value, dict))]
    messages = [str(part["exception_message"]) for part in nested if part.get("exception_message")]
    return _told(messages[0]) if messages else "no count came back"


def _told(message: str) -> str:
    """A server's complaint as it may be shown: in full about the rule, by its kind alone about a value."""
    found = _SERVER_ERROR.match(message)
    if found is None:
        return message.splitlines()[0]
    return f"{found['kind']}: {found['text']}" if found["kind"] in _ABOUT_THE_RULE else found["kind"]
