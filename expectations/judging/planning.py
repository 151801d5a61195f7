"""How PostgreSQL is to plan the evaluation of rules.

What has just landed has no statistics yet, and a rule may join several tables: the planner then takes each for one row
and would loop over all of them within each other, which took hours where hashing takes a blink. So loops are avoided
while rules are evaluated, and there is memory enough to hash what is known to a reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pipeline.db import Connection

WORK_MEM: Final = "256MB"
"""Too little of it and each row would search a list."""
OPTIONS: Final = f"-c work_mem={WORK_MEM} -c enable_nestloop=off"
"""For a connection of its own that evaluates rules and nothing else."""


@contextmanager
def rules_planned(connection: Connection) -> Iterator[None]:
    """Plan what runs inside as rules want it; in the caller's transaction."""
    _plan(connection, WORK_MEM, "off")
    yield
    _plan(connection, WORK_MEM, "on")


def _plan(connection: Connection, memory: str, nested_loops: str) -> None:
    connection.execute(
        "select set_config('work_mem', %s, true), set_config('enable_nestloop', %s, true)", (memory, nested_loops)
    )
