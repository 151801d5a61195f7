"""A delivery on its way into the drop folder: written to disk as it comes, whole or not at all.

The files grow in a hidden folder that ends in ``.part``, which the watcher passes over, and appear under their name by
one rename. A name that is taken gets a number; nothing is ever overwritten. Nothing is opened, unpacked or run here.
"""

from __future__ import annotations

import errno
import os
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from connectors import intake
from pipeline.settings import Settings
from portal.agency import files
from portal.refusals import NotTaken

WRITE_BYTES = 1024 * 1024
MOST_FILES = 64
_MOST_NAMES = 10_000
_TAKEN = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)
_LEFT_BEHIND = ".upload-*.part"


@dataclass(frozen=True)
class Arrived:
    """A delivery that lies in the drop folder."""

    path: Path
    content_sha256: bytes
    size: int


class Incoming:
    """Takes one delivery of one agency; :meth:`discard` removes whatever is there of it."""

    def __init__(self, settings: Settings, agency_code: str, limit: int, spare: int) -> None:
        self._folder = settings.drop_dir / agency_code
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._limit, self._spare = limit, spare
        self._room = self._folder / f".upload-{uuid.uuid4().hex}.part"
        self._room.mkdir(mode=0o700)
        self._file: IO[bytes] | None = None
        self._head, self._has_kind = b"", False
        self._names: list[str] = []
        self.size = 0

    def expect(self, length: int | None) -> None:
        """Refuse at once what is announced as too large, or larger than the disk.

        :raises NotTaken: so
        """
        if length is not None and length > self._limit:
            raise NotTaken("too_large", 413, limit=self._limit // 2**20)
        if shutil.disk_usage(self._room).free < (length or 0) + self._spare:
            raise NotTaken("no_room", 507)

    def open(self, name: str | None) -> None:
        """Begin a file under its cleaned name.

        :raises NotTaken: too many files
        """
        if len(self._names) >= MOST_FILES:
            raise NotTaken("too_many_files", 413, most=MOST_FILES)
        clean = files.clean_name(name)
        unique = next(n for i in range(1, MOST_FILES + 2) if (n := files.numbered(clean, i)) not in self._names)
        self._names.append(unique)
        handle = os.open(self._room / unique, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file, self._head, self._has_kind = os.fdopen(handle, "wb"), b"", False

    def write(self, data: bytes) -> None:
        """Append to the open file.

        :raises NotTaken: too large, or of no kind we take
        """
        assert self._file is not None  # noqa: S101 - open() comes first
        self.size += len(data)
        if self.size > self._limit:
            raise NotTaken("too_large", 413, limit=self._limit // 2**20)
        if not self._has_kind:
            self._head = (self._head + data)[: files.HEAD_BYTES]
            if len(self._head) == files.HEAD_BYTES:
                self._check_kind()
        self._file.write(data)

    def close(self) -> None:
        """End the open file, which is on the disk then.

        :raises NotTaken: empty, or of no kind we take
        """
        if self._file is None:
            return
        if not self._has_kind:
            self._check_kind()
        with self._file as file:
            file.flush()
            os.fsync(file.fileno())
        self._file = None

    def settle(self) -> Arrived:
        """Show it in the drop folder: one file as itself, several as a folder named after the first.

        Nothing is overwritten.

        :raises NotTaken: when there was no file in it
        """
        if not self._names:
            raise NotTaken("no_file")
        alone = self._room / self._names[0] if len(self._names) == 1 else None
        digest = intake.fingerprint(alone or self._room)
        folder = f"{self._names[0].partition('.')[0]} ({len(self._names)})"
        target = self._appear(alone, self._names[0] if alone else files.clean_name(folder))
        _sync_folder(self._folder)
        return Arrived(target, digest, self.size)

    def discard(self) -> None:
        """Remove what is left of it; nothing once it has settled as a folder."""
        if self._file is not None:
            self._file.close()
        shutil.rmtree(self._room, ignore_errors=True)

    def _appear(self, alone: Path | None, name: str) -> Path:
        for number in range(1, _MOST_NAMES):
            target = self._folder / files.numbered(name, number)
            if target.exists():
                continue
            try:
                if alone is not None:
                    os.link(alone, target)  # unlike a rename, this fails where someone was quicker
                else:
                    self._room.rename(target)  # onto a folder with something in it, this fails too
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise
                continue
            return target
        raise NotTaken("no_room", 507)

    def _check_kind(self) -> None:
        if not self._head:
            raise NotTaken("empty", file=self._names[-1])
        if files.kind_of(self._head) is None:
            raise NotTaken("kind", 415, file=self._names[-1])
        self._has_kind = True


def sweep(settings: Settings) -> int:
    """Remove what a service that was killed had begun; how many."""
    left = list(settings.drop_dir.glob(f"*/{_LEFT_BEHIND}"))
    for room in left:
        shutil.rmtree(room, ignore_errors=True)
    return len(left)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
