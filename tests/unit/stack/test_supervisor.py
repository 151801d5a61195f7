import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import SystemTrouble
from stack import processes
from stack.state import State
from stack.supervisor import Service, Supervisor

PATIENT = "import time; print('here', flush=True); time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(60)"
)
PARENT = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); time.sleep(60)"


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    made = Supervisor(State.open(tmp_path / "state"))
    yield made
    made.stop("sample")


def service(code: str, grace_seconds: float = 5.0) -> Service:
    return Service(
        name="sample",
        argv=[sys.executable, "-c", code],
        env=dict(os.environ),
        cwd=Path("/"),
        version="1",
        grace_seconds=grace_seconds,
    )


def says_here(supervisor: Supervisor) -> None:
    supervisor.wait_ready("sample", lambda: "here" in supervisor.log_path("sample").read_text(), 20)


def test_a_service_runs_in_a_session_of_its_own_and_stops(supervisor: Supervisor) -> None:
    record = supervisor.start(service(PATIENT))
    says_here(supervisor)
    assert os.getsid(record.pid) == record.pid
    assert supervisor.stop("sample")
    assert processes.start_ticks(record.pid) is None
    assert supervisor.record("sample") is None


def test_starting_twice_starts_one(supervisor: Supervisor) -> None:
    assert supervisor.start(service(PATIENT)) == supervisor.start(service(PATIENT))


def test_stopping_what_does_not_run_says_so(supervisor: Supervisor) -> None:
    assert not supervisor.stop("sample")


def test_a_stubborn_process_is_killed_after_its_grace(supervisor: Supervisor) -> None:
    record = supervisor.start(service(STUBBORN, grace_seconds=0.3))
    says_here(supervisor)
    assert supervisor.stop("sample")
    assert processes.start_ticks(record.pid) is None


def test_children_of_a_killed_service_are_found_and_ended(supervisor: Supervisor) -> None:
    record = supervisor.start(service(PARENT))
    says_here(supervisor)
    os.kill(record.pid, signal.SIGKILL)
    assert not processes.wait_gone({record.pid: record.start_ticks}, 5)
    mark = f"{supervisor.state.mark}/sample"
    assert processes.marked(mark), "the child outlives its parent, or this test proves nothing"
    assert supervisor.stop("sample")
    assert not processes.marked(mark)


def test_a_reused_process_id_is_neither_taken_for_the_service_nor_killed(supervisor: Supervisor) -> None:
    record = supervisor.start(service(PATIENT))
    says_here(supervisor)
    supervisor.stop("sample")
    stranger = subprocess.Popen([sys.executable, "-c", PATIENT])
    try:
        pid_file = supervisor.state.run / "sample.json"
        forged = {**record.__dict__, "pid": stranger.pid}
        pid_file.write_text(json.dumps(forged))
        assert supervisor.running("sample") is None
        assert not supervisor.stop("sample")
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_pid_file_of_an_earlier_boot_is_not_believed(supervisor: Supervisor) -> None:
    record = supervisor.start(service(PATIENT))
    pid_file = supervisor.state.run / "sample.json"
    pid_file.write_text(json.dumps({**record.__dict__, "boot": "another"}))
    assert supervisor.running("sample") is None


def test_a_service_that_dies_shows_the_end_of_its_log(supervisor: Supervisor) -> None:
    supervisor.start(service("import sys; sys.exit('the reason why')"))
    with pytest.raises(SystemTrouble, match=r"ended while starting(.|\n)*the reason why"):
        supervisor.wait_ready("sample", lambda: False, 20)


def test_a_service_that_never_answers_is_given_up_at_its_deadline(supervisor: Supervisor) -> None:
    supervisor.start(service(PATIENT))
    with pytest.raises(SystemTrouble, match="did not answer within 0 s"):
        supervisor.wait_ready("sample", lambda: False, 0.2)


def test_a_long_log_is_set_aside_at_the_next_start(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stack.supervisor.LOG_LIMIT_BYTES", 10)
    supervisor.log_path("sample").write_text("what was written before\n")
    supervisor.start(service(PATIENT))
    says_here(supervisor)
    assert "before" not in supervisor.log_path("sample").read_text()
    assert "before" in (supervisor.state.logs / "sample.log.1").read_text()
