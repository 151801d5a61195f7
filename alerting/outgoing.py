"""The messages that wait: each is sent when its server takes it, however long that lasts, and then never again."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from dataclasses import dataclass

from alerting.channels import Unsent, send
from alerting.config import Config
from alerting.words import trial
from pipeline.db import Connection, connect
from pipeline.errors import BadInput
from pipeline.settings import Settings

log = logging.getLogger(__name__)
ROLE = "flyover_watch"
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(minutes=1), dt.timedelta(hours=1)


@dataclass(frozen=True)
class Sent:
    """What one round did."""

    sent: int
    waiting: int
    """messages that no server has taken yet"""


def deliver(settings: Settings, config: Config, now: dt.datetime, *, at_once: bool = False) -> Sent:
    """Send what is due, oldest first (``at_once``: all that waits); a channel in trouble is not asked twice a round.

    Two rounds beside each other share the messages; each is locked while it is sent.
    """
    sent, troubled, tried = 0, set[str](), list[uuid.UUID]()
    with connect(settings, ROLE, autocommit=True) as connection:
        while True:
            with connection.transaction():
                row = connection.execute(
                    "select message_id, recipient, channel, subject, body, tries, created_at "
                    "from quality.alert_message "
                    "where status = 'waiting' and (next_try_at <= %s or %s) and not channel = any(%s) "
                    "and not message_id = any(%s) order by created_at, message_id limit 1 for update skip locked",
                    (now, at_once, list(troubled), tried),
                ).fetchone()
                if row is None:
                    break
                message_id, group, channel, subject, body, tries, created_at = row
                recipient = config.recipients.get(group)
                if recipient is None or channel not in recipient.channels:
                    _mark(connection, message_id, "dropped", now, "alerting.yml does not name it any more")
                    continue
                try:
                    flaw = send(settings, config, recipient, channel, message_id, subject, body, created_at)
                except Unsent as error:
                    tried.append(message_id)
                    if error.is_about_server:
                        troubled.add(channel)
                    _postpone(connection, message_id, tries, now, str(error))
                    log.warning("a message for %s waits: %s", group, error)
                else:
                    sent += 1
                    _mark(connection, message_id, "sent", now, flaw)
        waiting = connection.execute("select count(*) from quality.alert_message where status = 'waiting'").fetchone()
    return Sent(sent, int(waiting[0]) if waiting else 0)


def try_out(
    settings: Settings, config: Config, now: dt.datetime, group: str | None = None
) -> list[tuple[str, str, str]]:
    """Send a test message to every group, or to one: (group, channel, what came of it). Nothing is kept of it.

    :raises BadInput: when there is no such group
    """
    if group is not None and group not in config.recipients:
        there = ", ".join(config.recipients) or "none"
        raise BadInput(f"alerting.yml names no group {group}", advice=f"There are: {there}. See docs/how-to/alerts.md.")
    outcomes = []
    for recipient in config.recipients.values():
        if group in (None, recipient.name):
            message = trial(recipient.language)
            body = {"text": message.text, "html": message.html, "document": message.document}
            for channel in recipient.channels:
                try:
                    flaw = send(settings, config, recipient, channel, uuid.uuid4(), message.subject, body, now)
                except Unsent as error:
                    outcomes.append((recipient.name, channel, str(error)))
                else:
                    outcomes.append((recipient.name, channel, flaw or "sent"))
    return outcomes


def _mark(connection: Connection, message_id: uuid.UUID, status: str, now: dt.datetime, error: str | None) -> None:
    connection.execute(
        "update quality.alert_message set status = %s, tries = tries + 1, error = %s, "
        "sent_at = case when %s = 'sent' then %s::timestamptz end where message_id = %s",
        (status, error, status, now, message_id),
    )


def _postpone(connection: Connection, message_id: uuid.UUID, tries: int, now: dt.datetime, error: str) -> None:
    wait = min(FIRST_WAIT * 2 ** min(tries, 10), LONGEST_WAIT)
    connection.execute(
        "update quality.alert_message set tries = tries + 1, next_try_at = %s, error = %s where message_id = %s",
        (now + wait, error, message_id),
    )
