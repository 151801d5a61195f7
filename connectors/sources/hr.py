"""Human resources: what labour and social-security offices register about employment, skill certificates and training.

================  ======================================================================================================
Standard          the minimum extract of China's human-resources agencies, three tables (``employment.csv``,
                  ``skill_certificate.csv``, ``training.csv``); its words follow HR Open 4.2.1 where that has one.
                  Codes: GB 32100-2015 (USCC), GB/T 6565 and ISCO-08 (occupations), GB/T 4754-2017 (industries),
                  GB/T 2260 (divisions), the five national skill grades and the chain of eight ranks of 2022
Form              a folder, a zip or one CSV file; a file is recognised by its name or its columns. The same tables come
                  straight out of an agency's database too: ``transport: sql`` (:mod:`connectors.transports.sql`)
Grain and key     one employment spell (``employment_id``), one certificate (``certificate_no``), one person's training
                  (``training_id``)
Mode              as the agency's yml says: ``bulk`` (what is missing now is deleted), ``delta`` (changes alone) or
                  ``append`` (nothing ever disappears)
Deletes           ``record_status`` = deleted, in every mode and in every table that has the column
Time of change    ``last_modified``, in the agency's time zone where it has no offset. It travels beside the payload, so
                  that a row whose clock alone has moved is unchanged. Nothing is ordered by it
Skill levels      the five grades count down (一级 is the highest), the eight ranks count up (7 is the highest): a bare
                  number says nothing unless one knows which. It is read as a rank; where an agency means the five
                  grades, ``params.skill_levels: five_grades`` says so and ``5`` becomes 五级 here, at the door
Left out          ``employer_name`` (a sole trader's firm often bears the trader's name); names and resident ids leave
                  the agency only sealed
Missing values    nothing
Try it alone      ``./flyover preview hr --agency hr-zhejiang --path FOLDER``
================  ======================================================================================================
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from connectors.registry import Agency
from connectors.sources import delimited
from connectors.sources.base import Rejected, Row, Table
from connectors.sources.delimited import Heading
from connectors.sources.package import Member, Sender, open_package
from connectors.transports.base import Transport
from pipeline import contracts
from pipeline.contracts import Contract
from pipeline.errors import ConfigurationError
from pipeline.settings import CHECKOUT

STATUS, MODIFIED, LEVEL = "record_status", "last_modified", "skill_level"
GONE = "deleted"
FIVE_GRADES: Mapping[str, str] = {"1": "一级", "2": "二级", "3": "三级", "4": "四级", "5": "五级"}
"""What a bare number means to an agency that counts the five national grades."""
_SCHEMES: Mapping[str, Mapping[str, str]] = {"eight_ranks": {}, "five_grades": FIVE_GRADES}


RowMaker = Callable[[int, dict[str, str | None], str | None, str | None], Row]
"""Makes a row of its line, its values by property, its status and its time of change."""


def _by_sql() -> Transport:
    from connectors.transports.sql import SqlTransport

    return SqlTransport(row_maker, changed=MODIFIED, status=STATUS)


class HumanResources:
    """Reads the files of human-resources agencies; their databases are asked by a transport."""

    name = "hr"
    transports: Mapping[str, Callable[[], Transport]] = {"sql": _by_sql}

    @contextmanager
    def open(self, origin: Path, agency: Agency) -> Iterator[Sequence[Table]]:
        """Recognise each CSV file and check its header; then the tables, in the order of the contracts."""
        owned = contracts.of_source(CHECKOUT / "contracts", self.name)
        row_of = row_maker(agency)
        with open_package(origin, Sender(agency.agency_code, self.name)) as package:
            found: dict[str, Member] = {}
            for name, member in package.members.items():
                if not name.endswith(".csv"):
                    continue
                contract = _recognise(member, owned)
                if contract.entity in found:
                    rival = found[contract.entity].name
                    raise member.bad(f"{rival} holds the same table", advice="Keep one of the two.")
                found[contract.entity] = member
            if not found:
                raise package.bad("there is no CSV file in it", advice=f"Send {_known_files(owned)}.")
            yield [_table(found[c.entity], c, agency, row_of) for c in owned if c.entity in found]


SOURCE = HumanResources()


def row_maker(agency: Agency) -> RowMaker:
    """How a record of this agency becomes a row, whichever way it came.

    :raises ConfigurationError: for a scheme of skill levels we do not know
    """
    scheme = agency.params.get("skill_levels", "eight_ranks")
    if scheme not in _SCHEMES:
        raise ConfigurationError(
            f"{agency.agency_code}.yml: params.skill_levels must be one of {', '.join(_SCHEMES)}, not {scheme!r}"
        )
    levels = _SCHEMES[scheme]

    def row(line: int, values: dict[str, str | None], status: str | None, modified: str | None) -> Row:
        if (level := values.get(LEVEL)) and (grade := levels.get(level.strip())):
            values[LEVEL] = grade
        return Row(line, values, (status or "").strip().lower() == GONE, (modified or "").strip() or None)

    return row


def _recognise(member: Member, owned: Sequence[Contract]) -> Contract:
    """By its name, else by the columns that only one table has."""
    stem = member.name.lower().removesuffix(".csv")
    for contract in owned:
        if stem == contract.file.removesuffix(".csv"):
            return contract
    header = {column.strip() for column in delimited.first_record(member)}
    for contract in owned:
        if _required(contract) <= header:
            return contract
    raise member.bad(
        "neither its name nor its columns are those of a table we know",
        line=1,
        advice=f"The tables are {_known_files(owned)}; take other files out.",
    )


def _required(contract: Contract) -> set[str]:
    return {field.name for field in contract.fields if field.required}


def _known_files(owned: Sequence[Contract]) -> str:
    return ", ".join(contract.file for contract in owned)


def _table(member: Member, contract: Contract, agency: Agency, row_of: RowMaker) -> Table:
    heading = delimited.heading(member, contract, required=_required(contract))
    return Table(contract.entity, agency.mode, functools.partial(_rows, heading, contract, row_of))


def _rows(heading: Heading, contract: Contract, row_of: RowMaker) -> Iterator[Row | Rejected]:
    values = delimited.picker(heading, contract, missing_tokens=())
    status, modified = heading.position(STATUS), heading.position(MODIFIED)
    for record in heading.records():
        if isinstance(record, Rejected):
            yield record
            continue
        line, fields = record
        yield row_of(
            line,
            values(fields),
            fields[status] if status is not None else None,
            fields[modified] if modified is not None else None,
        )
