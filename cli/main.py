"""The command line: a table of commands, of which only the one asked for is imported.

A new command is one line in `COMMANDS`. Importing Airflow, dbt or Great Expectations takes seconds; `--help` must not.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import typer

from cli.output import complain, complain_with_traceback
from pipeline.errors import FlyoverError

EPILOG = "Start here: ./flyover demo. A command explains itself with ./flyover COMMAND --help."
UNEXPECTED_EXIT_CODE = 3
INTERRUPTED_EXIT_CODE = 130


class Command(NamedTuple):
    """Where a command is: `target` is module:function, or module:app for a group of its own."""

    name: str
    target: str
    panel: str
    summary: str


START, WORK, CARE = "Start and stop", "Data", "Look after it"
COMMANDS = (
    Command("demo", "cli.demo_command:demo", START, "Start everything and run a synthetic province through it."),
    Command("up", "cli.stack_commands:up", START, "Start PostgreSQL, Kafka and Airflow; only what does not run yet."),
    Command("down", "cli.stack_commands:down", START, "Stop what was started; the data stays."),
    Command(
        "ingest", "cli.ingest_command:ingest", WORK, "Take an agency's files through the whole way, show the books."
    ),
    Command("batches", "cli.batches_command:batches", WORK, "Show what arrived and what became of it, to the row."),
    Command("indicators", "cli.indicators_command:indicators", WORK, "List indicators, targets, and what is missing."),
    Command("trace", "cli.trace_command:trace", WORK, "Say what stands behind one published number."),
    Command("revisions", "cli.revisions_command:revisions", WORK, "Say what a release changed, and because of what."),
    Command("impact", "cli.impact_command:impact", WORK, "Say which published numbers a batch holds back."),
    Command("credits", "cli.credits_command:credits_", WORK, "Credit bank: accounts, applications, rules; post."),
    Command("forecast", "cli.forecast_command:app", WORK, "Foretell places, teachers and learners, with the error."),
    Command("backfill", "cli.backfill_command:backfill", WORK, "Read an agency's kept originals again."),
    Command("schedule", "cli.schedule_command:schedule", WORK, "Show when each agency is due, and whose feed is late."),
    Command(
        "feeds", "cli.feeds_command:feeds", WORK, "Show where each agency's feed stands: late, lag, held, kept back."
    ),
    Command("quarantine", "cli.quarantine_command:quarantine", WORK, "Show rows kept back, and decide about them."),
    Command("persons", "cli.persons_command:persons", WORK, "Show and decide who is whom where an id does not say it."),
    Command("waivers", "cli.waivers_command:waivers", WORK, "List or end rules that an agency need not keep a while."),
    Command("rule", "cli.rule_command:rule", WORK, "Show the rules and their record; try a change, judge again."),
    Command(
        "preview", "cli.preview_command:preview", WORK, "Say what would become of a file; nothing is sent or kept."
    ),
    Command("receipt", "cli.receipt_command:receipt", WORK, "Show what became of a delivery, as its sender is told."),
    Command(
        "report", "cli.report_command:report", WORK, "Write the quality report, an agency's part of it, or a scorecard."
    ),
    Command("portal", "cli.portal_command:app", WORK, "Write the published pages, list, go back, copy elsewhere."),
    Command("token", "cli.token_command:token", WORK, "Let an agency hand in files over the desk, or stop it."),
    Command("officer", "cli.officer_command:officer", WORK, "Let a quality officer sign in and decide, or stop it."),
    Command("airflow", "cli.airflow_command:app", CARE, "Let a person into Airflow under a role, or stop it."),
    Command("secret", "cli.secret_command:secret", WORK, "Keep a password of an agency's system, or change it."),
    Command("template", "cli.template_command:template", WORK, "Write the table an agency fills in, as a workbook."),
    Command("learner", "cli.learner_command:learner", WORK, "Show one person's file, or export it as CLR or ELM."),
    Command("sql", "cli.sql_command:sql", WORK, "Ask the warehouse, as a role."),
    Command("status", "cli.stack_commands:status", CARE, "Show each service: state, port, since when, version."),
    Command("logs", "cli.stack_commands:logs", CARE, "Show what a service wrote."),
    Command(
        "doctor",
        "cli.doctor_command:doctor",
        CARE,
        "Check this machine, and say what to type where something is wrong.",
    ),
    Command(
        "contract", "cli.contract_command:contract", CARE, "Foretell what a changed contract does; accept a change."
    ),
    Command(
        "changes",
        "cli.changes_command:changes",
        CARE,
        "Agencies whose database's changes are captured: set up, watch, undo.",
    ),
    Command("reconcile", "cli.reconcile_command:reconcile", CARE, "Compare every step by record, outbox to core."),
    Command("alerts", "cli.alerts_command:alerts", CARE, "Show what is wrong now; acknowledge it, send messages."),
    Command(
        "rehearse",
        "cli.rehearse_command:rehearse",
        CARE,
        "Run changed rules, models and DAGs on a copy; show what differs.",
    ),
    Command("backup", "cli.backup_command:backup", CARE, "Copy the warehouse while it works; each table summed up."),
    Command("restore", "cli.backup_command:restore", CARE, "Bring a copy back, without whom was erased since."),
    Command("new-agency", "cli.new_agency_command:new_agency", CARE, "Write the file a new agency needs."),
    Command("new-source", "cli.new_source_command:new_source", CARE, "Write what a new source needs, from a sample."),
    Command("check", "cli.check_command:check", CARE, "List what an agency or a source still lacks."),
    Command("roles", "cli.roles_command:roles", CARE, "Show who may do what in the database, and what differs."),
    Command("audit", "cli.audit_command:audit", CARE, "Show who did what; verify that the trail is as it was written."),
    Command("sink", "cli.sink_command:sink", CARE, "Land as a service, beside or instead of Airflow's tasks."),
    Command("supply", "cli.supply_command:supply", CARE, "List what this house is made of; licences, SBOM, audit."),
    Command("docs", "cli.docs_command:docs", CARE, "Write the pages that are made from the code."),
    Command("retention", "cli.retention_command:retention", CARE, "Show or drop months of landing nobody needs."),
    Command("lint", "cli.lint_command:lint", CARE, "Check how the code looks: ruff, mypy, imports, sqlfluff."),
    Command("sizing", "cli.sizing_command:sizing", CARE, "Say what so many records a day, or people, take."),
    Command("bench", "cli.bench_command:bench", CARE, "Measure a part of the house beside what one could use instead."),
    Command("spark", "cli.spark_command:app", CARE, "Build the warehouse on Spark, and hold it against PostgreSQL's."),
    Command("tasks", "cli.tasks_command:tasks", CARE, "List what people do with it, and how the tests last fared."),
    Command("test", "cli.test_command:run_tests", CARE, "Run the tests; faults, browser and security by name."),
)


def build(arguments: list[str]) -> typer.Typer:
    """The application, with the code of only the command that these arguments ask for."""
    app = typer.Typer(
        name="flyover",
        help="Flyover joins education agencies' records into one lifelong-learning warehouse.",
        epilog=EPILOG,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    asked = next((argument for argument in arguments if not argument.startswith("-")), None)
    for command in COMMANDS:
        run = _load(command) if command.name == asked else _unloaded
        if isinstance(run, typer.Typer):
            app.add_typer(run, name=command.name, help=command.summary, rich_help_panel=command.panel)
        else:
            # The summary stands in the overview; asked for its own help, a command shows its whole docstring.
            text = None if command.name == asked else command.summary
            app.command(
                command.name,
                help=text,
                short_help=command.summary,
                rich_help_panel=command.panel,
                context_settings=getattr(run, "context_settings", {}),
            )(run)
    return app


def main() -> None:
    """Run the command line; errors become one sentence and an exit code (2 bad input, 3 system trouble)."""
    arguments = sys.argv[1:]
    try:
        build(arguments)(prog_name="./flyover")
    except FlyoverError as error:
        _fail(arguments, str(error), error.exit_code)
    except KeyboardInterrupt:
        _fail(arguments, "Interrupted; whatever was committed stays.", INTERRUPTED_EXIT_CODE)
    except Exception as error:
        # The text of a stranger's exception may quote a row, so only its kind is shown.
        where = _innermost(error)
        _fail(
            arguments,
            f"Unexpected {type(error).__name__} in {where}. Run again with ./flyover --debug …",
            UNEXPECTED_EXIT_CODE,
        )


def _options(debug: bool = typer.Option(False, "--debug", help="Show the whole traceback of an error.")) -> None:
    """Options of every command; read from the arguments where an error is reported."""


def _unloaded() -> None:
    """Stands for a command that was not asked for."""


def _load(command: Command) -> Callable[..., Any] | typer.Typer:
    module, _, attribute = command.target.partition(":")
    found: Callable[..., Any] | typer.Typer = getattr(importlib.import_module(module), attribute)
    return found


def _fail(arguments: list[str], sentence: str, exit_code: int) -> None:
    if "--debug" in arguments:
        complain_with_traceback()
    complain(sentence)
    raise SystemExit(exit_code)


def _innermost(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__')}, line {trace.tb_lineno}" if trace else "an unknown place"


if __name__ == "__main__":
    main()
