"""Invented people whose records are known, as a file of statements and the truth about them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from linkage.statements import Statement
from simulator import clerks

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Statement)


class Truth(msgspec.Struct, frozen=True):
    """What is true of one statement, by its number."""

    person_no: int
    groups: tuple[str, ...]
    """sector, sex and age band it belongs to, and whether its id is valid"""


def write(path: Path, count: int, seed: int) -> list[Truth]:
    """Write at least ``count`` statements, one JSON document a line; the truth in their order."""
    truth: list[Truth] = []
    with path.open("wb") as out:
        for record in clerks.records(count, seed):
            out.write(_encoder.encode(_statement(record)) + b"\n")
            truth.append(Truth(record.person_no, _groups(record)))
    return truth


def read(path: Path) -> Iterator[Statement]:
    """The statements of a file, in constant memory."""
    with path.open("rb") as lines:
        yield from map(_decoder.decode, lines)


def _statement(record: clerks.Record) -> Statement:
    return Statement(
        statement_no=record.record_no,
        person_key=f"v1.{record.resident_id}" if record.is_id_valid else None,
        full_name=record.full_name,
        birth_date=record.birth_date,
        sex=record.sex,
        division_code=record.division_code,
        institution=record.institution,
        resident_id=record.resident_id,
    )


def _groups(record: clerks.Record) -> tuple[str, ...]:
    return (
        record.sector,
        record.true_sex,
        _BANDS[sum(record.age >= first for first in _FIRST_AGES)],
        "a valid id" if record.is_id_valid else NO_VALID_ID,
    )


NO_VALID_ID = "no valid id"
_FIRST_AGES = (19, 35, 60, 70, 80)
_BANDS = ("0-18", "19-34", "35-59", "60-69", "70-79", "80 and over")
GROUPS = (
    "schools",
    "open_universities",
    "human_resources",
    "senior_universities",
    "male",
    "female",
    *_BANDS,
    NO_VALID_ID,
)
