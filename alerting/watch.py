"""One look at everything that may be wrong: alerts open and end, who should know is told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from alerting import compose, conditions, config, failures, outgoing, state
from pipeline import locks
from pipeline.db import connect
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings

ROLE = "flyover_watch"


@dataclass(frozen=True)
class Watched:
    """What one look did; false when nothing changed and nothing was sent."""

    opened: int
    ended: int
    written: int
    sent: int
    waiting: int
    """messages that no server has taken yet"""

    def __bool__(self) -> bool:
        return bool(self.opened or self.ended or self.written or self.sent)


def watch(settings: Settings, now: dt.datetime | None = None) -> Watched:
    """Evaluate every condition, keep what changed, write what is to be told and send what is due.

    Safe to repeat and to run twice at once: what was told is kept in the transaction that writes the message.

    :raises SystemTrouble: when the database is away (retriable)
    :raises ConfigurationError: when ``alerting.yml`` is wrong; the alerts are kept all the same
    """
    now = now or dt.datetime.now(dt.UTC)
    failures.bring_in(settings)
    try:
        told_by = config.load(settings)
    except ConfigurationError:
        _look(settings, config.Config(), now)
        raise
    opened, ended, written = _look(settings, told_by, now)
    sent = outgoing.deliver(settings, told_by, now)
    return Watched(opened, ended, written, sent.sent, sent.waiting)


def _look(settings: Settings, told_by: config.Config, now: dt.datetime) -> tuple[int, int, int]:
    found = conditions.evaluate(settings, told_by, now)
    with connect(settings, ROLE) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", (locks.WATCH,))
        opened, ended = state.apply(connection, found.findings, found.asked, now)
        written = compose.compose(connection, told_by, conditions.agencies(settings), now)
    return opened, ended, written
