"""A source made for the specification: two entities whose rows say what is wrong with them, and rules that find it."""

from __future__ import annotations

from pathlib import Path

import yaml

from .system import Flaw

SOURCE = "spec"


def write(directory: Path, entities: tuple[str, ...]) -> tuple[Path, Path]:
    """Write contracts and suites of the entities; the two directories."""
    contracts, suites = directory / "contracts", directory / "suites"
    (contracts / SOURCE).mkdir(parents=True)
    suites.mkdir()
    for entity in entities:
        contract = yaml.safe_dump(_contract(entity), sort_keys=False)
        (contracts / SOURCE / f"{entity}.odcs.yaml").write_text(contract, encoding="utf-8")
        (suites / f"{SOURCE}__{entity}.yaml").write_text(yaml.safe_dump({"rules": _rules(entity)}), encoding="utf-8")
    return contracts, suites


def _contract(entity: str) -> dict[str, object]:
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": f"{SOURCE}.{entity}",
        "name": f"Specification {entity}",
        "version": "1.0.0",
        "status": "active",
        "description": {"purpose": "Rows that say what is wrong with them."},
        "schema": [
            {
                "name": entity,
                "physicalName": f"{SOURCE}__{entity}",
                "properties": [
                    _field("id", primaryKey=True, primaryKeyPosition=1, required=True),
                    _field("value"),
                    _field("flaw"),
                ],
            }
        ],
        "customProperties": [
            {"property": "source", "value": SOURCE},
            {"property": "entity", "value": entity},
            {"property": "file", "value": f"{entity}.csv"},
            {"property": "owner", "value": "tests"},
        ],
    }


def _field(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "physicalType": "text", "classification": "internal", "description": name, **more}


def _rules(entity: str) -> list[dict[str, object]]:
    table = f"{SOURCE}__{entity}"
    return [
        _rule(table, "critical", "critical", "row", f"r.flaw = '{Flaw.CRITICAL}'"),
        _rule(table, "warning", "warning", "row", f"r.flaw = '{Flaw.WARNING}'"),
        _rule(
            table,
            "holds",
            "critical",
            "table",
            f"exists (select from judging.{table} as j where j.flaw = '{Flaw.TABLE}')",
        ),
    ]


def _rule(table: str, name: str, severity: str, scope: str, failing: str) -> dict[str, object]:
    texts = {f"{text}_{language}": name for text in ("title", "why", "mend") for language in ("zh", "en")}
    return {
        "id": f"{table}.{name}",
        "owner": "tests",
        "severity": severity,
        "dimension": "validity",
        "scope": scope,
        "sql": {"failing": failing},
        **texts,
    }
