"""./flyover spark: the warehouse built by Spark, for a country's worth of records, and held against PostgreSQL's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import Table, emit_tables, timed_progress
from pipeline.settings import load

if TYPE_CHECKING:
    from release.spark.compare import Difference
    from release.spark.rebuild import Rebuild

app = typer.Typer(no_args_is_help=True)
Models = Annotated[
    list[str] | None, typer.Argument(help="Models to build, with what they are made from; all unless named.")
]
Cores = Annotated[int, typer.Option(help="Cores Spark may use.", min=1)]
Memory = Annotated[int, typer.Option("--memory-mb", help="Memory of Spark's process, in MB.", min=1000)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@app.command("build")
def build(models: Models = None, cores: Cores = 2, memory_mb: Memory = 2500, as_json: AsJson = False) -> None:
    """Build core and the indicators' candidates on Spark, from nothing, out of what is released now.

    Everything is below the state directory: an environment of its own (made once), what was exported, the tables as
    Parquet files. PostgreSQL is only read. Exit code 1 when a model could not be built. See docs/reference/spark.md.
    """
    _report(_rebuild(models, cores, memory_mb), as_json)


@app.command("compare")
def compare(models: Models = None, cores: Cores = 2, memory_mb: Memory = 2500, as_json: AsJson = False) -> None:
    """Build on Spark, then compare every table with PostgreSQL's row by row; exit code 1 when any differs.

    Bring PostgreSQL's warehouse up to what is released first, as every build does; no value is shown.
    """
    from release.spark import rebuild

    made = _rebuild(models, cores, memory_mb)
    _report(made, as_json, rebuild.hold_against(load(), made))


def _rebuild(models: Sequence[str] | None, cores: int, memory_mb: int) -> Rebuild:
    from release.spark.rebuild import rebuild

    return rebuild(load(), timed_progress(), models or (), cores=cores, memory_mb=memory_mb)


def _report(made: Rebuild, as_json: bool, found: Sequence[Difference] | None = None) -> None:
    failed = [(step.name, step.status, step.message) for step in made.outcome.steps if not step.is_built]
    summary = (
        made.outcome.version, len(made.outcome.steps), len(failed), len(made.relations), sum(made.exported.values()),
        round(made.seconds), round(made.outcome.cpu_seconds),
    )  # fmt: skip
    heads = ("spark", "models", "not_built", "tables", "rows_exported", "seconds", "cpu_seconds")
    tables = [Table("build", "Built on Spark", heads, [summary])]
    if failed:
        tables.append(Table("not_built", "Not built", ("model", "status", "why"), failed))
    if found is not None:
        rows = [
            (d.relation, d.here, d.there, d.only_here, d.only_there, d.within_tolerance, ", ".join(d.columns) or None)
            for d in found
        ]
        columns = ("table", "postgresql", "spark", "only_postgresql", "only_spark", "within_tolerance", "columns")
        equal = sum(d.is_equal for d in found)
        tables.append(Table("tables", f"{equal} of {len(found)} tables equal, row by row", columns, rows))
    emit_tables(tables, as_json)
    if failed or any(not d.is_equal for d in found or ()):
        raise typer.Exit(1)
