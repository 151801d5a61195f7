"""People with an account in Airflow: made, renewed and ended from the terminal, each under a role of ours."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from pipeline.db import connect
from pipeline.errors import BadInput
from pipeline.settings import Settings
from stack import airflow
from stack.airflow_api import Airflow
from stack.airflow_roles import ROLES

_PEOPLE = "/auth/fab/v1/users"
_NAME = re.compile(r"[a-z][a-z0-9.-]{1,59}")
_AUDITOR = "flyover_connector"


@dataclass(frozen=True)
class Person:
    """One account."""

    name: str
    roles: Sequence[str]
    last_login: str | None


def everyone(house: Airflow) -> list[Person]:
    """All accounts, the house's own among them."""
    found = house.send("GET", _PEOPLE, params={"limit": 1000})["users"]
    return [
        Person(user["username"], tuple(role["name"] for role in user["roles"] or ()), user["last_login"])
        for user in found
    ]


def add(settings: Settings, house: Airflow, name: str, role: str) -> str:
    """Make an account; its password, to be shown this one time.

    :raises BadInput: when the name is taken or unfit, or there is no such role
    """
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name!r} cannot be a name in Airflow", advice="Use small letters, digits, dots and hyphens.")
    if role not in ROLES:
        raise BadInput(f"there is no role {role} in Airflow", advice=f"There are: {', '.join(ROLES)}.")
    if name in {person.name for person in everyone(house)}:
        raise BadInput(f"{name} has an account already", advice="Give it a new password, or remove it.")
    password = secrets.token_urlsafe(24)
    about = {"username": name, "email": f"{name}@localhost", "first_name": name, "last_name": role}
    house.send("POST", _PEOPLE, json={**about, "password": password, "roles": [{"name": role}]})
    _note(settings, "airflow.person_added", name, role)
    return password


def renew(settings: Settings, house: Airflow, name: str) -> str:
    """Give an account another password, to be shown this one time.

    :raises BadInput: when there is no such account, or it is the house's own
    """
    _known(house, name)
    password = secrets.token_urlsafe(24)
    house.send("PATCH", f"{_PEOPLE}/{name}", params={"update_mask": "password"}, json={"password": password})
    _note(settings, "airflow.password_renewed", name, None)
    return password


def remove(settings: Settings, house: Airflow, name: str) -> None:
    """End an account for good; what it did stays in Airflow's own log.

    :raises BadInput: when there is no such account, or it is the house's own
    """
    _known(house, name)
    house.send("DELETE", f"{_PEOPLE}/{name}", done_before=httpx.codes.NOT_FOUND)
    _note(settings, "airflow.person_removed", name, None)


def _known(house: Airflow, name: str) -> None:
    if name == airflow.ADMIN:
        raise BadInput(
            f"{name} is the house's own account", advice="./flyover up gives it the password of its secrets."
        )
    if name not in {person.name for person in everyone(house)}:
        raise BadInput(f"{name} has no account in Airflow", advice="See ./flyover airflow list.")


def _note(settings: Settings, action: str, name: str, role: str | None) -> None:
    with connect(settings, _AUDITOR) as connection:
        connection.execute(
            "insert into audit.entry (action, object, detail) values (%s, %s, jsonb_build_object('role', %s::text))",
            (action, name, role),
        )
