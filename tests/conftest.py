"""Fixtures for every kind of test that needs real servers.

`stack_services` starts one Kafka and one PostgreSQL for the whole run, with the code `./flyover up` uses.
`settings` gives each test module a fresh migrated database and a broker without topics.
`airflow_stack` adds Airflow; tests that ask for it run last.
"""

import json
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipeline.db import SQL, Identifier, connect
from pipeline.settings import CHECKOUT, Settings
from stack import airflow, control, postgres
from stack.processes import start_ticks
from stack.state import State, write_private
from tests import evidence, taskpage
from tests.fragile import FragileStack, forget_topics

TEMPLATE = "flyover_template"
_RUNS = Path(tempfile.gettempdir()) / f"flyover-tests-{os.getuid()}-{CHECKOUT.name}"


@dataclass(frozen=True)
class AirflowStack:
    """A running Airflow whose DAGs work on `settings`."""

    settings: Settings
    state: State
    url: str
    env: dict[str, str]

    def call(self, method: str, path: str, body: object = None) -> Any:
        """One request to Airflow's REST interface (`/api/v2` is put before the path), as the admin."""
        answer = httpx.request(
            method,
            f"{self.url}/api/v2{path}",
            json=body,
            headers={"Authorization": f"Bearer {self._token()}"},
            timeout=30,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def _token(self) -> str:
        password = json.loads(self.state.secrets_file.read_text())["airflow_admin_password"]
        login = {"username": airflow.ADMIN, "password": password}
        answer = httpx.post(f"{self.url}/auth/token", json=login, timeout=30)
        answer.raise_for_status()
        return str(answer.json()["access_token"])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with Airflow last: its processes would slow down everything that follows. Reports carry their task."""
    for item in items:
        item.user_properties += [(taskpage.PROPERTY, mark.args[0]) for mark in item.iter_markers("task")]
    items.sort(key=lambda item: "airflow_stack" in getattr(item, "fixturenames", ()))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands on what its tests have measured."""
    if handed := getattr(session.config, "workeroutput", None):
        handed["evidence"] = list(evidence.lines())


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """What a worker's tests have measured is told with the rest."""
    for line in getattr(node, "workeroutput", {}).get("evidence", ()):
        evidence.tell(line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Figures about the rules that this run has measured, and how the thirty tasks went."""
    taskpage.conclude(terminalreporter)
    if told := evidence.lines():
        terminalreporter.section("evidence that the rules work")
        for line in told:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def stack_state() -> Iterator[State]:
    """A state directory of this run's own; what killed runs left behind is erased first."""
    _RUNS.mkdir(mode=0o700, exist_ok=True)
    for leftover in _RUNS.iterdir():
        if start_ticks(int(leftover.name.partition("-")[0])) is None:
            control.erase(_say, state=State.open(leftover))
    state = State.open(_RUNS / str(os.getpid()))
    yield state
    control.erase(_say, state=state)


@pytest.fixture(scope="session")
def stack_services(stack_state: State) -> Settings:
    """Kafka and PostgreSQL, migrated; shared by all tests, so use `settings` unless you test the servers."""
    shared = control.up(_say, with_airflow=False, state=stack_state)
    with connect(shared, postgres.SUPERUSER, autocommit=True) as superuser:
        # Tests kill processes, never the machine: what the kernel was given is safe without waiting for the disk.
        superuser.execute("alter system set fsync = off")
        superuser.execute("select pg_reload_conf()")
    with connect(replace(shared, pg_database="postgres"), "flyover_owner", autocommit=True) as owner:
        _clone(owner, TEMPLATE, shared.pg_database)
    return shared


@pytest.fixture(scope="module")
def settings(new_database: Callable[[], Settings], stack_services: Settings) -> Settings:
    """A fresh database, an empty state directory that subprocesses may use (FLYOVER_STATE), no topics."""
    forget_topics(stack_services)
    return new_database()


@pytest.fixture(scope="module")
def new_database(
    stack_services: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Settings]]:
    """Makes fresh databases beside each other on the same broker, for runs that are compared."""
    with databases(stack_services, tmp_path_factory) as make:
        yield make


@contextmanager
def databases(stack_services: Settings, folders: pytest.TempPathFactory) -> Iterator[Callable[[], Settings]]:
    """The same for fixtures that live longer than a module."""
    with (
        connect(replace(stack_services, pg_database="postgres"), "flyover_owner", autocommit=True) as owner,
        ExitStack() as undo,
    ):

        def make() -> Settings:
            name = f"flyover_test_{secrets.token_hex(4)}"
            home = folders.mktemp("state")
            _clone(owner, name, TEMPLATE)
            # plain: it waits for sessions that are just ending, which the owner may not end by force
            undo.callback(owner.execute, SQL("drop database {}").format(Identifier(name)))
            addresses = json.loads((stack_services.state_dir / "stack.json").read_text())
            write_private(home / "stack.json", json.dumps({**addresses, "pg_database": name}))
            shutil.copy(stack_services.state_dir / "secrets.json", home / "secrets.json")
            return replace(stack_services, pg_database=name, state_dir=home)

        yield make


@pytest.fixture(scope="session")
def fragile() -> Iterator[FragileStack]:
    """Servers of their own for tests that take them away."""
    _RUNS.mkdir(mode=0o700, exist_ok=True)
    state = State.open(_RUNS / f"{os.getpid()}-fragile")
    yield FragileStack(state)
    control.erase(_say, state=state)


@pytest.fixture(scope="session")
def airflow_stack(stack_services: Settings, stack_state: State) -> AirflowStack:
    """Airflow on the shared servers, over this checkout's DAGs, all paused at first."""
    shared = control.up(_say, state=stack_state)
    known = json.loads(stack_state.secrets_file.read_text())
    port = stack_state.stack()["ports"]["airflow"]
    return AirflowStack(
        settings=shared,
        state=stack_state,
        url=airflow.url(port),
        env=airflow.environment(stack_state, shared, known, port),
    )


def _clone(owner: Any, name: str, template: str) -> None:
    owner.execute(SQL("create database {} template {}").format(Identifier(name), Identifier(template)))


def _say(message: str) -> None:
    with suppress(ValueError):  # pytest may have closed its capture by the time the servers stop
        sys.stderr.write(f"[test stack] {message}\n")
