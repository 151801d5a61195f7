"""What a warehouse says at one moment, as far as two of them are compared: verdicts, rows of core, numbers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pipeline.db import SQL, Connection, Identifier, connect
from pipeline.settings import Settings
from release.candidates import Slice, Value
from release.scratch import OWNER


@dataclass(frozen=True)
class Verdict:
    """The state of one batch that was judged, and its books."""

    agency_code: str
    table: str
    status: str
    released: int
    quarantined: int
    held: int
    refused: int


@dataclass(frozen=True)
class Finding:
    """How many rows of one batch fail one rule; for a rule about the table 0 or 1."""

    severity: str
    failed: int


@dataclass(frozen=True)
class Figure:
    """A number as a reader would see it: nothing but its status where it is withheld."""

    value: float | None
    numerator: float | None
    denominator: float | None
    status: str
    unit: str
    definition_version: int


@dataclass(frozen=True)
class Picture:
    """All of it; ``numbers`` is empty where core was never built."""

    verdicts: Mapping[uuid.UUID, Verdict]
    findings: Mapping[tuple[uuid.UUID, str], Finding]
    relations: Mapping[str, int]
    numbers: Mapping[Slice, Figure]


def take(copy: Settings, numbers: Mapping[Slice, Figure]) -> Picture:
    """The picture of a copy as it is now, with the numbers it would show or shows."""
    with connect(copy, OWNER) as connection:
        return Picture(_verdicts(connection), _findings(connection), _relations(connection), numbers)


def of_values(values: Iterable[Value]) -> dict[Slice, Figure]:
    """Figures of what a release would hold."""
    return {
        v.slice: Figure(v.value, v.numerator, v.denominator, v.status, v.unit, v.definition_version) for v in values
    }


def shown(settings: Settings, role: str, wanted: Callable[[Slice], bool] = lambda where: True) -> dict[Slice, Figure]:
    """Figures of the current release."""
    with connect(settings, role) as connection:
        rows = connection.execute(
            "select indicator_code, method, realm, area_code, period, dimension, member, value, numerator, "
            "denominator, status, unit, definition_version from mart.current_indicator_value"
        )
        return {where: Figure(*row[7:]) for row in rows if wanted(where := Slice(*row[:7]))}


def _verdicts(connection: Connection) -> dict[uuid.UUID, Verdict]:
    rows = connection.execute(
        "select batch_id, agency_code, source || '__' || entity, status, released, quarantined, held, refused "
        "from quality.batch where judged_at is not null"
    )
    return {batch_id: Verdict(*rest) for batch_id, *rest in rows}


def _findings(connection: Connection) -> dict[tuple[uuid.UUID, str], Finding]:
    rows = connection.execute("select batch_id, rule_id, severity, failed from quality.rule_result")
    return {(batch_id, rule_id): Finding(severity, failed) for batch_id, rule_id, severity, failed in rows}


def _relations(connection: Connection) -> dict[str, int]:
    """Rows of everything in core, counted."""
    names = connection.execute(
        "select relname from pg_class where relnamespace = 'core'::regnamespace and relkind in ('r', 'p', 'm', 'v') "
        "order by relname"
    ).fetchall()
    counted = {}
    for (name,) in names:
        row = connection.execute(SQL("select count(*) from core.{}").format(Identifier(name))).fetchone()
        counted[f"core.{name}"] = int(row[0]) if row else 0
    return counted
