from __future__ import annotations

import base64
import copy
import json
from pathlib import Path
from typing import Any

import pytest

from connectors.sources.base import Rejected, Row
from pipeline.errors import BadInput
from tests.deliveries import FIXTURES, Delivered, deliver

QUARTER = FIXTURES / "credit_bank" / "quarter_1"
BADGE, RECORD = (json.loads(line) for line in (QUARTER / "credentials.jsonl").read_text(encoding="utf-8").splitlines())
ELM: dict[str, Any] = {
    "id": "urn:credential:1",
    "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
    "issuer": {"id": "urn:org:1", "legalName": {"en": "University of Zed"}, "registration": {"notation": "R-17"}},
    "validFrom": "2022-12-31T23:00:00Z",
    "credentialSubject": {
        "fullName": {"en": "Ana Andromeda"},
        "dateOfBirth": "1999-10-01T22:00:00Z",
        "nationalID": {"notation": "339901196002290034"},
        "contactPoint": {"emailAddress": {"id": "mailto:ana@example.org"}},
        "hasClaim": {
            "id": "urn:achievement:1",
            "type": "LearningAchievement",
            "title": {"en": "Making credentials", "zh": "制作凭证"},
            "provenBy": {"grade": {"noteLiteral": {"en": "Pass"}}},
            "specifiedBy": {
                "eqfLevel": {"id": "http://data.europa.eu/snb/eqf/6"},
                "thematicArea": [{"id": "http://data.europa.eu/snb/isced-f/003"}, {"id": "x/isced-f/0688"}],
                "creditPoint": {"point": 2, "framework": {"prefLabel": {"en": "European Credit Transfer System"}}},
                "volumeOfLearning": "PT60H",
                "dcType": {"prefLabel": {"en": "Short learning programme"}},
            },
        },
    },
}


def read(tmp_path: Path, *credentials: Any) -> list[Row | Rejected]:
    text = "\n".join(json.dumps(credential, ensure_ascii=False) for credential in credentials)
    (tmp_path / "credentials.jsonl").write_text(text + "\n", encoding="utf-8")
    return deliver("credit_bank", tmp_path / "credentials.jsonl")["learning_outcomes"]


def only(rows: list[Row | Rejected]) -> dict[str, str | None]:
    (row,) = rows
    assert isinstance(row, Row), row
    return row.values


@pytest.fixture(scope="module")
def quarter() -> Delivered:
    return deliver("credit_bank", QUARTER)


def test_tables_and_credentials_of_one_delivery_are_read_together(quarter: Delivered) -> None:
    assert {entity: len(rows) for entity, rows in quarter.items()} == {
        "applications": 1,
        "cross_enrolments": 1,
        "deposits": 1,
        "learning_outcomes": 5,
        "shared_courses": 1,
    }
    forms = [row.values["form"] for row in quarter["learning_outcomes"] if isinstance(row, Row)]
    assert forms == ["csv", "ob3", "clr2", "clr2", "clr2"]
    assert quarter["learning_outcomes"][0].part == "learning_outcomes.csv"


def test_a_badge_is_an_outcome(tmp_path: Path) -> None:
    values = only(read(tmp_path, BADGE))
    assert {name: value for name, value in values.items() if value} == {
        "outcome_id": BADGE["id"],
        "resident_id": "339901196002290034",
        "full_name": "测试丙",
        "outcome_kind": "certificate",
        "title": "社区急救证书",
        "issuer_id": "https://ou.example/issuers/1",
        "issuer_title": "测试开放大学",
        "credits": "2",
        "isced_f_code": "0613",
        "result": "优秀",
        "awarded_on": "2026-03-01",
        "valid_until": "2029-03-01",
        "form": "ob3",
    }


def test_a_record_is_flattened_into_its_outcomes_and_says_what_stacks_into_what(tmp_path: Path) -> None:
    rows = [row.values for row in read(tmp_path, RECORD) if isinstance(row, Row)]
    assert [row["outcome_kind"] for row in rows] == ["micro_credential", "micro_major", "self_taught_exam"]
    assert {row["container_id"] for row in rows} == {RECORD["id"]}
    assert {row["resident_id"] for row in rows} == {"339901196002290034"}
    assert [row["stacks_into"] for row in rows] == ["https://ou.example/achievements/12", None, None]
    assert len({row["outcome_id"] for row in rows}) == 3


def test_a_european_credential_is_an_outcome(tmp_path: Path) -> None:
    values = only(read(tmp_path, ELM))
    assert {name: value for name, value in values.items() if value} == {
        "outcome_id": "urn:credential:1",
        "resident_id": "339901196002290034",
        "full_name": "Ana Andromeda",
        "birth_date": "1999-10-01",
        "holder_id": "ana@example.org",
        "outcome_kind": "micro_credential",
        "title": "制作凭证",
        "issuer_id": "R-17",
        "issuer_title": "University of Zed",
        "credits": "2",
        "credit_framework": "ects",
        "hours": "60",
        "eqf_level": "6",
        "isced_f_code": "0688",
        "result": "Pass",
        "awarded_on": "2022-12-31",
        "form": "elm3",
    }


def test_several_achievements_of_one_credential_are_several_outcomes(tmp_path: Path) -> None:
    credential = copy.deepcopy(ELM)
    claim = credential["credentialSubject"]["hasClaim"]
    credential["credentialSubject"]["hasClaim"] = [
        claim,
        {**claim, "id": "urn:achievement:2"},
        {"type": "LearningActivity"},
    ]
    rows = [row.values for row in read(tmp_path, credential) if isinstance(row, Row)]
    assert [row["outcome_id"] for row in rows] == [
        "urn:credential:1#urn:achievement:1",
        "urn:credential:1#urn:achievement:2",
    ]
    assert {row["container_id"] for row in rows} == {"urn:credential:1"}


def encoded(credential: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(credential).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("wrapped", "notes"),
    [
        ({"credential": ELM}, []),
        ({"payload": encoded(ELM), "signatures": []}, ["note.signature_unchecked"]),
        ({"payload": json.dumps(ELM), "signatures": []}, ["note.signature_unchecked"]),
        ({**ELM, "proof": {"type": "DataIntegrityProof"}}, ["note.signature_unchecked"]),
    ],
)
def test_a_wrapper_or_a_signature_is_taken_off(tmp_path: Path, wrapped: Any, notes: list[str]) -> None:
    (row,) = read(tmp_path, wrapped)
    assert isinstance(row, Row)
    assert row.values["outcome_id"] == "urn:credential:1"
    assert [note.code for note in row.repairs] == notes


@pytest.mark.parametrize(
    ("credential", "reason"),
    [
        ({**BADGE, "type": ["OpenBadgeCredential"]}, "reader.credential_type"),
        ({"type": ["VerifiableCredential"], "id": "urn:1"}, "reader.credential_type"),
        ({**BADGE, "id": ""}, "reader.credential_id"),
        ({**BADGE, "credentialSubject": {"achievement": "x"}}, "reader.credential_subject"),
        ({**BADGE, "issuer": None}, "reader.credential_issuer"),
        ({**BADGE, "validFrom": "last spring"}, "reader.credential_date"),
        (
            {**BADGE, "credentialSubject": {**BADGE["credentialSubject"], "creditsEarned": "two"}},
            "reader.credential_number",
        ),
        ({**ELM, "credentialSubject": {}}, "reader.credential_subject"),
        ({**ELM, "id": None}, "reader.credential_id"),
        ({"payload": "@@@", "signatures": []}, "reader.credential_payload"),
        ({"payload": encoded([1]), "signatures": []}, "reader.credential_payload"),
    ],
)
def test_what_is_no_outcome_is_set_aside_with_its_reason(tmp_path: Path, credential: Any, reason: str) -> None:
    wrong, good = read(tmp_path, credential, BADGE)
    assert isinstance(wrong, Rejected)
    assert (wrong.line, wrong.rule_id) == (1, reason)
    assert isinstance(good, Row)


def test_a_badge_without_a_name_is_set_aside(tmp_path: Path) -> None:
    badge = copy.deepcopy(BADGE)
    del badge["credentialSubject"]["achievement"]["name"]
    (row,) = read(tmp_path, badge)
    assert isinstance(row, Rejected)
    assert row.rule_id == "reader.credential_title"


def test_hashed_identities_name_no_one(tmp_path: Path) -> None:
    badge = copy.deepcopy(BADGE)
    badge["credentialSubject"]["identifier"] = [
        {"hashed": True, "identityHash": "sha256$abc", "identityType": "nationalIdentityNumber"}
    ]
    assert only(read(tmp_path, badge))["resident_id"] is None


def test_a_delivery_without_table_and_credential_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x\ny\n", encoding="utf-8")
    (tmp_path / "b.pdf").write_bytes(b"%PDF")
    with pytest.raises(BadInput):
        deliver("credit_bank", tmp_path)
