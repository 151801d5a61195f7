"""Who of a group drains what, told from its members alone."""

from __future__ import annotations

import uuid
from collections import Counter

from connectors.group import Member, View

TOPICS = [f"source.entity-{number}.v1" for number in range(30)]
PARTITIONS = range(6)


def members(count: int, topics: list[str] = TOPICS) -> tuple[Member, ...]:
    return tuple(Member(uuid.UUID(int=number), f"host:{number}", frozenset(topics)) for number in range(count))


def test_every_partition_has_one_owner_and_shares_are_even() -> None:
    for count in range(1, 7):
        view = View(members(count))
        for topic in TOPICS:
            shares = Counter(view.owner(topic, partition) for partition in PARTITIONS)
            assert max(shares.values()) - min(shares.values()) <= 1
            assert len(shares) == count
        whole = Counter(view.owner(topic, partition) for topic in TOPICS for partition in PARTITIONS)
        assert max(whole.values()) <= 1.25 * len(TOPICS) * len(PARTITIONS) / count


def test_a_topic_only_one_release_knows_is_drained_by_that_release() -> None:
    old, new = members(2), Member(uuid.UUID(int=9), "host:9", frozenset([*TOPICS, "fresh.entity.v1"]))
    view = View((*old, new))
    assert {view.owner("fresh.entity.v1", partition) for partition in PARTITIONS} == {new.member_id}
    assert {view.owner(TOPICS[0], partition) for partition in PARTITIONS} == {m.member_id for m in view.members}
    assert View(old).owner("fresh.entity.v1", 0) is None
