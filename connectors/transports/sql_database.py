"""An agency's database: where it stands, how it is reached, and what its complaints mean to whom.

The line is encrypted and the server's certificate verified, against ``params.tls_ca`` or the system's authorities;
``tls: off`` is taken for this machine alone, where a tunnel ends. The password is read anew for every connection. What
a driver says is never passed on as it is: it may quote a statement, and a statement may quote a value.
"""

from __future__ import annotations

import datetime as dt
import re
import ssl
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from connectors.registry import Agency
from pipeline.errors import BadInput, ConfigurationError, FlyoverError, SystemTrouble
from pipeline.settings import Settings

PASSWORD = "password"  # noqa: S105 - its name
CONNECT_SECONDS = 10
_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})

# PostgreSQL says why a login failed in words alone, in the language of the server.
_LOGIN_WORDS = re.compile(
    r"password authentication failed|no password supplied|pg_hba\.conf|(role|database) .* does not exist"
    r"|认证失败|不存在|没有用于",
    re.IGNORECASE,
)
# not every mention of SSL: a line that breaks is an "SSL error" too
_TLS_WORDS = re.compile(
    r"certificate|not support SSL|SSL is required|support it|wrong version number|证书|不支持", re.I
)
_NO_LINE = frozenset({None, 2002, 2003, 2026})
_LOGIN = frozenset({"28P01", "28000", "3D000", 1044, 1045, 1049, 1698})
_FORBIDDEN = frozenset({"42501", 1142, 1143, 1227})
_NO_TABLE = frozenset({"42P01", "3F000", 1146})
_NO_COLUMN = frozenset({"42703", 1054})
_TOO_SLOW = frozenset({"57014", 1969, 3024})
_AWAY = frozenset({1040, 1053, 1080, 1203, 1205, 1213, 1317, 1927, 4031})
_CLIENT_ERRORS = range(2000, 2100)
"""What the driver itself says of the line: nobody there, cut off, packets out of order."""
_AWAY_CLASSES = ("08", "40", "53", "57", "58")


class DatabaseAwayError(SystemTrouble):
    """The agency's database does not answer, or the line to it broke; asking again is safe."""


@dataclass(frozen=True)
class Database:
    """Where and how an agency's database is asked; holds no secret."""

    agency: Agency
    url: sa.URL
    zone: zoneinfo.ZoneInfo
    """of timestamps without an offset"""
    is_encrypted: bool
    authorities: str | None
    statement_seconds: int

    @property
    def is_postgresql(self) -> bool:
        """Else it is MariaDB or MySQL."""
        return self.url.drivername.startswith("postgresql")

    @property
    def address(self) -> str:
        """Where it stands, fit for every log."""
        return f"{self.url.host}:{self.url.port}/{self.url.database}"

    def bad(self, problem: str, *, code: str, advice: str) -> BadInput:
        """Complaint about the system, naming agency and address."""
        return BadInput(
            problem, agency=self.agency.agency_code, source=self.agency.source, file=self.address, advice=advice,
            code=code,
        )  # fmt: skip

    @contextmanager
    def snapshot(self, settings: Settings) -> Iterator[sa.Connection]:
        """One read-only transaction that sees the database as it is now, however long it lasts.

        :raises BadInput: the login, or the certificate, is refused
        :raises DatabaseAwayError: nobody answers, or the line breaks
        """
        password = settings.credential(self.agency.agency_code, PASSWORD)
        engine = sa.create_engine(
            self.url.set(password=password),
            poolclass=sa.NullPool,
            hide_parameters=True,
            connect_args=self._postgresql() if self.is_postgresql else self._mysql(),
        )
        try:
            with self.understood(), engine.connect() as connection:
                yield self._begun(connection)
        finally:
            engine.dispose()

    @contextmanager
    def understood(self, table: str | None = None) -> Iterator[None]:
        """What the driver raises inside becomes an error of ours."""
        try:
            yield
        except sa.exc.DBAPIError as error:
            raise self._meaning(error, table) from None

    def _begun(self, connection: sa.Connection) -> sa.Connection:
        if self.is_postgresql:
            return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        limit = self.statement_seconds
        is_mariadb = bool(getattr(connection.dialect, "is_mariadb", False))
        set_limit = f"max_statement_time = {limit}" if is_mariadb else f"max_execution_time = {limit * 1000}"
        for statement in (
            f"set session {set_limit}",
            f"set session time_zone = '{dt.datetime.now(self.zone).isoformat()[-6:]}'",
            "set session transaction isolation level repeatable read",
            "start transaction with consistent snapshot, read only",
        ):
            connection.exec_driver_sql(statement)
        return connection

    def _postgresql(self) -> dict[str, Any]:
        limit = self.statement_seconds * 1000
        options = f"-c statement_timeout={limit} -c lock_timeout={limit} -c timezone={self.zone.key} -c datestyle=ISO"
        # named, because the driver's wheel looks for the system's authorities where this machine has none
        authorities = self.authorities or ssl.get_default_verify_paths().cafile or "system"
        tls = {"sslmode": "verify-full", "sslrootcert": authorities}
        return {
            "options": options,
            "application_name": "flyover",
            "connect_timeout": CONNECT_SECONDS,
            "tcp_user_timeout": limit,
            **(tls if self.is_encrypted else {"sslmode": "disable"}),
        }

    def _mysql(self) -> dict[str, Any]:
        tls = {"ssl": ssl.create_default_context(cafile=self.authorities)} if self.is_encrypted else {}
        return {
            "charset": "utf8mb4",
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": self.statement_seconds + CONNECT_SECONDS,
            **(tls or {"ssl_disabled": True}),
        }

    def _meaning(self, error: sa.exc.DBAPIError, table: str | None) -> FlyoverError:
        original = error.orig
        said = [original.sqlstate] if self.is_postgresql else [*getattr(original, "args", ())]  # type: ignore[union-attr]
        code, text = (said or [None])[0], str(original)
        if self.is_encrypted and code in _NO_LINE and _TLS_WORDS.search(text):
            return self.bad(
                "the encrypted line could not be made", code="refused.sql_tls",
                advice="Check the server's certificate and params.tls_ca; an unencrypted line is not taken.",
            )  # fmt: skip
        if code in _LOGIN or (code is None and _LOGIN_WORDS.search(text)):
            return self.bad(
                f"the login of {self.url.username} is refused", code="refused.sql_login",
                advice=f"./flyover secret set {self.agency.agency_code} {PASSWORD}, or have the user let in again.",
            )  # fmt: skip
        where = table or "a table"
        if code in _FORBIDDEN:
            return self.bad(
                f"{self.url.username} may not read {where}", code="refused.sql_table", advice="Grant SELECT on it."
            )
        if code in _NO_TABLE:
            return self.bad(
                f"{where} is not there", code="refused.sql_table", advice="Name it in params, as tables.ENTITY."
            )
        if code in _NO_COLUMN:
            return self.bad(
                f"a column of {where} has gone", code="refused.sql_column", advice="Ask what changed there."
            )
        if code in _TOO_SLOW:
            return SystemTrouble(
                f"{self._who}: {where} could not be read in {self.statement_seconds} s. It needs an index on the time "
                "of change and on the key; else raise params.statement_seconds"
            )
        if self._is_away(error, code):
            return DatabaseAwayError(f"{self._who} does not answer ({code or type(original).__name__})")
        return self.bad(
            f"{where} cannot be read (the database says {code})", code="refused.sql_answer",
            advice="Look the number up in its manual, or ask its owner.",
        )  # fmt: skip

    def _is_away(self, error: sa.exc.DBAPIError, code: object) -> bool:
        if error.connection_invalidated or code in _AWAY:
            return True
        if isinstance(code, str) and len(code) == 5:  # an SQLSTATE: its class says what kind it is
            return code.startswith(_AWAY_CLASSES)
        if isinstance(code, int):
            return code in _CLIENT_ERRORS
        return isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError)

    @property
    def _who(self) -> str:
        return f"{self.agency.agency_code} ({self.agency.source}): the database at {self.address}"


def of(agency: Agency) -> Database:
    """The database an agency's ``params`` describe.

    :raises ConfigurationError: naming the setting that is missing or wrong
    """
    params = agency.params
    try:
        url = sa.make_url(params.get("url", ""))
    except sa.exc.ArgumentError:
        raise wrong(agency, "params.url must be like postgresql://USER@HOST:PORT/DATABASE (or mysql://…)") from None
    if url.drivername not in _DRIVERS or not all((url.host, url.database, url.username)) or url.query:
        raise wrong(agency, "params.url must be like postgresql://USER@HOST:PORT/DATABASE (or mysql://…)")
    if url.password is not None:
        raise wrong(agency, "params.url must hold no password: ./flyover secret set keeps it")
    tls = params.get("tls", "verify")
    if tls not in ("verify", "off") or (tls == "off" and url.host not in _HERE):
        raise wrong(agency, "params.tls must be verify; off is taken for a database on this machine alone")
    zone = params.get("time_zone", agency.time_zone)
    if zone not in zoneinfo.available_timezones():
        raise wrong(agency, f"params.time_zone {zone!r} is not known")
    port = url.port or (5432 if url.drivername == "postgresql" else 3306)
    return Database(
        agency=agency,
        url=url.set(drivername=_DRIVERS[url.drivername], port=port),
        zone=zoneinfo.ZoneInfo(zone),
        is_encrypted=tls == "verify",
        authorities=params.get("tls_ca"),
        statement_seconds=whole(agency, "statement_seconds", 300),
    )


def whole(agency: Agency, name: str, default: int, *, least: int = 1) -> int:
    """A setting of ``params`` that is a whole number."""
    text = agency.params.get(name, str(default))
    if not text.isdecimal() or int(text) < least:
        raise wrong(agency, f"params.{name} must be a whole number of at least {least}, not {text!r}")
    return int(text)


def wrong(agency: Agency, what: str) -> ConfigurationError:
    """Complaint about a setting."""
    return ConfigurationError(f"{agency.agency_code}.yml: {what}")
