"""Histories of school, residence and employer: a change ends a span, a correction rewrites it, both stay known."""

import datetime as dt

import pytest

from release.build import build_part
from tests.released import OFFICE, SENIOR_UNIVERSITY, Released

SCHOOL, UNIVERSITY = "sch-lishui", "ou-zhejiang"
LISHUI, YUNHE, HANGZHOU = "331102", "331125", "330106"
HISTORY = (
    "select value_code, change_code, valid_from::text, valid_to::text, known_from::text, known_to::text "
    "from core.dim_learner_history where person_id_agency = %s and attribute_code = %s "
    "order by known_from, valid_from, known_to nulls last"
)
KNOWN = (
    "select value_code, valid_from::text, valid_to::text from core.learner_history_as_known(%s::date) "
    "where person_id_agency = %s and attribute_code = %s order by valid_from"
)


def at(day: str, hour: int = 4) -> dt.datetime:
    """Noon in Zhejiang, unless said otherwise."""
    return dt.datetime.fromisoformat(day).replace(hour=hour, tzinfo=dt.UTC)


def version(number: int, published: str, stated: str | None = None, **values: object) -> dict:
    told = {"_version": number, "_published_at": at(published), **values}
    return {**told, "_source_modified_at": at(stated)} if stated else told


@pytest.fixture(scope="module")
def told(warehouse: Released) -> Released:
    """Statements of many people, all versions at once; the tests below bring more and build again."""
    users = [
        {"sourced_id": who, **row}
        for who, rows in {
            "moved": [
                version(1, "2025-09-01", residence_division=LISHUI),
                version(2, "2025-10-01", residence_division=LISHUI, enabled_user=False),
                version(3, "2026-02-01", residence_division=YUNHE),
            ],
            "backdated": [
                version(1, "2025-09-01", "2025-09-01", residence_division=LISHUI),
                version(2, "2025-12-01", "2025-11-01", residence_division=YUNHE),
                version(3, "2026-01-10", "2025-11-01", residence_division=HANGZHOU),
            ],
            "left_and_back": [
                version(1, "2025-09-01", residence_division=LISHUI),
                version(2, "2025-10-01", _is_deleted=True),
                version(3, "2025-12-01", residence_division=LISHUI),
            ],
            "twice_a_day": [
                version(1, "2025-09-01", residence_division=LISHUI),
                {**version(2, "2025-09-01", residence_division=YUNHE), "_published_at": at("2025-09-01", 15)},
            ],
            "changes_school": [version(1, "2025-09-01")],
            "role_corrected": [version(1, "2025-09-01")],
        }.items()
        for row in rows
    ]
    warehouse.release("oneroster__users", SCHOOL, [{**user, "_record_id": user["sourced_id"]} for user in users])
    pupil = {"role": "student", "role_type": "primary"}
    roles = [
        {"sourced_id": f"r-{number}", "user_sourced_id": who, **pupil, **row}
        for number, (who, row) in enumerate(
            [
                ("changes_school", version(1, "2025-09-01", org_sourced_id="s1", begin_date="2025-09-01")),
                ("changes_school", version(1, "2026-03-01", org_sourced_id="s2", begin_date="2026-02-20")),
                ("role_corrected", version(1, "2025-09-01", org_sourced_id="s1", begin_date="2025-09-01")),
            ]
        )
    ]
    roles += [
        {**roles[2], **version(2, "2025-11-11", org_sourced_id="s3", begin_date="2025-09-01")},
        {**roles[2], **version(3, "2026-03-03", org_sourced_id="s3", begin_date="2025-09-01", end_date="2026-03-02")},
        {
            "sourced_id": "t", "user_sourced_id": "moved", "role": "teacher", "role_type": "primary",
            **version(1, "2025-09-01", org_sourced_id="s1", begin_date="2025-09-01"),
        },
    ]  # fmt: skip
    warehouse.release("oneroster__roles", SCHOOL, roles)
    card = {"school_code": "4233100101", "class_id": "c", "student_card_no": "5", "course_code": "k"}
    terms = [
        {**card, "term": "2024-autumn", **version(1, "2024-09-05", enrol_date="2024-08-20", residence_division=LISHUI)},
        {**card, "term": "2025-spring", **version(1, "2025-03-05", enrol_date="2025-02-20", residence_division=LISHUI)},
        {**card, "term": "2025-autumn", **version(1, "2025-09-05", enrol_date="2025-08-20", residence_division=YUNHE)},
    ]
    warehouse.release("senior__enrolments", SENIOR_UNIVERSITY, terms)
    spell = {"employment_id": "w", "start_date": "2020-01-01"}
    warehouse.release(
        "hr__employments", OFFICE,
        [
            {**spell, **version(1, "2020-02-01", employer_uscc="A")},
            {**spell, **version(2, "2020-05-01", employer_uscc="B")},
            {**spell, **version(3, "2022-01-05", employer_uscc="B", end_date="2021-12-31")},
            {**spell, **version(4, "2022-02-05", employer_uscc="B", end_date="2021-12-31", industry_code="62")},
        ],
    )  # fmt: skip
    warehouse.release(
        "oulad__student_info", UNIVERSITY,
        [
            {
                "code_module": "M", "code_presentation": code, "id_student": "7", "cn_residence_division": home,
                **version(1, "2026-01-01"),
            }
            for code, home in (("2014J", LISHUI), ("2015B", YUNHE))
        ],
    )  # fmt: skip
    build_part(warehouse.settings, "core")
    return warehouse


def test_a_later_state_ends_the_one_before(told):
    assert told.rows(HISTORY, "moved", "residence") == [
        (LISHUI, "first", "2025-09-01", None, "2025-09-01", "2026-02-01"),
        (LISHUI, "first", "2025-09-01", "2026-02-01", "2026-02-01", None),
        (YUNHE, "change", "2026-02-01", None, "2026-02-01", None),
    ]


def test_a_version_of_the_same_days_is_a_correction(told):
    assert told.rows(HISTORY, "backdated", "residence") == [
        (LISHUI, "first", "2025-09-01", None, "2025-09-01", "2025-12-01"),
        (LISHUI, "first", "2025-09-01", "2025-11-01", "2025-12-01", None),
        (YUNHE, "change", "2025-11-01", None, "2025-12-01", "2026-01-10"),
        (HANGZHOU, "correction", "2025-11-01", None, "2026-01-10", None),
    ]


@pytest.mark.parametrize(
    ("day", "known"),
    [
        ("2025-08-31", []),
        ("2025-09-01", [(LISHUI, "2025-09-01", None)]),
        ("2025-12-01", [(LISHUI, "2025-09-01", "2025-11-01"), (YUNHE, "2025-11-01", None)]),
        ("2026-01-09", [(LISHUI, "2025-09-01", "2025-11-01"), (YUNHE, "2025-11-01", None)]),
        ("2026-01-10", [(LISHUI, "2025-09-01", "2025-11-01"), (HANGZHOU, "2025-11-01", None)]),
    ],
)
def test_what_was_known_on_a_day_can_be_asked(told, day, known):
    assert told.rows(KNOWN, day, "backdated", "residence") == known


def test_who_leaves_a_register_and_returns_lived_nowhere_known_between(told):
    assert told.rows(KNOWN, "2026-06-01", "left_and_back", "residence") == [
        (LISHUI, "2025-09-01", "2025-10-01"),
        (LISHUI, "2025-12-01", None),
    ]


def test_of_one_day_the_evening_counts_by_the_agencys_clock(told):
    assert told.rows(HISTORY, "twice_a_day", "residence") == [
        (YUNHE, "correction", "2025-09-01", None, "2025-09-01", None)
    ]


def test_a_pupil_who_changes_school_has_two_spans(told):
    assert told.rows(HISTORY, "changes_school", "school") == [
        ("s1", "first", "2025-09-01", None, "2025-09-01", "2026-03-01"),
        ("s1", "first", "2025-09-01", "2026-02-20", "2026-03-01", None),
        ("s2", "first", "2026-02-20", None, "2026-03-01", None),
    ]
    assert told.rows(HISTORY, "moved", "school") == []  # a teacher's role is no school of a pupil


def test_a_corrected_record_rewrites_its_span_and_its_end_is_a_change(told):
    assert told.rows(HISTORY, "role_corrected", "school") == [
        ("s1", "first", "2025-09-01", None, "2025-09-01", "2025-11-11"),
        ("s3", "correction", "2025-09-01", None, "2025-11-11", "2026-03-03"),
        ("s3", "change", "2025-09-01", "2026-03-02", "2026-03-03", None),
    ]
    assert told.rows(HISTORY, "hr__employments|w", "employer") == [
        ("A", "first", "2020-01-01", None, "2020-02-01", "2020-05-01"),
        ("B", "correction", "2020-01-01", None, "2020-05-01", "2022-01-05"),
        ("B", "change", "2020-01-01", "2022-01-01", "2022-01-05", None),
    ]


def test_the_same_home_told_each_term_is_one_span(told):
    assert told.rows(KNOWN, "2026-01-01", "4233100101|5", "residence") == [
        (LISHUI, "2024-08-20", "2025-08-20"),
        (YUNHE, "2025-08-20", None),
    ]
    assert told.rows(KNOWN, "2026-01-01", "7", "residence") == [
        (LISHUI, "2014-10-01", "2015-02-01"),
        (YUNHE, "2015-02-01", None),
    ]


def test_a_mended_row_holds_from_the_delivery_it_was_mended_in(told):
    user = {"sourced_id": "mended"}
    first = told.release("oneroster__users", SCHOOL, [{**user, **version(1, "2025-09-01", residence_division=LISHUI)}])
    bad = told.release("oneroster__users", SCHOOL, [])
    told.rows(
        "with seen as (update quality.batch set published_at = '2025-10-01 12:00+08' where batch_id = %s returning 1) "
        "select * from seen",
        bad,
    )
    mended = version(3, "2025-10-20", residence_division=YUNHE, _replay_of=bad)
    replay = told.release("oneroster__users", SCHOOL, [{**user, **mended}])
    build_part(told.settings, "core")
    assert told.rows(KNOWN, "2025-10-20", "mended", "residence") == [
        (LISHUI, "2025-09-01", "2025-10-01"),
        (YUNHE, "2025-10-01", None),
    ]
    assert told.rows(KNOWN, "2025-10-19", "mended", "residence") == [(LISHUI, "2025-09-01", None)]
    told.withdraw(replay)
    build_part(told.settings, "core")
    assert told.rows(KNOWN, "2025-10-20", "mended", "residence") == [(LISHUI, "2025-09-01", None)]
    told.withdraw(first)
    build_part(told.settings, "core")
    assert told.rows(HISTORY, "mended", "residence") == []


def test_a_withdrawn_record_gives_back_what_it_ended(told):
    role = {"role": "student", "role_type": "primary", "user_sourced_id": "moved"}
    old = {**role, "sourced_id": "old", **version(1, "2025-09-01", org_sourced_id="s1", begin_date="2025-09-01")}
    told.release("oneroster__roles", SCHOOL, [old])
    new = {**role, "sourced_id": "new", **version(1, "2025-12-01", org_sourced_id="s2", begin_date="2025-12-01")}
    batch = told.release("oneroster__roles", SCHOOL, [new])
    build_part(told.settings, "core")
    assert told.rows(KNOWN, "2026-01-01", "moved", "school") == [
        ("s1", "2025-09-01", "2025-12-01"),
        ("s2", "2025-12-01", None),
    ]
    told.withdraw(batch)
    build_part(told.settings, "core")
    assert told.rows(KNOWN, "2026-01-01", "moved", "school") == [("s1", "2025-09-01", None)]
    told.release("oneroster__roles", SCHOOL, [{"sourced_id": "old", **version(2, "2026-01-05", _is_deleted=True)}])
    build_part(told.settings, "core")
    assert told.rows(KNOWN, "2026-01-04", "moved", "school") == [("s1", "2025-09-01", None)]
    assert told.rows(KNOWN, "2026-01-05", "moved", "school") == []
