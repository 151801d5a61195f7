"""The pages' own checks, each with the Node of the lock: strict types, tests of pure functions, equal bytes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import SystemTrouble
from stack import site


@pytest.fixture(scope="module")
def workshop() -> Iterator[Path]:
    try:
        with site.workshop(print) as work:
            yield work
    except SystemTrouble as trouble:
        pytest.fail(str(trouble)) if os.environ.get("CI") else pytest.skip(str(trouble))


def test_the_strict_compiler_finds_nothing(workshop: Path) -> None:
    assert site.run(workshop, "tsc", "--noEmit") == ""


def test_pure_functions_do_what_their_tests_say(workshop: Path) -> None:
    assert "failed" not in site.run(workshop, "vitest", "run", "--reporter=dot")


def test_a_build_gives_the_same_bytes_wherever_it_is_made(workshop: Path, tmp_path: Path) -> None:
    other = workshop.parent / "elsewhere" / "deeper"
    shutil.copytree(workshop, other, symlinks=True)
    made = []
    for work in (workshop, other):
        site.run(work, "vite", "build", "--logLevel", "warn", "--outDir", "dist")
        files = sorted(path for path in (work / "dist").rglob("*") if path.is_file())
        made.append({str(path.relative_to(work / "dist")): path.read_bytes() for path in files})
    assert made[0] == made[1]
    assert "index.html" in made[0]
    text = b"".join(content for name, content in made[0].items() if name.endswith((".html", ".css")))
    text = text.replace(b"xmlns='http://www.w3.org/2000/svg'", b"")  # a name, not a place
    for elsewhere in (b"http://", b"https://", b"<style", b"style=", b"//fonts"):
        assert elsewhere not in text, elsewhere
    assert b' src="/' not in made[0]["index.html"]  # it works below any path


def test_the_lock_of_the_libraries_names_no_place_and_checks_every_one(workshop: Path) -> None:
    lock = (site.SOURCES / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') == lock.count('"node_modules/')


def test_what_cannot_be_fetched_is_said_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    monkeypatch.setenv("npm_config_offline", "true")
    said: list[str] = []
    because = site.missing_because(said.append)
    assert because is not None
    assert "until the package registry answers" in because
    assert [path.name for path in (tmp_path / "cache" / "flyover").iterdir()] == ["site.lock"]


def test_what_is_built_is_known_by_what_it_was_built_from(tmp_path: Path) -> None:
    copy = tmp_path / "site"
    shutil.copytree(site.SOURCES, copy, ignore=shutil.ignore_patterns("node_modules", "dist"))
    assert site.digest(copy) == site.digest()
    (copy / "node_modules").mkdir()
    (copy / "node_modules" / "x.js").write_text("")
    assert site.digest(copy) == site.digest()
    (copy / "src" / "more.ts").write_text("export {};\n")
    assert site.digest(copy) != site.digest()
