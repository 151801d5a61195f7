"""The outbox: everything of one delivery in ONE transaction, so that a crash leaves nothing of it.

Rows stream through the edge into a working table (binary COPY, constant memory); set-based statements
(:mod:`connectors.staging_sql`) compare them with ``connect.record_state``, give versions and ordinals, and write the
manifest, the outbox and the identity side-cars. Deliveries of one agency and source wait for each other.

What is published of a delivery:

- a row that differs from its record's last state (content, identity or deletion), with the version raised;
  What was mended meanwhile differs from anything the agency says, and what came in a batch that was refused or
  withdrawn was never said;
- an exact repeat of such a row in the same file, with the same version: a duplicate, for the judge to book;
- a row the reader rejected, its raw text sealed; it counts in the manifest and raises no version;
- a delete for every record a *bulk* file no longer has, unless a row without a readable key might have been it.

The rest is unchanged and stays home.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import uuid
import zoneinfo
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from connectors import cursor, delivery, drift, sidecars
from connectors.delivery import Arrival, Delivery, StagedBatch
from connectors.edge import Edge, Edged, stable_key
from connectors.identities import Identities
from connectors.mending import MendedRow, Mender
from connectors.registry import Agency
from connectors.repairs import Repairs
from connectors.sources.base import Rejected, Row, Table
from connectors.staging import BatchPlan, Progress, Staging
from pipeline import contracts, contracts_in_force, locks, sealing
from pipeline.contracts import Contract
from pipeline.db import Connection, connect
from pipeline.errors import BadInput, ConfigurationError
from pipeline.pseudonyms import safe_record_id
from pipeline.settings import Settings

__all__ = ["Arrival", "Delivery", "MendedRow", "StagedBatch", "stage", "stage_on", "stage_replay", "try_out"]

ROLE = "flyover_connector"


def stage(
    settings: Settings,
    agency: Agency,
    arrival: Arrival,
    tables: Sequence[Table],
    progress: Progress | None = None,
    moved: cursor.Moved | None = None,
) -> Delivery:
    """Stage a delivery, whole or not at all. Safe to repeat: a delivery id already staged is only read back.

    Memory is constant in the number of rows. ``moved`` says how far a live system has been asked with it.

    :raises BadInput: what the reader raises while rows are read
    :raises ConfigurationError: when the contract was changed so that its feed is stopped
    :raises StalePull: when another pull has moved the cursor meanwhile; nothing is staged
    """
    with connect(settings, ROLE) as connection:
        return stage_on(connection, settings, agency, arrival, tables, progress, moved)


def stage_on(
    connection: Connection[Any],
    settings: Settings,
    agency: Agency,
    arrival: Arrival,
    tables: Sequence[Table],
    progress: Progress | None = None,
    moved: cursor.Moved | None = None,
) -> Delivery:
    """Stage as :func:`stage` does, in a transaction of the caller's: who takes it back has only foretold."""
    _take_turn(connection, arrival)
    if known := delivery.read(connection, arrival.delivery_id):
        return known
    transit_key, work = sealing.new_data_key(), Staging(connection, progress)
    staged = _staged(connection, settings, agency, arrival, tables, work, transit_key)
    work.seal_identities(settings.secrets.vault_master_key, transit_key)
    if moved is not None:
        cursor.move(connection, arrival, moved)
    return staged


def try_out(
    connection: Connection[Any],
    settings: Settings,
    agency: Agency,
    arrival: Arrival,
    tables: Sequence[Table],
    progress: Progress | None = None,
) -> Delivery:
    """Foretell as :func:`stage_on` does, but let no delivery wait meanwhile.

    It takes no turn, remembers no record's state and seals no identity.

    :raises BadInput: what the reader raises while rows are read
    """
    work = Staging(connection, progress, is_trial=True)
    return _staged(connection, settings, agency, arrival, tables, work, sealing.new_data_key())


def _staged(
    connection: Connection[Any],
    settings: Settings,
    agency: Agency,
    arrival: Arrival,
    tables: Sequence[Table],
    work: Staging,
    transit_key: bytes,
) -> Delivery:
    planned = [(_contract(settings, agency.source, table.entity), table) for table in tables]
    key = stable_key(settings.secrets)
    repairs = Repairs(lambda name: safe_record_id(name, key))
    today = dt.datetime.now(zoneinfo.ZoneInfo(agency.time_zone)).date()
    delivery.write(connection, arrival)
    contracts_in_force.check(connection, [contract for contract, _ in planned])
    batches = []
    for contract, table in planned:
        drift.check_columns(connection, arrival, contract, table, remember=not work.is_trial)
        edge = Edge(contract, agency, settings.secrets, today, transit_key)
        plan = BatchPlan(
            contract,
            agency.agency_code,
            arrival.delivery_id,
            is_bulk=table.mode == "bulk",
            file=None if table.file is None else safe_record_id(table.file, key),
        )
        rows = drift.of_its_types(repairs.of(table), arrival, contract, table)
        batches.append(work.batch(plan, _over_the_edge(edge, rows)))
    repairs.write(connection, arrival.delivery_id)
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
    plan = BatchPlan(contract, agency_code, _replay_id(replay_of, rows), replay_of=replay_of)
    transit_key, now = sealing.new_data_key(), dt.datetime.now(dt.UTC)
    key = stable_key(settings.secrets)
    identities = Identities(contract, agency_code, settings.secrets, key, now.date(), transit_key)
    mender = Mender(contract, settings.secrets, identities)
    arrival = Arrival(plan.delivery_id, agency_code, source, "replay", f"replay of {replay_of}", None, now)
    with connect(settings, ROLE) as connection:
        known = sidecars.of_records(
            connection,
            settings.secrets.vault_master_key,
            identities,
            replay_of,
            [row.record_id for row in rows],
        )
        mended = [(row, mender.edged(row, known.get((row.record_id, row.version)))) for row in rows]
        _take_turn(connection, arrival)
        if staged_before := delivery.read(connection, arrival.delivery_id):
            return dataclasses.replace(staged_before, superseded=_left_out(mended, _staged_records(connection, plan)))
        kept = _kept(mended, _overtaken(connection, plan, mended))
        delivery.write(connection, arrival)
        work = Staging(connection)
        staged = _closed(connection, arrival, work, [work.batch(plan, kept.values())])
        work.seal_identities(settings.secrets.vault_master_key, transit_key)
        return dataclasses.replace(staged, superseded=_left_out(mended, kept))


def _contract(settings: Settings, source: str, entity: str) -> Contract:
    contract = contracts.load_all(settings.contracts_dir).get((source, entity))
    if contract is None:
        raise ConfigurationError(f"contracts/{source}/{entity}.odcs.yaml is missing")
    return contract


def _take_turn(connection: Connection[Any], arrival: Arrival) -> None:
    connection.execute(
        "select pg_advisory_xact_lock(%s, hashtext(%s))", (locks.FEED, f"{arrival.agency_code} {arrival.source}")
    )


def _over_the_edge(edge: Edge, rows: Iterable[Row | Rejected]) -> Iterator[Edged]:
    for row in rows:
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


def _overtaken(
    connection: Connection[Any], plan: BatchPlan, mended: Sequence[tuple[MendedRow, Edged]]
) -> Collection[int]:
    """Which rows, by their place, are about records of which the agency has said something since."""
    batch = connection.execute("select staged_at from connect.batch where batch_id = %s", (plan.replay_of,)).fetchone()
    if batch is None:
        raise BadInput(f"there is no batch {plan.replay_of} to replay", agency=plan.agency_code)
    found = connection.execute(
        "select r.place - 1 "
        "from unnest(%(ids)s::text[], %(versions)s::integer[]) with ordinality as r (record_id, version, place) "
        "inner join connect.record_state as s on s.source = %(source)s and s.entity = %(entity)s "
        "and s.agency_code = %(agency)s and s.record_id = r.record_id "
        "inner join connect.delivery as d on d.delivery_id = s.delivery_id "
        "where case when r.version > 0 then s.version > r.version else d.staged_at > %(since)s end",
        {
            **plan.params,
            "ids": [edged.record_id for _, edged in mended],
            "versions": [row.version for row, _ in mended],
            "since": batch[0],
        },
    )
    return {place for (place,) in found}


def _kept(mended: Sequence[tuple[MendedRow, Edged]], overtaken: Collection[int]) -> Mapping[str, Edged]:
    """One correction a record: the first raises the version, so any further one is overtaken by it."""
    kept: dict[str, Edged] = {}
    for place, (_, edged) in enumerate(mended):
        if place not in overtaken:
            kept.setdefault(edged.record_id, edged)
    return kept


def _left_out(mended: Sequence[tuple[MendedRow, Edged]], kept: Container[str]) -> tuple[str, ...]:
    return tuple(sorted({row.record_id for row, edged in mended if edged.record_id not in kept}))


def _staged_records(connection: Connection[Any], plan: BatchPlan) -> Container[str]:
    found = connection.execute("select record_id from connect.outbox where batch_id = %s", (plan.params["batch_id"],))
    return {record_id for (record_id,) in found}
