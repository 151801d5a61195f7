"""What to correct, as a person gives it: FIELD=VALUE, a JSON object of fields, or a table with a row for each entry."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import BadInput

if TYPE_CHECKING:
    from expectations.decisions.quarantine import Correction

ENTRY = "entry"


def fields(values: list[str], file: Path | None) -> dict[str, str | None]:
    """Fields to put into every row that is meant.

    :raises BadInput: when there are none, or the file is no JSON object
    """
    given: dict[str, str | None] = {}
    if file is not None:
        try:
            document = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BadInput("is not a JSON object that can be read", file=str(file)) from error
        if not isinstance(document, dict):
            raise BadInput("is not a JSON object", file=str(file))
        given.update({str(name): None if value is None else str(value) for name, value in document.items()})
    for pair in values:
        name, equals, value = pair.partition("=")
        if not equals:
            raise BadInput(f"{pair!r} is not FIELD=VALUE")
        given[name] = value or None
    if not given:
        raise BadInput("nothing to correct was given", advice="Use --set FIELD=VALUE or --file.")
    return given


def table(file: Path) -> list[Correction]:
    """Corrections of a CSV table: column ``entry``, the others by the agency's field names; empty cells say nothing.

    :raises BadInput: naming the line
    """
    from expectations.decisions.quarantine import Correction

    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            lines = csv.DictReader(opened)
            if lines.fieldnames is None or ENTRY not in lines.fieldnames:
                raise BadInput(f"has no column {ENTRY}", file=file.name)
            return [
                Correction(_entry(line, lines.line_num, file), _given(line, lines.line_num, file)) for line in lines
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput("is not a table in UTF-8 that can be read", file=file.name) from error


def _entry(line: dict[str, str | None], number: int, file: Path) -> int:
    text = (line[ENTRY] or "").strip()
    if not text.isascii() or not text.isdecimal():
        raise BadInput("names no entry", file=file.name, line=number)
    return int(text)


def _given(line: dict[str, str | None], number: int, file: Path) -> dict[str, str | None]:
    if None in line:
        raise BadInput("has more cells than the first line has names", file=file.name, line=number)
    given = {name: value for name, value in line.items() if name != ENTRY and value}
    if not given:
        raise BadInput("corrects nothing", file=file.name, line=number)
    return dict(given)
