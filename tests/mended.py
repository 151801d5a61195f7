"""Files of rows to mend as offices save them again, and mend them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook, load_workbook

from pipeline.settings import Secrets, parse_secrets

SECRETS: Secrets = parse_secrets(
    {
        "pg_passwords": {},
        "hmac_keys": {"1": "11" * 32},
        "hmac_active": "1",
        "vault_master_key": "22" * 32,
        "intake_key": "33" * 32,
        "quarantine_key": "44" * 32,
    }
)
Table = list[list[str]]
"""Header and rows."""


def table_of(content: bytes) -> Table:
    """A CSV of ours, or a workbook, as a person sees it."""
    if content.startswith(b"PK"):
        sheet = load_workbook(io.BytesIO(content)).worksheets[0]
        return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def csv_of(table: Table, encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    """The table as a spreadsheet program saves it."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(table)
    return out.getvalue().encode(encoding, "replace")


def workbook_of(table: Table) -> bytes:
    """The table as a workbook of text cells."""
    book, out = Workbook(), io.BytesIO()
    for number, row in enumerate(table, 1):
        for place, text in enumerate(row, 1):
            if text:
                cell = book.active.cell(number, place)
                cell.value, cell.data_type = text, "s"
    book.save(out)
    return out.getvalue()


def reordered(table: Table, order: Sequence[int]) -> Table:
    """Its columns in another order."""
    return [[row[place] for place in order] for row in table]


def filled_in(table: Table, change: Callable[[Mapping[str, str]], Mapping[str, str]]) -> Table:
    """Each row with what ``change`` makes of it."""
    header, *rows = table
    mended = []
    for row in rows:
        values = dict(zip(header, row, strict=True))
        new = change(values)
        assert set(new) <= set(header), set(new) - set(header)
        mended.append([{**values, **new}[title] for title in header])
    return [header, *mended]


def write(path: Path, content: bytes) -> Path:
    """A file at this place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
