"""What leaves the edge, and what must not."""

import datetime as dt
import json
from typing import Any

import pytest

from connectors.edge import Edge, Edged, stable_key
from connectors.identities import TRANSIT_CONTEXT
from connectors.registry import Agency
from connectors.sources.base import Rejected, Row
from pipeline import contracts, sealing
from pipeline.pseudonyms import safe_record_id
from pipeline.settings import CHECKOUT, Secrets, parse_secrets

CONTRACTS = contracts.load_all(CHECKOUT / "contracts")
TODAY = dt.date(2026, 11, 22)
TRANSIT = bytes(range(32))
GOOD_ID, OTHER_ID, BAD_ID = "339901188001011113", "339901188001011121", "339901188001011112"
STUDENT_NUMBER = "G" + GOOD_ID
CANARY = {
    "userMasterIdentifier": GOOD_ID,
    "givenName": "卡纳里",
    "familyName": "欧阳",
    "identifier": STUDENT_NUMBER,
    "username": "canary.login",
    "email": "canary@example.cn",
    "phone": "13900009999",
    "sms": "13800008888",
}


def secrets(active: str = "1") -> Secrets:
    return parse_secrets(
        {
            "pg_passwords": {},
            "hmac_keys": {"1": "11" * 32, "2": "55" * 32},
            "hmac_active": active,
            "vault_master_key": "22" * 32,
            "intake_key": "33" * 32,
            "quarantine_key": "44" * 32,
        }
    )


def agency(code: str = "sch-test", source: str = "oneroster") -> Agency:
    return Agency(
        agency_code=code,
        name_zh="",
        name_en="",
        sector="school",
        source=source,
        area="simulated",
        mode="bulk",
        time_zone="Asia/Shanghai",
        owner="",
    )


def edge(entity: str = "users", source: str = "oneroster", *, code: str = "sch-test", active: str = "1") -> Edge:
    return Edge(CONTRACTS[source, entity], agency(code, source), secrets(active), TODAY, TRANSIT)


def user(**values: str | None) -> Row:
    return Row(2, {"sourcedId": "u1", "enabledUser": "true", **CANARY, **values})


def identity(edged: Edged) -> dict[str, Any]:
    assert edged.identity is not None
    return dict(json.loads(sealing.unseal(TRANSIT, edged.identity, TRANSIT_CONTEXT)))


def payload(edged: Edged) -> dict[str, Any]:
    assert edged.data is not None
    return dict(json.loads(edged.data))


def test_no_identifier_leaves_in_the_clear() -> None:
    edged = edge().row(user())
    said = repr(edged)
    for value in CANARY.values():
        assert value not in said
        assert value.encode() not in (edged.data or b"")
    assert payload(edged) == {"sourcedId": "u1", "enabledUser": "true"}


def test_sidecar_holds_identifiers_and_linkage_fields_by_kind() -> None:
    found = identity(edge().row(user(**{"metadata.cn.residenceDivision": "330102"})))
    assert found["resident_id"] == GOOD_ID
    assert found["given_name"] == "卡纳里"
    assert found["family_name"] == "欧阳"
    assert found["division"] == "330102"
    assert found["account.identifier"] == STUDENT_NUMBER
    assert found["phone.phone"] == "13900009999"


def test_person_key_is_the_same_in_every_agency_and_for_every_way_of_writing_the_id() -> None:
    keys = {
        edge(code=code).row(user(userMasterIdentifier=written)).person_key
        for code in ("sch-a", "sch-b")
        for written in (GOOD_ID, f" {GOOD_ID} ", "３３９９０１188001011113")
    }
    assert len(keys) == 1
    assert str(keys.pop()).startswith("1.")


@pytest.mark.parametrize(
    ("written", "status"), [(GOOD_ID, "valid"), (BAD_ID, "invalid"), (None, "missing"), ("E12345678", "other_document")]
)
def test_id_status_tells_what_the_agency_holds(written: str | None, status: str) -> None:
    edged = edge().row(user(userMasterIdentifier=written))
    assert edged.id_status == status
    assert (edged.person_key is not None) == (status == "valid")


def test_without_person_key_the_record_is_the_subject() -> None:
    assert edge().row(user(userMasterIdentifier=None)).subject == "sch-test:oneroster.users:u1"
    found = edge().row(user())
    assert found.subject == found.person_key


def test_no_sidecar_where_no_identifier_is_filled() -> None:
    empty = edge().row(user(**dict.fromkeys(CANARY)))
    assert (empty.identity, empty.subject, empty.id_status) == (None, None, "missing")


def test_entities_without_identifiers_have_neither_key_nor_status() -> None:
    org = edge("orgs").row(Row(2, {"sourcedId": "o1", "name": "校", "type": "school"}))
    assert (org.person_key, org.id_status, org.identity, org.identity_hash) == (None, None, None, None)


def test_content_hash_ignores_identity_and_identity_hash_ignores_content() -> None:
    first, other_id = edge().row(user()), edge().row(user(userMasterIdentifier=OTHER_ID))
    assert first.content_hash == other_id.content_hash
    assert first.identity_hash != other_id.identity_hash
    other_content = edge().row(user(enabledUser="false"))
    assert first.content_hash != other_content.content_hash
    assert first.identity_hash == other_content.identity_hash


@pytest.mark.parametrize(("before", "after"), [(None, GOOD_ID), (BAD_ID, GOOD_ID), (GOOD_ID, None), (None, BAD_ID)])
def test_identity_hash_differs_whenever_key_or_status_does(before: str | None, after: str | None) -> None:
    found = {edge().row(user(userMasterIdentifier=written)).identity_hash for written in (before, after)}
    assert len(found) == 2


def test_rotating_the_hmac_key_changes_person_keys_but_neither_hashes_nor_record_ids() -> None:
    row = Row(2, {**user().values, "sourcedId": STUDENT_NUMBER})
    old, new = edge(active="1").row(row), edge(active="2").row(row)
    assert old.person_key != new.person_key
    assert (old.record_id, old.content_hash, old.identity_hash) == (new.record_id, new.content_hash, new.identity_hash)


def test_record_id_with_a_resident_id_is_hashed_and_its_references_are_equal() -> None:
    person = edge().row(user(sourcedId=STUDENT_NUMBER, agentSourcedIds=f"p1,{STUDENT_NUMBER}"))
    enrolment = edge("enrollments").row(
        Row(2, {"sourcedId": "e1", "classSourcedId": "c1", "schoolSourcedId": "o1", "userSourcedId": STUDENT_NUMBER})
    )
    assert person.record_id.startswith("h.")
    assert payload(person)["sourcedId"] == person.record_id
    assert payload(enrolment)["userSourcedId"] == person.record_id
    assert payload(person)["agentSourcedIds"] == f"p1,{person.record_id}"
    assert GOOD_ID not in repr((person, enrolment))


def test_a_resident_id_in_the_wrong_column_is_hashed_but_a_number_that_only_looks_like_one_stays() -> None:
    org = {"sourcedId": "o1", "type": "school"}
    stray = edge("orgs").row(Row(2, {**org, "name": f"张三 {GOOD_ID}"}))
    assert GOOD_ID not in str(payload(stray))
    credit_code = edge("orgs").row(Row(2, {**org, "name": "校", "metadata.cn.uscc": "123300004700032811"}))
    assert payload(credit_code)["metadata.cn.uscc"] == "123300004700032811"


def test_composite_record_ids_hide_each_part() -> None:
    row = Row(2, {"id_assessment": "17", "id_student": STUDENT_NUMBER, "score": "80"})
    found = edge("student_assessment", "oulad").row(row)
    assert found.record_id == "17|" + safe_record_id(STUDENT_NUMBER, stable_key(secrets()))


def test_values_are_trimmed_and_nfc_and_nothing_is_left_out_but_none_and_blanks() -> None:
    row = Row(2, {"sourcedId": " o1 ", "name": "cafe\u0301\u3000", "type": "  ", "identifier": None})
    assert payload(edge("orgs").row(row)) == {"sourcedId": "o1", "name": "café"}


def test_occurrences_are_named_by_key_and_content() -> None:
    values = {"code_module": "A", "code_presentation": "B", "id_student": "1", "id_site": "2", "date": "3"}
    few, many = (edge("student_vle", "oulad").row(Row(2, {**values, "sum_click": clicks})) for clicks in ("1", "9"))
    assert few.record_id == f"A|B|1|2|3|{few.content_hash.hex()[:12]}"
    assert few.record_id != many.record_id


def test_a_row_without_its_key_says_so() -> None:
    found = edge("orgs").row(Row(2, {"sourcedId": None, "name": "校", "type": "school"}))
    assert found.is_keyless
    assert found.reason is None
    assert found.record_id.startswith("keyless|")


def test_deletes_carry_no_payload_and_no_identity() -> None:
    found = edge().row(user()._replace(deleted=True, modified_at="2026-01-02T03:04:05.000Z"))
    assert found.is_deleted
    assert (found.data, found.identity, found.person_key) == (None, None, None)
    assert found.modified_at == dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize("written", ["yesterday", "0001-01-01T00:00:00+14:00", ""])
def test_a_time_that_cannot_be_read_is_left_out(written: str) -> None:
    assert edge().row(user()._replace(modified_at=written)).modified_at is None


def test_rejected_raw_text_is_sealed_and_bound_to_its_table() -> None:
    found = edge().rejected(Rejected(7, f"u1,{GOOD_ID},too,many", "reader.ragged_row", "u1"))
    assert (found.record_id, found.reason, found.is_keyless) == ("u1", "reader.ragged_row", False)
    assert found.sealed is not None
    plain = sealing.unseal(secrets().quarantine_key, found.sealed, b"quarantine:oneroster__users")
    assert plain.decode() == f"u1,{GOOD_ID},too,many"
    assert GOOD_ID not in repr(found)


def test_rejected_hint_becomes_the_same_record_id_as_the_whole_row() -> None:
    for hint in (STUDENT_NUMBER, f" {STUDENT_NUMBER} "):
        hinted = edge().rejected(Rejected(7, "…", "reader.ragged_row", hint))
        assert hinted.record_id == edge().row(user(sourcedId=STUDENT_NUMBER)).record_id
    parted = edge("student_assessment", "oulad").rejected(Rejected(7, "…", "r", f"17|{STUDENT_NUMBER}"))
    assert parted.record_id == "17|" + safe_record_id(STUDENT_NUMBER, stable_key(secrets()))


def test_rejected_without_hint_is_named_by_its_line_and_keyless() -> None:
    found = edge().rejected(Rejected(7, "???", "reader.ragged_row", None))
    assert found.is_keyless
    assert found.record_id.startswith("rejected|7|")


def test_text_that_cannot_be_written_is_rejected_not_raised() -> None:
    found = edge("orgs").row(Row(2, {"sourcedId": "o1", "name": "\ud800", "type": "school"}))
    assert found.reason == "reader.bad_encoding"


def test_an_oversized_row_is_rejected_under_its_record() -> None:
    found = edge("orgs").row(Row(2, {"sourcedId": "o1", "name": "x" * 2_000_000, "type": "school"}))
    assert (found.reason, found.record_id, found.is_keyless) == ("reader.oversized_row", "o1", False)
    assert len(found.sealed or b"") < 100_000


def test_record_ids_fit_a_table() -> None:
    long = edge("orgs").row(Row(2, {"sourcedId": "x" * 5_000, "name": "校", "type": "school"}))
    assert len(long.record_id) < 50
    assert "\x00" not in edge("orgs").row(Row(2, {"sourcedId": "a\x00b", "name": "校", "type": "school"})).record_id


def test_the_edge_shows_no_keys() -> None:
    assert "11" * 8 not in repr(edge())
    assert "hmac" not in repr(edge())
