"""Human resources: defects where the truth says, sound rows sound, and the same persons as elsewhere."""

import itertools
import re
from collections import Counter, defaultdict
from datetime import date

import pytest
from stdnum.cn import ric, uscc

from simulator.divisions import COUNTIES, LABOUR_AGENCY, SCHOOL_AGENCIES
from simulator.kinds import KINDS

_UNIVERSITIES = ("ou-zhejiang", "ou-ningbo")
_KEYS = {"employments": "employment_id", "skill_certificates": "certificate_no", "trainings": "training_id"}
_HEADERS = {
    "employments": "resident_id,full_name,birth_date,sex,employer_uscc,employer_name,employment_id,employment_form,"
    "start_date,end_date,occupation_code,occupation_scheme,industry_code,workplace_division,contract_hours,"
    "record_status,last_modified",
    "skill_certificates": "resident_id,full_name,birth_date,sex,certificate_no,certificate_kind,occupation_code,"
    "skill_level,issuer_uscc,issue_date,valid_to,revoked_date",
    "trainings": "resident_id,full_name,birth_date,sex,training_id,programme_name,kind,provider_uscc,start_date,"
    "end_date,hours,result,subsidy_flag,certificate_no",
}
_DIVISIONS = {county.code for county in COUNTIES}
_FORMS = {"contract", "dispatch", "flexible", "platform", "self", "rural"}
_RANKS = ("学徒工", "五级", "四级", "三级", "二级", "一级", "特级技师", "首席技师")
_LEVELS = {*_RANKS, "助理级", "中级", "副高级", "不分级"}


@pytest.fixture(scope="module")
def person_of(written) -> dict[tuple[str, str], str]:
    """Person number by (entity, record), of the labour office."""
    return {
        (row["entity"], row["record_id"]): row["person_no"]
        for row in written.truth("people")
        if row["agency_code"] == LABOUR_AGENCY
    }


@pytest.mark.parametrize("entity", sorted(_KEYS))
def test_headers_are_those_agreed(written, entity) -> None:
    assert ",".join(written.lines(LABOUR_AGENCY, entity)[0]) == _HEADERS[entity]


def test_defects_are_where_the_truth_says(written) -> None:
    found = defaultdict(list)
    for entity, judge in (
        ("employments", _wrong_with_a_spell),
        ("skill_certificates", _wrong_with_a_certificate),
        ("trainings", _wrong_with_a_training),
    ):
        seen = set()
        for line, row in written.rows(LABOUR_AGENCY, entity):
            at = (row[_KEYS[entity]], line)
            what = {"employments": "employment", "skill_certificates": "certificate", "trainings": "training"}[entity]
            if not row["resident_id"]:
                found[f"{what}_resident_id_missing"].append(at)
            elif not _is_valid(row["resident_id"]):
                found[f"{what}_resident_id_invalid"].append(at)
            for kind in judge(row):
                found[kind].append(at)
            if tuple(row.values()) in seen:
                found[f"{what}_repeated"].append(at)
            seen.add(tuple(row.values()))
    header, *rows = written.lines(LABOUR_AGENCY, "employments")
    found["employment_ragged_row"] = [
        (row[6], line) for line, row in enumerate(rows, start=2) if len(row) != len(header)
    ]
    listed = defaultdict(list)
    for defect in written.defects:
        if defect["agency_code"] == LABOUR_AGENCY:
            listed[defect["kind"]].append((defect["record_id"], int(defect["line"])))
    assert {kind: sorted(places) for kind, places in found.items()} == {
        kind: sorted(places) for kind, places in listed.items()
    }
    assert set(listed) == {kind.name for kind in KINDS if kind.source == "hr"}


def _wrong_with_a_spell(row) -> list[str]:
    wrong = []
    if row["start_date"] == "2025-02-30":
        wrong.append("employment_start_not_a_date")
    else:
        start, born = date.fromisoformat(row["start_date"]), date.fromisoformat(row["birth_date"])
        if (start.year - born.year - ((start.month, start.day) < (born.month, born.day))) < 16:
            wrong.append("employed_before_16")
        if start > date(2026, 1, 31):
            wrong.append("employment_starts_in_future")
        if row["end_date"] and row["end_date"] < row["start_date"]:
            wrong.append("employment_ends_before_it_starts")
    if not uscc.is_valid(row["employer_uscc"]):
        wrong.append("employer_uscc_wrong")
    if row["occupation_scheme"] not in ("GBT6565", "ISCO08"):
        wrong.append("occupation_scheme_unknown")
    if row["workplace_division"] not in _DIVISIONS:
        wrong.append("workplace_division_unknown")
    assert row["employment_form"] in _FORMS
    return wrong


def _wrong_with_a_certificate(row) -> list[str]:
    wrong = []
    if row["skill_level"] not in _LEVELS:
        wrong.append("certificate_level_unknown")
    if row["valid_to"] and row["valid_to"] <= row["issue_date"]:
        wrong.append("certificate_expires_before_issue")
    assert uscc.is_valid(row["issuer_uscc"])
    return wrong


def _wrong_with_a_training(row) -> list[str]:
    wrong = []
    if row["result"] not in ("completed", "failed", "withdrawn"):
        wrong.append("training_result_unknown")
    if not row["hours"].isdigit():
        wrong.append("training_hours_not_a_number")
    if row["end_date"] < row["start_date"]:
        wrong.append("training_ends_before_it_starts")
    assert uscc.is_valid(row["provider_uscc"])
    return wrong


def test_sound_rows_are_plausible(written) -> None:
    shapes = {"GBT6565": r"[1-8](-\d{2}){3}", "ISCO08": r"\d{4}"}
    schemes = Counter()
    for row in written.sound(LABOUR_AGENCY, "employments"):
        assert re.fullmatch(shapes[row["occupation_scheme"]], row["occupation_code"])
        assert re.fullmatch(r"[A-T]\d{4}", row["industry_code"])
        assert row["start_date"] <= "2025-12-31"
        assert row["end_date"] <= "2025-12-31"
        assert (row["record_status"] == "ended") == bool(row["end_date"])
        schemes[row["occupation_scheme"]] += 1
    assert min(schemes.values()) > 100
    for row in written.sound(LABOUR_AGENCY, "skill_certificates"):
        assert row["issue_date"] <= "2025-12-31"
        assert not row["revoked_date"] or row["issue_date"] <= row["revoked_date"] <= "2025-12-31"
    certificates = {row["certificate_no"] for row in written.sound(LABOUR_AGENCY, "skill_certificates")}
    led_to = {row["certificate_no"] for row in written.sound(LABOUR_AGENCY, "trainings")} - {""}
    assert led_to
    assert led_to <= certificates


def test_nobody_has_two_jobs_at_once(written, person_of) -> None:
    spells = defaultdict(list)
    for row in written.sound(LABOUR_AGENCY, "employments"):
        end = row["end_date"] or "9999"
        spells[person_of["employments", row["employment_id"]]].append((row["start_date"], end))
    changed = 0
    for held in spells.values():
        held.sort()
        assert all(earlier[1] < later[0] for earlier, later in itertools.pairwise(held))
        changed += len(held) > 1
    assert changed > 200


def test_forms_of_work_differ_between_town_and_country(written) -> None:
    forms = defaultdict(Counter)
    for row in written.sound(LABOUR_AGENCY, "employments"):
        town = row["workplace_division"] in ("330106", "330108")
        forms[town][row["employment_form"]] += 1
    share = {town: counts["contract"] / counts.total() for town, counts in forms.items()}
    assert share[True] > share[False] + 0.1
    assert forms[False]["rural"] > 50
    assert not forms[True]["rural"]


def test_pupils_and_students_of_other_sectors_are_at_work_under_the_same_id(written, person_of) -> None:
    elsewhere = defaultdict(set)
    ids = {}
    for agency in SCHOOL_AGENCIES:
        for _, row in written.rows(agency, "users"):
            ids[agency, row["sourcedId"]] = row["userMasterIdentifier"]
    for agency in _UNIVERSITIES:
        for row in written.sound(agency, "student_info"):
            key = "|".join(row[column] for column in ("code_module", "code_presentation", "id_student"))
            ids[agency, key] = row["cn_resident_id"]
    for row in written.truth("people"):
        if row["id_state"] == "valid" and (row["agency_code"], row["record_id"]) in ids:
            sector = row["agency_code"][:3]
            elsewhere[row["person_no"]].add((sector, _normal(ids[row["agency_code"], row["record_id"]])))
    met = Counter()
    for _, row in written.rows(LABOUR_AGENCY, "employments"):
        for sector, number in elsewhere.get(person_of["employments", row["employment_id"]], ()):
            assert _normal(row["resident_id"]) == number
            met[sector] += 1
    assert met["ou-"] > 200
    assert met["sch"] > 50


def test_skilled_workers_follow_from_released_rows(written) -> None:
    state = {
        row["record_id"]: (row["person_no"], row["id_state"])
        for row in written.truth("people")
        if row["agency_code"] == LABOUR_AGENCY
    }
    rank = defaultdict(lambda: -1)
    for row in written.sound(LABOUR_AGENCY, "skill_certificates"):
        person, known = state[row["certificate_no"]]
        in_force = row["valid_to"] in ("",) or row["valid_to"] >= "2025-12-31"
        graded = row["certificate_kind"] in ("职业技能等级", "职业资格")
        if known == "valid" and graded and in_force and not row["revoked_date"]:
            rank[person] = max(rank[person], _RANKS.index(row["skill_level"]))
    counts = defaultdict(Counter)
    employed = set()
    for row in written.sound(LABOUR_AGENCY, "employments"):
        if row["start_date"] <= "2025-12-31" and (not row["end_date"] or row["end_date"] >= "2025-12-31"):
            person, known = state[row["employment_id"]]
            county = counts[row["workplace_division"]]
            if known != "valid":
                county["unlinked_records"] += 1
                continue
            employed.add(person)
            county["employed"] += 1
            county["skilled"] += rank[person] >= 1
            county["highly_skilled"] += rank[person] >= 3
    expected = written.expected["indicators"]["skilled_workers"]["workplaces"]
    assert expected == {
        code: {word: counts[code][word] for word in ("employed", "skilled", "highly_skilled", "unlinked_records")}
        for code in expected
    }
    witnesses = [row for row in written.truth("witnesses") if row["indicator"] == "skilled_workers"]
    assert len(witnesses) == 12
    for witness in witnesses:
        person, _ = state[witness["record_id"]]
        assert (person in employed and rank[person] >= 1) == (witness["counts"] == "true"), witness["why"]


def _is_valid(number: str) -> bool:
    number = _normal(number)
    return len(number) == 18 and number[-1] == ric.calc_check_digit(number) and number.startswith("3399")


def _normal(number: str) -> str:
    wide = {ord("０") + digit: str(digit) for digit in range(10)} | {ord("Ｘ"): "X"}
    text = number.translate(wide).replace(" ", "").upper()
    if len(text) == 15:
        text = f"{text[:6]}19{text[6:]}"
        text += ric.calc_check_digit(text + "0")
    return text
