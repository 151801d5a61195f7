"""Carries the value of a cell that was merged over several rows down to the rows it covers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors.sources.spreadsheet.cells import Cell, SheetRow, Span


def filled(rows: Iterable[SheetRow], spans: Iterable[Span]) -> Iterator[SheetRow]:
    """The rows with merged cells filled in; rows that only a merged cell covers are given too."""
    waiting = sorted(spans, reverse=True)
    if not waiting:
        yield from rows
        return
    open_spans: list[tuple[Span, Cell]] = []
    last = 0
    for row in rows:
        for number in range(last + 1, row.number) if open_spans else ():
            covered = {span.column: cell for span, cell in open_spans if span.last_row >= number}
            if covered:
                yield SheetRow(number, covered, frozenset(covered))
        open_spans = [(span, cell) for span, cell in open_spans if span.last_row >= row.number]
        covered = {span.column: cell for span, cell in open_spans if span.column not in row.cells}
        yield SheetRow(row.number, {**row.cells, **covered}, frozenset(covered)) if covered else row
        while waiting and waiting[-1].first_row <= row.number:
            span = waiting.pop()
            if span.first_row == row.number and span.column in row.cells:
                open_spans.append((span, row.cells[span.column]))
        last = row.number
