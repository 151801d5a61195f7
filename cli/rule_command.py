"""./flyover rule: what is checked, what it found so far, and what would change if it were changed."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.output import Table, emit_json, emit_table, emit_tables, say, timed_progress
from pipeline.settings import load

rule = typer.Typer(no_args_is_help=True)
RuleId = Annotated[str, typer.Argument(help="Rule, as ./flyover rule list shows it: TABLE.NAME.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
By = Annotated[str, typer.Option("--by", help="Who decides.", envvar="USER")]
_SEVERITIES = ("critical", "warning", "info")


@rule.command("list")
def list_rules(
    table: Annotated[str | None, typer.Option("--table", help="Only this table, or this source.")] = None,
    scope: Annotated[str | None, typer.Option("--scope", help="row, table or delivery.")] = None,
    dimension: Annotated[str | None, typer.Option("--dimension", help="As completeness, timeliness, …")] = None,
    severity: Annotated[str | None, typer.Option("--severity", help="critical, warning or info.")] = None,
    count: Annotated[bool, typer.Option("--count", help="Only how many there are of each kind.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the rules, in both languages, and how many there are by scope, dimension and severity."""
    from expectations.rules import suites

    chosen = [
        (suite.table, found)
        for suite in suites.load().values()
        for found in suite.rules
        if table in (None, suite.table, suite.contract.source)
        and scope in (None, found.scope)
        and dimension in (None, found.dimension)
        and severity in (None, found.severity)
    ]
    listed = Table(
        "rules",
        "Rules",
        ("rule", "severity", "dimension", "scope", "zh", "en"),
        [
            (found.id, found.severity, found.dimension, found.scope, found.title.zh, found.title.en)
            for _, found in chosen
        ],
    )
    counted = _counted([found for _, found in chosen])
    emit_tables([counted] if count else [listed, counted], as_json)


def _counted(rules: list[Any]) -> Table:
    counts = Counter((found.scope, found.dimension, found.severity) for found in rules)
    kinds = sorted({(scope, dimension) for scope, dimension, _ in counts})
    rows: list[tuple[Any, ...]] = [
        (*kind, *(counts[*kind, severity] for severity in _SEVERITIES), sum(counts[*kind, s] for s in _SEVERITIES))
        for kind in kinds
    ]
    whole = [sum(counts[*kind, severity] for kind in kinds) for severity in _SEVERITIES]
    return Table(
        "counts",
        "How many",
        ("scope", "dimension", *_SEVERITIES, "all"),
        [*rows, ("all", "", *whole, sum(whole))],
    )


@rule.command("show")
def show_rule(rule_id: RuleId, as_json: AsJson = False) -> None:
    """Show one rule: its texts and check, what it found so far, and which versions of it judged."""
    from expectations.rules import changes, page, record, versions
    from pipeline.db import connect

    suite, found = changes.find(rule_id)
    with connect(load(), "flyover_judge") as connection:
        known = record.of_rule(connection, rule_id, suite.table)
        by_version = record.versions_of(connection, rule_id)
        evidence = record.latest_evidence(connection, rule_id, 10)
    told = {
        "rule": found.id,
        "severity": found.severity, "dimension": found.dimension, "scope": found.scope, "owner": found.owner,
        "标题": found.title.zh, "title": found.title.en, "原因": found.why.zh, "why": found.why.en,
        "更正": found.mend.zh, "mend": found.mend.en,
        "check": page.check_text(found),
        "thresholds": ", ".join(f"{name}={value}" for name, value in changes.thresholds(found).items()) or "none",
        "version": versions.fingerprint(found),
        **dataclasses.asdict(known),
    }  # fmt: skip
    if as_json:
        emit_json({**told, "versions": [list(row) for row in by_version], "evidence": [list(row) for row in evidence]})
        return
    emit_table(
        "Rule", ("", "value"), [(name, None if value is None else str(value)) for name, value in told.items()], False
    )
    columns = ("version", "first used", "batches", "failed", "rows failing")
    emit_table("Versions", columns, [(row[0], f"{row[1]:%Y-%m-%d %H:%M}", *row[2:]) for row in by_version], False)
    if evidence:
        rows = [
            (agency, day, passed, why["because"]["zh"], why["because"]["en"]) for agency, day, passed, why in evidence
        ]
        emit_table("Latest evidence", ("agency", "day", "passed", "依据", "because"), rows, False)


@rule.command("alarms")
def list_alarms(
    days: Annotated[int, typer.Option("--days", min=1, help="Kept back within so many days.")] = 365,
    as_json: AsJson = False,
) -> None:
    """List rules by how often people let through, as it was, what the rule had kept back: its false alarms."""
    from expectations.rules import record
    from pipeline.db import connect

    with connect(load(), "flyover_judge") as connection:
        found = record.alarms(connection, days)
    columns = ("rule", "of", "kept back", "undecided", "founded", "let through", "false %")
    rows = [(a.rule_id, a.what, a.kept_back, a.undecided, a.founded, a.let_through, a.false_pct) for a in found]
    emit_table(f"What people made of it, {days} days", columns, rows, as_json)
    say("founded: mended, returned or refused; let through: waived, released, or sent on once the rule was corrected")


@rule.command("try")
def try_rule(
    rule_id: RuleId,
    threshold: Annotated[list[str] | None, typer.Option("--threshold", help="name=value; may be repeated.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="Suite file with the rule as it would be.")] = None,
    last: Annotated[int | None, typer.Option("--last", min=1, help="Only the latest so many batches.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say how many past rows and batches would flip if the rule were changed; nothing is written."""
    from expectations.judging import trial
    from expectations.rules import changes
    from pipeline.errors import BadInput

    suite, found = changes.find(rule_id)
    if not threshold and file is None:
        raise BadInput("nothing would change", advice=f"Give --threshold or --file; {_settable(found)}")
    changed = found if file is None else changes.from_file(file, found, suite)
    changed = changes.with_thresholds(changed, threshold or [])
    told = timed_progress()

    def progress(done: int, of: int) -> None:
        if done % 25 == 0 or done == of:
            told(f"{done:,} of {of:,} batches")

    flips = list(trial.try_out(load(), suite, found, changed, last=last, progress=progress))
    summary = _summary(flips)
    moved = [flip for flip in flips if flip.freed or flip.caught or flip.holds_now != flip.would_hold]
    columns = ("batch", "agency", "judged", "rows", "fail now", "would fail", "would pass", "newly failing", "held")
    rows = [
        (str(f.batch_id), f.agency_code, f.judged_on, f.rows, f.fails_now, f.would_fail, f.freed, f.caught,
         "" if f.holds_now == f.would_hold else "would be held" if f.would_hold else "would not be held")
        for f in moved
    ]  # fmt: skip
    emit_tables(
        [Table("summary", rule_id, ("", "number"), summary), Table("batches", "Batches", columns, rows)], as_json
    )


def _settable(found: Any) -> str:
    from expectations.rules import changes

    known = changes.thresholds(found)
    return f"{found.id} has " + (", ".join(f"{name}={value}" for name, value in known.items()) or "no thresholds")


def _summary(flips: list[Any]) -> list[tuple[str, int]]:
    """What a change would do in all."""
    return [
        ("batches looked at", len(flips)),
        ("rows looked at", sum(flip.rows for flip in flips)),
        ("fail now", sum(flip.fails_now for flip in flips)),
        ("would fail", sum(flip.would_fail for flip in flips)),
        ("fail now, would pass", sum(flip.freed for flip in flips)),
        ("pass now, would fail", sum(flip.caught for flip in flips)),
        ("batches of which something would flip", sum(bool(flip.freed or flip.caught) for flip in flips)),
        ("batches that would be held and were not", sum(flip.would_hold and not flip.holds_now for flip in flips)),
        ("batches held that would not be", sum(flip.holds_now and not flip.would_hold for flip in flips)),
    ]


@rule.command("rejudge")
def rejudge_rule(
    rule_id: RuleId,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this it is only said what would be done.")] = False,
    reason: Annotated[
        str, typer.Option("--reason", help="Why; it is kept with the decision.")
    ] = "the rule was corrected",
    by: By = "engineer",
    as_json: AsJson = False,
) -> None:
    """Judge again what this rule alone keeps in quarantine; what passes by the rule as it now stands is replayed."""
    from connectors import producer
    from expectations.decisions.people import Actor
    from expectations.judging import rejudge
    from expectations.rules import changes

    settings = load()
    suite, found = changes.find(rule_id)
    again = rejudge.look(settings, suite, found)
    rows = [(str(one.batch_id), one.agency_code, len(one.passing), one.failing) for one in again]
    emit_table(rule_id, ("batch", "agency", "would pass" if not yes else "let go", "stay"), rows, as_json)
    waiting = sum(len(one.passing) for one in again)
    if not yes:
        say(f"{waiting:,} rows would be judged again. Nothing was done; give --yes to do it")
        return
    replays = rejudge.let_go(settings, found, again, actor=Actor(by), reason=reason)
    if replays:
        producer.publish(settings, source=suite.contract.source)
    say(f"{sum(replayed.rows for replayed in replays):,} rows are on their way again, {waiting:,} left the quarantine")
