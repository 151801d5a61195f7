"""Airflow on the real servers: who may log in, what it listens on, what happens when a part of it is killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx
import psutil
import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from pipeline.errors import BadInput
from pipeline.settings import CHECKOUT
from stack import airflow, airflow_api, airflow_people, airflow_roles, control, postgres, processes
from stack.kafka import broker, connect
from stack.supervisor import Supervisor

pytestmark = pytest.mark.airflow


def test_all_parts_are_healthy_and_listen_on_loopback_only(airflow_stack: Any) -> None:
    states = {service.name: service.state for service in control.status(airflow_stack.state)}
    started = {broker.NAME, *control.SERVICES} - {connect.NAME}  # no database is captured here
    assert states == dict.fromkeys(started, "running")
    for name in airflow.COMPONENTS:
        pids = processes.marked(f"{airflow_stack.state.mark}/{name}")
        assert pids
        listening = {
            connection.laddr.ip
            for pid in pids
            for connection in psutil.Process(pid).net_connections(kind="inet")
            if connection.status == psutil.CONN_LISTEN
        }
        assert listening <= {"127.0.0.1"}, name


def test_only_the_generated_password_logs_in(airflow_stack: Any) -> None:
    assert airflow_stack.call("GET", "/dags?limit=1")["total_entries"] >= 0
    refused = httpx.post(f"{airflow_stack.url}/auth/token", json={"username": "admin", "password": "admin"}, timeout=30)
    assert refused.status_code == 401
    assert httpx.get(f"{airflow_stack.url}/api/v2/dags", timeout=30).status_code in {401, 403}


def test_people_may_do_in_airflow_what_their_role_says_and_no_more(airflow_stack: Any) -> None:
    house = airflow_api.of(airflow_stack.state)
    doors = {
        role: door(airflow_stack, person(role), airflow_people.add(airflow_stack.settings, house, person(role), role))
        for role in airflow_roles.ROLES
    }
    dag = "/dags/publish__release"
    allowed = {
        "engineer": [("GET", "/dags"), ("GET", "/importErrors"), ("GET", "/dagSources/publish__release"),
                     ("PATCH", dag), ("POST", f"{dag}/dagRuns")],
        "quality_officer": [("GET", "/dags"), ("GET", f"{dag}/dagRuns")],
    }  # fmt: skip
    refused = {
        "engineer": [("GET", "/connections"), ("GET", "/variables"), ("GET", "/config"), ("DELETE", dag),
                     ("POST", "/variables"), ("POST", "/connections")],
        "quality_officer": [("GET", "/connections"), ("GET", "/variables"), ("GET", "/config"), ("PATCH", dag),
                            ("POST", f"{dag}/dagRuns"), ("GET", "/dagSources/publish__release"), ("DELETE", dag)],
    }  # fmt: skip
    bodies = {"PATCH": {"is_paused": True}, "POST": {"logical_date": None, "key": "k", "value": "v",
              "connection_id": "c", "conn_type": "x"}}  # fmt: skip
    for role, ask in doors.items():
        for method, path in allowed[role]:
            body = {"logical_date": None} if path.endswith("dagRuns") else bodies.get(method)
            assert ask(method, f"/api/v2{path}", body if method != "GET" else None) < 400, (role, method, path)
        for method, path in refused[role]:
            assert ask(method, f"/api/v2{path}", bodies.get(method)) == 403, (role, method, path)
        for method in ("GET", "POST"):
            assert ask(method, "/auth/fab/v1/users", {"username": "x"} if method == "POST" else None) in {403, 422}
    assert doors["quality_officer"]("GET", "/auth/fab/v1/users", None) == 403
    airflow_people.remove(airflow_stack.settings, house, person("engineer"))
    wait = Retrying(
        stop=stop_after_delay(30), wait=wait_fixed(0.5), retry=retry_if_result(lambda status: status == 200)
    )
    assert wait(doors["engineer"], "GET", "/api/v2/dags", None) in {401, 403}, "a token outlives its account"
    with pytest.raises(BadInput, match="house's own"):
        airflow_people.remove(airflow_stack.settings, house, airflow.ADMIN)


def person(role: str) -> str:
    return f"one.{role.replace('_', '-')}"


def door(airflow_stack: Any, name: str, password: str) -> Callable[[str, str, Any], int]:
    """Asks as a person; the status that is answered."""
    login = httpx.post(f"{airflow_stack.url}/auth/token", json={"username": name, "password": password}, timeout=30)
    bearer = {"Authorization": f"Bearer {login.json()['access_token']}"}

    def ask(method: str, path: str, body: Any) -> int:
        return httpx.request(method, airflow_stack.url + path, json=body, headers=bearer, timeout=30).status_code

    return ask


def test_a_killed_scheduler_is_seen_and_started_again(airflow_stack: Any) -> None:
    supervisor = Supervisor(airflow_stack.state)
    before = supervisor.running("airflow-scheduler")
    assert before is not None
    orphans = set(processes.marked(f"{airflow_stack.state.mark}/airflow-scheduler")) - {before.pid}
    assert orphans, "LocalExecutor's workers, which outlive a killed scheduler"
    os.kill(before.pid, signal.SIGKILL)
    assert not processes.wait_gone({before.pid: before.start_ticks}, 10)
    states = {service.name: service.state for service in control.status(airflow_stack.state)}
    assert states["airflow-scheduler"] == "died"
    control.up(lambda _message: None, state=airflow_stack.state)
    after = supervisor.running("airflow-scheduler")
    assert after is not None
    assert after.pid != before.pid
    assert not orphans & set(processes.marked(f"{airflow_stack.state.mark}/airflow-scheduler"))


def test_a_container_prepares_the_same_stack(airflow_stack: Any, tmp_path: Any) -> None:
    """The one-shot containers' code, outside a container, against servers it did not start; twice."""
    settings, state = airflow_stack.settings, tmp_path / "state"
    state.mkdir(mode=0o700)
    (state / "secrets.json").write_text(airflow_stack.state.secrets_file.read_text())
    env = {
        **os.environ,
        "FLYOVER_STATE": str(state),
        "FLYOVER_PG_HOST": settings.pg_host,
        "FLYOVER_PG_PORT": str(settings.pg_port),
        "FLYOVER_PG_PASSWORD_FILE": str(tmp_path / "superuser"),
        "FLYOVER_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
    }
    for step in ("secrets", "prepare", "prepare"):
        done = subprocess.run(
            [sys.executable, "-m", "stack.container", step],
            cwd=CHECKOUT, env=env, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "superuser").read_text() == settings.secrets.pg_passwords[postgres.SUPERUSER]
    assert (state / "airflow" / "metadata.json").exists()
