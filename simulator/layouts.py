"""Header lines of every file an agency drops, in the order its standard prints them."""

from __future__ import annotations

from typing import Final

_BASE: Final = ("sourcedId", "status", "dateLastModified")

ONEROSTER: Final[dict[str, tuple[str, ...]]] = {
    "orgs": (
        *_BASE, "name", "type", "identifier", "parentSourcedId", "metadata.cn.divisionCode", "metadata.cn.uscc",
        "metadata.cn.schoolKind", "metadata.cn.urbanRural", "metadata.cn.ownership",
    ),
    "users": (
        *_BASE, "enabledUser", "username", "userIds", "givenName", "familyName", "middleName", "identifier", "email",
        "sms", "phone", "agentSourcedIds", "grades", "password", "userMasterIdentifier", "resourceSourcedIds",
        "preferredGivenName", "preferredMiddleName", "preferredFamilyName", "primaryOrgSourcedId", "pronouns",
        "metadata.cn.residenceDivision",
    ),
    "roles": (
        *_BASE, "userSourcedId", "roleType", "role", "beginDate", "endDate", "orgSourcedId", "userProfileSourcedId",
    ),
    "academicSessions": (
        *_BASE, "title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear",
    ),
    "courses": (
        *_BASE, "schoolYearSourcedId", "title", "courseCode", "grades", "orgSourcedId", "subjects", "subjectCodes",
    ),
    "classes": (
        *_BASE, "title", "grades", "courseSourcedId", "classCode", "classType", "location", "schoolSourcedId",
        "termSourcedIds", "subjects", "subjectCodes", "periods",
    ),
    "enrollments": (
        *_BASE, "classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary", "beginDate", "endDate",
    ),
    "demographics": (
        *_BASE, "birthDate", "sex", "americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican",
        "nativeHawaiianOrOtherPacificIslander", "white", "demographicRaceTwoOrMoreRaces",
        "hispanicOrLatinoEthnicity", "countryOfBirthCode", "stateOfBirthAbbreviation", "cityOfBirth",
        "publicSchoolResidenceStatus",
    ),
}  # fmt: skip
"""OneRoster 1.2 CSV binding; our extension columns stand at the far right."""

ONEROSTER_ABSENT: Final = (
    "categories", "classResources", "courseResources", "lineItemLearningObjectiveIds", "lineItems",
    "lineItemScoreScales", "resources", "resultLearningObjectiveIds", "results", "scoreScales", "userProfiles",
    "userResources",
)  # fmt: skip

_PRESENTATION: Final = ("code_module", "code_presentation")

OULAD: Final[dict[str, tuple[str, ...]]] = {
    "courses": (*_PRESENTATION, "module_presentation_length"),
    "assessments": (*_PRESENTATION, "id_assessment", "assessment_type", "date", "weight"),
    "vle": ("id_site", *_PRESENTATION, "activity_type", "week_from", "week_to"),
    "studentInfo": (
        *_PRESENTATION, "id_student", "gender", "region", "highest_education", "imd_band", "age_band",
        "num_of_prev_attempts", "studied_credits", "disability", "final_result",
        "cn_resident_id", "cn_full_name", "cn_birth_date", "cn_residence_division",
    ),
    "studentRegistration": (*_PRESENTATION, "id_student", "date_registration", "date_unregistration"),
    "studentAssessment": ("id_assessment", "id_student", "date_submitted", "is_banked", "score"),
    "studentVle": (*_PRESENTATION, "id_student", "id_site", "date", "sum_click"),
}  # fmt: skip
"""Open University Learning Analytics Dataset; studentInfo carries four more columns at the right."""

OULAD_KEYS: Final = {
    "courses": (0, 1),
    "assessments": (2,),
    "vle": (0,),
    "studentInfo": (0, 1, 2),
    "studentRegistration": (0, 1, 2),
    "studentAssessment": (0, 1),
    "studentVle": (0, 1, 2, 3, 4),
}
"""Positions of the columns that make up a record id; clicks have only this natural key, and it repeats."""

ENTITY: Final = {
    "academicSessions": "academic_sessions",
    "studentInfo": "student_info",
    "studentRegistration": "student_registration",
    "studentAssessment": "student_assessment",
    "studentVle": "student_vle",
    "employment": "employments",
    "skill_certificate": "skill_certificates",
    "training": "trainings",
}
"""Files whose entity has another name than the file."""

POPULATION: Final = ("reference_date", "base", "division_code", "age", "sex", "population")

AGE_GROUPS: Final = (
    "0", "1_4", "5_9", "10_14", "15_19", "20_24", "25_29", "30_34", "35_39", "40_44", "45_49", "50_54", "55_59",
    "60_64", "65_69", "70_74", "75_79", "80_84", "85plus",
)  # fmt: skip
EDUCATION: Final = ("unschooled", "preschool", "primary", "junior", "senior", "jcollege", "bachelor_plus")
OCCUPATIONS: Final = (
    "occ1_leaders", "occ2_professional", "occ3_clerical", "occ4_service", "occ5_agri", "occ6_production", "occ7_other",
)  # fmt: skip

YEARBOOK: Final = (
    "level", "code", "prefecture_zh", "county_zh", "pop", "pop_m", "pop_f", "pop_urban", "pop_rural",
    *(f"{sex}_{group}" for group in AGE_GROUPS for sex in "mf"),
    *(f"edu_{level}_{sex}" for level in EDUCATION for sex in "mf"),
    "mys", "mys_m", "mys_f", "illit15", "pop15plus", "occ_total_longform", *OCCUPATIONS, "ind_education",
)  # fmt: skip
"""The wide county file of the 2020 census yearbook."""

YEARBOOK_WITH_POINT: Final = frozenset(
    (
        "m_0", "f_0", "f_5_9", "m_60_64", "f_60_64", "f_65_69", "m_70_74", "f_70_74", "m_75_79", "f_75_79",
        "m_80_84", "f_80_84", "m_85plus", "f_85plus", "illit15", "pop15plus", "occ_total_longform", *OCCUPATIONS,
        "ind_education",
        *(f"edu_{level}_{sex}" for level in EDUCATION if level != "junior" for sex in "mf"),
    )
)  # fmt: skip
"""Whole numbers that the yearbook file prints with a trailing `.0`; a reader has to take them."""

_IDENTITY: Final = ("resident_id", "full_name", "birth_date", "sex")

LABOUR: Final[dict[str, tuple[str, ...]]] = {
    "employment": (
        *_IDENTITY, "employer_uscc", "employer_name", "employment_id", "employment_form", "start_date", "end_date",
        "occupation_code", "occupation_scheme", "industry_code", "workplace_division", "contract_hours",
        "record_status", "last_modified",
    ),
    "skill_certificate": (
        *_IDENTITY, "certificate_no", "certificate_kind", "occupation_code", "skill_level", "issuer_uscc",
        "issue_date", "valid_to", "revoked_date",
    ),
    "training": (
        *_IDENTITY, "training_id", "programme_name", "kind", "provider_uscc", "start_date", "end_date", "hours",
        "result", "subsidy_flag", "certificate_no",
    ),
}  # fmt: skip
"""The three tables of a labour office."""

LABOUR_KEYS: Final = {"employment": 6, "skill_certificate": 4, "training": 4}
"""Position of each table's own number."""

SENIOR: Final[dict[str, str]] = {
    "school_code": "学校代码",
    "term": "学期",
    "class_id": "班级编号",
    "course_code": "课程代码",
    "course_category": "课程类别",
    "delivery": "授课形式",
    "student_card_no": "学员证号",
    "full_name": "姓名",
    "sex": "性别",
    "resident_id": "身份证号",
    "birth_date": "出生日期",
    "enrol_date": "报名日期",
    "fee_paid": "实收学费",
    "hours_planned": "计划课时",
    "hours_attended": "出勤课时",
    "status": "学籍状态",
    "withdraw_reason": "退学原因",
    "education_level": "文化程度",
    "residence_division": "居住地代码",
    "hukou_division": "户籍地代码",
    "retired_flag": "是否退休",
    "health_declaration_flag": "健康声明",
    "consent_80plus": "家属同意",
    "emergency_contact": "紧急联系人",
}
"""Columns of a senior university's register and the words its office writes above them, in the office's order."""

CREDIT_BANK: Final[dict[str, tuple[str, ...]]] = {
    "learning_outcomes": (
        "outcome_id", "resident_id", "full_name", "birth_date", "sex", "outcome_kind", "stacks_into", "title",
        "issuer_id", "issuer_title", "credits", "credit_framework", "hours", "eqf_level", "isced_f_code", "result",
        "awarded_on", "valid_until", "revoked_on", "form",
    ),
    "deposits": ("deposit_id", "account_no", "outcome_id", "category", "credits", "deposited_on", "status"),
    "applications": (
        "application_id", "outcome_id", "account_no", "institution_code", "programme_code", "course_code",
        "programme_credits", "credits_applied", "credits_recognised", "overlap_pct", "is_online", "applied_on",
        "decided_on", "decision",
    ),
    "shared_courses": (
        "course_code", "institution_code", "title", "credits", "hours", "delivery", "isced_f_code", "capacity",
        "opens_on", "closes_on",
    ),
    "cross_enrolments": (
        "enrolment_id", "course_code", "home_institution_code", "resident_id", "full_name", "birth_date", "sex",
        "student_no", "enrolled_on", "ended_on", "status", "credits_awarded",
    ),
}  # fmt: skip

RETURNS: Final[dict[str, tuple[str, ...]]] = {
    "schools": (
        "school_year", "school_code", "division_code", "school_kind", "ownership", "urban_rural", "places", "headcount",
        "full_time_teachers", "fee_cny_month", "education_group", "paired_school_code",
    ),
    "births_migration": ("year", "base", "division_code", "sex", "births", "deaths", "moved_in", "moved_out"),
    "higher_education": (
        "school_year", "institution_code", "form", "origin_province", "division_code", "headcount",
    ),
    "graduates": (
        "year", "institution_code", "isced_level", "isced_f_broad", "division_code", "graduates", "graduates_female",
    ),
    "vacancies": (
        "month", "division_code", "occupation_scheme", "occupation_code", "vacancies", "applicants",
    ),
    "community_learning": (
        "month", "point_code", "division_code", "urban_rural", "sessions", "attendances", "attendances_60plus",
        "learners",
    ),
    "surveys": (
        "indicator_code", "area_code", "source", "wave", "dimension", "member", "value", "unit", "n", "margin",
        "fieldwork_end", "weight_base",
    ),
    "targets": (
        "indicator_code", "area_code", "target_year", "document_no", "document_title", "direction", "value", "unit",
        "issued_date", "note",
    ),
}  # fmt: skip
"""The eight statistical returns; each table is recognised by its columns."""

RETURN_KEYS: Final = {
    "schools": 2, "births_migration": 4, "higher_education": 4, "graduates": 4, "vacancies": 4,
    "community_learning": 2, "surveys": 6, "targets": 4,
}  # fmt: skip
"""How many columns make up a record id, in their order as the contracts have it."""
