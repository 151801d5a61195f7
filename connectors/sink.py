"""The sink: topics of records into typed landing tables, what cannot be typed into quarantine, exactly once.

Reads ``<source>.<entity>.v<n>``; writes ``landing.<table>``, ``quarantine.entry`` (stages parse and decode),
``quarantine.undecodable`` and ``quality.batch``, all in the transaction that moves the offset. A fault of our
own never lands anyone's row in quarantine: it rolls back and is tried again.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from connectors import erased, landing
from connectors.aside import ESCAPED_NUL, Aside, Manifest, Sorter, header_batch
from connectors.drain import KNEE_ROWS, DrainReport, Engine, Place
from connectors.landing_rows import envelope_row, payload_maker
from pipeline import contracts, contracts_in_force, envelope
from pipeline.contract_struct import expected_decoder
from pipeline.contracts import Contract
from pipeline.db import Connection, connect, stage_run
from pipeline.settings import Settings

ROLE = "flyover_sink"
_Fetched = list[tuple[Place, Sequence[Any]]]


def drain(
    settings: Settings,
    topics: Sequence[str],
    *,
    max_rows: int = KNEE_ROWS,
    partitions: Callable[[Place], bool] = lambda place: True,
    stop: Callable[[], bool] = lambda: False,
    label: str = "all",
) -> DrainReport:
    """Land what the topics hold now. Idempotent: what has landed is not read again.

    ``label`` is the source as ``quality.stage_run`` should show it.
    """
    lander = LandingLander(settings)
    engine = Engine(settings, ROLE, ("landing", "drain"), topics, lander, max_rows=max_rows, partitions=partitions)
    with stage_run(settings, ROLE, "land", label) as outcome:
        report = engine.run(stop)
        outcome["rows"] = report.rows
    return report


def topics_of(settings: Settings, source: str) -> list[str]:
    """Topics that carry a source's entities, but for those whose contract was changed so that their feed is stopped.

    What lies in those stays there: read by another contract than it was written by, it would look like bad data.
    """
    stopped = stopped_feeds(settings)
    owned = contracts.of_source(settings.contracts_dir, source)
    return [contract.topic for contract in owned if (contract.source, contract.entity) not in stopped]


def stopped_feeds(settings: Settings) -> contracts_in_force.Stopped:
    """Feeds whose contract was changed so that they stand still, and why."""
    with connect(settings, ROLE) as connection:
        return contracts_in_force.stopped(connection)


class LandingLander:
    """Decodes records by contract and writes them where they belong."""

    def __init__(self, settings: Settings) -> None:
        self._contracts = {c.topic: c for c in contracts.load_all(settings.contracts_dir).values()}
        self._known: dict[str, Manifest] = {}
        """batches that have a manifest, by their ids as messages have them"""
        self._met: set[bytes] = set()
        """the same as headers have them"""
        self._sorter = Sorter(settings.secrets.quarantine_key, self._known)

    def forget(self) -> None:
        """Batches are opened in a transaction that may have been undone."""
        self._known.clear()
        self._met.clear()

    def land(self, connection: Connection, fetched: Mapping[Place, Sequence[Any]]) -> Sequence[uuid.UUID]:
        """Write all of ``fetched``; returns the batches that are whole now."""
        self._sorter.gone = erased.subjects(connection)
        aside = Aside()
        for contract, places in self._by_contract(fetched).items():
            landing.copy_rows(connection, contract, self._rows(aside, contract, places))
        landed = Counter({uuid.UUID(batch): count for batch, count in aside.landed.items()})
        landed.update(landing.insert_entries(connection, aside.entries))
        landed.update(landing.insert_undecodable(connection, aside.undecodable))
        return landing.count_landed(connection, landed)

    def _by_contract(self, fetched: Mapping[Place, Sequence[Any]]) -> Mapping[Contract, _Fetched]:
        grouped: dict[Contract, _Fetched] = defaultdict(list)
        for place, records in fetched.items():
            grouped[self._contracts[place.topic]].append((place, records))
        return grouped

    def meet(self, connection: Connection, fetched: Mapping[Place, Sequence[Any]]) -> None:
        """Learn which batches have a manifest, and open them in ``quality.batch``.

        A drain commits this before its rows: another drain of the same batch would wait for them otherwise.
        """
        named = {header_batch(record) for records in fetched.values() for record in records}
        fresh = sorted(uuid.UUID(bytes=batch) for batch in named - self._met if batch is not None)
        if not fresh:
            return
        connection.execute(
            "insert into quality.batch (batch_id, delivery_id, agency_code, source, entity, status, replay_of, "
            "received, published_at, first_landed_at) "
            "select batch_id, delivery_id, agency_code, source, entity, 'landing', replay_of, expected_rows, "
            "published_at, now() from connect.batch where batch_id = any(%s) order by batch_id "
            "on conflict (batch_id) do nothing",
            (fresh,),
        )
        found = connection.execute("select batch_id, agency_code from quality.batch where batch_id = any(%s)", (fresh,))
        for batch_id, agency_code in found:
            self._known[str(batch_id)] = Manifest(agency_code, batch_id.bytes)
            self._met.add(batch_id.bytes)

    def _rows(self, aside: Aside, contract: Contract, fetched: _Fetched) -> Iterator[tuple[Any, ...]]:
        """Rows of the records that land, made one by one; everything else goes aside.

        This is the hot path: it asks once whether a record is as we expect it, and lets :class:`Sorter` find out about
        every other.
        """
        decode, payload = expected_decoder(contract).decode, payload_maker(contract)
        known, landed, gone = self._known.get, aside.landed, self._sorter.gone
        for place, records in fetched:
            partition = place.partition
            for record in records:
                value = record.value or b""
                try:
                    event = decode(value)
                except envelope.UNREADABLE:
                    event = None
                if (
                    event is None
                    or (batch := known(event.batchid)) is None
                    or batch.agency_code != event.source
                    or (event.data is None and event.op != "delete")
                    or (b"\\" in value and ESCAPED_NUL in value)  # the first alone is found in no time
                    or (gone and erased.is_about(event, contract, gone))
                ):
                    if (row := self._sorter.sort(aside, contract, payload, place, record)) is not None:
                        yield row
                    continue
                landed[event.batchid] += 1
                yield (*envelope_row(event, batch.batch_id, partition, record.offset), *payload(event.data))
