"""Databases of simulated agencies: a small PostgreSQL each, in this state directory, whose changes can be captured."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from stack import postgres
from stack.state import State
from stack.supervisor import Service, Supervisor

SMALL: Mapping[str, str] = {
    "shared_buffers": "32MB",
    "effective_cache_size": "128MB",
    "maintenance_work_mem": "32MB",
    "max_connections": "30",
    "max_wal_size": "128MB",
    "wal_level": "logical",
    "max_wal_senders": "4",
    "max_replication_slots": "4",
    "max_slot_wal_keep_size": "1GB",
}


def service_name(agency_code: str) -> str:
    """How ./flyover status and logs name an agency's database."""
    return f"{agency_code}-database"


def prepare(state: State, agency_code: str, port: int, password: str, more: Mapping[str, str] | None = None) -> Service:
    """Make the cluster the first time, and say how to start it; its superuser has the given password."""
    service = postgres.prepare(_home(state, agency_code), port, password, {**SMALL, **(more or {})})
    return dataclasses.replace(service, name=service_name(agency_code))


def start(state: State, agency_code: str, port: int, password: str, more: Mapping[str, str] | None = None) -> None:
    """Start an agency's database unless it runs, and wait until it answers."""
    supervisor, name = Supervisor(state), service_name(agency_code)
    if not supervisor.running(name):
        supervisor.start(prepare(state, agency_code, port, password, more))
    supervisor.wait_ready(name, lambda: postgres.answers(port), postgres.READY_SECONDS)


def start_again(state: State, agency_code: str, port: int) -> None:
    """Start an agency's database where there is one already."""
    if service_name(agency_code) in known(state):
        start(state, agency_code, port, "")  # the password counts only when a cluster is made


def known(state: State) -> list[str]:
    """Service names of the databases that were ever started here."""
    return sorted(service_name(folder.name) for folder in (state.root / "simulated").glob("*") if folder.is_dir())


def erase(state: State) -> None:
    """Remove them all for good."""
    for folder in (state.root / "simulated").glob("*"):
        postgres.erase(State.open(folder))


def _home(state: State, agency_code: str) -> State:
    folder = state.root / "simulated" / agency_code
    folder.parent.mkdir(exist_ok=True, mode=0o700)
    return State.open(folder)
