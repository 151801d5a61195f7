"""The planted defects stand in the files exactly as listed, and nothing else is wrong."""

from collections import Counter, defaultdict
from datetime import date

import pytest
from stdnum.cn import ric

from simulator.defects import defects_each
from simulator.divisions import COUNTIES, LABOUR_AGENCY, POLICY_AGENCY, SCHOOL_AGENCIES, SENIOR_AGENCIES, STATS_AGENCIES
from simulator.kinds import KINDS

_UNIVERSITIES = ("ou-zhejiang", "ou-ningbo")
_DIVISIONS = {county.code for county in COUNTIES}
_OULAD_KEYS = {
    "courses": ("code_module", "code_presentation"),
    "assessments": ("id_assessment",),
    "vle": ("id_site",),
    "student_info": ("code_module", "code_presentation", "id_student"),
    "student_registration": ("code_module", "code_presentation", "id_student"),
    "student_assessment": ("id_assessment", "id_student"),
}


def _listed(written, agency, kind) -> list[tuple[str, int]]:
    return sorted(
        (defect["record_id"], int(defect["line"]))
        for defect in written.defects
        if defect["agency_code"] == agency and defect["kind"] == kind
    )


def _ragged(written, agency, entity) -> list[int]:
    header, *rows = written.lines(agency, entity)
    return [line for line, row in enumerate(rows, start=2) if len(row) != len(header)]


def _is_valid(number: str) -> bool:
    return len(number) == 18 and number[-1] == ric.calc_check_digit(number)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("agency", SCHOOL_AGENCIES)
def test_school_defects_are_where_the_truth_says(written, agency) -> None:
    enrolments = list(written.rows(agency, "enrollments"))
    users = {row["sourcedId"] for _, row in written.rows(agency, "users")}
    found = defaultdict(list)
    seen = set()
    for line, row in enrolments:
        at = (row["sourcedId"], line)
        if not _is_date(row["beginDate"]):
            found["enrollment_begin_not_a_date"].append(at)
        elif row["beginDate"] >= row["endDate"]:
            found["enrollment_ends_before_it_begins"].append(at)
        if row["userSourcedId"] not in users:
            found["enrollment_user_unknown"].append(at)
        if tuple(row.values()) in seen:
            found["enrollment_repeated"].append(at)
        seen.add(tuple(row.values()))
    for line, row in written.rows(agency, "demographics"):
        if row["sex"] not in ("male", "female"):
            found["demographics_sex_code"].append((row["sourcedId"], line))
        if row["birthDate"] < "1900":
            found["demographics_birth_date"].append((row["sourcedId"], line))
    for line, row in written.rows(agency, "users"):
        number = row["userMasterIdentifier"]
        if not number:
            found["resident_id_missing"].append((row["sourcedId"], line))
        elif not _is_valid(number):
            found["resident_id_invalid"].append((row["sourcedId"], line))
        else:
            assert number.startswith("3399")
    for line, row in written.rows(agency, "orgs"):
        if row["metadata.cn.divisionCode"] not in _DIVISIONS | {""}:
            found["org_division_unknown"].append((row["sourcedId"], line))
    for kind, places in found.items():
        assert sorted(places) == _listed(written, agency, kind), kind
    assert _ragged(written, agency, "enrollments") == [
        line for _, line in sorted(_listed(written, agency, "enrollment_ragged_row"), key=lambda at: at[1])
    ]
    planted = {kind.name for kind in KINDS if kind.source == "oneroster"}
    assert planted == set(found) | {"enrollment_ragged_row"}


@pytest.mark.parametrize("agency", _UNIVERSITIES)
def test_university_defects_are_where_the_truth_says(written, agency) -> None:
    found = defaultdict(list)
    infos = list(written.rows(agency, "student_info"))
    keys = Counter(_key(row, "student_info") for _, row in infos)
    students = {row["id_student"] for _, row in infos}
    for line, row in infos:
        at = (_key(row, "student_info"), line)
        if row["gender"] not in ("M", "F"):
            found["student_gender_code"].append(at)
        if keys[at[0]] > 1:
            found["student_twice"].append(at)
        if row["cn_resident_id"] == "?":
            found["student_resident_id_missing"].append(at)
        elif not _is_valid(_normal(row["cn_resident_id"])):
            found["student_resident_id_invalid"].append(at)
    for line, row in written.rows(agency, "student_assessment"):
        at = (_key(row, "student_assessment"), line)
        if row["id_student"] not in students:
            found["assessment_student_unknown"].append(at)
        if row["score"] == "n/a":
            found["assessment_score_not_a_number"].append(at)
        elif row["score"] != "?" and not 0 <= int(row["score"]) <= 100:
            found["assessment_score_out_of_range"].append(at)
    for line, row in written.rows(agency, "student_registration"):
        began, ended = row["date_registration"], row["date_unregistration"]
        if "?" not in (began, ended) and int(ended) < int(began):
            found["registration_ends_before_it_begins"].append((_key(row, "student_registration"), line))
    for line, row in written.rows(agency, "student_vle"):
        if int(row["sum_click"]) < 0:
            natural = "|".join(list(row.values())[:5])
            found["vle_clicks_negative"].append((natural, line))
    for kind, places in found.items():
        assert sorted(places) == _listed(written, agency, kind), kind
    ragged = _listed(written, agency, "assessment_ragged_row")
    assert _ragged(written, agency, "student_assessment") == sorted(line for _, line in ragged)
    assert {kind.name for kind in KINDS if kind.source == "oulad"} == set(found) | {"assessment_ragged_row"}


@pytest.mark.parametrize("agency", STATS_AGENCIES)
def test_statistics_defects_touch_no_headline_county(written, agency) -> None:
    headline = {county.code for county in COUNTIES if county.headline}
    negative = [
        ("|".join(list(row.values())[:5]), line)
        for line, row in written.rows(agency, "population_by_age")
        if int(row["population"]) < 0 and row["division_code"] not in headline
    ]
    assert sorted(negative) == _listed(written, agency, "population_negative")
    unequal = [
        (f"2025-11-01|county|{row['prefecture_zh']}|{row['county_zh']}", line)
        for line, row in written.rows(agency, "county_yearbook")
        if int(row["pop"]) != int(row["pop_m"]) + int(row["pop_f"]) and row["code"] not in headline
    ]
    assert unequal == _listed(written, agency, "yearbook_sexes_do_not_add_up")
    assert len(unequal) == 1


def test_every_kind_occurs_at_least_twice_in_the_agencies_that_can_have_it(written) -> None:
    counts = Counter((defect["agency_code"], defect["kind"]) for defect in written.defects)
    agencies = {
        "oneroster": SCHOOL_AGENCIES,
        "oulad": _UNIVERSITIES,
        "census": STATS_AGENCIES,
        "hr": (LABOUR_AGENCY,),
        "senior": SENIOR_AGENCIES,
        "returns": (POLICY_AGENCY,),
    }
    for kind in KINDS:
        for agency in agencies[kind.source]:
            least = 1 if kind.name == "yearbook_sexes_do_not_add_up" else 2
            assert counts[agency, kind.name] >= least, (agency, kind.name)
    assert sorted(kind.number for kind in KINDS) == list(range(1, 61))
    assert len({kind.name for kind in KINDS}) == len(KINDS)


def test_no_row_carries_two_defects_but_the_pair_with_one_key(written) -> None:
    places = Counter((defect["agency_code"], defect["entity"], defect["line"]) for defect in written.defects)
    assert set(places.values()) == {1}
    ids = Counter(
        (defect["agency_code"], defect["entity"], defect["record_id"])
        for defect in written.defects
        if defect["kind"] != "student_twice"
    )
    assert set(ids.values()) == {1}


def test_defects_grow_mildly_with_the_province() -> None:
    assert [defects_each(learners) for learners in (1_000, 5_000, 100_000, 1_000_000)] == [2, 3, 13, 40]


@pytest.mark.parametrize("agency", SCHOOL_AGENCIES)
def test_bundle_is_referentially_closed_apart_from_planted_rows(written, agency) -> None:
    ids = {
        entity: {row["sourcedId"] for _, row in written.rows(agency, entity)}
        for entity in ("orgs", "users", "academicSessions", "courses", "classes")
    }
    references = {
        "orgs": {"parentSourcedId": "orgs"},
        "users": {"primaryOrgSourcedId": "orgs"},
        "roles": {"userSourcedId": "users", "orgSourcedId": "orgs"},
        "academicSessions": {"parentSourcedId": "academicSessions"},
        "courses": {"schoolYearSourcedId": "academicSessions", "orgSourcedId": "orgs"},
        "classes": {"courseSourcedId": "courses", "schoolSourcedId": "orgs", "termSourcedIds": "academicSessions"},
        "enrollments": {"classSourcedId": "classes", "schoolSourcedId": "orgs", "userSourcedId": "users"},
        "demographics": {"sourcedId": "users"},
    }
    # What refers to an institution kept out would be kept out as well, so nothing may.
    ids["orgs"] = {row["sourcedId"] for row in written.sound(agency, "orgs")}
    for entity, columns in references.items():
        for row in written.sound(agency, entity):
            for column, target in columns.items():
                assert not row[column] or row[column] in ids[target], (entity, column, row["sourcedId"])
    for entity in references:
        keys = Counter(row["sourcedId"] for row in written.sound(agency, entity))
        assert set(keys.values()) == {1}, entity


@pytest.mark.parametrize("agency", _UNIVERSITIES)
def test_university_tables_are_closed_and_unique_apart_from_planted_rows(written, agency) -> None:
    sound = {entity: list(written.sound(agency, entity)) for entity in (*_OULAD_KEYS, "student_vle")}
    for entity in _OULAD_KEYS:
        keys = Counter(_key(row, entity) for row in sound[entity])
        assert set(keys.values()) == {1}, entity
    known = {entity: {_key(row, entity) for row in sound[entity]} for entity in _OULAD_KEYS}
    enrolled = {row["id_student"] for row in sound["student_info"]}
    assert {_key(row, "student_registration") for row in sound["student_registration"]} <= known["student_info"]
    for row in sound["student_assessment"]:
        assert row["id_assessment"] in known["assessments"]
        assert row["id_student"] in enrolled
    for row in sound["student_vle"]:
        assert row["id_site"] in known["vle"]
        assert _key(row, "student_info") in known["student_info"]
    clicks = Counter(tuple(row.values()) for row in sound["student_vle"])
    naturals = Counter(tuple(row.values())[:5] for row in sound["student_vle"])
    assert max(clicks.values()) > 1, "identical rows are no defect"
    assert len(naturals) < len(clicks), "the key repeats with other counts"
    assert any(row["is_banked"] == "1" for row in sound["student_assessment"])


def _key(row: dict[str, str], entity: str) -> str:
    return "|".join(row[column] for column in _OULAD_KEYS[entity])


def _normal(number: str) -> str:
    wide = {ord("０") + digit: str(digit) for digit in range(10)} | {ord("Ｘ"): "X"}
    text = number.translate(wide).replace(" ", "").upper()
    if len(text) == 15:
        text = f"{text[:6]}19{text[6:]}"
        text += ric.calc_check_digit(text + "0")
    return text
