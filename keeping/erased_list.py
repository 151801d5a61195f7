"""The list of the erased as it is kept outside the database, so that a copy restored from before can be told of it.

``erased.json`` in the state directory, mode 0600: pseudonyms and record ids, no identity. It is written in the
transaction of an erasure, before it commits: it may name somebody whose erasure failed, never miss one that did not.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from pipeline.db import Connection
from pipeline.settings import Settings

NAME = "erased.json"


def keep(settings: Settings, connection: Connection[Any]) -> None:
    """Bring the file to what the database says, leaving out nobody who was on it."""
    there = {subject for (subject,) in connection.execute("select subject from vault.erased")}
    write(settings, there | read(settings))


def read(settings: Settings) -> set[str]:
    """Subjects of the file; none where nobody was ever erased."""
    try:
        return set(json.loads((settings.state_dir / NAME).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return set()


def write(settings: Settings, subjects: set[str]) -> None:
    """Replace the file, whole or not at all."""
    path: Path = settings.state_dir / NAME
    draft = path.with_name(f".{NAME}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(sorted(subjects), out)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
