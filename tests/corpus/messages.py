"""Messages of the corpus: each function takes a sound event and makes of it what must not stop a drain."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

Event = dict[str, Any]


@dataclass(frozen=True)
class Message:
    """What is put on the wire; None as key or value is Kafka's null."""

    value: bytes | None
    key: bytes | None = b"sch-test:org-1"
    headers: tuple[tuple[str, bytes], ...] | None = None
    """None: those of a sound message"""
    timestamp_ms: int | None = None
    other: dict[str, Any] = field(default_factory=dict)


def sound(event: Event, **changes: Any) -> Message:
    """The event with attributes changed."""
    return Message(json.dumps(event | changes).encode())


def untouched(event: Event) -> Message:
    """The event as it is."""
    return sound(event)


def not_json(event: Event) -> Message:
    """Bytes that are no text."""
    return Message(b"\xff\xfe\x00\x01")


def tombstone(event: Event) -> Message:
    """A null value, Kafka's own way to delete, which is none of ours."""
    return Message(None)


def empty_value(event: Event) -> Message:
    """A value of no bytes."""
    return Message(b"")


def list_for_an_envelope(event: Event) -> Message:
    """JSON, but a list."""
    return Message(json.dumps([event]).encode())


def lacks_attributes(event: Event) -> Message:
    """An envelope that says neither what nor of whom."""
    return Message(json.dumps({"id": event["id"], "specversion": "1.0"}).encode())


def id_is_no_uuid(event: Event) -> Message:
    """An event id of another kind."""
    return sound(event, id="42")


def unknown_operation(event: Event) -> Message:
    """An operation that was never agreed."""
    return sound(event, op="merge")


def unknown_envelope_version(event: Event) -> Message:
    """An envelope of a version to come."""
    return sound(event, specversion="9.9")


def unknown_contract_version(event: Event) -> Message:
    """A contract of a version to come."""
    return sound(event, type="oneroster.orgs.v9")


def wrong_topic(event: Event) -> Message:
    """An event of another entity."""
    return sound(event, type="oneroster.users.v1")


def unknown_agency(event: Event) -> Message:
    """An event of an agency the batch is not from."""
    return sound(event, source="sch-nobody")


def unknown_batch(event: Event) -> Message:
    """An event of a batch no manifest names."""
    return replace(sound(event, batchid="00000000-0000-4000-8000-000000000000"), headers=())


def null_key(event: Event) -> Message:
    """A sound event without a key: the key only chooses the partition."""
    return replace(sound(event), key=None)


def no_headers(event: Event) -> Message:
    """A sound event without headers: the envelope names its batch."""
    return replace(sound(event), headers=())


def odd_headers(event: Event) -> Message:
    """Headers of the right name with another content."""
    return replace(sound(event), headers=(("batch_id", b"short"), ("batch_id", b""), ("\u4e2d", b"\xff")))


def timestamp_zero(event: Event) -> Message:
    """A sound event whose broker timestamp is 1970."""
    return replace(sound(event), timestamp_ms=0)


def timestamp_far_future(event: Event) -> Message:
    """A sound event whose broker timestamp is 2200."""
    return replace(sound(event), timestamp_ms=7_258_118_400_000)


def published_in_1970(event: Event) -> Message:
    """An envelope that says it was published in 1970."""
    return sound(event, time="1970-01-01T00:00:00Z")


def published_in_9999(event: Event) -> Message:
    """An envelope that says it is published in 9999."""
    return sound(event, time="9999-12-31T23:59:59Z")


def time_without_zone(event: Event) -> Message:
    """A time whose zone no one knows."""
    return sound(event, time="2026-11-22T10:00:00")


def time_is_no_time(event: Event) -> Message:
    """A word where a time belongs."""
    return sound(event, time="yesterday")


def ten_megabytes(event: Event) -> Message:
    """Ten million bytes of nothing."""
    return Message(b"x" * 10_000_000)


def more_than_the_broker_takes(event: Event) -> Message:
    """Eleven million bytes."""
    return Message(b"x" * 11_000_000)


def deep(event: Event) -> Message:
    """A payload of a hundred thousand brackets."""
    text = json.dumps(event | {"data": "here"})
    return Message(text.replace('"here"', "[" * 100_000 + "]" * 100_000).encode())


def payload_is_a_list(event: Event) -> Message:
    """A payload that is no object."""
    return sound(event, data=[1, 2])


def payload_is_missing(event: Event) -> Message:
    """An upsert without a payload."""
    return sound(event, data=None)


def payload_lacks_a_key(event: Event) -> Message:
    """A payload without its key."""
    return sound(event, data={"name": "School", "type": "school"})


def payload_of_another_type(event: Event) -> Message:
    """An object where text belongs."""
    return sound(event, data=event["data"] | {"name": {"zh": "School"}})


def payload_too_long(event: Event) -> Message:
    """A value longer than the contract allows."""
    return sound(event, data=event["data"] | {"type": "x" * 65})


def payload_with_nul(event: Event) -> Message:
    """A NUL in a value."""
    return sound(event, data=event["data"] | {"name": "a\0b"})


def payload_with_half_a_character(event: Event) -> Message:
    """Half of a surrogate pair in a value."""
    return sound(event, data=event["data"] | {"name": "a\ud800b"})


def payload_in_another_encoding(event: Event) -> Message:
    """A value whose bytes are GB 18030 among others that are UTF-8."""
    value = json.dumps(event["data"] | {"name": "HERE"}).encode()
    spoilt = json.dumps(event | {"data": "DATA"}).encode().replace(b'"DATA"', value)
    return Message(spoilt.replace(b"HERE", "\u676d\u5dde".encode("gb18030")))


def attribute_in_another_encoding(event: Event) -> Message:
    """An attribute of the envelope whose bytes are no UTF-8."""
    return Message(json.dumps(event | {"subject": "HERE"}).encode().replace(b"HERE", b"a\xe1b"))


def payload_with_unknown_field(event: Event) -> Message:
    """A field the contract does not know yet."""
    return sound(event, data=event["data"] | {"tomorrow": "x"})


def repeated_names(event: Event) -> Message:
    """An attribute twice."""
    return Message(json.dumps(event).encode()[:-1] + b',"op":"upsert"}')


def record_id_of_a_megabyte(event: Event) -> Message:
    """A record id no index can hold."""
    return sound(event, subject="x" * 1_000_000)


def record_id_of_three_thousand(event: Event) -> Message:
    """A record id that is a little too long for an index, and does not compress."""
    return sound(event, subject="".join(f"{number * 2654435761 % 2**32:08x}" for number in range(400)))


def rejected_without_reason(event: Event) -> Message:
    """A rejected row that does not say why."""
    return sound(event, op="rejected", data=None)


def rejected_with_nul_reason(event: Event) -> Message:
    """A rejected row whose reason no table can hold."""
    return sound(event, op="rejected", data=None, reason="reader.\0", sealed="AAAA")


def sealed_is_no_base64(event: Event) -> Message:
    """A sealed text that cannot be unpacked."""
    return sound(event, op="rejected", data=None, reason="reader.ragged_row", sealed="***")


def negative_ordinal(event: Event) -> Message:
    """An ordinal before the first."""
    return sound(event, batchseq=-1)


def enormous_version(event: Event) -> Message:
    """A version no column can hold."""
    return sound(event, version=2**40)


def number_for_a_version(event: Event) -> Message:
    """A version that is no whole number."""
    return sound(event, version=1.5)


def replay_of_nothing(event: Event) -> Message:
    """A replay of a batch no one knows."""
    return sound(event, replayof="00000000-0000-4000-8000-000000000001")


def unknown_id_status(event: Event) -> Message:
    """A finding about a resident id that was never agreed."""
    return sound(event, idstatus="perhaps")
