"""Senior universities: two offices' forms, defects where the truth says, and the same persons as elsewhere."""

from collections import Counter, defaultdict
from datetime import date

import pytest
from stdnum.cn import ric

from simulator import write_province
from simulator.divisions import LABOUR_AGENCY, SENIOR_AGENCIES
from simulator.kinds import KINDS
from simulator.layouts import SENIOR

_KEY = ("school_code", "term", "class_id", "student_card_no")
_STATUS = {"enrolled", "suspended", "completed", "withdrawn"}
_CATEGORIES = {
    "arts", "calligraphy-painting", "music-dance", "health-sport", "language", "digital-skills", "history-culture",
    "crafts", "other",
}  # fmt: skip


def _key(row) -> str:
    return "|".join(row[column] for column in _KEY)


def test_the_workbook_has_a_title_a_chinese_header_and_totals(written) -> None:
    title, header, *rows, totals = written.workbook("sen-hangzhou")
    assert title[0] == "杭州市老年大学（模拟）学员报名登记表"
    assert not any(title[1:])
    assert header == list(SENIOR.values())
    fees = list(SENIOR).index("fee_paid")
    assert totals[0] == "合计"
    assert int(totals[fees]) == sum(int(row[fees]) for row in rows)


def test_the_other_register_is_gbk_with_a_mark_for_characters_it_lacks(written) -> None:
    (path,) = (written.root / "sen-lishui").glob("*.csv")
    raw = path.read_bytes()
    assert raw.decode("gbk").split("\r\n", 1)[0] == ",".join(SENIOR.values())
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")


def test_a_rare_character_is_replaced_only_where_the_old_set_lacks_it() -> None:
    from simulator.seniors import _in_gbk

    assert _in_gbk("王䶮") == "王〓"
    assert _in_gbk("买买提·艾力喆") == "买买提·艾力喆"


@pytest.mark.parametrize("agency", SENIOR_AGENCIES)
def test_defects_are_where_the_truth_says(written, agency) -> None:
    found, seen = defaultdict(list), set()
    for line, row in written.rows(agency, "enrolments"):
        at = (_key(row), line)
        for kind in _wrong(row):
            found[kind].append(at)
        if tuple(row.values()) in seen:
            found["senior_enrolment_repeated"].append(at)
        seen.add(tuple(row.values()))
    listed = defaultdict(list)
    for defect in written.defects:
        if defect["agency_code"] == agency:
            listed[defect["kind"]].append((defect["record_id"], int(defect["line"])))
    assert {kind: sorted(places) for kind, places in found.items()} == {
        kind: sorted(places) for kind, places in listed.items()
    }
    assert set(listed) == {kind.name for kind in KINDS if kind.source == "senior"}


def _wrong(row) -> list[str]:
    wrong = []
    number = row["resident_id"]
    if not number:
        wrong.append("senior_resident_id_missing")
    elif "E+" in number or "e+" in number:
        wrong.append("senior_id_lost_in_spreadsheet")
    elif not _is_valid(number):
        wrong.append("senior_resident_id_invalid")
    if row["enrol_date"] == "2025-02-30":
        return [*wrong, "senior_enrolment_not_a_date"]
    born, enrolled = date.fromisoformat(row["birth_date"]), date.fromisoformat(row["enrol_date"])
    age = enrolled.year - born.year - ((enrolled.month, enrolled.day) < (born.month, born.day))
    if born.year < 1870:
        wrong.append("senior_birth_date")
    if age >= 80 and row["consent_80plus"] != "是":
        wrong.append("senior_consent_missing")
    if row["status"] not in _STATUS:
        wrong.append("senior_status_unknown")
    if row["withdraw_reason"] and row["status"] != "withdrawn":
        wrong.append("senior_reason_without_leaving")
    if row["course_category"] not in _CATEGORIES:
        wrong.append("senior_category_unknown")
    if int(row["fee_paid"]) < 0:
        wrong.append("senior_fee_negative")
    if int(row["hours_attended"]) > int(row["hours_planned"]):
        wrong.append("senior_attended_more_than_planned")
    assert int(row["hours_attended"]) >= 0
    assert born.year < 1870 or age >= 48
    return wrong


@pytest.mark.parametrize("agency", SENIOR_AGENCIES)
def test_sound_rows_are_plausible(written, agency) -> None:
    courses = defaultdict(set)
    ages = Counter()
    for row in written.sound(agency, "enrolments"):
        enrolled = date.fromisoformat(row["enrol_date"])
        assert abs(enrolled.year - int(row["term"][:4])) <= 1
        assert enrolled <= date(2025, 12, 31)
        courses[row["school_code"], row["term"], row["student_card_no"]].add(row["course_code"])
        ages[(2025 - int(row["birth_date"][:4])) >= 60] += 1
        assert row["status"] != "withdrawn" or row["withdraw_reason"]
    assert max(len(taken) for taken in courses.values()) == 2
    assert ages[True] > 3 * ages[False] > 0


def test_seniors_of_60_follow_from_released_rows(written) -> None:
    state = {
        (row["agency_code"], row["record_id"]): (row["person_no"], row["id_state"])
        for row in written.truth("people")
        if row["agency_code"] in SENIOR_AGENCIES
    }
    learners, unlinked, homes = defaultdict(set), defaultdict(set), {}
    for agency in SENIOR_AGENCIES:
        for row in written.sound(agency, "enrolments"):
            person, known = state[agency, _key(row)]
            homes[person] = row["residence_division"]
            if 2025 - int(row["birth_date"][:4]) >= 60:  # on 31 December everyone has had their birthday
                (learners if known == "valid" else unlinked)[row["residence_division"]].add(person)
    expected = written.expected["indicators"]["senior_learners_60plus"]
    for code, county in [*expected["counties"].items(), ("", expected["residence_unknown"])]:
        assert county == {"learners": len(learners[code]), "unlinked_records": len(unlinked[code])}, code
    everyone = set().union(*learners.values())
    witnesses = [row for row in written.truth("witnesses") if row["indicator"] == "senior_learners_60plus"]
    assert len(witnesses) == 18, "eight scripts at each agency, one of them at both"
    for witness in witnesses:
        person, _ = state[witness["agency_code"], witness["record_id"]]
        assert (person in everyone) == (witness["counts"] == "true"), witness["why"]


def test_seniors_are_known_from_work_and_from_open_universities(written) -> None:
    agencies = defaultdict(set)
    for row in written.truth("people"):
        agencies[row["person_no"]].add(row["agency_code"])
    seniors = [known for known in agencies.values() if known & SENIOR_AGENCIES.keys()]
    assert sum(LABOUR_AGENCY in known for known in seniors) > 40
    assert sum(bool(known & {"ou-zhejiang", "ou-ningbo"}) for known in seniors) > 15
    assert sum(known >= SENIOR_AGENCIES.keys() for known in seniors) >= 3


def test_seniors_fit_into_the_population_of_their_county(written) -> None:
    """The returns are older than this sector and were not touched for it: it has to fit into them."""
    returns: Counter[str] = Counter()
    for agency in ("stats-sim-north", "stats-sim-south"):
        for row in written.residents_today(agency):
            if int(row["age"]) >= 60:
                returns[row["division_code"]] += int(row["population"])
    for code, county in written.expected["indicators"]["senior_learners_60plus"]["counties"].items():
        assert county["learners"] < returns[code] / 5


def test_workbooks_are_the_same_whenever_they_are_written(tmp_path, monkeypatch) -> None:
    import time

    write_province(tmp_path / "a", learners=1_000, seed=4)
    long_ago = time.gmtime(1_000_000_000)
    monkeypatch.setattr(time, "localtime", lambda *_: long_ago)
    write_province(tmp_path / "b", learners=1_000, seed=4)
    first, second = ((tmp_path / root / "sen-hangzhou" / "senior_enrolment_20251231.xlsx") for root in "ab")
    assert first.read_bytes() == second.read_bytes()


def _is_valid(number: str) -> bool:
    wide = {ord("０") + digit: str(digit) for digit in range(10)} | {ord("Ｘ"): "X"}
    text = number.translate(wide).replace(" ", "").upper()
    if len(text) == 15:
        text = f"{text[:6]}19{text[6:]}"
        text += ric.calc_check_digit(text + "0")
    return len(text) == 18 and text[-1] == ric.calc_check_digit(text) and text.startswith("3399")
