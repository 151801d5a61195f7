"""deploy/ against stack/: the same settings, images, users and names on Docker, Kubernetes and one machine."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.settings import CHECKOUT, load
from stack import airflow, container, workers
from stack.kafka import broker, jars, manifests
from stack.secrets import ensure_secrets
from stack.state import State

DEPLOY = CHECKOUT / "deploy"
BASE, SCALE = CHECKOUT / "docker-compose.yml", DEPLOY / "compose.scale.yml"
REPLICATED = {**broker.SHARED_SETTINGS, **broker.REPLICATED_SETTINGS}
NOT_STRIMZIS = {
    "process.roles", "node.id", "controller.listener.names", "inter.broker.listener.name",
    "listener.security.protocol.map",
}  # fmt: skip
"""The operator sets these itself and refuses them."""


def documents(path: Path) -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all(path.read_text(encoding="utf-8")) if document]


@pytest.fixture(scope="module")
def scaled() -> dict[str, Any]:
    return dict(yaml.safe_load(SCALE.read_text())["services"])


def test_three_brokers_in_containers_have_the_settings_of_the_stack(scaled: dict[str, Any]) -> None:
    brokers = {name: scaled[name]["environment"] for name in ("kafka", "kafka-2", "kafka-3")}
    alone = yaml.safe_load(BASE.read_text())["services"]["kafka"]
    numbers = set()
    for name, found in brokers.items():
        for key, value in REPLICATED.items():
            if key not in {"node.id", "listener.security.protocol.map"}:
                assert found[f"KAFKA_{key.upper().replace('.', '_')}"] == value, (name, key)
        whole = {**alone["environment"], **found}
        numbers.add(whole["KAFKA_NODE_ID"])
        assert whole["KAFKA_ADVERTISED_LISTENERS"].startswith(f"PLAINTEXT://{name}:9092,EXTERNAL://127.0.0.1:")
        assert whole["KAFKA_LISTENERS"] == alone["environment"]["KAFKA_LISTENERS"]
        assert {**alone, **scaled[name]}["image"] == f"apache/kafka:{jars.version()}"
    assert numbers == {"1", "2", "3"}
    assert len({found["CLUSTER_ID"] for found in brokers.values()}) == 1
    voters = {found["KAFKA_CONTROLLER_QUORUM_VOTERS"] for found in brokers.values()}
    assert voters == {"1@kafka:9093,2@kafka-2:9093,3@kafka-3:9093"}


def test_every_process_of_ours_is_told_of_all_brokers_and_of_celery(scaled: dict[str, Any]) -> None:
    base = yaml.safe_load(BASE.read_text())
    ours = {name for name, service in base["services"].items() if "FLYOVER_STATE" in service.get("environment", {})}
    assert ours <= scaled.keys()
    for name in (*ours, workers.WORKER):
        found = scaled[name]["environment"]
        assert found["FLYOVER_KAFKA_BOOTSTRAP"] == "kafka:9092,kafka-2:9092,kafka-3:9092"
        assert (found[workers.SETTING], found[workers.BROKER_SETTING]) == ("celery", "redis:6379")
    told, worker = base["x-flyover"]["environment"], scaled[workers.WORKER]["environment"]
    assert told.keys() - worker.keys() == {"FLYOVER_PG_PASSWORD_FILE"}, "a worker is told what the others are"
    assert all(worker[name] == told[name] for name in told.keys() & worker.keys() - {"FLYOVER_KAFKA_BOOTSTRAP"})
    assert scaled[workers.WORKER]["deploy"]["replicas"] == 2
    assert base["services"]["sink"]["command"] == ["flyover", "sink", "--group", "landing"]


def test_a_worker_in_a_container_takes_tasks_from_redis(
    scaled: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {**yaml.safe_load(BASE.read_text())["x-flyover"]["environment"], **scaled["secrets"]["environment"]}
    for name, value in {**given, "FLYOVER_STATE": str(tmp_path / "state")}.items():
        monkeypatch.setenv(name, value)
    container.make_secrets(tmp_path / "superuser", tmp_path / "redis.conf")
    password = ensure_secrets(State.open())[workers.PASSWORD]
    env = container.airflow_environment(State.open())
    assert env.items() >= {**airflow.SHARED_SETTINGS, **workers.SHARED_SETTINGS}.items()
    assert env["AIRFLOW__CELERY__BROKER_URL"] == f"redis://:{password}@redis:6379/0"
    assert f"requirepass {password}\n" in (tmp_path / "redis.conf").read_text()
    assert load().kafka_bootstrap.count(",") == 2
    monkeypatch.setenv(workers.BROKER_SETTING, "redis://:theirs@elsewhere:6379/0")
    assert container.airflow_environment(State.open())["AIRFLOW__CELERY__BROKER_URL"].startswith("redis://:theirs@")


def test_strimzi_gets_the_brokers_settings_and_a_topic_for_every_contract() -> None:
    *pools, cluster = documents(DEPLOY / "strimzi" / "kafka.yaml")
    spec = cluster["spec"]["kafka"]
    assert spec["version"] == jars.version()
    for key, value in spec["config"].items():
        written = str(value).lower() if isinstance(value, bool) else str(value)
        assert written == REPLICATED[key], key
    assert broker.REPLICATED_SETTINGS.keys() <= spec["config"].keys()
    assert not NOT_STRIMZIS & spec["config"].keys()
    assert {role: pool["spec"]["replicas"] for pool in pools for role in pool["spec"]["roles"]} == {
        "controller": 3,
        "broker": 3,
    }
    made = documents(DEPLOY / "strimzi" / "topics.yaml")
    assert made == manifests.topics(), "python -m stack.kafka.manifests > deploy/strimzi/topics.yaml"
    clusters = {each["metadata"]["labels"]["strimzi.io/cluster"] for each in (*pools, *made)}
    assert clusters == {cluster["metadata"]["name"]} == {manifests.CLUSTER}


def test_the_airflow_chart_starts_our_container_in_every_part() -> None:
    values = yaml.safe_load((DEPLOY / "helm" / "airflow-values.yaml").read_text())
    parts = {
        "airflow-api": values["apiServer"],
        "airflow-scheduler": values["scheduler"],
        "airflow-dag-processor": values["dagProcessor"],
        "airflow-triggerer": values["triggerer"],
        workers.WORKER: values["workers"]["celery"],
    }
    assert parts.keys() == {*airflow.COMPONENTS, workers.WORKER}
    for name, part in parts.items():
        assert (part["command"], part["args"]) == (["python", "-m", "stack.container"], ["airflow", name])
        assert part["waitForMigrations"] == {"enabled": False}, "the chart knows no database of ours"
    assert values["workers"]["celery"]["replicas"] == 2
    assert values["airflowVersion"] == airflow.version()
    assert values["executor"] == workers.SHARED_SETTINGS["AIRFLOW__CORE__EXECUTOR"]


def test_kubernetes_pods_agree_about_image_user_state_and_addresses() -> None:
    values = yaml.safe_load((DEPLOY / "helm" / "airflow-values.yaml").read_text())
    manifested = documents(DEPLOY / "kubernetes" / "flyover.yaml")
    by_kind = {document["kind"]: document for document in manifested}
    assert {each["name"]: each["value"] for each in values["env"]} == by_kind["ConfigMap"]["data"]
    image = f"{values['images']['airflow']['repository']}:{values['images']['airflow']['tag']}"
    pods = [d["spec"]["template"]["spec"] for d in manifested if d["kind"] in ("Job", "Deployment")]
    assert {c["image"] for pod in pods for c in (*pod["containers"], *pod.get("initContainers", ()))} == {image}
    assert yaml.safe_load(SCALE.read_text())["x-image"]["image"] == image
    uid = re.search(r"--uid (\d+) --gid (\d+)", (DEPLOY / "Dockerfile").read_text())
    assert uid
    for pod in pods:
        found = pod["securityContext"]
        assert (found["runAsUser"], found["runAsGroup"]) == (int(uid[1]), int(uid[2])) == (values["uid"], values["gid"])
    claims = {v["persistentVolumeClaim"]["claimName"] for pod in (*pods, values) for v in pod["volumes"]}
    assert claims == {by_kind["PersistentVolumeClaim"]["metadata"]["name"]}


def test_nothing_secret_is_written_down() -> None:
    for path in DEPLOY.rglob("*.y*ml"):
        assert not re.search(r"(?i)(password|secret|key):\s*[\"']?[A-Za-z0-9+/=]{12,}", path.read_text()), path


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed here")
def test_docker_compose_accepts_both_files_together() -> None:
    command = ["docker-compose", "--file", str(BASE), "--file", str(SCALE), "--profile", "sink", "config"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    resolved = yaml.safe_load(done.stdout)["services"]
    assert resolved["kafka"]["environment"]["KAFKA_MIN_INSYNC_REPLICAS"] == "2"
    published = [port for service in resolved.values() for port in service.get("ports", ())]
    assert len(published) == 6
    assert all(str(port).startswith("127.0.0.1:") for port in published)
