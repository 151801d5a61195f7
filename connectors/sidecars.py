"""What came sealed beside the rows of a batch, opened again: a mended row is still about the same person.

Nothing is opened of whom the vault has erased: the data key is gone.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from connectors import data_keys
from connectors.identities import Identities
from pipeline.db import Connection

Sidecars = Mapping[tuple[str, int], Mapping[str, str]]
"""By record id and version; personal values in the clear, for the time of one replay."""


def of_records(
    connection: Connection[Any],
    master_key: bytes,
    identities: Identities,
    batch_id: uuid.UUID,
    record_ids: Sequence[str],
) -> Sidecars:
    """The side-cars of some records of a batch, as far as there are any."""
    found = connection.execute(
        "select i.record_id, i.version, i.subject, i.sealed from connect.identity_outbox as i "
        "where i.batch_id = %s and i.record_id = any(%s) "
        "and not exists (select from vault.erased as e where e.subject = i.subject)",
        (batch_id, list(record_ids)),
    ).fetchall()
    keys = data_keys.known(connection, master_key, sorted({row[2] for row in found}))
    return {
        (record_id, version): identities.opened(sealed, keys[subject], data_keys.context(subject))
        for record_id, version, subject, sealed in found
        if subject in keys
    }
