"""Every file has the header its standard prints, and every row of it, apart from planted ones, its shape."""

import re
import zipfile
from datetime import date

import pytest

from simulator.divisions import COUNTIES, SCHOOL_AGENCIES, STATS_AGENCIES

_UNIVERSITIES = ("ou-zhejiang", "ou-ningbo")

_HEADERS = {
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
    "users": "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,"
    "identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,resourceSourcedIds,"
    "preferredGivenName,preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns",
    "roles": "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,"
    "userProfileSourcedId",
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear",
    "courses": "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,"
    "subjectCodes",
    "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
    "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
    "beginDate,endDate",
    "demographics": "sourcedId,status,dateLastModified,birthDate,sex,americanIndianOrAlaskaNative,asian,"
    "blackOrAfricanAmerican,nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,"
    "hispanicOrLatinoEthnicity,countryOfBirthCode,stateOfBirthAbbreviation,cityOfBirth,publicSchoolResidenceStatus",
}
_EXTENSIONS = {
    "orgs": ",metadata.cn.divisionCode,metadata.cn.uscc,metadata.cn.schoolKind,metadata.cn.urbanRural,"
    "metadata.cn.ownership",
    "users": ",metadata.cn.residenceDivision",
}
_OULAD_HEADERS = {
    "courses": "code_module,code_presentation,module_presentation_length",
    "assessments": "code_module,code_presentation,id_assessment,assessment_type,date,weight",
    "vle": "id_site,code_module,code_presentation,activity_type,week_from,week_to",
    "student_info": "code_module,code_presentation,id_student,gender,region,highest_education,imd_band,age_band,"
    "num_of_prev_attempts,studied_credits,disability,final_result,cn_resident_id,cn_full_name,cn_birth_date,"
    "cn_residence_division",
    "student_registration": "code_module,code_presentation,id_student,date_registration,date_unregistration",
    "student_assessment": "id_assessment,id_student,date_submitted,is_banked,score",
    "student_vle": "code_module,code_presentation,id_student,id_site,date,sum_click",
}
_YEARBOOK_HEADER = (
    "level,code,prefecture_zh,county_zh,pop,pop_m,pop_f,pop_urban,pop_rural,m_0,f_0,m_1_4,f_1_4,m_5_9,f_5_9,m_10_14,"
    "f_10_14,m_15_19,f_15_19,m_20_24,f_20_24,m_25_29,f_25_29,m_30_34,f_30_34,m_35_39,f_35_39,m_40_44,f_40_44,m_45_49,"
    "f_45_49,m_50_54,f_50_54,m_55_59,f_55_59,m_60_64,f_60_64,m_65_69,f_65_69,m_70_74,f_70_74,m_75_79,f_75_79,m_80_84,"
    "f_80_84,m_85plus,f_85plus,edu_unschooled_m,edu_unschooled_f,edu_preschool_m,edu_preschool_f,edu_primary_m,"
    "edu_primary_f,edu_junior_m,edu_junior_f,edu_senior_m,edu_senior_f,edu_jcollege_m,edu_jcollege_f,"
    "edu_bachelor_plus_m,edu_bachelor_plus_f,mys,mys_m,mys_f,illit15,pop15plus,occ_total_longform,occ1_leaders,"
    "occ2_professional,occ3_clerical,occ4_service,occ5_agri,occ6_production,occ7_other,ind_education"
)


@pytest.mark.parametrize("agency", SCHOOL_AGENCIES)
def test_oneroster_headers_follow_the_standard_with_extensions_at_the_right(written, agency) -> None:
    for name, header in _HEADERS.items():
        assert written.text(agency, name).split("\r\n", 1)[0] == header + _EXTENSIONS.get(name, "")


@pytest.mark.parametrize("agency", SCHOOL_AGENCIES)
def test_manifest_agrees_with_the_files_of_the_bundle(written, agency) -> None:
    (bundle,) = (written.root / agency).iterdir()
    with zipfile.ZipFile(bundle) as archive:
        files = {name.removesuffix(".csv") for name in archive.namelist()} - {"manifest"}
        assert {info.date_time for info in archive.infolist()} == {(2025, 12, 31, 18, 0, 0)}
    manifest = dict(written.lines(agency, "manifest")[1:])
    declared = {key.removeprefix("file."): state for key, state in manifest.items() if key.startswith("file.")}
    assert manifest["manifest.version"] == "1.0"
    assert manifest["oneroster.version"] == "1.2"
    assert len(declared) == 20
    assert {name for name, state in declared.items() if state == "bulk"} == files == set(_HEADERS)
    assert set(declared.values()) == {"bulk", "absent"}


@pytest.mark.parametrize("agency", SCHOOL_AGENCIES)
def test_bulk_rows_leave_status_and_date_empty_and_use_legal_ids(written, agency) -> None:
    for name in _HEADERS:
        rows = [row for _, row in written.rows(agency, name)]
        assert rows
        assert all(not row["status"] and not row["dateLastModified"] for row in rows)
        assert all(re.fullmatch(r"[0-9A-Za-z.\-_/@]{1,255}", row["sourcedId"]) for row in rows)


def test_one_bureau_writes_a_byte_order_mark_and_the_others_do_not(written) -> None:
    marked = set()
    for agency in SCHOOL_AGENCIES:
        (bundle,) = (written.root / agency).iterdir()
        with zipfile.ZipFile(bundle) as archive:
            starts = {archive.read(name)[:3] == b"\xef\xbb\xbf" for name in archive.namelist()}
        assert len(starts) == 1
        if starts.pop():
            marked.add(agency)
    assert marked == {"sch-lishui"}


@pytest.mark.parametrize("agency", _UNIVERSITIES)
def test_oulad_files_are_quoted_and_have_the_published_columns(written, agency) -> None:
    for entity, header in _OULAD_HEADERS.items():
        first, second = written.text(agency, entity).split("\n", 2)[:2]
        assert first == ",".join(f'"{column}"' for column in header.split(","))
        assert second.startswith('"')
        assert all(value for _, row in written.rows(agency, entity) for value in row.values()), "missing is ?"


@pytest.mark.parametrize("agency", STATS_AGENCIES)
def test_statistics_have_the_census_layout(written, agency) -> None:
    assert written.text(agency, "county_yearbook").split("\n", 1)[0] == _YEARBOOK_HEADER
    assert written.text(agency, "population_by_age").split("\n", 1)[0] == (
        "reference_date,base,division_code,age,sex,population"
    )
    names = {county.code: county.name_zh for county in COUNTIES}
    for _, row in written.rows(agency, "county_yearbook"):
        assert row["level"] == "county"
        assert row["county_zh"] == names[row["code"]]


def test_everything_written_says_that_it_is_simulated(written) -> None:
    assert "SIMULATED" in (written.root / "README.txt").read_text(encoding="utf-8")
    for agency in SCHOOL_AGENCIES:
        assert all(row["name"].endswith("（模拟）") for _, row in written.rows(agency, "orgs"))


def test_school_codes_hold_kind_and_province(written) -> None:
    codes = []
    for agency in SCHOOL_AGENCIES:
        for _, row in written.rows(agency, "orgs"):
            if row["type"] == "school":
                codes.append(row["identifier"])
                assert re.fullmatch(r"(11|21|31|34)33\d{6}", row["identifier"])
                assert row["metadata.cn.schoolKind"] == row["identifier"][:2]
    assert len(codes) == len(set(codes))


def test_nothing_is_dated_after_the_present_but_ends_of_terms(written) -> None:
    for agency in _UNIVERSITIES:
        starts = {"2024J": date(2024, 10, 1), "2025B": date(2025, 2, 1), "2025J": date(2025, 10, 1)}
        for row in written.sound(agency, "student_vle"):
            assert int(row["date"]) <= (date(2025, 12, 31) - starts[row["code_presentation"]]).days
            assert int(row["sum_click"]) > 0


def test_nothing_unfinished_is_left_behind(written) -> None:
    assert not list(written.root.rglob(".*"))
    assert not list(written.root.rglob("*.part"))
