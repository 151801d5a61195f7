"""./flyover new-source: what a new source begins with, from a sample of its table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from cli.output import emit_table, say
from connectors.scaffold import source as scaffold
from connectors.scaffold.source import Written
from pipeline.settings import CHECKOUT


def new_source(
    name: Annotated[str, typer.Argument(help="Name of the source: lower case, single underscores.")],
    entity: Annotated[str, typer.Option("--entity", help="What its rows are, in the plural (memberships).")],
    key: Annotated[str, typer.Option("--key", help="Columns that name a record, with commas between.")],
    sample: Annotated[Path, typer.Option("--sample", help="A CSV with a header and some rows; none is kept.")],
    zh: Annotated[str | None, typer.Option("--zh", help="What its rows are, in Chinese.")] = None,
) -> None:
    """Write contract, reader, rules, staging models, fixtures and a test of a new source; change nothing that is there.

    Types, lengths and what looks like a person's are guessed from the sample, of which no value is written anywhere.
    """
    keys = [part.strip() for part in key.split(",") if part.strip()]
    today = dt.datetime.now(dt.UTC).date()
    written = scaffold.write(CHECKOUT, name, entity, keys, sample.expanduser(), zh=zh, today=today)
    rows = [
        (c.name, c.pg_type, c.key_position, c.classification, f"{c.identifier}: {c.because}" if c.identifier else None)
        for c in written.columns
    ]
    emit_table("Guessed; go over it", ("column", "type", "key", "class", "identifier"), rows, as_json=False)
    for path in written.paths:
        say(f"written: {path.relative_to(CHECKOUT)}")
    for line in _next(written, name, entity):
        say(line)


def _next(written: Written, name: str, entity: str) -> Iterable[str]:
    yield f"Yours now: say what each column means in contracts/{name}/{entity}.odcs.yaml, correct what was guessed;"
    yield f"  the data sheet of connectors/sources/{name}.py; its rules, of which guesses only warn."
    if written.bears_person:
        yield f"It is about persons: write intermediate/persons/int_persons__{name}.sql (docs/how-to/add-an-agency.md),"
        yield "  and put what lands of them into the reviewed lists of tests/contract/test_contracts.py."
    yield "After each change of the contract: python -m pipeline.contract_dbt"
    yield "Then: ./flyover docs; ./flyover contract publish; ./flyover up; ./flyover new-agency CODE --source " + name
    yield f"See what is missing: ./flyover check --source {name}"
    yield "To undo this, delete the files above."
