"""What changes between two readings of one contract, and whether a feed survives it without a new major version.

An optional field may come, a limit may grow, words may be put better. What was promised to those who send or read
may not go: a field removed, renamed or given another type, a field newly required, a key or a class changed. Such a
change is a new major version beside the old one (``<entity>_v2.odcs.yaml``), or the feed stops.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.contracts import Contract, Field

PUBLISHED = "published.json"
_WIDER: Mapping[str, frozenset[str]] = {
    "integer": frozenset({"bigint", "numeric", "double precision", "text"}),
    "bigint": frozenset({"numeric", "text"}),
    "double precision": frozenset({"text"}),
    "numeric": frozenset({"text"}),
    "date": frozenset({"text"}),
    "timestamptz": frozenset({"text"}),
    "boolean": frozenset({"text"}),
    "text": frozenset(),
}
"""Types that take every value of another. The landing column keeps its type, so even these need a new major."""


@dataclass(frozen=True)
class Change:
    """One difference; ``field`` is the source's word, empty for the contract as a whole."""

    field: str
    what: str
    breaks: bool
    consequence: str


def changes(old: Contract, new: Contract) -> list[Change]:
    """Every difference that sender or reader can notice, the breaking ones first, in the new contract's order."""
    found = [*_of_contract(old, new), *_of_fields(old, new)]
    return sorted(found, key=lambda change: not change.breaks)


def breaking(old: Contract, new: Contract) -> list[Change]:
    """The changes that one major version does not allow."""
    return [change for change in changes(old, new) if change.breaks]


def as_document(contract: Contract) -> dict[str, Any]:
    """What of a contract is compared, as JSON keeps it."""
    return {
        "source": contract.source,
        "entity": contract.entity,
        "version": contract.version,
        "identity": contract.identity,
        "file": contract.file,
        "fields": [
            {name: value for name, value in vars(field).items() if name != "description"} for field in contract.fields
        ],
    }


def from_document(document: Mapping[str, Any], like: Contract) -> Contract:
    """The contract that :func:`as_document` was made from, as far as it can be compared."""
    return Contract(
        source=document["source"],
        entity=document["entity"],
        version=document["version"],
        title=like.title,
        description=like.description,
        owner=like.owner,
        file=document["file"],
        identity=document["identity"],
        fields=tuple(Field(description="", **field) for field in document["fields"]),
        path=like.path,
    )


def published(directory: Path) -> Mapping[str, Mapping[str, Any]]:
    """What senders and readers were promised, by contract; empty before the first release."""
    path = directory / PUBLISHED
    return {} if not path.exists() else json.loads(path.read_text(encoding="utf-8"))


def publish(directory: Path, contracts: Iterable[Contract]) -> None:
    """Write down what is promised from now on."""
    promised = {contract.name: as_document(contract) for contract in contracts}
    text = json.dumps(promised, ensure_ascii=False, indent=1, sort_keys=True)
    (directory / PUBLISHED).write_text(text + "\n", encoding="utf-8")


def broken_promises(before: Mapping[str, Mapping[str, Any]], now: Iterable[Contract]) -> list[str]:
    """One sentence for each published contract that is gone or no longer holds."""
    found = {contract.name: contract for contract in now}
    said = [f"{name} was published and is gone" for name in before if name not in found]
    for name, document in before.items():
        if name in found:
            broken = breaking(from_document(document, found[name]), found[name])
            said.extend(f"{name}: {change.field or 'contract'}: {change.what}" for change in broken)
    return said


def _of_contract(old: Contract, new: Contract) -> Iterator[Change]:
    if old.name != new.name:
        yield Change("", f"another entity: {old.name} became {new.name}", True, "nothing of the old one is continued")
    if old.identity != new.identity:
        yield Change("", f"records are told apart by {new.identity}, not {old.identity}", True, "every record is new")
    was, now = ([field.name for field in contract.key_fields] for contract in (old, new))
    if was != now:
        yield Change("", f"key ({', '.join(was)}) became ({', '.join(now)})", True, "every record gets another id")


def _of_fields(old: Contract, new: Contract) -> Iterator[Change]:
    before = {field.name: field for field in old.fields}
    after = {field.name: field for field in new.fields}
    for name in (name for name in after if name not in before):
        if not (renamed := _renamed(after[name], before, after)):
            yield _added(after[name])
        else:
            yield Change(name, f"renamed from {renamed}", True, f"files that still say {renamed} are refused")
    moved = {_renamed(field, before, after) for field in after.values()}
    for name in (name for name in before if name not in after and name not in moved):
        yield Change(name, "removed", True, "what senders go on sending is lost, and who reads it finds nothing")
    for name in (name for name in after if name in before):
        yield from _of_field(before[name], after[name])


def _added(field: Field) -> Change:
    if field.required or field.key_position is not None:
        return Change(field.name, "added, required", True, "files without it are refused")
    return Change(field.name, "added, optional", False, "empty until a sender fills it")


def _renamed(field: Field, before: Mapping[str, Field], after: Mapping[str, Field]) -> str | None:
    """Name a new field had before: the only one gone that had its column, or else everything but its name."""
    if field.name in before:
        return None
    gone = [known for name, known in before.items() if name not in after]
    same = [known.name for known in gone if known.column == field.column]
    return same[0] if len(same) == 1 else None


def _of_field(old: Field, new: Field) -> Iterator[Change]:
    name = new.name
    if old.pg_type != new.pg_type:
        safe = new.pg_type in _WIDER[old.pg_type]
        yield Change(
            name,
            f"{old.pg_type} became {new.pg_type}",
            True,
            "its column would change under those who read it" if safe else "values sent so far no longer fit",
        )
    if old.column != new.column:
        yield Change(name, f"column {old.column} became {new.column}", True, "who reads the old column finds nothing")
    if new.required and not old.required:
        yield Change(name, "now required", True, "rows without it go to quarantine, files without it are refused")
    if old.required and not new.required:
        yield Change(name, "no longer required", False, "may be empty from now on")
    if old.classification != new.classification:
        breaks = new.classification in ("identifier", "dropped") or old.classification in ("identifier", "dropped")
        yield Change(
            name,
            f"class {old.classification} became {new.classification}",
            breaks,
            "another place keeps it" if breaks else "who may see it changes",
        )
    yield from _of_length(old, new)
    if _links(old) != _links(new):
        yield Change(name, "is linked otherwise", True, "pseudonyms made so far would not meet the new ones")


def _links(field: Field) -> tuple[object, ...]:
    return field.identifier, field.linkage, field.reference, field.pseudonym


def _of_length(old: Field, new: Field) -> Iterator[Change]:
    if old.max_length == new.max_length:
        return
    shorter = new.max_length is not None and (old.max_length is None or new.max_length < old.max_length)
    what = f"length {old.max_length or 'unlimited'} became {new.max_length or 'unlimited'}"
    yield Change(new.name, what, shorter, "longer values go to quarantine" if shorter else "longer values pass")
