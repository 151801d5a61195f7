"""Lands and releases clicks of an open university as the judge leaves them, made by the server from each row's number.

The first batch holds 99 of 100 records. The second holds the rest, and as many again that change a record of the first:
a new count, one in fifty a deletion.
"""

from __future__ import annotations

import uuid

from pipeline import names
from pipeline.db import SQL, Identifier, connect
from pipeline.released_seq import next_released_seq
from pipeline.settings import Settings

AGENCY, SOURCE = "ou-zhejiang", "oulad"
CLICKS, STUDENTS, COURSES = "student_vle", "student_info", "courses"
CLICKS_EACH = 40
"""records of one student"""
LATER_SHARE = 100
"""one record in so many comes with the second batch"""

_ENVELOPE = SQL("_event_id, _batch_id, _batch_seq, _agency_code, _record_id, _version, _is_deleted, _published_at")
_CLICK_ROWS = SQL(
    """
insert into landing.oulad__student_vle (
    {envelope}, code_module, code_presentation, id_student, id_site, date, sum_click
)
select
    md5(n || 'click' || version)::uuid, %(batch)s, row_number() over (order by n) - 1, %(agency)s, 'click-' || n,
    version, gone, now(), {word_module}, {word_presentation}, case when not gone then (n / {each})::text end,
    case when not gone then (n %% 97)::text end, case when not gone then n %% 200 end,
    case when not gone then 1 + n %% 13 + version end
from (
    select n, 1 as version, false as gone
    from generate_series(%(first)s::bigint, %(last)s::bigint) as n
    union all
    select n, 2, n %% 5000 = 0
    from generate_series(0::bigint, %(changed)s::bigint - 1, {share}) as n
) as made
"""
)
_STUDENT_ROWS = SQL(
    """
insert into landing.oulad__student_info (
    {envelope}, _person_key, _id_status, code_module, code_presentation, id_student, gender, cn_birth_date,
    cn_residence_division
)
select
    md5(n || 'student')::uuid, %(batch)s, n, %(agency)s, 'M1|2025B|' || n, 1, false, now(),
    case when n %% 50 > 0 then 'v1:' || md5('person' || n) end, case when n %% 50 > 0 then 'valid' else 'missing' end,
    'M1', '2025B', n::text, case when n %% 2 = 0 then 'M' else 'F' end, date '1960-01-01' + (n * 7 %% 14000)::integer,
    (array['330106', '331102', '330921'])[1 + n %% 3]
from generate_series(0, %(last)s::bigint) as n
"""
)
_COURSE_ROWS = SQL(
    """
insert into landing.oulad__courses ({envelope}, code_module, code_presentation, module_presentation_length)
values (md5('course')::uuid, %(batch)s, 0, %(agency)s, 'M1|2025B', 1, false, now(), 'M1', '2025B', 268)
"""
)


def land_first(settings: Settings, rows: int) -> None:
    """Release a course, its students and all but the last records of clicks."""
    first = rows - rows // LATER_SHARE
    _release(settings, COURSES, _COURSE_ROWS, {})
    _release(settings, STUDENTS, _STUDENT_ROWS, {"last": rows // CLICKS_EACH})
    _release(settings, CLICKS, _CLICK_ROWS, {"first": 0, "last": first - 1, "changed": 0})
    _analyze(settings)


def land_change(settings: Settings, rows: int) -> uuid.UUID:
    """Release the second batch: one record in a hundred is new, one in a hundred is changed."""
    first = rows - rows // LATER_SHARE
    batch = _release(settings, CLICKS, _CLICK_ROWS, {"first": first, "last": rows - 1, "changed": first})
    _analyze(settings)
    return batch


def _release(settings: Settings, entity: str, statement: SQL, numbers: dict[str, int]) -> uuid.UUID:
    batch = uuid.uuid4()
    with connect(settings, "flyover_owner") as connection:
        landed = connection.execute(
            statement.format(
                envelope=_ENVELOPE,
                each=CLICKS_EACH,
                share=LATER_SHARE,
                word_module=SQL("case when not gone then 'M1' end"),
                word_presentation=SQL("case when not gone then '2025B' end"),
            ),
            {**numbers, "batch": batch, "agency": AGENCY},
        ).rowcount
        connection.execute(
            "insert into quality.batch (batch_id, delivery_id, agency_code, source, entity, status, received, "
            "released, max_row_id, released_seq) values (%s, %s, %s, %s, %s, 'released', %s, %s, %s, %s)",
            (batch, batch, AGENCY, SOURCE, entity, landed, landed, 2**62, next_released_seq(connection)),
        )
    return batch


def _analyze(settings: Settings) -> None:
    with connect(settings, "flyover_owner", autocommit=True) as connection:
        for entity in (CLICKS, STUDENTS, COURSES):
            table = Identifier("landing", names.table(SOURCE, entity))
            connection.execute(SQL("vacuum (analyze) {}").format(table))
