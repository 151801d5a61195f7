"""What of a delivery is published, under which version; and that a crash leaves nothing of it."""

import dataclasses
import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator

import pytest

from connectors import data_keys, outbox
from connectors.delivery import Arrival, Delivery
from connectors.mending import MendedRow
from connectors.registry import Agency
from connectors.sources.base import Rejected, Row, Table
from pipeline import envelope, sealing
from pipeline.db import connect
from pipeline.errors import BadInput
from pipeline.settings import CHECKOUT, Settings
from tests.staged import count, lines, new_agency, org, short, stage, stage_orgs, table

GOOD_ID, OTHER_ID = "339901188001011113", "339901188001011121"


@pytest.fixture
def agency() -> Agency:
    return new_agency()


def user(number: int, resident_id: str | None, **more: str) -> Row:
    values = {"sourcedId": f"u{number}", "enabledUser": "true", "givenName": "甲", "familyName": "乙", **more}
    return Row(2, {**values, "userMasterIdentifier": resident_id})


def test_a_first_delivery_publishes_every_row_in_file_order(settings: Settings, agency: Agency) -> None:
    found = stage_orgs(settings, agency, org(2), org(1), org(3))
    assert short(settings, found) == [("o2", 1, "upsert"), ("o1", 1, "upsert"), ("o3", 1, "upsert")]
    assert [line.seq for line in lines(settings, found)] == [0, 1, 2]
    (batch,) = found.batches
    assert batch.batch_id == envelope.batch_id(found.delivery_id, "orgs")
    assert (batch.expected_rows, found.read_rows, found.unchanged_rows) == (3, 3, 0)


def test_an_unchanged_delivery_publishes_nothing(settings: Settings, agency: Agency) -> None:
    stage_orgs(settings, agency, org(1), org(2))
    again = stage_orgs(settings, agency, org(2), org(1))
    assert (again.batches, again.read_rows, again.unchanged_rows) == ((), 2, 2)
    status = "select count(*) from connect.delivery where delivery_id = %s and status = 'published'"
    assert count(settings, status, again.delivery_id) == 1


def test_a_to_b_to_a_is_three_versions(settings: Settings, agency: Agency) -> None:
    versions = [short(settings, stage_orgs(settings, agency, org(1, name))) for name in ("甲", "乙", "甲")]
    assert versions == [[("o1", 1, "upsert")], [("o1", 2, "upsert")], [("o1", 3, "upsert")]]


def test_a_to_b_to_a_within_one_file_is_three_versions(settings: Settings, agency: Agency) -> None:
    found = stage_orgs(settings, agency, *(org(1, name) for name in ("甲", "乙", "甲")))
    assert short(settings, found) == [("o1", 1, "upsert"), ("o1", 2, "upsert"), ("o1", 3, "upsert")]
    assert stage_orgs(settings, agency, org(1, "甲")).batches == ()


def test_a_record_missing_from_a_bulk_file_is_deleted_and_may_come_back(settings: Settings, agency: Agency) -> None:
    stage_orgs(settings, agency, org(1), org(2))
    gone = stage_orgs(settings, agency, org(1, "新"))
    assert short(settings, gone) == [("o1", 2, "upsert"), ("o2", 2, "delete")]
    assert lines(settings, gone)[1].data is None
    assert gone.batches[0].deleted_rows == 1
    assert stage_orgs(settings, agency, org(1, "新")).batches == ()
    back = stage_orgs(settings, agency, org(1, "新"), org(2))
    assert short(settings, back) == [("o2", 3, "upsert")]


@pytest.mark.parametrize("mode", ["append", "delta"])
def test_only_bulk_files_delete_by_silence(settings: Settings, agency: Agency, mode: str) -> None:
    stage_orgs(settings, agency, org(1), org(2))
    assert stage_orgs(settings, agency, org(1), mode=mode).batches == ()  # type: ignore[arg-type]


def test_an_entity_that_is_not_in_the_delivery_loses_nothing(settings: Settings, agency: Agency) -> None:
    stage_orgs(settings, agency, org(1))
    stage(settings, agency, table("courses", Row(2, {"sourcedId": "c1", "title": "语文", "orgSourcedId": "o1"})))
    assert stage_orgs(settings, agency, org(1)).batches == ()


def test_a_delete_said_outright_is_published_once(settings: Settings, agency: Agency) -> None:
    stage_orgs(settings, agency, org(1))
    said = stage_orgs(settings, agency, org(1, deleted=True), mode="delta")
    assert short(settings, said) == [("o1", 2, "delete")]
    assert said.batches[0].deleted_rows == 1
    assert stage_orgs(settings, agency, org(1, deleted=True), mode="delta").batches == ()
    assert stage_orgs(settings, agency).batches == ()


def test_a_delete_by_silence_and_one_said_outright_are_the_same(settings: Settings, agency: Agency) -> None:
    stage_orgs(settings, agency, org(1))
    stage_orgs(settings, agency)
    assert stage_orgs(settings, agency, org(1, deleted=True), mode="delta").batches == ()


def test_an_exact_repeat_in_a_file_is_published_under_the_same_version(settings: Settings, agency: Agency) -> None:
    found = stage_orgs(settings, agency, org(1), org(2), org(1))
    assert short(settings, found) == [("o1", 1, "upsert"), ("o2", 1, "upsert"), ("o1", 1, "upsert")]


def test_what_an_earlier_delivery_said_is_no_news_however_often_it_is_repeated(
    settings: Settings, agency: Agency
) -> None:
    stage_orgs(settings, agency, org(1), org(1))
    again = stage_orgs(settings, agency, org(1), org(1))
    assert (again.batches, again.unchanged_rows) == ((), 2)
    mixed = stage_orgs(settings, agency, org(1), org(1, "新"), org(1, "新"))
    assert short(settings, mixed) == [("o1", 2, "upsert"), ("o1", 2, "upsert")]
    assert mixed.unchanged_rows == 1


def test_rows_that_repeat_by_nature_are_counted_not_merged(settings: Settings) -> None:
    agency = new_agency("oulad")
    click = {"code_module": "A", "code_presentation": "B", "id_student": "1", "id_site": "2", "date": "3"}
    rows = [Row(2, {**click, "sum_click": clicks}) for clicks in ("1", "1", "4", "1")]
    first = stage(settings, agency, table("student_vle", *rows))
    named = short(settings, first, "student_vle")
    assert [record_id.rpartition("|")[2] for record_id, _, _ in named] == ["1", "2", "1", "3"]
    assert len({record_id for record_id, _, _ in named}) == 4
    assert stage(settings, agency, table("student_vle", *rows)).batches == ()
    fewer = stage(settings, agency, table("student_vle", *rows[1:]))
    assert [op for _, _, op in short(settings, fewer, "student_vle")] == ["delete"]


def test_a_rejected_row_counts_and_holds_deletes_back(settings: Settings, agency: Agency) -> None:
    stage_orgs(settings, agency, org(1), org(2))
    found = stage_orgs(settings, agency, org(1, "新"), Rejected(0, "?", "reader.ragged_row", None))
    assert [(line.op, line.version, line.reason) for line in lines(settings, found)] == [
        ("upsert", 2, None),
        ("rejected", 0, "reader.ragged_row"),
    ]
    assert (found.batches[0].expected_rows, found.batches[0].rejected_rows) == (2, 1)
    assert found.batches[0].deletes_held
    clean = stage_orgs(settings, agency, org(1, "新"))
    assert short(settings, clean) == [("o2", 2, "delete")]
    assert not clean.batches[0].deletes_held


def test_a_rejected_row_whose_key_can_be_read_counts_as_present(settings: Settings, agency: Agency) -> None:
    stage_orgs(settings, agency, org(1), org(2), org(3))
    found = stage_orgs(settings, agency, org(1), Rejected(0, "o2,?", "reader.ragged_row", "o2"))
    assert short(settings, found) == [("o2", 1, "rejected"), ("o3", 2, "delete")]
    assert stage_orgs(settings, agency, org(1), org(2)).batches == ()


def test_a_row_without_its_key_holds_deletes_back_too(settings: Settings, agency: Agency) -> None:
    stage_orgs(settings, agency, org(1), org(2))
    found = stage_orgs(settings, agency, org(1), Row(2, {"sourcedId": None, "name": "校", "type": "school"}))
    assert [op for _, _, op in short(settings, found)] == ["upsert"]
    assert found.batches[0].deletes_held


def test_two_agencies_with_the_same_record_id_do_not_meet(settings: Settings) -> None:
    one, two = new_agency(), new_agency()
    stage_orgs(settings, one, org(1))
    assert short(settings, stage_orgs(settings, two, org(1))) == [("o1", 1, "upsert")]
    stage_orgs(settings, two)
    assert stage_orgs(settings, one, org(1)).batches == ()


def test_a_new_resident_id_reaches_core_although_the_payload_is_the_same(settings: Settings, agency: Agency) -> None:
    seen = []
    for resident_id in (None, GOOD_ID, OTHER_ID):
        found = stage(settings, agency, table("users", user(1, resident_id)))
        seen += lines(settings, found, "users")
    assert [(line.version, line.id_status) for line in seen] == [(1, "missing"), (2, "valid"), (3, "valid")]
    assert len({line.data for line in seen}) == 1
    assert len({line.person_key for line in seen}) == 3
    assert stage(settings, agency, table("users", user(1, OTHER_ID))).batches == ()


def sidecars(settings: Settings, delivery: Delivery) -> list[tuple[str, int, str, bytes]]:
    with connect(settings, outbox.ROLE) as connection:
        return connection.execute(
            "select i.record_id, i.version, i.subject, i.sealed from connect.identity_outbox as i "
            "inner join connect.batch as b on b.batch_id = i.batch_id where b.delivery_id = %s order by i.batch_seq",
            (delivery.delivery_id,),
        ).fetchall()


def test_a_sidecar_opens_with_its_persons_key_alone(settings: Settings, agency: Agency) -> None:
    found = stage(settings, agency, table("users", user(1, GOOD_ID), user(2, None), user(1, GOOD_ID)))
    (one, two) = sidecars(settings, found)
    with connect(settings, outbox.ROLE) as connection:
        keys = data_keys.ensure(connection, settings.secrets.vault_master_key, [one[2], two[2]])
    plain = sealing.unseal(keys[one[2]], one[3], data_keys.context(one[2]))
    assert GOOD_ID.encode() in plain
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(keys[two[2]], one[3], data_keys.context(one[2]))
    assert two[2] == f"{agency.agency_code}:oneroster.users:u2"


def test_one_person_has_one_data_key_in_all_agencies(settings: Settings) -> None:
    subjects = {
        sidecars(settings, stage(settings, new_agency(), table("users", user(1, GOOD_ID))))[0][2] for _ in range(2)
    }
    assert len(subjects) == 1
    assert count(settings, "select count(*) from vault.data_key where subject = %s", subjects.pop()) == 1


def test_the_erased_are_not_staged(settings: Settings, agency: Agency) -> None:
    (before,) = sidecars(settings, stage(settings, agency, table("users", user(1, OTHER_ID))))
    with connect(settings, "flyover_owner") as owner:
        owner.execute("insert into vault.erased (subject) values (%s)", (before[2],))
    try:
        found = stage(settings, agency, table("users", user(1, OTHER_ID, givenName="丙"), user(2, GOOD_ID)))
        assert [record_id for record_id, *_ in sidecars(settings, found)] == ["u2"]
        lines = [(record_id, op) for record_id, _, op in short(settings, found, "users")]
        assert lines == [("u2", "upsert"), ("u1", "delete")], "as if their agency sent them no more"
    finally:
        with connect(settings, "flyover_owner") as owner:
            owner.execute("delete from vault.erased where subject = %s", (before[2],))


TABLES = (
    "connect.delivery",
    "connect.batch",
    "connect.outbox",
    "connect.identity_outbox",
    "connect.record_state",
    "vault.data_key",
)


def everything(settings: Settings) -> list[int]:
    return [count(settings, f"select count(*) from {name}") for name in TABLES]


def test_an_error_in_the_last_row_leaves_nothing(settings: Settings, agency: Agency) -> None:
    def torn() -> Iterator[Row]:
        yield from (org(n) for n in range(10))
        raise BadInput("the archive is torn", file="orgs.csv", line=12)

    before = everything(settings)
    users = table("users", user(1, "339901188001011148"))
    with pytest.raises(BadInput, match="torn"):
        stage(settings, agency, users, Table("orgs", "bulk", torn))
    assert everything(settings) == before


KILLED = """
import os, signal, sys
from pipeline import settings
from tests.staged import new_agency, org, stage, table
from connectors import staging
agency = new_agency()
def fall(*_): os.kill(os.getpid(), signal.SIGKILL)
setattr(staging.Staging, sys.argv[1], fall)
stage(settings.load(), agency, table("orgs", *(org(n) for n in range(50))))
"""


@pytest.mark.parametrize("moment", ["seal_identities", "_one", "_copy_identities"])
def test_a_kill_in_the_middle_leaves_nothing(settings: Settings, moment: str) -> None:
    before = everything(settings)
    environment = {**os.environ, "FLYOVER_STATE": str(settings.state_dir), "PYTHONPATH": str(CHECKOUT)}
    source = KILLED.replace('table("orgs", *(org(n) for n in range(50)))', _WITH_USERS)
    killed = subprocess.run([sys.executable, "-c", source, moment], env=environment, cwd=CHECKOUT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert everything(settings) == before


_WITH_USERS = (
    'table("orgs", org(1)), table("users", __import__("connectors.sources.base").sources.base.Row('
    '2, {"sourcedId": "u", "givenName": "x", "userMasterIdentifier": "339901188001011148"}))'
)


def test_staging_a_delivery_again_reads_it_back(settings: Settings, agency: Agency) -> None:
    arrival = Arrival(uuid.uuid4(), agency.agency_code, "oneroster", "bulk", "x.zip", None, dt.datetime.now(dt.UTC))
    tables = [table("orgs", org(1), org(2), org(2))]
    first = outbox.stage(settings, agency, arrival, tables)
    assert outbox.stage(settings, agency, arrival, tables) == first


def test_two_pulls_of_one_agency_wait_for_each_other(settings: Settings, agency: Agency) -> None:
    inside, go_on, found = threading.Event(), threading.Event(), {}

    def slow() -> Iterator[Row]:
        inside.set()
        assert go_on.wait(30)
        yield org(1, "甲")

    def deliver(name: str, given: Table) -> None:
        found[name] = stage(settings, agency, given)

    first = threading.Thread(target=deliver, args=("first", Table("orgs", "bulk", slow)))
    first.start()
    assert inside.wait(30)
    second = threading.Thread(target=deliver, args=("second", table("orgs", org(1, "乙"))))
    second.start()
    second.join(0.5)
    assert second.is_alive()
    go_on.set()
    first.join(30)
    second.join(30)
    assert short(settings, found["first"]) == [("o1", 1, "upsert")]
    assert short(settings, found["second"]) == [("o1", 2, "upsert")]


def test_agencies_that_share_their_people_do_not_deadlock(settings: Settings) -> None:
    people = [user(n, f"33990118800101{n:03d}X") for n in range(300)]
    failures: list[Exception] = []

    def deliver(rows: list[Row]) -> None:
        try:
            stage(settings, new_agency(), table("users", *rows))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=deliver, args=(rows,)) for rows in (people, people[::-1], people[::3])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []


def mended(record_id: str, version: int, name: str) -> MendedRow:
    payload = f'{{"sourcedId":"{record_id}","name":"{name}","type":"school"}}'
    return MendedRow(record_id, payload.encode(), version)


def replay(settings: Settings, of: Delivery, *rows: MendedRow) -> Delivery:
    return outbox.stage_replay(settings, of.agency_code, "oneroster", "orgs", rows, of.batches[0].batch_id)


def test_a_mended_row_is_a_new_version_even_when_nothing_in_it_changed(settings: Settings, agency: Agency) -> None:
    first = stage_orgs(settings, agency, org(1, "错"), org(2))
    again = replay(settings, first, mended("o1", 1, "错"))
    assert short(settings, again) == [("o1", 2, "upsert")]
    replay_of = "select count(*) from connect.batch where batch_id = %s and replay_of = %s"
    assert count(settings, replay_of, again.batches[0].batch_id, first.batches[0].batch_id) == 1
    assert again.superseded == ()


@pytest.mark.parametrize("said", ["错", "对", "新"])
def test_after_a_mending_whatever_the_agency_says_is_its_own_word_again(
    settings: Settings, agency: Agency, said: str
) -> None:
    first = stage_orgs(settings, agency, org(1, "错"))
    replay(settings, first, mended("o1", 1, "对"))
    assert short(settings, stage_orgs(settings, agency, org(1, said))) == [("o1", 3, "upsert")]
    assert stage_orgs(settings, agency, org(1, said)).batches == ()


def decide(settings: Settings, delivery: Delivery, status: str) -> None:
    """What a quality officer decided about the delivery's orgs."""
    with connect(settings, "flyover_owner") as owner:
        owner.execute(
            "insert into quality.batch (batch_id, delivery_id, agency_code, source, entity, status, received, refused, "
            "released) select batch_id, delivery_id, agency_code, source, entity, %(status)s, expected_rows, "
            "case %(status)s when 'refused' then expected_rows else 0 end, "
            "case %(status)s when 'released' then expected_rows else 0 end "
            "from connect.batch where delivery_id = %(id)s "
            "on conflict (batch_id) do update set status = excluded.status, refused = excluded.refused, "
            "released = excluded.released",
            {"status": status, "id": delivery.delivery_id},
        )


def test_what_came_in_a_refused_or_withdrawn_batch_was_never_said(settings: Settings, agency: Agency) -> None:
    first = stage_orgs(settings, agency, org(1), org(2))
    decide(settings, first, "released")
    assert stage_orgs(settings, agency, org(1), org(2)).batches == ()
    changed = stage_orgs(settings, agency, org(1, "新"))
    assert short(settings, changed) == [("o1", 2, "upsert"), ("o2", 2, "delete")]
    decide(settings, changed, "refused")
    again = stage_orgs(settings, agency, org(1, "新"))
    assert short(settings, again) == [("o1", 3, "upsert"), ("o2", 3, "delete")]
    decide(settings, again, "released")
    assert stage_orgs(settings, agency, org(1, "新")).batches == ()


def test_a_rejected_row_bears_the_version_its_record_has_there(settings: Settings, agency: Agency) -> None:
    torn = Rejected(0, "o1,?", "reader.ragged_row", "o1")
    found = stage_orgs(settings, agency, torn, org(1), torn, org(1, "新"), org(1, "新"), torn)
    assert [(version, op) for _, version, op in short(settings, found)] == [
        (0, "rejected"),
        (1, "upsert"),
        (1, "rejected"),
        (2, "upsert"),
        (2, "upsert"),
        (2, "rejected"),
    ]


def test_a_correction_of_a_torn_row_stands_unless_the_agency_said_more(settings: Settings, agency: Agency) -> None:
    torn = Rejected(0, "o1,?", "reader.ragged_row", "o1")
    first = stage_orgs(settings, agency, org(1))
    second = stage_orgs(settings, agency, torn)
    assert replay(settings, second, mended("o1", 0, "旧")).superseded == ()
    third = stage_orgs(settings, agency, torn)
    stage_orgs(settings, agency, org(1, "新"))
    assert replay(settings, third, mended("o1", 2, "旧")).superseded == ("o1",)
    assert first.batches


def test_one_correction_a_record_goes_with_a_replay(settings: Settings, agency: Agency) -> None:
    first = stage_orgs(settings, agency, org(1, "错"), org(1, "更错"), org(2))
    found = replay(settings, first, mended("o1", 1, "一"), mended("o1", 2, "二"), mended("o1", 2, "三"))
    assert short(settings, found) == [("o1", 3, "upsert")]
    assert "二".encode() in (lines(settings, found)[0].data or b"")
    assert found.superseded == ()


def test_a_mended_rejected_row_becomes_a_record(settings: Settings, agency: Agency) -> None:
    first = stage_orgs(settings, agency, org(1), Rejected(0, "?", "reader.ragged_row", None))
    rejected = lines(settings, first)[1].record_id
    row = dataclasses.replace(mended("o7", 0, "校"), record_id=rejected)
    assert short(settings, replay(settings, first, row)) == [("o7", 1, "upsert")]


def test_newer_word_of_the_agency_is_not_overridden(settings: Settings, agency: Agency) -> None:
    first = stage_orgs(settings, agency, org(1, "错"), org(2, "错"), org(3, "错"))
    stage_orgs(settings, agency, org(1, "对"), org(3, "错"))
    found = replay(settings, first, *(mended(f"o{n}", 1, "旧") for n in (1, 2, 3)))
    assert short(settings, found) == [("o3", 2, "upsert")]
    assert found.superseded == ("o1", "o2")
    assert replay(settings, first, *(mended(f"o{n}", 1, "旧") for n in (1, 2, 3))) == found


def test_a_mended_row_carries_only_what_may_land(settings: Settings, agency: Agency) -> None:
    first = stage(settings, agency, table("users", user(1, GOOD_ID)))
    typed = MendedRow(
        "u1", b'{"sourcedId":"u1","givenName":"\xe5\xbc\xa0","enabledUser":"true","email":null}', 1, "k", "valid"
    )
    found = outbox.stage_replay(settings, agency.agency_code, "oneroster", "users", [typed], first.batches[0].batch_id)
    (line,) = lines(settings, found, "users")
    assert line.data == b'{"sourcedId":"u1","enabledUser":"true"}'
    assert (line.person_key, line.id_status) == ("k", "valid")


@pytest.mark.parametrize("data", [b"[]", b"{", b'{"name":"x"}'])
def test_a_mended_row_that_is_none_is_refused(settings: Settings, agency: Agency, data: bytes) -> None:
    first = stage_orgs(settings, agency, org(1))
    with pytest.raises(BadInput, match="mended row"):
        replay(settings, first, MendedRow("o1", data, 1))


def test_a_replay_of_no_batch_is_refused(settings: Settings, agency: Agency) -> None:
    with pytest.raises(BadInput, match="no batch"):
        outbox.stage_replay(settings, agency.agency_code, "oneroster", "orgs", [mended("o1", 1, "x")], uuid.uuid4())


def test_memory_stays_flat(settings: Settings, agency: Agency) -> None:
    import tracemalloc

    def many() -> Iterator[Row]:
        return (org(n, f"学校{n}") for n in range(30_000))

    tracemalloc.start()
    try:
        stage(settings, agency, Table("orgs", "bulk", many))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 1024 * 1024
