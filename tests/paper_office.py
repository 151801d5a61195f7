"""An office of no database: its feed, its messages and its catalogue, for tests of what is made of them."""

from __future__ import annotations

import json
from typing import Any

from connectors.capture import feeds
from connectors.capture.database import Column, Facts, Slot
from connectors.capture.feeds import Feed
from connectors.registry import Agency
from pipeline.settings import CHECKOUT
from tests.deliveries import make_agency

TABLES = "employments=public.employment, trainings=public.training"


def agency(**params: str) -> Agency:
    given = {
        "host": "db.example", "port": "5432", "database": "personnel", "user": "reader", "tables": TABLES, **params
    }  # fmt: skip
    return make_agency("hr", agency_code="hr-test", mode="delta", transport="cdc", params=given)


def feed(**params: str) -> Feed:
    return feeds.of(agency(**params), CHECKOUT / "contracts")


def row(key: str, **values: Any) -> dict[str, Any]:
    """A row of the employment table, as the connector writes it."""
    columns = dict.fromkeys(feed().tables[0].columns.values())
    return {**columns, "employment_id": key, "full_name": "赵安安", **values}


def message(op: str, *, table: str = "employment", before: Any = None, after: Any = None) -> bytes:
    source = {"schema": "public", "table": table, "ts_ms": 1_767_600_000_250}
    return json.dumps({"op": op, "before": before, "after": after, "source": source}).encode()


def notice(kind: str, table: str | None = None) -> bytes:
    data = {"scanned_collection": f"personnel.{table}", "status": "SUCCEEDED"} if table else {}
    return json.dumps({"aggregate_type": "Initial Snapshot", "type": kind, "additional_data": data}).encode()


def facts(known: Feed, *, slot: Slot | None = None, **changed: Any) -> Facts:
    """A database as it should be, but for what is changed."""
    columns = {
        table.name: {
            name: Column(
                number=place,
                type_name="text",
                family="text",
                is_readable=True,
                is_published=True,
                is_identity=name in table.key_columns,
            )
            for place, name in enumerate(table.columns.values(), 1)
        }
        for table in known.tables
    }
    whole = {
        "wal_level": "logical",
        "keep_limit_mb": 10_240,
        "has_publication": True,
        "slot": slot,
        "columns": columns,
        "memberships": {table.name: 16_400 for table in known.tables},
    }
    return Facts(**{**whole, **changed})
