"""Indicators of schooling, skills, higher education and work by their worked values: landing rows in, values out.

The simulated province holds the worked examples; the real one holds the 2020 census yearbook, which is not part of this
repository: ``FLYOVER_REAL_DATA`` names the folder that holds ``census_zhejiang_2020``; without it a folder
``shared/data`` beside the checkout is used.
"""

import json
import os
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from connectors import registry, sources
from connectors.sources.base import Row
from pipeline.settings import CHECKOUT
from release.build import build_warehouse
from release.publish import publish_release
from tests.released import Released

VALUES = json.loads((Path(__file__).parent / "values.json").read_text())
REAL_DATA = Path(os.environ.get("FLYOVER_REAL_DATA") or CHECKOUT.parent / "shared" / "data")
YEARBOOK = REAL_DATA / "census_zhejiang_2020" / "zhejiang_2020_county.csv"
BUREAU, RETURNS, OFFICE, UNIVERSITY = "stats-sim-south", "policy-sim", "hr-zhejiang", "ou-zhejiang"
COUNTY, DAY = "330106", "2025-12-31"
CLASSES = ("unschooled", "preschool", "primary", "junior", "senior", "jcollege", "bachelor_plus")


@pytest.fixture(scope="module")
def published(settings):
    """The worked examples, and the real yearbook where it is at hand, built and published once."""
    warehouse = Released(settings)
    _attainment(warehouse)
    _higher_education(warehouse)
    _work(warehouse)
    _graduates(warehouse)
    if YEARBOOK.exists():
        _real_yearbook(warehouse)
    build_warehouse(settings)
    publish_release(settings)
    return warehouse


def candidate(warehouse: Released, indicator: str, columns: str = "value", **where: str):
    """Values of the simulated province before disclosure control."""
    where = {"area_code": "330000", "dimension": "total", "realm": "simulated", **where}
    return warehouse.rows(
        f"select {columns} from core.indicator_candidate where indicator_code = %s "
        + "".join(f"and {column} = %s " for column in where)
        + "order by period, member",
        indicator,
        *where.values(),
    )


def test_gini_and_theil_of_schooling(published):
    expected = VALUES["gini_education"]
    found = dict(
        published.rows(
            "select indicator_code, value from mart.current_indicator_value where realm = 'simulated' "
            "and indicator_code in ('education_gini', 'education_theil') and area_code = %s and dimension = 'total'",
            COUNTY,
        )
    )
    assert found["education_gini"] == pytest.approx(expected["gini"], abs=1e-12)
    assert found["education_theil"] == pytest.approx(expected["theil"], abs=1e-12)


def test_points_of_the_lorenz_curve_give_the_gini(published):
    points = published.rows(
        "select denominator, value from mart.current_indicator_value where realm = 'simulated' "
        "and indicator_code = 'education_lorenz' and area_code = %s and dimension = 'lorenz_point' order by member",
        COUNTY,
    )
    assert len(points) == len(CLASSES)
    persons, years, below_the_curve = sum(point[0] for point in points), 0.0, 0.0
    for count, share in points:
        below_the_curve += count / persons * (years + years + share)
        years += share
    assert years == pytest.approx(1)
    assert 1 - below_the_curve == pytest.approx(VALUES["gini_education"]["gini"], abs=1e-12)


def test_junior_college_counts_by_the_named_weights(published):
    assert dict(candidate(published, "mean_years_schooling", "method, value")) == {
        "census_3plus_jc16": pytest.approx(8.8),
        "census_3plus_jc15": pytest.approx(8.7),
    }


def test_gross_enrolment_in_three_methods(published):
    expected = VALUES["ger_tertiary_cn"]
    found = published.rows(
        "select method, status, value, numerator from mart.current_indicator_value "
        "where indicator_code = 'gross_enrolment_higher_education' and realm = 'simulated'"
    )
    by_method = {method: (status, value, numerator) for method, status, value, numerator in found}
    status, value, numerator = by_method["cn_national_on_residents"]
    assert (status, round(value, 2), numerator) == ("published", expected["ger_pct"], expected["numerator"])
    assert round(by_method["uis"][1], 2) == expected["heads_pct"]
    assert by_method["cn_provincial_origin"][0] == "needs_input", "residents must not stand in for registered persons"


def test_skilled_ratio(published):
    expected = VALUES["skilled_ratio"]
    assert candidate(published, "skilled_ratio", "method, value, numerator, denominator", status="published") == [
        ("registered_employment", expected["skilled_pct"], 2, 10)
    ]
    assert candidate(published, "high_skilled_share") == [(expected["high_skilled_pct"],)]


def test_two_skilled_of_ten_are_withheld_in_mart(published):
    assert published.rows(
        "select distinct status, value, numerator from mart.current_indicator_value where realm = 'simulated' "
        "and indicator_code = 'skilled_ratio' and method = 'registered_employment' and dimension = 'total'"
    ) == [("withheld", None, None)]


def test_first_job_counts_closed_cohorts_alone(published):
    found = candidate(published, "first_job_within_6_months", "period, value, status")
    assert found == [("2024", 50.0, "published"), ("2025", None, "needs_input")]


def test_vacancies_per_graduate(published):
    assert candidate(published, "graduates_to_vacancies") == [(1.5,)]
    assert candidate(published, "graduates_to_vacancies", "member, value", dimension="occupation") == [
        ("2", pytest.approx(75 / 55)), ("4", 0.0), ("6", pytest.approx(75 / 35)),
    ]  # fmt: skip
    assert candidate(published, "vacancies_per_applicant") == [(0.75,)]


def test_what_no_return_gives_is_named(published):
    assert (
        published.rows(
            "select indicator_code, method from mart.current_indicator_value where realm = 'simulated' "
            "and status = 'needs_input' and status_note is null"
        )
        == []
    )
    assert {
        ("net_enrolment_higher_education", "ages_18_22"),
        ("mean_years_schooling", "working_age_16_59"),
        ("skilled_ratio", "labour_force_survey"),
    } <= set(
        published.rows(
            "select indicator_code, method from mart.current_indicator_value "
            "where realm = 'simulated' and status = 'needs_input'"
        )
    )


@pytest.mark.skipif(not YEARBOOK.exists(), reason="the real yearbook is not here; name its folder in FLYOVER_REAL_DATA")
class TestTheRealYearbook:
    """What the 2020 census gives of the real province, against the columns it prints itself."""

    def test_mean_years_are_those_it_prints(self, published):
        printed = {
            (row["code"], member): Decimal(row[column])
            for row in _yearbook_rows()
            for member, column in (("total", "mys"), ("male", "mys_m"), ("female", "mys_f"))
            if row["code"]
        }
        found = published.rows(
            "select area_code, member, value from mart.current_indicator_value where realm = 'real' and "
            "indicator_code = 'mean_years_schooling' and method = 'census_3plus_jc16' and dimension in ('total', 'sex')"
        )
        ours = {
            (area, member): Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP) for area, member, value in found
        }
        assert len(ours) >= 3 * 102
        assert {cell: (ours[cell], printed[cell]) for cell in ours if ours[cell] != round(printed[cell], 2)} == {}

    def test_inequality_is_there_for_every_county_and_adds_up(self, published):
        counties = sum(1 for row in _yearbook_rows() if row["level"] == "county")
        for code in ("education_gini", "education_theil"):
            rows = published.rows(
                "select value from mart.current_indicator_value where realm = 'real' and indicator_code = %s "
                "and area_level = 'county' and dimension = 'total' and status = 'published'",
                code,
            )
            assert len(rows) == counties
            assert all(0 < value < 1 for (value,) in rows)
        (total,) = published.rows(
            "select value from mart.current_indicator_value where realm = 'real' and area_code = '330000' "
            "and indicator_code = 'education_theil' and dimension = 'total'"
        )[0]
        split = published.rows(
            "select method, sum(value) from mart.current_indicator_value where realm = 'real' and area_code = '330000' "
            "and indicator_code in ('education_theil_between', 'education_theil_within') group by 1"
        )
        assert {method for method, _ in split} == {
            "counties", "prefectures", "mountain26_of_2021", "districts_and_counties",
        }  # fmt: skip
        assert all(value == pytest.approx(total, abs=1e-9) for _, value in split)


def _attainment(warehouse: Released) -> None:
    """The worked shares .1 .2 .4 .2 .1 of 0, 6, 9, 12 and 16 years as a county of 2,000."""
    counts = dict(zip(CLASSES, (200, 0, 400, 800, 400, 200, 0), strict=True))
    warehouse.release(
        "census__county_yearbook",
        BUREAU,
        [
            {
                "reference_date": "2025-11-01", "base": "resident", "level": "county", "code": COUNTY,
                "prefecture_zh": "杭州市", "county_zh": "西湖区",
                **{f"edu_{name}_{sex}": count // 2 for name, count in counts.items() for sex in "mf"},
            }
        ],
    )  # fmt: skip


def _higher_education(warehouse: Released) -> None:
    expected = VALUES["ger_tertiary_cn"]
    warehouse.release(
        "returns__higher_education",
        RETURNS,
        [
            {
                "school_year": 2026, "institution_code": "4133010335", "form": form, "origin_province": "33",
                "division_code": COUNTY, "headcount": heads,
            }
            for form, heads in expected["inputs"].items()
        ],
    )  # fmt: skip
    cells = [(age, sex) for age in range(18, 23) for sex in ("male", "female")]
    warehouse.release(
        "census__population_by_age",
        BUREAU,
        [
            {
                "reference_date": DAY, "base": "resident", "division_code": COUNTY, "age": age, "sex": sex,
                "population": expected["pop_18_22"] // len(cells),
            }
            for age, sex in cells
        ],
    )  # fmt: skip


def _work(warehouse: Released) -> None:
    """Ten in work with the worked certificates, and leavers of two years, of whom one found work."""
    expected = VALUES["skilled_ratio"]
    people = [chr(ord("A") + at) for at in range(expected["employed"])]
    spell = {"occupation_code": "6-18-01-01", "occupation_scheme": "GBT6565", "workplace_division": COUNTY}
    spells = [
        {**spell, "employment_id": name, "start_date": "2020-01-01", "_person_key": f"1.{name}"} for name in people
    ]
    lasted = {"start_date": "2024-11-01", "end_date": DAY}
    left = {**spell, **lasted, "employment_id": "found", "_person_key": "1.found", "workplace_division": "310115"}
    warehouse.release("hr__employments", OFFICE, [*spells, left])
    warehouse.release(
        "hr__skill_certificates",
        OFFICE,
        [
            {
                "certificate_no": str(number), "certificate_kind": held.get("kind", "职业技能等级"),
                "skill_level": held.get("level", "中级"), "issue_date": "2015-01-01", "occupation_code": "6-18-01-01",
                "revoked_date": "2020-01-01" if held.get("revoked") else None, "_person_key": f"1.{held['p']}",
            }
            for number, held in enumerate(expected["certificates"])
        ],
    )  # fmt: skip
    course = {"code_module": "M", "module_presentation_length": 240}
    warehouse.release(
        "oulad__courses", UNIVERSITY, [{**course, "code_presentation": code} for code in ("2024B", "2025B")]
    )
    passed = {"code_module": "M", "gender": "F", "cn_residence_division": COUNTY, "final_result": "Pass"}
    warehouse.release(
        "oulad__student_info",
        UNIVERSITY,
        [
            {**passed, "code_presentation": code, "id_student": name, "_person_key": f"1.{name}"}
            for code, name in (("2024B", "found"), ("2024B", "none"), ("2025B", "later"))
        ],
    )


def _graduates(warehouse: Released) -> None:
    """A hundred engineers (.55 professional, .35 production, .1 services) and 150 places for two of the three."""
    warehouse.release(
        "returns__graduates",
        RETURNS,
        [
            {
                "year": 2025, "institution_code": "4133010335", "isced_level": "6", "isced_f_broad": "07",
                "division_code": COUNTY, "graduates": 100,
            }
        ],
    )  # fmt: skip
    warehouse.release(
        "returns__vacancies",
        RETURNS,
        [
            {
                "month": month, "division_code": COUNTY, "occupation_scheme": "GBT6565", "occupation_code": code,
                "vacancies": 75, "applicants": 100,
            }
            for month in ("2025-01", "2025-02")
            for code in ("2-02-10-03", "6-18-01-01")
        ],
    )  # fmt: skip


def _yearbook_rows() -> list[dict[str, str | None]]:
    agency = registry.load_all(CHECKOUT / "connectors" / "agencies")["stats-zj"]
    with sources.load("census").open(YEARBOOK, agency) as (table,):
        return [row.values for row in table.rows() if isinstance(row, Row)]


def _real_yearbook(warehouse: Released) -> None:
    warehouse.release("census__county_yearbook", "stats-zj", _yearbook_rows())
