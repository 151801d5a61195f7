"""./flyover new-agency: the one file a new agency needs."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from cli.output import say
from connectors.registry import Agency
from connectors.scaffold import agency as scaffold
from pipeline.errors import BadInput
from pipeline.settings import CHECKOUT, state_dir

Text = str | None


def new_agency(
    code: Annotated[str, typer.Argument(help="Its code for good: lower case, digits, hyphens (sch-ningbo).")],
    source: Annotated[str, typer.Option("--source", help="The form it delivers in (./flyover check lists sources).")],
    name_zh: Annotated[Text, typer.Option("--name-zh", help="Its name in Chinese.")] = None,
    name_en: Annotated[Text, typer.Option("--name-en", help="Its name in English.")] = None,
    area: Annotated[Text, typer.Option("--area", help="province, simulated or outside.")] = None,
    sector: Annotated[Text, typer.Option("--sector", help="As its sisters, if there are any.")] = None,
    mode: Annotated[Text, typer.Option("--mode", help="bulk, delta or append.")] = None,
    transport: Annotated[Text, typer.Option("--transport", help="file, rest, sql or cdc.")] = None,
    schedule: Annotated[Text, typer.Option("--schedule", help="Five cron fields in its own time zone.")] = None,
    expected_by: Annotated[
        Text, typer.Option("--expected-by", help="Local time (06:30) after which it is late.")
    ] = None,
    time_zone: Annotated[Text, typer.Option("--time-zone", help="For example Asia/Shanghai.")] = None,
    owner: Annotated[Text, typer.Option("--owner", help="Who answers for the feed.")] = None,
    param: Annotated[list[str] | None, typer.Option("--param", help="NAME=VALUE, as often as needed.")] = None,
    secret: Annotated[list[str] | None, typer.Option("--secret", help="Name of a secret; never its value.")] = None,
) -> None:
    """Write connectors/agencies/CODE.yml; nothing else is changed, and nothing that is there is written over.

    What agencies of the same source have in common is taken over; what only you know is asked for on a terminal.
    """
    given: dict[str, Any] = {
        "name_zh": name_zh, "name_en": name_en, "area": area, "sector": sector, "mode": mode, "transport": transport,
        "schedule": schedule, "expected_by": expected_by, "time_zone": time_zone, "owner": owner,
        "params": dict(_pair(text) for text in param or ()) or None, "secret_names": secret or None,
    }  # fmt: skip
    told = {setting: value for setting, value in given.items() if value is not None}
    written = scaffold.write(CHECKOUT, code, source, told, _ask if sys.stdin.isatty() else None)
    shown = written.path.relative_to(CHECKOUT)
    say(f"written: {shown}")
    for line in _next(written.agency):
        say(line)
    say(f"To undo this, delete {shown}.")


def _ask(question: str) -> str:
    return str(typer.prompt(question, err=True))


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise BadInput(f"--param {text}: write NAME=VALUE")
    return name, value


def _next(agency: Agency) -> Iterable[str]:
    code = agency.agency_code
    yield f"Read it over, then: ./flyover check --agency {code}"
    for name in agency.secret_names:
        yield f"Secret to keep: ./flyover secret set {code} {name}"
    if agency.transport == "file":
        yield f"Its files go into {state_dir() / 'agencies' / code}, or: ./flyover token new {code} --label WHO"
        yield f"Try a file first: ./flyover preview {agency.source} --agency {code} --path FILE"
    elif not agency.params:
        yield "Where its system is, goes into params: docs/how-to/add-an-agency.md"
