"""A copy of the warehouse beside it, for trying things out: same server, same roles, gone when its user is done.

The copy is one snapshot, piped from ``pg_dump`` to ``pg_restore``: no file of it ever lies on a disk. What was sent
already (the outbox, and the identities that travel beside it) is left out. It holds what the warehouse holds about
persons otherwise, behind the same grants. Whatever ends its use, an error or an interruption too, drops it; what a
killed process left behind is dropped by the next. A copy that is kept on purpose says so in its comment.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

from pipeline import locks, programs
from pipeline.db import SQL, Connection, DatabaseError, Identifier, Literal, connect
from pipeline.errors import FlyoverError, SystemTrouble
from pipeline.settings import Settings
from release import build

OWNER = "flyover_owner"
Say = Callable[[str], None]
SENT_ALREADY = ("connect.outbox", "connect.identity_outbox")
SPARE_BYTES = 500_000_000
_KEPT = "kept by flyover rehearse"
_DROP_PATIENCE_S = 60.0


class NoRoom(FlyoverError):
    """There is no room for a copy, or someone else is making one."""


@contextmanager
def copied(settings: Settings, say: Say, *, keep: bool = False, room: Path | None = None) -> Iterator[Settings]:
    """Settings of a copy as the warehouse is now, with a state directory of its own; one copy at a time.

    A build that is under way is waited for, and the next one waits until the copy is made. ``room`` is a place on the
    disk of the server's data, where that disk can be seen. With ``keep`` the database stays when all went well.

    :raises NoRoom: before anything is done, when the disk is too full or another copy is in use
    """
    with connect(settings, OWNER, autocommit=True) as server, ExitStack() as undo:
        _take_turn(server)
        drop_left_behind(server, settings)
        _check_room(server, room, say)
        name = f"{settings.pg_database}_copy_{secrets.token_hex(4)}"
        home = Path(tempfile.mkdtemp(prefix="copy-", dir=settings.state_dir))
        undo.callback(shutil.rmtree, home, ignore_errors=True)
        server.execute(SQL("create database {}").format(Identifier(name)))
        drop = undo.enter_context(ExitStack())
        drop.callback(_drop, server, name)
        copy = replace(settings, pg_database=name, state_dir=home)
        _fill(settings, copy, say)
        yield copy
        if keep:
            server.execute(SQL("comment on database {} is {}").format(Identifier(name), Literal(_KEPT)))
            drop.pop_all()


def drop_kept(settings: Settings) -> list[str]:
    """Drop the copies that were kept, and what killed processes left; returns their names."""
    with connect(settings, OWNER, autocommit=True) as server:
        _take_turn(server)
        return drop_left_behind(server, settings, kept_too=True)


def drop_left_behind(server: Connection, settings: Settings, *, kept_too: bool = False) -> list[str]:
    """Drop copies no one uses any more; the caller holds the turn, so no other is in use."""
    found = server.execute(
        "select datname from pg_database where datname ~ ('^' || %s || '_copy_[0-9a-f]{8}$') "
        "and (%s or shobj_description(oid, 'pg_database') is distinct from %s)",
        (settings.pg_database, kept_too, _KEPT),
    )
    names = [str(row[0]) for row in found]
    for name in names:
        _drop(server, name)
    return names


def _take_turn(server: Connection) -> None:
    found = server.execute("select pg_try_advisory_lock(%s)", (locks.COPY,)).fetchone()
    if not (found and found[0]):
        raise NoRoom("another rehearsal is under way; wait for its end, or interrupt it")


def _check_room(server: Connection, room: Path | None, say: Say) -> None:
    if room is None:
        say("the server's disk cannot be seen from here: make sure it has room for the warehouse twice more")
        return
    found = server.execute(
        "select pg_database_size(current_database()) - coalesce(sum(pg_total_relation_size(to_regclass(name))), 0) "
        "from unnest(%s::text[]) as name",
        (list(SENT_ALREADY),),
    ).fetchone()
    size, free = int(found[0]) if found else 0, shutil.disk_usage(room).free
    needed = 2 * size + SPARE_BYTES  # the copy, and its models and their log while they are built again
    if free < needed:
        raise NoRoom(
            f"a copy of the warehouse needs {needed / 1e9:.1f} GB and the disk of {room} has {free / 1e9:.1f} GB left: "
            "free some of it, or rehearse where there is more"
        )


def _fill(settings: Settings, copy: Settings, say: Say) -> None:
    with connect(settings, build.ROLE, autocommit=True) as guard:
        say("waiting for a build to end, if one is under way")
        guard.execute("select pg_advisory_lock(%s)", (locks.BUILD,))
        say(f"copying {settings.pg_database} to {copy.pg_database}")
        _pipe(settings, copy)
        given_away = guard.execute(_GIVEN_AWAY, {"owner": OWNER}).fetchall()
    with connect(copy, OWNER) as connection:
        # The owner is no superuser: it can give a relation away only where the schema's grants stand already.
        for (statement,) in given_away:
            connection.execute(statement)
    with connect(copy, OWNER, autocommit=True) as connection:
        connection.execute("analyze")


# Written by the server from its own catalogue, quoted by it. A model that is built anew makes its functions anew, too.
_GIVEN_AWAY = """
select format('alter table %%I.%%I owner to %%I', n.nspname, c.relname, r.rolname)
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
inner join pg_roles as r on c.relowner = r.oid
where c.relkind in ('r', 'p', 'v', 'm') and r.rolname <> %(owner)s
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
union all
select format(
    'alter routine %%I.%%I(%%s) owner to %%I',
    n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), r.rolname
)
from pg_proc as p
inner join pg_namespace as n on p.pronamespace = n.oid
inner join pg_roles as r on p.proowner = r.oid
where r.rolname like 'flyover%%' and r.rolname <> %(owner)s
"""


def _pipe(settings: Settings, copy: Settings) -> None:
    """Dump into restore; either failing ends both."""
    left_out = [f"--exclude-table-data={table}" for table in SENT_ALREADY]
    dump: list[str | Path] = [programs.postgres("pg_dump"), "--format=custom", "--compress=none", "--no-publications",
            "--no-subscriptions", "--enable-row-security", *left_out]  # fmt: skip
    restore: list[str | Path] = [
        programs.postgres("pg_restore"),
        "--exit-on-error",
        "--no-owner",
        f"--dbname={copy.pg_database}",
    ]
    with ExitStack() as stack:
        told = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(2)]
        writing = _started(stack, dump, settings, told[0], stdout=subprocess.PIPE)
        reading = _started(stack, restore, copy, told[1], stdin=writing.stdout)
        assert writing.stdout is not None  # noqa: S101 - a pipe was asked for
        writing.stdout.close()  # so that a restore that ends early ends the dump
        if reading.wait() or writing.wait():
            raise SystemTrouble(f"the warehouse could not be copied: {_first_error(told)}")


def _started(
    stack: ExitStack,
    command: Sequence[str | Path],
    settings: Settings,
    errors: IO[bytes],
    **pipes: IO[bytes] | int | None,
) -> subprocess.Popen[bytes]:
    process: subprocess.Popen[bytes] = subprocess.Popen(
        [str(word) for word in command],
        env=_environment(settings),
        stderr=errors,
        **pipes,  # type: ignore[call-overload]
    )
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process


def _environment(settings: Settings) -> Mapping[str, str]:
    return {
        **os.environ,
        "PGHOST": settings.pg_host,
        "PGPORT": str(settings.pg_port),
        "PGDATABASE": settings.pg_database,
        "PGUSER": OWNER,
        "PGPASSWORD": settings.secrets.pg_passwords[OWNER],
        "PGAPPNAME": "flyover rehearse",
    }


def _first_error(told: Sequence[IO[bytes]]) -> str:
    """The first complaint of either program, up to where a server would quote a value."""
    for file in reversed(told):
        file.seek(0)
        for line in file.read(65_536).decode("utf-8", "replace").splitlines():
            if "error:" in line:
                return line.partition("error:")[2].strip()
    return "the copying was ended from outside"


def _drop(server: Connection, name: str) -> None:
    """Drop a copy; sessions that are just ending are waited for."""
    deadline = time.monotonic() + _DROP_PATIENCE_S
    while True:
        try:
            server.execute(SQL("drop database if exists {}").format(Identifier(name)))
        except DatabaseError as error:
            if time.monotonic() > deadline or server.broken:
                raise SystemTrouble(
                    f"the copy {name} could not be dropped ({str(error).splitlines()[0]}): close what still uses it, "
                    "then ./flyover rehearse --drop"
                ) from None
        else:
            return
