"""OULAD layout: what open universities export about modules, students, results and clicks.

================  ======================================================================================================
Standard          the seven tables of the Open University Learning Analytics Dataset; four columns ``cn_*`` of ours in
                  studentInfo, absent from the public data set
Form              a folder or zip with one CSV a table, or a single CSV; quoted or not; names in any case, ``_sample``
                  may follow; a file of another name is recognised by its columns
Taken in          every table that is there, at least one; a delivery without a table leaves that table as it was
Missing values    ``?`` and nothing
Mode              ``bulk`` for six tables: what is missing from the next delivery is deleted. ``append`` for studentVle:
                  ten million rows without a key of their own, whose past does not change; remembering each one only to
                  notice that it is gone would cost more than all other tables together
Record identity   rows of studentVle repeat and mean different clicks; equal rows are told apart by their number in the
                  delivery, later on the way
Time of change    none given
Why it is safe    one row at a time is held, so the 450 MB studentVle.csv passes in constant memory
================  ======================================================================================================
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from connectors.registry import Agency
from connectors.sources import delimited
from connectors.sources.base import Rejected, Row, Table, TableMode
from connectors.sources.delimited import Heading
from connectors.sources.package import Member, Sender, open_package
from pipeline import contracts
from pipeline.contracts import Contract
from pipeline.settings import CHECKOUT

MISSING_TOKENS = ("?",)
_EXTENSION = "cn_"
_APPENDED = frozenset({"student_vle"})


class Oulad:
    """Reads deliveries in the OULAD layout."""

    name = "oulad"

    @contextmanager
    def open(self, origin: Path, agency: Agency) -> Iterator[Sequence[Table]]:
        """Recognise each CSV file and check its header; then the tables, in the order of the contracts."""
        owned = contracts.spoken(CHECKOUT / "contracts", self.name, agency.contract_versions)
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
                raise package.bad("there is no CSV file in it", advice=f"Send {owned[0].file} and the others.")
            yield [_table(found[c.entity], c, agency) for c in owned if c.entity in found]


SOURCE = Oulad()


def _recognise(member: Member, owned: Sequence[Contract]) -> Contract:
    stem = member.name.lower().removesuffix(".csv").removesuffix("_sample")
    for contract in owned:
        if stem == contract.file.lower().removesuffix(".csv"):
            return contract
    header = {column.strip() for column in delimited.first_record(member)}
    for contract in owned:
        if _layout_columns(contract) <= header:
            return contract
    raise member.bad(
        "neither its name nor its columns are those of an OULAD table",
        line=1,
        advice=f"The tables are {', '.join(contract.file for contract in owned)}; take other files out.",
    )


def _layout_columns(contract: Contract) -> set[str]:
    return {field.name for field in contract.fields if not field.name.startswith(_EXTENSION)}


def _table(member: Member, contract: Contract, agency: Agency) -> Table:
    heading = delimited.heading(member, contract, required=_layout_columns(contract))
    mode: TableMode = "append" if contract.entity in _APPENDED else agency.mode
    return Table(
        contract.entity, mode, functools.partial(_rows, heading, contract), member.name, columns=heading.columns
    )


def _rows(heading: Heading, contract: Contract) -> Iterator[Row | Rejected]:
    values = delimited.picker(heading, contract, missing_tokens=MISSING_TOKENS)
    for record in heading.records():
        if isinstance(record, Rejected):
            yield record
        else:
            line, fields = record
            yield Row(line, values(fields))
