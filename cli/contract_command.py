"""./flyover contract: what a change of a contract would do, which feeds are stopped by one, and how to accept one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.output import emit_table, say
from pipeline import contracts
from pipeline.errors import BadInput
from pipeline.settings import load

contract = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@contract.command("diff")
def diff(
    old: Annotated[Path, typer.Argument(help="Contract as it is (ODCS yaml).")],
    new: Annotated[Path, typer.Argument(help="Contract as it is to be.")],
    as_json: Json = False,
) -> None:
    """Foretell what a changed contract does to its feed; nothing is touched.

    The exit code is 2 when the change needs a major version of its own.
    """
    from pipeline.contract_diff import changes

    for path in (old, new):
        if not path.is_file():
            raise BadInput("is not there", file=str(path), advice="Name two contract files.")
    found = changes(contracts.read(old), contracts.read(new))
    rows = [(c.field or "(contract)", c.what, "stops the feed" if c.breaks else "passes", c.consequence) for c in found]
    if rows or as_json:
        emit_table(f"{old.name} → {new.name}", ("field", "change", "verdict", "consequence"), rows, as_json)
    else:
        say("no difference that anyone could notice")
    if any(change.breaks for change in found):
        raise typer.Exit(2)


@contract.command("status")
def status(as_json: Json = False) -> None:
    """Show which contracts are in force, and which feeds a change has stopped. Exit code 2 when one is."""
    from pipeline.db import connect

    with connect(load(), "engineer") as connection:
        rows = connection.execute(
            "select source, entity, version, case when stopped_because is null then 'in force' else 'stopped' end, "
            "since, stopped_because from connect.contract order by stopped_because is null, source, entity"
        ).fetchall()
    emit_table("Contracts", ("source", "entity", "version", "state", "since", "because"), rows, as_json)
    if any(row[3] == "stopped" for row in rows):
        raise typer.Exit(2)


@contract.command("publish")
def publish() -> None:
    """Write contracts/published.json: what senders and readers may rely on from this release on.

    The tests hold every later contract against it. Refused while a contract breaks what was published before.
    """
    from pipeline import contract_diff
    from pipeline.settings import CHECKOUT

    before = contract_diff.published(CHECKOUT / "contracts")
    now = list(contracts.load_all(CHECKOUT / "contracts").values())
    if broken := contract_diff.broken_promises(before, now):
        raise BadInput("; ".join(broken), advice="Give the change a major version of its own.")
    contract_diff.publish(CHECKOUT / "contracts", now)
    say(f"contracts/published.json: {len(now)} contracts")


@contract.command("accept")
def accept(
    agency: Annotated[str, typer.Argument(help="Agency whose files have lost a column.")],
    entity: Annotated[str, typer.Argument(help="Entity, as in the contract.")],
) -> None:
    """Accept that an agency's files have lost a column; its values become empty with the next delivery."""
    from connectors import drift, registry
    from connectors.pull import ROLE
    from pipeline.db import connect

    settings = load()
    known = registry.load_all(settings.agencies_dir).get(agency)
    if known is None:
        raise BadInput(f"no agency {agency}", advice="./flyover check lists them.")
    with connect(settings, ROLE) as connection:
        was_known = drift.accept(connection, agency, known.source, entity)
        connection.execute(
            "insert into audit.entry (action, object, detail) values ('columns.accepted', %s, '{}')",
            (f"{agency} {known.source}.{entity}",),
        )
    say(f"{agency}: the next {entity} may have other columns" if was_known else f"{agency} has sent no {entity} yet")
