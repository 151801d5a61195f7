"""Looks after an agency's connector: makes it, starts it again, and has it read everything afresh when it must.

Done at every pull and at every ``./flyover up``, so that a worker that was killed, a changed password or a lost
place in the database's log mends itself. Each step may be repeated.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from connectors.capture import connector, database, readiness, worker
from connectors.capture.database import Facts
from connectors.capture.feeds import PASSWORD, Feed
from connectors.capture.readiness import Shape
from pipeline.db import connect, patiently
from pipeline.errors import FlyoverError, SystemTrouble
from pipeline.settings import Settings

log = logging.getLogger(__name__)
ROLE = "flyover_connector"
PATIENCE_S = 60.0
LOOK_S = 0.25
_PLACE_GONE = "no longer available on the server"
_EXCEPTION = re.compile(r"\b[\w.]*(?:Exception|Error)\b")


@dataclass(frozen=True)
class Tended:
    """How the feed was found."""

    shape: Shape
    trouble: FlyoverError | None
    """what keeps new changes from coming, though those that came can be read"""


def tend(settings: Settings, feed: Feed, known: Shape) -> Tended:
    """See that the feed's changes come.

    :raises BadInput: the agency's database refuses us, or is no longer as the contract needs it
    """
    trouble: FlyoverError | None = None
    facts: Facts | None = None
    shape = known
    try:
        facts = database.inspect(settings, feed)
        shape = readiness.check(feed, facts, known)
    except SystemTrouble as error:  # the connector waits for its database, too
        trouble = error
    try:
        _see_to_connector(settings, feed, facts)
    except (SystemTrouble, worker.Unusable) as error:
        trouble = trouble or error
    return Tended(shape, trouble)


def ensure(settings: Settings, feed: Feed) -> bool:
    """Make the connector, or bring its settings and password up to date; whether anything was changed.

    :raises worker.Unusable: Connect refuses the settings
    """
    at = worker.of(settings)
    wanted = {**connector.config(feed, settings.state_dir), "name": feed.code}
    has_new_password = _hand_over_password(settings, feed)
    if at.config(feed.code) != wanted:
        at.put(feed.code, wanted)
        return True
    if has_new_password:
        at.restart(feed.code)
    return has_new_password


def renew(settings: Settings, feed: Feed, reason: str) -> None:
    """Have the connector read all tables afresh; what is not in them any more is then known to be deleted.

    Says why, in the log and in the audit.
    """
    at = worker.of(settings)
    ensure(settings, feed)
    log.warning("%s: %s; all tables are read afresh, so nothing stays lost", feed.code, reason)
    _write_down(settings, feed, reason)
    stop(settings, feed)
    facts = database.inspect(settings, feed)
    if facts.slot is not None and facts.slot.is_lost:
        database.drop_slot(settings, feed)
    at.forget(feed.code)
    at.resume(feed.code)


def stop(settings: Settings, feed: Feed) -> None:
    """Stop the connector and wait until it has let its database go."""
    at = worker.of(settings)
    at.stop(feed.code)
    _await("stop", feed, lambda: at.health(feed.code).state == "stopped")


def _see_to_connector(settings: Settings, feed: Feed, facts: Facts | None) -> None:
    if ensure(settings, feed):
        return
    at = worker.of(settings)
    health = at.health(feed.code)
    if health.state == "stopped":
        at.resume(feed.code)
    is_lost = facts is not None and facts.slot is not None and facts.slot.is_lost
    is_gone = facts is not None and facts.slot is None and health.state == "failed"
    if is_lost or (health.state == "failed" and (is_gone or _PLACE_GONE in health.trace)):
        reason = f"the replication slot {feed.slot} is lost" if is_lost or is_gone else "the log of changes has a gap"
        renew(settings, feed, f"{reason} ({feed.address})")
    elif health.state == "failed":
        at.restart(feed.code)
        kinds = list(dict.fromkeys(_EXCEPTION.findall(health.trace)))  # the rest of a trace may quote a value
        raise SystemTrouble(
            f"{feed.code}: the connector failed ({', '.join(kinds[:3]) or 'no reason given'}) and was started again; "
            "see ./flyover logs connect"
        )


def _hand_over_password(settings: Settings, feed: Feed) -> bool:
    """Write the password where the connector reads it; whether it is another than before."""
    path = connector.credential_file(settings.state_dir, feed)
    text = f"{PASSWORD}={_escaped(settings.credential(feed.code, PASSWORD))}\n"
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    was_there = path.exists()
    _write_private(path, text)
    return was_there


def _escaped(value: str) -> str:
    """As Java's property files want it; a blank at the start would be taken for none."""
    plain = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return f"\\{plain}" if plain[:1].isspace() else plain


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    draft.replace(path)


def _write_down(settings: Settings, feed: Feed, reason: str) -> None:
    def write() -> None:
        with connect(settings, ROLE) as connection:
            connection.execute(
                "insert into audit.entry (action, object, detail) "
                "values ('capture.read_afresh', %s, jsonb_build_object('reason', %s::text))",
                (feed.code, reason),
            )

    patiently(write)


def _await(what: str, feed: Feed, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            raise SystemTrouble(f"{feed.code}: the connector did not {what} within {PATIENCE_S:.0f} s")
        time.sleep(LOOK_S)
