"""Invents what a credit bank tells of its holders, in the table that dbt would lay out for the ledger."""

from __future__ import annotations

from typing import Final

from pipeline.db import connect
from pipeline.settings import Settings

ENTRIES_A_HOLDER: Final = 14
"""Five deposits and two recognitions, of two sides each; what is revoked and what expires is of two more postings."""
_OWNER = "flyover_owner"
_TABLE = """
create schema if not exists intermediate;
create table intermediate.int_credits__events (
    agency_code text, holder_key uuid, owner_id text, event_kind_code text, event_date date, source_entity text,
    record_id text, outcome_id text, application_id text, institution_code text, teaching_institution_code text,
    programme_code text, issuer_id text, outcome_kind_code text, outcome_title text, credit_framework_code text,
    category_code text, bank_credits numeric(14, 4), outcome_credits numeric(14, 4), learning_hours numeric(14, 4),
    programme_credits numeric(14, 4), credits_applied numeric(14, 4), credits_recognised numeric(14, 4),
    overlap_pct numeric(14, 4), is_online boolean, is_elsewhere boolean, applied_date date, _event_id uuid
);
grant usage on schema intermediate to flyover_ledger, engineer;
grant select on intermediate.int_credits__events to flyover_ledger, engineer;
"""
_COLUMNS = """
    agency_code, holder_key, owner_id, event_kind_code, event_date, source_entity, record_id, outcome_id,
    application_id, institution_code, programme_code, issuer_id, outcome_kind_code, outcome_title,
    credit_framework_code, category_code, bank_credits, outcome_credits, programme_credits, credits_applied,
    credits_recognised, is_online, is_elsewhere, applied_date, _event_id
"""
_DEPOSITS = f"""
insert into intermediate.int_credits__events ({_COLUMNS})
select
    'bank', md5('holder ' || h)::uuid, 'p.' || h, 'deposit', date '2023-01-01' + (h * 7 + n * 40) %% 900,
    'credit_bank__deposits', h || '-d' || n, h || '-' || n, null, null, null, 'urn:issuer:' || h %% 97, 'certificate',
    '成果' || n, 'credit_hours', 'training', 2 + n, 2 + n, null, null, null, null, false, null,
    md5('deposit ' || h || ' ' || n || ' ' || %(version)s)::uuid
from generate_series(%(first)s::integer, %(last)s::integer) as holders (h)
cross join generate_series(1, %(deposits)s::integer) as numbers (n)
"""  # noqa: S608 - a list of columns of ours
_APPLICATIONS = f"""
insert into intermediate.int_credits__events ({_COLUMNS})
select
    'bank', md5('holder ' || h)::uuid, 'p.' || h, 'application', date '2025-07-01' + h %% 90,
    'credit_bank__applications', h || '-a|' || h || '-' || n, h || '-' || n, h || '-a', '41330103' || h %% 40 + 10,
    'P' || h %% 12, null, null, null, null, null, null, null, 76, 2 + n, 2 + n, false, null, date '2025-06-01',
    md5('application ' || h || ' ' || n)::uuid
from generate_series(%(first)s::integer, %(last)s::integer) as holders (h)
cross join generate_series(1, 2) as numbers (n)
"""  # noqa: S608 - a list of columns of ours
_ENDINGS = """
insert into intermediate.int_credits__events (
    agency_code, holder_key, owner_id, event_kind_code, event_date, source_entity, record_id, outcome_id, _event_id
)
select
    'bank', md5('holder ' || h)::uuid, 'p.' || h, kind, date '2026-01-01' + h %% 200, 'credit_bank__learning_outcomes',
    h || '-' || n, h || '-' || n, md5(kind || h)::uuid
from generate_series(%(first)s::integer, %(last)s::integer) as holders (h)
cross join (values ('revocation', 1), ('expiry', 4)) as endings (kind, n)
where h %% 10 = 0
"""


def lay_out(settings: Settings, holders: int) -> None:
    """The whole history of so many holders, indexed and analysed as dbt leaves it."""
    with connect(settings, _OWNER) as connection:
        connection.execute(_TABLE)
        values = {"first": 1, "last": holders, "deposits": 5, "version": "1"}
        for statement in (_DEPOSITS, _APPLICATIONS, _ENDINGS):
            connection.execute(statement, values)
        connection.execute("create index on intermediate.int_credits__events (agency_code, holder_key)")
    with connect(settings, _OWNER, autocommit=True) as connection:
        connection.execute("analyze intermediate.int_credits__events")


def analyse(settings: Settings) -> None:
    """What the server does by itself within a minute of so many new rows; the planner knows nothing of them before."""
    with connect(settings, _OWNER, autocommit=True) as connection:
        connection.execute("analyze ledger.account, ledger.posting, ledger.entry, ledger.run")


def next_day(settings: Settings, holders: int) -> None:
    """One more deposit for the first holders, as a day's delivery brings it."""
    with connect(settings, _OWNER) as connection:
        connection.execute(
            _DEPOSITS.replace("generate_series(1, %(deposits)s::integer)", "generate_series(9, %(deposits)s::integer)"),
            {"first": 1, "last": holders, "deposits": 9, "version": "1"},
        )
