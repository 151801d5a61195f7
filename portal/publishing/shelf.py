"""The folders that published pages stand in, and the one link that says which of them readers get.

``site/releases/<release>-<digest>`` holds one whole site; ``site/current`` is a link to one of them and is moved by one
rename, so a reader is given the old site or the new one. A site is written beside them and comes there whole; what a
killed writer left is cleared by the next. A folder that has its name is never changed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import BadInput
from pipeline.settings import Settings

KEPT = 3
_WORK = ".work-"
_DIGITS = 12
_CATALOGUE = Path("data") / "catalogue.json"


@dataclass(frozen=True)
class Site:
    """One site on the shelf."""

    release_id: int
    digest: str
    path: Path
    is_current: bool

    @property
    def size_bytes(self) -> int:
        """Of all its files, packed ones included."""
        return sum(path.stat().st_size for path in self.path.rglob("*") if path.is_file())


def home(settings: Settings) -> Path:
    """Where all of it stands."""
    return settings.state_dir / "site"


def link(settings: Settings) -> Path:
    """What a server of the pages follows."""
    return home(settings) / "current"


def sites(settings: Settings) -> list[Site]:
    """The sites there are, the one shown last first."""
    current = _target(settings)
    found = [path for path in (home(settings) / "releases").glob("[0-9]*-*") if path.is_dir()]
    found.sort(key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
    return [Site(*_parts(path), path, is_current=path == current) for path in found]


@contextmanager
def writing(settings: Settings) -> Iterator[Path]:
    """An empty folder to write a site into, one writer at a time; gone again unless :func:`place` takes it."""
    root = home(settings)
    (root / "releases").mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in (*root.glob(f"{_WORK}*"), *root.glob(".current-*")):
            shutil.rmtree(leftover) if leftover.is_dir() and not leftover.is_symlink() else leftover.unlink()
        work = root / f"{_WORK}{secrets.token_hex(4)}"
        work.mkdir()
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)


def place(settings: Settings, work: Path, release_id: int) -> Site:
    """Give a written site its name; one that was written before, byte by byte, is taken again."""
    digest = digest_of(work)
    path = home(settings) / "releases" / f"{release_id}-{digest}"
    if not path.exists():
        work.rename(path)
    return Site(release_id, digest, path, is_current=path == _target(settings))


def show(settings: Settings, site: Site) -> None:
    """Have readers get this site from now on, and forget the oldest beyond those kept."""
    fresh = home(settings) / f".current-{secrets.token_hex(4)}"
    fresh.symlink_to(site.path.relative_to(home(settings)))
    os.replace(fresh, link(settings))
    os.utime(site.path)
    for old in sites(settings)[KEPT:]:
        if not old.is_current:
            shutil.rmtree(old.path)


def export(settings: Settings, target: Path) -> Site:
    """Copy the site that readers get to a folder of any web server; an earlier export there is replaced.

    :raises BadInput: when there is no site, or the folder holds anything else
    """
    site = next((site for site in sites(settings) if site.is_current), None)
    if site is None:
        raise BadInput("no pages were ever written", advice="./flyover portal build writes them.")
    target = target.absolute()
    if target.exists() and any(target.iterdir()) and not (target / _CATALOGUE).is_file():
        raise BadInput(f"{target} holds something that is no export", advice="Name an empty folder, or a new one.")
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh, old = (target.with_name(f".{target.name}.{kind}-{secrets.token_hex(4)}") for kind in ("new", "old"))
    try:
        shutil.copytree(site.path, fresh)
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if old.exists() and not target.exists():
            old.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    return site


def digest_of(folder: Path) -> str:
    """What a folder holds, in short: names and bytes of all files."""
    seen = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        seen.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
        seen.update(path.read_bytes())
    return seen.hexdigest()[:_DIGITS]


def _target(settings: Settings) -> Path | None:
    place = link(settings)
    return home(settings) / os.readlink(place) if place.is_symlink() else None


def _parts(path: Path) -> tuple[int, str]:
    number, _, digest = path.name.partition("-")
    return int(number), digest
