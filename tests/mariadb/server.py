"""A real MariaDB for the tests: TCP on loopback, TLS with an authority of its own, an ordinary user when we are root.

The programs come by Maven, as the broker's do, and are kept beside them. The server dies with whoever started it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import ipaddress
import os
import secrets
import shutil
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipeline.programs import cache_directory
from stack import postgres
from stack.kafka import jars
from stack.ports import LOOPBACK, free_ports
from stack.supervisor import Account

POM = Path(__file__).with_name("pom.xml")
READY_SECONDS = 60.0
_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_NEEDED = ("bin/mariadbd", "share/")
_SYSTEM_TABLES = (
    "mariadb_system_tables.sql",
    "mariadb_performance_tables.sql",
    "mariadb_system_tables_data.sql",
    "maria_add_gis_sp_bootstrap.sql",
    "mariadb_sys_schema.sql",
)


@dataclass(frozen=True)
class Server:
    """A running server and its administrator."""

    port: int
    password: str
    authority: Path
    """certificate of the authority that signed the server's"""

    def run(self, *statements: str, database: str | None = None) -> list[tuple[Any, ...]]:
        """Run statements as the administrator, each committed; rows of the last."""
        connection = pymysql.connect(
            host=LOOPBACK, port=self.port, user="admin", password=self.password, database=database,
            autocommit=True, ssl_disabled=True,
        )  # fmt: skip
        with contextlib.closing(connection), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """Start a server with an empty data directory; both are gone afterwards."""
    account = postgres.service_account()
    programs = _programs(account)
    with tempfile.TemporaryDirectory(prefix="flyover-mariadb-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        data = home / "data"
        data.mkdir()
        certificates(home)
        if account is not None:
            for path in (data, *home.glob("*.pem")):
                os.chown(path, account.uid, account.gid)
        server = Server(free_ports(1)[0], secrets.token_hex(12), home / "authority.pem")
        _bootstrap(programs, data, account, server.password)
        process = _started(programs, home, account, server.port)
        try:
            _wait_ready(server, process, home / "log")
            yield server
        finally:
            process.terminate()
            process.wait(30)


def _programs(account: Account | None) -> Path:
    """The server's programs where its user may run them, fetched and unpacked once."""
    mark = hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    target = (cache_directory() if account is None else postgres.ROOT_HOME) / f"mariadb-{mark}"
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        draft = Path(folder)
        subprocess.run(
            [jars.maven(), "--batch-mode", "--quiet", "--file", str(POM), _GOAL, f"-DoutputDirectory={draft / 'jars'}"],
            check=True, capture_output=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        (jar,) = (draft / "jars").iterdir()
        with zipfile.ZipFile(jar) as archive:
            for info in archive.infolist():
                inside = info.filename.partition("/linux/")[2]
                if inside.startswith(_NEEDED) and not info.is_dir():
                    place = draft / "whole" / inside
                    place.parent.mkdir(parents=True, exist_ok=True)
                    with archive.open(info) as packed, place.open("wb") as unpacked:
                        shutil.copyfileobj(packed, unpacked)
        (draft / "whole" / "bin" / "mariadbd").chmod(0o755)
        with contextlib.suppress(OSError):  # another run was quicker: its copy is the same
            (draft / "whole").rename(target)
    return target


def _command(programs: Path, data: Path, account: Account | None) -> list[str]:
    drop = ["--reuid", str(account.uid), "--regid", str(account.gid), "--clear-groups"] if account else []
    return [
        "setpriv", *drop, "--pdeathsig", "KILL", str(programs / "bin" / "mariadbd"), "--no-defaults",
        f"--basedir={programs}", f"--datadir={data}", f"--lc-messages-dir={programs / 'share'}",
        "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M",
    ]  # fmt: skip


def _bootstrap(programs: Path, data: Path, account: Account | None, password: str) -> None:
    parts = [(programs / "share" / name).read_text(encoding="utf-8") for name in _SYSTEM_TABLES]
    admin = f"grant all on *.* to admin@'{LOOPBACK}' identified by '{password}' with grant option;\n"
    script = "\n".join(["create database mysql;", "use mysql;", *parts, "flush privileges;", admin])
    subprocess.run(
        [*_command(programs, data, account), "--bootstrap"], input=script, text=True, check=True, capture_output=True
    )


def _started(programs: Path, home: Path, account: Account | None, port: int) -> subprocess.Popen[bytes]:
    command = [
        *_command(programs, home / "data", account), f"--port={port}", f"--bind-address={LOOPBACK}",
        f"--socket={home / 'data' / 'socket'}", "--character-set-server=utf8mb4", "--skip-name-resolve",
        f"--ssl-ca={home / 'authority.pem'}", f"--ssl-cert={home / 'server.pem'}", f"--ssl-key={home / 'key.pem'}",
    ]  # fmt: skip
    with (home / "log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)


def _wait_ready(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            server.run("select 1")
        except pymysql.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"MariaDB did not start: {log.read_text(errors='replace')[-1000:]}") from None
            time.sleep(0.05)
        else:
            return


def certificates(home: Path) -> None:
    """An authority, and a certificate of it for this machine's loopback address."""
    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Flyover test authority")])
    signed_itself = _certificate(name, name, authority, authority, is_authority=True)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "database")])
    signed = _certificate(subject, name, server, authority, is_authority=False)
    pem = serialization.Encoding.PEM
    (home / "authority.pem").write_bytes(signed_itself.public_bytes(pem))
    (home / "server.pem").write_bytes(signed.public_bytes(pem))
    (home / "key.pem").write_bytes(
        server.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=7))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(LOOPBACK))]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
