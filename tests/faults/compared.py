"""What of every table counts when a disturbed run is held against an undisturbed one, decided table by table.

Left apart are arrival times, offsets, row ids and what is random in every run (ids of deliveries and batches, sealed
bytes). A table of landing, quarantine, core or mart that is not named here fails the comparison: decide about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline import contracts
from pipeline.db import SQL, Composable, Connection, Identifier, connect
from pipeline.settings import Settings

_OF_ARRIVAL = frozenset(
    {"_row_id", "_landed_at", "_published_at", "_batch_id", "_partition", "_offset", "_replay_of", "_released_seq"}
)
_ALL: frozenset[str] = frozenset()
_WHOLLY_APART: frozenset[str] | None = None
_DECIDED: Mapping[str, frozenset[str] | None] = {
    "landing.drain": _WHOLLY_APART,  # offsets
    "landing.drain_member": _WHOLLY_APART,  # who is draining now
    "landing.forgotten": frozenset({"batch_id", "forgotten_at"}),
    "landing.event_seen": frozenset({"row_id", "batch_id"}),
    "landing.duplicate": frozenset({"row_id", "batch_id"}),
    "landing.person_fact": frozenset({"batch_id"}),
    "landing.person_fact_mark": frozenset({"released_seq"}),
    "landing.person_elsewhere": frozenset({"row_id", "batch_id"}),
    "quarantine.entry": frozenset(
        {"quarantine_id", "row_id", "batch_id", "sealed", "opened_at", "decided_at", "released_seq",
         "replay_batch_id", "identifiers"}
    ),
    "quarantine.undecodable": frozenset(
        {"undecodable_id", "topic_id", "partition", "offset", "batch_id", "sealed_key", "sealed_value", "landed_at",
         "fingerprint"}
    ),
    "quarantine.decision": frozenset({"decision_id", "decided_at", "selection"}),
    "quarantine.entry_decision": frozenset({"quarantine_id", "decision_id"}),
    "quarantine.correction": frozenset(
        {"correction_id", "repeat_of", "received_at", "finished_at", "replay_batches"}
    ),
    "quarantine.correction_row": frozenset({"correction_id", "quarantine_id", "batch_id"}),
    "mart.current_release": frozenset({"moved_at"}),
    "mart.explained": frozenset({"explained_at"}),
    "mart.indicator_source": frozenset({"newest"}),
    "mart.release": frozenset({"published_at", "as_of", "released_seq"}),
    "mart.revision_delivery": frozenset({"newest"}),
    "core.person_link": frozenset({"recorded_at"}),
    "core.fct_credit_entry": frozenset({"recorded_at", "posting_id", "reversed_posting_id", "credit_entry_key"}),
    "core.indicator_target": _ALL,
    "core.indicator_candidate": _ALL,
}  # fmt: skip
_WHOLE = {
    "core": """
        age_groups attainment births_migration community_learning credit_balance definitions_adults definitions_credit
        definitions_forecast definitions_inequality definitions_lifelong definitions_schools dim_agency dim_division
        dim_institution dim_learner dim_learner_history dim_programme dimension_members dimensions division_changes
        division_memberships divisions education_stages fct_employment_spell fct_enrolment fct_learning_activity
        fct_learning_outcome fct_skill_certificate field_occupations framework_levels frameworks grade_stages graduates
        he_form_weights higher_education indicator_definitions indicator_derivations industry_sections learner_file
        learning_actions level_crosswalk occupation_crosswalk occupation_majors outcome_level population
        presentation_starts school_kind_stages school_returns school_size_bands schooling_years skill_levels
        survey_estimates targets term_seasons vacancies
    """,
    "mart": "area dimension dimension_member indicator_definition indicator_value revision target",
}


@dataclass(frozen=True)
class Sum:
    """Rows of a table and a sum over them that no order changes."""

    rows: int
    checksum: str


Picture = Mapping[str, Sum]


class Undecided(AssertionError):
    """A table nobody has decided about."""


def picture(settings: Settings) -> Picture:
    """Every table of landing, quarantine, core and mart as it counts.

    :raises Undecided: naming tables without a decision what to compare
    """
    with connect(settings, "flyover_owner") as connection:
        connection.execute("set local timezone = 'UTC'")
        tables = connection.execute(_TABLES).fetchall()
        plans = {f"{schema}.{name}": _apart(settings, schema, name) for schema, name, _ in tables}
        undecided = sorted(table for table, plan in plans.items() if plan is _UNDECIDED)
        if undecided:
            raise Undecided(f"say in tests/faults/compared.py what of these is compared: {', '.join(undecided)}")
        return {
            f"{schema}.{name}": _sum(connection, Identifier(schema, name), [c for c in columns if c not in apart])
            for schema, name, columns in tables
            if (apart := plans[f"{schema}.{name}"]) is not None
        }


def assert_same(found: Picture, control: Picture) -> int:
    """Hold one picture against another; how many rows were compared.

    :raises AssertionError: naming each table that differs and by how many rows
    """
    odd = {
        table: (found.get(table), control.get(table))
        for table in found.keys() | control.keys()
        if found.get(table) != control.get(table)
    }
    assert not odd, f"not as undisturbed (found, control): {odd}"
    rows = sum(one.rows for one in control.values())
    assert rows, "nothing was compared"
    return rows


_UNDECIDED = frozenset({"?"})


def _apart(settings: Settings, schema: str, name: str) -> frozenset[str] | None:
    known = {contract.table for contract in contracts.load_all(settings.contracts_dir).values()}
    if schema == "landing" and name in known:
        return _OF_ARRIVAL
    if f"{schema}.{name}" in _DECIDED:
        decided = _DECIDED[f"{schema}.{name}"]
        return decided if decided is None else decided | _OF_ARRIVAL
    if name in _WHOLE.get(schema, "").split() or (schema == "core" and name.startswith("ind_")):
        return _OF_ARRIVAL
    return _UNDECIDED


def _sum(connection: Connection, table: Composable, columns: list[str]) -> Sum:
    chosen = SQL(", ").join(map(Identifier, sorted(columns))) if columns else SQL("1")
    row = connection.execute(
        SQL(
            "select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text "
            "from (select {} from {}) as t"
        ).format(chosen, table)
    ).fetchone()
    assert row is not None
    return Sum(*row)


_TABLES = """
select n.nspname, c.relname, array(
    select a.attname::text from pg_attribute as a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
)
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where n.nspname in ('landing', 'quarantine', 'core', 'mart') and c.relkind in ('r', 'p') and not c.relispartition
order by 1, 2
"""
