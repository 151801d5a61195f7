"""Which published numbers a batch holds back, or would move if it were withdrawn.

Quickly, by lineage: the indicators made from the batch's entity, of its agency's realm, in the areas its rows are
about, and what a release derives from them; all of them as they stand in the current release (what is not there yet
cannot be among them). Exactly, by trial: the decision is taken on a copy, core is built there, and what a reader would
see otherwise is told with its new value. Forecasts stand in both as they were last made.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from connectors import registry
from expectations.decisions import batches
from expectations.decisions.people import HOUSE
from pipeline import contracts, migrations, names
from pipeline.contracts import Contract
from pipeline.db import SQL, Connection, Identifier, UndefinedTable, connect
from pipeline.errors import BadInput
from pipeline.settings import Settings
from release import differences, lineage, picture, rehearsal, scratch
from release.candidates import Slice
from release.derive import KINDS
from release.differences import NumberChange
from release.picture import Figure, Picture
from release.scratch import Say
from release.tables import PROVINCE

Decision = Literal["release", "withdraw"]
_BEFORE: Mapping[Decision, str] = {"release": "held", "withdraw": "released"}
READER = "engineer"


@dataclass(frozen=True)
class Indicator:
    """One indicator that the batch bears on, and how many of its published numbers."""

    indicator_code: str
    numbers: int


@dataclass(frozen=True)
class Impact:
    """What a decision about a batch bears on."""

    batch_id: uuid.UUID
    agency_code: str
    table: str
    decision: Decision
    rows: int
    """that the decision would let in or take out"""
    areas: tuple[str, ...] | None
    """codes of the areas its rows are about, those above included; None where rows do not say"""
    is_exact: bool
    indicators: tuple[Indicator, ...]
    numbers: tuple[NumberChange, ...]
    """Exact: those that move. Quick: those that may, with nothing in ``after``."""


@dataclass(frozen=True)
class _Batch:
    agency_code: str
    source: str
    entity: str
    status: str
    rows: int


def held_back(
    settings: Settings, batch_id: uuid.UUID, exact: bool = False, *, say: Say = lambda _: None, room: Path | None = None
) -> Impact:
    """Which published numbers a held batch holds back.

    :raises BadInput: when there is no such batch, or it is not held
    """
    return _impact(settings, batch_id, "release", exact, say, room)


def withdrawn(
    settings: Settings, batch_id: uuid.UUID, exact: bool = False, *, say: Say = lambda _: None, room: Path | None = None
) -> Impact:
    """Which published numbers would move if a released batch were withdrawn.

    :raises BadInput: when there is no such batch, or it is not released
    """
    return _impact(settings, batch_id, "withdraw", exact, say, room)


def _impact(
    settings: Settings, batch_id: uuid.UUID, decision: Decision, exact: bool, say: Say, room: Path | None
) -> Impact:
    with connect(settings, READER) as connection:
        batch = _batch(connection, batch_id, decision)
        areas = _areas(connection, settings, batch, batch_id)
    moved = _tried(settings, batch_id, decision, say, room) if exact else _within_reach(settings, batch, areas)
    counted = Counter(change.slice.indicator_code for change in moved)
    return Impact(
        batch_id,
        batch.agency_code,
        names.table(batch.source, batch.entity),
        decision,
        batch.rows,
        areas,
        exact,
        tuple(Indicator(*each) for each in sorted(counted.items())),
        moved,
    )


def _batch(connection: Connection, batch_id: uuid.UUID, decision: Decision) -> _Batch:
    found = connection.execute(
        "select agency_code, source, entity, status, released + held from quality.batch where batch_id = %s",
        (batch_id,),
    ).fetchone()
    if found is None:
        raise BadInput(f"there is no batch {batch_id}", advice="See ./flyover batches")
    batch = _Batch(*found)
    if batch.status != _BEFORE[decision]:
        raise BadInput(
            f"batch {batch_id} of {batch.source}.{batch.entity} is {batch.status}, not {_BEFORE[decision]}",
            agency=batch.agency_code,
            advice="./flyover impact BATCH asks about a held batch, with --withdraw about a released one.",
        )
    return batch


def _within_reach(settings: Settings, batch: _Batch, areas: tuple[str, ...] | None) -> tuple[NumberChange, ...]:
    """Numbers of the current release that may move, by lineage, realm and area."""
    agency = registry.load_all(settings.agencies_dir).get(batch.agency_code)
    if agency is not None and agency.realm is None:  # it enters no indicator of the province
        return ()
    models = lineage.models_below(settings, batch.source, batch.entity)
    codes = _indicators(settings, models)

    def wanted(where: Slice) -> bool:
        return (
            not codes.isdisjoint(_made_of(where))
            and (agency is None or where.realm == agency.realm)
            and (areas is None or where.area_code in areas)
        )

    standing = picture.shown(settings, READER, wanted)
    return differences.numbers(_only(standing), _only({}))


def _made_of(where: Slice) -> Collection[str]:
    """Indicators a number rests on: its own, or of a derived figure those that it sets beside each other."""
    if where.indicator_code not in KINDS:
        return (where.indicator_code,)
    return [input_.partition(".")[0] for input_ in (where.dimension, where.member)]


def _indicators(settings: Settings, models: Collection[str]) -> set[str]:
    """Codes of the indicators that these models make, read from what they last made."""
    codes: set[str] = set()
    with connect(settings, READER) as connection:
        found = connection.execute(
            "select c.relname from pg_class as c inner join pg_attribute as a on a.attrelid = c.oid "
            "where c.relnamespace = 'core'::regnamespace and a.attname = 'indicator_code' and c.relname = any(%s) "
            "and c.relname <> 'indicator_candidate'",
            (list(models),),
        ).fetchall()
        for (name,) in found:
            made = SQL("select distinct indicator_code from core.{}").format(Identifier(name))
            codes.update(code for (code,) in connection.execute(made))
    return codes


def _areas(connection: Connection, settings: Settings, batch: _Batch, batch_id: uuid.UUID) -> tuple[str, ...] | None:
    """Areas that the batch's records name, in any version; where they name none, those where the agency is at home."""
    contract = contracts.load_all(settings.contracts_dir).get((batch.source, batch.entity))
    columns = division_columns(contract) if contract is not None else []
    named: set[str] = set()
    for column in columns:
        found = connection.execute(
            SQL(
                "select distinct l.{column} from landing.{table} as l where l._agency_code = %(agency)s "
                "and l.{column} ~ '^[0-9]{{6}}$' and l._record_id in "
                "(select own._record_id from landing.{table} as own where own._batch_id = %(batch)s)"
            ).format(column=Identifier(column), table=Identifier(names.table(batch.source, batch.entity))),
            {"agency": batch.agency_code, "batch": batch_id},
        )
        named.update(code for (code,) in found)
    if not columns:
        named = _at_home(connection, batch.agency_code)
    named = _successors(connection, named)
    if not named:
        return None
    return tuple(sorted({PROVINCE, *named, *(f"{code[:4]}00" for code in named)}))


def division_columns(contract: Contract) -> list[str]:
    """Columns that say in which division a record is at home."""
    return [
        f.column
        for f in contract.landed_fields
        if f.linkage == "division" or f.column.endswith("division_code") or f.column.endswith("_division")
    ]


def _at_home(connection: Connection, agency_code: str) -> set[str]:
    """Where its institutions stand and its learners live."""
    try:
        with connection.transaction():
            found = connection.execute(
                "select current_division_code from core.dim_institution where agency_code = %(agency)s "
                "union select l.residence_division_code from core.dim_learner as l where l.learner_key in "
                "(select e.learner_key from core.fct_enrolment as e where e.agency_code = %(agency)s)",
                {"agency": agency_code},
            )
            return {code for (code,) in found if code}
    except UndefinedTable:  # core was never built
        return set()


def _successors(connection: Connection, named: set[str]) -> set[str]:
    try:
        with connection.transaction():
            found = connection.execute(
                "select division_code, successor_code from intermediate.int_divisions__successors "
                "where division_code = any(%s)",
                (list(named),),
            )
            return named | {successor for _, successor in found if successor}
    except UndefinedTable:
        return named


def _tried(
    settings: Settings, batch_id: uuid.UUID, decision: Decision, say: Say, room: Path | None
) -> tuple[NumberChange, ...]:
    """Take the decision on a copy that is up to date, and compare."""
    with scratch.copied(settings, say, room=room) as copy:
        migrations.apply(copy)
        rehearsal.build_again(copy, say)  # so that nothing else can move
        before = rehearsal.numbers_of(copy)
        decide = batches.release if decision == "release" else batches.withdraw
        decide(copy, batch_id, reason="tried out on a copy", actor=HOUSE)
        rehearsal.build_again(copy, say)
        return differences.numbers(_only(before), _only(rehearsal.numbers_of(copy)))


def _only(numbers: Mapping[Slice, Figure]) -> Picture:
    return Picture({}, {}, {}, numbers)
