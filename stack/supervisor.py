"""Starts, watches and stops the stack's processes; knows nothing of what they are.

Each service runs in a session of its own, so that it outlives the command that started it. A pid file holds the
process's start time and the boot it belongs to: a re-used process id is never taken for a service, nor killed.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pipeline.errors import SystemTrouble
from stack import processes
from stack.state import State, write_private

LOG_LIMIT_BYTES = 20_000_000
LOG_TAIL_LINES = 12


@dataclass(frozen=True)
class Account:
    """The ordinary user a service runs as when we are root."""

    name: str
    uid: int
    gid: int
    home: str


@dataclass(frozen=True)
class Service:
    """How to start and stop one process."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(repr=False)
    cwd: Path
    version: str
    port: int | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 20.0


@dataclass(frozen=True)
class Record:
    """What the pid file says of a service we started."""

    name: str
    pid: int
    start_ticks: int
    boot: str
    started_at: float
    version: str
    port: int | None
    stop_signal: int
    grace_seconds: float

    def is_alive(self) -> bool:
        """Whether this very process still runs, not another one with its number."""
        return self.boot == processes.boot_id() and processes.start_ticks(self.pid) == self.start_ticks


class Supervisor:
    """The processes of one state directory."""

    def __init__(self, state: State) -> None:
        self.state = state

    def log_path(self, name: str) -> Path:
        """Where the service's output goes."""
        return self.state.logs / f"{name}.log"

    def record(self, name: str) -> Record | None:
        """The pid file of a service, whether it still lives or not."""
        try:
            return Record(**json.loads(self._pid_path(name).read_text(encoding="utf-8")))
        except (FileNotFoundError, json.JSONDecodeError, TypeError):
            return None

    def running(self, name: str) -> Record | None:
        """The service's record when its process lives."""
        record = self.record(name)
        return record if record and record.is_alive() else None

    def start(self, service: Service) -> Record:
        """Start the service unless it runs; returns at once, before it is ready."""
        if existing := self.running(service.name):
            return existing
        self._end(self._leftovers(service.name), signal.SIGTERM, service.grace_seconds)
        log = self.log_path(service.name)
        if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
            log.replace(log.with_suffix(".log.1"))
        account = service.account
        with log.open("ab") as out:
            child = subprocess.Popen(
                list(service.argv),
                # SPT_NOENV: programs that rename themselves (Airflow's do) must not overwrite their environment.
                env={**service.env, processes.MARKER: self._mark(service.name), "SPT_NOENV": "1"},
                cwd=service.cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        record = Record(
            name=service.name,
            pid=child.pid,
            start_ticks=processes.start_ticks(child.pid) or 0,
            boot=processes.boot_id(),
            started_at=time.time(),
            version=service.version,
            port=service.port,
            stop_signal=int(service.stop_signal),
            grace_seconds=service.grace_seconds,
        )
        child.returncode = 0  # the pid file watches it from here on; without this Popen warns when collected
        write_private(self._pid_path(service.name), json.dumps(asdict(record)) + "\n")
        return record

    def wait_ready(self, name: str, probe: Callable[[], bool], seconds: float) -> None:
        """Wait until the probe answers.

        :raises SystemTrouble: when the process dies or the time is over; shows the end of its log
        """
        deadline = time.monotonic() + seconds
        while not probe():
            if self.running(name) is None:
                raise SystemTrouble(f"{name} ended while starting. {self._log_tail(name)}")
            if time.monotonic() > deadline:
                raise SystemTrouble(f"{name} did not answer within {seconds:.0f} s. {self._log_tail(name)}")
            time.sleep(0.1)

    def stop(self, name: str) -> bool:
        """Stop the service and whatever it left behind; false when nothing of it ran."""
        record = self.record(name)
        alive = record is not None and record.is_alive()
        ran = alive or bool(self._leftovers(name))
        if record and alive:
            # The leader is asked first and alone: PostgreSQL and Airflow end their own children in order.
            self._end({record.pid: record.start_ticks}, signal.Signals(record.stop_signal), record.grace_seconds)
        self._end(self._leftovers(name), signal.SIGTERM, 5.0)
        self._pid_path(name).unlink(missing_ok=True)
        return ran

    def _end(self, identities: Mapping[int, int], first: signal.Signals, grace_seconds: float) -> None:
        if not identities:
            return
        processes.signal_all(identities, first)
        stubborn = processes.wait_gone(identities, grace_seconds)
        processes.signal_all(stubborn, signal.SIGKILL)
        processes.wait_gone(identities, 5.0)

    def _leftovers(self, name: str) -> dict[int, int]:
        return {
            pid: ticks
            for pid in processes.marked(self._mark(name))
            if (ticks := processes.start_ticks(pid)) is not None
        }

    def _log_tail(self, name: str) -> str:
        log = self.log_path(name)
        if not log.exists():
            return f"It wrote no log ({log})."
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_TAIL_LINES:]
        return "\n".join([f"The end of {log}:", *(f"  {line}" for line in lines)])

    def _mark(self, name: str) -> str:
        return f"{self.state.mark}/{name}"

    def _pid_path(self, name: str) -> Path:
        return self.state.run / f"{name}.json"


def clean_environment() -> dict[str, str]:
    """The caller's environment without what would change how a service behaves."""
    dropped = ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "FLYOVER_PG_ADMIN_PASSWORD", processes.MARKER)
    kept_out = ("AIRFLOW", "PG", "DBT_", "KAFKA_")
    return {name: value for name, value in os.environ.items() if name not in dropped and not name.startswith(kept_out)}
