"""What every kind of workbook gives, the limits they share, and the complaints about those we do not open."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Literal

from connectors.sources.archives import LARGEST_RATIO, RATIO_COUNTS_FROM
from connectors.sources.package import Member
from connectors.sources.spreadsheet.cells import SheetRow
from pipeline.errors import BadInput

Kind = Literal["xlsx", "xls", "ods"]

LARGEST_FILE = 128 * 2**20
LARGEST_UNPACKED = 2 * 2**30
LARGEST_PART = 96 * 2**20
"""Of the parts that are held in memory: texts shared by cells, number formats."""
MOST_SHEETS, MOST_COLUMNS, MOST_ROWS, MOST_CELLS, MOST_SPANS = 100, 1024, 1_048_576, 40_000_000, 200_000
LONGEST_CELL = 2**15
"""What Excel allows in a cell; longer texts come only from programs that mean harm."""
_ENCRYPTED = 0x1
_OPENABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
TORN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError, LookupError)


@dataclass(frozen=True)
class Sheet:
    """One sheet with cells; ``rows`` reads it anew each time it is called and leaves out empty rows."""

    name: str
    is_hidden: bool
    rows: Callable[[], Iterator[SheetRow]]


@dataclass(frozen=True)
class Workbook:
    """An open workbook."""

    kind: Kind
    sheets: Sequence[Sheet]
    is_1904: bool = False
    """whether its days count from 1904, for serial numbers that were typed or pasted as text"""


@contextmanager
def whole(member: Member) -> Iterator[None]:
    """What the archive's reader raises for torn workbooks, depending on where they are torn, is the file's fault."""
    try:
        yield
    except TORN as error:
        raise damaged(member, "the workbook is torn") from error


def check_parts(archive: zipfile.ZipFile, member: Member) -> None:
    """Refuse an archive that would unpack to more than we hold, before any of it is unpacked."""
    infos = archive.infolist()
    if sum(info.file_size for info in infos) > LARGEST_UNPACKED:
        raise too_large(member, f"the workbook unpacks to more than {LARGEST_UNPACKED // 2**30} GB")
    for info in infos:
        if info.flag_bits & _ENCRYPTED:
            raise encrypted(member)
        if info.compress_type not in _OPENABLE:
            raise damaged(member, "the workbook is packed in a way we do not open")
        if info.file_size > RATIO_COUNTS_FROM and info.file_size > LARGEST_RATIO * max(info.compress_size, 1):
            raise too_large(member, f"a part of the workbook unpacks to more than {LARGEST_RATIO} times its size")


def small_part(archive: zipfile.ZipFile, name: str, member: Member) -> IO[bytes]:
    """A part that is held in memory while reading."""
    try:
        info = archive.getinfo(name)
    except KeyError as error:
        raise damaged(member, "a part of the workbook is missing") from error
    if info.file_size > LARGEST_PART:
        raise too_large(member, "a part of the workbook is larger than we hold in memory")
    return archive.open(info)


def too_large(member: Member, problem: str) -> BadInput:
    """Complaint about size."""
    return member.bad(
        problem, code="refused.workbook_too_large", advice="Send the table in several workbooks, or as CSV."
    )


def damaged(member: Member, problem: str) -> BadInput:
    """Complaint about a workbook that cannot be read."""
    return member.bad(
        problem,
        code="refused.workbook_damaged",
        advice="Open it in the spreadsheet program, save it again and send it.",
    )


def encrypted(member: Member) -> BadInput:
    """Complaint about a password."""
    return member.bad(
        "the workbook is protected by a password",
        code="refused.workbook_encrypted",
        advice="Save it without a password; the way to us is protected.",
    )


def with_macros(member: Member) -> BadInput:
    """Complaint about programs in a workbook."""
    return member.bad(
        "the workbook holds macros", code="refused.workbook_macros", advice="Save it as .xlsx without macros."
    )


def with_links(member: Member) -> BadInput:
    """Complaint about values that live in other files."""
    return member.bad(
        "the workbook links to other files",
        code="refused.workbook_links",
        advice="Copy the table, paste it as values into a new workbook and send that.",
    )
