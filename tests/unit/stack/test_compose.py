"""docker-compose.yml against stack/: the same versions and settings, loopback only, nothing secret."""

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from pipeline.settings import CHECKOUT, load
from stack import airflow, container, postgres
from stack.kafka import broker, connect, jars
from stack.secrets import ensure_secrets
from stack.state import State

COMPOSE = CHECKOUT / "docker-compose.yml"
MEETING_POINTS = {"KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"}
"""A container has one listener more, for the host: the only setting that cannot be the same."""


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return dict(yaml.safe_load(COMPOSE.read_text())["services"])


def test_images_are_the_versions_of_the_pom_and_the_lock(services: dict[str, Any]) -> None:
    assert services["kafka"]["image"] == f"apache/kafka:{jars.version()}"
    server = postgres.version().rpartition(".")[0]  # the wheel's last number is its packaging
    assert services["postgres"]["image"] == f"postgres:{server}"


def test_kafka_has_the_settings_of_the_stack(services: dict[str, Any]) -> None:
    given = services["kafka"]["environment"]
    wanted = {f"KAFKA_{key.upper().replace('.', '_')}": value for key, value in broker.SHARED_SETTINGS.items()}
    for name in wanted.keys() - MEETING_POINTS:
        assert given[name] == wanted[name], name
    assert given["KAFKA_HEAP_OPTS"].split() == [option for option in broker.HEAP if option.startswith("-Xm")]


def test_postgres_has_the_settings_of_the_stack(services: dict[str, Any]) -> None:
    given = services["postgres"]["command"]
    pairs = dict(setting.split("=", 1) for flag, setting in zip(given[1::2], given[2::2], strict=True) if flag == "-c")
    assert pairs == dict(postgres.SHARED_SETTINGS)
    assert services["postgres"]["environment"]["POSTGRES_HOST_AUTH_METHOD"] == "scram-sha-256"


def test_every_part_of_airflow_has_its_container(services: dict[str, Any]) -> None:
    commands = [service["command"][1] for service in services.values() if service.get("command", [""])[0] == "airflow"]
    assert sorted(commands) == sorted(airflow.COMPONENTS)


def test_change_capture_has_a_container_that_only_its_profile_starts(services: dict[str, Any]) -> None:
    assert services["connect"]["profiles"] == ["capture"]
    assert services["connect"]["command"] == ["connect"]
    assert not services["connect"].get("ports")
    dockerfile = (CHECKOUT / "deploy" / "Dockerfile").read_text()
    stages = re.findall(r"^FROM \S+ AS (\w+)$", dockerfile, re.M)
    assert {service["build"]["target"] for service in services.values() if "build" in service} <= set(stages)


def test_change_captures_worker_is_told_where_containers_meet(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given = yaml.safe_load(COMPOSE.read_text())["x-flyover"]["environment"]
    for name, value in {**given, "FLYOVER_STATE": str(tmp_path / "state")}.items():
        monkeypatch.setenv(name, value)
    container.make_secrets(tmp_path / "superuser")
    known = load()
    assert known.connect_url == f"http://connect:{container.CONNECT_PORT}"
    started = connect.settings(State.open(), known.kafka_bootstrap, container.CONNECT_PORT, listen=container.EVERYWHERE)
    assert started.items() >= connect.SHARED_SETTINGS.items()
    assert (started["bootstrap.servers"], started["listeners"]) == ("kafka:9092", "http://0.0.0.0:8083")
    assert known.secrets.connect_password not in str(started)


def test_containers_get_airflows_settings_from_the_stack(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given = yaml.safe_load(COMPOSE.read_text())["x-flyover"]["environment"]
    for name, value in {**given, "FLYOVER_STATE": str(tmp_path / "state")}.items():
        monkeypatch.setenv(name, value)
    state = State.open()
    container.make_secrets(tmp_path / "superuser")
    env = container.airflow_environment(state)
    assert env.items() >= airflow.SHARED_SETTINGS.items()
    assert "@postgres:5432/airflow" in env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://airflow-api:8080/execution/"
    assert state.stack()["kafka_bootstrap"] == "kafka:9092"
    password = (tmp_path / "superuser").read_text()
    container.make_secrets(tmp_path / "superuser")
    assert (tmp_path / "superuser").read_text() == password == ensure_secrets(state)["pg_passwords"]["postgres"]


def test_the_desk_has_its_container_and_listens_where_its_health_is_asked(services: dict[str, Any]) -> None:
    desk = services["portal"]
    assert desk["command"] == ["portal"]
    assert desk["ports"] == [
        f"127.0.0.1:${{FLYOVER_PORTAL_PUBLISHED:-{container.PORTAL_PORT}}}:{container.PORTAL_PORT}"
    ]
    assert f"answers({container.PORTAL_PORT})" in desk["healthcheck"]["test"][-1]
    given = set(desk["environment"]) - set(yaml.safe_load(COMPOSE.read_text())["x-flyover"]["environment"])
    told = (CHECKOUT / "portal" / "config.py").read_text()
    assert given == set(re.findall(r'environ\.get\("(FLYOVER_PORTAL_\w+)"', told))


def test_ports_are_published_on_loopback_only(services: dict[str, Any]) -> None:
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert len(published) == 4
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_nothing_secret_is_written_down() -> None:
    text = COMPOSE.read_text() + (CHECKOUT / "deploy" / "Dockerfile").read_text()
    assert not re.search(r"(PASSWORD|SECRET|KEY)\w*[:=]\s*[\"']?(?!/run/)\S*[A-Za-z0-9]{8}", text)


def test_the_image_runs_the_pythons_and_the_uv_of_the_launcher() -> None:
    dockerfile = (CHECKOUT / "deploy" / "Dockerfile").read_text()
    launcher = (CHECKOUT / "flyover").read_text()
    wanted = re.search(r'^uv_version="(.+)"', launcher, re.M)
    assert wanted
    assert f"uv=={wanted[1]}" in dockerfile


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed here")
def test_docker_compose_accepts_the_file() -> None:
    done = subprocess.run(
        ["docker-compose", "--file", str(COMPOSE), "config"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    resolved = yaml.safe_load(done.stdout)
    assert set(resolved["services"]) >= {"kafka", "postgres", "airflow-api"}
