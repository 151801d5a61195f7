import os
from pathlib import Path

import pytest

from pipeline.errors import ConfigurationError
from stack.kafka import broker
from stack.state import State, write_private


def test_stack_file_keeps_what_it_knew(tmp_path: Path) -> None:
    state = State.open(tmp_path / "state")
    state.update_stack(kafka_bootstrap="127.0.0.1:1")
    state.update_stack(pg_port=2)
    assert state.stack() == {"kafka_bootstrap": "127.0.0.1:1", "pg_port": 2}


def test_a_torn_stack_file_is_named(tmp_path: Path) -> None:
    state = State.open(tmp_path / "state")
    state.stack_file.write_text("{")
    with pytest.raises(ConfigurationError, match=r"stack\.json"):
        state.stack()


def test_an_open_directory_is_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o755)
    assert State.open(tmp_path / "state").root.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a directory away")
def test_another_users_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    os.chown(tmp_path / "state", 65534, 65534)
    with pytest.raises(ConfigurationError, match="belongs to another user"):
        State.open(tmp_path / "state")


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    write_private(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_private(path, "new \ud800")
    assert path.read_text() == "old"


def test_marks_differ_by_path_even_when_names_do_not(tmp_path: Path) -> None:
    assert State(tmp_path / "a" / "state").mark != State(tmp_path / "b" / "state").mark


def test_broker_settings_keep_to_loopback_and_its_promises(tmp_path: Path) -> None:
    made = broker.settings({"kafka": 1, "kafka_controller": 2}, tmp_path)
    assert made["listeners"] == "PLAINTEXT://127.0.0.1:1,CONTROLLER://127.0.0.1:2"
    assert made["auto.create.topics.enable"] == "false"
    assert int(made["log.retention.hours"]) == 7 * 24
    assert int(made["message.max.bytes"]) >= 10 * 1024 * 1024
