"""Airflow: four processes of one environment, configured by environment variables alone."""

import http.client
import importlib.metadata
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipeline.errors import SystemTrouble
from pipeline.settings import CHECKOUT, Settings
from stack import airflow_roles
from stack.ports import LOOPBACK
from stack.state import State
from stack.supervisor import Service, clean_environment

PORTS = ("airflow",)
DATABASE = "airflow"
ADMIN = "admin"
READY_SECONDS = 300.0
LOG_RETENTION_DAYS = 14
COMPONENTS: Mapping[str, tuple[str, ...]] = {
    "airflow-api": ("api-server",),
    # LocalExecutor and its readers share a disk: the log servers would only listen beyond loopback.
    "airflow-scheduler": ("scheduler", "--skip-serve-logs"),
    "airflow-dag-processor": ("dag-processor",),
    "airflow-triggerer": ("triggerer", "--skip-serve-logs"),
}
_HEALTH_KEYS = {
    "airflow-scheduler": "scheduler",
    "airflow-dag-processor": "dag_processor",
    "airflow-triggerer": "triggerer",
}

SHARED_SETTINGS: Mapping[str, str] = {
    "AIRFLOW__CORE__EXECUTOR": "stack.airflow_executor.WarmLocalExecutor",
    "OPENBLAS_NUM_THREADS": "1",  # a process that forks must have no threads but its own
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # pandas loads Arrow, whose allocator would start one
    "AIRFLOW__CORE__PARALLELISM": "6",  # a build, a look at persons and a forecast leave three to what records wait for
    "AIRFLOW__CORE__MAX_ACTIVE_RUNS_PER_DAG": "4",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__DEFAULT_TIMEZONE": "utc",
    "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
    "AIRFLOW__FAB__CACHE_TTL": "5",  # seconds that a removed account's token is still taken for good
    "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",  # no DNS look-up on every heartbeat
    "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "5",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE": "3",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW": "7",
    "AIRFLOW__API__WORKERS": "1",
    "AIRFLOW__API__EXPOSE_CONFIG": "False",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "30",
    "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
    "AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT": "120",
    "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "90",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
    "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
    "AIRFLOW__LOGGING__UVICORN_LOGGING_LEVEL": "WARNING",
    "AIRFLOW__LOGGING__NAMESPACE_LEVELS": "kafka=WARNING",  # else each task log is the client's diary
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "SCARF_ANALYTICS": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "FLYOVER_NICENESS_BESIDE": "10",  # of tasks for which no record waits on its way into core
}
"""Settings that hold wherever Airflow runs; docker-compose.yml repeats them and a test compares."""


def version() -> str:
    """Airflow's version as the lock pins it."""
    return importlib.metadata.version("apache-airflow")


def home(state: State) -> Path:
    """AIRFLOW_HOME."""
    return state.root / "airflow"


def url(port: int) -> str:
    """Where people find Airflow's page."""
    return f"http://{LOOPBACK}:{port}"


def environment(
    state: State,
    settings: Settings,
    secrets: Mapping[str, Any],
    port: int,
    *,
    listen: str = LOOPBACK,
    inside_url: str | None = None,
) -> dict[str, str]:
    """What a process needs in order to be part of this Airflow: services, CLI, tests, containers.

    `inside_url` is where tasks reach the API server when that is not where people do.
    """
    password = quote(str(secrets["pg_passwords"]["airflow"]), safe="")
    database = f"postgresql+psycopg://airflow:{password}@{settings.pg_host}:{settings.pg_port}/{DATABASE}"
    return {
        **clean_environment(),
        **SHARED_SETTINGS,
        "AIRFLOW_HOME": str(home(state)),
        "AIRFLOW__CORE__DAGS_FOLDER": str(CHECKOUT / "dags"),
        "AIRFLOW__CORE__FERNET_KEY": str(secrets["airflow_fernet_key"]),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{inside_url or url(port)}/execution/",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": database,
        "AIRFLOW__API__HOST": listen,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url(port),
        "AIRFLOW__API__SECRET_KEY": str(secrets["airflow_api_secret"]),
        "AIRFLOW__API_AUTH__JWT_SECRET": str(secrets["airflow_jwt_secret"]),
        "FLYOVER_STATE": str(state.root),
        "PYTHONPATH": str(CHECKOUT),
    }


def migrate(state: State, env: Mapping[str, str], password: str) -> None:
    """Bring the metadata to this version and see that the admin can log in; skipped when both are known done."""
    stamp = home(state) / "metadata.json"
    database = env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].rpartition("@")[2]
    wanted = {"version": version(), "database": database, "roles": airflow_roles.mark()}
    if stamp.exists() and json.loads(stamp.read_text()) == wanted:
        return
    home(state).mkdir(exist_ok=True, mode=0o700)
    log = state.logs / "airflow-migrate.log"
    with log.open("wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", "stack.airflow_metadata", ADMIN],
            env=dict(env),
            cwd=home(state),
            input=password.encode(),
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        tail = "\n  ".join(log.read_text(errors="replace").splitlines()[-12:])
        raise SystemTrouble(f"Airflow's metadata could not be prepared. The end of {log}:\n  {tail}")
    stamp.write_text(json.dumps(wanted))


def services(state: State, env: Mapping[str, str], port: int) -> list[Service]:
    """Airflow's processes, in the order that makes them useful soonest."""
    _forget_old_logs(home(state) / "logs")
    program = str(Path(sys.executable).with_name("airflow"))
    return [
        Service(
            name=name,
            argv=[sys.executable, program, *arguments],
            env=env,
            cwd=home(state),
            version=version(),
            port=port if name == "airflow-api" else None,
        )
        for name, arguments in COMPONENTS.items()
    ]


def health(port: int) -> dict[str, bool]:
    """Which of Airflow's processes report themselves healthy, by our names; all false while the page is away."""
    link = http.client.HTTPConnection(LOOPBACK, port, timeout=3)
    try:
        link.request("GET", "/api/v2/monitor/health")
        found = json.load(link.getresponse())
    except (OSError, http.client.HTTPException, ValueError):
        return dict.fromkeys(COMPONENTS, False)
    finally:
        link.close()
    healthy = {name: found.get(key, {}).get("status") == "healthy" for name, key in _HEALTH_KEYS.items()}
    return {"airflow-api": found.get("metadatabase", {}).get("status") == "healthy", **healthy}


def _forget_old_logs(folder: Path) -> None:
    oldest = time.time() - LOG_RETENTION_DAYS * 86_400
    for path in folder.rglob("*.log"):
        if path.is_file() and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
