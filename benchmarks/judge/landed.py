"""Lands one batch of ``hr.employments`` as the sink leaves it, made by the server from each row's number.

About 1 % of the rows fail a rule, 0.5 % carry an event that another row carries too, 0.2 % are deletions. Periods are
prime, so that what is planted falls together now and then, as real defects do.
"""

from __future__ import annotations

import uuid

from benchmarks.judge.rules import ENTITY, SOURCE
from pipeline import names
from pipeline.db import SQL, connect
from pipeline.settings import Settings

AGENCY = "hr-bench"

_ROWS = SQL(
    """
insert into landing.hr__employments (
    _event_id, _batch_id, _batch_seq, _agency_code, _record_id, _version, _is_deleted, _published_at, _person_key,
    _id_status, _partition, _offset, birth_date, sex, employer_uscc, employment_id, employment_form, start_date,
    end_date, occupation_code, occupation_scheme, industry_code, workplace_division, contract_hours, record_status
)
select
    md5(%(seed)s || case when n %% 199 = 198 then n - 5 else n end)::uuid, %(batch)s, n, %(agency)s,
    key.id, case when n %% 2003 = 2002 then 2 else 1 end, n %% 499 = 498, transaction_timestamp(),
    md5('person' || n / 2) || md5('key' || n / 2), 'valid', n %% 4, n / 4,
    date '1960-01-01' + (hash %% 12000), case when hash %% 2 = 0 then 'male' else 'female' end,
    case
        when n %% 1009 = 1 then '9133 0100X'
        when n %% 1013 = 2 or form.place > 2 then null
        else '91330100MA2' || lpad((hash %% 9999999)::text, 7, '0')
    end,
    key.id,
    case
        when n %% 1019 = 3 then 'gig'
        else (array['contract', 'dispatch', 'flexible', 'platform', 'self', 'rural'])[form.place]
    end,
    case
        when n %% 1021 = 4 then null
        when n %% 1031 = 5 then date '1965-01-01'
        else date '2010-01-01' + (hash %% 5000)
    end,
    case
        when n %% 1033 = 6 then date '1990-01-01'
        when hash %% 3 = 0 then date '2010-01-01' + (hash %% 5000) + (hash %% 900)
    end,
    case when n %% 1039 = 7 then '2-02-10-0912345' else '2-02-' || lpad((hash %% 30)::text, 2, '0') end,
    case when n %% 1049 = 8 then 'ISCO-88' when hash %% 7 = 0 then 'ISCO08' else 'GBT6565' end,
    'C' || 13 + hash %% 30, case when n %% 1051 = 9 then '110101' else '3301' || lpad((hash %% 99)::text, 2, '0') end,
    case when n %% 1061 = 10 then 190 else 20 + hash %% 40 end,
    case when n %% 1063 = 11 then 'gone' else (array['active', 'active', 'ended', 'suspended'])[1 + hash %% 4] end
from generate_series(0, %(rows)s - 1) as n
cross join lateral (select abs(hashint4(n) %% 1000000007) as hash) as hashed
cross join lateral (select 1 + hash %% 6 as place) as form
cross join lateral (select case when n %% 2003 = 2002 then n - 3 else n end as number) as other
cross join lateral (select 'emp-' || lpad(other.number::text, 9, '0') as id) as key
"""
)


def land(settings: Settings, rows: int) -> uuid.UUID:
    """Land a whole batch that waits for its verdict; the tables' statistics are fresh, as on a server that lives."""
    delivery, batch = uuid.uuid4(), uuid.uuid4()
    with connect(settings, "flyover_owner") as connection:
        connection.execute(
            "insert into connect.delivery (delivery_id, agency_code, source, mode, origin, status, read_rows, "
            "started_at) values (%s, %s, %s, 'bulk', 'benchmark', 'published', %s, now())",
            (delivery, AGENCY, SOURCE, rows),
        )
        connection.execute(
            "insert into connect.batch (batch_id, delivery_id, agency_code, source, entity, topic, expected_rows, "
            "published_at) values (%s, %s, %s, %s, %s, %s, %s, now())",
            (batch, delivery, AGENCY, SOURCE, ENTITY, names.topic(SOURCE, ENTITY), rows),
        )
        connection.execute(_ROWS, {"rows": rows, "batch": batch, "agency": AGENCY, "seed": str(batch)})
        connection.execute(
            "insert into quality.batch (batch_id, delivery_id, agency_code, source, entity, status, received, "
            "landed_rows, first_landed_at, landed_at) values (%s, %s, %s, %s, %s, 'landed', %s, %s, now(), now())",
            (batch, delivery, AGENCY, SOURCE, ENTITY, rows, rows),
        )
    with connect(settings, "flyover_owner", autocommit=True) as connection:
        connection.execute("vacuum (analyze) landing.hr__employments")
    return batch
