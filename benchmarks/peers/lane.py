"""How a contender of ``bench land`` runs in a process of its own: it gets ready, waits for the start, and tells.

Standard library only: it is used by processes of any environment. Standard input brings the job as one line of JSON
and then the word to start; standard output takes ``ready`` and then one line of JSON about what the work took.
Whatever libraries print goes to standard error.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Job = Mapping[str, Any]
Work = Callable[[], Mapping[str, Any]]
"""Does the work; what it returns is told beside what it took."""


def run(prepare: Callable[[Job], Work]) -> None:
    """Live one life of a contender. What ``prepare`` does (imports, connections) is not measured."""
    job = json.loads(sys.stdin.readline())
    telling = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    work = prepare(job)
    telling.write("ready\n")
    telling.flush()
    if sys.stdin.readline() != "go\n":
        return  # whoever started us has gone
    before = _cpu_s()
    told = work()
    telling.write(json.dumps({"cpu_s": _cpu_s() - before, "peak_mb": peak_mb(), **told}) + "\n")
    telling.flush()
    os._exit(0)  # clients may linger in their threads; all is said


def peak_mb() -> float:
    """Most memory this process held since its program began, in MiB."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
