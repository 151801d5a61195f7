"""Census tables: what the statistics bureau publishes about population by county, age, sex and education.

================  ======================================================================================================
Layouts           ``county_yearbook``: one wide row a province, prefecture, county or zone, in the columns of the 2020
                  census's county volume; ``population_by_age``: one row a county, single age and sex
Form              one CSV, or a folder or zip with one of each; a file is recognised by its columns, not by its name
Not in the file   the yearbook does not say which day was counted nor who: ``reference_date`` and ``base`` come from the
                  agency's yml (``params``), unless the file has columns of these names
Repairs           whole numbers written with a decimal part of nothing (``240618.0``) lose it; nothing else is changed
Missing values    nothing; one functional zone has no division code
Mode              ``append``: each day counted is a set of its own, and the yearbook of a later year must not delete the
                  earlier one; a corrected file changes the rows it repeats
Traps             columns pop15plus, illit15, occ* and ind* are a sample of about 10 %, never a full count
================  ======================================================================================================
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from connectors.registry import Agency
from connectors.sources import delimited
from connectors.sources.base import Rejected, Repair, Row, Table
from connectors.sources.delimited import Heading
from connectors.sources.package import Member, Sender, open_package
from pipeline import contracts
from pipeline.contracts import Contract
from pipeline.errors import ConfigurationError
from pipeline.settings import CHECKOUT

_WHOLE = re.compile(r"(-?\d+)\.0+")
_FROM_YML = ("reference_date", "base")
_SAID_ELSEWHERE = {"county_yearbook": frozenset(_FROM_YML)}


class Census:
    """Reads census tables of either layout."""

    name = "census"

    @contextmanager
    def open(self, origin: Path, agency: Agency) -> Iterator[Sequence[Table]]:
        """Recognise each CSV file by its header; then the tables, in the order of the contracts."""
        owned = contracts.spoken(CHECKOUT / "contracts", self.name, agency.contract_versions)
        with open_package(origin, Sender.of(agency)) as package:
            found: dict[str, Table] = {}
            for name, member in package.members.items():
                if not name.endswith(".csv"):
                    continue
                table = _table(member, owned, agency)
                if table.entity in found:
                    raise member.bad(
                        "another file holds the same table",
                        code="refused.doubled_table",
                        advice="Send them one after the other.",
                    )
                found[table.entity] = table
            if not found:
                raise package.bad(
                    "there is no CSV file in it", code="refused.no_tables", advice="Send the table as CSV, UTF-8."
                )
            yield [found[contract.entity] for contract in owned if contract.entity in found]


SOURCE = Census()


def _table(member: Member, owned: Sequence[Contract], agency: Agency) -> Table:
    header = {column.strip() for column in delimited.first_record(member)}
    # the layout it has most columns of; which ones are missing is then said by name
    contract = max(owned, key=lambda c: len(_file_columns(c) & header) / len(_file_columns(c)))
    if not _file_columns(contract) & header:
        raise member.bad(
            "its columns are those of no table we know",
            line=1,
            code="refused.unknown_table",
            advice="Use the columns of the template.",
        )
    heading = delimited.heading(member, contract, required=_file_columns(contract))
    constants = _constants(contract, header, agency)
    rows = functools.partial(_rows, heading, contract, constants)
    return Table(contract.entity, "append", rows, file=member.name, repairs=heading.repairs, columns=heading.columns)


def _file_columns(contract: Contract) -> set[str]:
    return {field.name for field in contract.fields} - _SAID_ELSEWHERE.get(contract.entity, frozenset())


def _constants(contract: Contract, header: set[str], agency: Agency) -> Mapping[str, str]:
    wanted = [name for name in _FROM_YML if name in _SAID_ELSEWHERE.get(contract.entity, ()) and name not in header]
    constants = {name: agency.params.get(name, "") for name in wanted}
    if not all(constants.values()) or not _is_date(constants.get("reference_date", "2000-01-01")):
        raise ConfigurationError(
            f"{agency.agency_code}.yml: the yearbook says neither which day was counted nor who, so params must: "
            "reference_date as YYYY-MM-DD, base as resident or registered"
        )
    return constants


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _rows(heading: Heading, contract: Contract, constants: Mapping[str, str]) -> Iterator[Row | Rejected]:
    whole = [field.name for field in contract.fields if field.pg_type in ("integer", "bigint")]

    def without_decimals(row: Row, _: list[str]) -> Row:
        repairs = []
        for name in whole:
            if (text := row.values[name]) and (match := _WHOLE.fullmatch(text)):
                row.values[name] = match[1]
                repairs.append(Repair("repair.whole_number", name))
        return row._replace(repairs=(*row.repairs, *repairs)) if repairs else row

    return delimited.rows(heading, contract, constants=constants, finish=without_decimals)
