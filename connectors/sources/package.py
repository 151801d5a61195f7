"""Opens what an agency handed in: a folder, a zip or one file, without unpacking or trusting it.

A zip is read member by member as a stream. Members that point elsewhere, encrypted members and zips that unpack to
far more than they are (bombs) are refused before anything is read.
"""

from __future__ import annotations

import errno
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from pipeline.errors import UNCLASSIFIED, BadInput

LARGEST_TOTAL = 16 * 2**30
LARGEST_RATIO = 200
RATIO_COUNTS_FROM = 10 * 2**20
"""Smaller members may compress as well as they like: a short file of equal rows is no bomb."""
MOST_MEMBERS = 1000
_ENCRYPTED = 0x1
_OPENABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_TORN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    IndexError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
"""What the standard library raises for damaged zips, depending on where the damage is."""


@dataclass(frozen=True)
class Sender:
    """Whose delivery it is, so that every complaint can say so."""

    agency: str
    source: str

    def bad(
        self,
        problem: str,
        *,
        file: str,
        line: int | None = None,
        advice: str | None = None,
        code: str = UNCLASSIFIED,
    ) -> BadInput:
        """Complaint about a file of this delivery; its name is the sender's, so it is made fit for one line."""
        shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in file)
        return BadInput(
            problem, agency=self.agency, source=self.source, file=shown, line=line, advice=advice, code=code
        )


@dataclass(frozen=True)
class Member:
    """One file of a delivery; ``label`` is how people find it."""

    name: str
    label: str
    sender: Sender
    open: Callable[[], IO[bytes]]

    def bad(
        self, problem: str, *, line: int | None = None, advice: str | None = None, code: str = UNCLASSIFIED
    ) -> BadInput:
        """Complaint about this file."""
        return self.sender.bad(problem, file=self.label, line=line, advice=advice, code=code)


@dataclass(frozen=True)
class Package:
    """A delivery's files by lower-case name. ``enclosing`` names the one folder they all lay in, if they did."""

    label: str
    sender: Sender
    members: Mapping[str, Member]
    enclosing: str | None = None

    def bad(self, problem: str, *, advice: str | None = None, code: str = UNCLASSIFIED) -> BadInput:
        """Complaint about the delivery as a whole."""
        return self.sender.bad(problem, file=self.label, advice=advice, code=code)

    def find(self, name: str) -> Member | None:
        """File of that name, in whatever case it is written."""
        return self.members.get(name.lower())


@contextmanager
def open_package(origin: Path, sender: Sender) -> Iterator[Package]:
    """Open a delivery; its members can be read, each any number of times, while the context lasts.

    :raises BadInput: when there is nothing, or nothing that may be read
    """
    if not origin.exists():
        raise sender.bad("there is no such file or folder", file=str(origin), advice="Check the path.")
    if origin.is_dir():
        yield _folder(origin, sender)
        return
    if origin.stat().st_size == 0:
        raise sender.bad("the file is empty", file=origin.name, advice="Export it again.")
    if origin.suffix.lower() != ".zip" and not _starts_like_a_zip(origin, sender):
        member = Member(origin.name, origin.name, sender, lambda: origin.open("rb"))
        yield Package(origin.name, sender, {origin.name.lower(): member})
        return
    with _whole(origin.name, "the zip is torn or is no zip", sender):
        archive = zipfile.ZipFile(origin)
    with archive:
        yield _zip(archive, origin, sender)


@contextmanager
def _whole(label: str, complaint: str, sender: Sender) -> Iterator[None]:
    """What goes wrong inside is the file's fault; any other trouble with the disk is ours and passes through."""
    try:
        yield
    except _TORN as error:
        raise sender.bad(complaint, file=label, advice="Send it again.") from error
    except PermissionError as error:
        raise sender.bad("we may not read this file", file=label, advice="Give us leave to read it.") from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # that one says: a directory that points before the file's start
            raise
        raise sender.bad(complaint, file=label, advice="Send it again.") from error


def _starts_like_a_zip(origin: Path, sender: Sender) -> bool:
    with _whole(origin.name, "the file cannot be read", sender), origin.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def _folder(origin: Path, sender: Sender) -> Package:
    found = [path for path in sorted(origin.rglob("*")) if not path.is_dir() or path.is_symlink()]
    for path in found:
        if path.is_symlink():
            raise sender.bad(
                "the file is a link to elsewhere", file=str(path.relative_to(origin)), advice="Copy it in."
            )
    names = {str(path.relative_to(origin)): path for path in found if path.is_file()}
    return _package(origin.name, names, lambda name: lambda: names[name].open("rb"), sender)


def _zip(archive: zipfile.ZipFile, origin: Path, sender: Sender) -> Package:
    infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
    if len(infos) > MOST_MEMBERS:
        raise sender.bad(f"the zip holds {len(infos)} files, more than {MOST_MEMBERS}", file=origin.name)
    if sum(info.file_size for info in infos) > LARGEST_TOTAL:
        raise sender.bad(f"the zip unpacks to more than {LARGEST_TOTAL // 2**30} GB", file=origin.name)
    for info in infos:
        if complaint := _danger(info):
            raise sender.bad(complaint, file=f"{origin.name}: {info.filename}", advice="Pack the plain files again.")
    by_name = {info.filename: info for info in infos}
    if len(by_name) < len(infos):
        raise sender.bad("the zip holds two files of one name", file=origin.name, advice="Pack each file once.")

    def opener(name: str) -> Callable[[], IO[bytes]]:
        def opened() -> IO[bytes]:
            with _whole(f"{origin.name}: {name}", "the zip is torn here", sender):
                return archive.open(by_name[name])

        return opened

    return _package(origin.name, by_name, opener, sender, inside=True)


def _danger(info: zipfile.ZipInfo) -> str | None:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if not path.parts:
        return "the file has no name"
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        return "the file's name leads out of the zip"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "the file is a link to elsewhere"
    if info.flag_bits & _ENCRYPTED:
        return "the file is encrypted; we cannot open it"
    if info.compress_type not in _OPENABLE:
        return "the file is packed in a way we do not open"
    if info.file_size > RATIO_COUNTS_FROM and info.file_size > LARGEST_RATIO * max(info.compress_size, 1):
        return f"the file unpacks to more than {LARGEST_RATIO} times its size"
    return None


def _package(
    label: str,
    names: Mapping[str, object],
    opener: Callable[[str], Callable[[], IO[bytes]]],
    sender: Sender,
    *,
    inside: bool = False,
) -> Package:
    paths = {name: PurePosixPath(name) for name in names}
    seen = {name: path for name, path in paths.items() if not _is_clutter(path)}
    at_root = {name: path for name, path in seen.items() if len(path.parts) == 1}
    enclosing = None
    if not at_root:
        tops = {path.parts[0] for path in seen.values()}
        enclosing = tops.pop() if len(tops) == 1 else None
        at_root = {name: path for name, path in seen.items() if enclosing and len(path.parts) == 2}
    if not at_root:
        raise sender.bad("there are no files in it", file=label, advice="Put the files at its root.")
    members: dict[str, Member] = {}
    for name, path in at_root.items():
        if path.name.lower() in members:
            raise sender.bad(f"two files are called {path.name}, but for case", file=label, advice="Keep one of them.")
        shown = f"{label}: {name}" if inside else f"{label}/{name}"
        members[path.name.lower()] = Member(path.name, shown, sender, opener(name))
    return Package(label, sender, members, enclosing)


def _is_clutter(path: PurePosixPath) -> bool:
    return "__MACOSX" in path.parts or any(part.startswith(".") for part in path.parts) or path.name == "Thumbs.db"
