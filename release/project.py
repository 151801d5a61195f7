"""The dbt project in this process: read once, kept beside the project, run with exactly the nodes that are wanted.

dbt's console output and log files are off: a database error may quote a value, and values of persons belong in no
log. Reading the project takes seconds of processor time, so what dbt has read is kept, whatever the server is called
that it was read for: dbt itself would read it anew for every address and every database.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.settings import Settings
from release import changes

ROLE = "flyover_dbt"
WANTED = "wanted_now"
"""The tag of the nodes that one run is to build; dbt selects one tag faster than a hundred names."""
_KEPT = "parsed-"
_in_memory: dict[Path, Any] = {}
"""What this process has read last: a build has two parts, and a long-lived process builds again."""


class UnreadableProject(Exception):
    """What dbt says of a project it cannot read; for this package's errors to be made from."""


def manifest(settings: Settings) -> Any:
    """The project as dbt reads it: every model with what it is made from.

    :raises UnreadableProject: when it cannot be read
    """
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    kept = _kept_at(settings)
    read = _in_memory.get(kept)
    if read is None:
        try:
            read = Manifest.from_msgpack(kept.read_bytes(), decoder=extended_mashumuro_decoder)
        except Exception:  # not there, torn, of another release of dbt: whatever it is, it is read anew
            read = _read_anew(settings, kept)
        _in_memory.clear()  # one project at a time: a changed one is another
        _in_memory[kept] = read
    return _at_home(read, settings.pg_database)


def _read_anew(settings: Settings, kept: Path) -> Any:
    from dbt.parser.manifest import extended_mashumaro_encoder

    outcome = invoke(settings, ["parse", "--no-partial-parse"])
    if outcome.result is None:
        raise UnreadableProject(str(outcome.exception))
    kept.parent.mkdir(parents=True, exist_ok=True)
    for old in kept.parent.glob(f"{_KEPT}*"):
        old.unlink(missing_ok=True)
    fresh = kept.with_suffix(f".{os.getpid()}")
    fresh.write_bytes(outcome.result.to_msgpack(extended_mashumaro_encoder))
    fresh.replace(kept)
    return outcome.result


def _kept_at(settings: Settings) -> Path:
    """Beside the project, for every state directory and database to share; where that cannot be, with the state."""
    import dbt.version

    project = settings.checkout / "dbt_project"
    place = project / "target" if os.access(project, os.W_OK) else settings.state_dir / "dbt"
    marks = (changes.digest(project), str(project), dbt.version.__version__)
    return place / f"{_KEPT}{hashlib.sha256(repr(marks).encode()).hexdigest()[:32]}.msgpack"


def _at_home(read: Any, database: str) -> Any:
    """The same project in another database of ours: nothing else of a server's address is in it."""
    for node in (*read.nodes.values(), *read.sources.values()):
        if node.database != database:
            if node.relation_name:
                node.relation_name = node.relation_name.replace(f'"{node.database}".', f'"{database}".', 1)
            node.database = database
    return read


def want(read: Any, wanted: Collection[str]) -> None:
    """Tag these nodes (unique ids), and no others, for the next run."""
    for unique_id, node in read.nodes.items():
        node.tags = [tag for tag in node.tags if tag != WANTED] + ([WANTED] if unique_id in wanted else [])


def invoke(settings: Settings, command: Sequence[str], *, read: Any = None, json: str = "--no-write-json") -> Any:
    """Run one command of dbt, on a project read before if there is one; what it came to is dbt's own result."""
    from dbt.cli.main import dbtRunner  # two seconds of import that no other stage should pay

    silent = ["--no-use-colors", "--log-level", "none", "--log-level-file", "none", json]
    with _environment(settings):
        return dbtRunner(manifest=read).invoke([*silent, *command, *_places(settings)])


def target(settings: Settings) -> Path:
    """Where dbt writes."""
    return settings.state_dir / "dbt" / "target"


def _places(settings: Settings) -> list[str]:
    """Project from the checkout; what dbt writes goes to the state directory."""
    project, home = settings.checkout / "dbt_project", settings.state_dir / "dbt"
    home.mkdir(parents=True, exist_ok=True)
    places: Mapping[str, Path] = {
        "--project-dir": project,
        "--profiles-dir": project,
        "--target-path": target(settings),
        "--log-path": home / "logs",
    }
    return [word for option, place in places.items() for word in (option, str(place))]


@contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    """What profiles.yml reads, for the time of one run; the prefix tells dbt to mask the password."""
    ours = {
        "FLYOVER_PG_HOST": settings.pg_host,
        "FLYOVER_PG_PORT": str(settings.pg_port),
        "FLYOVER_PG_DATABASE": settings.pg_database,
        "DBT_ENV_SECRET_PG_PASSWORD": settings.secrets.pg_passwords[ROLE],
    }
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
