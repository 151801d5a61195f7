"""The name of one learner, out of the vault: a role of its own may open it, and every opening is kept.

The role sees sealed side-cars and wrapped keys; what opens them, the master key, is a secret of whoever holds the
settings. Nothing but the name leaves this module.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from connectors import data_keys
from pipeline import sealing
from pipeline.db import Connection, connect
from pipeline.errors import BadInput
from pipeline.settings import Settings

ROLE = "flyover_names"
_SEALED = """
select distinct on (i.agency_code, i.source, i.entity, i.record_id) i.subject, i.sealed
from unnest(%s::text[], %s::text[], %s::text[], %s::text[]) as wanted (agency_code, source, entity, record_id)
inner join vault.identity as i using (agency_code, source, entity, record_id)
where not exists (select from vault.erased as e where e.subject = i.subject)
order by i.agency_code, i.source, i.entity, i.record_id, i.version desc
"""


def of(settings: Settings, learner_key: uuid.UUID, records: Sequence[tuple[str, str, str]], *, by: str) -> str | None:
    """The name most of the learner's records state, ties by sort order; None where the vault knows none.

    ``records``: agency, source__entity and record id of each.

    :raises BadInput: where the password of the vault's readers is not here
    """
    if ROLE not in settings.secrets.pg_passwords:
        raise BadInput(f"names are opened by {ROLE}, whose password is not here", advice="Ask without --with-name.")
    with connect(settings, ROLE) as connection:
        connection.execute(
            "insert into audit.entry (action, object, detail) values ('learner.name_opened', %s, %s)",
            (f"learner {learner_key}", json.dumps({"by": by, "records": len(records)})),
        )
        stated = Counter(_stated(connection, settings.secrets.vault_master_key, records))
    return min(stated, key=lambda name: (-stated[name], name), default=None)


def _stated(connection: Connection[Any], master_key: bytes, records: Iterable[tuple[str, str, str]]) -> Iterable[str]:
    split = [(agency, *table.split("__", 1), record) for agency, table, record in records]
    columns = [list(column) for column in zip(*split, strict=True)] or [[], [], [], []]
    sealed = connection.execute(_SEALED, columns).fetchall()
    keys = data_keys.known(connection, master_key, sorted({subject for subject, _ in sealed}))
    for subject, side_car in sealed:
        if key := keys.get(subject):
            plain = sealing.unseal(key, side_car, data_keys.context(subject))
            if name := _name(msgspec.json.decode(plain, type=dict[str, str])):
                yield name


def _name(identity: Mapping[str, str]) -> str | None:
    """As written: a Chinese name is the family's name and then one's own, without a space."""
    if full := identity.get("full_name"):
        return full
    family, given = identity.get("family_name", ""), identity.get("given_name", "")
    between = "" if not (family + given).isascii() else " "
    return f"{family}{between}{given}".strip() or None
