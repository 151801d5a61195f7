"""./flyover backup and ./flyover restore: a copy of the warehouse, and the way back from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.output import emit_table, say, timed_progress
from pipeline.settings import load

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Into = Annotated[Path | None, typer.Argument(help="Folder for copies; by default backups/ in the state directory.")]
Which = Annotated[Path, typer.Argument(help="Folder of one copy, as ./flyover backup named it.", exists=True)]


def backup(into: Into = None, as_json: AsJson = False) -> None:
    """Copy the warehouse and the sealed originals while everything works on; every table is summed up.

    Secrets are not in it, on purpose: keep secrets.json and credentials/ of the state directory elsewhere. Without them
    the sealed parts of a copy do not open, and no delivery meets the persons of it again.
    """
    from keeping import backup as copies

    settings = load()
    made = copies.backup(settings, into or settings.state_dir / "backups", say=timed_progress())
    columns = ("copy", "tables", "rows", "MiB")
    emit_table("Copied", columns, [(str(made.folder), made.tables, made.rows, round(made.bytes / 2**20, 1))], as_json)
    say(f"not in it: {settings.state_dir / 'secrets.json'} and credentials/. Keep a copy of them elsewhere")


def restore(
    which: Which,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a copy in the place of the database, proven equal table by table, without whom was erased since.

    What came in after the copy is lost, but for files that still lie in drop folders: those are staged again. Stop what
    works on the database first (./flyover down, then ./flyover up --no-airflow).
    """
    from keeping import restore as copies

    settings = load()
    if not yes and not typer.confirm(f"Replace the database {settings.pg_database} by {which}?", err=True):
        raise typer.Exit(1)
    done = copies.restore(settings, which, say=timed_progress())
    columns = ("tables", "rows", "rows of the erased", "batches sent again")
    emit_table("Restored", columns, [(done.tables, done.rows, done.erased_again, done.sent_again)], as_json)
