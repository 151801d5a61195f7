"""What runs inside the containers of docker-compose.yml: the same code as ./flyover up, one process at a time.

    python -m stack.container secrets          make the secrets, hand the database server its own
    python -m stack.container prepare          roles, databases, migrations, Airflow's metadata
    python -m stack.container airflow NAME     become one of Airflow's processes (airflow-worker: one of Celery's)
    python -m stack.container connect          become Kafka Connect
    python -m stack.container portal           become the agencies' desk
    python -m stack.container flyover ARGS     the command line

Addresses come from the environment (FLYOVER_PG_HOST, FLYOVER_KAFKA_BOOTSTRAP, …); secrets live in a volume.
"""

import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

from connectors.capture import worker
from pipeline import migrations
from pipeline.errors import ConfigurationError
from pipeline.settings import load
from stack import airflow, control, database, portal, postgres, workers
from stack.kafka import connect
from stack.secrets import ensure_secrets
from stack.state import State, write_private

AIRFLOW_PORT, CONNECT_PORT, PORTAL_PORT = 8080, 8083, 8090
EVERYWHERE = "0.0.0.0"  # noqa: S104  inside a container; the published port is bound to loopback


def make_secrets(password_file: Path, redis_file: Path | None = None) -> None:
    """Make what is not there yet; what database server and Redis must know goes where only they look."""
    state = State.open()
    secrets = ensure_secrets(state)
    control.write_addresses(state, {"kafka": 9092, "postgres": 5432, "airflow": AIRFLOW_PORT, "portal": PORTAL_PORT})
    write_private(password_file, secrets["pg_passwords"][postgres.SUPERUSER])
    password_file.chmod(0o444)  # the server's entry point reads it as another user; the volume is theirs alone
    if redis_file:
        write_private(redis_file, workers.redis_settings(6379, secrets[workers.PASSWORD], "/data"))
        redis_file.chmod(0o444)


def prepare() -> None:
    """Everything the long-lived containers take for granted; safe to repeat."""
    state = State.open()
    secrets = ensure_secrets(state)
    os.environ.setdefault("FLYOVER_PG_ADMIN_PASSWORD", secrets["pg_passwords"][postgres.SUPERUSER])
    settings = load()
    database.bootstrap(settings)
    migrations.apply(settings)
    airflow.migrate(state, airflow_environment(state), secrets["airflow_admin_password"])


def airflow_environment(state: State) -> dict[str, str]:
    """The environment of ./flyover up, with the addresses of containers."""
    secrets = ensure_secrets(state)
    env = airflow.environment(
        state,
        load(),
        secrets,
        AIRFLOW_PORT,
        listen=EVERYWHERE,
        inside_url=os.environ.get("FLYOVER_AIRFLOW_INSIDE_URL"),
    )
    is_celery = os.environ.get(workers.SETTING) == "celery"
    return {**env, **(workers.environment(secrets, {}) if is_celery else {})}


def become_airflow(name: str) -> NoReturn:
    """Replace this process by one of Airflow's."""
    known = (*airflow.COMPONENTS, workers.WORKER)
    if name not in known:
        raise ConfigurationError(f"no part of Airflow is named {name}; there are: {', '.join(known)}")
    state = State.open()
    env = airflow_environment(state)
    if name == workers.WORKER:
        service = workers.worker(state, env, f"{name}-{socket.gethostname()}")
    else:
        service = next(s for s in airflow.services(state, env, AIRFLOW_PORT) if s.name == name)
    os.chdir(service.cwd)
    os.execve(service.argv[0], list(service.argv), env)


def become_connect() -> NoReturn:
    """Replace this process by Kafka Connect; whoever pulls gives it its connectors."""
    state, settings = State.open(), load()
    service = connect.prepare(state, settings, CONNECT_PORT, settings.secrets.connect_password, listen=EVERYWHERE)
    os.chdir(service.cwd)
    os.execve(service.argv[0], list(service.argv), dict(service.env))


def become_portal() -> NoReturn:
    """Replace this process by the agencies' desk."""
    service = portal.service(State.open(), PORTAL_PORT, listen=EVERYWHERE)
    os.chdir(service.cwd)
    os.execve(service.argv[0], list(service.argv), dict(service.env))


def connect_answers() -> bool:
    """Whether Kafka Connect answers, for its container's health check."""
    return worker.of(load()).answers()


def main(arguments: list[str]) -> None:
    """Do what the container was started for."""
    match arguments:
        case ["secrets"]:
            redis = os.environ.get("FLYOVER_REDIS_FILE")
            make_secrets(Path(os.environ["FLYOVER_PG_PASSWORD_FILE"]), Path(redis) if redis else None)
        case ["prepare"]:
            prepare()
        case ["airflow", name]:
            become_airflow(name)
        case ["connect"]:
            become_connect()
        case ["portal"]:
            become_portal()
        case ["flyover", *rest]:
            os.execv(sys.executable, [sys.executable, "-m", "cli.main", *rest])
        case _:
            raise ConfigurationError(f"a container cannot do {' '.join(arguments) or 'nothing'}")


if __name__ == "__main__":
    main(sys.argv[1:])
