"""Several drains as a group: PostgreSQL keeps who is in it, and who drains what follows from who is in it.

A member renews its lease well within the lease's time and looks, in the same breath, who else is alive; which
partitions are its own every member computes for itself from that. Coming, leaving and falling silent therefore move
partitions at the next breath of the others. Nothing depends on all seeing the same at the same moment: whoever
takes a partition raises its epoch, and who drained it before cannot write any more (:mod:`connectors.drain`).

A member that was stopped past its lease is out. What it held open is ended by the others, since its locks would
keep them waiting for as long as it sleeps; when it wakes up, it drains nothing before it has joined anew.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from connectors import sink
from connectors.drain import KNEE_ROWS, DrainReport, Place
from pipeline import backlog
from pipeline.db import Connection, OperationalError, connect
from pipeline.errors import StaleDrain, SystemTrouble
from pipeline.settings import Settings

LEASE_S = 15.0
_BREATHS_A_LEASE = 5
_OTHER_TROUBLE_S = 1.0
"""Wait after a server was away or a partition was taken, so that no one is asked in a hurry."""


@dataclass(frozen=True)
class Member:
    """One drain of a group; ``topics`` are those it knows, which another release's may not."""

    member_id: uuid.UUID
    label: str
    topics: frozenset[str]


@dataclass(frozen=True)
class View:
    """Who is alive, in order of their ids; ``turn`` counts how often the member who looks had lost its lease."""

    members: tuple[Member, ...] = ()
    turn: int = 0

    def owner(self, topic: str, partition: int) -> uuid.UUID | None:
        """Whose partition it is: members that know the topic take its partitions in turn; none of them, none."""
        able = [member for member in self.members if topic in member.topics]
        return able[(zlib.crc32(topic.encode()) + partition) % len(able)].member_id if able else None


class Membership:
    """A member's place in its group, kept by a thread of its own while the drain works."""

    def __init__(self, settings: Settings, group: str, *, lease_s: float = LEASE_S) -> None:
        self._settings, self._group, self._lease_s = settings, group, lease_s
        self.me, self.label = uuid.uuid4(), f"{socket.gethostname()}:{os.getpid()}"
        self.view = View()
        self._topics: frozenset[str] = frozenset()
        self._safe_until = 0.0
        self._lock, self._ending = threading.Lock(), threading.Event()
        self._moved = threading.Event()
        self._thread = threading.Thread(target=self._breathe, name="membership", daemon=True)

    def __enter__(self) -> Membership:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ending.set()
        self._thread.join()
        try:
            with connect(self._settings, sink.ROLE) as connection:
                connection.execute(
                    "delete from landing.drain_member where group_name = %s and member_id = %s", (self._group, self.me)
                )
        except (SystemTrouble, OperationalError):
            return  # the lease ends by itself

    def attend(self, topics: Sequence[str]) -> View:
        """Renew the lease now, for these topics; who is alive.

        :raises SystemTrouble: when the database is away
        """
        self._topics = frozenset(topics)
        self._renew()
        return self.view

    def owns(self, topic: str, partition: int) -> bool:
        """Whether this member may drain a partition: it is its own, and its lease has not run out meanwhile."""
        return self._is_alive() and self.view.owner(topic, partition) == self.me

    def has_moved(self, since: View) -> bool:
        """Whether partitions may belong to others than they did in that view."""
        return not self._is_alive() or self.view != since

    def rest(self, seconds: float) -> None:
        """Wait, but not once the members have changed."""
        self._moved.wait(seconds)
        self._moved.clear()

    def _is_alive(self) -> bool:
        return time.monotonic() < self._safe_until

    def _breathe(self) -> None:
        while not self._ending.wait(self._lease_s / _BREATHS_A_LEASE):
            try:
                self._renew()
            except (SystemTrouble, OperationalError):
                continue  # the lease runs on until it has run out, and the drain itself says what is away

    def _renew(self) -> None:
        with self._lock:
            began = time.monotonic()
            was_out = self._safe_until and began >= self._safe_until
            with connect(self._settings, sink.ROLE) as connection:
                members = self._meet(connection)
            view = View(members, self.view.turn + 1 if was_out else self.view.turn)
            if view != self.view:
                self.view = view
                self._moved.set()
            self._safe_until = began + self._lease_s  # after the view: what it says of old must not be drained

    def _meet(self, connection: Connection[Any]) -> tuple[Member, ...]:
        given = {"group": self._group, "me": self.me, "label": self.label, "topics": sorted(self._topics)}
        given |= {"lease": self._lease_s}
        connection.execute(_END_WHAT_SLEEPERS_HOLD, given)
        connection.execute(_PUT_OUT, given)
        connection.execute(_RENEW, given)
        found = connection.execute(
            "select member_id, label, topics from landing.drain_member where group_name = %(group)s order by member_id",
            given,
        )
        return tuple(Member(member_id, label, frozenset(topics)) for member_id, label, topics in found)


# A transaction of a sink takes well under a second. One as old as a lease that waits for its client has lost it: the
# client is stopped, or cut off. Ended, it gives back its locks on places and batches; nothing of it was committed.
_END_WHAT_SLEEPERS_HOLD = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and usename = current_user and pid <> pg_backend_pid()
    and wait_event = 'ClientRead' and xact_start < now() - make_interval(secs => %(lease)s)
"""
_PUT_OUT = """
delete from landing.drain_member where (group_name, member_id) in (
    select group_name, member_id from landing.drain_member
    where group_name = %(group)s and lease_until < now() and member_id <> %(me)s for update skip locked
)
"""
_RENEW = """
insert into landing.drain_member (group_name, member_id, label, topics, lease_until)
values (%(group)s, %(me)s, %(label)s, %(topics)s, now() + make_interval(secs => %(lease)s))
on conflict (group_name, member_id) do update set topics = excluded.topics, lease_until = excluded.lease_until
"""


def serve(
    settings: Settings,
    group: str,
    topics: Callable[[], Sequence[str]],
    *,
    stop: Callable[[], bool],
    every_s: float = 1.0,
    lease_s: float = LEASE_S,
    max_rows: int = KNEE_ROWS,
    label: str = "all",
    told: Callable[[str], None] = lambda message: None,
) -> None:
    """Drain this member's share again and again until told to stop; waits out servers that are away.

    ``topics`` is asked before each look, since feeds may stop and start; ``told`` hears what a person should know.
    """
    view = View()
    with Membership(settings, group, lease_s=lease_s) as member:
        while not stop():
            pause = every_s
            try:
                wanted = topics()
                before, view = view, member.attend(wanted)
                _tell_of_members(member, before, view, told)
                report = _drain_own(settings, member, wanted, view, stop, max_rows, label)
                if report.rows:
                    told(f"{report.rows:,} rows landed, {len(report.landed_batches)} whole batches")
            except StaleDrain as taken:
                told(f"{taken}. The members are looked up anew")
                pause = min(every_s, _OTHER_TROUBLE_S)
            except (SystemTrouble, OperationalError) as trouble:
                told(f"{str(trouble).strip().splitlines()[0]} - waiting, nothing is lost")
                pause = max(every_s, _OTHER_TROUBLE_S)
            member.rest(pause)


def _drain_own(
    settings: Settings,
    member: Membership,
    topics: Sequence[str],
    view: View,
    stop: Callable[[], bool],
    max_rows: int,
    label: str,
) -> DrainReport:
    """Land what waits in this member's partitions; those where nothing waits are left alone, their epochs too."""
    lags = backlog.lags(settings, {"landing": topics})
    waiting = {(lag.topic, lag.partition) for lag in lags if lag.messages and member.owns(lag.topic, lag.partition)}
    if not waiting:
        return DrainReport()

    def is_mine(place: Place) -> bool:
        return (place.topic, place.partition) in waiting and member.owns(place.topic, place.partition)

    def is_over() -> bool:
        return stop() or member.has_moved(view)

    return sink.drain(settings, topics, max_rows=max_rows, partitions=is_mine, stop=is_over, label=label)


def _tell_of_members(member: Membership, before: View, now: View, told: Callable[[str], None]) -> None:
    if now == before:
        return
    if now.turn != before.turn:
        told(f"{member.label} was silent for longer than its lease: others have drained its share. It joins anew")
    told(f"{member.label} is one of {len(now.members)}: {', '.join(other.label for other in now.members)}")


@dataclass(frozen=True)
class Standing:
    """A member as the table shows it now."""

    group: str
    label: str
    lease_left_s: float
    topics: int


def standing(settings: Settings) -> list[Standing]:
    """Everyone in every group, as an engineer sees it; a lease below zero has run out."""
    with connect(settings, "engineer") as connection:
        found = connection.execute(
            "select group_name, label, extract(epoch from lease_until - now())::float8, cardinality(topics) "
            "from landing.drain_member order by group_name, member_id"
        )
        return [Standing(*row) for row in found]
