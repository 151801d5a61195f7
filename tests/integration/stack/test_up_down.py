"""up, status, down as a person types them, on a state directory of the test's own. Airflow has a test further on."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.settings import CHECKOUT, Settings
from stack import control, postgres, processes
from stack.state import State, write_private

SERVERS = {"kafka", "postgres"}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    made = State.open(tmp_path_factory.mktemp("up") / "state")
    yield made
    control.erase(lambda _message: None, state=made)


def flyover(state: State, *arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=CHECKOUT,
        env=env or {**os.environ, "FLYOVER_STATE": str(state.root)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def services(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    return {service["name"]: service for service in json.loads(done.stdout)["services"]}


def kill(pid: int) -> None:
    """SIGKILL, and wait until the process is gone."""
    ticks = processes.start_ticks(pid)
    assert ticks is not None
    os.kill(pid, signal.SIGKILL)
    assert not processes.wait_gone({pid: ticks}, 10)


def test_the_whole_life_of_the_servers(state: State) -> None:
    up = flyover(state, "up", "--no-airflow", "--json")
    assert up.returncode == 0, up.stderr
    first = services(up)
    assert {name for name, service in first.items() if service["state"] == "running"} == SERVERS
    assert "Kafka: ready" in up.stderr

    again = services(flyover(state, "up", "--no-airflow", "--json"))
    assert {name: again[name]["pid"] for name in SERVERS} == {name: first[name]["pid"] for name in SERVERS}

    asked = flyover(state, "sql", "--json", "select current_user as me")
    assert json.loads(asked.stdout) == [{"me": "policymaker"}]
    written = flyover(state, "sql", "create temporary table t (n integer)")
    assert written.returncode == 2
    assert "read-only" in written.stderr

    secrets = state.secrets_file.read_text()
    for word in json.loads(secrets)["pg_passwords"].values():
        assert word not in up.stdout + up.stderr
        assert not any(word in path.read_text(errors="replace") for path in state.logs.iterdir())

    for name in SERVERS:
        kill(first[name]["pid"])
    status = flyover(state, "status", "--json")
    assert status.returncode == 3
    assert {services(status)[name]["state"] for name in SERVERS} == {"died"}
    assert "./flyover logs kafka" in status.stderr

    mended = services(flyover(state, "up", "--no-airflow", "--json"))
    assert {mended[name]["state"] for name in SERVERS} == {"running"}
    assert {mended[name]["port"] for name in SERVERS} == {first[name]["port"] for name in SERVERS}
    assert flyover(state, "sql", "select 1").returncode == 0

    assert flyover(state, "down").returncode == 0
    assert {service["state"] for service in services(flyover(state, "status", "--json")).values()} == {"stopped"}
    nothing = flyover(state, "down")
    assert (nothing.returncode, "Nothing was running" in nothing.stderr) == (0, True)
    assert state.secrets_file.read_text() == secrets


def test_data_outlives_down_and_erase_removes_everything(state: State) -> None:
    assert flyover(state, "up", "--no-airflow").returncode == 0
    made = flyover(
        state, "sql", "--role", "flyover_owner", "insert into audit.entry (action, object) values ('kept', 'this')"
    )
    assert made.returncode == 0, made.stderr
    assert flyover(state, "down").returncode == 0
    assert flyover(state, "up", "--no-airflow").returncode == 0
    asked = "select object from audit.entry where action = 'kept'"
    kept = flyover(state, "sql", "--json", "--role", "flyover_owner", asked)
    assert json.loads(kept.stdout) == [{"object": "this"}]

    assert flyover(state, "down", "--erase", "--yes").returncode == 0
    assert not state.root.exists()
    assert not processes.marked(f"{state.mark}/postgres")


def test_existing_servers_are_used_and_left_running(state: State, stack_services: Settings, stack_state: State) -> None:
    """What FLYOVER_PG_HOST and FLYOVER_KAFKA_BOOTSTRAP name is another's: neither started nor stopped by us."""
    state = State.open(state.root)
    write_private(state.secrets_file, stack_state.secrets_file.read_text())  # the same roles, the same passwords
    borrowed = {
        **os.environ,
        "FLYOVER_STATE": str(state.root),
        "FLYOVER_KAFKA_BOOTSTRAP": stack_services.kafka_bootstrap,
        "FLYOVER_PG_HOST": stack_services.pg_host,
        "FLYOVER_PG_PORT": str(stack_services.pg_port),
        "FLYOVER_PG_DATABASE": "borrowed",
        "FLYOVER_PG_ADMIN_USER": postgres.SUPERUSER,
        "FLYOVER_PG_ADMIN_PASSWORD": stack_services.secrets.pg_passwords[postgres.SUPERUSER],
    }
    up = flyover(state, "up", "--no-airflow", "--json", env=borrowed)
    assert up.returncode == 0, up.stderr
    assert {services(up)[name]["state"] for name in SERVERS} == {"external"}
    assert flyover(state, "down").returncode == 0
    assert {s.state for s in control.status(stack_state) if s.name in SERVERS} == {"running"}
