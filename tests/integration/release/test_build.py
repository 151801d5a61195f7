"""One build of the warehouse: what it says of batches, and what a build that finds a bad state does."""

import shutil
from dataclasses import replace

import pytest
import yaml

from pipeline import rights
from pipeline.db import connect
from pipeline.rights import matrix
from pipeline.settings import CHECKOUT
from release.build import BuildFailed, build_warehouse, run_unit_tests
from tests.released import OFFICE, Released


@pytest.fixture(scope="module")
def built(warehouse):
    """Two universities' clicks, built once; one presentation code is nonsense and one day lies out of reach."""
    for agency, presentations in (("ou-zhejiang", ("2025B", "XXXXB", "0000J")), ("ou-ningbo", ("2025B",))):
        students = [{"code_module": "M", "code_presentation": code, "id_student": "1"} for code in presentations]
        warehouse.release("oulad__student_info", agency, students)
        warehouse.release("oulad__student_registration", agency, students)
        clicks = [{**student, "id_site": "9", "date": 3, "sum_click": 1} for student in students]
        clicks.append({**students[0], "id_site": "9", "date": 2**31 - 1, "sum_click": 1})
        warehouse.release("oulad__student_vle", agency, clicks)
    warehouse.release(
        "oneroster__academic_sessions", "sch-lishui", [{"sourced_id": "y", "type": "schoolYear", "school_year": 99_999}]
    )
    return warehouse, build_warehouse(warehouse.settings)


def test_nonsense_stays_out_of_core_and_does_not_stop_it(built):
    warehouse, _ = built
    assert warehouse.rows("select agency_code, activity_date::text from core.fct_learning_activity order by 1") == [
        ("ou-ningbo", "2025-02-04"),
        ("ou-zhejiang", "2025-02-04"),
    ]


def test_a_build_reports_and_marks_what_it_took_in(built):
    warehouse, report = built
    assert report.batches == 7
    assert report.released_seq == 7
    assert [step for step in report.steps if step.kind == "test"]
    assert warehouse.rows("select count(*) from quality.batch where modelled_at is null") == [(0,)]
    assert warehouse.rows("select stage, rows from quality.stage_run") == [("model", 15)]


def test_what_a_build_makes_is_open_to_whom_it_was_decided_for(built):
    warehouse, _ = built
    with connect(warehouse.settings, "flyover_owner") as connection:
        found = rights.differences(connection)
        lines = {line.name: line.may for line in matrix.lines(connection) if line.schema == "core"}
    assert [d for d in found if d.where != "the database"] == []  # a clone has no decisions about who may connect
    assert lines["core.fct_*"] == {"engineer": "s"}
    assert lines["core.dim_learner, …"] == {"engineer": "s", "flyover_learner": "s"}


def test_what_is_missing_from_facts_is_a_warning(built):
    assert [step.name for step in built[1].warnings] == ["released_records_missing_from_facts"]


def test_a_part_of_a_build_marks_no_batch(built):
    warehouse, _ = built
    batch = warehouse.release("oulad__vle", "ou-zhejiang", [])
    build_warehouse(warehouse.settings, select="stg_oulad__vle")
    assert warehouse.rows("select modelled_at from quality.batch where batch_id = %s", batch) == [(None,)]


def test_a_build_runs_only_what_moved_can_reach(built):
    warehouse, _ = built
    build_warehouse(warehouse.settings)
    assert build_warehouse(warehouse.settings).steps == ()
    warehouse.release(
        "hr__skill_certificates", OFFICE, [{"certificate_no": "1", "certificate_kind": "职称", "skill_level": "高级"}]
    )
    ran = {step.name for step in build_warehouse(warehouse.settings).steps}
    assert {"base_hr__skill_certificates", "fct_skill_certificate", "dim_learner", "facts_without_learner"} <= ran
    assert not {"base_hr__employments", "base_oulad__student_vle", "dim_institution", "divisions"} & ran


def test_returns_stand_in_core_as_they_were_made(built):
    warehouse, _ = built
    county = {"division_code": "330106"}
    for entity, row in {
        "births_migration": {**county, "year": 2025, "base": "resident", "sex": "male", "births": 5, "deaths": 3},
        "community_learning": {**county, "month": "2025-12", "point_code": "p", "sessions": 2, "attendances": 9},
        "graduates": {
            **county, "year": 2025, "institution_code": "4133010335", "isced_level": "6", "isced_f_broad": "07",
            "graduates": 70,
        },
        "higher_education": {
            **county, "school_year": 2026, "institution_code": "4133010335", "form": "ordinary_ug",
            "origin_province": "33", "headcount": 300,
        },
        "schools": {
            **county, "school_year": 2026, "school_code": "2133000001", "school_kind": "21", "ownership": "public",
            "urban_rural": "111", "headcount": 900, "full_time_teachers": 50,
        },
        "surveys": {
            "indicator_code": "i", "area_code": "330000", "source": "s", "wave": "1", "dimension": "all",
            "member": "all", "value": 31.5, "unit": "percent", "n": 4000, "fieldwork_end": "2025-06-30",
        },
        "targets": {
            "indicator_code": "i", "area_code": "330000", "target_year": 2025, "document_no": "d",
            "document_title": "t", "direction": "at_least", "value": 35.0, "unit": "percent",
        },
        "vacancies": {
            **county, "month": "2025-12", "occupation_scheme": "ISCO08", "occupation_code": "8322", "vacancies": 12,
        },
    }.items():  # fmt: skip
        warehouse.release(f"returns__{entity}", "stats-sim-south", [row])
    build_warehouse(warehouse.settings)
    read = {
        "births_migration": "births, prefecture_code",
        "community_learning": "attendances, prefecture_code",
        "graduates": "graduates, institution_code_moe",
        "higher_education": "headcount, study_form_code",
        "school_returns": "headcount, full_time_teachers",
        "survey_estimates": "estimate_value, measure_unit_code",
        "targets": "target_value, measure_unit_code",
        "vacancies": "vacancies, occupation_major_gbt6565_code",
    }
    assert {table: warehouse.rows(f"select {columns} from core.{table}") for table, columns in read.items()} == {
        "births_migration": [(5, "330100")],
        "community_learning": [(9, "330100")],
        "graduates": [(70, "4133010335")],
        "higher_education": [(300, "ordinary_ug")],
        "school_returns": [(900, 50)],
        "survey_estimates": [(31.5, "percent")],
        "targets": [(35.0, "percent")],
        "vacancies": [(12, "6")],
    }


def test_an_agency_moved_to_another_area_is_there_at_once(built):
    warehouse, _ = built
    registered = warehouse.settings.agencies_dir / f"{OFFICE}.yml"
    registered.write_text(registered.read_text().replace("area: simulated", "area: outside"))
    build_warehouse(warehouse.settings)
    assert warehouse.rows("select area_code, realm from core.dim_agency where agency_code = %s", OFFICE) == [
        ("outside", None)
    ]


def test_a_changed_seed_reaches_the_facts_that_read_it(built, tmp_path):
    warehouse, _ = built
    warehouse.release(
        "hr__skill_certificates", OFFICE,
        [{"certificate_no": "2", "certificate_kind": "职业技能等级", "occupation_code": "x", "skill_level": "大师"}],
    )  # fmt: skip
    rank = "select skill_rank from core.fct_skill_certificate where record_id = '2'"
    build_warehouse(warehouse.settings)
    assert warehouse.rows(rank) == [(None,)]
    shutil.copytree(CHECKOUT / "dbt_project", tmp_path / "dbt_project", ignore=shutil.ignore_patterns("target", "logs"))
    with (tmp_path / "dbt_project" / "seeds" / "skill_levels.csv").open("a", encoding="utf-8") as seed:
        seed.write("大师,chain_2022,7,Chief technician,a test\n")
    build_warehouse(replace(warehouse.settings, checkout=tmp_path))
    assert warehouse.rows(rank) == [(7,)]
    build_warehouse(warehouse.settings)
    assert warehouse.rows(rank) == [(None,)]


def test_a_fact_without_a_column_the_project_has_is_made_anew(built):
    warehouse, _ = built
    with connect(warehouse.settings, "flyover_dbt") as connection:
        connection.execute("alter table core.fct_learning_activity drop column clicks")
        connection.execute("delete from intermediate.part_built")
    build_warehouse(warehouse.settings)
    assert warehouse.rows("select count(*) from core.fct_learning_activity where clicks is not null") == [(2,)]


def test_a_bad_state_stops_the_build_by_its_name(built):
    warehouse, _ = built
    batch = _stranger(warehouse)
    with pytest.raises(BuildFailed, match="test facts_of_unknown_agencies") as raised:
        build_warehouse(warehouse.settings)
    assert raised.value.exit_code != 0
    assert warehouse.rows("select modelled_at from quality.batch where batch_id = %s", batch) == [(None,)]
    warehouse.withdraw(batch)
    build_warehouse(warehouse.settings)
    assert warehouse.rows("select count(*) from core.attainment") == [(0,)]


def _stranger(warehouse: Released):
    """A yearbook of an agency that is not in the registry."""
    row = {
        "reference_date": "2020-11-01", "base": "resident", "level": "county", "code": "330106",
        "prefecture_zh": "杭州市", "county_zh": "西湖区", "edu_primary_m": 5, "edu_primary_f": 5,
    }  # fmt: skip
    return warehouse.release("census__county_yearbook", "stats-nowhere", [row])


def test_the_worked_examples_of_the_models_hold(built):
    """dbt's unit tests: data cannot break them, so no build runs them; they need the built tables' types."""
    warehouse, _ = built
    outcome = run_unit_tests(warehouse.settings)
    results = [r for r in outcome.result.results if str(r.node.resource_type) == "unit_test"]
    tested = {r.node.name: str(r.status) for r in results}
    written = [
        test["name"]
        for path in (warehouse.settings.checkout / "dbt_project").rglob("_*unit_tests.yml")
        for test in yaml.safe_load(path.read_text())["unit_tests"]
    ]
    assert tested == dict.fromkeys(written, "pass")
