"""Statistical and annual returns: what bureaus report once a month or a year about a whole county, school or survey.

================  ======================================================================================================
Standard          forms of our own after the statistical returns of education (教育事业统计), labour and population; the
                  ten forms of study are those of the ministry's gross enrolment ratio (reply of 2019-09-29), fields of
                  study ISCED-F 2013, levels ISCED 2011, occupations GB/T 6565 or ISCO-08, areas GB/T 2260
Entities          births_migration (county, year, base, sex) · higher_education (institution, form of study, origin)
                  · graduates (institution, level, field) · schools (kindergarten or school, school year) · vacancies
                  (county, month, occupation) · community_learning (learning point, month) · targets (indicator, area,
                  year, document) · surveys (indicator, area, source, wave, group)
Form              a folder, zip or single file with one table a return, as a workbook (Excel, OpenDocument) or delimited
                  text; recognised by its columns
Missing values    nothing; a dash, ``…`` and ``/`` are what printed returns have for nothing
Mode              ``append`` suits returns: last year's stay when this year's come; a corrected return replaces its rows
Units             a target or a survey without its unit is no number: its row is set aside. Per mille is not per cent
Privacy           counts only; no field is about one person
================  ======================================================================================================
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from connectors.registry import Agency
from connectors.sources import forms, tabular
from connectors.sources.base import Table
from connectors.sources.package import Sender, open_package
from pipeline import contracts
from pipeline.settings import CHECKOUT

MISSING_TOKENS = ("-", "—", "…", "/")


class Returns:
    """Reads the forms that bureaus fill in, one table a return, as workbooks or delimited text."""

    name = "returns"

    @contextmanager
    def open(self, origin: Path, agency: Agency) -> Iterator[Sequence[Table]]:
        """Recognise each file by its columns and check them; then the tables, in the order of the contracts."""
        owned = contracts.spoken(CHECKOUT / "contracts", self.name, agency.contract_versions)
        with open_package(origin, Sender.of(agency)) as package:
            found = forms.one_each(tabular.tables_in(package), owned, MISSING_TOKENS)
            if not found:
                raise package.bad(
                    "there is no table in it",
                    code="refused.no_tables",
                    advice="Fill in a template: ./flyover template returns.",
                )
            yield [found[contract.entity].table(agency.mode) for contract in owned if contract.entity in found]


SOURCE = Returns()
