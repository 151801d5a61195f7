"""The watcher: which topics have grown, without reading a message."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.structs import OffsetAndMetadata

from pipeline.kafka import patience
from pipeline.kafka.admin import described, reached_ends, trouble
from pipeline.settings import Settings


@dataclass(frozen=True)
class Growth:
    """Messages a partition has got: from offset ``first`` up to, not including, ``end``."""

    topic: str
    partition: int
    first: int
    end: int


class Watcher:
    """Tells which topics have grown since its bookmark; asks for offsets only, so no message is read for it.

    The bookmark lives in the commits of a consumer group no one joins: what was never kept is told again.
    Topics that are not there yet are no error. For one thread at a time.
    """

    def __init__(self, settings: Settings, group: str, names: Sequence[str]) -> None:
        self._settings, self._group, self._names = settings, group, names
        self._bookmarks: dict[tuple[uuid.UUID, TopicPartition], int] = {}
        self._lives: dict[str, uuid.UUID] = {}
        with trouble(settings):
            self._client = KafkaAdminClient(
                bootstrap_servers=settings.kafka_bootstrap,
                client_id=group,
                request_timeout_ms=patience.WATCH_MS,
                bootstrap_timeout_ms=patience.WATCH_MS,
            )

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()

    def grown(self) -> list[Growth]:
        """What came after the bookmark, in order of topic and partition; the same again until it is kept."""
        with trouble(self._settings):
            found = described(self._client, self._names)
            self._lives = {topic.name: topic.topic_id for topic in found.values()}
            reached = reached_ends(self._client, found.values())
            self._learn_bookmarks(reached)
        return [
            Growth(tp.topic, tp.partition, first, end)
            for tp, end in sorted(reached.items())
            if (first := self._first_new(tp, end)) != end
        ]

    def keep(self, growths: Iterable[Growth]) -> None:
        """Move the bookmark behind these; should the broker not store it, the next watcher hears of them again."""
        moved = {TopicPartition(g.topic, g.partition): g.end for g in growths}
        self._bookmarks.update({(self._lives[tp.topic], tp): end for tp, end in moved.items()})
        with trouble(self._settings):
            commits = {tp: OffsetAndMetadata(end, "", -1) for tp, end in moved.items()}
            for error in self._client.alter_group_offsets(self._group, commits).values():
                if error.errno != 0:
                    raise error

    def _learn_bookmarks(self, reached: Mapping[TopicPartition, int]) -> None:
        unknown = [tp for tp in reached if (self._lives[tp.topic], tp) not in self._bookmarks]
        if not unknown:
            return
        kept = self._client.list_group_offsets({self._group: unknown})[self._group]
        for tp in unknown:
            self._bookmarks[self._lives[tp.topic], tp] = max(kept[tp].offset, 0) if tp in kept else 0

    def _first_new(self, tp: TopicPartition, end: int) -> int:
        bookmark = self._bookmarks[self._lives[tp.topic], tp]
        return bookmark if bookmark <= end else 0  # shorter than we knew it: not the same partition
