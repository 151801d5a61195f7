"""Secrets of agencies' systems: one file an agency, for its owner alone; what each was set to is never shown again.

``<state>/credentials/<agency>.json`` holds name and value and is read by ``Settings.credential`` anew at each use.
Beside it lies ``<agency>.ages`` with the moment each was set, so that a list needs to open no secret.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline import names
from pipeline.settings import Settings


def put(settings: Settings, agency_code: str, name: str, value: str) -> None:
    """Keep a secret; a reader finds the old one or the new one, never half of it."""
    with _changing(settings, agency_code) as (secrets, ages):
        secrets[name] = value
        ages[name] = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def remove(settings: Settings, agency_code: str, name: str) -> bool:
    """Forget a secret; whether there was one."""
    with _changing(settings, agency_code) as (secrets, ages):
        ages.pop(name, None)
        return secrets.pop(name, None) is not None


def ages(settings: Settings, agency_code: str) -> Mapping[str, dt.datetime]:
    """When each secret was set, by name."""
    found = _read(_folder(settings) / f"{names.agency(agency_code)}.ages")
    return {name: dt.datetime.fromisoformat(str(at)) for name, at in sorted(found.items())}


def _folder(settings: Settings) -> Path:
    return settings.state_dir / "credentials"


@contextmanager
def _changing(settings: Settings, agency_code: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    folder = _folder(settings)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    secrets_file = folder / f"{names.agency(agency_code)}.json"
    ages_file = secrets_file.with_suffix(".ages")
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        secrets, set_at = _read(secrets_file), _read(ages_file)
        yield secrets, set_at
        _write(secrets_file, secrets)
        _write(ages_file, set_at)


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}


def _write(path: Path, content: Mapping[str, Any]) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(content, out, ensure_ascii=False, indent=1, sort_keys=True)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
