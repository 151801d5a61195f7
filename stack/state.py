"""The state directory: where one checkout keeps its servers' data, ports and secrets.

It lies outside the source tree and belongs to the person who runs it (mode 0700). Several checkouts may run
side by side, since the name carries a hash of the checkout's path.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigurationError
from pipeline.settings import state_dir


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)


@dataclass(frozen=True)
class State:
    """One state directory and the files in it."""

    root: Path

    @classmethod
    def open(cls, root: Path | None = None) -> "State":
        """Make the directory when it is not there; refuse one that is another person's."""
        state = cls((root or state_dir()).resolve())
        state.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        if state.root.stat().st_uid != os.getuid():
            raise ConfigurationError(
                f"the state directory {state.root} belongs to another user; "
                "run as that user or set FLYOVER_STATE to a directory of your own"
            )
        state.root.chmod(0o700)
        for folder in (state.logs, state.run):
            folder.mkdir(exist_ok=True, mode=0o700)
        return state

    @property
    def logs(self) -> Path:
        """What each service wrote."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Pid files."""
        return self.root / "run"

    @property
    def stack_file(self) -> Path:
        """Addresses; read by `pipeline.settings`."""
        return self.root / "stack.json"

    @property
    def secrets_file(self) -> Path:
        """Keys and passwords (mode 0600); read by `pipeline.settings`."""
        return self.root / "secrets.json"

    @property
    def mark(self) -> str:
        """A short name of this directory, for what must live outside it."""
        return f"{self.root.name}-{hashlib.sha256(str(self.root).encode()).hexdigest()[:8]}"

    def stack(self) -> dict[str, Any]:
        """What stack.json says; empty before the first start."""
        return _read_json(self.stack_file)

    def update_stack(self, **values: Any) -> None:
        """Merge values into stack.json."""
        write_private(self.stack_file, json.dumps({**self.stack(), **values}, indent=1, sort_keys=True) + "\n")

    def remove(self) -> None:
        """Delete the directory and everything in it."""
        shutil.rmtree(self.root)

    @contextmanager
    def locked(self, progress: Callable[[str], None]) -> Iterator[None]:
        """One start or stop at a time on this state directory; a second one says that it waits."""
        with (self.root / "lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                progress("another ./flyover up or down is at work here: waiting for it")
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except json.JSONDecodeError as torn:
        raise ConfigurationError(f"{path} is not valid JSON ({torn}); move it away and start again") from torn
    return dict(found)
