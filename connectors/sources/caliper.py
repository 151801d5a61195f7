"""Caliper: what learners did in learning tools, event by event, as their sensors report it.

================  ======================================================================================================
Standard          1EdTech Caliper Analytics 1.1 and 1.2
Entities          ``events``, one row an event of every kind the two versions know; key ``id``
Form              envelopes as JSON lines, an array, or one a file; alone or in a folder or zip
Actor             its IRI lands as a pseudonym and goes, with its name, sealed to the vault
Deletes           none: an event is never changed or taken back
Mode              ``append``
Time of change    ``sendTime`` of the envelope
Left out          entities an envelope describes: counted and told to the sender, not kept; extensions
Refused           an envelope, or one event of it, that breaks the standard: set aside with the rule named. Times must
                  have exactly milliseconds and end in Z; events of 1.2 are none in an envelope of 1.1
================  ======================================================================================================
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from connectors.registry import Agency
from connectors.sources import caliper_event, json_lines
from connectors.sources.base import Rejected, Repair, Row, Table
from connectors.sources.caliper_event import EventError
from connectors.sources.json_lines import Document
from connectors.sources.package import Member, Sender, open_package

ENTITY, SUFFIXES = "events", (".json", ".jsonl", ".ndjson")
DESCRIBED = "note.caliper_entity"


class Caliper:
    """Reads Caliper envelopes."""

    name = "caliper"

    @contextmanager
    def open(self, origin: Path, agency: Agency) -> Iterator[Sequence[Table]]:
        """All JSON files of a delivery as one table."""
        with open_package(origin, Sender.of(agency)) as package:
            files = [member for name, member in package.members.items() if name.endswith(SUFFIXES)]
            if not files:
                raise package.bad("there is no JSON file in it", code="refused.no_tables", advice="Send events.jsonl.")
            repairs = tuple(repair for member in files for repair in json_lines.repairs_of(member))
            name = files[0].name if len(files) == 1 else None
            yield [Table(ENTITY, "append", functools.partial(_rows, files), file=name, repairs=repairs)]


SOURCE = Caliper()


def _rows(files: Sequence[Member]) -> Iterator[Row | Rejected]:
    for member in files:
        for document in json_lines.documents(member):
            if isinstance(document, Rejected):
                yield document._replace(part=member.name if len(files) > 1 else None)
            else:
                yield from _events(document, f"{member.name} " if len(files) > 1 else "")


def _events(document: Document, prefix: str) -> Iterator[Row | Rejected]:
    """The events of one envelope; entities it describes are noted on its first event."""
    try:
        version = caliper_event.version_of(document.value)
    except EventError as broken:
        yield Rejected(document.line, document.text, str(broken), None)
        return
    data = document.value["data"]
    described = sum(not caliper_event.is_event(thing) for thing in data)
    notes = (Repair(DESCRIBED, rows=described),) if described else ()
    for place, event in enumerate(data):
        if not caliper_event.is_event(event):
            continue
        part = f"{prefix}data[{place}]"
        try:
            row = caliper_event.row(event, document.value, version, document.line, part)
        except EventError as broken:
            given = event.get("id") if isinstance(event, dict) else None
            raw = json.dumps(event, ensure_ascii=False)
            yield Rejected(document.line, raw, str(broken), given if isinstance(given, str) else None, part=part)
        else:
            yield row._replace(repairs=notes)
            notes = ()
