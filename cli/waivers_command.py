"""./flyover waivers: rules that an agency's table need not keep for a while."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.output import emit_table, say
from pipeline.settings import load

waivers = typer.Typer(invoke_without_command=True)
By = Annotated[str, typer.Option("--by", help="Who decides.", envvar="USER")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
_COLUMNS = ("waiver", "agency", "table", "rule", "until", "granted by", "reason", "for batch", "ended", "by")


@waivers.callback()
def show(context: typer.Context) -> None:
    """List the waivers of rules that are in force."""
    if context.invoked_subcommand is None:
        list_waivers()


@waivers.command("list")
def list_waivers(
    agency: Annotated[str | None, typer.Option("--agency", help="Only this agency.")] = None,
    ended: Annotated[bool, typer.Option("--ended", help="Those that have ended, too.")] = False,
    by: By = "engineer",
    as_json: AsJson = False,
) -> None:
    """List waivers, those that end first before the others. Rows waived one by one: ./flyover quarantine list."""
    from expectations.decisions import waivers as granted
    from expectations.decisions.people import Actor

    found = granted.list_waivers(load(), actor=Actor(by), ended=ended, agency=agency)
    rows = [
        (w.waiver_id, w.agency_code, w.entity_table, w.rule_id, str(w.expires_on), w.granted_by, w.reason,
         str(w.batch_id), f"{w.ended_at:%Y-%m-%d %H:%M}" if w.ended_at else None, w.ended_by)
        for w in found
    ]  # fmt: skip
    emit_table("Waivers of rules", _COLUMNS, rows, as_json)


@waivers.command("end")
def end_waiver(
    waiver: Annotated[int, typer.Argument(help="Waiver, as ./flyover waivers shows it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept with the decision.")],
    by: By = "engineer",
) -> None:
    """End a waiver before its day: the next batch that fails the rule is held again."""
    from expectations.decisions import waivers as granted
    from expectations.decisions.people import Actor

    ended = granted.end(load(), waiver, reason=reason, actor=Actor(by))
    say(f"{ended.rule_id} holds batches of {ended.agency_code} again; what was released meanwhile stays so")
