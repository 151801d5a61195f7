"""The pages of the quality report: what each shows, and which are written anew.

A page is written only when what it shows has changed since it was last written; batches first and the overview last,
so that no page points to one that is not there yet. Each file is replaced whole: a reader sees the old or the new.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import BadInput

PAGES = ".pages.json"
"""What stands on each page now, as a digest; also the mark of a folder that is ours to write to."""


@dataclass(frozen=True)
class Page:
    """One page as it should be; ``shows`` is everything of it that can change."""

    path: str
    shows: str
    render: Callable[[], str]


@dataclass(frozen=True)
class Written:
    """What a run did."""

    folder: Path
    pages: int
    changed: int
    pruned: int


@contextmanager
def opened(folder: Path, audience: str) -> Iterator[Folder]:
    """The folder, held against other writers until the end.

    :raises BadInput: when it holds something else, or pages for another audience
    """
    folder.mkdir(parents=True, exist_ok=True)
    strangers = [entry for entry in folder.iterdir() if entry.name not in (PAGES, ".lock")]
    if strangers and not (folder / PAGES).exists():
        raise BadInput(f"{folder} is not empty and was not written by flyover report", advice="Name an empty folder.")
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = _known(folder / PAGES)
        if known.get("audience", audience) != audience:
            raise BadInput(
                f"{folder} holds pages for {known['audience']}, not for {audience}", advice="Name an empty folder."
            )
        yield Folder(folder, audience, known.get("pages", {}))


@dataclass(frozen=True)
class Folder:
    """A folder of pages, and what stands on them."""

    path: Path
    audience: str
    before: Mapping[str, str]

    def is_current(self, path: str, shows: str, edition: str) -> bool:
        """Whether a page stands there and shows just this."""
        return self.before.get(path) == digest(edition, shows) and (self.path / path).exists()

    def write(self, pages: Sequence[Page], edition: str) -> Written:
        """Bring the folder to these pages, in their order; what is not among them goes, last."""
        stale = [page for page in pages if not self.is_current(page.path, page.shows, edition)]
        wanted = {page.path: digest(edition, page.shows) for page in pages}
        gone = [path for path in self.before if path not in wanted]
        if stale or gone:
            # who is interrupted here writes the stale ones again
            self._note({path: seen for path, seen in self.before.items() if path not in {p.path for p in stale}})
            for page in stale:
                replace(self.path / page.path, page.render())
            for path in gone:
                (self.path / path).unlink(missing_ok=True)
            self._note(wanted)
        return Written(self.path, len(wanted), len(stale), len(gone))

    def _note(self, pages: Mapping[str, str]) -> None:
        replace(self.path / PAGES, json.dumps({"audience": self.audience, "pages": pages}))


def replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.{uuid.uuid4().hex[:6]}.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def digest(*parts: str) -> str:
    """Short digest of what a page shows."""
    mixed = hashlib.blake2b(digest_size=12)
    for part in parts:
        mixed.update(part.encode())
        mixed.update(b"\0")
    return mixed.hexdigest()


def _known(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return document
