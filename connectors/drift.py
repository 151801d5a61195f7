"""Notices that an agency's export has changed under its contract, before what it sends is taken for data.

A column that was there last time and is gone would turn a field of every record into nothing; a column whose every
value has another type would fill the quarantine row by row. Either stops this feed alone, with a sentence that names
the column. A column the contract does not know passes and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.delivery import Arrival
from connectors.sources.base import Rejected, Row, Table
from pipeline.contract_struct import type_checks
from pipeline.contracts import Contract
from pipeline.db import Connection
from pipeline.errors import BadInput

SAMPLE_ROWS = 500
FEWEST_VALUES = 20
"""Fewer wrong values than this are wrong rows, not another type."""


def check_columns(
    connection: Connection[Any], arrival: Arrival, contract: Contract, table: Table, *, remember: bool = True
) -> None:
    """Compare the columns of a file with those of the agency's last one, and remember them.

    :raises BadInput: naming the columns that are gone, and the command that accepts it
    """
    if table.columns is None:
        return
    names = {field.name for field in contract.fields if field.classification != "dropped"}
    present = sorted(names.intersection(table.columns))
    known = connection.execute(
        "select columns from connect.header where agency_code = %s and source = %s and entity = %s",
        (arrival.agency_code, contract.source, contract.entity),
    ).fetchone()
    if known is not None and (gone := sorted(set(known[0]) & names - set(present))):
        raise BadInput(
            f"the column{'s' if len(gone) > 1 else ''} {', '.join(gone)} of {contract.entity} "
            f"{'were' if len(gone) > 1 else 'was'} there in the last delivery and {'are' if len(gone) > 1 else 'is'} "
            "not in this one",
            agency=arrival.agency_code,
            source=contract.source,
            file=table.file,
            advice="Put it back (renamed?). If it is gone for good: "
            f"./flyover contract accept {arrival.agency_code} {contract.entity}, and send again.",
            code="refused.column_gone",
        )
    if not remember:
        return
    connection.execute(
        "insert into connect.header (agency_code, source, entity, columns, delivery_id) values (%s, %s, %s, %s, %s) "
        "on conflict (agency_code, source, entity) do update set columns = excluded.columns, "
        "delivery_id = excluded.delivery_id",
        (arrival.agency_code, contract.source, contract.entity, present, arrival.delivery_id),
    )


def of_its_types(
    rows: Iterator[Row | Rejected], arrival: Arrival, contract: Contract, table: Table
) -> Iterator[Row | Rejected]:
    """The rows; those at the start are looked at for a column of which no value has the contract's type.

    :raises BadInput: naming the column and the type it should have
    """
    checks = type_checks(contract)
    seen = dict.fromkeys(checks, 0)
    fitting = dict.fromkeys(checks, 0)
    left = SAMPLE_ROWS
    for row in rows:
        if left and isinstance(row, Row) and not row.deleted:
            left -= 1
            for name, fits in checks.items():
                if value := (row.values.get(name) or "").strip():
                    seen[name] += 1
                    fitting[name] += fits(value)
            if not left:
                _complain(seen, fitting, arrival, contract, table)
        yield row
    if left:
        _complain(seen, fitting, arrival, contract, table)


def accept(connection: Connection[Any], agency_code: str, source: str, entity: str) -> bool:
    """Forget which columns an agency's files had; tells whether any were known."""
    found = connection.execute(
        "delete from connect.header where agency_code = %s and source = %s and entity = %s",
        (agency_code, source, entity),
    )
    return found.rowcount > 0


def _complain(
    seen: dict[str, int], fitting: dict[str, int], arrival: Arrival, contract: Contract, table: Table
) -> None:
    for name, count in seen.items():
        if count >= FEWEST_VALUES and fitting[name] == 0:
            (kind,) = (field.pg_type for field in contract.fields if field.name == name)
            raise BadInput(
                f"none of the first {count} values in the column {name} of {contract.entity} is of its type ({kind})",
                agency=arrival.agency_code,
                source=contract.source,
                file=table.file,
                advice="Its format has changed, or columns have shifted: export it as agreed.",
                code="refused.column_retyped",
            )
