import json
from pathlib import Path

import pytest
import typer

from cli import doctor_command
from pipeline.errors import SystemTrouble
from stack.secrets import ensure_secrets
from stack.state import State


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    monkeypatch.setenv("FLYOVER_STATE", str(tmp_path / "state"))
    return State.open()


def examined() -> dict[str, doctor_command.Finding]:
    return {finding.check: finding for finding in doctor_command.examine()}


def test_every_engine_is_the_one_of_the_lock(state: State) -> None:
    found = examined()
    assert all(found[engine].is_well for engine in doctor_command.ENGINES), found


def test_missing_java_comes_with_what_to_type_and_an_exit_code(
    state: State, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> str:
        raise SystemTrouble("java is not installed")

    monkeypatch.setattr("stack.kafka.jars.java", missing)
    with pytest.raises(typer.Exit) as ended:
        doctor_command.doctor(as_json=True)
    assert ended.value.exit_code == 3
    shown = {row["check"]: row for row in json.loads(capsys.readouterr().out)}
    assert shown["java"]["well"] is False
    assert shown["java"]["what to type"] == "sudo apt-get install -y openjdk-17-jre-headless"


def test_old_java_is_not_good_enough(state: State, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (old := tmp_path / "java").write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    old.chmod(0o755)
    monkeypatch.setattr("stack.kafka.jars.java", lambda: str(old))
    assert "older than Java 17" in examined()["java"].found


def test_secrets_others_can_read_are_found(state: State) -> None:
    ensure_secrets(state)
    assert examined()["secrets.json"].is_well
    state.secrets_file.chmod(0o644)
    assert "chmod 600" in examined()["secrets.json"].advice


def test_too_little_disk_is_found(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.doctor_command.DISK_WANTED_GB", 10**9)
    assert not examined()["disk"].is_well
