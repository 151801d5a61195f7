"""The audit trail of what people decide and look at: one line each, in the transaction that carries it out."""

from __future__ import annotations

import json
from collections.abc import Mapping

from expectations.decisions.people import Actor
from pipeline.db import Connection


def note(connection: Connection, actor: Actor, action: str, about: str, detail: Mapping[str, object]) -> None:
    """Keep what ``actor`` did; never a value of a row."""
    connection.execute(
        "insert into audit.entry (actor, action, object, detail) values (%s, %s, %s, %s)",
        (actor.name, action, about, json.dumps({**detail, "role": actor.role}, ensure_ascii=False, default=str)),
    )
