"""What the kernel says of a process: is it still the one we started, and whom did it leave behind."""

import os
import signal
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

PROC = Path("/proc")
MARKER = "FLYOVER_SERVICE_MARK"
"""Environment variable every service carries, so that what a killed service leaves behind is still known as ours."""


def boot_id() -> str:
    """Tells this start of the machine from the last: process ids and start times begin again."""
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def start_ticks(pid: int) -> int | None:
    """When the process started, in clock ticks since boot; None when it is gone or only a zombie."""
    try:
        stat = (PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat[stat.rindex(")") + 2 :].split()  # the name before may hold spaces and brackets
    state, threads, started = fields[0], int(fields[17]), int(fields[19])
    if state in "ZX" and threads <= 1:  # a dying leader shows as a zombie while its threads still hold the ports
        _reap(pid)
        return None
    return started


def marked(mark: str) -> list[int]:
    """Processes of ours, and their descendants, that carry this mark in their environment."""
    needle = f"{MARKER}={mark}".encode()
    found = []
    for entry in PROC.iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if needle in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # gone meanwhile, or another user's and so not ours
    return [pid for pid in found if start_ticks(pid) is not None]


def signal_all(pids: Iterable[int], which: signal.Signals) -> None:
    """Send a signal to each; one that ended meanwhile is what we wanted."""
    for pid in pids:
        try:
            os.kill(pid, which)
        except ProcessLookupError:
            continue


def wait_gone(identities: Mapping[int, int], seconds: float) -> list[int]:
    """Wait until none of these (pid → start ticks) lives; those that still do at the end are returned."""
    deadline = time.monotonic() + seconds
    while True:
        left = [pid for pid, ticks in identities.items() if start_ticks(pid) == ticks]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.05)


def wait_collected(pid: int, seconds: float) -> None:
    """Wait until a process that has ended is also forgotten: until its parent collects it, others take it for alive."""
    deadline = time.monotonic() + seconds
    while (PROC / str(pid)).exists() and start_ticks(pid) is None and time.monotonic() < deadline:
        time.sleep(0.05)


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return  # not our child: its own parent collects it
