"""The kinds of planted defects, numbered through all sectors, and what the pipeline has to make of each.

The rule ids are those of `expectations/suites`; a kind whose rule were renamed there would be found by nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Stage = Literal["parse", "decode", "rule", "edge", "duplicate"]
Severity = Literal["critical", "warning", "info"]
Outcome = Literal["quarantined", "released", "duplicate"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of defect and what the pipeline has to make of it. `plain` says it in English."""

    number: int
    name: str
    source: str
    entity: str
    stage: Stage
    rule_id: str
    severity: Severity
    expected: Outcome
    plain: str


def _rule(number: int, table: str, rule: str, name: str, plain: str) -> Kind:
    source, entity = table.split("__")
    return Kind(number, name, source, entity, "rule", f"{table}.{rule}", "critical", "quarantined", plain)


RAGGED_ENROLMENT: Final = Kind(
    1, "enrollment_ragged_row", "oneroster", "enrollments", "parse", "reader.ragged_row", "critical", "quarantined",
    "a field too many or too few",
)  # fmt: skip
BEGIN_NO_DATE: Final = Kind(
    2, "enrollment_begin_not_a_date", "oneroster", "enrollments", "decode", "contract.type", "critical", "quarantined",
    "beginDate is 2025-13-45",
)  # fmt: skip
USER_UNKNOWN: Final = _rule(
    3, "oneroster__enrollments", "user_known", "enrollment_user_unknown", "the user is not in the bundle"
)
END_BEFORE_BEGIN: Final = _rule(
    4, "oneroster__enrollments", "begins_before_end", "enrollment_ends_before_it_begins", "endDate before beginDate"
)
SEX_CODE: Final = _rule(5, "oneroster__demographics", "sex_code", "demographics_sex_code", "sex is X")
BORN_LONG_AGO: Final = _rule(
    6, "oneroster__demographics", "birth_date_plausible", "demographics_birth_date", "born in 1801"
)
ID_INVALID: Final = Kind(
    7, "resident_id_invalid", "oneroster", "users", "edge", "oneroster__users.resident_id_valid", "warning", "released",
    "check character of the resident id is wrong",
)  # fmt: skip
ID_MISSING: Final = Kind(
    8, "resident_id_missing", "oneroster", "users", "edge", "oneroster__users.resident_id_present", "info", "released",
    "no resident id",
)  # fmt: skip
DIVISION_UNKNOWN: Final = _rule(
    9, "oneroster__orgs", "division_known", "org_division_unknown", "division code 339999; no classes, no people"
)
ENROLMENT_REPEATED: Final = Kind(
    10, "enrollment_repeated", "oneroster", "enrollments", "duplicate", "books.duplicate", "info", "duplicate",
    "the same row twice",
)  # fmt: skip
SCORE_RANGE: Final = _rule(
    11, "oulad__student_assessment", "score_in_range", "assessment_score_out_of_range", "score is 150"
)
SCORE_NO_NUMBER: Final = Kind(
    12, "assessment_score_not_a_number", "oulad", "student_assessment", "decode", "contract.type", "critical",
    "quarantined", "score is n/a",
)  # fmt: skip
STUDENT_UNKNOWN: Final = _rule(
    13, "oulad__student_assessment", "student_known", "assessment_student_unknown", "the student is not in studentInfo"
)
GENDER_CODE: Final = _rule(14, "oulad__student_info", "gender_code", "student_gender_code", "gender is Z")
STUDENT_TWICE: Final = _rule(
    15, "oulad__student_info", "unique_key", "student_twice", "one key, two rows of different content; both are listed"
)
CLICKS_NEGATIVE: Final = _rule(16, "oulad__student_vle", "clicks_positive", "vle_clicks_negative", "clicks below zero")
RAGGED_ASSESSMENT: Final = Kind(
    17, "assessment_ragged_row", "oulad", "student_assessment", "parse", "reader.ragged_row", "critical",
    "quarantined", "a field too many or too few",
)  # fmt: skip
UNREGISTERED_EARLY: Final = _rule(
    18, "oulad__student_registration", "unregistered_after_registered", "registration_ends_before_it_begins",
    "unregistered before registered",
)  # fmt: skip
POPULATION_NEGATIVE: Final = _rule(
    19, "census__population_by_age", "population_not_negative", "population_negative", "a negative count"
)
SEXES_DO_NOT_ADD: Final = _rule(
    20, "census__county_yearbook", "sexes_add_up", "yearbook_sexes_do_not_add_up", "pop is not pop_m + pop_f"
)
STUDENT_ID_INVALID: Final = Kind(
    21, "student_resident_id_invalid", "oulad", "student_info", "edge", "oulad__student_info.resident_id_valid",
    "warning", "released", "check character of the resident id is wrong",
)  # fmt: skip
STUDENT_ID_MISSING: Final = Kind(
    22, "student_resident_id_missing", "oulad", "student_info", "edge", "oulad__student_info.resident_id_present",
    "info", "released", "no resident id",
)  # fmt: skip


def _id_kinds(number: int, table: str, what: str) -> tuple[Kind, Kind]:
    """The resident id is wrong, or missing: both are released and linkage decides."""
    source, entity = table.split("__")
    return (
        Kind(number, f"{what}_resident_id_invalid", source, entity, "edge", f"{table}.resident_id_valid", "warning",
             "released", "check character of the resident id is wrong"),
        Kind(number + 1, f"{what}_resident_id_missing", source, entity, "edge", f"{table}.resident_id_present", "info",
             "released", "no resident id"),
    )  # fmt: skip


SPELL_RAGGED: Final = Kind(
    23, "employment_ragged_row", "hr", "employments", "parse", "reader.ragged_row", "critical", "quarantined",
    "a field too many or too few",
)  # fmt: skip
SPELL_NO_DATE: Final = Kind(
    24, "employment_start_not_a_date", "hr", "employments", "decode", "contract.type", "critical", "quarantined",
    "start_date is 2025-02-30",
)  # fmt: skip
HIRED_AS_CHILD: Final = _rule(
    25, "hr__employments", "of_working_age", "employed_before_16", "begins the day before the sixteenth birthday"
)
EMPLOYER_MISTYPED: Final = _rule(
    26,
    "hr__employments",
    "employer_uscc_valid",
    "employer_uscc_wrong",
    "check character of the employer is wrong",
)
SPELL_ENDS_EARLY: Final = _rule(
    27, "hr__employments", "begins_before_end", "employment_ends_before_it_starts", "end_date before start_date"
)
SCHEME_UNKNOWN: Final = _rule(
    28, "hr__employments", "occupation_scheme_code", "occupation_scheme_unknown", "occupation_scheme is ISCO88"
)
SPELL_IN_FUTURE: Final = _rule(
    29, "hr__employments", "not_in_future", "employment_starts_in_future", "starts a hundred years from now"
)
WORKPLACE_UNKNOWN: Final = _rule(
    30, "hr__employments", "workplace_division_known", "workplace_division_unknown", "workplace division 339999"
)
SPELL_REPEATED: Final = Kind(
    31, "employment_repeated", "hr", "employments", "duplicate", "books.duplicate", "info", "duplicate",
    "the same row twice",
)  # fmt: skip
LEVEL_UNKNOWN: Final = _rule(
    32, "hr__skill_certificates", "skill_level_known", "certificate_level_unknown", "skill_level is 九级"
)
CERTIFICATE_EXPIRED_EARLY: Final = _rule(
    33,
    "hr__skill_certificates",
    "valid_after_issue",
    "certificate_expires_before_issue",
    "valid_to before issue_date",
)
RESULT_UNKNOWN: Final = _rule(34, "hr__trainings", "result_code", "training_result_unknown", "result is 合格")
HOURS_NO_NUMBER: Final = Kind(
    35, "training_hours_not_a_number", "hr", "trainings", "decode", "contract.type", "critical", "quarantined",
    "hours is two weeks in words",
)  # fmt: skip
TRAINING_ENDS_EARLY: Final = _rule(
    36, "hr__trainings", "begins_before_end", "training_ends_before_it_starts", "end_date before start_date"
)
SPELL_ID_INVALID, SPELL_ID_MISSING = _id_kinds(37, "hr__employments", "employment")
CERTIFICATE_ID_INVALID, CERTIFICATE_ID_MISSING = _id_kinds(39, "hr__skill_certificates", "certificate")
TRAINING_ID_INVALID, TRAINING_ID_MISSING = _id_kinds(41, "hr__trainings", "training")

ID_LOST: Final = Kind(
    43, "senior_id_lost_in_spreadsheet", "senior", "enrolments", "parse", "reader.id_lost_in_spreadsheet", "critical",
    "quarantined", "the resident id became a number, 3.39E+17",
)  # fmt: skip
ENROLLED_NO_DATE: Final = Kind(
    44, "senior_enrolment_not_a_date", "senior", "enrolments", "decode", "contract.type", "critical", "quarantined",
    "enrol_date is 2025-02-30",
)  # fmt: skip
STATUS_UNKNOWN: Final = _rule(
    45, "senior__enrolments", "status_code", "senior_status_unknown", "status is a word no list holds"
)
CATEGORY_UNKNOWN: Final = _rule(
    46,
    "senior__enrolments",
    "course_category_code",
    "senior_category_unknown",
    "the subject area is no code of ours",
)
FEE_NEGATIVE: Final = _rule(47, "senior__enrolments", "fee_not_negative", "senior_fee_negative", "a fee below zero")
REASON_WITHOUT_LEAVING: Final = _rule(
    48, "senior__enrolments", "reason_only_when_withdrawn", "senior_reason_without_leaving",
    "a reason for leaving, and still enrolled",
)  # fmt: skip
SENIOR_BORN_LONG_AGO: Final = _rule(
    49, "senior__enrolments", "birth_date_plausible", "senior_birth_date", "born in 1801"
)
ATTENDED_TOO_MUCH: Final = Kind(
    50, "senior_attended_more_than_planned", "senior", "enrolments", "rule",
    "senior__enrolments.attended_within_planned", "warning", "released", "more hours attended than planned",
)  # fmt: skip
CONSENT_MISSING: Final = Kind(
    51, "senior_consent_missing", "senior", "enrolments", "rule", "senior__enrolments.consent_over_80", "warning",
    "released", "over 80 without the family's consent",
)  # fmt: skip
ENROLMENT_TWICE: Final = Kind(
    52, "senior_enrolment_repeated", "senior", "enrolments", "duplicate", "books.duplicate", "info", "duplicate",
    "the same row twice",
)  # fmt: skip
SENIOR_ID_INVALID, SENIOR_ID_MISSING = _id_kinds(53, "senior__enrolments", "senior")

SCHOOL_RAGGED: Final = Kind(
    55, "school_return_ragged_row", "returns", "schools", "parse", "reader.ragged_row", "critical", "quarantined",
    "a field too many or too few",
)  # fmt: skip
HEADCOUNT_NO_NUMBER: Final = Kind(
    56, "higher_education_headcount_not_a_number", "returns", "higher_education", "decode", "contract.type", "critical",
    "quarantined", "headcount is in words",
)  # fmt: skip
KIND_NOT_OF_CODE: Final = _rule(
    57, "returns__schools", "kind_fits_code", "school_kind_not_of_its_code", "a primary school said to be a junior one"
)
OCCUPATION_OF_OTHER_SCHEME: Final = _rule(
    58,
    "returns__vacancies",
    "occupation_shape",
    "vacancy_occupation_of_other_scheme",
    "a code of the national dictionary said to be of ISCO-08",
)
OLDER_THAN_ALL: Final = _rule(
    59, "returns__community_learning", "older_within_attendances", "community_more_older_than_all",
    "more attendances of people over 60 than attendances",
)  # fmt: skip
SURVEY_OF_NOBODY: Final = _rule(
    60, "returns__surveys", "sample_positive", "survey_without_sample", "an estimate nobody was asked for"
)

ON_PUPILS: Final = (
    RAGGED_ENROLMENT, BEGIN_NO_DATE, USER_UNKNOWN, END_BEFORE_BEGIN, SEX_CODE, BORN_LONG_AGO, ENROLMENT_REPEATED,
)  # fmt: skip
ON_STUDENTS: Final = (
    SCORE_RANGE, SCORE_NO_NUMBER, STUDENT_UNKNOWN, GENDER_CODE, STUDENT_TWICE, CLICKS_NEGATIVE, RAGGED_ASSESSMENT,
    UNREGISTERED_EARLY,
)  # fmt: skip
ON_WORKERS: Final = (
    SPELL_RAGGED, SPELL_NO_DATE, HIRED_AS_CHILD, EMPLOYER_MISTYPED, SPELL_ENDS_EARLY, SCHEME_UNKNOWN, SPELL_IN_FUTURE,
    WORKPLACE_UNKNOWN, SPELL_REPEATED, LEVEL_UNKNOWN, CERTIFICATE_EXPIRED_EARLY, RESULT_UNKNOWN, HOURS_NO_NUMBER,
    TRAINING_ENDS_EARLY,
)  # fmt: skip
ON_SENIORS: Final = (
    ID_LOST, ENROLLED_NO_DATE, STATUS_UNKNOWN, CATEGORY_UNKNOWN, FEE_NEGATIVE, REASON_WITHOUT_LEAVING,
    SENIOR_BORN_LONG_AGO, ATTENDED_TOO_MUCH, CONSENT_MISSING, ENROLMENT_TWICE,
)  # fmt: skip
ON_RETURNS: Final = (
    SCHOOL_RAGGED, HEADCOUNT_NO_NUMBER, KIND_NOT_OF_CODE, OCCUPATION_OF_OTHER_SCHEME, OLDER_THAN_ALL, SURVEY_OF_NOBODY,
)  # fmt: skip
_WORKER_IDS: Final = (
    SPELL_ID_INVALID, SPELL_ID_MISSING, CERTIFICATE_ID_INVALID, CERTIFICATE_ID_MISSING, TRAINING_ID_INVALID,
    TRAINING_ID_MISSING,
)  # fmt: skip
KINDS: Final = (
    *ON_PUPILS, ID_INVALID, ID_MISSING, DIVISION_UNKNOWN, *ON_STUDENTS, POPULATION_NEGATIVE, SEXES_DO_NOT_ADD,
    STUDENT_ID_INVALID, STUDENT_ID_MISSING, *ON_WORKERS, *_WORKER_IDS, *ON_SENIORS, SENIOR_ID_INVALID,
    SENIOR_ID_MISSING, *ON_RETURNS,
)  # fmt: skip
