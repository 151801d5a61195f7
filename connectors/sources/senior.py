"""Senior universities: who enrolled in which class of which term.

================  ======================================================================================================
Standard          none exists; the columns are those of contracts/senior, after published student-status rules
Entities          ``enrolments``, one row a school, term, class and student card
Form              one CSV, alone or in a folder or zip
Missing values    nothing
Mode              as the agency's yml says; ``append`` suits schools that send one term at a time: ``bulk`` takes
                  what is missing from a delivery for deleted
Time of change    none given
Left out          ``emergency_contact`` is thrown away here; of the health declaration only that it exists is kept
Why it is safe    one row at a time is held; columns are found by name, so their order does not matter
================  ======================================================================================================
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from connectors.registry import Agency
from connectors.sources import delimited
from connectors.sources.base import Rejected, Row, Table
from connectors.sources.delimited import Heading
from connectors.sources.package import Sender, open_package
from pipeline import contracts
from pipeline.contracts import Contract
from pipeline.settings import CHECKOUT


class Senior:
    """Reads enrolments of senior universities."""

    name = "senior"

    @contextmanager
    def open(self, origin: Path, agency: Agency) -> Iterator[Sequence[Table]]:
        """Check the file's header; then its one table."""
        (contract,) = contracts.of_source(CHECKOUT / "contracts", self.name)
        required = {field.name for field in contract.fields if field.required}
        with open_package(origin, Sender(agency.agency_code, self.name)) as package:
            found = [member for name, member in package.members.items() if name.endswith(".csv")]
            if not found:
                raise package.bad("there is no CSV file in it", advice=f"Send {contract.file}.")
            if len(found) > 1:
                raise package.bad("there are several tables in it", advice="Send them one after the other.")
            heading = delimited.heading(found[0], contract, required=required)
            yield [Table(contract.entity, agency.mode, functools.partial(_rows, heading, contract))]


SOURCE = Senior()


def _rows(heading: Heading, contract: Contract) -> Iterator[Row | Rejected]:
    values = delimited.picker(heading, contract, missing_tokens=())
    for record in heading.records():
        if isinstance(record, Rejected):
            yield record
        else:
            line, fields = record
            yield Row(line, values(fields))
