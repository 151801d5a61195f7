"""What a person sees when a file cannot be used, or a server is not there: one sentence, and nothing left behind."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from connectors import pull, registry
from pipeline.db import SQL, Identifier, connect
from pipeline.errors import BadInput
from pipeline.settings import CHECKOUT, Settings
from stack.ports import free_ports
from stack.supervisor import clean_environment
from tests import people
from tests.deliveries import FIXTURES, files_of, pack

BAD_INPUT, SYSTEM_TROUBLE = 2, 3
LEARNERS = 1_000
_MAY_STAY = {"connect.contract", "connect.refusal"}
"""What was agreed, and why a delivery was refused."""
BUNDLE = FIXTURES / "oneroster" / "bulk_1p2"


class Case(NamedTuple):
    """A delivery that cannot be used: how it is made, and what the sentence has to name."""

    make: Callable[[Path], Path]
    names: tuple[str, ...]
    source: str = "oneroster"
    agency: str = "sch-lishui"


def cli(settings: Settings, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person does, on the test's own database."""
    kept = {name: value for name, value in clean_environment().items() if not name.startswith("FLYOVER_")}
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=CHECKOUT,
        env={**kept, "FLYOVER_STATE": str(settings.state_dir), "PYTHONPATH": str(CHECKOUT), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def ingest(settings: Settings, source: str, agency: str, path: Path, **environ: str) -> Any:
    return cli(settings, "ingest", source, "--agency", agency, "--path", str(path), "--inline", **environ)


def traces(settings: Settings) -> dict[str, int]:
    """Everything a delivery could have left behind, by place; places without any are left out."""
    with connect(settings, "flyover_owner") as connection:
        relations = connection.execute(
            "select n.nspname, c.relname from pg_class as c inner join pg_namespace as n on c.relnamespace = n.oid "
            "where n.nspname in ('connect', 'landing', 'quarantine', 'vault', 'quality') and c.relkind = 'r'"
        ).fetchall()
        found = {}
        for schema, name in relations:
            row = connection.execute(SQL("select count(*) from {}").format(Identifier(schema, name))).fetchone()
            found[f"{schema}.{name}"] = row[0] if row else 0
    found["intake"] = sum(1 for path in settings.intake_dir.rglob("*") if path.is_file())
    return {place: count for place, count in found.items() if count and place not in _MAY_STAY}


@pytest.fixture(scope="module")
def untouched(settings: Settings) -> dict[str, int]:
    """What stands in a database that nobody has sent anything to: lists that migrations bring."""
    return traces(settings)


def missing(folder: Path) -> Path:
    return folder / "not-there.zip"


def empty_file(folder: Path) -> Path:
    (folder / "empty.zip").touch()
    return folder / "empty.zip"


def without_a_column(folder: Path) -> Path:
    files = files_of(BUNDLE)
    files["orgs.csv"] = files["orgs.csv"].replace(b"sourcedId,", b"id,", 1)
    return pack(folder / "header.zip", files)


def in_utf32(folder: Path) -> Path:
    files = files_of(BUNDLE)
    files["orgs.csv"] = files["orgs.csv"].decode("utf-8-sig").encode("utf-32")
    return pack(folder / "utf32.zip", files)


def cut_short(folder: Path) -> Path:
    whole = pack(folder / "cut.zip", files_of(BUNDLE))
    whole.write_bytes(whole.read_bytes()[:-200])
    return whole


def torn_inside(folder: Path) -> Path:
    """The list of contents is whole, and one file's data are not: that shows only while its rows are read."""
    bundle = people.school_bundle(folder / "torn", people.make(LEARNERS))
    archive = pack(folder / "torn.zip", files_of(bundle))
    content = bytearray(archive.read_bytes())
    middle = content.index(b"users.csv") + 20_000
    content[middle : middle + 64] = bytes(64)
    archive.write_bytes(content)
    return archive


def unreadable_manifest(folder: Path) -> Path:
    return pack(folder / "manifest.zip", {**files_of(BUNDLE), "manifest.csv": bytes(range(128, 256)) * 4})


def manifest_of_another_kind(folder: Path) -> Path:
    return pack(folder / "kind.zip", {**files_of(BUNDLE), "manifest.csv": b"<manifest/>\n<file/>\n"})


def good(folder: Path) -> Path:
    return shutil.copytree(BUNDLE, folder / "good")


def of_another_source(folder: Path) -> Path:
    return shutil.copytree(FIXTURES / "oulad" / "seven_tables", folder / "oulad")


def census_without_columns(folder: Path) -> Path:
    path = folder / "yearbook.csv"
    path.write_text("年份,县\n2025,某县\n", encoding="utf-8")
    return path


SCHOOL = ("sch-lishui", "oneroster")
CASES = {
    "not there": Case(missing, (*SCHOOL, "not-there.zip", "no such file")),
    "empty": Case(empty_file, (*SCHOOL, "empty.zip", "is empty")),
    "wrong header": Case(without_a_column, (*SCHOOL, "orgs.csv", "line 1", "sourcedId")),
    "wrong encoding": Case(in_utf32, (*SCHOOL, "orgs.csv", "line 1", "UTF-32", "CSV UTF-8")),
    "torn zip": Case(cut_short, (*SCHOOL, "cut.zip", "torn")),
    "zip torn inside": Case(torn_inside, (*SCHOOL, "torn.zip: users.csv", "torn")),
    "unreadable manifest": Case(unreadable_manifest, (*SCHOOL, "manifest.csv", "line 1", "UTF-8")),
    "manifest of another kind": Case(manifest_of_another_kind, (*SCHOOL, "manifest.csv", "line 1", "propertyName")),
    "unknown agency": Case(good, ("sch-nowhere", "sch-lishui"), agency="sch-nowhere"),
    "wrong source": Case(good, SCHOOL, source="oulad"),
    "unknown source": Case(good, SCHOOL, source="onerooster"),
    "files of another source": Case(of_another_source, (*SCHOOL, "oulad/courses.csv", "line 1", "sourcedId")),
    "census of another layout": Case(
        census_without_columns, ("stats-sim-north", "census", "yearbook.csv", "line 1"), "census", "stats-sim-north"
    ),
}


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The only line a failed command has written."""
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("Error: ")
    return lines[0]


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_file_that_cannot_be_used_is_one_sentence_and_leaves_nothing(
    case: Case, settings: Settings, untouched: dict[str, int], tmp_path: Path
) -> None:
    done = ingest(settings, case.source, case.agency, case.make(tmp_path))
    sentence = one_sentence(done)
    assert done.returncode == BAD_INPUT
    for name in case.names:
        assert name in sentence
    for person in people.make(LEARNERS)[-3:]:
        assert not [kind for kind, value in person.telling.items() if value in sentence]
    assert traces(settings) == untouched


def test_pulling_a_torn_file_says_the_same_and_leaves_nothing(
    settings: Settings, untouched: dict[str, int], tmp_path: Path
) -> None:
    """Without the check before: what a DAG meets when the file is torn between check and pull."""
    agency = registry.load_all(settings.agencies_dir)["sch-lishui"]
    with pytest.raises(BadInput, match=r"sch-lishui \(oneroster\): torn.zip: users.csv"):
        pull.pull(settings, agency, torn_inside(tmp_path))
    assert traces(settings) == untouched


@pytest.mark.parametrize("arguments", [("batches",), ("batches", "books", "--json"), ("sql", "select 1")])
def test_a_database_that_is_away_is_one_sentence(settings: Settings, arguments: tuple[str, ...]) -> None:
    (port,) = free_ports(1)
    done = cli(settings, *arguments, FLYOVER_PG_PORT=str(port))
    assert f"PostgreSQL at 127.0.0.1:{port} does not answer" in one_sentence(done)
    assert done.returncode == SYSTEM_TROUBLE


def test_ingest_does_not_wait_for_a_database_that_is_not_there(
    settings: Settings, untouched: dict[str, int], tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    done = ingest(settings, "oneroster", "sch-lishui", good(tmp_path), FLYOVER_PG_PORT=str(port))
    assert f"PostgreSQL at 127.0.0.1:{port} does not answer" in one_sentence(done)
    assert done.returncode == SYSTEM_TROUBLE
    assert traces(settings) == untouched


def test_json_is_one_document_on_standard_output(new_database: Callable[[], Settings]) -> None:
    settings, batch = new_database(), uuid.uuid4()
    with connect(settings, "flyover_owner") as connection:
        connection.execute(
            "insert into quality.batch (batch_id, delivery_id, agency_code, source, entity, status, received, "
            "released) values (%s, %s, 'sch-lishui', 'oneroster', 'orgs', 'released', 2, 2)",
            (batch, batch),
        )
    documents = {}
    for arguments in (("batches",), ("batches", "books"), ("sql", "select 1 as 数", "--role", "engineer")):
        done = cli(settings, *arguments, "--json")
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        documents[arguments] = json.loads(done.stdout)
    assert documents["batches",] == []
    assert documents["batches", "books"]["books"][0]["released"] == 2
    assert documents["sql", "select 1 as 数", "--role", "engineer"] == [{"数": 1}]
