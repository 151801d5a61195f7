"""The outbox: everything of one delivery in ONE transaction, so that a crash leaves nothing of it.

Rows stream through the edge into a working table (binary COPY, constant memory); set-based statements
(:mod:`connectors.staging_sql`) compare them with ``connect.record_state``, give versions and ordinals, and write the
manifest, the outbox and the identity side-cars. Deliveries of one agency and source wait for each other.

What is published of a delivery:

- a row that differs from its record's last state (content, identity or deletion), with the version raised;
- an exact repeat of the row before it that this delivery publishes, with the same version: a duplicate, for the
  judge to book;
- a row the reader rejected, version 0, its raw text sealed; it counts in the manifest;
- a delete for every record a *bulk* file no longer has, unless a row without a readable key might have been it.

The rest is unchanged and stays home.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import uuid
import zoneinfo
from collections.abc import Iterator, Sequence
from typing import Any

from connectors import delivery
from connectors.delivery import Arrival, Delivery, StagedBatch
from connectors.edge import Edge, Edged
from connectors.mending import MendedRow, Mender
from connectors.registry import Agency
from connectors.sources.base import Rejected, Table
from connectors.staging import BatchPlan, Progress, Staging
from pipeline import contracts, sealing
from pipeline.contracts import Contract
from pipeline.db import Connection, connect
from pipeline.errors import BadInput, ConfigurationError
from pipeline.settings import Settings

__all__ = ["Arrival", "Delivery", "MendedRow", "StagedBatch", "stage", "stage_replay"]

ROLE = "flyover_connector"
_LOCK = 7_003_303


def stage(
    settings: Settings,
    agency: Agency,
    arrival: Arrival,
    tables: Sequence[Table],
    progress: Progress | None = None,
) -> Delivery:
    """Stage a delivery, whole or not at all. Safe to repeat: a delivery id already staged is only read back.

    Memory is constant in the number of rows.

    :raises BadInput: what the reader raises while rows are read
    """
    planned = [(_contract(settings, agency.source, table.entity), table) for table in tables]
    transit_key, today = sealing.new_data_key(), dt.datetime.now(zoneinfo.ZoneInfo(agency.time_zone)).date()
    with connect(settings, ROLE) as connection:
        _take_turn(connection, arrival)
        if known := delivery.read(connection, arrival.delivery_id):
            return known
        delivery.write(connection, arrival)
        work = Staging(connection, progress)
        batches = []
        for contract, table in planned:
            edge = Edge(contract, agency, settings.secrets, today, transit_key)
            plan = BatchPlan(contract, agency.agency_code, arrival.delivery_id, is_bulk=table.mode == "bulk")
            batches.append(work.batch(plan, _over_the_edge(edge, table)))
        work.seal_identities(settings.secrets.vault_master_key, transit_key)
        return _closed(connection, arrival, work, batches)


def stage_replay(
    settings: Settings,
    agency_code: str,
    source: str,
    entity: str,
    rows: Sequence[MendedRow],
    replay_of: uuid.UUID,
) -> Delivery:
    """Stage corrected rows of one batch's quarantined entries as a delivery of its own, every version raised.

    A row is left out (``superseded``) when the agency has sent a later version of its record since, or deleted it:
    an old correction never overrides newer word. Safe to repeat: the same rows of the same batch are one delivery.

    :raises BadInput: when no such batch was ever staged
    """
    contract = _contract(settings, source, entity)
    mender = Mender(contract, settings.secrets)
    mended = [(mender.edged(row), row.version) for row in rows]
    unread = tuple(edged.record_id for edged, version in mended if version == 0)
    plan = BatchPlan(contract, agency_code, _replay_id(replay_of, rows), replay_of=replay_of, unread=unread)
    now = dt.datetime.now(dt.UTC)
    arrival = Arrival(plan.delivery_id, agency_code, source, "replay", f"replay of {replay_of}", None, now)
    with connect(settings, ROLE) as connection:
        _take_turn(connection, arrival)
        if known := delivery.read(connection, arrival.delivery_id):
            return dataclasses.replace(known, superseded=_left_out(connection, plan, mended))
        late = _superseded(connection, plan, mended)
        delivery.write(connection, arrival)
        work = Staging(connection)
        batch = work.batch(plan, (edged for edged, _ in mended if edged.record_id not in late))
        return dataclasses.replace(_closed(connection, arrival, work, [batch]), superseded=tuple(sorted(late)))


def _contract(settings: Settings, source: str, entity: str) -> Contract:
    contract = contracts.load_all(settings.contracts_dir).get((source, entity))
    if contract is None:
        raise ConfigurationError(f"contracts/{source}/{entity}.odcs.yaml is missing")
    return contract


def _take_turn(connection: Connection[Any], arrival: Arrival) -> None:
    connection.execute(
        "select pg_advisory_xact_lock(%s, hashtext(%s))", (_LOCK, f"{arrival.agency_code} {arrival.source}")
    )


def _over_the_edge(edge: Edge, table: Table) -> Iterator[Edged]:
    for row in table.rows():
        yield edge.rejected(row) if isinstance(row, Rejected) else edge.row(row)


def _closed(
    connection: Connection[Any], arrival: Arrival, work: Staging, batches: Sequence[StagedBatch | None]
) -> Delivery:
    delivery.close(connection, arrival.delivery_id, work.read_rows, work.unchanged_rows)
    return Delivery(
        arrival.delivery_id,
        arrival.agency_code,
        arrival.source,
        tuple(batch for batch in batches if batch is not None),
        work.read_rows,
        work.unchanged_rows,
    )


def _replay_id(replay_of: uuid.UUID, rows: Sequence[MendedRow]) -> uuid.UUID:
    """Follows from what is replayed, so that a replay interrupted after its commit is not staged twice."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(f"{len(row.record_id)}:{row.record_id}:{row.version}:{len(row.data)}:".encode() + row.data)
    return uuid.uuid5(replay_of, digest.hexdigest())


def _superseded(connection: Connection[Any], plan: BatchPlan, rows: Sequence[tuple[Edged, int]]) -> set[str]:
    """Records about which the agency has said something after the entry that was mended."""
    batch = connection.execute("select staged_at from connect.batch where batch_id = %s", (plan.replay_of,)).fetchone()
    if batch is None:
        raise BadInput(f"there is no batch {plan.replay_of} to replay", agency=plan.agency_code)
    found = connection.execute(
        "select r.record_id "
        "from unnest(%(ids)s::text[], %(versions)s::integer[]) as r (record_id, version) "
        "inner join connect.record_state as s on s.source = %(source)s and s.entity = %(entity)s "
        "and s.agency_code = %(agency)s and s.record_id = r.record_id "
        "inner join connect.delivery as d on d.delivery_id = s.delivery_id "
        "where case when r.version > 0 then s.version > r.version else d.staged_at > %(since)s end",
        {
            **plan.params,
            "ids": [edged.record_id for edged, _ in rows],
            "versions": [version for _, version in rows],
            "since": batch[0],
        },
    )
    return {record_id for (record_id,) in found}


def _left_out(connection: Connection[Any], plan: BatchPlan, rows: Sequence[tuple[Edged, int]]) -> tuple[str, ...]:
    staged = connection.execute("select record_id from connect.outbox where batch_id = %s", (plan.params["batch_id"],))
    return tuple(sorted({edged.record_id for edged, _ in rows} - {record_id for (record_id,) in staged}))
