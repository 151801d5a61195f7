"""The bash launcher, with a stand-in for uv: when it installs, what it hands over, what it asks for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.settings import CHECKOUT

TOOLS = ("bash", "env", "dirname", "readlink", "cat", "sha256sum", "cut", "mkdir", "flock", "sort", "head", "id", "sed",
         "mktemp", "rm", "mv", "tail", "find", "printf", "chmod", "python3")  # fmt: skip
FAKE_UV = """#!/bin/bash
if [ "$1" = --version ]; then echo "uv 0.13.9"; exit; fi
echo "$@" >>"$UV_CALLS"
[ -z "${UV_FAILS:-}" ] || exit 1
mkdir -p "$CHECKOUT/.venv/bin"
cp "$FAKE_PYTHON" "$CHECKOUT/.venv/bin/python"
"""
FAKE_PYTHON = """#!/bin/bash
echo "arguments: $*"
echo "byte code: ${PYTHONDONTWRITEBYTECODE:-allowed}"
echo "path: ${PYTHONPATH:-none}"
"""
FAKE_JAVA = """#!/bin/bash
echo 'openjdk version "%s.0.1" 2025-01-01' >&2
"""


class Machine:
    """A checkout and a PATH with nothing on it that was not put there."""

    def __init__(self, root: Path) -> None:
        self.checkout, self.tools, self.calls = root / "a checkout", root / "tools", root / "calls"
        self.checkout.mkdir()
        self.tools.mkdir()
        self.calls.touch()
        shutil.copy(CHECKOUT / "flyover", self.checkout / "flyover")
        for name in ("uv.lock", "pyproject.toml"):
            (self.checkout / name).write_text("one")
        for name in TOOLS:
            if found := shutil.which(name):
                (self.tools / name).symlink_to(Path(found).resolve() if name != "python3" else _real_python())
        (self.tools / "cp").symlink_to(shutil.which("cp") or "/bin/cp")
        self.program("uv", FAKE_UV)
        self.program("fake-python", FAKE_PYTHON)

    def program(self, name: str, text: str) -> None:
        (self.tools / name).write_text(text)
        (self.tools / name).chmod(0o755)

    def run(self, *arguments: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        env = {
            "PATH": str(self.tools),
            "HOME": str(self.tools.parent),
            "CHECKOUT": str(self.checkout),
            "UV_CALLS": str(self.calls),
            "FAKE_PYTHON": str(self.tools / "fake-python"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": "/somewhere/else",
            **more,
        }
        command = [str(self.checkout / "flyover"), *arguments]
        return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)

    def installs(self) -> int:
        return len(self.calls.read_text().splitlines())


def _real_python() -> Path:
    return Path(sys.executable).resolve()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_installs_from_the_lock_once_and_again_when_the_lock_changes(machine: Machine) -> None:
    first = machine.run("--help")
    assert first.returncode == 0, first.stderr
    assert "sync --frozen --compile-bytecode" in machine.calls.read_text()
    assert machine.run("status").stderr == ""
    assert machine.installs() == 1
    (machine.checkout / "uv.lock").write_text("two")
    machine.run("status")
    assert machine.installs() == 2


def test_extras_are_installed_when_asked_for_and_kept_until_asked_for_anew(machine: Machine) -> None:
    machine.run("status")
    assert "--extra" not in machine.calls.read_text()
    machine.run("status", FLYOVER_EXTRAS="celery confluent")
    assert "--extra celery --extra confluent" in machine.calls.read_text().splitlines()[-1]
    machine.run("status")
    assert machine.installs() == 2, "asked for once, kept"
    (machine.checkout / "uv.lock").write_text("two")
    machine.run("status")
    assert "--extra celery --extra confluent" in machine.calls.read_text().splitlines()[-1]
    machine.run("status", FLYOVER_EXTRAS="")
    assert "--extra" not in machine.calls.read_text().splitlines()[-1]


def test_a_failed_install_is_said_and_tried_again(machine: Machine) -> None:
    failed = machine.run("status", UV_FAILS="1")
    assert failed.returncode == 3
    assert "could not be installed" in failed.stderr
    assert machine.run("status").returncode == 0
    assert machine.installs() == 2


def test_hands_over_the_arguments_as_they_are_from_anywhere(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "cli").mkdir()
    (tmp_path / "cli" / "main.py").write_text("raise SystemExit('the wrong package')")
    done = machine.run("sql", "select 'a  b'", cwd=tmp_path)
    assert "arguments: -P -m cli.main sql select 'a  b'" in done.stdout


def test_byte_code_may_be_written_and_a_strangers_path_does_not_leak_in(machine: Machine) -> None:
    said = machine.run("status").stdout
    assert "byte code: allowed" in said
    assert "path: none" in said


@pytest.mark.parametrize("arguments", [("--help",), ("up", "--help"), ("status",), ("sql", "select 1"), ()])
def test_java_is_not_asked_for_by_commands_that_start_nothing(machine: Machine, arguments: tuple[str, ...]) -> None:
    assert machine.run(*arguments).returncode == 0


@pytest.mark.parametrize("command", ["up", "demo", "test"])
@pytest.mark.parametrize("java", [None, "11"])
def test_a_missing_or_old_java_is_named_with_what_to_type(machine: Machine, command: str, java: str | None) -> None:
    if java:
        machine.program("java", FAKE_JAVA % java)
    machine.program("id", "#!/bin/bash\necho 1000")
    machine.program("apt-get", "#!/bin/bash\nexit 1")
    done = machine.run(command)
    assert done.returncode == 3
    assert "sudo apt-get install -y --no-install-recommends openjdk-17-jre-headless maven" in done.stderr


def test_java_and_maven_that_are_there_are_enough(machine: Machine) -> None:
    machine.program("java", FAKE_JAVA % "21")
    machine.program("mvn", "#!/bin/bash\n")
    assert machine.run("up").returncode == 0


def test_as_root_java_and_maven_are_installed(machine: Machine) -> None:
    machine.program("id", "#!/bin/bash\necho 0")
    machine.program("apt-get", '#!/bin/bash\necho "apt-get $*" >>"$UV_CALLS"')
    assert machine.run("up").returncode == 0
    assert "install -y --no-install-recommends openjdk-17-jre-headless maven" in machine.calls.read_text()


@pytest.mark.parametrize("arguments", [("test",), ("test", "browser"), ("test", "-k", "x"), ("test", "tests/browser")])
def test_tests_in_a_browser_get_debians_chromium(machine: Machine, arguments: tuple[str, ...]) -> None:
    with_java(machine)
    machine.program("id", "#!/bin/bash\necho 0")
    machine.program("apt-get", '#!/bin/bash\necho "apt-get $*" >>"$UV_CALLS"')
    assert machine.run(*arguments).returncode == 0
    assert "install -y --no-install-recommends chromium" in machine.calls.read_text()


def test_where_chromium_cannot_be_had_the_other_tests_run_and_it_is_said_what_to_type(machine: Machine) -> None:
    with_java(machine)
    machine.program("id", "#!/bin/bash\necho 1000")
    machine.program("apt-get", "#!/bin/bash\nexit 1")
    done = machine.run("test")
    assert done.returncode == 0
    assert "sudo apt-get install -y --no-install-recommends chromium" in done.stderr


@pytest.mark.parametrize("arguments", [("up",), ("test", "tests/unit"), ("test", "faults"), ("test", "--help")])
def test_chromium_is_asked_for_by_nothing_else(machine: Machine, arguments: tuple[str, ...]) -> None:
    with_java(machine)
    machine.program("id", "#!/bin/bash\necho 0")
    assert "chromium" not in machine.run(*arguments).stderr


def with_java(machine: Machine) -> None:
    machine.program("java", FAKE_JAVA % "17")
    machine.program("mvn", "#!/bin/bash\n")
