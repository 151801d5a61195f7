"""./flyover demo changes: a synthetic personnel office changes two rows, and core follows within seconds."""

from __future__ import annotations

import datetime as dt
import json
import secrets
import time
from collections.abc import Callable
from typing import Any

from cli.output import emit_table, say, timed_progress
from connectors import registry
from connectors.capture import feeds
from connectors.capture.feeds import PASSWORD, Feed
from pipeline import names
from pipeline.db import connect
from pipeline.errors import SystemTrouble
from pipeline.settings import Settings
from stack import control, personnel, postgres, simulated
from stack.state import State, write_private

AGENCY = "hr-lishui"
PEOPLE = 500
ADMINISTRATOR = "administrator_password"
PATIENCE_S = 300.0
FORMS = ("contract", "flexible", "self")
Say = Callable[[str], None]
Carry = Callable[[], None]
"""Looks after what was said, where nothing else does."""
_COLUMNS = "employment_form_code, contract_hours, ended_date"


def run(*, inline: bool, as_json: bool) -> None:
    """Start the office, its capture and what follows; take its people in, update one row, delete another.

    Without Airflow (``inline``) this process does the stages' work. May be repeated: each time other rows change.
    """
    progress = timed_progress()
    settings = control.up(progress, with_airflow=False)
    agency = registry.read(settings.agencies_dir / f"{AGENCY}.yml")
    feed = feeds.of(agency, settings.contracts_dir)
    administrator = _open_office(settings, feed, progress)
    settings = control.up(progress, with_airflow=not inline, capture=[AGENCY])
    carry = _carry_inline(settings, feed, progress) if inline else _let_airflow(settings, feed, progress)
    office = personnel.administrator(settings, feed, administrator)

    progress(f"{AGENCY}: the snapshot is on its way")
    present = {key for (key,) in _ask(office, "select employment_id from employment")}
    took = _until(carry, lambda: _in_core(settings) == present, "the snapshot in core")
    rows: list[tuple[Any, ...]] = [("snapshot", f"{len(present)} employments", None, f"{len(present)} rows", took)]

    chosen, form = _first(office, "select employment_id, employment_form from employment order by 1 limit 1")
    other = FORMS[(FORMS.index(form) + 1) % len(FORMS)] if form in FORMS else FORMS[0]
    before = _row(settings, chosen)
    _do(office, "update employment set employment_form = %s where employment_id = %s", other, chosen)
    took = _until(carry, lambda: _row(settings, chosen) != before, "the update in core")
    rows.append(("update", f"{chosen}: employment_form = {other}", before, _row(settings, chosen), took))

    (gone,) = _first(office, "select employment_id from employment order by 1 desc limit 1")
    before = _row(settings, gone)
    _do(office, "delete from employment where employment_id = %s", gone)
    took = _until(carry, lambda: _row(settings, gone) is None, "the delete in core")
    rows.append(("delete", gone, before, _row(settings, gone), took))

    columns = ("what", "at the office", f"core before ({_COLUMNS})", "core after", "seconds")
    emit_table("An office's changes in core.fct_employment_spell", columns, rows, as_json)
    say(
        "Every person in it is invented. ./flyover changes status; stop capturing with ./flyover changes undo hr-lishui"
    )


def _open_office(settings: Settings, feed: Feed, progress: Say) -> str:
    """Start the office's database and see that it has its people; returns its administrator's password."""
    kept = settings.state_dir / "credentials" / f"{feed.code}.json"
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    known = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    for name in (PASSWORD, ADMINISTRATOR):
        known.setdefault(name, secrets.token_urlsafe(24))
    write_private(kept, json.dumps(known))
    progress(f"{simulated.service_name(feed.code)}: starting")
    simulated.start(State.open(), feed.code, feed.port, known[ADMINISTRATOR])
    personnel.furnish(settings, feed, known[ADMINISTRATOR], known[PASSWORD], PEOPLE)
    progress(f"{simulated.service_name(feed.code)}: ready at {feed.address}, {PEOPLE} synthetic people")
    return str(known[ADMINISTRATOR])


def _let_airflow(settings: Settings, feed: Feed, progress: Say) -> Carry:
    from cli import journey
    from stack.airflow_api import of_checkout

    airflow, since = of_checkout(), dt.datetime.now(dt.UTC)
    wake = names.ingest_dag(feed.agency.source, feed.code)
    way = (wake, *(make(feed.agency.source) for make in (names.land_dag, names.validate_dag)), *journey.SHARED_DAGS)
    journey.wait_for_dags(airflow, way, progress)
    for dag_id in way:
        airflow.unpause(dag_id)
    airflow.trigger(wake)

    def look() -> None:
        if failed := [dag_id for dag_id, _ in airflow.failed_since(since) if dag_id in way]:
            raise SystemTrouble(f"a run of {failed[0]} failed. See ./flyover logs airflow-scheduler, or its page")

    return look


def _carry_inline(settings: Settings, feed: Feed, progress: Say) -> Carry:
    from cli import inline
    from connectors.pull import pull_live

    def work() -> None:
        if any(delivery.batches for delivery in pull_live(settings, feed.agency)):
            inline.forward(settings, feed.agency.source, progress)
            inline.close(settings, progress, release=False)

    return work


def _until(carry: Carry, holds: Callable[[], bool], what: str) -> float:
    """Seconds until it holds."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > PATIENCE_S:
            raise SystemTrouble(f"{what}: not within {PATIENCE_S:.0f} s. See ./flyover changes status and batches")
        carry()
        time.sleep(0.5)
    return round(time.monotonic() - began, 1)


def _in_core(settings: Settings) -> set[str]:
    with connect(settings, "engineer") as connection:
        if connection.execute("select to_regclass('core.fct_employment_spell')").fetchone() == (None,):
            return set()
        found = connection.execute("select record_id from core.fct_employment_spell where agency_code = %s", (AGENCY,))
        return {key for (key,) in found}


def _row(settings: Settings, record: str) -> str | None:
    with connect(settings, "engineer") as connection:
        found = connection.execute(
            "select employment_form_code, contract_hours, ended_date from core.fct_employment_spell "
            "where agency_code = %s and record_id = %s",
            (AGENCY, record),
        ).fetchone()
    return ", ".join("—" if value is None else str(value) for value in found) if found else None


def _ask(office: Settings, statement: str) -> list[tuple[Any, ...]]:
    with connect(office, postgres.SUPERUSER) as connection:
        return connection.execute(statement).fetchall()


def _first(office: Settings, statement: str) -> tuple[Any, ...]:
    return _ask(office, statement)[0]


def _do(office: Settings, statement: str, *values: str) -> None:
    with connect(office, postgres.SUPERUSER) as connection:
        connection.execute(statement, values)
