"""Who was erased is left out by key, by record and by reference; relatives stay and name them no more."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import msgspec
import pytest

from connectors import erased
from connectors.edge import Edged
from pipeline import contracts, envelope
from pipeline.contracts import Contract
from pipeline.settings import CHECKOUT

CONTRACTS = contracts.load_all(CHECKOUT / "contracts")
GONE = frozenset({"1.key", "sch:oneroster.users:u1", "ou:oulad.student_info:7"})


def left(entity: str, rows: list[Edged], source: str = "oneroster", agency: str = "sch") -> list[Edged]:
    return list(erased.Left(GONE, agency, contract(source, entity)).of(rows))


def contract(source: str, entity: str) -> Contract:
    return CONTRACTS[source, entity]


def row(record_id: str, **fields: Any) -> Edged:
    data = msgspec.json.encode({"sourcedId": record_id, **fields})
    return Edged(record_id, b"", data)


def test_rows_of_the_erased_are_left_out_by_key_and_by_record() -> None:
    by_key = row("u9")._replace(person_key="1.key")
    assert left("users", [by_key, row("u1"), row("u2")]) == [row("u2")]
    assert left("users", [row("u1")], agency="other") == [row("u1")], "another agency's u1 is somebody else"


def test_rows_about_them_go_and_rows_of_relatives_name_them_no_more() -> None:
    about = [row("e1", userSourcedId="u1"), row("e2", userSourcedId="u2")]
    assert left("enrollments", about) == [about[1]]
    (child,) = left("users", [row("u3", agentSourcedIds="u1,u4")])
    assert msgspec.json.decode(child.data or b"") == {"sourcedId": "u3", "agentSourcedIds": "u4"}


def test_a_reference_to_one_part_of_a_key_means_the_record() -> None:
    registration = row("r", id_student="7")
    assert left("student_registration", [registration], source="oulad", agency="ou") == []
    info = contract("oulad", "student_info")
    (naming,) = [f for f in contract("oulad", "student_registration").fields if f.reference]
    assert erased.word(info, "AAA|2024J|7", naming) == "7"


def test_nothing_is_looked_at_while_nobody_was_erased() -> None:
    rows = [row("u1")]
    assert erased.Left(frozenset(), "sch", contract("oneroster", "users")).of(rows) is rows


@pytest.mark.parametrize("op", ["upsert", "rejected"])
def test_an_event_of_the_erased_keeps_its_place_and_says_nothing(op: Any) -> None:
    event = envelope.Event(
        id=uuid.uuid4(), source="sch", type="oneroster.users.v1", subject="u1",
        time=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        batchid=uuid.uuid4(), batchseq=4, version=2, op=op, personkey="1.key", idstatus="valid", sealed=b"raw",
    )  # fmt: skip
    users = contract("oneroster", "users")
    assert erased.is_about(event, users, GONE)
    blank = erased.blank(event, users)
    assert (blank.batchid, blank.batchseq, blank.version) == (event.batchid, 4, 2)
    assert blank.subject == erased.blank_record_id(event.batchid, 4)
    assert (blank.data, blank.personkey, blank.idstatus, blank.sealed) == (None, None, None, None)
    assert blank.op == ("rejected" if op == "rejected" else "delete")
    other = msgspec.structs.replace(event, subject="u2", personkey=None)
    assert not erased.is_about(other, users, GONE)
