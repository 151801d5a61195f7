"""Opens what an agency handed in: a folder, a zip or one file, without unpacking or trusting it.

A zip is read member by member as a stream. Members that point elsewhere, encrypted members and zips that unpack to
far more than they are (bombs) are refused before anything is read.
"""

from __future__ import annotations

import errno
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from connectors.registry import Agency
from connectors.sources.archives import danger_of
from connectors.sources.base import Repair
from connectors.sources.file_kinds import ZIP_STARTS, is_packed, is_workbook
from pipeline.errors import UNCLASSIFIED, BadInput

LARGEST_TOTAL = 16 * 2**30
MOST_MEMBERS = 1000
_ARCHIVES = frozenset({".zip", ".rar", ".7z", ".gz", ".tgz", ".tar", ".bz2", ".xz"})
_LONGEST_SHOWN = 150
_LOOKS_LIKE_AN_ID = re.compile(r"\d{17}[\dXx]")
_PACK_AGAIN = "Pack the plain files again."
_ADVICE = {
    "refused.encrypted": "Send it without a password; the way to us is encrypted itself.",
    "refused.bomb": "Check what is in it; if it is meant so, talk to us.",
    "refused.link": "Pack the file itself, not a link to it.",
}
_WORKBOOK_PARTS = frozenset({"[Content_Types].xml", "META-INF/manifest.xml"})
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
    strict: bool = False
    """whether what the standard forbids is refused instead of repaired"""

    @classmethod
    def of(cls, agency: Agency) -> Sender:
        """Sender of an agency's deliveries, as tolerant as its yml says."""
        return cls(agency.agency_code, agency.source, strict=agency.tolerance == "strict")

    def bad(
        self,
        problem: str,
        *,
        file: str,
        line: int | None = None,
        advice: str | None = None,
        code: str = UNCLASSIFIED,
    ) -> BadInput:
        """Complaint about a file of this delivery; its name is the sender's, so it is made fit to be shown."""
        shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in file)
        shown = _LOOKS_LIKE_AN_ID.sub("(number)", shown)
        if len(shown) > _LONGEST_SHOWN:
            shown = f"{shown[:_LONGEST_SHOWN]}…"
        return BadInput(
            problem, agency=self.agency, source=self.source, file=shown, line=line, advice=advice, code=code
        )


@dataclass(frozen=True, eq=False)
class Member:
    """One file of a delivery; ``label`` is how people find it."""

    name: str
    label: str
    sender: Sender
    open: Callable[[], IO[bytes]]
    repairs: tuple[Repair, ...] = ()
    """of how it was packed; its reader tells them"""

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
        raise sender.bad(
            "there is no such file or folder", file=str(origin), code="refused.not_there", advice="Check the path."
        )
    if origin.is_dir():
        yield _folder(origin, sender)
        return
    size = origin.stat().st_size
    if size == 0:
        raise sender.bad("the file is empty", file=origin.name, code="refused.empty_file", advice="Export it again.")
    _check_size(size, "the file is", origin.name, sender)
    head = _head(origin, sender)
    if packed := is_packed(head):
        raise sender.bad(
            f"the file is packed with {packed}",
            file=origin.name,
            code="refused.packed",
            advice="Unpack it, or send it as a zip.",
        )
    named_zip = origin.suffix.lower() == ".zip"
    if not head.startswith(ZIP_STARTS) and (is_workbook(head) or not named_zip):
        yield _single(origin, sender)
        return
    with _whole(origin.name, "the zip is torn or is no zip", sender):
        archive = zipfile.ZipFile(origin)
    with archive:
        if not _WORKBOOK_PARTS.isdisjoint(archive.namelist()):
            yield _single(origin, sender)
            return
        renamed = () if named_zip or sender.strict else (Repair("repair.renamed_archive"),)
        yield _zip(archive, origin, sender, renamed)


def _single(origin: Path, sender: Sender) -> Package:
    member = Member(origin.name, origin.name, sender, lambda: origin.open("rb"))
    return Package(origin.name, sender, {origin.name.lower(): member})


@contextmanager
def _whole(label: str, complaint: str, sender: Sender) -> Iterator[None]:
    """What goes wrong inside is the file's fault; any other trouble with the disk is ours and passes through."""
    try:
        yield
    except _TORN as error:
        raise sender.bad(complaint, file=label, code="refused.torn_archive", advice="Send it again.") from error
    except PermissionError as error:
        raise sender.bad(
            "we may not read this file", file=label, code="refused.not_readable", advice="Give us leave to read it."
        ) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # that one says: a directory that points before the file's start
            raise
        raise sender.bad(complaint, file=label, code="refused.torn_archive", advice="Send it again.") from error


def _head(origin: Path, sender: Sender) -> bytes:
    with _whole(origin.name, "the file cannot be read", sender), origin.open("rb") as file:
        return file.read(2**12)


def _check_size(size: int, what: str, label: str, sender: Sender) -> None:
    if size > LARGEST_TOTAL:
        raise sender.bad(
            f"{what} larger than {LARGEST_TOTAL // 2**30} GB",
            file=label,
            code="refused.too_large",
            advice="Send it in several deliveries.",
        )


def _folder(origin: Path, sender: Sender) -> Package:
    found = [path for path in sorted(origin.rglob("*")) if not path.is_dir() or path.is_symlink()]
    for path in found:
        if path.is_symlink():
            raise sender.bad(
                "the file is a link to elsewhere",
                file=str(path.relative_to(origin)),
                code="refused.link",
                advice="Copy the file itself in.",
            )
    names = {str(path.relative_to(origin)): path for path in found if path.is_file()}
    _check_size(sum(path.stat().st_size for path in names.values()), "its files together are", origin.name, sender)
    return _package(origin.name, names, lambda name: lambda: names[name].open("rb"), sender)


def _zip(archive: zipfile.ZipFile, origin: Path, sender: Sender, repairs: tuple[Repair, ...]) -> Package:
    infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
    if len(infos) > MOST_MEMBERS:
        raise sender.bad(
            f"the zip holds {len(infos)} files, more than {MOST_MEMBERS}",
            file=origin.name,
            code="refused.too_many_files",
            advice="Pack only the tables.",
        )
    _check_size(sum(info.file_size for info in infos), "the zip unpacks to something", origin.name, sender)
    for info in infos:
        if danger := danger_of(info):
            problem, code = danger
            raise sender.bad(
                problem, file=f"{origin.name}: {info.filename}", code=code, advice=_ADVICE.get(code, _PACK_AGAIN)
            )
    by_name = {info.filename: info for info in infos}
    if len(by_name) < len(infos):
        raise sender.bad(
            "the zip holds two files of one name",
            file=origin.name,
            code="refused.doubled_file",
            advice="Pack each file once.",
        )

    def opener(name: str) -> Callable[[], IO[bytes]]:
        def opened() -> IO[bytes]:
            with _whole(f"{origin.name}: {name}", "the zip is torn here", sender):
                return archive.open(by_name[name])

        return opened

    return _package(origin.name, by_name, opener, sender, inside=True, repairs=repairs)


def _package(
    label: str,
    names: Mapping[str, object],
    opener: Callable[[str], Callable[[], IO[bytes]]],
    sender: Sender,
    *,
    inside: bool = False,
    repairs: tuple[Repair, ...] = (),
) -> Package:
    paths = {name: PurePosixPath(name.replace("\\", "/") if inside else name) for name in names}
    seen = {name: path for name, path in paths.items() if not _is_clutter(path)}
    for name, path in seen.items():
        if path.suffix.lower() in _ARCHIVES:
            raise sender.bad(
                "this is an archive inside the delivery",
                file=f"{label}: {name}",
                code="refused.nested_archive",
                advice="Unpack it and send the tables themselves.",
            )
    at_root = {name: path for name, path in seen.items() if len(path.parts) == 1}
    enclosing = None
    if not at_root:
        tops = {path.parts[0] for path in seen.values()}
        enclosing = tops.pop() if len(tops) == 1 else None
        at_root = {name: path for name, path in seen.items() if enclosing and len(path.parts) == 2}
    if not at_root:
        raise sender.bad(
            "there are no files in it", file=label, code="refused.no_files", advice="Put the files at its root."
        )
    if enclosing and not sender.strict:
        repairs = (*repairs, Repair("repair.enclosing_folder"))
    members: dict[str, Member] = {}
    for name, path in at_root.items():
        if path.name.lower() in members:
            raise sender.bad(
                f"two files are called {path.name}; only capital letters tell them apart",
                file=label,
                code="refused.doubled_file",
                advice="Keep one of them.",
            )
        shown = f"{label}: {name}" if inside else f"{label}/{name}"
        members[path.name.lower()] = Member(path.name, shown, sender, opener(name), repairs)
    return Package(label, sender, members, enclosing)


def _is_clutter(path: PurePosixPath) -> bool:
    return "__MACOSX" in path.parts or any(part.startswith(".") for part in path.parts) or path.name == "Thumbs.db"
