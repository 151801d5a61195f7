"""All versions of a record fall into one partition, and records spread over all of them."""

from pipeline import names
from pipeline.kafka import KeyPartitioner


class ThreePartitions:
    def partitions_for_topic(self, topic: str) -> set[int]:
        return {0, 1, 2}


def place(key: bytes) -> int:
    return KeyPartitioner().partition("t", key, key, b"", b"", ThreePartitions())


def test_a_record_stays_in_one_partition_and_records_spread() -> None:
    keys = [names.message_key("sch-hangzhou", f"u{n}") for n in range(3_000)]
    places = [place(key) for key in keys]
    assert places == [place(key) for key in keys]
    assert all(900 < places.count(partition) < 1_100 for partition in range(3))
