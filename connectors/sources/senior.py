"""Senior universities: who enrolled in which class of which term.

================  ======================================================================================================
Standard          none exists; the columns are those of contracts/senior, after published student-status rules
Who sends         senior universities, mostly by hand from a spreadsheet; ``./flyover template senior`` writes theirs
Entities          ``enrolments``, one row a school, term, class and student card
Form              a workbook (.xlsx, .xls, .ods, known by its content) or CSV; alone, or several in a folder or zip,
                  which are parts of one table, as are several sheets of a workbook
Authentication    none here: files come by drop folder or upload
Words             columns and codes in Chinese or English as connectors/sources/synonyms/senior.yaml lists them
Missing values    nothing
Mode              as the agency's yml says; ``append`` suits schools that send one term at a time: ``bulk`` takes
                  what is missing from a delivery for deleted
Deletes           by absence in ``bulk``; someone who left is a row with status withdrawn
Time of change    none given
Left out          ``emergency_contact`` is thrown away here; of the health declaration only that it exists is kept
Why it is safe    columns are found by name, so their order does not matter; formulas are not calculated; an id that a
                  spreadsheet turned into a number is set aside with its cell named, never guessed
Limits            128 MB a workbook, 100 sheets, 1,024 columns, 40 million cells; one row at a time is held, and the
                  texts that cells share
Run it alone      ``./flyover preview senior --path FILE``
================  ======================================================================================================
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from connectors.registry import Agency
from connectors.sources import tabular
from connectors.sources.base import Rejected, Row, Table
from connectors.sources.package import Sender, open_package
from connectors.sources.tabular import Tabular
from pipeline import contracts
from pipeline.settings import CHECKOUT


class Senior:
    """Reads enrolments of senior universities."""

    name = "senior"

    @contextmanager
    def open(self, origin: Path, agency: Agency) -> Iterator[Sequence[Table]]:
        """Find the table in each file and check its header; then the one table they are parts of."""
        (contract,) = contracts.spoken(CHECKOUT / "contracts", self.name, agency.contract_versions)
        with open_package(origin, Sender.of(agency)) as package:
            found = [tabular.opened(member, contract) for member in tabular.tables_in(package)]
            if not found:
                raise package.bad(
                    "there is no table in it", code="refused.no_tables", advice=f"Send {contract.file} or a workbook."
                )
            yield [found[0].table(agency.mode) if len(found) == 1 else _joined(found, agency)]


SOURCE = Senior()


def _joined(parts: Sequence[Tabular], agency: Agency) -> Table:
    """Several files as one table; each row says which it is from."""

    def rows() -> Iterator[Row | Rejected]:
        for part in parts:
            for row in part.rows():
                yield row._replace(part=" ".join(filter(None, (part.member.name, row.part))))

    repairs = itertools.chain.from_iterable(
        (repair._replace(file=part.member.name) for repair in part.repairs) for part in parts
    )
    columns = tuple(dict.fromkeys(column for part in parts for column in part.columns))
    return Table(parts[0].contract.entity, agency.mode, rows, repairs=tuple(repairs), columns=columns)
