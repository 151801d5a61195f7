"""./flyover bench: measure a part of the house against what one could use instead, in one run on one machine."""

from __future__ import annotations

import importlib
import inspect
import os
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import BENCHMARKS, page
from cli.output import Table, emit_json, emit_tables, say, timed_progress
from cli.test_command import OF_A_STACK
from pipeline.errors import BadInput


def bench(
    name: Annotated[str, typer.Argument(help=f"What to measure: {', '.join(BENCHMARKS)}.")],
    rows: Annotated[int | None, typer.Option(help="Records; as many as the aim speaks of unless given.", min=1)] = None,
    rounds: Annotated[int, typer.Option(help="Rounds; medians of fewer than five say little.", min=1)] = 5,
    rate: Annotated[int | None, typer.Option(help="fresh: records a second, 500 unless given.", min=1)] = None,
    out: Annotated[Path | None, typer.Option(help="Write the document with every single run here.")] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the document in benchmarks/results and renew docs/performance.md.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Run one benchmark on servers of its own, side by side with what it is compared with.

    It takes minutes, prints tables and says which goals are met; the exit code is 0 either way. What it starts, it
    ends; ./flyover up is left alone. How to read the tables: benchmarks/README.md.
    """
    if name not in BENCHMARKS:
        raise BadInput(f"no benchmark {name}", advice=f"There are: {', '.join(BENCHMARKS)}.")
    for variable in [variable for variable in os.environ if variable.startswith(OF_A_STACK)]:
        del os.environ[variable]  # a person's own stack must not be measured, nor written to
    command = shlex.join(["./flyover", *sys.argv[1:]])
    measure = importlib.import_module(BENCHMARKS[name]).run
    if rate and "rate" not in inspect.signature(measure).parameters:
        raise BadInput(f"{name} has no --rate", advice="Leave it out.")
    report = measure(command, timed_progress(), rows=rows, rounds=rounds, **({"rate": rate} if rate else {}))
    if out:
        report.write(out)
    if keep:
        page.results_dir().mkdir(exist_ok=True)
        report.write(page.results_dir() / f"{name}.json")
        say(f"written: {page.write()}")
    if as_json:
        emit_json(report.document())
    else:
        emit_tables([Table(t.name, t.title, t.columns, t.rows) for t in report.shown()], as_json=False)
