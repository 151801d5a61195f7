"""./flyover officer: who may sit at the quality officer's desk, and as what."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated

import typer

from cli import agencies
from cli.output import emit_json, emit_table, say
from pipeline.settings import load
from portal import tokens
from portal.officer import accounts

officer = typer.Typer(no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name that stands beside every decision.")]
Days = Annotated[int, typer.Option("--days", min=1, help="How long the token is valid.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
_COLUMNS = ("officer", "role", "agencies", "state", "since", "token ends", "last used", "login")


class Role(StrEnum):
    """What an officer may do."""

    viewer = "viewer"
    officer = "officer"
    steward = "steward"


@officer.command("add")
def add_officer(
    name: Name,
    role: Annotated[Role, typer.Option("--role", help="viewer: counts; officer: decides; steward: sees all.")],
    agency: Annotated[list[str] | None, typer.Option("--agency", help="Only these agencies; else every one.")] = None,
    days: Days = 180,
    as_json: AsJson = False,
) -> None:
    """Open an account and show its token, this one time."""
    settings = load()
    for code in agency or ():
        agencies.find(settings, code)
    made = accounts.add(settings, name, role.value, agency or (), days=days)
    _show(name, made, days, as_json)


@officer.command("list")
def list_officers(as_json: AsJson = False) -> None:
    """Show every account: role, agencies, and when its token ends and was last used."""
    settings, now = load(), dt.datetime.now(dt.UTC)
    rows = []
    for each in accounts.all_of(settings):
        valid = [t for t in tokens.all_of(settings, each.name, ring=tokens.OFFICERS) if t.state(now) == "valid"]
        state = "ended" if each.ended_at else "valid" if valid else "no valid token"
        used = max((t.last_used_at for t in valid if t.last_used_at), default=None)
        rows.append(
            (
                each.name, each.role, "every one" if each.agencies is None else ", ".join(sorted(each.agencies)), state,
                f"{each.added_at:%Y-%m-%d}", f"{valid[0].expires_at:%Y-%m-%d}" if valid else None,
                f"{used:%Y-%m-%d %H:%M} UTC" if used else None, each.login,
            )
        )  # fmt: skip
    emit_table("Quality officers", _COLUMNS, rows, as_json)


@officer.command("renew")
def renew_officer(name: Name, days: Days = 180, as_json: AsJson = False) -> None:
    """Make a new token and end the earlier ones, with every session begun with them."""
    _show(name, accounts.renew(load(), name, days=days), days, as_json)


@officer.command("login")
def let_in(name: Name, as_json: AsJson = False) -> None:
    """Give an officer a login of the database, or its login a new password, and show it, this one time.

    By any SQL program it sees what was judged and published, of the account's agencies alone, and no row's content.
    """
    login, password = accounts.let_in(load(), name)
    if as_json:
        emit_json({"officer": name, "login": login, "password": password})
    else:
        typer.echo(f"{login} {password}")
    say("It is shown only now and kept nowhere: hand it over by a safe way.")


@officer.command("revoke")
def revoke_officer(name: Name) -> None:
    """End an account at once; what it decided stays under its name."""
    accounts.revoke(load(), name)
    say(f"{name} can no longer sign in")


def _show(name: str, token: str, days: int, as_json: bool) -> None:
    if as_json:
        emit_json({"officer": name, "token": token, "days": days})
    else:
        typer.echo(token)
    say("It is shown only now and kept nowhere: hand it over by a safe way.")
