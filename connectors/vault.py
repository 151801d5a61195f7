"""The vault's sink: identity side-cars from their restricted topic into ``vault.identity``, exactly once.

Side-cars travel sealed with their person's data key; nothing is opened here. The sink has its own role, its own
offsets (``vault.drain``) and its own place for bytes that are no side-car (``vault.undecodable``). Who was erased
stays erased: a side-car that arrives late is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from connectors.drain import KNEE_ROWS, DrainReport, Engine, Place
from pipeline import envelope, names
from pipeline.db import Connection, stage_run
from pipeline.sealing import seal
from pipeline.settings import Settings

ROLE = "flyover_vault"
UNDECODABLE_CONTEXT = b"quarantine:vault"


class SideCar(msgspec.Struct, frozen=True):
    """Value of a message on the vault topic: whose record it is in the clear, who the person is sealed."""

    agency_code: str
    source: str
    entity: str
    record_id: str
    version: int
    subject: str
    """whose data key opens ``sealed``"""
    sealed: bytes
    person_key: str | None = None
    id_status: str | None = None


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(SideCar)


def encode(sidecar: SideCar) -> bytes:
    """Message value of a side-car (JSON, ``sealed`` in base64)."""
    return _encoder.encode(sidecar)


def drain_vault(
    settings: Settings, *, max_rows: int = KNEE_ROWS, stop: Callable[[], bool] = lambda: False
) -> DrainReport:
    """Take in what the vault topic holds now. Idempotent: what was taken in is not read again."""
    engine = Engine(
        settings, ROLE, ("vault", "drain"), [names.VAULT_TOPIC], IdentityLander(settings), max_rows=max_rows
    )
    with stage_run(settings, ROLE, "vault", "all") as outcome:
        report = engine.run(stop)
        outcome["rows"] = report.rows
    return report


class IdentityLander:
    """Writes side-cars into the vault."""

    def __init__(self, settings: Settings) -> None:
        self._key = settings.secrets.quarantine_key

    def forget(self) -> None:
        """It remembers nothing."""

    def meet(self, connection: Connection[Any], fetched: Mapping[Place, Sequence[Any]]) -> None:
        """There is nothing to prepare."""

    def land(self, connection: Connection[Any], fetched: Mapping[Place, Sequence[Any]]) -> Sequence[UUID]:
        """Write all of ``fetched``; the vault closes no batches."""
        sidecars: list[SideCar] = []
        for place, records in fetched.items():
            for record in records:
                try:
                    sidecars.append(_fit(_decoder.decode(record.value or b"")))
                except (*envelope.UNREADABLE, ValueError) as error:
                    self._set_aside(connection, place, record, type(error).__name__)
        _keep(connection, sidecars)
        return ()

    def _set_aside(self, connection: Connection[Any], place: Place, record: Any, error: str) -> None:
        """The error's kind alone is kept in the clear: its words could quote the message."""
        connection.execute(
            'insert into vault.undecodable (topic_id, partition, "offset", error, sealed_value) '
            "values (%s, %s, %s, %s, %s) on conflict do nothing",  # the offset tells a drain that was taken over
            (
                place.topic_id,
                place.partition,
                record.offset,
                error,
                seal(self._key, record.value or b"", UNDECODABLE_CONTEXT),
            ),
        )


def _fit(sidecar: SideCar) -> SideCar:
    """A side-car that the vault's columns can hold.

    :raises ValueError: for one they cannot; our outbox writes none such
    """
    texts = (sidecar.agency_code, sidecar.source, sidecar.entity, sidecar.record_id, sidecar.subject)
    if not 0 < sidecar.version < 2**31 or any("\x00" in text for text in texts):
        raise ValueError("not a side-car of ours")
    return sidecar


def _keep(connection: Connection[Any], sidecars: Sequence[SideCar]) -> None:
    """A side-car that came twice is the same one: key and version say so."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into vault.identity "
            "(agency_code, source, entity, record_id, version, person_key, id_status, subject, sealed) "
            "select %(agency_code)s, %(source)s, %(entity)s, %(record_id)s, %(version)s, %(person_key)s, "
            "%(id_status)s, %(subject)s, %(sealed)s "
            "where not exists (select from vault.erased where subject = %(subject)s) "
            "on conflict do nothing",
            [msgspec.structs.asdict(sidecar) for sidecar in sidecars],
        )
