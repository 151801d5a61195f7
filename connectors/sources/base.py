"""What every source module gives: tables of rows, read in constant memory from a file or folder an agency handed in.

A source module is named after its source, opens with a data sheet and exposes one object, ``SOURCE``. It knows the
agency's file format and nothing of Kafka, keys or databases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from connectors.registry import Agency

TableMode = Literal["bulk", "delta", "append"]


class Repair(NamedTuple):
    """Something that was put right because it could mean only one thing; the sender is told, and no value is."""

    code: str
    """``repair.…`` or ``note.…``, with a text in :mod:`connectors.messages`"""
    field: str | None = None
    """contract property; None = the row or the file as a whole"""
    file: str | None = None
    """file it is about, where that is not the table's own"""
    rows: int = 1
    """how many rows it touched"""


class Row(NamedTuple):
    """One record as the agency wrote it."""

    line: int
    """line (of a spreadsheet: row) of the file the record begins on, counted from 1 as an editor counts"""
    values: dict[str, str | None]
    """by contract property name (the source's word); every field of the contract but the ``dropped`` ones is a key,
    and None says missing, whatever token the source uses for it"""
    deleted: bool = False
    modified_at: str | None = None
    """ISO 8601 with offset, or None where the source gave none that can be read"""
    repairs: tuple[Repair, ...] = ()
    part: str | None = None
    """file, sheet or page the line is counted in, where a table is read from several"""


class Rejected(NamedTuple):
    """A record the reader could not take apart; it counts in the books like any other."""

    line: int
    raw: str
    """its text as it stands in the file: may hold personal values, so it travels only sealed"""
    rule_id: str
    record_hint: str | None
    """what seems to be its key, as it stands in the file; pass it through ``safe_record_id`` before use"""
    field: str | None = None
    """contract property at fault, where one is"""
    part: str | None = None
    """as in :class:`Row`"""


@dataclass(frozen=True)
class Table:
    """One entity of a delivery. ``rows`` may be called again and reads the file anew each time."""

    entity: str
    mode: TableMode
    rows: Callable[[], Iterator[Row | Rejected]]
    file: str | None = None
    """name of the file as the sender knows it"""
    repairs: tuple[Repair, ...] = ()
    """of the file as a whole"""
    columns: tuple[str, ...] | None = None
    """contract properties the file has a column for; None where the form has no columns"""


class Source(Protocol):
    """Reader of one source's deliveries.

    A source that can be asked over a wire also has ``transports``: by the agency's ``transport`` a function that makes
    a :class:`connectors.transports.base.Transport`.
    """

    name: str

    def open(self, origin: Path, agency: Agency) -> AbstractContextManager[Sequence[Table]]:
        """Check the delivery as a whole, then hand out its tables while the context lasts.

        :raises BadInput: for what makes the whole delivery unusable; what only shows while rows are read (a wrong
            encoding far down, a torn archive) raises it then, so keep nothing before the last row
        """
        ...
