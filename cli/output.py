"""The one way to show something: tables or one JSON document on standard output, progress on standard error."""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

WIDE = 240
"""Columns of a table that no terminal shows: wide enough that a log or a pipe gets whole lines."""
_NUMBERS = (int, float)


class Table(NamedTuple):
    """One table of several; `name` is its key in the JSON document."""

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


def emit_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], as_json: bool) -> None:
    """Show one table; as JSON it is a list with one object a row, keyed by column."""
    table = Table("rows", title, columns, list(rows))
    if as_json:
        emit_json(_objects(table))
    else:
        _out().print(_render(table))


def emit_tables(tables: Iterable[Table], as_json: bool, **extra: Any) -> None:
    """Show several tables; as JSON one object keyed by their names, besides what is in `extra`."""
    tables = list(tables)
    if as_json:
        emit_json({**extra, **{table.name: _objects(table) for table in tables}})
        return
    for table in tables:
        _out().print(_render(table))


def emit_json(document: Any) -> None:
    """Write one JSON document to standard output; dates, decimals and identifiers as text."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1, default=str) + "\n")


def say(message: str) -> None:
    """A line for the person who waits, on standard error."""
    _err().print(Text(message))


def complain(sentence: str) -> None:
    """What went wrong, on standard error."""
    _err().print(Text.assemble(("Error: ", "bold red"), sentence))


def complain_with_traceback() -> None:
    """The traceback of the exception being handled, for whoever asked with --debug."""
    sys.stderr.write(traceback.format_exc())


def timed_progress() -> Callable[[str], None]:
    """A progress function that puts the seconds since its making before each line."""
    started = time.monotonic()

    def progress(message: str) -> None:
        _err().print(Text.assemble((f"{time.monotonic() - started:6.1f} s  ", "dim"), message))

    return progress


def _objects(table: Table) -> list[dict[str, Any]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def _render(table: Table) -> RichTable:
    shown = RichTable(title=table.title, title_justify="left", header_style="bold")
    for position, column in enumerate(table.columns):
        values = [row[position] for row in table.rows if row[position] is not None]
        numeric = bool(values) and all(isinstance(value, _NUMBERS) and not isinstance(value, bool) for value in values)
        shown.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in table.rows:
        shown.add_row(*(_cell(value) for value in row))
    return shown


def _cell(value: Any) -> Text:
    """Plain text: a value is never read as markup."""
    if value is None:
        return Text("–", style="dim")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, int):
        return Text(f"{value:,}")
    return Text(str(value))


def _out() -> Console:
    return _console(sys.stdout.isatty(), stderr=False)


def _err() -> Console:
    return _console(sys.stderr.isatty(), stderr=True)


def _console(is_terminal: bool, *, stderr: bool) -> Console:
    return Console(stderr=stderr, width=None if is_terminal else WIDE, highlight=False, soft_wrap=not is_terminal)
