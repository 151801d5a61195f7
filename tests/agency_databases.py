"""Databases of a made-up human-resources agency, on the real engines, and a line to them that can be cut."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import secrets
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.registry import Agency
from pipeline.db import SQL, connect
from pipeline.settings import Settings
from stack import postgres
from stack.ports import LOOPBACK
from stack.state import write_private
from tests.mariadb.server import Server, certificates
from tests.staged import new_agency

READER = "hr_reader"
EMPLOYMENT = (
    "create table employment (resident_id varchar(32), full_name varchar(64), birth_date date, sex varchar(8), "
    "employer_uscc varchar(18), employer_name varchar(200), employment_id varchar(32){key}, "
    "employment_form varchar(16), start_date date, end_date date, occupation_code varchar(16), "
    "occupation_scheme varchar(8), industry_code varchar(8), workplace_division char(6), "
    "contract_hours numeric(5, 1), record_status varchar(16), last_modified {timestamp})"
)
ONE_TABLE = {"tables.skill_certificates": "none", "tables.trainings": "none"}


@dataclass
class HrDatabase:
    """An empty schema of the agency's on one engine."""

    engine: str
    port: int
    database: str
    password: str
    settings: Settings
    server: Server | None = None

    @property
    def timestamp(self) -> str:
        """Type of a local time with microseconds."""
        return "datetime(6)" if self.server else "timestamp(6)"

    def run(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements as the agency's own administrator; rows of the last."""
        if self.server:
            return self.server.run(*statements, database=self.database)
        here = dataclasses.replace(self.settings, pg_database=self.database)
        with connect(here, postgres.SUPERUSER) as connection:
            connection.execute("set timezone = 'Asia/Shanghai'")
            for statement in statements:
                cursor = connection.execute(SQL(statement.replace("%", "%%")))
            return cursor.fetchall() if cursor.description else []

    def employment_table(self, *, key: str = " primary key") -> None:
        """The table ``employment``, empty."""
        self.run(EMPLOYMENT.format(key=key, timestamp=self.timestamp))
        self.may_read("employment")

    def may_read(self, *tables: str) -> None:
        """Let our user read these."""
        who = f"{READER}_{self.database}" if self.server is None else f"{READER}@'{LOOPBACK}'"
        for table in tables:
            self.run(f"grant select on {table} to {who}")

    def employ(self, number: int | str | None, changed: str | None, **more: str | None) -> None:
        """Insert one employment spell."""
        values = {
            "full_name": "王小明",
            "employment_id": None if number is None else f"e{number}",
            "employment_form": "self",
            "start_date": "2015-03-01",
            "occupation_code": "6-18-01-01",
            "workplace_division": "330106",
            "record_status": "active",
            "last_modified": changed,
            **more,
        }
        self.run(f"insert into employment ({', '.join(values)}) values ({', '.join(map(_literal, values.values()))})")

    def touch(self, number: int, changed: str, what: str) -> None:
        """Change an employment spell."""
        self.run(f"update employment set {what}, last_modified = '{changed}' where employment_id = 'e{number}'")

    def agency(self, *, port: int | None = None, mode: str = "delta", **params: str) -> Agency:
        """An agency no other test has used, whose database this is; its password is kept."""
        agency = new_agency("hr")
        scheme = "mysql" if self.server else "postgresql"
        user = READER if self.server else f"{READER}_{self.database}"
        url = f"{scheme}://{user}@{LOOPBACK}:{port or self.port}/{self.database}"
        keep_password(self.settings, agency, self.password)
        return dataclasses.replace(
            agency, mode=mode, transport="sql", params={"url": url, "tls": "off", "full_every": "never", **params}
        )


def keep_password(settings: Settings, agency: Agency, password: str) -> None:
    """Keep the agency's password as ``./flyover secret set`` does."""
    home = settings.state_dir / "credentials"
    home.mkdir(mode=0o700, exist_ok=True)
    write_private(home / f"{agency.agency_code}.json", json.dumps({"password": password}))


@contextlib.contextmanager
def hr_database(engine: str, settings: Settings, server: Server | None) -> Iterator[HrDatabase]:
    """A fresh database on ``postgresql`` or ``mariadb``, and a user who may read what it is given."""
    name, password = f"hr_{secrets.token_hex(4)}", secrets.token_hex(8)
    if server is not None:
        server.run(
            f"create database {name}", f"create or replace user {READER}@'{LOOPBACK}' identified by '{password}'"
        )
        yield HrDatabase(engine, server.port, name, password, settings, server)
        server.run(f"drop database {name}")
        return
    with connect(
        dataclasses.replace(settings, pg_database="postgres"), postgres.SUPERUSER, autocommit=True
    ) as superuser:
        superuser.execute(SQL(f"create database {name}"))
        superuser.execute(SQL(f"create role {READER}_{name} login password '{password}'"))
        yield HrDatabase(engine, settings.pg_port, name, password, settings)
        superuser.execute(SQL(f"drop database {name} with (force)"))
        superuser.execute(SQL(f"drop role {READER}_{name}"))


class Line:
    """A line to a server on this machine that can be cut and mended; down to begin with if wanted."""

    def __init__(self, port: int, *, up: bool = True) -> None:
        self._target = port
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            self.port: int = probe.getsockname()[1]
        self._listener: socket.socket | None = None
        self._ends: list[socket.socket] = []
        if up:
            self.mend()

    def mend(self) -> None:
        """Take calls again."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, self.port))
        listener.listen()
        self._listener = listener
        threading.Thread(target=self._take_calls, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """End every call and take none."""
        ends, self._ends = self._ends, []
        for end in (self._listener, *ends):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
        self._listener = None

    def _take_calls(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection((LOOPBACK, self._target))
                self._ends += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=_carry, args=ends, daemon=True).start()


@contextlib.contextmanager
def encrypted(port: int, home: Path) -> Iterator[int]:
    """A port that speaks PostgreSQL's TLS before a server that has none; its authority is ``home/authority.pem``."""
    certificates(home)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home / "server.pem", home / "key.pem")

    def take_calls(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                plain, _ = listener.accept()
                plain.recv(8)  # the client asks for TLS
                plain.sendall(b"S")
                with contextlib.suppress(OSError):  # a client that does not trust us hangs up
                    near = context.wrap_socket(plain, server_side=True)
                    far = socket.create_connection((LOOPBACK, port))
                    for ends in ((near, far), (far, near)):
                        threading.Thread(target=_carry, args=ends, daemon=True).start()

    with socket.create_server((LOOPBACK, 0)) as listener:
        threading.Thread(target=take_calls, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]


class OnWarning(logging.Handler):
    """Does something the first time a warning is logged, and keeps what was said."""

    def __init__(self, act: Any) -> None:
        super().__init__(logging.WARNING)
        self._act, self.said = act, list[str]()

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())
        if len(self.said) == 1:
            self._act()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _literal(value: str | None) -> str:
    return "null" if value is None else "'" + value.replace("'", "''") + "'"
