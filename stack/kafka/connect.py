"""Kafka Connect, one standalone worker for all agencies whose changes are captured: its settings and its process.

The worker starts empty; :mod:`connectors.capture.tending` hands it one connector an agency, and again after a restart.
What it must remember (how far each database's log was read) is a file of the state directory. Its REST interface
listens on loopback and asks for a password: whoever may make connectors could read our files with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import httpx

from connectors.capture import tending, worker
from connectors.capture.feeds import Feed
from pipeline.errors import FlyoverError
from pipeline.settings import Settings
from stack.kafka import jars
from stack.ports import LOOPBACK
from stack.state import State, write_private
from stack.supervisor import Service, Supervisor, clean_environment

Progress = Callable[[str], None]
NAME = "connect"
PORTS = ("connect",)
READY_SECONDS = 120.0
HEAP = ("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC")

SHARED_SETTINGS: Mapping[str, str] = {
    "key.converter": "org.apache.kafka.connect.json.JsonConverter",
    "key.converter.schemas.enable": "false",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter.schemas.enable": "false",
    "plugin.discovery": "service_load",
    "offset.flush.interval.ms": "5000",  # what is read again after a kill, and how long the database keeps its log
    "producer.compression.type": "lz4",
    "producer.max.request.size": str(10 * 1024 * 1024),
    "producer.linger.ms": "20",
    "topic.creation.enable": "true",
    "connector.client.config.override.policy": "None",
    "config.providers": "file",
    "config.providers.file.class": "org.apache.kafka.common.config.provider.FileConfigProvider",
    "rest.extension.classes": "org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension",
}
"""Settings that hold wherever the worker runs."""


def home(state: State) -> Path:
    """Where the worker keeps what it must remember."""
    return state.root / "connect"


def settings(state: State, kafka_bootstrap: str, port: int, *, listen: str = LOOPBACK) -> dict[str, str]:
    """The whole worker.properties; holds no secret, only where they lie."""
    return {
        **SHARED_SETTINGS,
        "bootstrap.servers": kafka_bootstrap,
        "listeners": f"http://{listen}:{port}",
        "plugin.path": str(jars.jars_directory("debezium").parent),
        "offset.storage.file.filename": str(home(state) / "offsets"),
        "config.providers.file.param.allowed.paths": str(worker.credentials_folder(state.root)),
    }


def prepare(state: State, known: Settings, port: int, password: str, *, listen: str = LOOPBACK) -> Service:
    """Write the settings and say how to start."""
    place = home(state)
    place.mkdir(exist_ok=True, mode=0o700)
    worker.credentials_folder(state.root).mkdir(exist_ok=True, mode=0o700)
    properties, users, login = place / "worker.properties", place / "users.properties", place / "login.conf"
    given = settings(state, known.kafka_bootstrap, port, listen=listen)
    write_private(properties, "".join(f"{key}={value}\n" for key, value in given.items()))
    write_private(users, f"{worker.USER}={password}\n")
    write_private(
        login,
        "KafkaConnect {\n"
        "  org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule required\n"
        f'  file="{users}";\n'
        "};\n",
    )
    libraries = jars.ensure_jars("connect")
    jars.ensure_jars("debezium")
    configuration = Path(__file__).with_name("log4j2.xml")
    return Service(
        name=NAME,
        argv=[
            jars.java(),
            *HEAP,
            f"-Dlog4j2.configurationFile={configuration.as_uri()}",
            f"-Dflyover.kafka.log={state.logs / 'connect-worker.log'}",
            f"-Djava.security.auth.login.config={login}",
            "-cp",
            f"{libraries}/*",
            "org.apache.kafka.connect.cli.ConnectStandalone",
            str(properties),
        ],
        env=clean_environment(),
        cwd=place,
        version=f"{jars.version()}, Debezium {jars.version('debezium')}",
        port=port,
        grace_seconds=30.0,
    )


def start(
    state: State, supervisor: Supervisor, known: Settings, password: str, feeds: Sequence[Feed], progress: Progress
) -> None:
    """Start the worker unless it runs, and give it the connectors of these feeds and no others.

    A feed whose database is away or refuses us stops no other: it is said, and tried again with each pull.
    """
    at = worker.of(known)
    if not supervisor.running(NAME):
        progress("Kafka Connect: starting")
        supervisor.start(prepare(state, known, httpx.URL(at.url).port or 0, password))
    supervisor.wait_ready(NAME, at.answers, READY_SECONDS)
    for stranger in set(at.connectors()) - {feed.code for feed in feeds}:
        at.delete(stranger)
        progress(f"{stranger}: no longer captured; ./flyover changes undo {stranger} frees its database")
    for feed in feeds:
        try:
            tending.ensure(known, feed)
        except FlyoverError as error:
            progress(f"{feed.code}: not captured yet: {error}")
    progress(f"Kafka Connect: ready at {at.url}, capturing {', '.join(feed.code for feed in feeds)}")
