"""One table from one file, whether it is a workbook or delimited text: a heading, and rows of a contract.

A source that takes both needs one line: ``tabular.opened(member, contract).table(mode)`` for each file that
``tabular.tables_in(package)`` names.
"""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.sources import delimited, words
from connectors.sources.base import Rejected, Repair, Row, Table, TableMode
from connectors.sources.delimited import Finish, Heading
from connectors.sources.meaning import Meaning, Unreadable
from connectors.sources.package import Member, Package
from connectors.sources.spreadsheet import layout, workbook
from connectors.sources.spreadsheet.cells import Cell, reference, shown
from connectors.sources.spreadsheet.layout import Fit
from connectors.sources.text_form import reading
from pipeline.contracts import Contract

DELIMITED = (".csv", ".tsv", ".txt")


MakeFinish = Callable[[Contract, Heading], Finish | None]


def as_read(contract: Contract, heading: Heading) -> Finish | None:
    """Nothing is added to a row."""
    return None


@dataclass(frozen=True)
class Manner:
    """What a source says about reading its tables."""

    missing_tokens: frozenset[str]
    finish: MakeFinish


@dataclass(frozen=True)
class Tabular:
    """A file read as a table of ``contract``; ``rows`` reads it anew each time."""

    member: Member
    contract: Contract
    columns: tuple[str, ...]
    """columns of the file, by field where they are known"""
    repairs: tuple[Repair, ...]
    """of the file as a whole"""
    rows: functools.partial[Iterator[Row | Rejected]]

    def table(self, mode: TableMode) -> Table:
        """The file as a table of a delivery."""
        return Table(
            self.contract.entity, mode, self.rows, file=self.member.name, repairs=self.repairs, columns=self.columns
        )


def tables_in(package: Package) -> list[Member]:
    """Files of a delivery that may be tables: workbooks, whatever their name, and delimited text by its name."""
    return [
        member
        for name, member in package.members.items()
        if name.endswith(DELIMITED) or is_workbook(member) or len(package.members) == 1
    ]


def opened(
    member: Member, *contracts: Contract, missing_tokens: Collection[str] = (), finish: MakeFinish = as_read
) -> Tabular:
    """Read a file's header and check it; of several contracts the one it has most columns of is taken.

    ``finish`` gives, for a heading, what the source adds to each row from its cells as text.

    :raises BadInput: no sheet and no line looks like the header, a required column is missing or there twice, or there
        is no row below it
    """
    manner = Manner(frozenset(missing_tokens), finish)
    found = _workbook(member, contracts, manner) if is_workbook(member) else _text(member, contracts, manner)
    if next(found.rows(), None) is None:  # a bulk file without rows would delete what was sent before
        raise member.bad(
            "there is a header and no rows", code="refused.no_rows", advice="Fill in the table, or leave the file out."
        )
    return found


def is_workbook(member: Member) -> bool:
    """Whether a file is a workbook, whatever its name."""
    with reading(member) as file:
        return workbook.is_workbook(file)


def _text(member: Member, contracts: Sequence[Contract], manner: Manner) -> Tabular:
    header = delimited.first_record(member)
    contract = max(contracts, key=lambda contract: sum(_named(column, contract) is not None for column in header))
    named = {column: found for column in header if (found := _named(column, contract)) is not None}
    if len(contracts) > 1 and len(named) < layout.LEAST_COLUMNS:
        raise member.bad(
            "neither its name nor its columns are those of a table we know",
            line=1,
            code="refused.unknown_table",
            advice=f"The tables are {', '.join(contract.file for contract in contracts)}; take other files out.",
        )
    heading = delimited.heading(
        member,
        contract,
        required={field.name for field in contract.fields if field.required},
        aliases={column: name for column, (name, is_agreed) in named.items() if is_agreed or not member.sender.strict},
    )
    agreed = {name for name, is_agreed in named.values() if is_agreed}
    repairs = tuple(r for r in heading.repairs if not (r.code == "repair.header_name" and r.field in agreed))
    rows = functools.partial(_told, functools.partial(_text_rows, heading, contract, manner))
    return Tabular(member, contract, heading.columns, repairs, rows)


def _named(column: str, contract: Contract) -> tuple[str, bool] | None:
    """(field a header names, whether in the template's own words)."""
    known = words.columns(contract)
    return next((known[word] for word in words.header_words(column) if word in known), None)


def _text_rows(heading: Heading, contract: Contract, manner: Manner) -> Iterator[Row | Rejected | Repair]:
    meaning, examples = Meaning(contract, strict=heading.member.sender.strict), _examples(contract)
    finish = manner.finish(contract, heading)
    for row in delimited.rows(heading, contract, missing_tokens=manner.missing_tokens, finish=finish):
        if isinstance(row, Rejected):
            yield row
            continue
        cells: dict[str, Cell] = {name: value for name, value in row.values.items() if value is not None}
        try:
            values, repairs = meaning.values(cells)
        except Unreadable as lost:
            raw = _raw([value or "" for value in row.values.values()])
            yield Rejected(row.line, raw, lost.rule_id, _hint(meaning, contract, cells), field=lost.field)
            continue
        if _is_example(values, examples):
            yield Repair("repair.example_row")
        else:
            yield row._replace(values=values, repairs=(*row.repairs, *repairs))


def _workbook(member: Member, contracts: Sequence[Contract], manner: Manner) -> Tabular:
    notes: list[Repair] = []
    with workbook.opened(member) as book:
        found: dict[str, list[Fit]] = {}
        for sheet in book.sheets:
            if sheet.is_hidden:
                notes.append(Repair("note.hidden_sheet"))
                continue
            fits = [fit for contract in contracts if (fit := layout.fit(sheet, contract)) is not None]
            if fits:
                best = max(fits, key=lambda fit: len(fit.columns))
                found.setdefault(best.contract.name, []).append(best)
            elif words.loose(sheet.name) not in words.office().guide_sheets and any(True for _ in sheet.rows()):
                notes.append(Repair("note.sheet_not_read"))
        chosen = _chosen(member, list(found.values()), notes)
        contract = chosen[0].contract
    repairs = (*member.repairs, *notes, *(repair for fit in chosen for repair in fit.repairs))
    columns = tuple(dict.fromkeys(name for fit in chosen for name in fit.columns))
    names = frozenset(fit.sheet.name for fit in chosen)
    return Tabular(
        member,
        contract,
        columns,
        repairs,
        functools.partial(_told, functools.partial(_workbook_rows, member, contract, names, manner)),
    )


def _chosen(member: Member, found: Sequence[Sequence[Fit]], notes: list[Repair]) -> list[Fit]:
    """Sheets that are parts of the table: those with every required column; of two tables the one that fits better."""
    ranked = sorted(found, key=lambda fits: max(len(fit.columns) for fit in fits), reverse=True)
    if not ranked:
        raise member.bad(
            "no sheet has a row that names the columns",
            code="refused.no_header",
            advice="Use the template (./flyover template), or name the columns as it does.",
        )
    whole = [fit for fit in ranked[0] if not fit.missing]
    best = max(whole or ranked[0], key=lambda fit: len(fit.columns))
    if best.missing:
        listed = ", ".join(best.missing[:5])
        raise member.bad(
            f"the column {listed} is missing" if len(best.missing) == 1 else f"the columns {listed} are missing",
            code="refused.missing_column",
            line=best.header_row,
            advice="Use the template (./flyover template), or name the columns as it does.",
        )
    for fit in whole:
        if fit.doubled:
            raise member.bad(
                f"the column {fit.doubled} is there twice",
                code="refused.doubled_column",
                line=fit.header_row,
                advice="Keep one of them.",
            )
    left = sum(len(fits) for fits in ranked) - len(whole)
    notes.extend(Repair("note.sheet_not_read") for _ in range(left))
    return whole


def _workbook_rows(
    member: Member, contract: Contract, sheets: Collection[str], manner: Manner
) -> Iterator[Row | Rejected | Repair]:
    with workbook.opened(member) as book:
        meaning = Meaning(contract, is_1904=book.is_1904, strict=member.sender.strict)
        for sheet in book.sheets:
            found = None if sheet.is_hidden or sheet.name not in sheets else layout.fit(sheet, contract)
            if found is not None and not found.missing:
                yield from _sheet_rows(member, found, meaning, manner)


def _told(read: Callable[[], Iterator[Row | Rejected | Repair]]) -> Iterator[Row | Rejected]:
    """The rows; what was left out is told with the row after it or, below the last one, with that."""
    last: Row | None = None
    notes: tuple[Repair, ...] = ()
    for taken in read():
        if isinstance(taken, Repair):
            notes = (*notes, taken)
        elif isinstance(taken, Rejected):
            yield taken
        else:
            if last is not None:
                yield last
            last, notes = taken._replace(repairs=(*taken.repairs, *notes)), ()
    if last is not None:
        yield last._replace(repairs=(*last.repairs, *notes))


def _sheet_rows(member: Member, found: Fit, meaning: Meaning, manner: Manner) -> Iterator[Row | Rejected | Repair]:
    examples = _examples(found.contract)
    part, places = found.sheet.name, sorted(found.titles)
    heading = Heading(member, tuple(found.titles[column] for column in places), ())
    finish = manner.finish(found.contract, heading)
    for record in layout.Sieve(found).records():
        if isinstance(record, Repair):
            yield record
            continue
        cells = {
            name: cell
            for name, column in found.columns.items()
            if (cell := record.cells.get(column)) is not None and cell not in manner.missing_tokens
        }
        try:
            values, repairs = meaning.values(cells)
        except Unreadable as lost:
            cell = reference(found.columns[lost.field], record.number)
            raw = _raw([shown(record.cells.get(column)) for column in range(max(record.cells) + 1)])
            hint = _hint(meaning, found.contract, cells)
            yield Rejected(record.number, raw, lost.rule_id, hint, field=lost.field, part=f"{part}!{cell}")
            continue
        if _is_example(values, examples):
            yield Repair("repair.example_row")
            continue
        if record.filled & set(found.columns.values()):
            repairs = (*repairs, Repair("repair.merged_cells"))
        row = Row(record.number, values, repairs=repairs, part=part)
        if finish is not None:
            row = finish(row, [shown(record.cells.get(column)) for column in places])._replace(part=part)
        yield row


def _examples(contract: Contract) -> dict[str, str]:
    """Values of the template's example row."""
    return {name: text for name, described in words.of(contract).items() if (text := described.example) is not None}


def _is_example(values: dict[str, str | None], examples: dict[str, str]) -> bool:
    return bool(examples) and all(values[name] == text for name, text in examples.items() if name in values)


def _raw(fields: Sequence[str]) -> str:
    """A record as a line of text, for whoever mends it."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(fields)
    return line.getvalue()


def _hint(meaning: Meaning, contract: Contract, cells: Mapping[str, Cell]) -> str | None:
    """Key of a record that could not be read whole, where its key could."""
    keys = [field.name for field in contract.key_fields]
    try:
        values, _ = meaning.values({name: cells[name] for name in keys})
    except (KeyError, Unreadable):
        return None
    parts = [values[name] for name in keys]
    return "|".join(map(str, parts)) if all(parts) else None
