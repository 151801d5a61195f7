"""Publishing: readers see one whole release, persons are protected, and nothing points at anybody."""

import threading

import pytest

from pipeline.db import InsufficientPrivilege, connect
from release.definitions import DefinitionChanged
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
            "denominator double precision, value_low double precision, value_high double precision, "
            "coverage_pct double precision, unlinked_persons bigint, status text, status_note text, "
            "definition_version integer, as_of date, in_groups text, _released_seq bigint)"
        )
        connection.execute(
            "create table core.indicator_definitions (indicator_code text, method text, definition_version integer, "
            "name_zh text, name_en text, sentence_zh text, sentence_en text, formula text, source text, "
            "numerator text, denominator text, reference_date text, unit text, unit_of_count text, "
            "missing_return text, seed_table_1 text, better text)"
        )
        connection.execute(
            "create table core.indicator_derivations (derived_code text, derived_method text, input_indicator text, "
            "input_method text, dimension text, member_a text, member_b text)"
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


def define(warehouse: Released, **other) -> None:
    """One more definition."""
    row = {
        "indicator_code": "participation", "method": "m", "definition_version": 1, "name_zh": "参与率",
        "name_en": "Participation", "sentence_zh": "居民中学习者的占比。", "sentence_en": "Residents who learn.",
        "formula": "learners / residents", "source": "ours", "unit": "pct", "unit_of_count": "person",
        "missing_return": "学习记录 learning records (source oulad)", "better": "higher", **other,
    }  # fmt: skip
    with connect(warehouse.settings, "flyover_dbt") as connection:
        connection.execute(
            f"insert into core.indicator_definitions ({', '.join(row)}) values ({', '.join(['%s'] * len(row))})",
            list(row.values()),
        )


@pytest.fixture(autouse=True)
def _empty(candidates):
    with connect(candidates.settings, "flyover_dbt") as connection:
        connection.execute("delete from core.indicator_candidate")
        connection.execute("delete from core.indicator_definitions")
        connection.execute("delete from core.indicator_derivations")


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


def test_bounds_and_coverage_never_count_a_few_unlinked_persons(candidates):
    for area, level, above, numerator, unlinked in (
        ("330000", "province", None, 600.0, 90), ("330100", "prefecture", "330000", 200.0, 43),
        ("330200", "prefecture", "330000", 200.0, 44), ("330300", "prefecture", "330000", 200.0, 3),
        ("330102", "county", "330100", 100.0, 43),
    ):  # fmt: skip
        give(
            candidates, area_code=area, area_level=level, parent_area_code=above, numerator=numerator,
            denominator=5 * numerator, coverage_pct=97.0, unlinked_persons=unlinked, value_low=10.0, value_high=14.0,
        )  # fmt: skip
    publish_release(candidates.settings)
    # the smallest is hidden, one of its neighbours with it, and no county says how many of its own are unlinked
    assert current(candidates, "area_code, status, value_high, coverage_pct") == [
        ("330000", "published", 14.0, 97.0),
        ("330100", "published", None, None),
        ("330102", "published", None, None),
        ("330200", "published", 14.0, 97.0),
        ("330300", "published", None, None),
    ]


def test_a_bound_that_moves_by_a_few_persons_between_releases_is_not_shown(candidates):
    for unlinked, shown in ((50, 15.0), (47, None), (30, 13.0)):
        with connect(candidates.settings, "flyover_dbt") as connection:
            connection.execute("delete from core.indicator_candidate")
        give(
            candidates, area_code="330000", area_level="province", parent_area_code=None, period="2060",
            unlinked_persons=unlinked, value_low=10.0, value_high=10.0 + unlinked / 10,
        )  # fmt: skip
        publish_release(candidates.settings)
        assert current(candidates, "status, value_high") == [("published", shown)]


def test_what_a_withheld_number_is_bounded_by_is_withheld_too(candidates):
    give(candidates, numerator=3.0, value=0.3, value_low=0.3, value_high=0.9, unlinked_persons=0)
    publish_release(candidates.settings)
    assert current(candidates, "status, value_low, value_high") == [("withheld", None, None)]


def test_a_release_keeps_what_its_numbers_mean(candidates):
    give(candidates, indicator_code="kept")
    define(candidates, indicator_code="kept")
    first = publish_release(candidates.settings)
    define(candidates, indicator_code="kept", definition_version=2, sentence_en="Residents who learnt a whole term.")
    second = publish_release(candidates.settings)
    assert candidates.rows(
        "select definition_version, sentence_en, first_release_id from mart.indicator_definition "
        "where indicator_code = 'kept' order by 1"
    ) == [
        (1, "Residents who learn.", first.release_id),
        (2, "Residents who learnt a whole term.", second.release_id),
    ]


def test_a_definition_that_was_published_is_not_edited(candidates):
    give(candidates, indicator_code="edited")
    define(candidates, indicator_code="edited")
    before = publish_release(candidates.settings)
    with connect(candidates.settings, "flyover_dbt") as connection:
        connection.execute("update core.indicator_definitions set sentence_en = 'Who learns.', unit = 'years'")
    with pytest.raises(DefinitionChanged, match=r"edited \(m\) version 1: sentence_en, unit.*next definition_version"):
        publish_release(candidates.settings)
    assert history(candidates.settings)[0] == before


def test_figures_of_figures_are_made_of_what_is_shown(candidates):
    with connect(candidates.settings, "flyover_dbt") as connection:
        connection.execute(
            "insert into core.indicator_derivations values ('parity_index', 'sdg', '*', '*', 'sex', 'female', 'male')"
        )
    define(candidates, indicator_code="parity_index", method="sdg", unit="index", unit_of_count="none")
    for area, members in (("331181", {"female": 150.0, "male": 200.0}), ("331102", {"female": 3.0, "male": 200.0})):
        for member, numerator in {**members, "total": sum(members.values())}.items():
            give(
                candidates, area_code=area, dimension="total" if member == "total" else "sex", member=member,
                numerator=numerator, denominator=2000.0 if member == "total" else 1000.0, value=numerator / 10,
            )  # fmt: skip
    publish_release(candidates.settings)
    assert candidates.rows(
        "select area_code, dimension, member, value, unit, unit_of_count, status from mart.current_indicator_value "
        "where indicator_code = 'parity_index' order by 1"
    ) == [
        ("331102", "participation.m", "female/male", None, "index", "none", "withheld"),
        ("331181", "participation.m", "female/male", 0.75, "index", "none", "published"),
    ]


def test_a_gap_names_the_return_and_the_sources_that_take_it_in(candidates):
    note = "学习记录和人口 learning records (source oulad) and population by age (source census.population_by_age)"
    define(candidates)
    several = "两份报送 returns (sources returns.graduates, hr and returns.vacancies; those of one year)"
    nobody = "没有人报送 nobody sends it (no source delivers it yet)"
    give(candidates, status="needs_input", status_note=note, value=None)
    give(candidates, area_code="331121", status="needs_input", status_note=several, value=None)
    give(candidates, area_code="331122", status="needs_input", status_note=nobody, value=None)
    give(candidates, area_code="331181")
    publish_release(candidates.settings)
    assert candidates.rows(
        "select area_code, name_en, missing_return, send_to_sources from mart.data_gap order by 1"
    ) == [
        ("331102", "Participation", note, ["census.population_by_age", "oulad"]),
        ("331121", "Participation", several, ["hr", "returns.graduates", "returns.vacancies"]),
        ("331122", "Participation", nobody, []),
    ]


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
