"""New passwords for the database's roles, while stages work on.

PostgreSQL knows one password a role. So that nobody is turned away, the file is written while the change waits for its
commit, and holds both: whoever is refused reads it anew (:func:`pipeline.db.connect`) and has the one that opens. What
was connected stays connected.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence

from pipeline.db import SQL, Identifier, Literal, connect
from pipeline.errors import BadInput
from pipeline.settings import DATABASE_ROLES, Settings
from stack.state import State, write_private

PEOPLE = ("engineer", "quality_officer", "policymaker")
"""Roles that people and their programs log in as: changed only when named."""


def passwords(settings: Settings, roles: Sequence[str]) -> tuple[str, ...]:
    """Change the passwords of these roles, or of all that no person uses; returns which. All of them or none.

    :raises BadInput: for a role that is none of ours
    """
    wanted = tuple(roles) or tuple(role for role in DATABASE_ROLES if role not in PEOPLE)
    if strange := sorted(set(wanted) - set(DATABASE_ROLES)):
        raise BadInput(f"no such role: {', '.join(strange)}", advice=f"Roles: {', '.join(DATABASE_ROLES)}.")
    state = State.open(settings.state_dir)
    with state.locked(lambda _: None), connect(settings, "flyover_owner") as connection:
        known = json.loads(state.secrets_file.read_text(encoding="utf-8"))
        fresh = {role: secrets.token_urlsafe(24) for role in wanted}
        for role, password in fresh.items():
            connection.execute(SQL("alter role {} password {}").format(Identifier(role), Literal(password)))
        connection.execute(
            "insert into audit.entry (action, object, detail) values ('secret.rotated', 'database roles', %s)",
            (json.dumps({"roles": wanted}),),
        )
        before = known["pg_passwords"]
        changing = {**known, "pg_passwords": {**before, **fresh}, "pg_passwords_before": before}
        _keep(state, changing)
        try:
            connection.commit()
        except BaseException:
            _keep(state, {**changing, "pg_passwords": before, "pg_passwords_before": fresh})
            raise
    changing.pop("pg_passwords_before")
    _keep(state, changing)
    return wanted


def _keep(state: State, document: dict[str, object]) -> None:
    write_private(state.secrets_file, json.dumps(document, indent=1, sort_keys=True) + "\n")
