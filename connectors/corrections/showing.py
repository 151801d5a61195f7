"""What a file to mend shows of a row: its columns, and the values its sender gave us.

Identifiers are kept nowhere, so their columns are there and empty. A word in which a resident id is hidden says nothing
to whoever sent the row, so its cell is empty too. Of a row that could not be taken apart only its key is known.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from connectors.corrections import marks
from connectors.sources import words
from pipeline.contracts import Contract, Field

HIDDEN_ID = re.compile(r"h\.[A-Za-z0-9_-]{24}|long\|[0-9a-f]+")
"""What a word becomes that contains a resident id."""
_UNNAMED = ("rejected|", "keyless|")


@functools.cache
def fields(contract: Contract) -> tuple[Field, ...]:
    """Fields a row can be mended in, identifiers among them, in the contract's order."""
    return tuple(f for f in contract.fields if f.classification != "dropped")


@functools.cache
def titles(contract: Contract, language: Literal["zh", "en"]) -> tuple[str, ...]:
    """Header of :func:`fields`: the template's word where it is understood again, else the contract's name."""
    return tuple(_title(contract, f, language) for f in fields(contract))


def columns(contract: Contract, header: Sequence[str]) -> dict[str, int]:
    """Where the fields stand in a file that came back, whatever the order; of two columns of a field the first."""
    known, exact = words.columns(contract), {f.name: f.name for f in fields(contract)}
    taken: dict[str, int] = {}
    for place, title in enumerate(header):
        if marks.is_column(title) or marks.plain(title) in _guide_titles():
            continue
        name = exact.get(title) or next(
            (known[word][0] for word in words.header_words(title) if word in known and known[word][1]), None
        )
        if name in exact:
            taken.setdefault(str(name), place)
    return taken


def values(contract: Contract, data: bytes | None, record_id: str | None) -> dict[str, str]:
    """Values by the sender's words; ``data`` is the payload as it was sent, None where it could not be read."""
    known = _key(contract, record_id) if data is None else msgspec.json.decode(data, type=dict[str, Any])
    return {
        f.name: _written(known[f.name])
        for f in contract.landed_fields
        if known.get(f.name) is not None and not HIDDEN_ID.fullmatch(str(known[f.name]))
    }


def own_number(record_id: str | None, contract: Contract) -> str | None:
    """A record id as its agency knows it; None where we made it up, or hid a resident id in it."""
    if record_id is None or record_id.startswith(_UNNAMED):
        return None
    if contract.identity == "occurrence":  # natural key | hash | occurrence
        record_id = record_id.rsplit("|", 2)[0]
    if any(HIDDEN_ID.fullmatch(part) for part in (record_id, *record_id.split("|"))):
        return None
    return record_id


def _title(contract: Contract, field: Field, language: Literal["zh", "en"]) -> str:
    described = words.of(contract)[field.name]
    title = described.zh if language == "zh" else described.en
    is_understood = title not in _guide_titles() and columns(contract, [title]) == {field.name: 0}
    return title if is_understood else field.name


@functools.cache
def _guide_titles() -> frozenset[str]:
    return frozenset(title for both in marks.GUIDE for title in both)


def _key(contract: Contract, record_id: str | None) -> Mapping[str, Any]:
    number = own_number(record_id, contract)
    parts = [] if number is None else [number] if len(contract.key_fields) == 1 else number.split("|")
    if contract.identity == "occurrence" or len(parts) != len(contract.key_fields):
        return {}
    return {field.name: part for field, part in zip(contract.key_fields, parts, strict=True)}


def _written(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
