"""Who is to be told what: one message a group, channel and run, with what opened, what still waits and what is over.

A message repeats nothing while nothing changed: what opened is said once, again after the reminder's time while no one
has acknowledged it, and once more when it is over. A group that has had its share of messages this hour waits; what it
was to be told comes, all of it, with the next.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from alerting.config import Config, Recipient
from alerting.kinds import ENGINEERS, OFFICERS, OWNER, known
from alerting.state import ORDER, Alert, select
from alerting.words import Message, written
from connectors.registry import Agency
from pipeline.db import Connection, dict_row

OPENED, REMINDER, RESOLVED = "opened", "reminder", "resolved"
_UNTOLD = """resolved_at is null or exists (
    select from quality.alert_told as t
    where t.alert_id = alert.alert_id and not exists (
        select from quality.alert_told as r
        where r.alert_id = t.alert_id and r.recipient = t.recipient and r.event = 'resolved'
    )
) order by """
"""Alerts of which a group may have something to hear; an order follows."""


@dataclass(frozen=True)
class News:
    """What one group does not know yet."""

    opened: tuple[Alert, ...] = ()
    waiting: tuple[Alert, ...] = ()
    over: tuple[Alert, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.opened or self.waiting or self.over)

    def events(self) -> Iterator[tuple[int, str]]:
        """(alert, what is told of it)."""
        for event, alerts in ((OPENED, self.opened), (REMINDER, self.waiting), (RESOLVED, self.over)):
            yield from ((alert.alert_id, event) for alert in alerts)


def compose(connection: Connection, config: Config, agencies: Mapping[str, Agency], now: dt.datetime) -> int:
    """Write the messages that are due, in the caller's transaction; how many."""
    alerts = select(connection, _UNTOLD + ORDER)
    told = _told(connection, [alert.alert_id for alert in alerts])
    written_now = 0
    for recipient in config.recipients.values():
        if not recipient.channels or _recent(connection, recipient, now) >= config.most_an_hour:
            continue
        concerned = [alert for alert in alerts if concerns(alert, recipient.name, agencies)]
        if news := _news(concerned, recipient, told, config, now):
            message = written(news, recipient.language, config.runbooks_url)
            written_now += _keep(connection, recipient, message, news, now)
    return written_now


def concerns(alert: Alert, group: str, agencies: Mapping[str, Agency]) -> bool:
    """Whether an alert is for a group: engineers and officers by its kind, owners for their own agencies."""
    kind = known().get(alert.kind)
    if kind is None:  # of a release before this one
        return group == ENGINEERS
    if group in (ENGINEERS, OFFICERS):
        return group in kind.told
    agency = agencies.get(alert.agency_code or "")
    return OWNER in kind.told and agency is not None and agency.owner == group


def _news(
    alerts: Sequence[Alert],
    recipient: Recipient,
    told: Mapping[tuple[int, str], Mapping[str, dt.datetime]],
    config: Config,
    now: dt.datetime,
) -> News:
    opened, waiting, over = [], [], []
    for alert in alerts:
        before = told.get((alert.alert_id, recipient.name), {})
        if alert.resolved_at:
            if before and RESOLVED not in before:
                over.append(alert)
        elif not before:
            if not alert.acked_at:
                opened.append(alert)
        elif (
            not alert.acked_at
            and alert.severity != "info"
            and max(before.values()) <= now - dt.timedelta(hours=config.remind_after_hours)
        ):
            waiting.append(alert)
    return News(tuple(opened), tuple(waiting), tuple(over))


def _told(connection: Connection, alert_ids: Sequence[int]) -> Mapping[tuple[int, str], Mapping[str, dt.datetime]]:
    """When each group was last told each event, by alert and group."""
    told: dict[tuple[int, str], dict[str, dt.datetime]] = {}
    with connection.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(
            "select alert_id, recipient, event, max(told_at) as told_at from quality.alert_told "
            "where alert_id = any(%s) group by alert_id, recipient, event",
            (list(alert_ids),),
        ):
            told.setdefault((row["alert_id"], row["recipient"]), {})[row["event"]] = row["told_at"]
    return told


def _recent(connection: Connection, recipient: Recipient, now: dt.datetime) -> int:
    row = connection.execute(
        "select count(distinct created_at) from quality.alert_message where recipient = %s and created_at > %s",
        (recipient.name, now - dt.timedelta(hours=1)),
    ).fetchone()
    return int(row[0]) if row else 0


def _keep(connection: Connection, recipient: Recipient, message: Message, news: News, now: dt.datetime) -> int:
    for channel in recipient.channels:
        connection.execute(
            "insert into quality.alert_message (message_id, recipient, channel, subject, body, created_at, "
            "next_try_at) values (%s, %s, %s, %s, %s, %s, %s)",
            (uuid.uuid4(), recipient.name, channel, message.subject, message.body(), now, now),
        )
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into quality.alert_told (alert_id, recipient, event, told_at) values (%s, %s, %s, %s)",
            [(alert_id, recipient.name, event, now) for alert_id, event in news.events()],
        )
    return len(recipient.channels)
