"""Batches reach Kafka whole, in order and under ids that do not change; nothing is marked before it is there."""

import dataclasses
import functools
import logging
import threading
import uuid
from typing import Any

import pytest

from connectors import delivery as deliveries
from connectors import outbox, producer, vault
from connectors.mending import MendedRow
from connectors.registry import Agency
from connectors.sources.base import Rejected, Row
from pipeline import db, envelope, kafka, names
from pipeline.envelope import Event
from pipeline.errors import SystemTrouble
from pipeline.kafka import patience
from pipeline.settings import Settings
from tests.staged import count, lines, new_agency, org, stage, stage_orgs, table

TOPIC = names.topic("oneroster", "orgs")
GOOD_ID = "339901188001011113"
CANARY = {
    "userMasterIdentifier": GOOD_ID,
    "givenName": "卡纳里",
    "familyName": "欧阳鸟",
    "identifier": "G" + GOOD_ID,
    "username": "canary.login",
    "email": "canary@example.cn",
    "phone": "13900009999",
}


@pytest.fixture
def agency() -> Agency:
    return new_agency()


@pytest.fixture(autouse=True)
def nothing_waits(settings: Settings) -> None:
    """What another test left unpublished is no business of this one."""
    with db.connect(settings, outbox.ROLE) as connection:
        connection.execute("update connect.batch set published_at = now() where published_at is null")


def read(settings: Settings, *topics: str) -> list[Any]:
    """All records of the topics."""
    found = kafka.topics(settings, topics).values()
    positions = [kafka.Position(t.name, number, 0) for t in found for number in t.partitions]
    records = []
    with kafka.reader(settings, positions) as reader:
        missing = sum(end for _, end in reader.bounds().values())
        while len(records) < missing:
            for _, fetched in reader.poll(5_000):
                records += fetched
    return records


def events(settings: Settings, batch_id: uuid.UUID) -> list[Event]:
    """A batch's events as they lie in Kafka, by ordinal; copies of one stand side by side."""
    found = [envelope.decode(r.value) for r in read(settings, TOPIC)]
    return sorted((e for e in found if e.batchid == batch_id), key=lambda e: e.batchseq)


def waiting(settings: Settings) -> int:
    return count(settings, "select count(*) from connect.batch where published_at is null")


def test_every_line_of_the_manifest_becomes_an_event(settings: Settings, agency: Agency) -> None:
    stage_orgs(settings, agency, org(1), org(2))
    producer.publish(settings)
    delivery = stage_orgs(settings, agency, org(1, "新"), Rejected(0, "o7,?", "reader.ragged_row", "o7"))
    (batch,) = delivery.batches
    report = producer.publish(settings, source="oneroster")
    assert (report.batches, report.rows, report.identities) == ([batch.batch_id], 3, 0)
    changed, rejected, deleted = events(settings, batch.batch_id)
    assert [e.batchseq for e in (changed, rejected, deleted)] == [0, 1, 2]
    assert changed.id == envelope.event_id(agency.agency_code, "oneroster", "orgs", "o1", 2)
    assert (changed.op, changed.version, changed.type, changed.source) == ("upsert", 2, TOPIC, agency.agency_code)
    assert bytes(changed.data) == lines(settings, delivery)[0].data
    assert (rejected.op, rejected.version, rejected.reason, rejected.subject) == (
        "rejected",
        0,
        "reader.ragged_row",
        "o7",
    )
    assert rejected.sealed == lines(settings, delivery)[1].sealed
    assert (deleted.op, deleted.version, bytes(deleted.data)) == ("delete", 2, b"null")


def test_key_and_header_name_the_record_and_the_batch(settings: Settings, agency: Agency) -> None:
    (batch,) = stage_orgs(settings, agency, org("x")).batches
    producer.publish(settings)
    (record,) = [r for r in read(settings, TOPIC) if envelope.decode(r.value).batchid == batch.batch_id]
    assert bytes(record.key) == f"{agency.agency_code}:ox".encode()
    assert [(name, bytes(value)) for name, value in record.headers] == [("batchid", batch.batch_id.bytes)]


def test_publishing_twice_sends_nothing_more(settings: Settings, agency: Agency) -> None:
    delivery = stage_orgs(settings, agency, org(1))
    producer.publish(settings)
    assert producer.publish(settings).batches == []
    assert len(events(settings, delivery.batches[0].batch_id)) == 1
    done = "select count(*) from connect.delivery where delivery_id = %s and published_at is not null"
    assert count(settings, done, delivery.delivery_id) == 1


def test_rejected_rows_of_two_deliveries_are_two_events(settings: Settings, agency: Agency) -> None:
    wrong = Rejected(0, "o7,?", "reader.ragged_row", "o7")
    ids = set()
    for _ in range(2):
        (batch,) = stage_orgs(settings, agency, wrong).batches
        producer.publish(settings)
        ids.update(e.id for e in events(settings, batch.batch_id))
    assert len(ids) == 2


def test_a_duplicate_keeps_its_event_id(settings: Settings, agency: Agency) -> None:
    (batch,) = stage_orgs(settings, agency, org(1), org(1)).batches
    producer.publish(settings)
    first, second = events(settings, batch.batch_id)
    assert first.id == second.id
    assert (first.batchseq, second.batchseq) == (0, 1)


def test_a_replay_names_the_batch_it_mends(settings: Settings, agency: Agency) -> None:
    first = stage_orgs(settings, agency, org(1))
    row = MendedRow("o1", b'{"sourcedId":"o1","name":"x","type":"school"}', 1)
    of = first.batches[0].batch_id
    again = outbox.stage_replay(settings, agency.agency_code, "oneroster", "orgs", [row], of)
    producer.publish(settings)
    (event,) = events(settings, again.batches[0].batch_id)
    assert (event.replayof, event.version) == (of, 2)


def test_oldest_batches_go_first_and_only_of_the_source_asked_for(settings: Settings, agency: Agency) -> None:
    staged = [stage_orgs(settings, agency, org(1, name)).batches[0].batch_id for name in ("甲", "乙", "丙")]
    other = new_agency("oulad")
    course = Row(2, {"code_module": "A", "code_presentation": "B", "module_presentation_length": "9"})
    stage(settings, other, table("courses", course))
    assert producer.publish(settings, source="oneroster").batches == staged
    assert waiting(settings) == 1
    assert len(producer.publish(settings).batches) == 1


class Fails:
    """Lets a call fail as a broker that went away does, the first few times."""

    def __init__(self, times: int) -> None:
        self.left, self.calls = times, 0

    def __call__(self, publisher: kafka.Publisher) -> None:
        self.calls += 1
        _FLUSH(publisher)
        if self.left:
            self.left -= 1
            raise SystemTrouble("Kafka does not answer")


_FLUSH = kafka.Publisher.flush


def test_a_broker_that_fails_before_confirming_gets_the_batch_again(
    settings: Settings, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = Fails(1)
    monkeypatch.setattr(kafka.Publisher, "flush", lambda publisher: flush(publisher))
    (batch,) = stage_orgs(settings, agency, org(1), org(2)).batches
    report = producer.publish(settings)
    assert (report.batches, report.rows, flush.calls) == ([batch.batch_id], 2, 2)
    found = events(settings, batch.batch_id)
    assert [e.batchseq for e in found] == [0, 0, 1, 1]
    assert len({e.id for e in found}) == 2


def test_nothing_is_marked_while_kafka_is_away(
    settings: Settings, agency: Agency, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stage_orgs(settings, agency, org(1))
    monkeypatch.setattr(producer, "patiently", functools.partial(db.patiently, patience_s=3.0))
    monkeypatch.setattr(patience, "BOOTSTRAP_MS", 300)
    gone = dataclasses.replace(settings, kafka_bootstrap="127.0.0.1:1")
    with caplog.at_level(logging.WARNING), pytest.raises(SystemTrouble, match=r"127\.0\.0\.1:1 "):
        producer.publish(gone)
    assert "nothing is lost" in caplog.text
    assert waiting(settings) == 1
    assert len(producer.publish(settings).batches) == 1


def test_two_publishers_share_the_work(settings: Settings, agency: Agency) -> None:
    staged = {stage_orgs(settings, agency, org(1, str(n))).batches[0].batch_id for n in range(6)}
    reports: list[producer.PublishReport] = []
    threads = [threading.Thread(target=lambda: reports.append(producer.publish(settings))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    sent = [batch for report in reports for batch in report.batches]
    assert sorted(sent) == sorted(staged)
    assert waiting(settings) == 0


def test_two_publishers_of_one_delivery_close_it_together(settings: Settings, agency: Agency) -> None:
    delivery = stage(
        settings, agency, table("orgs", org(1)), table("courses", Row(2, {"sourcedId": "c1", "title": "语文"}))
    )
    mark = "update connect.batch set published_at = now() where batch_id = %s"
    with db.connect(settings, outbox.ROLE) as one:
        one.execute(mark, (delivery.batches[0].batch_id,))
        deliveries.mark_published(one, delivery.delivery_id)

        def finish_the_other() -> None:
            with db.connect(settings, outbox.ROLE) as two:
                two.execute(mark, (delivery.batches[1].batch_id,))
                deliveries.mark_published(two, delivery.delivery_id)

        other = threading.Thread(target=finish_the_other)
        other.start()
        other.join(1.0)
        assert other.is_alive()
    other.join(30)
    done = "select count(*) from connect.delivery where delivery_id = %s and status = 'published'"
    assert count(settings, done, delivery.delivery_id) == 1


def test_resend_puts_the_same_events_on_the_broker_again(settings: Settings, agency: Agency) -> None:
    (batch,) = stage_orgs(settings, agency, org(1)).batches
    producer.publish(settings)
    assert batch.batch_id in producer.unlanded(settings, "oneroster")
    assert producer.resend(settings, [batch.batch_id]).batches == [batch.batch_id]
    first, second = events(settings, batch.batch_id)
    assert (first.id, first.batchseq) == (second.id, second.batchseq)


def test_sidecars_are_published_with_their_batch_but_not_of_the_erased(settings: Settings, agency: Agency) -> None:
    people = [Row(2, {"sourcedId": f"u{n}", "givenName": f"名{n}"}) for n in range(3)]
    stage(settings, agency, table("users", *people))
    erased = f"{agency.agency_code}:oneroster.users:u1"
    with db.connect(settings, "flyover_owner") as owner:
        owner.execute("insert into vault.erased (subject) values (%s)", (erased,))
    assert producer.publish(settings).identities == 2
    values = [r.value for r in read(settings, names.VAULT_TOPIC) if agency.agency_code.encode() in bytes(r.value)]
    assert len(values) == 2
    assert not any(erased.encode() in bytes(value) for value in values)


def test_a_stage_run_is_recorded(settings: Settings, agency: Agency) -> None:
    query = "select coalesce(sum(rows), 0) from quality.stage_run where stage = 'publish' and source = 'oneroster'"

    def rows() -> int:
        with db.connect(settings, "engineer") as engineer:
            (found,) = engineer.execute(query).fetchone() or (0,)
        return int(found)

    before = rows()
    stage_orgs(settings, agency, org(1), org(2))
    producer.publish(settings)
    assert rows() == before + 2


def test_no_identifier_is_found_anywhere_outside_what_is_sealed(
    settings: Settings, agency: Agency, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """The canary: planted in every identifier field, in record ids, references, a wrong column and a torn row."""
    with caplog.at_level(logging.DEBUG):
        stage(
            settings,
            agency,
            table(
                "users",
                Row(2, {"sourcedId": "G" + GOOD_ID, "enabledUser": "true", **CANARY}),
                Rejected(3, ",".join(CANARY.values()), "reader.ragged_row", "G" + GOOD_ID),
            ),
            table("orgs", org(1, name=f"学校 {GOOD_ID}")),
            table("enrollments", Row(2, {"sourcedId": "e1", "userSourcedId": "G" + GOOD_ID})),
        )
        producer.publish(settings)
        vault.drain_vault(settings)
    published = read(settings, *(names.topic("oneroster", e) for e in ("users", "orgs", "enrollments")))
    published += read(settings, names.VAULT_TOPIC)
    seen = [bytes(part) for r in published for part in (r.key, r.value)]
    seen += [caplog.text.encode(), *(text.encode() for text in capfd.readouterr())]
    with db.connect(settings, "flyover_owner") as owner:
        for schema in ("connect", "vault", "audit", "quality"):
            names_found = owner.execute("select tablename from pg_tables where schemaname = %s", (schema,)).fetchall()
            for (name,) in names_found:
                rows = owner.execute(
                    db.SQL("select t::text from {}.{} as t").format(db.Identifier(schema), db.Identifier(name))
                )
                seen += [row.encode() for (row,) in rows]
                data = db.SQL("select data from connect.outbox where data is not null")
        seen += [bytes(row[0]) for row in owner.execute(data)]
    assert len(seen) > 20
    for value in (*CANARY.values(), GOOD_ID):
        assert not any(value.encode() in text for text in seen), f"{value} has left the edge"
