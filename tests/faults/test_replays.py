"""Faults 5, 13, 15 and 17, over one built province: order, replays, a release that moves, a merge that is undone.

What is compared is every table of core, so each of these builds the warehouse; all are slow.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from kafka import KafkaConsumer, TopicPartition

from cli import inline
from connectors import producer, pull, registry, sink, vault
from expectations.decisions.people import Actor
from expectations.judging import judge
from ledger.post import post
from linkage import decisions
from linkage.run import link_persons
from pipeline import kafka, names
from pipeline.db import connect
from pipeline.settings import Settings
from release import publish
from release.build import build_warehouse
from tests import people
from tests.faults import compared
from tests.faults.conftest import Figures
from tests.fragile import forget_topics

pytestmark = pytest.mark.slow
AGENCIES = {"sch-lishui": "oneroster", "ou-ningbo": "oulad"}
PEOPLE = people.make(60)


class Message(NamedTuple):
    """One message as it lay in a topic."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Path]]:
    """Two of each agency: the second corrects people and no longer has the last ten."""
    root = tmp_path_factory.mktemp("agencies")
    found = []
    for turn, known in (("first", PEOPLE), ("second", PEOPLE[:50])):
        school = people.school_bundle(root / turn / "school", known)
        university = people.university_folder(root / turn / "university", known)
        if turn == "second":
            for path in (school / "demographics.csv", university / "studentInfo.csv"):
                path.write_text(corrected(path.read_text(encoding="utf-8")), encoding="utf-8")
        found += [("sch-lishui", school), ("ou-ningbo", university)]
    return found


def corrected(text: str) -> str:
    """Every third person's line says something else than before."""
    lines = text.splitlines()
    other = {"female": "male", "male": "female", ",F,": ",M,", ",M,": ",F,", "Pass": "Fail"}
    for at in range(1, len(lines), 3):
        for before, after in other.items():
            if before in lines[at]:
                lines[at] = lines[at].replace(before, after)
                break
    return "\n".join(lines) + "\n"


def stage(settings: Settings, deliveries: Sequence[tuple[str, Path]]) -> None:
    known = registry.load_all(settings.agencies_dir)
    for agency, origin in deliveries:
        pull.pull(settings, known[agency], origin)


def land(settings: Settings) -> None:
    for source in AGENCIES.values():
        sink.drain(settings, sink.topics_of(settings, source))
    vault.drain_vault(settings)
    for source in AGENCIES.values():
        judge.judge_ready(settings, source)


@pytest.fixture(scope="module")
def control(new_database: Callable[[], Settings], deliveries: list[tuple[str, Path]]) -> Settings:
    """What is staged in turn lands in turn, once."""
    settings = new_database()
    forget_topics(settings)
    for half in (deliveries[:2], deliveries[2:]):
        stage(settings, half)
        producer.publish(settings)
        land(settings)
    inline.close(settings, lambda _: None, release=True)
    forget_topics(settings)
    return settings


def test_order_and_repetition_do_not_matter(
    control: Settings,
    new_database: Callable[[], Settings],
    deliveries: list[tuple[str, Path]],
    seed: int,
    figures: Callable[[str], Figures],
) -> None:
    seen, hand = figures("5 any order, three copies of each"), random.Random(seed)
    settings = new_database()
    stage(settings, deliveries)
    producer.publish(settings)
    sent = read_all(settings)
    forget_topics(settings)
    shuffled = sent * 3
    hand.shuffle(shuffled)
    send(settings, shuffled)
    land(settings)
    inline.close(settings, lambda _: None, release=False)
    seen.events = len(shuffled)
    seen.rows = compared.assert_same(core(settings), core(control))


def test_every_stage_run_three_times_again_changes_nothing(
    control: Settings, deliveries: list[tuple[str, Path]], figures: Callable[[str], Figures]
) -> None:
    seen = figures("13 every stage replayed three times")
    before = compared.picture(control)
    for _ in range(3):
        stage(control, deliveries[2:])
        producer.publish(control)
        land(control)
        build_warehouse(control)
        link_persons(control)
        post(control)
    seen.rows = compared.assert_same(compared.picture(control), before)
    build_warehouse(control, full_refresh=True)
    compared.assert_same(compared.picture(control), before)
    seen.notes.append("rows changed 0, a full refresh too")


def test_a_reader_sees_the_old_release_or_the_new(control: Settings, figures: Callable[[str], Figures]) -> None:
    seen = figures("15 a release is atomic")
    stop, looks = threading.Event(), []

    def read() -> None:
        with connect(control, "policymaker", autocommit=True) as connection:
            while not stop.is_set():
                looks.append(tuple(connection.execute(LOOK).fetchall()))

    whole = {tuple(_look(control))}
    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(3):
            publish.publish_release(control, f"again {number}")
            whole.add(tuple(_look(control)))
    finally:
        stop.set()
        reader.join()
    assert set(looks) <= whole, "half a release was seen"
    assert len(set(looks)) > 1, "the reader saw no release come"
    seen.events, seen.rows = 3, len(looks)
    seen.notes.append(f"{len(looks):,} looks")


def test_unmerging_restores_both_lives(control: Settings, figures: Callable[[str], Figures]) -> None:
    seen, steward = figures("17 unmerge restores both"), Actor("steward", "steward")
    with connect(control, "flyover_owner") as connection:
        learners = connection.execute(
            "select distinct learner_key from core.learner_file order by 1 limit 2"
        ).fetchall()
    (one,), (other,) = learners
    before = core(control)
    decisions.merge(control, one, other, actor=steward, reason="a test")
    build_warehouse(control)
    merged = core(control)
    assert merged != before
    assert merged["core.dim_learner"].rows == before["core.dim_learner"].rows - 1
    decisions.unmerge(control, one, actor=steward, reason="they are two")
    build_warehouse(control)
    seen.rows = compared.assert_same(core(control), before)
    seen.events = 2


def core(settings: Settings) -> compared.Picture:
    return {table: one for table, one in compared.picture(settings).items() if table.startswith("core.")}


def _look(settings: Settings) -> list[tuple[Any, ...]]:
    with connect(settings, "policymaker") as connection:
        return connection.execute(LOOK).fetchall()


def read_all(settings: Settings) -> list[Message]:
    """Every message of every topic of ours."""
    consumer = KafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap, group_id=None, auto_offset_reset="earliest",
        enable_auto_commit=False,
    )  # fmt: skip
    found: list[Message] = []
    try:
        for topic in sorted(t for t in consumer.topics() if not t.startswith("__")):
            partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
            consumer.assign(partitions)
            consumer.seek_to_beginning(*partitions)
            ends = consumer.end_offsets(partitions)
            while any(consumer.position(partition) < end for partition, end in ends.items()):
                for records in consumer.poll(timeout_ms=1_000).values():
                    found += [Message(topic, r.key, r.value, tuple(r.headers)) for r in records]
    finally:
        consumer.close()
    return found


def send(settings: Settings, messages: Sequence[Message]) -> None:
    kafka.ensure_topics(settings, {message.topic for message in messages} | {names.VAULT_TOPIC})
    with kafka.Publisher(settings) as publisher:
        for message in messages:
            publisher.send(message.topic, message.key, message.value, message.headers)
        publisher.flush()


LOOK = (
    "select release_id, count(*), coalesce(sum(hashtextextended(v::text, 0)::numeric), 0)::text "
    "from mart.current_indicator_value as v group by release_id order by 1"
)
