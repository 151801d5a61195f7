"""Fault 19: the warehouse is lost and comes back from a copy, every table equal, and what is under way goes on."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors import producer, pull, registry, sink, vault
from expectations.judging import judge
from keeping import backup, restore
from pipeline.db import connect
from pipeline.errors import BadInput, SystemTrouble
from pipeline.settings import Settings
from tests import people
from tests.faults import compared
from tests.faults.conftest import Figures
from tests.fragile import forget_topics

SCHOOL = "sch-lishui"
SENT_AGAIN = {"connect.batch", "connect.delivery", "quality.stage_run"}


def sums(settings: Settings) -> backup.Checksums:
    with connect(settings, "flyover_owner") as connection:
        return backup.checksums(connection)


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return people.school_bundle(tmp_path_factory.mktemp("school") / "bundle", people.make(200))


def stage(settings: Settings, origin: Path) -> None:
    pull.pull(settings, registry.load_all(settings.agencies_dir)[SCHOOL], origin)


def land(settings: Settings) -> None:
    producer.publish(settings)
    sink.drain(settings, sink.topics_of(settings, "oneroster"))
    vault.drain_vault(settings)
    judge.judge_ready(settings, "oneroster")


def test_a_copy_restores_every_table_and_goes_on_from_there(
    new_database: Callable[[], Settings], school: Path, tmp_path: Path, figures: Callable[[str], Figures]
) -> None:
    seen = figures("19 backup and restore")
    control = new_database()
    forget_topics(control)
    stage(control, school)
    land(control)
    forget_topics(control)
    settings = new_database()
    stage(settings, school)
    producer.publish(settings)
    sink.drain(settings, sink.topics_of(settings, "oneroster")[:3])  # a copy of half-done work
    wanted = sums(settings)
    copy = backup.backup(settings, tmp_path)
    assert copy.tables == len(wanted)
    assert all(settings.secrets.pg_passwords[role] not in copied(copy.folder) for role in settings.secrets.pg_passwords)

    land(settings)
    with connect(settings, "flyover_owner") as connection:  # the loss
        connection.execute("delete from quality.rule_result")
        connection.execute("drop schema landing cascade")
    restored = restore.restore(settings, copy.folder)

    after = sums(settings)
    odd = {table for table in after.keys() | wanted.keys() if after.get(table) != wanted.get(table)}
    assert odd <= SENT_AGAIN, f"not as copied, and not because it was sent again: {sorted(odd - SENT_AGAIN)}"
    assert restored.sent_again, "batches on their way at the moment of the copy are sent again"
    land(settings)
    seen.rows = compared.assert_same(compared.picture(settings), compared.picture(control))
    seen.events, seen.kills = restored.rows, 1
    seen.notes.append(f"{copy.bytes / 2**20:.1f} MiB")


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["a byte of the dump", "a table's checksum", "no manifest", "other keys"])
def test_a_copy_that_is_not_whole_replaces_nothing(
    damage: str, new_database: Callable[[], Settings], school: Path, tmp_path: Path
) -> None:
    settings = new_database()
    stage(settings, school)
    copy = backup.backup(settings, tmp_path)
    hurt(copy.folder, damage)
    before = sums(settings)
    with pytest.raises((BadInput, SystemTrouble)):
        restore.restore(settings, copy.folder)
    assert sums(settings) == before


def hurt(folder: Path, damage: str) -> None:
    manifest, dump = folder / backup.MANIFEST, folder / backup.DUMP
    if damage == "a byte of the dump":
        content = bytearray(dump.read_bytes())
        content[random.Random(7).randrange(len(content))] ^= 1
        dump.write_bytes(content)
    elif damage == "no manifest":
        manifest.unlink()
    else:
        said = json.loads(manifest.read_text())
        if damage == "other keys":
            said["keys"] = "00"
        else:
            said["tables"]["connect.batch"][0] += 1
        manifest.write_text(json.dumps(said))


def copied(folder: Path) -> str:
    return "".join(path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file())
