import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.settings import CHECKOUT, Settings, parse_secrets
from stack import airflow
from stack.secrets import ensure_secrets
from stack.state import State

PORT = 45678


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "somebody's own")
    monkeypatch.setenv("PGPASSWORD", "somebody's own")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    state = State.open(tmp_path / "state")
    secrets = ensure_secrets(state)
    settings = Settings(
        state_dir=state.root,
        kafka_bootstrap="127.0.0.1:1",
        pg_host="127.0.0.1",
        pg_port=2,
        pg_database="flyover",
        secrets=parse_secrets(secrets),
    )
    return airflow.environment(state, settings, secrets, PORT)


def test_airflow_listens_and_calls_on_loopback_only(env: dict[str, str]) -> None:
    assert env["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == f"http://127.0.0.1:{PORT}/execution/"
    for component in ("airflow-scheduler", "airflow-triggerer"):
        assert "--skip-serve-logs" in airflow.COMPONENTS[component]


def test_the_callers_own_settings_do_not_leak_in(env: dict[str, str]) -> None:
    assert env["AIRFLOW__CORE__EXECUTOR"] == airflow.SHARED_SETTINGS["AIRFLOW__CORE__EXECUTOR"]
    assert "PGPASSWORD" not in env
    assert "PYTHONDONTWRITEBYTECODE" not in env
    assert env["PATH"] == os.environ["PATH"]


def test_dags_find_this_checkout_and_this_state(env: dict[str, str], tmp_path: Path) -> None:
    assert env["AIRFLOW__CORE__DAGS_FOLDER"] == str(CHECKOUT / "dags")
    assert env["PYTHONPATH"] == str(CHECKOUT)
    assert env["FLYOVER_STATE"] == str(tmp_path / "state")
    assert Path(env["AIRFLOW_HOME"]).is_relative_to(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AIRFLOW__USAGE_DATA_COLLECTION__ENABLED", "False"),
        ("SCARF_ANALYTICS", "false"),
        ("GX_ANALYTICS_ENABLED", "false"),
        ("DO_NOT_TRACK", "1"),
        ("DBT_SEND_ANONYMOUS_USAGE_STATS", "false"),
        ("AIRFLOW__CORE__LOAD_EXAMPLES", "False"),
    ],
)
def test_nothing_phones_home_and_no_examples(env: dict[str, str], name: str, value: str) -> None:
    assert env[name] == value


def test_health_is_false_for_all_while_nobody_answers() -> None:
    assert airflow.health(1) == dict.fromkeys(airflow.COMPONENTS, False)


def test_old_task_logs_are_forgotten_new_ones_stay(tmp_path: Path) -> None:
    state = State.open(tmp_path / "state")
    logs = airflow.home(state) / "logs" / "dag_id=x"
    logs.mkdir(parents=True)
    (old := logs / "old.log").write_text("old")
    (new := logs / "new.log").write_text("new")
    month_ago = new.stat().st_mtime - 30 * 86_400
    os.utime(old, (month_ago, month_ago))
    airflow.services(state, {}, PORT)
    assert not old.exists()
    assert new.exists()


def test_importing_the_engines_leaves_one_thread_so_that_forking_is_safe() -> None:
    code = (
        "import importlib, os\n"
        "from stack.airflow_executor import ENGINES\n"
        "for engine in ENGINES: importlib.import_module(engine)\n"
        "print('threads', len(os.listdir('/proc/self/task')))"
    )
    env = {**os.environ, **airflow.SHARED_SETTINGS, "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "threads 1"
