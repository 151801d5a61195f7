"""Fault 9: the disk on which originals and copies are kept is full: a clear word, nothing half-written, nothing staged.

As root the disk is a tmpfs of one MiB; anybody else meets the limit of a file's size, which the kernel says likewise.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from connectors import intake, pull, registry
from keeping import backup
from pipeline.db import connect
from pipeline.errors import SystemTrouble
from pipeline.settings import Settings
from tests import people
from tests.faults.conftest import Figures

pytestmark = pytest.mark.slow
SCHOOL = "sch-lishui"
ROOM = 256 * 1024


@contextmanager
def little_room(folder: Path) -> Iterator[str]:
    """Let a folder's disk be almost full; says which way."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.getuid() == 0 and _mounted(folder):
        try:
            yield "tmpfs"
        finally:
            subprocess.run(["umount", str(folder)], check=True)
        return
    before, signalled = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, before[1]))
    try:
        yield "a limit of the file's size"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, signalled)


def _mounted(folder: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "none", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_a_full_disk_leaves_nothing_half_done(
    new_database: Callable[[], Settings], tmp_path: Path, figures: Callable[[str], Figures]
) -> None:
    seen = figures("9 disk full")
    settings = new_database()
    settings = replace(settings, state_dir=tmp_path / "state")
    school = people.school_bundle(tmp_path / "school", people.make(3_000))
    agency = registry.load_all(settings.agencies_dir)[SCHOOL]

    with little_room(settings.intake_dir) as way:
        with pytest.raises(SystemTrouble, match=r"cannot be kept in .*(No space left|too large).*make room"):
            pull.pull(settings, agency, school)
        assert [path for path in settings.intake_dir.rglob("*") if path.is_file()] == []
    with connect(settings, "flyover_owner") as connection:
        assert connection.execute("select count(*) from connect.delivery").fetchone() == (0,)

    delivery = pull.pull(settings, agency, school)  # there is room again
    assert intake.is_kept(settings, SCHOOL, delivery.delivery_id)
    with little_room(tmp_path / "copies"), pytest.raises(SystemTrouble):
        backup.backup(settings, tmp_path / "copies")
    assert not list((tmp_path / "copies").rglob(backup.MANIFEST)), "a copy that is not finished has no manifest"
    seen.events, seen.notes = delivery.read_rows, [way]
