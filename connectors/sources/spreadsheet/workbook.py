"""Opens a workbook: recognises it by its content, refuses what might do harm, and gives its sheets.

Refused before anything is read: encrypted workbooks, workbooks with macros or links to other files, and such as unpack
to far more than they are. Formulas are never calculated; the values that the spreadsheet program stored are read.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from connectors.sources.package import Member
from connectors.sources.spreadsheet import ods, xls, xlsx
from connectors.sources.spreadsheet.book import LARGEST_FILE, TORN, Workbook, check_parts, too_large, whole

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def is_workbook(file: IO[bytes]) -> bool:
    """Whether a file is a workbook of any kind, readable for us or not, whatever its name; it is left at its start."""
    start = file.read(8)
    file.seek(0)
    if start == _OLE:
        return True
    if not start.startswith(_ZIP):
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            return "[Content_Types].xml" in names or ("mimetype" in names and "content.xml" in names)
    except TORN:
        return False
    finally:
        file.seek(0)


@contextmanager
def opened(member: Member) -> Iterator[Workbook]:
    """Open a workbook; its sheets can be read, each any number of times, while the context lasts.

    :raises BadInput: with a code, for what we do not open
    """
    with _seekable(member) as file:
        if file.read(8) == _OLE:
            file.seek(0)
            yield xls.read(file.read(LARGEST_FILE + 1), member)
            return
        file.seek(0)
        with _archive(file, member) as archive:
            check_parts(archive, member)
            read = xlsx.read if "[Content_Types].xml" in archive.namelist() else ods.read
            with whole(member):
                book = read(archive, member)
            yield book


@contextmanager
def _seekable(member: Member) -> Iterator[IO[bytes]]:
    """The file itself; a file inside a zip is unpacked into memory, within the limit."""
    with member.open() as file:
        held: IO[bytes] = file
        if isinstance(file, zipfile.ZipExtFile):
            held = io.BytesIO(file.read(LARGEST_FILE + 1))
        held.seek(0, io.SEEK_END)
        if held.tell() > LARGEST_FILE:
            raise too_large(member, f"the workbook is larger than {LARGEST_FILE // 2**20} MB")
        held.seek(0)
        yield held


@contextmanager
def _archive(file: IO[bytes], member: Member) -> Iterator[zipfile.ZipFile]:
    with whole(member):
        archive = zipfile.ZipFile(file)
    with archive:
        yield archive
