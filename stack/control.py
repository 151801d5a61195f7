"""Up, down and status of the whole stack; everything here may be repeated."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from connectors.capture import feeds, worker
from connectors.capture.feeds import Feed
from connectors.registry import Agency
from pipeline import migrations
from pipeline.settings import CHECKOUT, Settings, load
from stack import airflow, database, portal, postgres, simulated, site, workers
from stack.kafka import broker, cluster, connect
from stack.ports import LOOPBACK, keep_ports
from stack.secrets import ensure_secrets
from stack.state import State
from stack.supervisor import Supervisor

Progress = Callable[[str], None]
SERVICES = (postgres.NAME, connect.NAME, *airflow.COMPONENTS, portal.NAME)
"""Besides the brokers, of which there may be several."""


@dataclass(frozen=True)
class ServiceStatus:
    """How one service is; `state` is running, starting, not answering, stopped, died, or external."""

    name: str
    state: str
    pid: int | None
    port: int | None
    uptime_seconds: int | None
    version: str | None
    log: str


def up(
    progress: Progress, *, with_airflow: bool = True, state: State | None = None, capture: Sequence[str] = ()
) -> Settings:
    """Start what does not run yet, in parallel, and wait until it answers.

    Kafka Connect is part of it when an agency's changes are captured: one that is not paused, or one named in
    ``capture`` now or before.

    :raises SystemTrouble: naming the service that did not start, with the end of its log
    """
    state = state or State.open()
    with state.locked(progress):
        supervisor = Supervisor(state)
        secrets = ensure_secrets(state)
        if capture:
            state.update_stack(captured=sorted({*state.stack().get("captured", ()), *capture}))
        captured = captured_feeds(state, progress)
        cluster.choose(state)
        workers.choose(state)
        ports = _assign_ports(state, supervisor, is_capturing=bool(captured))
        write_addresses(state, ports)
        settings = load({"FLYOVER_STATE": str(state.root)})
        with ThreadPoolExecutor(max_workers=4) as pool:
            kafka = pool.submit(cluster.start, state, supervisor, ports, progress)
            pages = pool.submit(site.missing_because, progress) if with_airflow else None
            changes = pool.submit(_start_connect, state, supervisor, kafka, captured, secrets, settings, progress)
            _start_postgres(state, supervisor, ports, secrets, settings, progress)
            schema = pool.submit(_migrate, settings, progress)
            if with_airflow:
                _start_airflow(state, supervisor, ports, secrets, settings, progress)
            schema.result()
            if with_airflow:  # what is handed in waits for Airflow
                _start_portal(state, supervisor, ports, progress)
            kafka.result()
            changes.result()
            if pages:
                state.update_stack(pages_trouble=pages.result())
        return settings


def down(progress: Progress, *, state: State | None = None) -> list[str]:
    """Stop what we started, last started first; returns the names of what ran."""
    state = state or State.open()
    with state.locked(progress):
        supervisor = Supervisor(state)
        brokers = [node.name for node in cluster.nodes(state)]
        servers = (*brokers, postgres.NAME, *simulated.known(state))
        celery = [name for name in workers.service_names(state) if name != workers.REDIS]
        waves = ((portal.NAME, *airflow.COMPONENTS, *celery, connect.NAME), (*servers, workers.REDIS))
        stopped: list[str] = []
        with ThreadPoolExecutor(max_workers=len(SERVICES) + len(brokers) + len(celery)) as pool:
            for wave in waves:
                for name, ran in zip(wave, pool.map(supervisor.stop, wave), strict=True):
                    if ran:
                        progress(f"{name} stopped")
                        stopped.append(name)
        return stopped


def erase(progress: Progress, *, state: State | None = None) -> None:
    """Stop everything and remove this state directory's data for good."""
    state = state or State.open()
    down(progress, state=state)
    simulated.erase(state)
    postgres.erase(state)
    state.remove()
    progress(f"{state.root} removed")


def status(state: State | None = None) -> list[ServiceStatus]:
    """Every service, whether it was ever started or not; Kafka Connect only where it ever was."""
    state = state or State.open()
    supervisor = Supervisor(state)
    is_capturing = "connect_url" in state.stack()
    health = airflow.health(state.stack().get("ports", {}).get("airflow", 0))
    brokers = [node.name for node in cluster.nodes(state)]
    answers: dict[str, Callable[[int], bool]] = {
        **dict.fromkeys(brokers, broker.answers),
        postgres.NAME: postgres.answers,
        portal.NAME: portal.answers,
    }
    for name, healthy in health.items():
        answers[name] = partial(_known, healthy)
    if is_capturing:
        settings = load({"FLYOVER_STATE": str(state.root)})
        answers[connect.NAME] = lambda _port: worker.of(settings).answers()
    databases = simulated.known(state)
    answers.update(dict.fromkeys(databases, postgres.answers))
    celery = workers.service_names(state)
    answers.update(workers.answers(state, ensure_secrets(state) if celery else {}))
    named = (*brokers, *SERVICES, *celery, *databases)
    return [_service_status(supervisor, name, answers[name]) for name in named if name in answers]


def _known(healthy: bool, _port: int) -> bool:
    return healthy


def _service_status(supervisor: Supervisor, name: str, answers: Callable[[int], bool]) -> ServiceStatus:
    record = supervisor.record(name)
    alive = record is not None and record.is_alive()
    if record is None:
        state = "external" if name in _borrowed() else "stopped"
    elif not alive:
        state = "died"
    elif answers(record.port or 0):
        state = "running"
    else:
        state = "starting" if time.time() - record.started_at < airflow.READY_SECONDS else "not answering"
    return ServiceStatus(
        name=name,
        state=state,
        pid=record.pid if record and alive else None,
        port=record.port if record else None,
        uptime_seconds=int(time.time() - record.started_at) if record and alive else None,
        version=record.version if record else None,
        log=str(supervisor.log_path(name)),
    )


def _borrowed() -> set[str]:
    known = {broker.NAME: broker.is_external(), postgres.NAME: database.is_external()}
    return {name for name, external in known.items() if external}


def captured_feeds(state: State, say: Progress) -> list[Feed]:
    """Feeds of the agencies whose changes this stack captures."""
    woken = set(state.stack().get("captured", ()))
    return _feeds(lambda agency: not agency.paused or agency.agency_code in woken, say)


def watched_feeds(state: State, say: Progress) -> list[Feed]:
    """Those, and the paused ones whose database we can look into: it may keep its log for us all the same."""
    woken, kept = set(state.stack().get("captured", ())), state.root / "credentials"
    return _feeds(
        lambda agency: (
            not agency.paused or agency.agency_code in woken or (kept / f"{agency.agency_code}.json").exists()
        ),
        say,
    )


def _feeds(wanted: Callable[[Agency], bool], say: Progress) -> list[Feed]:
    return feeds.read(CHECKOUT / "connectors" / "agencies", CHECKOUT / "contracts", wanted, say)


def _assign_ports(state: State, supervisor: Supervisor, *, is_capturing: bool = False) -> dict[str, int]:
    owners: dict[str, tuple[str, ...]] = {
        **{node.name: node.ports for node in cluster.nodes(state)},
        postgres.NAME: postgres.PORTS,
        "airflow-api": airflow.PORTS,
        portal.NAME: portal.PORTS,
        workers.REDIS: workers.port_names(state),
    }
    if is_capturing:
        owners[connect.NAME] = connect.PORTS
    held = {port for name, ports in owners.items() if supervisor.running(name) for port in ports}
    names = [port for ports in owners.values() for port in ports]
    return keep_ports(state, names, frozenset(held))


def write_addresses(state: State, ports: dict[str, int]) -> None:
    """Tell `pipeline.settings` where everything is; what the environment names is another's and comes first."""
    state.update_stack(
        kafka_bootstrap=os.environ.get("FLYOVER_KAFKA_BOOTSTRAP") or cluster.bootstrap(state, ports),
        pg_host=os.environ.get("FLYOVER_PG_HOST") or LOOPBACK,
        pg_port=int(os.environ.get("FLYOVER_PG_PORT") or (5432 if database.is_external() else ports["postgres"])),
        pg_database=os.environ.get("FLYOVER_PG_DATABASE") or "flyover",
        airflow_url=os.environ.get("FLYOVER_AIRFLOW_URL") or airflow.url(ports["airflow"]),
        airflow_home=str(airflow.home(state)),
        portal_url=os.environ.get("FLYOVER_PORTAL_URL") or portal.url(ports["portal"]),
    )
    if connect.PORTS[0] in ports:
        state.update_stack(
            connect_url=os.environ.get("FLYOVER_CONNECT_URL") or f"http://{LOOPBACK}:{ports[connect.PORTS[0]]}"
        )


def _start_connect(
    state: State,
    supervisor: Supervisor,
    kafka: Future[None],
    captured: Sequence[Feed],
    secrets: dict[str, Any],
    settings: Settings,
    progress: Progress,
) -> None:
    if captured:
        for feed in captured:
            simulated.start_again(state, feed.code, feed.port)
        kafka.result()
        connect.start(state, supervisor, settings, secrets["connect_password"], captured, progress)
    elif supervisor.stop(connect.NAME):
        progress("Kafka Connect: stopped, as no agency's changes are captured any more")


def _start_postgres(
    state: State,
    supervisor: Supervisor,
    ports: dict[str, int],
    secrets: dict[str, Any],
    settings: Settings,
    progress: Progress,
) -> None:
    if not database.is_external():
        port = ports["postgres"]
        if not supervisor.running(postgres.NAME):
            progress("PostgreSQL: starting")
            supervisor.start(postgres.prepare(state, port, secrets["pg_passwords"][postgres.SUPERUSER]))
        supervisor.wait_ready(postgres.NAME, lambda: postgres.answers(port), postgres.READY_SECONDS)
    database.bootstrap(settings)
    progress(f"PostgreSQL: ready at {settings.pg_host}:{settings.pg_port}")


def _migrate(settings: Settings, progress: Progress) -> None:
    applied = migrations.apply(settings)
    progress(f"Warehouse: {len(applied)} migrations applied" if applied else "Warehouse: up to date")


def _start_airflow(
    state: State,
    supervisor: Supervisor,
    ports: dict[str, int],
    secrets: dict[str, Any],
    settings: Settings,
    progress: Progress,
) -> None:
    port = ports["airflow"]
    env = airflow.environment(state, settings, secrets, port)
    if workers.workers(state):
        env |= workers.environment(secrets, ports)
        workers.start_redis(state, supervisor, secrets, ports)
    if not all(supervisor.running(name) for name in airflow.COMPONENTS):
        progress("Airflow: preparing its metadata")
        airflow.migrate(state, env, secrets["airflow_admin_password"])
        progress("Airflow: starting")
    for service in (*airflow.services(state, env, port), *workers.services(state, env)):
        supervisor.start(service)
    for name in airflow.COMPONENTS:
        supervisor.wait_ready(name, partial(_is_healthy, name, port), airflow.READY_SECONDS)
    progress(f"Airflow: ready at {airflow.url(port)}")


def _start_portal(state: State, supervisor: Supervisor, ports: dict[str, int], progress: Progress) -> None:
    port = ports["portal"]
    if not supervisor.running(portal.NAME):
        supervisor.start(portal.service(state, port))
    supervisor.wait_ready(portal.NAME, lambda: portal.answers(port), portal.READY_SECONDS)
    progress(f"Desk: ready at {portal.url(port)}")


def _is_healthy(name: str, port: int) -> bool:
    return airflow.health(port)[name]
