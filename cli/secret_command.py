"""./flyover secret: passwords of agencies' systems and of our own roles, changed without a stop."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Annotated

import typer

from cli import agencies
from cli.output import emit_table, say
from connectors import credentials, pull
from connectors.registry import Agency
from pipeline import audit
from pipeline.db import DatabaseError, connect
from pipeline.errors import BadInput, SystemTrouble
from pipeline.settings import Settings, load

secret = typer.Typer(no_args_is_help=True)
AgencyCode = Annotated[str, typer.Argument(help="Code of the agency (connectors/agencies/).")]
Roles = Annotated[list[str] | None, typer.Argument(help="Database roles; by default all that no person uses.")]
Name = Annotated[str, typer.Argument(help="One of the agency's secret_names.")]


@secret.command("set")
def set_secret(agency: AgencyCode, name: Name) -> None:
    """Keep a secret, asked for twice or read from standard input; what runs uses it at its next request."""
    settings = load()
    _check_named(agencies.find(settings, agency), name)
    if sys.stdin.isatty():
        value = str(typer.prompt(f"{name} of {agency}", hide_input=True, confirmation_prompt=True, err=True))
    else:
        value = sys.stdin.read().removesuffix("\n").removesuffix("\r")
    if not value:
        raise BadInput("the value is empty", agency=agency, advice="Type it, or give it on standard input.")
    credentials.put(settings, agency, name, value)
    _note(settings, "secret.set", agency, name)
    say(f"{agency}: {name} is kept")


@secret.command("list")
def list_secrets(
    agency: AgencyCode,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Show names and ages, never a value."""
    settings = load()
    known = agencies.find(settings, agency)
    ages, now = credentials.ages(settings, agency), dt.datetime.now(dt.UTC)
    rows = [
        (
            name,
            f"{ages[name]:%Y-%m-%d %H:%M}" if name in ages else None,
            (now - ages[name]).days if name in ages else None,
        )
        for name in sorted({*known.secret_names, *ages})
    ]
    emit_table(f"Secrets of {agency}", ("name", "set", "days"), rows, as_json)


@secret.command("remove")
def remove_secret(agency: AgencyCode, name: Name) -> None:
    """Forget a secret."""
    settings = load()
    agencies.find(settings, agency)
    if not credentials.remove(settings, agency, name):
        raise BadInput(f"no {name} is kept", agency=agency, advice=f"See ./flyover secret list {agency}.")
    _note(settings, "secret.removed", agency, name)
    say(f"{agency}: {name} is forgotten")


@secret.command("rotate")
def rotate(
    roles: Annotated[
        list[str] | None, typer.Argument(help="Database roles; by default all that no person uses.")
    ] = None,
) -> None:
    """Give roles of the database new passwords, while everything works on.

    What runs meets the new one at its next connection. A role that people or BI tools use is changed only if named:
    tell them the new one.
    """
    from keeping import rotation

    changed = rotation.passwords(load(), roles or ())
    say(f"new passwords: {', '.join(changed)}; the old ones open nothing any more")


def _note(settings: Settings, action: str, agency: str, name: str) -> None:
    """Keep that it was changed. A secret may be set before the house was ever started, and must be settable then."""
    try:
        with connect(settings, pull.ROLE) as connection:
            audit.note(connection, action, f"secret {name} of {agency}", {})
    except (SystemTrouble, DatabaseError):
        say("PostgreSQL does not answer, so the audit trail does not say that this was changed")


def _check_named(agency: Agency, name: str) -> None:
    if name not in agency.secret_names:
        wanted = ", ".join(agency.secret_names) or "none"
        raise BadInput(
            f"its yml names no secret {name}",
            agency=agency.agency_code,
            advice=f"Named there: {wanted}. Add it to secret_names first.",
        )
