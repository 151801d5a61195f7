"""up, down, status, logs: the stack as a person handles it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import Annotated

import typer

from cli.output import emit_json, emit_table, say, timed_progress
from pipeline.errors import BadInput, FlyoverError
from stack.state import State

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def up(
    no_airflow: Annotated[bool, typer.Option("--no-airflow", help="Only PostgreSQL and Kafka.")] = False,
    as_json: Json = False,
) -> None:
    """Start PostgreSQL, Kafka, Airflow and the agencies' desk, and wait until they answer.

    What runs already is left alone.

    The first start makes the servers' data, ports and secrets in the state directory (./flyover status names it).
    """
    from stack import control

    control.up(timed_progress(), with_airflow=not no_airflow)
    state = State.open()
    _show_status(state, as_json)
    say("Stop with ./flyover down")


def down(
    erase: Annotated[bool, typer.Option("--erase", help="Also delete all data, ports and secrets, for good.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before erasing.")] = False,
) -> None:
    """Stop what ./flyover up started, and nothing else. The data stays, unless you ask to erase it."""
    from stack import control

    state = State.open()
    if not erase:
        if not control.down(timed_progress(), state=state):
            say("Nothing was running.")
        return
    if not yes and not typer.confirm(f"Delete everything in {state.root}?", err=True):
        raise typer.Exit(1)
    control.erase(timed_progress(), state=state)


def status(
    as_json: Json = False,
    password: Annotated[bool, typer.Option("--password", help="Show how to log in to Airflow.")] = False,
) -> None:
    """Show each service: state, process, port, since when, version. Exit code 3 when one has died or hangs."""
    state = State.open()
    if password:
        _show_login(state)
        return
    if _show_status(state, as_json):
        raise typer.Exit(3)


def logs(
    service: Annotated[str, typer.Argument(help="A service, as ./flyover status names it.")],
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on showing what is written.")] = False,
    lines: Annotated[int, typer.Option("-n", "--lines", min=0, help="How many lines from the end.")] = 100,
) -> None:
    """Show the end of what a service wrote."""
    state = State.open()
    known = sorted(path.stem for path in state.logs.glob("*.log"))
    if service not in known:
        there = ", ".join(known) or "none yet: start the stack with ./flyover up"
        raise BadInput(f"no log of a service named {service}", advice=f"There are: {there}")
    arguments = ["tail", "-n", str(lines), *(["-F"] if follow else []), str(state.logs / f"{service}.log")]
    os.execvp(arguments[0], arguments)


def _show_status(state: State, as_json: bool) -> bool:
    """Whether a service is in trouble; its log is named below the table."""
    from stack import control

    services = control.status(state)
    if as_json:
        document = {"state_directory": str(state.root), "airflow_url": state.stack().get("airflow_url")}
        document |= {"numbers_url": numbers_url(state), "numbers_trouble": state.stack().get("pages_trouble")}
        emit_json({**document, "services": [asdict(service) for service in services]})
    else:
        emit_table(
            f"Flyover at {state.root}",
            ("service", "state", "process", "port", "up for", "version"),
            [(s.name, s.state, _text(s.pid), _text(s.port), _duration(s.uptime_seconds), s.version) for s in services],
            as_json=False,
        )
    if any(service.name == "airflow-api" and service.state == "running" for service in services):
        say(f"Airflow: {state.stack()['airflow_url']}  user admin, password: ./flyover status --password")
    if any(service.name == "portal" and service.state == "running" for service in services):
        say(f"Desk for agencies: {state.stack()['portal_url']}  a token: ./flyover token new AGENCY")
        _say_numbers(state)
    _say_alerts()
    troubled = [service for service in services if service.state in {"died", "not answering"}]
    for service in troubled:
        mend = "./flyover up" if service.state == "died" else "./flyover down && ./flyover up"
        say(f"{service.name}: {service.state}; see ./flyover logs {service.name}, start it again with {mend}")
    return bool(troubled)


def numbers_url(state: State) -> str | None:
    """Where everyone reads the published numbers; None before a first release was exported."""
    if not (state.root / "site" / "current").is_dir():
        return None
    return f"{state.stack()['portal_url']}/numbers/"


def _say_numbers(state: State) -> None:
    url, trouble = numbers_url(state), state.stack().get("pages_trouble")
    say(f"Numbers for everyone: {url or 'none yet; a release writes them, or ./flyover portal'}")
    if trouble:
        say(f"The pages could not be built: {trouble}  ./flyover up tries again")


def _say_alerts() -> None:
    """One line about what is wrong, where there is a warehouse that can say so."""
    from cli.alerts_command import standing
    from pipeline.settings import load

    try:
        count = standing(load())
    except FlyoverError:
        return
    say(f"Open alerts: {count}{'  see ./flyover alerts list' if count else ''}")


def _show_login(state: State) -> None:
    address = state.stack().get("airflow_url")
    if address is None:
        raise BadInput("the stack was never started here", advice="Type ./flyover up")
    secrets = json.loads(state.secrets_file.read_text(encoding="utf-8"))
    emit_table(
        "Airflow", ("url", "user", "password"), [(address, "admin", secrets["airflow_admin_password"])], as_json=False
    )


def _text(number: int | None) -> str | None:
    """A number that names something is not grouped by thousands."""
    return None if number is None else str(number)


def _duration(seconds: int | None) -> str | None:
    if seconds is None:
        return None
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
