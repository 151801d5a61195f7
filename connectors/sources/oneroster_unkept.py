"""Files of the standard that we read and do not keep: checked like the others, counted, and the sender is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from connectors.sources import oneroster_columns as columns
from connectors.sources import oneroster_deviations as deviations
from connectors.sources.base import Rejected, Repair
from connectors.sources.delimited import Heading
from connectors.sources.oneroster_deviations import Tolerance
from connectors.sources.oneroster_manifest import Part
from connectors.sources.oneroster_standard import Version


def notes(part: Part, version: Version, tolerance: Tolerance) -> Iterator[Repair]:
    """Read a file to its end: how many rows it has, and what is otherwise than the standard has it.

    :raises BadInput: it cannot be read, or a strict agency's deviates
    """
    yield from (repair._replace(file=part.member.name) for repair in _notes(part, version, tolerance))


def _notes(part: Part, version: Version, tolerance: Tolerance) -> Iterator[Repair]:
    yield from part.repairs
    written = columns.header(part.member)
    meant = columns.spellings(written, part.file, ())
    named = tuple(meant.get(column, column) for column in written)
    columns.check_doubled(part.member, named)
    if part.is_delta:
        columns.check_delta(part.member, named)
    yield from columns.check(part.member, part.file, version, written, named, tolerance)
    required = [
        (position, name)
        for position, name in enumerate(named)
        if (column := part.file.column(name))
        and (column.is_required_in(version) or (column.in_delta_only and part.is_delta))
    ]
    rows, empty = 0, Counter[str]()
    first: dict[str, int] = {}
    for record in Heading(part.member, named, ()).records():
        rows += 1
        if isinstance(record, Rejected):
            continue
        line, fields = record
        for position, name in required:
            if not fields[position].strip():
                empty[name] += 1
                first.setdefault(name, line)
    for name, times in empty.items():
        yield tolerance.met(deviations.CELLS_MISSING, part.member, field=name, line=first[name], rows=times)
    yield Repair("note.not_kept", rows=rows)
