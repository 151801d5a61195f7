"""Data keys: one a person (or, without a person key, one a record), wrapped with the vault's master key.

Destroying a person's key erases what was sealed with it, wherever copies of the sealed bytes lie.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline import sealing
from pipeline.db import Connection


def ensure(connection: Connection[Any], master_key: bytes, subjects: Iterable[str]) -> Mapping[str, bytes]:
    """Data key of every subject, made where it is missing; in the caller's transaction, safe against others.

    Whoever makes the same key at the same time waits here for the first to commit and then uses its key. Call with
    subjects that rise from call to call within a transaction, so that two callers cannot wait for each other.
    """
    wanted = sorted(set(subjects))
    keys = known(connection, master_key, wanted)
    missing = [subject for subject in wanted if subject not in keys]
    if not missing:
        return keys
    fresh = [sealing.wrap(master_key, sealing.new_data_key()) for _ in missing]
    connection.execute(
        "insert into vault.data_key (subject, wrapped) "
        "select * from unnest(%s::text[], %s::bytea[]) on conflict do nothing",
        (missing, fresh),
    )
    return {**keys, **known(connection, master_key, missing)}


def context(subject: str) -> bytes:
    """What a value sealed under the subject's data key is bound to."""
    return f"vault:{subject}".encode()


def known(connection: Connection[Any], master_key: bytes, subjects: list[str]) -> dict[str, bytes]:
    """Data keys of those subjects that have one."""
    found = connection.execute("select subject, wrapped from vault.data_key where subject = any(%s)", (subjects,))
    return {subject: sealing.unwrap(master_key, wrapped) for subject, wrapped in found}
