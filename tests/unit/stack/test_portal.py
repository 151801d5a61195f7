from pathlib import Path

import pytest

from stack import container, control, portal
from stack.state import State


def test_the_desk_listens_on_loopback_and_knows_its_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYOVER_PORTAL_MAX_MB", "7")
    monkeypatch.setenv("PGPASSWORD", "somebody's own")
    service = portal.service(State.open(tmp_path / "state"), 4567)
    assert list(service.argv[-4:]) == ["--host", "127.0.0.1", "--port", "4567"]
    assert service.env["FLYOVER_STATE"] == str(tmp_path / "state")
    assert service.env["FLYOVER_PORTAL_MAX_MB"] == "7"
    assert "PGPASSWORD" not in service.env


def test_a_container_listens_beyond_itself_where_its_port_is_published(tmp_path: Path) -> None:
    service = portal.service(State.open(tmp_path / "state"), container.PORTAL_PORT, listen=container.EVERYWHERE)
    assert list(service.argv[-4:]) == ["--host", "0.0.0.0", "--port", str(container.PORTAL_PORT)]  # noqa: S104


def test_nobody_answers_where_nothing_runs() -> None:
    assert not portal.answers(1)


def test_the_desk_is_a_service_of_the_stack() -> None:
    assert portal.NAME in control.SERVICES
