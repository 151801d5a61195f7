"""The database server: everyone needs a password, nobody runs as root, nothing listens beyond loopback."""

import os
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from pipeline.db import connect
from pipeline.errors import SystemTrouble
from pipeline.settings import DATABASE_ROLES, Settings
from stack import airflow, postgres
from stack.state import State
from stack.supervisor import Supervisor


@pytest.mark.parametrize("role", [*DATABASE_ROLES, postgres.SUPERUSER])
def test_every_role_needs_its_own_password(stack_services: Settings, role: str, tmp_path: Path) -> None:
    with connect(stack_services, role) as connection:
        assert connection.execute("select current_user").fetchone() == (role,)
    strangers = replace(stack_services.secrets, pg_passwords=dict.fromkeys(stack_services.secrets.pg_passwords, "x"))
    with (
        pytest.raises(SystemTrouble, match="password authentication failed"),
        connect(replace(stack_services, secrets=strangers, state_dir=tmp_path), role),  # no file to look it up anew
    ):
        pass


def test_server_never_runs_as_root(stack_services: Settings, stack_state: State) -> None:
    record = Supervisor(stack_state).running(postgres.NAME)
    assert record is not None
    users = {process.uids().effective for process in _tree(record.pid)}
    assert 0 not in users
    if os.getuid() == 0:
        assert psutil.Process(record.pid).username() == postgres.SERVICE_USER
    assert postgres.data_directory(stack_state).stat().st_mode & 0o077 == 0


def test_servers_listen_on_loopback_only(stack_services: Settings, stack_state: State) -> None:
    supervisor = Supervisor(stack_state)
    for name in ("kafka", "postgres"):
        record = supervisor.running(name)
        assert record is not None
        listening = [
            connection.laddr.ip
            for connection in psutil.Process(record.pid).net_connections(kind="inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert listening
        assert all(address in {"127.0.0.1", "::ffff:127.0.0.1"} for address in listening), listening


def test_policymaker_cannot_reach_airflows_metadata(stack_services: Settings) -> None:
    with (
        pytest.raises(SystemTrouble, match="permission denied"),
        connect(replace(stack_services, pg_database=airflow.DATABASE), "policymaker"),
    ):
        pass


def test_module_database_is_fresh_and_migrated(settings: Settings, stack_services: Settings) -> None:
    assert settings.pg_database != stack_services.pg_database
    with connect(settings, "flyover_owner") as connection:
        assert connection.execute("select count(*) > 0 from audit.migration").fetchone() == (True,)
        assert connection.execute("select count(*) from connect.delivery").fetchone() == (0,)


def test_errors_in_the_log_carry_no_values(settings: Settings, stack_state: State) -> None:
    with (
        connect(settings, "flyover_owner", autocommit=True) as connection,
        pytest.raises(Exception, match="3399xx-personal"),
    ):
        connection.execute("select cast(%s as integer)", ("3399xx-personal",))
    log = (stack_state.logs / "postgres.log").read_text()
    assert "ready to accept connections" in log
    assert "3399xx-personal" not in log


def _tree(pid: int) -> list[psutil.Process]:
    leader = psutil.Process(pid)
    return [leader, *leader.children(recursive=True)]
