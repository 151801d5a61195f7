"""OneRoster's objects as its REST service tells them, turned into the rows its files would have.

A reference is an object with a ``sourcedId``; a file has the id alone. A user's roles stand in the user.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.sources import oneroster_deviations as deviations
from connectors.sources.base import Rejected, Repair, Row
from connectors.sources.oneroster_columns import MADE_KEYS
from connectors.sources.oneroster_deviations import Tolerance
from connectors.sources.oneroster_standard import EXTENSION, KEY, MODIFIED, STATUS, files
from connectors.sources.oneroster_values import Cells, UnknownStatusError, is_gone
from connectors.sources.package import Sender
from pipeline.contracts import Contract
from pipeline.errors import UNCLASSIFIED, BadInput

REFERENCES: Mapping[str, Sequence[str]] = {
    "academicSessionSourcedId": ("academicSession", "gradingPeriod"),
    "agentSourcedIds": ("agents",),
    "categorySourcedId": ("category",),
    "classSourcedId": ("class",),
    "courseSourcedId": ("course",),
    "lineItemSourcedId": ("lineItem",),
    "orgSourcedId": ("org",),
    "orgSourcedIds": ("orgs",),
    "parentSourcedId": ("parent",),
    "primaryOrgSourcedId": ("primaryOrg",),
    "schoolSourcedId": ("school",),
    "schoolYearSourcedId": ("schoolYear",),
    "studentSourcedId": ("student",),
    "termSourcedIds": ("terms",),
    "userProfileSourcedId": ("userProfile",),
    "userSourcedId": ("user",),
}
"""By the column of the file: what the object calls the same reference."""
ROLES = "roles"
Thing = Mapping[str, Any]


@dataclass(frozen=True)
class Address:
    """Where objects came from, so that a complaint can say so."""

    path: str
    sender: Sender

    def bad(
        self, problem: str, *, line: int | None = None, advice: str | None = None, code: str = UNCLASSIFIED
    ) -> BadInput:
        """Complaint about what was told there."""
        return self.sender.bad(problem, file=self.path, line=line or None, advice=advice, code=code)


class Objects:
    """Turns the objects of one collection into rows."""

    def __init__(self, contract: Contract, address: Address, tolerance: Tolerance) -> None:
        self._address, self._tolerance = address, tolerance
        self._wanted = tuple(field.name for field in contract.fields if field.classification != "dropped")
        landed = {field.name for field in contract.landed_fields}
        columns = files()[contract.file.removesuffix(".csv")].columns
        self._cells = Cells([column for column in columns if column.name in landed], address, tolerance, lambda: None)

    def row(self, thing: Thing) -> Row | Rejected:
        """One object as a row; set aside where its status cannot be understood."""
        values = {name: _value(thing, name) for name in self._wanted}
        repairs = self._cells.mend(0, values)
        try:
            gone, said = self._status(_text(thing.get(STATUS)))
        except UnknownStatusError:
            return Rejected(0, "", "reader.oneroster_status", values.get(KEY), STATUS)
        moment, timed = self._modified(_text(thing.get(MODIFIED)))
        return Row(0, values, gone, moment, (*repairs, *said, *timed))

    def _status(self, text: str | None) -> tuple[bool, tuple[Repair, ...]]:
        if text is None:
            return False, (self._tolerance.met(deviations.STATUS_MISSING, self._address, field=STATUS),)
        gone, is_standard = is_gone(text, "1.2")
        if is_standard:
            return gone, ()
        deviation = deviations.STATUS_INACTIVE if text.strip().lower() == "inactive" else deviations.WORD
        return gone, (self._tolerance.met(deviation, self._address, field=STATUS),)

    def _modified(self, text: str | None) -> tuple[str | None, tuple[Repair, ...]]:
        if text is None:
            return None, (self._tolerance.met(deviations.STATUS_MISSING, self._address, field=MODIFIED),)
        return self._cells.modified(0, text)


def roles_of(user: Thing) -> Iterator[Thing]:
    """The roles that stand in a user, each as an object of its own; one has no id, so it is made of what names it."""
    listed = user.get(ROLES)
    for role in listed if isinstance(listed, list) else ():
        if not isinstance(role, dict):
            continue
        thing = {**role, "user": user, STATUS: user.get(STATUS), MODIFIED: user.get(MODIFIED)}
        thing[KEY] = "/".join(_value(thing, name) or "" for name in MADE_KEYS["roles"])
        yield thing


def _value(thing: Thing, name: str) -> str | None:
    if name.startswith(EXTENSION):
        return _text(_extension(thing.get("metadata"), name.removeprefix(EXTENSION)))
    for key in REFERENCES.get(name, ()):
        if key in thing:
            return _text(thing[key])
    return None if name in REFERENCES else _text(thing.get(name))


def _extension(metadata: Any, path: str) -> Any:
    """A value of our own, whether its name is written in one piece or in levels."""
    if not isinstance(metadata, dict):
        return None
    if path in metadata:
        return metadata[path]
    first, _, rest = path.partition(".")
    return _extension(metadata.get(first), rest) if rest else None


def _text(value: Any) -> str | None:
    match value:
        case None | "":
            return None
        case bool():
            return "true" if value else "false"
        case dict():
            return _text(value.get(KEY))
        case list():
            return ",".join(text for item in value if (text := _text(item))) or None
        case _:
            return str(value)
