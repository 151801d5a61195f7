"""What stands behind one published number: its meaning, and the batches, agencies, contracts and rules it rests on.

An entity whose rows state area and day (a return) contributes exactly: its latest records of that area and day are
counted. Where rows state an area only, those of the area are counted; where they state neither, lineage tells which
batches may have entered. Fewer than ten rows about persons are not told apart. A withheld number is one word.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from connectors import registry
from pipeline import contracts, names
from pipeline.contracts import Contract
from pipeline.db import SQL, Composable, Connection, Identifier, connect, dict_row
from pipeline.errors import BadInput
from pipeline.settings import Settings
from release import lineage
from release.candidates import Slice
from release.derive import KINDS
from release.impact import division_columns
from release.tables import DEFAULT_RULE, PROVINCE

READER = "engineer"
CREDIT_BANK = "credit_bank__"
Basis = Literal["exact", "area", "lineage"]


@dataclass(frozen=True)
class Number:
    """The number as its release shows it."""

    release_id: int
    published_at: dt.datetime
    released_seq: int
    project_digest: str | None
    """of the dbt project that the release was made by"""
    slice: Slice
    status: str
    value: float | None
    unit: str
    numerator: float | None
    denominator: float | None
    value_low: float | None
    value_high: float | None
    coverage_pct: float | None
    status_note: str | None
    definition_version: int
    as_of: dt.date


@dataclass(frozen=True)
class Contribution:
    """One batch behind the number. ``rows`` by the basis; None for 1 to 9 persons, and where only lineage tells."""

    batch_id: uuid.UUID
    agency_code: str
    table: str
    contract_version: str
    delivered_at: dt.datetime | None
    released: int
    basis: Basis
    rows: int | None


@dataclass(frozen=True)
class JudgedBy:
    """One version of one rule that judged these batches."""

    rule_id: str
    fingerprint: str | None
    severity: str
    batches: int
    failed: int


@dataclass(frozen=True)
class LinkedBy:
    """One version of a link model or rule that said which learner a person behind the number is."""

    method: str
    rule_version: str
    links: int


@dataclass(frozen=True)
class Trace:
    """Everything behind one number; all but ``number`` and ``definition`` is empty where it is withheld."""

    number: Number
    definition: Mapping[str, Any]
    made_of: str | None
    """indicator.method of the published figures that a derived figure is made of"""
    batches: tuple[Contribution, ...]
    rules: tuple[JudgedBy, ...]
    links: tuple[LinkedBy, ...]
    credit_rules: tuple[str, ...] = ()
    """versions of the rules of conversion by which the credits behind it were recognised"""

    @property
    def agencies(self) -> tuple[str, ...]:
        """Codes of the agencies whose batches they are."""
        return tuple(sorted({batch.agency_code for batch in self.batches}))


def behind(settings: Settings, where: Slice, release_id: int | None = None) -> Trace:
    """What stands behind a number of a release, by default the current one.

    :raises BadInput: when the release shows no such number
    """
    with connect(settings, READER) as connection:
        number = _number(connection, where, release_id)
        definition = _definition(connection, number)
        made_of = where.dimension if where.indicator_code in KINDS else None
        if number.status == "withheld":
            return Trace(number, definition, made_of, (), (), ())
        source = made_of.split(".")[0] if made_of else where.indicator_code
        entities = lineage.entities_above(settings, makers(connection).get(source, []))
        batches = _batches(connection, settings, number, entities)
        rules = _rules(connection, [batch.batch_id for batch in batches])
        links = _links(connection, settings, batches)
        return Trace(number, definition, made_of, batches, rules, links, _credit_rules(connection, number, batches))


def find(settings: Settings, release_id: int | None, **wanted: str | None) -> Slice:
    """The one slice of a release that has these parts; what is None may be anything, if it is one thing.

    :raises BadInput: when none has, or several have, with what tells them apart
    """
    parts = {part: value for part, value in wanted.items() if value is not None}
    conditions = SQL(" and ").join(SQL("{} = {}").format(Identifier(part), value) for part, value in parts.items())
    with connect(settings, READER) as connection:
        rows = connection.execute(
            SQL(
                "select indicator_code, method, realm, area_code, period, dimension, member from mart.indicator_value "
                "where release_id = coalesce({}, (select release_id from mart.current_release)) and {} order by 1, 2, 3"
            ).format(release_id, conditions)
        ).fetchall()
    found = [Slice(*row) for row in rows]
    if len(found) == 1:
        return found[0]
    asked = " ".join(parts.values())
    if not found:
        raise BadInput(f"no release shows a number of {asked}", advice="./flyover indicators lists what there is.")
    ways = sorted({f"--method {where.method} --realm {where.realm}" for where in found})
    raise BadInput(f"{len(found)} numbers are of {asked}", advice=f"Say which: {'; or '.join(ways[:6])}.")


def makers(connection: Connection) -> dict[str, list[str]]:
    """Models of core that make rows, by indicator."""
    names_of = connection.execute(
        "select c.relname from pg_class as c inner join pg_attribute as a on a.attrelid = c.oid "
        "where c.relnamespace = 'core'::regnamespace and a.attname = 'indicator_code' and c.relname like 'ind\\_%' "
        "order by 1"
    ).fetchall()
    found: dict[str, list[str]] = defaultdict(list)
    for (name,) in names_of:
        for (code,) in connection.execute(SQL("select distinct indicator_code from core.{}").format(Identifier(name))):
            found[code].append(name)
    return found


def _number(connection: Connection, where: Slice, release_id: int | None) -> Number:
    row = (
        connection.cursor(row_factory=dict_row)
        .execute(
            "select v.*, r.published_at, r.released_seq, r.project_digest from mart.indicator_value as v "
            "inner join mart.release as r on v.release_id = r.release_id "
            "where v.release_id = coalesce(%s, (select release_id from mart.current_release)) "
            "and (indicator_code, method, realm, area_code, period, dimension, member) = (%s, %s, %s, %s, %s, %s, %s)",
            (
                release_id, where.indicator_code, where.method, where.realm, where.area_code, where.period,
                where.dimension, where.member,
            ),
        )
        .fetchone()
    )  # fmt: skip
    if row is None:
        raise BadInput(f"no release shows {where.indicator_code} of {where.area_code} in {where.period}")
    own = {name: row[name] for name in Number.__dataclass_fields__ if name != "slice"}
    return Number(slice=where, **own)


def _definition(connection: Connection, number: Number) -> Mapping[str, Any]:
    found = (
        connection.cursor(row_factory=dict_row)
        .execute(
            "select * from mart.indicator_definition where (indicator_code, method, definition_version) = (%s, %s, %s)",
            (number.slice.indicator_code, number.slice.method, number.definition_version),
        )
        .fetchone()
    )
    return found or {}


def _batches(
    connection: Connection, settings: Settings, number: Number, entities: Sequence[tuple[str, str]]
) -> tuple[Contribution, ...]:
    known = contracts.load_all(settings.contracts_dir)
    agencies = registry.load_all(settings.agencies_dir)
    ours = [code for code, agency in agencies.items() if agency.realm == number.slice.realm]
    found: list[Contribution] = []
    for source, entity in entities:
        contract = known.get((source, entity))
        if contract is None:
            continue
        rows = connection.execute(
            "select batch_id, agency_code, first_landed_at, released from quality.batch where status = 'released' "
            "and source = %s and entity = %s and agency_code = any(%s) and released_seq <= %s and released > 0 "
            "order by released_seq",
            (source, entity, ours, number.released_seq),
        ).fetchall()
        basis, counted = _counted(connection, contract, number) if rows else ("lineage", {})
        found += [
            Contribution(
                batch_id, agency, names.table(source, entity), contract.version, delivered_at, released, basis,
                _told(counted.get(batch_id), contract),
            )
            for batch_id, agency, delivered_at, released in rows
            if basis == "lineage" or batch_id in counted
        ]  # fmt: skip
    return tuple(found)


def _counted(connection: Connection, contract: Contract, number: Number) -> tuple[Basis, dict[uuid.UUID, int]]:
    """Latest records of the area, and of the day if rows state one, by the batch that brought them."""
    areas = ["code"] if contract.table == "census__county_yearbook" else division_columns(contract)
    columns = {field.column for field in contract.landed_fields}
    if not areas:
        return "lineage", {}
    is_dated = "reference_date" in columns
    conditions: list[Composable] = []
    if number.slice.area_code != PROVINCE:
        prefix = number.slice.area_code.removesuffix("00")
        conditions.append(
            SQL("({})").format(
                SQL(" or ").join(SQL("{} like {}").format(Identifier(column), f"{prefix}%") for column in areas)
            )
        )
    if is_dated:
        conditions.append(SQL("reference_date::text = {}").format(number.as_of.isoformat()))
    rows = connection.execute(
        SQL(
            "select _batch_id, count(*) from (select distinct on (_agency_code, _record_id) * from released.{} "
            "where _released_seq <= {} order by _agency_code, _record_id, _version desc) as latest "
            "where not _is_deleted {} group by _batch_id"
        ).format(
            Identifier(contract.table),
            number.released_seq,
            SQL("").join(SQL("and {} ").format(condition) for condition in conditions),
        )
    ).fetchall()
    return ("exact" if is_dated and not contract.bears_person else "area"), dict(rows)


def _told(rows: int | None, contract: Contract) -> int | None:
    return None if rows is None or (contract.bears_person and DEFAULT_RULE.too_few(rows)) else rows


def _rules(connection: Connection, batches: Sequence[uuid.UUID]) -> tuple[JudgedBy, ...]:
    rows = connection.execute(
        "select rule_id, fingerprint, min(severity), count(*), sum(failed)::bigint from quality.rule_result "
        "where batch_id = any(%s) group by rule_id, fingerprint order by rule_id, fingerprint",
        (list(batches),),
    )
    return tuple(JudgedBy(*row) for row in rows)


def _links(connection: Connection, settings: Settings, batches: Sequence[Contribution]) -> tuple[LinkedBy, ...]:
    bearers = {c.source for c in contracts.load_all(settings.contracts_dir).values() if c.bears_person}
    sources = sorted({batch.table.split("__")[0] for batch in batches} & bearers)
    rows = connection.execute(
        "select method, rule_version, count(*) from persons.link "
        "where superseded_at is null and source_name = any(%s) and agency_code = any(%s) "
        "group by method, rule_version order by 1, 2",
        (sources, sorted({batch.agency_code for batch in batches})),
    )
    return tuple(LinkedBy(*row) for row in rows)


def _credit_rules(connection: Connection, number: Number, batches: Sequence[Contribution]) -> tuple[str, ...]:
    banks = {batch.agency_code for batch in batches if batch.table.startswith(CREDIT_BANK)}
    rows = connection.execute(
        "select distinct rule_version from core.fct_credit_entry "
        "where agency_code = any(%s) and _released_seq <= %s and rule_version is not null order by 1",
        (sorted(banks), number.released_seq),
    ).fetchall()
    return tuple(version for (version,) in rows)
