"""The intake store: an encrypted copy of every original that was staged, kept for a limited time, every look logged.

``settings.intake_dir/<agency>/<delivery_id>.sealed`` is a tar of the file or folder, cut into chunks of one MiB, each
``length (4 bytes) + sealed chunk``. A chunk is bound to its delivery, its number and whether it is the last, so one
that is missing, moved or cut off does not open. Nothing is kept of a delivery that could not be staged.
"""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import io
import json
import os
import shutil
import tarfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from pipeline import names, sealing
from pipeline.db import connect, patiently
from pipeline.errors import BadInput, SystemTrouble
from pipeline.settings import Settings

ROLE = "flyover_connector"
RETENTION_DAYS = 90
_CHUNK_BYTES = 1024 * 1024
_LENGTH_BYTES = 4
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def fingerprint(origin: Path) -> bytes:
    """SHA-256 of a file's content; of a folder, over the sorted names and contents of its files. Streamed."""
    if origin.is_file():
        return _sha256(origin)
    digest = hashlib.sha256()
    for member in _members(origin):
        name = member.relative_to(origin).as_posix().encode()
        digest.update(len(name).to_bytes(4, "big") + name + _sha256(member))
    return digest.digest()


@contextmanager
def kept(settings: Settings, agency_code: str, delivery_id: uuid.UUID, origin: Path) -> Iterator[Path]:
    """Keep a sealed copy of ``origin``; it is removed again when what follows in the block fails."""
    place = _place(settings, agency_code, delivery_id)
    size = _seal_to(place, settings.secrets.intake_key, delivery_id, origin)
    try:
        _log(settings, "intake.stored", delivery_id, {"agency_code": agency_code, "sealed_bytes": size})
        yield place
    except BaseException:
        place.unlink(missing_ok=True)
        raise


def restore(settings: Settings, agency_code: str, delivery_id: uuid.UUID, into: Path, *, why: str) -> None:
    """Unpack the original of a delivery into the folder ``into``; who looked and why is written to ``audit.entry``.

    :raises BadInput: when its retention has ended, or it never was
    :raises SealBroken: when the copy was changed or cut off; what was unpacked until then is not to be trusted
    """
    place = _place(settings, agency_code, delivery_id)
    if not place.exists():
        raise BadInput(
            f"the original of delivery {delivery_id} is not kept (any more)",
            agency=agency_code,
            advice=f"Originals are kept for {RETENTION_DAYS} days.",
        )
    _log(settings, "intake.opened", delivery_id, {"agency_code": agency_code, "why": why})
    with place.open("rb") as sealed, _Unsealing(sealed, settings.secrets.intake_key, delivery_id) as plain:
        with tarfile.open(fileobj=plain, mode="r|", bufsize=_CHUNK_BYTES) as tar:
            _unpack(tar, into.resolve())
        plain.read_to_end()


def _unpack(tar: tarfile.TarFile, into: Path) -> None:
    """Write the files of a copy below ``into``. By hand: tarfile's own safe filter is younger than Debian 12's Python.

    :raises SealBroken: for a member that is no plain file or folder, or that lies elsewhere
    """
    for member in tar:
        target = (into / member.name).resolve()
        content = tar.extractfile(member) if member.isfile() else None
        if not target.is_relative_to(into) or (content is None and not member.isdir()):
            raise sealing.SealBroken("a kept original holds something that is no plain file or folder of it")
        if content is None:
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with content, target.open("wb") as file:
            shutil.copyfileobj(content, file, _CHUNK_BYTES)


def is_kept(settings: Settings, agency_code: str, delivery_id: uuid.UUID) -> bool:
    """Whether the original of a delivery can be unpacked."""
    return _place(settings, agency_code, delivery_id).exists()


def purge(settings: Settings, *, now: dt.datetime, retention_days: int = RETENTION_DAYS) -> int:
    """Remove originals whose retention has ended; returns how many. Idempotent."""
    oldest = (now - dt.timedelta(days=retention_days)).timestamp()
    purged = 0
    for path in sorted(settings.intake_dir.glob("*/*.sealed*")):
        try:
            if path.stat().st_mtime >= oldest:
                continue
            path.unlink()
        except FileNotFoundError:  # another pull purges too
            continue
        _log(settings, "intake.purged", path.name.partition(".")[0], {"agency_code": path.parent.name})
        purged += 1
    return purged


def _place(settings: Settings, agency_code: str, delivery_id: uuid.UUID) -> Path:
    return settings.intake_dir / names.agency(agency_code) / f"{delivery_id}.sealed"


def _seal_to(place: Path, key: bytes, delivery_id: uuid.UUID, origin: Path) -> int:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = place.with_suffix(".sealed.part")
    try:
        with _private(unfinished) as file:
            with (
                _Sealing(file, key, delivery_id) as plain,
                tarfile.open(fileobj=plain, mode="w|", bufsize=_CHUNK_BYTES) as tar,
            ):
                tar.add(origin, arcname=origin.name)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(place)
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise SystemTrouble(
            f"{origin.name} cannot be kept in {place.parent}: {os.strerror(error.errno)}. "
            "Nothing of it was taken in: make room, then hand it in again"
        ) from None
    finally:
        unfinished.unlink(missing_ok=True)
    return place.stat().st_size


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _members(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _sha256(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _log(settings: Settings, action: str, delivery: uuid.UUID | str, detail: dict[str, Any]) -> None:
    def write() -> None:
        with connect(settings, ROLE) as connection:
            connection.execute(
                "insert into audit.entry (action, object, detail) values (%s, %s, %s)",
                (action, f"delivery {delivery}", json.dumps(detail)),
            )

    patiently(write)


def _context(delivery_id: uuid.UUID, number: int, *, is_last: bool) -> bytes:
    return f"intake:{delivery_id}:{number}:{'last' if is_last else 'more'}".encode()


class _Sealing(io.RawIOBase):
    """Takes plain bytes, writes sealed chunks; the last one on close."""

    def __init__(self, target: IO[bytes], key: bytes, delivery_id: uuid.UUID) -> None:
        self._target, self._key, self._delivery_id = target, key, delivery_id
        self._number, self._buffer = 0, bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._buffer += data
        while len(self._buffer) > _CHUNK_BYTES:
            self._put(bytes(self._buffer[:_CHUNK_BYTES]), is_last=False)
            del self._buffer[:_CHUNK_BYTES]
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._put(bytes(self._buffer), is_last=True)
        super().close()

    def _put(self, plain: bytes, *, is_last: bool) -> None:
        sealed = sealing.seal(self._key, plain, _context(self._delivery_id, self._number, is_last=is_last))
        self._target.write(len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed)
        self._number += 1


class _Unsealing(io.RawIOBase):
    """Reads sealed chunks, gives plain bytes."""

    def __init__(self, source: IO[bytes], key: bytes, delivery_id: uuid.UUID) -> None:
        self._source, self._key, self._delivery_id = source, key, delivery_id
        self._number, self._rest = 0, b""
        self._next = self._take()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest and self._next:
            sealed, self._next = self._next, self._take()
            context = _context(self._delivery_id, self._number, is_last=not self._next)
            self._rest = sealing.unseal(self._key, sealed, context)
            self._number += 1
        given = self._rest[: len(buffer)]
        buffer[: len(given)] = given
        self._rest = self._rest[len(given) :]
        return len(given)

    def read_to_end(self) -> None:
        """Open every chunk to the last, so that a copy cut off behind the tar's own end shows."""
        while self.read(_CHUNK_BYTES):
            pass

    def _take(self) -> bytes:
        return self._source.read(int.from_bytes(self._source.read(_LENGTH_BYTES), "big"))
