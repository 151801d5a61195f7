"""Lines of CSV that a spreadsheet opens as they are meant: marked as UTF-8, and no cell becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from connectors.corrections import cells


def encoded(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """CSV of these rows, a few thousand at a time; ends of lines as spreadsheets write them."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    for number, row in enumerate(rows, 1):
        writer.writerow([cell(value) for value in row])
        if number % 1_000 == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def cell(value: object) -> object:
    """A value as a cell: what would be taken for a formula gets an apostrophe before it."""
    if value is None:
        return ""
    return cells.marked(value) if isinstance(value, str) else value
