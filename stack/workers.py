"""Airflow's tasks by Celery: workers, on one machine or many, that take them from Redis.

Chosen with FLYOVER_EXECUTOR=celery and kept until another is chosen; takes effect when Airflow starts. Redis is
Debian's redis-server, ours on loopback with a password; FLYOVER_CELERY_BROKER names another (a URL, or host:port of one
that has our password).
"""

import importlib.util
import os
import shutil
import socket
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from pipeline.errors import ConfigurationError, SystemTrouble
from stack import airflow
from stack.ports import LOOPBACK
from stack.state import State, write_private
from stack.supervisor import Service, Supervisor, clean_environment

EXECUTORS = ("local", "celery")
SETTING, COUNT_SETTING, BROKER_SETTING = "FLYOVER_EXECUTOR", "FLYOVER_CELERY_WORKERS", "FLYOVER_CELERY_BROKER"
REDIS, WORKER = "redis", "airflow-worker"
PORTS = ("redis",)
READY_SECONDS = 30.0
PASSWORD = "celery_broker_password"  # noqa: S105 - where it lies in secrets.json
DEFAULT_WORKERS = 2

SHARED_SETTINGS: Mapping[str, str] = {
    "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
    "AIRFLOW__CELERY__WORKER_CONCURRENCY": "2",  # two workers do as many tasks at a time as the one machine did
    "AIRFLOW__CELERY__WORKER_PREFETCH_MULTIPLIER": "1",  # a task waits where any worker may take it
    "AIRFLOW__CELERY__TASK_ACKS_LATE": "True",
    "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": "86400",  # longer than any task of ours may take
}
"""What is otherwise with Celery, wherever it runs; deploy/ repeats it and a test compares."""


def choose(state: State) -> int:
    """Keep what was asked for; how many workers there shall be, none with the LocalExecutor.

    :raises ConfigurationError: when the executor is unknown, or what Celery needs is not installed
    """
    asked = os.environ.get(SETTING)
    if asked and asked not in EXECUTORS:
        raise ConfigurationError(f"{SETTING}={asked}: there are {', '.join(EXECUTORS)}")
    if asked:
        count = int(os.environ.get(COUNT_SETTING) or DEFAULT_WORKERS) if asked == "celery" else 0
        state.update_stack(celery_workers=count)
    if chosen := workers(state):
        _check_installed()
        return chosen
    return 0


def workers(state: State) -> int:
    """How many workers this machine runs."""
    return int(state.stack().get("celery_workers", 0))


def is_external() -> bool:
    """Whether Redis is another's."""
    return bool(os.environ.get(BROKER_SETTING))


def service_names(state: State) -> list[str]:
    """Services of ours that Celery needs here, in the order they start."""
    found = [f"{WORKER}-{number}" for number in range(1, workers(state) + 1)]
    return [REDIS, *found] if found and not is_external() else found


def port_names(state: State) -> tuple[str, ...]:
    """Ports these listen on."""
    return PORTS if REDIS in service_names(state) else ()


def environment(secrets: Mapping[str, Any], ports: Mapping[str, int]) -> dict[str, str]:
    """What every process of Airflow has to know more."""
    named = os.environ.get(BROKER_SETTING) or f"{LOOPBACK}:{ports[PORTS[0]]}"
    url = named if "://" in named else f"redis://:{secrets[PASSWORD]}@{named}/0"
    return {**SHARED_SETTINGS, "AIRFLOW__CELERY__BROKER_URL": url}


def start_redis(state: State, supervisor: Supervisor, secrets: Mapping[str, Any], ports: Mapping[str, int]) -> None:
    """Start Redis unless it runs, or is another's."""
    if is_external():
        return
    port, password = ports[PORTS[0]], secrets[PASSWORD]
    if not supervisor.running(REDIS):
        supervisor.start(_redis(state, port, password))
    supervisor.wait_ready(REDIS, partial(redis_answers, port, password), READY_SECONDS)


def services(state: State, env: Mapping[str, str]) -> list[Service]:
    """The workers of this machine."""
    return [worker(state, env, f"{WORKER}-{number}") for number in range(1, workers(state) + 1)]


def worker(state: State, env: Mapping[str, str], name: str) -> Service:
    """One worker; its log files lie where the page looks for them."""
    place = airflow.home(state)
    options = ["--celery-hostname", f"{name}@%h", "--skip-serve-logs"]
    return Service(
        name=name,
        argv=[sys.executable, "-m", "stack.airflow_worker", *options],
        env=env,
        cwd=place,
        version=airflow.version(),
        grace_seconds=60.0,  # it lets its tasks end
    )


def redis_settings(port: int, password: str, folder: str) -> str:
    """Redis' configuration file, which holds its password: queued tasks outlive a restart."""
    lines = {"port": str(port), "dir": folder, "requirepass": password, "appendonly": "yes", "save": '""'}
    return "".join(f"{key} {value}\n" for key, value in lines.items())


def redis_answers(port: int, password: str) -> bool:
    """Whether Redis takes our password and answers."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2.0) as link:
            link.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            link.settimeout(2.0)
            answer = b""
            while answer.count(b"\r\n") < 2 and (part := link.recv(256)):
                answer += part
    except OSError:
        return False
    return answer == b"+OK\r\n+PONG\r\n"


def _redis(state: State, port: int, password: str) -> Service:
    folder = state.root / REDIS
    folder.mkdir(exist_ok=True, mode=0o700)
    configuration = folder / "redis.conf"
    write_private(configuration, f"bind {LOOPBACK}\n{redis_settings(port, password, str(folder))}")
    return Service(
        name=REDIS,
        argv=[_redis_program(), str(configuration)],
        env=clean_environment(),
        cwd=folder,
        version="Debian's",
        port=port,
    )


def _check_installed() -> None:
    if importlib.util.find_spec("airflow.providers.celery") is None:
        raise ConfigurationError(f"{SETTING}=celery needs more than is installed: FLYOVER_EXTRAS=celery ./flyover up")
    if not is_external():
        _redis_program()


def _redis_program() -> str:
    found = shutil.which("redis-server")
    if found is None:
        raise SystemTrouble(
            f"there is no redis-server: sudo apt-get install -y redis-server, or name one with {BROKER_SETTING}"
        )
    return found


def answers(state: State, secrets: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
    """How to ask each of these services whether it answers, by name; a worker that lives takes tasks."""
    ask_redis = partial(redis_answers, password=secrets.get(PASSWORD, ""))
    return [(name, ask_redis if name == REDIS else lambda _port: True) for name in service_names(state)]
