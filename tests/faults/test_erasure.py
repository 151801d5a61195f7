"""Fault 16: one person is erased and stays so: whoever sends them again, and whatever copy is put back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors import producer, pull, registry, sink, vault
from expectations.judging import judge
from expectations.reports import report
from keeping import backup, erasure, restore, whose
from keeping.whose import Traces
from pipeline.db import Connection, connect
from pipeline.settings import Settings
from tests import people
from tests.faults import traces
from tests.faults.conftest import Figures
from tests.fragile import forget_topics

PEOPLE = people.make(40)
ERASED = PEOPLE[9]
"""whose id at school, 学籍号, contains the resident id: it travels as a hash"""
NEIGHBOUR = PEOPLE[10]
SCHOOL, UNIVERSITY = "sch-lishui", "ou-ningbo"


def deliver(settings: Settings, agency_code: str, origin: Path) -> uuid.UUID:
    """Take a delivery as far as the verdict."""
    agency = registry.load_all(settings.agencies_dir)[agency_code]
    delivery = pull.pull(settings, agency, origin)
    carry(settings, agency.source)
    return delivery.delivery_id


def carry(settings: Settings, source: str) -> None:
    producer.publish(settings, source=source)
    sink.drain(settings, sink.topics_of(settings, source))
    vault.drain_vault(settings)
    judge.judge_ready(settings, source)


def finder(person: people.Person) -> erasure.Find:
    return lambda connection, settings: whose.of_number(connection, settings, person.resident_id)


def words(found: Traces) -> set[str]:
    """What must be nowhere once the person is erased: keys and record ids; telling words are sealed or nowhere."""
    return found.keys | {record.record_id for record in found.records if len(record.record_id) >= 6}


def ask(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with connect(settings, "flyover_owner") as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def deliveries(tmp_path: Path) -> dict[str, Path]:
    """The same forty people at a school and at a university; one row of the erased cannot be parsed."""
    school = people.school_bundle(tmp_path / "school", PEOPLE)
    lines = (school / "users.csv").read_text(encoding="utf-8").splitlines()
    people.add_line(school / "users.csv", f"{lines[ERASED.number + 1]},one field too many")
    return {SCHOOL: school, UNIVERSITY: people.university_folder(tmp_path / "university", PEOPLE)}


def test_an_erased_person_is_nowhere_and_stays_away(
    new_database: Callable[[], Settings],
    deliveries: dict[str, Path],
    tmp_path: Path,
    figures: Callable[[str], Figures],
) -> None:
    seen = figures("16 erasure of one person")
    settings = new_database()
    forget_topics(settings)
    for agency, origin in deliveries.items():
        deliver(settings, agency, origin)
    report.write(settings)
    before = ask(settings, BOOKS)
    found = erasure.look(settings, finder(ERASED))
    neighbour = words(erasure.look(settings, finder(NEIGHBOUR)))
    assert {
        "oneroster__users",
        "oneroster__demographics",
        "oneroster__roles",
        "oneroster__enrollments",
        "oulad__student_info",
    } <= {record.table for record in found.records}
    gone = words(found)
    there = traces.found(settings, gone)
    assert {"connect.outbox", "connect.record_state", "vault.identity", "vault.data_key"} <= there
    assert any(place.startswith("landing.oneroster__users") for place in there)
    copy = backup.backup(settings, tmp_path / "copies")

    done = erasure.erase(settings, finder(ERASED), by="a steward", reason="asked for by the person")

    assert traces.found(settings, gone) == set(), "after the erasure"
    assert done.originals == len(deliveries)
    assert done.rows["unread rows"] == 1, "the line nobody could parse names the person"
    assert ask(settings, BOOKS) == before, "books are of rows, and the rows have kept their places"
    assert ask(settings, SAID) == [("a steward", f"erasure {done.erasure_id}")]
    there = traces.found(settings, neighbour)
    assert {"connect.outbox", "vault.identity", "vault.data_key"} <= there, "only one person was erased"

    for agency, origin in deliveries.items():  # the agencies send everything again
        people.add_line(origin / USERS[agency], "")
        deliver(settings, agency, origin)
    assert traces.found(settings, gone) == set(), "after the agencies sent everything again"
    assert ask(settings, "select count(*) from connect.batch where published_at > now()") == [(0,)]

    _read_topics_again(settings)
    assert traces.found(settings, gone) == set(), "after the topics were read again from their start"
    producer.resend(settings, [batch for (batch,) in ask(settings, "select batch_id from connect.batch")])  # type: ignore[misc]
    for source in ("oneroster", "oulad"):
        carry(settings, source)
    assert traces.found(settings, gone) == set(), "after the outbox sent everything again"
    assert ask(settings, UNBALANCED) == [], "every line is accounted for"

    restored = restore.restore(settings, copy.folder)
    assert restored.erased_again > 0
    assert traces.found(settings, gone) == set(), "in a copy from before the erasure, restored"
    seen.events = int(ask(settings, "select count(*) from connect.outbox")[0][0])  # type: ignore[call-overload]
    seen.rows = restored.rows
    seen.notes.append(f"{sum(done.rows.values())} rows of the person, 0 found afterwards")


@pytest.mark.slow
@pytest.mark.parametrize("lacking", ["sink", "staging"])
def test_the_search_notices_a_way_that_does_not_ask_who_was_erased(
    lacking: str, new_database: Callable[[], Settings], deliveries: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = new_database()
    forget_topics(settings)
    deliver(settings, SCHOOL, deliveries[SCHOOL])
    gone = words(erasure.look(settings, finder(ERASED)))
    erasure.erase(settings, finder(ERASED), by="a steward", reason="asked for by the person")
    monkeypatch.setattr(f"connectors.{lacking}.erased.subjects", lambda _connection: frozenset())
    if lacking == "sink":
        _read_topics_again(settings)
    else:
        deliver(settings, SCHOOL, deliveries[SCHOOL])
    assert traces.found(settings, gone)


def _read_topics_again(settings: Settings) -> None:
    with connect(settings, "flyover_owner") as connection:
        _from_the_start(connection)
    for source in ("oneroster", "oulad"):
        sink.drain(settings, sink.topics_of(settings, source))
        judge.judge_ready(settings, source)
    vault.drain_vault(settings)


def _from_the_start(connection: Connection) -> None:
    for table in ("landing.drain", "vault.drain"):
        connection.execute(f"update {table} set next_offset = 0")


USERS = {SCHOOL: "users.csv", UNIVERSITY: "studentInfo.csv"}
BOOKS = "select batch_id, status, received, released, quarantined, duplicate, refused from quality.batch order by 1"
SAID = "select actor, object from audit.entry where action = 'person.erased'"
UNBALANCED = "select batch_id from quality.batch where status in ('landing', 'landed')"
