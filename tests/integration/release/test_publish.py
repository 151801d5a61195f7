"""Publishing: readers see one whole release, persons are protected, and nothing points at anybody."""

import threading

import pytest

from pipeline.db import InsufficientPrivilege, connect
from release.publish import NothingToPublish, history, move_back, publish_release
from tests.released import Released

ROWS = 60


@pytest.fixture(scope="module")
def candidates(warehouse):
    """Stands in for what dbt builds (tests/golden goes the whole way): a county of pupils, learners and years."""
    with connect(warehouse.settings, "flyover_dbt") as connection:
        connection.execute(
            "create table core.indicator_candidate (indicator_code text, method text, realm text, area_code text, "
            "area_level text, parent_area_code text, period text, dimension text, member text, "
            "value double precision, unit text, unit_of_count text, numerator double precision, "
            "denominator double precision, coverage_pct double precision, unlinked_persons bigint, status text, "
            "status_note text, definition_version integer, as_of date, _released_seq bigint)"
        )
    return warehouse


def give(warehouse: Released, **other) -> None:
    """One more candidate."""
    row = {
        "indicator_code": "participation", "method": "m", "realm": "simulated", "area_code": "331102",
        "area_level": "county", "parent_area_code": "331100", "period": "2025", "dimension": "total",
        "member": "total", "value": 10.0, "unit": "pct", "unit_of_count": "person", "numerator": 100.0,
        "denominator": 1000.0, "coverage_pct": None, "unlinked_persons": 0, "status": "published",
        "status_note": None, "definition_version": 1, "as_of": "2025-12-31", "_released_seq": 7, **other,
    }  # fmt: skip
    with connect(warehouse.settings, "flyover_dbt") as connection:
        connection.execute(
            f"insert into core.indicator_candidate ({', '.join(row)}) values ({', '.join(['%s'] * len(row))})",
            list(row.values()),
        )


@pytest.fixture(autouse=True)
def _empty(candidates):
    with connect(candidates.settings, "flyover_dbt") as connection:
        connection.execute("delete from core.indicator_candidate")


def current(warehouse: Released, columns: str) -> list[tuple]:
    return warehouse.rows(
        f"select {columns} from mart.current_indicator_value order by area_code, period, dimension desc, member"
    )


def test_nothing_to_publish_is_said_and_leaves_the_current_release(candidates):
    give(candidates)
    before = publish_release(candidates.settings)
    with connect(candidates.settings, "flyover_dbt") as connection:
        connection.execute("delete from core.indicator_candidate")
    with pytest.raises(NothingToPublish):
        publish_release(candidates.settings)
    assert [release for release in history(candidates.settings) if release.is_current] == [before]


def test_publishing_twice_gives_equal_values_under_a_new_number(candidates):
    give(candidates)
    give(candidates, area_code="331181", numerator=3.0, value=0.3)
    first = publish_release(candidates.settings)
    values = current(candidates, "area_code, value, numerator, denominator, status")
    second = publish_release(candidates.settings, note="again")
    assert second.release_id > first.release_id
    assert (second.note, second.released_seq, second.rows) == ("again", 7, 2)
    assert current(candidates, "area_code, value, numerator, denominator, status") == values


def test_a_release_that_fails_leaves_nothing_behind(candidates):
    give(candidates)
    publish_release(candidates.settings)
    before = candidates.rows("select count(*), max(release_id) from mart.indicator_value")
    give(candidates, status="unheard of", area_code="331181", unit_of_count="institution")
    with pytest.raises(Exception, match="check"):
        publish_release(candidates.settings)
    assert candidates.rows("select count(*), max(release_id) from mart.indicator_value") == before


def test_few_persons_are_withheld_with_value_numerator_and_denominator(candidates):
    give(candidates, numerator=3.0, value=0.3)
    publish_release(candidates.settings)
    assert current(candidates, "status, value, numerator, denominator, status_note") == [
        ("withheld", None, None, None, None)
    ]


def test_who_is_left_over_from_a_total_is_protected_too(candidates):
    """People of a zone without a row of its own: the prefecture less its counties would count them."""
    give(candidates, area_code="331100", area_level="prefecture", parent_area_code=None, numerator=304.0)
    for county in ("331102", "331121", "331122"):
        give(candidates, area_code=county, numerator=100.0)
    publish_release(candidates.settings)
    assert [row[0] for row in current(candidates, "status")].count("published") < 4


def test_a_few_persons_between_two_releases_are_withheld_against_every_earlier_one(candidates):
    give(candidates, period="2030", numerator=200.0)
    publish_release(candidates.settings)
    for numerator, expected in ((220.0, "published"), (204.0, "withheld"), (240.0, "published")):
        with connect(candidates.settings, "flyover_dbt") as connection:
            connection.execute("update core.indicator_candidate set numerator = %s", (numerator,))
        publish_release(candidates.settings)
        assert current(candidates, "status") == [(expected,)], numerator


def test_counts_of_schools_are_published_small_or_not(candidates):
    give(candidates, unit="schools", unit_of_count="institution", numerator=1.0, denominator=2.0, value=1.0)
    publish_release(candidates.settings)
    assert current(candidates, "status, value") == [("published", 1.0)]


def test_coverage_never_counts_a_few_unlinked_persons(candidates):
    for area, level, unlinked in (("330000", "province", 3), ("331100", "prefecture", 50)):
        give(
            candidates, area_code=area, area_level=level, parent_area_code=None, coverage_pct=97.0,
            unlinked_persons=unlinked, realm="real" if level == "province" else "simulated",
        )  # fmt: skip
    give(candidates, area_code="330000", area_level="province", parent_area_code=None, period="2026",
         coverage_pct=66.7, unlinked_persons=50)  # fmt: skip
    publish_release(candidates.settings)
    assert current(candidates, "area_code, coverage_pct") == [("330000", None), ("330000", 66.7), ("331100", None)]


def test_a_missing_return_is_published_by_name(candidates):
    give(candidates, status="needs_input", status_note="the return", value=None, numerator=5.0, denominator=None)
    publish_release(candidates.settings)
    assert current(candidates, "status, status_note, numerator") == [("needs_input", "the return", None)]


def test_an_earlier_release_can_be_made_current_again(candidates):
    give(candidates, period="2040")
    first = publish_release(candidates.settings)
    give(candidates, period="2041")
    second = publish_release(candidates.settings)
    assert move_back(candidates.settings, first.release_id, reason="wrong file").is_current
    assert current(candidates, "period") == [("2040",)]
    assert move_back(candidates.settings, second.release_id).release_id == second.release_id
    assert candidates.rows("select action, detail ->> 'reason' from audit.entry order by entry_id limit 1") == [
        ("release.move_back", "wrong file")
    ]
    with pytest.raises(NothingToPublish, match="no release 99999"):
        move_back(candidates.settings, 99_999)


def test_a_reader_sees_the_old_release_or_the_new_one_whole(candidates):
    for at in range(ROWS):
        give(candidates, area_code=f"33{at:04d}", parent_area_code=None, unit_of_count="institution", unit="schools")
    publish_release(candidates.settings)
    seen, done = set(), threading.Event()

    def read() -> None:
        with connect(candidates.settings, "policymaker", autocommit=True) as reader:
            while not done.is_set():
                seen.add(
                    reader.execute(
                        "select count(*), count(distinct release_id), count(distinct value) "
                        "from mart.current_indicator_value"
                    ).fetchone()
                )

    thread = threading.Thread(target=read)
    thread.start()
    try:
        for value in range(5):
            with connect(candidates.settings, "flyover_dbt") as connection:
                connection.execute("update core.indicator_candidate set value = %s", (value,))
            publish_release(candidates.settings)
    finally:
        done.set()
        thread.join()
    assert seen == {(ROWS, 1, 1)}


def test_two_publishers_take_turns(candidates):
    give(candidates, period="2050")
    threads = [threading.Thread(target=publish_release, args=(candidates.settings,)) for _ in range(4)]
    before = len(history(candidates.settings))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    releases = history(candidates.settings)
    assert len(releases) == before + len(threads)
    assert releases[0].is_current


@pytest.mark.parametrize("table", ["core.indicator_candidate", "released.oneroster__orgs", "quality.batch"])
def test_a_policymaker_reads_mart_alone(candidates, table):
    with connect(candidates.settings, "policymaker") as reader, pytest.raises(InsufficientPrivilege):
        reader.execute(f"select 1 from {table}")


PERSON_WORDS = "learner|person_key|person_id|record_id|event_id|batch_id|birth|resident_id|full_name|_key$|^_"


def test_nothing_in_mart_bears_a_key_of_a_person_or_an_event(candidates):
    columns = candidates.rows(
        "select c.relname || '.' || a.attname from pg_attribute as a inner join pg_class as c on a.attrelid = c.oid "
        "where c.relnamespace = 'mart'::regnamespace and c.relkind in ('r', 'v', 'm', 'p', 'f') and a.attnum > 0 "
        "and not a.attisdropped and a.attname ~* %s",
        PERSON_WORDS,
    )
    assert columns == []
