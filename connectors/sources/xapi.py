"""xAPI: what learners did in a learning system, statement by statement, as a learning record store keeps it.

================  ======================================================================================================
Standard          ADL xAPI 1.0.3; IEEE 9274.1.1-2023 (2.0)
Entities          ``statements``, one row a statement; key ``id``, made from what it says where the sender gave none
Form              JSON lines, an array, or one statement a file; alone or in a folder or zip. Live: ``transport: rest``,
                  a learning record store (:mod:`connectors.transports.xapi_rest`)
Actor             one of account, mbox, mbox_sha1sum, openid; more or none is refused. It lands as a pseudonym; a mail
                  and its SHA-1 give the same one. Names, mails and accounts go sealed to the vault. Where the agency's
                  accounts are resident ids, ``params.accounts: resident_ids`` says so and the person is known
Groups            land without a pseudonym: what a group did is nobody's
Deletes           none: a statement is immutable. One that voids another (verb ``voided``, object StatementRef) lands
                  like any other; staging leaves out both, in whichever order they come
Mode              ``append``
Time of change    ``stored``; of two stores that hold one statement neither is right, so it is left out of the payload
Left out          display texts, definitions but their type, responses (free text), extensions, authority, attachments
Refused           null anywhere but in extensions, a time that is none, a scaled score outside -1..1: the row is set
                  aside with the rule named
================  ======================================================================================================
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from connectors.registry import Agency
from connectors.sources import json_lines, xapi_statement
from connectors.sources.base import Rejected, Row, Table
from connectors.sources.package import Member, Sender, open_package
from connectors.sources.xapi_statement import StatementError
from connectors.transports.base import Transport
from pipeline.errors import ConfigurationError

ENTITY, SUFFIXES = "statements", (".json", ".jsonl", ".ndjson")
_ACCOUNTS = ("names", "resident_ids")


def _ask_a_store() -> Transport:
    from connectors.transports.xapi_rest import LearningRecordStore

    return LearningRecordStore()


class Xapi:
    """Reads xAPI statements."""

    name = "xapi"
    transports: Mapping[str, Callable[[], Transport]] = {"rest": _ask_a_store}

    @contextmanager
    def open(self, origin: Path, agency: Agency) -> Iterator[Sequence[Table]]:
        """All JSON files of a delivery as one table."""
        by_id = accounts_are_ids(agency)
        with open_package(origin, Sender.of(agency)) as package:
            files = [member for name, member in package.members.items() if name.endswith(SUFFIXES)]
            if not files:
                raise package.bad(
                    "there is no JSON file in it", code="refused.no_tables", advice="Send statements.jsonl."
                )
            repairs = tuple(repair for member in files for repair in json_lines.repairs_of(member))
            name = files[0].name if len(files) == 1 else None
            yield [Table(ENTITY, "append", functools.partial(_rows, files, by_id), file=name, repairs=repairs)]


SOURCE = Xapi()


def accounts_are_ids(agency: Agency) -> bool:
    """Whether account names are resident ids.

    :raises ConfigurationError: for another word than ``names`` or ``resident_ids``
    """
    said = agency.params.get("accounts", _ACCOUNTS[0])
    if said not in _ACCOUNTS:
        raise ConfigurationError(
            f"{agency.agency_code}.yml: params.accounts must be one of {', '.join(_ACCOUNTS)}, not {said!r}"
        )
    return said == _ACCOUNTS[1]


def _rows(files: Sequence[Member], by_id: bool) -> Iterator[Row | Rejected]:
    for member in files:
        part = member.name if len(files) > 1 else None
        for document in json_lines.documents(member):
            if isinstance(document, Rejected):
                yield document._replace(part=part)
                continue
            try:
                yield xapi_statement.row(document.value, document.line, accounts_are_ids=by_id, part=part)
            except StatementError as broken:
                yield Rejected(document.line, document.text, str(broken), _hint(document.value), part=part)


def _hint(statement: Mapping[str, object]) -> str | None:
    given = statement.get("id")
    return given if isinstance(given, str) else None
