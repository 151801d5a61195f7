"""Stops a feed, and it alone, when its contract was changed in a way that one major version does not allow.

The contract each entity's tables were made from is kept in ``connect.contract``. A later reading that breaks it leaves
tables, topics and what lies in them as they are; its feed is stopped until the change is taken back or given a major
version of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from pipeline.contract_diff import as_document, breaking, from_document
from pipeline.contracts import Contract
from pipeline.db import Connection
from pipeline.errors import ConfigurationError

Stopped = Mapping[tuple[str, str], str]
"""Why a feed is stopped, by (source, entity)."""


def enforce(connection: Connection, contracts: Iterable[Contract]) -> list[Contract]:
    """Compare with what is in force and keep what may be; returns the contracts that are. As the owner."""
    known = {
        (source, entity): document
        for source, entity, document in connection.execute("select source, entity, document from connect.contract")
    }
    allowed = []
    for contract in contracts:
        before = known.get((contract.source, contract.entity))
        if before is not None and (broken := breaking(from_document(before, contract), contract)):
            _stop(connection, contract, "; ".join(f"{c.field or 'contract'}: {c.what}" for c in broken))
        else:
            _keep(connection, contract)
            allowed.append(contract)
    return allowed


def stopped(connection: Connection) -> Stopped:
    """Feeds that are stopped, and why."""
    found = connection.execute(
        "select source, entity, stopped_because from connect.contract where stopped_because > ''"
    )
    return {(source, entity): why for source, entity, why in found}


def check(connection: Connection, contracts: Iterable[Contract]) -> None:
    """Let a delivery pass whose contracts are all in force.

    :raises ConfigurationError: naming the contract's file, what was changed and what to do
    """
    why = stopped(connection)
    for contract in contracts:
        if (because := why.get((contract.source, contract.entity))) is not None:
            raise ConfigurationError(
                f"contracts/{contract.source}/{contract.path.name} was changed so that it no longer fits what is kept "
                f"({because}); this feed is stopped. Take the change back, or write it as "
                f"contracts/{contract.source}/{contract.concept}_v{contract.major + 1}.odcs.yaml; then ./flyover up"
            )


def _stop(connection: Connection, contract: Contract, why: str) -> None:
    connection.execute(
        "update connect.contract set stopped_because = %s, since = now() where source = %s and entity = %s",
        (why, contract.source, contract.entity),
    )


def _keep(connection: Connection, contract: Contract) -> None:
    connection.execute(
        "insert into connect.contract as known (source, entity, version, document) values (%s, %s, %s, %s) "
        "on conflict (source, entity) do update set version = excluded.version, document = excluded.document, "
        "stopped_because = null, since = now() "
        "where (known.version, known.document, known.stopped_because) "
        "is distinct from (excluded.version, excluded.document, null::text)",
        (contract.source, contract.entity, contract.version, json.dumps(as_document(contract))),
    )
