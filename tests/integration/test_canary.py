"""Identities planted in two deliveries are found nowhere but in the agencies' own files.

The deliveries go the whole way as a person takes them, wrong rows included. Then every table, every message, every
file and every line that was printed is searched for every planted value, as text and as bytes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from kafka import KafkaConsumer, TopicPartition

from connectors import edge, producer, pull, registry
from expectations.reports import report
from pipeline.db import SQL, Identifier, connect
from pipeline.settings import CHECKOUT, Settings
from stack.state import State
from stack.supervisor import clean_environment
from tests import people
from tests.fragile import forget_topics

PLANTED = people.make(40)
RAGGED, TWICE, MISTYPED, MISPLACED = PLANTED[36:]


class Place(NamedTuple):
    """Somewhere to look, and what is there."""

    name: str
    content: bytes


class Hit(NamedTuple):
    """A planted value that was found."""

    place: str
    kind: str


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Agency code → delivery, some of whose rows go to quarantine by every way there is."""
    root = tmp_path_factory.mktemp("agencies")
    school = people.school_bundle(root / "school", PLANTED)
    lines = (school / "users.csv").read_text(encoding="utf-8").splitlines()
    people.add_line(school / "users.csv", f"{lines[RAGGED.number + 1]},one field too many")
    people.add_line(school / "users.csv", lines[TWICE.number + 1])
    people.add_line(school / "users.csv", lines[TWICE.number + 1].replace(",true,", ",false,"))
    ids = f"org-{MISPLACED.resident_id},,,测试学校,school,{MISPLACED.resident_id},{MISPLACED.student_id}"
    people.add_line(school / "orgs.csv", f"{ids},330106,,21,111,public")
    people.add_line(
        school / "demographics.csv",
        (school / "demographics.csv").read_text(encoding="utf-8").splitlines()[1].replace("2010-", "soon "),
    )
    university = people.university_folder(root / "university", PLANTED)
    lines = (university / "studentInfo.csv").read_text(encoding="utf-8").splitlines()
    mistyped = lines[MISTYPED.number + 1].replace("AAA,2024J", "AAA,2025B").replace(",0,60,", ",none,60,")
    assert mistyped.count(",none,") == 1
    people.add_line(university / "studentInfo.csv", mistyped)
    return {"sch-lishui": school, "ou-ningbo": university}


def places(settings: Settings, also: Path) -> Iterator[Place]:
    """All that was kept or written, but for the vault and what lies in the agencies' own folders."""
    yield from _rows(settings)
    yield from _messages(settings)
    for folder in (settings.state_dir, also):
        for file in folder.rglob("*"):
            if file.is_file():
                yield Place(str(file), file.read_bytes())


def _rows(settings: Settings) -> Iterator[Place]:
    with connect(settings, "flyover_owner") as connection:
        relations = connection.execute(
            "select n.nspname, c.relname, array(select a.attname from pg_attribute as a where a.attrelid = c.oid "
            "and a.atttypid = 'bytea'::regtype and a.attnum > 0) from pg_class as c "
            "inner join pg_namespace as n on c.relnamespace = n.oid where c.relkind in ('r', 'm') "
            "and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'vault') order by 1, 2"
        ).fetchall()
        for schema, name, byte_columns in relations:
            table, found = Identifier(schema, name), []
            for (row,) in connection.execute(SQL("select t::text from {} as t").format(table)):
                found.append(str(row).encode())
            for column in byte_columns:  # as text they are hexadecimal digits
                query = SQL("select {} from {}").format(Identifier(column), table)
                found.extend(bytes(value) for (value,) in connection.execute(query) if value is not None)
            yield Place(f"{schema}.{name}", b"\n".join(found))


def _messages(settings: Settings) -> Iterator[Place]:
    consumer = KafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap,
        group_id=None,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    try:
        for topic in sorted(topic for topic in consumer.topics() if not topic.startswith("__")):
            partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
            consumer.assign(partitions)
            consumer.seek_to_beginning(*partitions)
            ends, found = consumer.end_offsets(partitions), []
            while any(consumer.position(partition) < end for partition, end in ends.items()):
                for records in consumer.poll(timeout_ms=1_000).values():
                    for record in records:
                        headers = b"".join(name.encode() + (value or b"") for name, value in record.headers)
                        found.append((record.key or b"") + (record.value or b"") + headers)
            yield Place(f"topic {topic}", b"\n".join(found))
    finally:
        consumer.close()


def hits(place: Place) -> set[Hit]:
    """Planted values found in a place: as they are, and as JSON or Python would write them in ASCII."""
    return {
        Hit(place.name, kind)
        for person in PLANTED
        for kind, value in person.telling.items()
        if value.encode() in place.content or _escaped(value) in place.content
    }


def _escaped(value: str) -> bytes:
    return json.dumps(value)[1:-1].encode()


def ingest(settings: Settings, agency: str, source: str, origin: Path) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in clean_environment().items() if not name.startswith("FLYOVER_")}
    return subprocess.run(
        [sys.executable, "-m", "cli.main", "ingest", source, "--agency", agency, "--path", str(origin), "--inline",
         "--json"],
        cwd=CHECKOUT,
        env={**environ, "FLYOVER_STATE": str(settings.state_dir), "PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


def test_planted_identities_are_found_nowhere(
    settings: Settings, deliveries: dict[str, Path], stack_state: State
) -> None:
    printed = []
    for agency, origin in deliveries.items():
        source = registry.load_all(settings.agencies_dir)[agency].source
        done = ingest(settings, agency, source, origin)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["books"]
        printed += [Place(f"what ingest of {agency} printed", (done.stdout + done.stderr).encode())]
    report.write(settings)

    looked_at = {place.name: place for place in [*printed, *places(settings, stack_state.logs)]}
    assert sorted(set().union(*map(hits, looked_at.values()))) == []

    with connect(settings, "flyover_owner") as connection:
        aside = {(e, s) for e, s in connection.execute("select distinct entity_table, stage from quarantine.entry")}
        kept = connection.execute("select count(*) from vault.identity where sealed is not null").fetchone()
    assert {("oneroster__users", "parse"), ("oneroster__demographics", "decode"), ("oneroster__users", "rule")} <= aside
    assert ("oulad__student_info", "decode") in aside
    assert kept is not None
    assert kept[0] >= 2 * len(PLANTED), "the identities have gone somewhere: into the vault"
    for name in (
        "connect.outbox", "quality.stage_run", "topic oneroster.users.v1", "topic vault.identities.v1",
        str(report_path(settings)), str(stack_state.logs / "postgres.log"),
    ):  # fmt: skip
        assert looked_at[name].content, f"nothing was looked at in {name}"
    assert [name for name in looked_at if name.startswith(("core.", "mart.", "landing.oneroster__users"))]


def report_path(settings: Settings) -> Path:
    return settings.reports_dir / report.NAME


@pytest.mark.parametrize("leak", ["ids", "names"])
def test_an_edge_that_leaks_is_noticed(
    leak: str,
    new_database: Callable[[], Settings],
    deliveries: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    fresh = new_database()
    forget_topics(fresh)
    if leak == "ids":
        monkeypatch.setattr(edge, "word_of", lambda field, key: None)
        monkeypatch.setattr(edge.Edge, "_without_stray_ids", lambda self, payload: payload)
    else:
        plain = edge.Edge._payload
        monkeypatch.setattr(
            edge.Edge,
            "_payload",
            lambda self, values: {**plain(self, values), **{n: v for n, v in values.items() if v and n == "givenName"}},
        )
    agency = registry.load_all(fresh.agencies_dir)["sch-lishui"]
    pull.pull(fresh, agency, deliveries["sch-lishui"])
    producer.publish(fresh)
    found = set().union(*map(hits, places(fresh, tmp_path)))
    leaked = {"ids": {"resident id", "student id"}, "names": {"given name"}}[leak]
    assert {hit.kind for hit in found} == leaked
    assert {"connect.outbox", "topic oneroster.users.v1"} <= {hit.place for hit in found}


def test_every_planted_value_can_be_told_from_chance() -> None:
    values = [value for person in PLANTED for value in person.telling.values()]
    assert len(set(values)) == len(values)
    assert min(len(value.encode()) for value in values) >= 9
