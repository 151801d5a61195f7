"""./flyover token: which tokens let an agency hand in files over the desk."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from cli import agencies
from cli.output import emit_json, emit_table, say
from pipeline.errors import BadInput
from pipeline.settings import load
from portal import tokens

token = typer.Typer(no_args_is_help=True)
AgencyCode = Annotated[str, typer.Argument(help="Code of the agency (connectors/agencies/).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@token.command("new")
def new_token(
    agency: AgencyCode,
    label: Annotated[str, typer.Option("--label", help="Who or what will use it, for the list.")] = "",
    days: Annotated[int, typer.Option("--days", min=1, help="How long it is valid.")] = 365,
    as_json: AsJson = False,
) -> None:
    """Make a token and show it, this one time. Older ones stay valid until they are revoked or end."""
    settings = load()
    agencies.find(settings, agency)
    made = tokens.make(settings, agency, label=label, days=days)
    if as_json:
        emit_json({"agency": agency, "token": made, "days": days})
    else:
        typer.echo(made)
    say("It is shown only now and kept nowhere: hand it over by a safe way.")


@token.command("list")
def list_tokens(agency: AgencyCode, as_json: AsJson = False) -> None:
    """Show an agency's tokens by their ids: since when, until when, last used."""
    settings, now = load(), dt.datetime.now(dt.UTC)
    agencies.find(settings, agency)
    rows = [
        (t.token_id, t.label, t.state(now), _day(t.created_at), _day(t.expires_at), _moment(t.last_used_at))
        for t in tokens.all_of(settings, agency)
    ]
    emit_table(f"Tokens of {agency}", ("token", "label", "state", "made", "ends", "last used"), rows, as_json)


@token.command("revoke")
def revoke_token(
    agency: AgencyCode,
    token_id: Annotated[str, typer.Argument(help="Its id, as ./flyover token list shows it.")],
) -> None:
    """End a token at once, with every session begun with it."""
    settings = load()
    agencies.find(settings, agency)
    if not tokens.revoke(settings, agency, token_id):
        raise BadInput(f"no valid token {token_id}", agency=agency, advice=f"See ./flyover token list {agency}.")
    say(f"{agency}: token {token_id} is revoked")


def _day(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d}"


def _moment(at: dt.datetime | None) -> str | None:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else None
