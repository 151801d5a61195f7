"""./flyover template: the table an agency fills in, as a workbook or CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.output import say
from connectors import templates
from pipeline import contracts
from pipeline.errors import BadInput
from pipeline.settings import CHECKOUT


def template(
    table: Annotated[str, typer.Argument(metavar="SOURCE[.ENTITY]", help="For example senior, or hr.trainings.")],
    lang: Annotated[Literal["zh", "en", "both"], typer.Option("--lang", help="Language of the headers.")] = "both",
    out: Annotated[Path | None, typer.Option("--out", help="File to write; for several tables a folder.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="A CSV instead of a workbook.")] = False,
) -> None:
    """Write the table an agency fills in: columns, lists to choose from, an example and an explanation.

    It is made from the contract, and what is filled in is read back by the source as it is.
    """
    source, _, entity = table.partition(".")
    known = [c for c in contracts.of_source(CHECKOUT / "contracts", source) if entity in ("", c.entity)]
    owned = [contract for contract in known if templates.is_table(contract)]
    if known and not owned:
        raise BadInput(
            f"{table} is sent by a system, as JSON: no one fills it in", advice="./flyover schedule show lists feeds."
        )
    if not owned:
        raise BadInput(
            f"there is no table {table}", advice="./flyover check lists the sources; contracts/ their tables."
        )
    for contract in owned:
        path = _path(out, f"{contract.source}_{contract.entity}{'.csv' if as_csv else '.xlsx'}", several=len(owned) > 1)
        path.parent.mkdir(parents=True, exist_ok=True)
        templates.write(contract, lang, path, as_csv=as_csv)
        say(f"written: {path}")


def _path(out: Path | None, name: str, *, several: bool) -> Path:
    if out is None:
        return Path(name)
    return out / name if several or out.is_dir() else out
