"""Reads a sample CSV and says what each column seems to be; its values go nowhere but into these guesses."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from connectors.scaffold.persons import suspicion
from pipeline.contract_struct import type_checks
from pipeline.contracts import Classification, Contract, Field, PgType
from pipeline.errors import BadInput

_CANDIDATES: Final[tuple[PgType, ...]] = ("integer", "bigint", "numeric", "date", "timestamptz", "boolean")
_WORD: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_A_CODE: Final = re.compile(r"(^|_)(id|no|code|number|uscc|division|postcode|class|term|grade|level|group|serial)$")
_SEX: Final = ("sex", "gender")
_LENGTHS: Final = (16, 32, 64, 255, 2000, 20_000)
_LONGEST_NUMBER: Final = 15
MOST_BYTES: Final = 20_000_000
_LOGICAL: Final[Mapping[PgType, str]] = {
    "text": "string", "integer": "integer", "bigint": "integer", "double precision": "number", "numeric": "number",
    "date": "date", "timestamptz": "timestamp", "boolean": "boolean",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """What one column of a sample seems to be; holds no value of it."""

    name: str
    """as the header writes it"""
    column: str
    pg_type: PgType
    classification: Classification
    because: str
    """what an identifier was told by; empty for others"""
    key_position: int | None = None
    identifier: str | None = None
    linkage: str | None = None
    max_length: int | None = None
    is_filled: bool = False
    """no row lacks it"""
    digits: int | None = None
    """every value has this many digits and nothing else"""
    is_year: bool = False
    """a calendar year, as its name and all its values say"""
    is_never_negative: bool = False
    is_never_ahead: bool = False
    """a day that in no row lies in the future"""

    @property
    def logical_type(self) -> str:
        """Type in the standard's words."""
        return _LOGICAL[self.pg_type]

    @property
    def lands(self) -> bool:
        """Whether it has a column in landing."""
        return self.classification != "identifier"

    @property
    def words(self) -> str:
        """Its name in plain words."""
        return self.column.replace("_", " ").capitalize()


def read(path: Path, key: Sequence[str], today: dt.date) -> list[Column]:
    """Columns of a sample in its order.

    :raises BadInput: naming what is wrong with the file, its header or its key; never a value
    """
    header, rows = _table(path)
    _check_header(path, header)
    _check_key(path, key, header, rows)
    values = {name: [row[at].strip() for row in rows] for at, name in enumerate(header)}
    types = _types(values, key)
    columns = [_column(name, values[name], types[name], key, today) for name in header]
    for column in columns:
        if column.key_position is not None and column.identifier is not None:
            raise BadInput(
                f"the key {column.name} looks as if it named a person ({column.because})",
                file=path.name,
                advice="Choose a key that names the record: it becomes part of message keys.",
            )
    return _one_resident_id(columns)


def snake(name: str) -> str:
    """Column in landing for a header word."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _table(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadInput("is too large for a sample", file=path.name, advice="A few hundred rows are enough.")
        text = path.read_bytes().decode("utf-8-sig")
        records = [record for record in csv.reader(io.StringIO(text, newline=""), strict=True) if record]
    except OSError:
        raise BadInput("is not there or cannot be read", file=str(path), advice="Name a CSV file.") from None
    except (UnicodeDecodeError, csv.Error):
        raise BadInput("is no CSV in UTF-8", file=path.name, advice="Save the sample as CSV, UTF-8.") from None
    if len(records) < 2:
        raise BadInput("has no rows below its header", file=path.name, advice="A sample needs some.")
    header, rows = [name.strip() for name in records[0]], records[1:]
    for number, row in enumerate(rows, 2):
        if len(row) != len(header):
            raise BadInput(f"record {number} has {len(row)} fields, the header {len(header)}", file=path.name)
    return header, rows


def _check_header(path: Path, header: Sequence[str]) -> None:
    for name in header:
        if not _WORD.fullmatch(snake(name)) or len(name) > 50:
            raise BadInput(
                f"column {name!r}: a contract's names are Latin letters, digits and single underscores",
                file=path.name,
                advice="Rename it in the sample; other names a sender uses go into connectors/sources/synonyms/.",
            )
    for column, times in Counter(map(snake, header)).items():
        if times > 1:
            raise BadInput(f"the column {column} is there {times} times", file=path.name)


def _check_key(path: Path, key: Sequence[str], header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if not key:
        raise BadInput("no key was named", file=path.name, advice="Say --key with the columns that name a record.")
    if strangers := [name for name in key if name not in header]:
        raise BadInput(f"has no column {strangers[0]}", file=path.name, advice=f"Its columns: {', '.join(header)}.")
    places = [header.index(name) for name in key]
    seen = [tuple(row[place].strip() for place in places) for row in rows]
    if not all(all(parts) for parts in seen):
        raise BadInput(f"a row has no {', '.join(key)}", file=path.name, advice="Every record needs its key.")
    if len(set(seen)) < len(seen):
        raise BadInput(
            f"two rows have the same {', '.join(key)}",
            file=path.name,
            advice="Name all columns that tell records apart.",
        )


def _types(values: Mapping[str, Sequence[str]], key: Sequence[str]) -> dict[str, PgType]:
    """The first type all values of a column have; text where a number would only be spelt with digits."""
    fitting = {pg_type: type_checks(_trial(list(values), pg_type)) for pg_type in _CANDIDATES}
    found: dict[str, PgType] = {}
    for name, cells in values.items():
        given = [cell for cell in cells if cell]
        suits = [t for t in _CANDIDATES if given and all(map(fitting[t][name], given))]
        spelt = snake(name) in _SEX or _is_code(snake(name), given)
        found[name] = "text" if not suits or spelt else suits[0]
        if found[name] != "text" and name in key and found[name] not in ("integer", "date"):
            found[name] = "text"
    return found


def _trial(names: Sequence[str], pg_type: PgType) -> Contract:
    """A contract in which every column has one type, to ask the decoder's own checks."""
    fields = tuple(Field(name, snake(name), pg_type, False, "internal", "") for name in names)
    return Contract("sample", "rows", "1.0.0", "", "", "", "", "key", fields, Path())


def _is_code(column: str, given: Sequence[str]) -> bool:
    """Spelt with digits, but nothing to count with: 0012, 330106, a number longer than a number can be."""
    return any(
        value.isdigit() and (len(value) >= _LONGEST_NUMBER or (value[0] == "0" and value != "0")) for value in given
    ) or (_A_CODE.search(column) is not None and all(value.isdigit() for value in given))


def _column(name: str, cells: Sequence[str], pg_type: PgType, key: Sequence[str], today: dt.date) -> Column:
    column, given = snake(name), [cell for cell in cells if cell]
    position = key.index(name) + 1 if name in key else None
    if suspected := suspicion(column, given):
        kind, because = suspected
        return Column(name, column, "text", "identifier", because, position, kind, max_length=255)
    classification, linkage = _about_person(column, pg_type)
    lengths = {len(value) for value in given}
    is_year = pg_type == "integer" and "year" in column and all(1900 <= int(value) <= 2100 for value in given)
    return Column(
        name,
        column,
        pg_type,
        classification,
        "",
        position,
        linkage=linkage,
        max_length=_length(max(lengths, default=0), position) if pg_type == "text" else None,
        is_filled=len(given) == len(cells),
        digits=lengths.pop() if pg_type == "text" and len(lengths) == 1 and all(v.isdigit() for v in given) else None,
        is_year=is_year,
        is_never_negative=pg_type in ("integer", "bigint", "numeric")
        and not is_year
        and not any(v.startswith("-") for v in given),
        is_never_ahead=pg_type == "date" and all(value[:10] <= today.isoformat() for value in given),
    )


def _about_person(column: str, pg_type: PgType) -> tuple[Classification, str | None]:
    if re.fullmatch(r"birth_?date|date_of_birth", column) and pg_type == "date":
        return "personal", "birth_date"
    if column in _SEX:
        return "personal", "sex"
    return "internal", None


def _length(longest: int, position: int | None) -> int:
    roomy = max(2 * longest or 255, 64 if position is not None else 1)
    return next((length for length in _LENGTHS if length >= roomy), roomy)


def _one_resident_id(columns: Sequence[Column]) -> list[Column]:
    """Only the first resident id is the record's person; a second (a parent's, say) is another's."""
    first = next((c.name for c in columns if c.identifier == "resident_id"), None)
    return [
        Column(c.name, c.column, "text", "identifier", c.because, identifier="other", max_length=255)
        if c.identifier == "resident_id" and c.name != first
        else c
        for c in columns
    ]
