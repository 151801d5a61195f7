"""What docs/tasks.md tells an engineer to type, typed: in a copy of the checkout where files change."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerting import state
from connectors import producer, pull, registry, sources
from connectors.registry import Agency
from connectors.sources.base import Row, Table
from pipeline.db import connect
from pipeline.errors import BadInput
from pipeline.settings import CHECKOUT, Settings
from tests import people, record_store
from tests.checkouts import Copy
from tests.integration.alerting.watched import hold
from tests.landed import Landing
from tests.record_store import Store
from tests.taskpage import Terminal

SCHOOL, ISLES, STORE = "sch-lishui", "sch-zhoushan", "ou-wenzhou"
VISITS = "branch_code,year,visits\n0101,2025,340\n0102,2025,221\n"


@pytest.fixture(scope="module")
def copy(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("checkout"), settings.state_dir)


@pytest.fixture(scope="module")
def terminal(settings: Settings) -> Terminal:
    return Terminal(settings.state_dir)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A school's first delivery, with nothing wrong in it."""
    folder = people.school_bundle(tmp_path_factory.mktemp("agencies") / "school", people.make(6))
    orgs = folder / "orgs.csv"
    orgs.write_text(orgs.read_text(encoding="utf-8").replace("339901", "330106"), encoding="utf-8")
    return folder


def editor(folder: Path, program: str) -> dict[str, str]:
    """An editor that does one thing to the file it is given: a program of sed."""
    script = folder / "editor"
    script.write_text(f"#!/bin/sh\nexec sed -i '{program}' \"$1\"\n")
    script.chmod(0o755)
    return {"EDITOR": str(script)}


@pytest.mark.task("E2")
def test_an_agency_is_added_by_one_file(copy: Copy, settings: Settings, bundle: Path) -> None:
    Terminal(settings.state_dir, copy.root).do("E2", FILE=bundle)
    assert copy.git("status", "--porcelain").split() == ["??", "connectors/agencies/sch-ningbo.yml"]
    (copy.root / "connectors" / "agencies" / "sch-ningbo.yml").unlink()


@pytest.mark.task("E3")
def test_a_source_is_added_and_nothing_of_the_core_edited(settings: Settings, tmp_path: Path) -> None:
    copy, sample = Copy(tmp_path / "checkout", settings.state_dir), tmp_path / "visits.csv"
    sample.write_text(VISITS, encoding="utf-8")
    saying = editor(tmp_path, "s/^\\( *description:\\).*guess.*/\\1 said by hand/")
    Terminal(settings.state_dir, copy.root, saying).do("E3", SAMPLE=sample)
    changed = [line[3:] for line in copy.git("status", "--porcelain").splitlines() if not line.startswith("??")]
    assert {Path(name).parts[0] for name in changed} <= {"docs", "contracts", "dbt_project"}, "generated pages alone"


@pytest.mark.task("E4")
def test_a_schedule_is_changed(copy: Copy, settings: Settings) -> None:
    Terminal(settings.state_dir, copy.root).do("E4")
    changed = registry.load_all(copy.root / "connectors" / "agencies")[SCHOOL]
    assert (changed.schedule, changed.expected_by) == ("40 5 * * *", "07:30")


@contextmanager
def a_wrong_reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Names of organisations are read upside down."""
    honest = sources.load("oneroster")

    class Wrong:
        @contextmanager
        def open(self, origin: Path, agency: Agency) -> Iterator[Sequence[Table]]:
            with honest.open(origin, agency) as tables:
                yield [upside_down(table) if table.entity == "orgs" else table for table in tables]

    with monkeypatch.context() as patched:
        patched.setattr(pull.sources, "load", lambda name: Wrong())
        yield


def upside_down(table: Table) -> Table:
    def rows() -> Iterator[Row]:
        for row in table.rows():
            assert isinstance(row, Row)
            yield row._replace(values={**row.values, "name": str(row.values["name"])[::-1]})

    return dataclasses.replace(table, rows=rows)


@pytest.mark.task("E5")
def test_what_a_wrong_reader_read_is_read_again(
    settings: Settings, terminal: Terminal, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_wrong_reader(monkeypatch):
        pull.pull(settings, registry.load_all(settings.agencies_dir)[SCHOOL], bundle)
    terminal.do("E5", DAY=dt.datetime.now(ZoneInfo("Asia/Shanghai")).date())


@pytest.mark.task("E6")
def test_the_cause_of_an_alert_and_its_runbook_are_found(settings: Settings, terminal: Terminal) -> None:
    batch = hold(settings, Landing(settings, "oneroster", SCHOOL))
    terminal.do("E6")
    (alert,) = [found for found in state.listed(settings) if str(batch) in found.key]
    said = terminal.do("E6", 1, ALERT=alert.alert_id, BATCH="BATCH")
    assert "docs/runbooks/batch_held.md" in said


@pytest.mark.task("E7")
def test_a_killed_run_lost_nothing(settings: Settings, terminal: Terminal, bundle: Path) -> None:
    delivery = pull.pull(settings, registry.load_all(settings.agencies_dir)[ISLES], bundle)
    producer.publish(settings, source="oneroster")
    with connect(settings, "flyover_owner") as held_up:
        # the run dies while it waits, in the middle of its transaction, for a table it is to write into
        held_up.execute("lock table landing.oneroster__users in access exclusive mode")
        run = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "sink", "--source", "oneroster"], cwd=CHECKOUT,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT), "FLYOVER_STATE": str(settings.state_dir)},
        )  # fmt: skip
        waits = "select count(*) from pg_locks where not granted and relation = 'landing.oneroster__users'::regclass"
        with connect(settings, "flyover_owner", autocommit=True) as looking:
            while looking.execute(waits).fetchone() == (0,):
                assert run.poll() is None
                looking.execute("select pg_sleep(0.05)")
        terminal.do("E7", PID=run.pid)
        assert run.wait() == -9
    terminal.do("E7", 1)
    with connect(settings, "flyover_owner") as owner:  # of what was published a moment ago nothing is missed
        owner.execute("update connect.batch set published_at = published_at - interval '1 hour'")
        landed = owner.execute(
            "select sum(landed_rows) from quality.batch where delivery_id = %s", (delivery.delivery_id,)
        ).fetchone()
    assert landed == (delivery.read_rows,)
    terminal.do("E7", 2)


@pytest.mark.task("E8")
def test_a_password_is_rotated_without_a_stop(settings: Settings, terminal: Terminal) -> None:
    with record_store.running(Store()) as store:
        store.keep("s-1")
        params = {"url": store.url, "requests_per_second": "1000", "patience_s": "20"}
        agency = dataclasses.replace(registry.load_all(settings.agencies_dir)[STORE], params=params)
        for name, value in {"user": "us", "password": "the-secret"}.items():
            terminal.run([f"./flyover secret set {STORE} {name}"], given=value)
        pull.pull_live(settings, agency)
        store.keep("s-2")
        store.login = ("us", "the-new-secret")
        with pytest.raises(BadInput):
            pull.pull_live(settings, agency)
        assert "the-new-secret" not in terminal.do("E8", given="the-new-secret\n")
        assert sum(found.read_rows for found in pull.pull_live(settings, agency)) == 1
