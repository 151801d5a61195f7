"""./flyover airflow: accounts of people in Airflow, each with a name and a role of ours."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.output import emit_table, say
from pipeline.settings import load
from stack import airflow_api, airflow_people
from stack.airflow_roles import ROLES

app = typer.Typer(help="Let a person into Airflow as engineer or quality officer, or stop it.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The person's account, e.g. li.na")]
_ONCE = "Shown this one time; its owner changes it under the profile."


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False) -> None:
    """Who has an account, and who used it last when."""
    people = airflow_people.everyone(airflow_api.of_checkout())
    rows = [(person.name, ", ".join(person.roles), person.last_login) for person in people]
    emit_table("People in Airflow", ("name", "roles", "last login"), rows, as_json=as_json)


@app.command()
def add(
    name: Name, role: Annotated[str, typer.Option("--role", help=f"One of: {', '.join(ROLES)}.")] = "engineer"
) -> None:
    """Make an account and show its password, once."""
    password = airflow_people.add(load(), airflow_api.of_checkout(), name, role)
    say(f"{name}, {role}. {_ONCE}")
    typer.echo(password)


@app.command()
def renew(name: Name) -> None:
    """Give an account another password and show it, once."""
    password = airflow_people.renew(load(), airflow_api.of_checkout(), name)
    say(f"{name}. {_ONCE}")
    typer.echo(password)


@app.command()
def remove(name: Name) -> None:
    """End an account."""
    airflow_people.remove(load(), airflow_api.of_checkout(), name)
    say(f"{name} can no longer sign in to Airflow.")
