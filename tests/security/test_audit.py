"""The audit trail: nobody changes it, and whoever does all the same is found."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import main
from pipeline import audit, migrations
from pipeline.db import Connection, DatabaseError, connect
from pipeline.errors import BadInput
from pipeline.settings import Settings
from stack import postgres
from tests import evidence

OWNER, WRITER = "flyover_owner", "flyover_judge"


@pytest.fixture(scope="module")
def house(settings: Settings) -> Settings:
    migrations.apply(settings)
    for number in range(20):
        add(settings, number)
    return settings


def add(settings: Settings, number: int) -> None:
    with connect(settings, WRITER) as connection:
        audit.note(connection, "test", f"thing {number}", {"b": [number, "甲"], "a": None, "reason": 'x"y'})


def verified(settings: Settings, expected: str | None = None) -> audit.Verified:
    with connect(settings, "engineer") as connection:
        return audit.verify(connection, expected)


def test_every_entry_gets_its_link_at_commit(house: Settings) -> None:
    before = verified(house).links
    with connect(house, WRITER) as connection:
        audit.note(connection, "one", "x", {})
        audit.note(connection, "two", "x", {})
    with connect(house, WRITER) as connection:
        audit.note(connection, "never", "x", {})
        connection.rollback()
    assert verified(house).links == before + 2


def test_the_databases_words_are_the_walkers_words(house: Settings) -> None:
    with connect(house, OWNER) as connection:
        differing = connection.execute(
            f"select count(*) from audit.entry as e where audit.canonical(e) <> {audit._CANONICAL}"
        ).fetchone()
        connection.execute("set timezone = 'Asia/Shanghai'; set datestyle = 'German'; set extra_float_digits = 0")
        assert audit.verify(connection).links >= 20
    assert differing == (0,)


@pytest.mark.parametrize("role", [OWNER, WRITER, "engineer", "flyover_portal", postgres.SUPERUSER])
@pytest.mark.parametrize(
    "change",
    [
        "update audit.entry set actor = 'someone else'", "delete from audit.entry where false", "truncate audit.entry",
        "update audit.link set hash = ''", "delete from audit.link", "truncate audit.link",
    ],
)  # fmt: skip
def test_nobody_changes_what_was_kept(house: Settings, role: str, change: str) -> None:
    with connect(house, role) as connection, pytest.raises(DatabaseError) as refused:
        connection.execute(change.encode())
    assert "denied" in str(refused.value) or "stays as it is" in str(refused.value)


def test_a_transaction_with_a_picture_of_its_own_is_told(house: Settings) -> None:
    with connect(house, WRITER) as connection:
        connection.execute("set transaction isolation level repeatable read")
        audit.note(connection, "test", "x", {})
        with pytest.raises(DatabaseError, match="read committed"):
            connection.commit()
        connection.rollback()


def test_many_at_once_make_one_chain_and_never_wait_in_a_ring(house: Settings) -> None:
    """Each holds rows of its own before it adds, and two of them each other's in turn; all commit at once."""
    before, sessions, rounds = verified(house).links, 8, 15
    start, failures = threading.Barrier(sessions), []

    def work(number: int) -> None:
        try:
            with connect(house, WRITER) as connection:
                start.wait()
                for turn in range(rounds):
                    audit.note(connection, "test", f"{number} {turn}", {})
                    if number % 2:  # some hold a lock of ours, as stages do, while they wait to commit
                        connection.execute("select pg_advisory_xact_lock(%s)", (7_003_302,))
                    audit.note(connection, "test", f"{number} {turn} again", {})
                    connection.commit()
        except DatabaseError as error:
            failures.append(str(error))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert verified(house).links == before + 2 * sessions * rounds
    evidence.tell(f"audit: {sessions} sessions, {2 * sessions * rounds} entries at once, one chain")


TAMPERING = {
    "update audit.entry set actor = 'nobody' where entry_id = 5": r"entry 5 \(link 5\) was changed",
    "update audit.entry set at = at + interval '1 microsecond' where entry_id = 7": r"entry 7 \(link 7\) was changed",
    "update audit.entry set detail = detail || '{\"a\": 1}' where entry_id = 9": r"entry 9 \(link 9\) was changed",
    "delete from audit.entry where entry_id = 3": r"entry 3 \(link 3\) was removed",
    "delete from audit.entry where entry_id = 3; delete from audit.link where entry_id = 3": "link 3 is gone",
    "delete from audit.entry where entry_id = 3; delete from audit.link where entry_id = 3; "
    "update audit.link set link_no = -link_no where link_no > 3; "
    "update audit.link set link_no = -link_no - 1 where link_no < 0": r"entry 4 \(link 3\) was changed",
    "insert into audit.entry (actor, action, object) values ('x', 'y', 'z')": "has no link: it was slipped in",
    "update audit.entry set action = 'other' where entry_id = 4; update audit.link as l set hash = "
    "sha256((select p.hash from audit.link as p where p.link_no = 3) || audit.canonical(e)) "
    "from audit.entry as e where e.entry_id = 4 and l.entry_id = 4": r"entry 5 \(link 5\) was changed",
}


@contextmanager
def tampering(house: Settings) -> Iterator[Connection[Any]]:
    """A superuser for whom no trigger fires; what was done is undone at the end."""
    with connect(house, postgres.SUPERUSER) as connection:
        connection.execute("set local session_replication_role = replica")
        yield connection
        connection.rollback()


@pytest.mark.parametrize("change", TAMPERING)
def test_a_superuser_without_triggers_is_found(house: Settings, change: str) -> None:
    assert verified(house).links >= 20
    with tampering(house) as connection:
        for statement in change.split("; "):
            connection.execute(statement.encode())
        with pytest.raises(audit.Tampered, match=TAMPERING[change]):
            audit.verify(connection)


def test_an_end_that_was_cut_off_and_a_chain_made_anew_are_found_by_a_kept_hash(house: Settings) -> None:
    kept = verified(house)
    add(house, 99)
    assert verified(house, kept.head).links == kept.links + 1
    with tampering(house) as connection:
        connection.execute(
            "delete from audit.entry where entry_id in (select entry_id from audit.link order by link_no desc limit 9)"
        )
        connection.execute("delete from audit.link where link_no > (select max(link_no) - 9 from audit.link)")
        assert audit.verify(connection).links < kept.links  # the chain alone cannot tell
        with pytest.raises(audit.Tampered, match="its end was cut off"):
            audit.verify(connection, kept.head)
    with tampering(house) as connection:
        connection.execute("update audit.entry set actor = 'nobody' where entry_id = 2")
        connection.execute("delete from audit.link")
        connection.execute(
            "do $$ declare kept audit.entry; begin for kept in select * from audit.entry order by entry_id loop "
            "perform audit.append_link(kept.entry_id, audit.canonical(kept)); end loop; end $$"
        )
        with pytest.raises(audit.Tampered, match="not the one that was kept"):
            audit.verify(connection, kept.head)
    with pytest.raises(BadInput, match="no hash of the audit trail"):
        verified(house, "abc")


def test_a_guard_that_was_taken_away_is_named(house: Settings) -> None:
    with connect(house, OWNER) as connection:
        connection.execute("alter table audit.entry disable trigger entered_stays")
        with pytest.raises(audit.Tampered, match="entered_stays is off or gone"):
            audit.verify(connection)
        connection.rollback()


def test_what_was_kept_before_the_chain_is_chained_by_the_migration(house: Settings) -> None:
    text = migrations.__path__[0] + "/0711_audit_chain.sql"
    with open(text, encoding="utf-8") as file, connect(house, OWNER) as connection:
        before = connection.execute("select count(*) from audit.entry").fetchone()
        connection.execute("drop trigger chained on audit.entry; drop trigger entered_stays on audit.entry")
        connection.execute("drop table audit.link cascade")
        connection.execute("drop function audit.chain, audit.refuse_change")
        connection.execute("drop function audit.canonical")
        connection.execute(file.read().encode())
        assert (audit.verify(connection).links,) == before
        connection.rollback()


def test_the_command_shows_and_verifies(house: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYOVER_STATE", str(house.state_dir))
    run = CliRunner().invoke
    shown = run(main.build(["audit"]), ["audit", "show", "--about", "thing 7", "--actor", "judge", "--json"])
    assert shown.exit_code == 0, shown.output
    assert '"thing 7"' in shown.stdout
    assert "reason" not in shown.stdout
    done = run(main.build(["audit"]), ["audit", "verify"])
    assert done.exit_code == 0, done.output
    head = done.stdout.strip().splitlines()[-1]
    assert head == verified(house).head
    assert run(main.build(["audit"]), ["audit", "verify", "--expect", head]).exit_code == 0
    wrong = run(main.build(["audit"]), ["audit", "verify", "--expect", head[:-1] + ("0" if head[-1] != "0" else "1")])
    assert isinstance(wrong.exception, audit.Tampered)
