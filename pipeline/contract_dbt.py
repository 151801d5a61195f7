"""Writes, from the contracts, the dbt source of each source system, so that columns are described in one place.

``python -m pipeline.contract_dbt`` writes ``dbt_project/models/staging/<source>/_<source>__sources.yml``; a test
compares the files with the contracts.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from pipeline import contracts
from pipeline.contracts import Contract, Field
from pipeline.settings import CHECKOUT

_HEADING = "# Made from the contracts by `python -m pipeline.contract_dbt`; change the contract, then run it again.\n"
ENVELOPE_DESCRIPTIONS: Mapping[str, str] = {
    "_row_id": "Number of the landed row, rising with arrival; never shown outside.",
    "_landed_at": "When the row was landed.",
    "_event_id": "Id of the event: the same for every copy of one version of one record.",
    "_batch_id": "Batch the row came in: one delivery of one entity.",
    "_batch_seq": "Place of the row in its batch, from 0.",
    "_agency_code": "Agency that sent the row.",
    "_record_id": "The agency's own key of the record.",
    "_version": "Version of the record; the highest is the latest, whatever arrived last.",
    "_is_deleted": "Whether this version says that the record is gone; the payload is then empty.",
    "_source_modified_at": "When the agency says it changed the record, for information.",
    "_published_at": "When the event was published.",
    "_person_key": "Pseudonym of the person, null where the resident id is missing or invalid.",
    "_id_status": "What the edge found about the resident id (valid, invalid, missing, other_document).",
    "_replay_of": "Batch whose quarantined rows this row replays.",
    "_released_seq": "Place of the row in the order of release; incremental models filter on it.",
}
"""Columns of every released view beside the contract's own, in the view's order."""


def document(source: str, owned: Iterable[Contract]) -> dict[str, Any]:
    """Dbt source document of one source system."""
    return {
        "version": 2,
        "sources": [
            {
                "name": source,
                "schema": "released",
                "description": f"Released records of {source}: judged, without duplicates and open quarantine.",
                "tables": [_table(contract) for contract in owned],
            }
        ],
    }


def text(source: str, owned: Iterable[Contract]) -> str:
    """Text of the yml file of one source system."""
    body = yaml.dump(document(source, owned), sort_keys=False, allow_unicode=True, width=10_000, Dumper=_Unshared)
    return _HEADING + body


def path(checkout: Path, source: str) -> Path:
    """Where the yml file of one source system lies."""
    return checkout / "dbt_project" / "models" / "staging" / source / f"_{source}__sources.yml"


def write(checkout: Path) -> list[Path]:
    """Write the yml file of every source that has contracts; returns the files that changed."""
    changed = []
    known = contracts.load_all(checkout / "contracts").values()
    for source in sorted({contract.source for contract in known}):
        target = path(checkout, source)
        wanted = text(source, (contract for contract in known if contract.source == source))
        if not target.exists() or target.read_text(encoding="utf-8") != wanted:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(wanted, encoding="utf-8")
            changed.append(target)
    return changed


class _Unshared(yaml.SafeDumper):
    """Writes equal descriptions out each time: anchors would make the file hard to read."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _table(contract: Contract) -> dict[str, Any]:
    key = ", ".join(field.column for field in contract.key_fields)
    grain = f"Key: {key}." if contract.identity == "key" else f"Rows repeat; natural key: {key}."
    return {
        "name": contract.entity,
        "identifier": contract.table,
        "description": f"{contract.description} {grain}",
        "config": {"meta": {"topic": contract.topic, "owner": contract.owner}},
        "columns": [_column(field) for field in contract.landed_fields]
        + [{"name": name, "description": description} for name, description in ENVELOPE_DESCRIPTIONS.items()],
    }


def _column(field: Field) -> dict[str, Any]:
    return {
        "name": field.column,
        "description": field.description,
        "data_type": field.pg_type,
        "config": {"meta": {"classification": field.classification}},
    }


def main() -> None:
    """Write the dbt sources of this checkout."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.contract_dbt", description=main.__doc__)
    parser.add_argument("--checkout", type=Path, default=CHECKOUT)
    write(parser.parse_args().checkout)


if __name__ == "__main__":
    main()
