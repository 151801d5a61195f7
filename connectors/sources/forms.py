"""Sources whose deliveries are forms: one table an entity, told by its file's name or by its header.

A folder, a zip or a single file holds some or all of a source's tables, each at most once, as CSV or, where the
source says so, as a workbook. What differs between such sources (tokens for a missing value, how rows are finished) is
told to :class:`Forms`; everything else stands here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from connectors.registry import Agency
from connectors.sources import delimited, tabular
from connectors.sources.base import Table, TableMode
from connectors.sources.delimited import Finish, Heading
from connectors.sources.package import Member, Sender, open_package
from connectors.sources.tabular import Tabular
from pipeline import contracts
from pipeline.contracts import Contract
from pipeline.settings import CHECKOUT


def as_written(contract: Contract, agency: Agency, heading: Heading) -> Finish | None:
    """No last touch to a row."""
    return None


def required_columns(contract: Contract) -> set[str]:
    """Columns a file must have: those the contract requires, keys among them."""
    return {field.name for field in contract.fields if field.required or field.key_position is not None}


def one_each(
    members: Iterable[Member], contracts: Sequence[Contract], missing_tokens: Collection[str] = ()
) -> dict[str, Tabular]:
    """The tables that files hold, by entity, each entity at most once.

    :raises BadInput: what :func:`.tabular.opened` raises, and where two files hold the same table
    """
    found: dict[str, Tabular] = {}
    for member in members:
        table = tabular.opened(member, *contracts, missing_tokens=missing_tokens)
        if (rival := found.get(table.contract.entity)) is not None:
            raise member.bad(
                f"{rival.member.name} holds the same table",
                code="refused.doubled_table",
                advice="Keep one of the two.",
            )
        found[table.contract.entity] = table
    return found


class Forms:
    """Reads deliveries of a source whose every entity is a table with a header."""

    def __init__(
        self,
        name: str,
        *,
        missing_tokens: Collection[str] = (),
        mode: Callable[[Contract, Agency], TableMode] = lambda contract, agency: agency.mode,
        finish: Callable[[Contract, Agency, Heading], Finish | None] = as_written,
        required: Callable[[Contract], set[str]] = required_columns,
        workbooks: bool = False,
    ) -> None:
        self.name, self._workbooks = name, workbooks
        self._missing_tokens, self._mode, self._finish, self._required = missing_tokens, mode, finish, required

    @contextmanager
    def open(self, origin: Path, agency: Agency) -> Iterator[Sequence[Table]]:
        """Recognise each file and check its header; then the tables, in the order of the contracts."""
        owned = contracts.spoken(CHECKOUT / "contracts", self.name, agency.contract_versions)
        with open_package(origin, Sender.of(agency)) as package:
            found: dict[str, Table] = {}
            for name, member in package.members.items():
                if self._workbooks and (name.endswith(".csv") or tabular.is_workbook(member)):
                    opened = tabular.opened(
                        member,
                        *(self._named(member, owned) or owned),
                        missing_tokens=self._missing_tokens,
                        finish=lambda contract, heading: self._finish(contract, agency, heading),
                    )
                    table = opened.table(self._mode(opened.contract, agency))
                elif name.endswith(".csv"):
                    table = self._table(member, self._recognise(member, owned), agency)
                else:
                    continue
                if table.entity in found:
                    raise member.bad(
                        f"{found[table.entity].file} holds the same table",
                        code="refused.doubled_table",
                        advice="Keep one of the two.",
                    )
                found[table.entity] = table
            if not found:
                raise package.bad(
                    "there is no CSV file in it, nor a workbook",
                    code="refused.no_tables",
                    advice=f"Send {_files(owned)}.",
                )
            yield [found[c.entity] for c in owned if c.entity in found]

    def _recognise(self, member: Member, owned: Sequence[Contract]) -> Contract:
        if named := self._named(member, owned):
            return named[0]
        header = {column.strip() for column in delimited.first_record(member)}
        fitting = [contract for contract in owned if self._required(contract) <= header]
        if not fitting:
            raise member.bad(
                "neither its name nor its columns are those of a table we know",
                line=1,
                code="refused.unknown_table",
                advice=f"The tables are {_files(owned)}; take other files out.",
            )
        return max(fitting, key=lambda contract: len(self._required(contract)))

    def _named(self, member: Member, owned: Sequence[Contract]) -> list[Contract]:
        """The contract a file is called after, if it is."""
        stem = member.name.lower().rpartition(".")[0].removesuffix("_sample")
        return [contract for contract in owned if stem == contract.file.lower().removesuffix(".csv")]

    def _table(self, member: Member, contract: Contract, agency: Agency) -> Table:
        heading = delimited.heading(member, contract, required=self._required(contract))
        rows = functools.partial(
            delimited.rows,
            heading,
            contract,
            missing_tokens=self._missing_tokens,
            finish=self._finish(contract, agency, heading),
        )
        return Table(
            contract.entity,
            self._mode(contract, agency),
            rows,
            file=member.name,
            repairs=heading.repairs,
            columns=heading.columns,
        )


def _files(owned: Sequence[Contract]) -> str:
    return ", ".join(contract.file for contract in owned)
