"""How a database has ended: all that deliveries have left in it, without times, places and what is random."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors import producer, pull, sink, vault
from connectors.registry import Agency
from expectations.judging import judge
from pipeline import contracts
from pipeline.db import SQL, Identifier, connect
from pipeline.settings import Settings

EndState = dict[str, list[str]]

_SAME_IN_EVERY_RUN = ("_event_id", "_agency_code", "_record_id", "_version", "_is_deleted", "_person_key", "_id_status")
_ENGINEER = {
    "books": "select agency_code, source, entity, status, received, released, quarantined, duplicate, refused, held "
    "from quality.batch",
    "manifests": "select agency_code, source, entity, expected_rows, unchanged_rows, deleted_rows, rejected_rows, "
    "published_at is not null from connect.batch",
    "rules": "select b.agency_code, b.entity, r.rule_id, r.passed, r.evaluated, r.failed, r.observed "
    "from quality.rule_result as r inner join quality.batch as b on r.batch_id = b.batch_id",
    "quarantine": "select entity_table, agency_code, record_id, version, stage, rule_ids, detail, payload, status "
    "from quarantine.entry",
    "undecodable": "select topic, error from quarantine.undecodable",
}
_VAULT = {
    "identities": "select agency_code, source, entity, record_id, version, person_key, id_status, subject "
    "from vault.identity",
    "undecodable identities": "select error from vault.undecodable",
}


def judged(settings: Settings, agency: Agency) -> EndState:
    """Carry on what is staged of an agency's source up to the verdicts, and read the end state."""
    producer.publish(settings, source=agency.source)
    sink.drain(settings, sink.topics_of(settings, agency.source))
    vault.drain_vault(settings)
    judge.judge_ready(settings, agency.source)
    return read(settings)


def undisturbed(settings: Settings, agency: Agency, origin: Any) -> EndState:
    """End state of one delivery when nothing goes wrong."""
    pull.pull(settings, agency, origin)
    return judged(settings, agency)


def read(settings: Settings) -> EndState:
    """The end state, each part as sorted lines of text."""
    return dict(_parts(settings))


def _parts(settings: Settings) -> Iterator[tuple[str, list[str]]]:
    with connect(settings, "flyover_owner") as connection:
        for name, query in {**_ENGINEER, **_VAULT}.items():
            yield name, _lines(connection, query)
        for contract in contracts.load_all(settings.contracts_dir).values():
            columns = [*_SAME_IN_EVERY_RUN, *(field.column for field in contract.landed_fields)]
            released = SQL("select {} from released.{}").format(
                SQL(", ").join(map(Identifier, columns)), Identifier(contract.table)
            )
            yield f"released {contract.table}", _lines(connection, released)


def _lines(connection: Any, query: Any) -> list[str]:
    return sorted(map(repr, connection.execute(query)))


def assert_same(found: EndState, control: EndState) -> None:
    """Compare part by part, so that a failure names what differs."""
    for part, wanted in control.items():
        assert found[part] == wanted, part
