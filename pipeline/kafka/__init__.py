"""The one door to Kafka: topics, a producer that confirms, a reader that is told its partitions, a watcher.

kafka-python is the client of all of them; the drains' reader may be another (:mod:`pipeline.kafka.reading`).
Offsets that count are kept in PostgreSQL, so nothing here joins a consumer group; Kafka's own commits are a hint.
"""

from pipeline.kafka.admin import End, Position, Topic, ends, ensure_topics, remove_topics, topics
from pipeline.kafka.publishing import KeyPartitioner, Publisher, Sender, publisher
from pipeline.kafka.reading import Reader, Record, reader
from pipeline.kafka.watching import Growth, Watcher

__all__ = [
    "End",
    "Growth",
    "KeyPartitioner",
    "Position",
    "Publisher",
    "Reader",
    "Record",
    "Sender",
    "Topic",
    "Watcher",
    "ends",
    "ensure_topics",
    "publisher",
    "reader",
    "remove_topics",
    "topics",
]
