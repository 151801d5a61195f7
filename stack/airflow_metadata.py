"""Run inside Airflow's environment: migrates its metadata, makes our roles, gives the admin its password.

One process for all, since importing Airflow is most of the work of each. The password comes by a pipe, to standard
input: an argument would show in the process list.
"""

import sys
from typing import Any

from stack import airflow_roles


def main(username: str, password: str) -> None:
    """Idempotent: an admin who is there gets the password of our secrets again, a role what is decided and no more."""
    from airflow.utils import db

    db.upgradedb()
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        manager = builder.sm
        _make_roles(manager)
        known = manager.find_user(username=username)
        if known is None:
            role = manager.find_role("Admin")
            made = manager.add_user(username, "Flyover", "Admin", f"{username}@localhost", role, password)
            if not made:
                raise SystemExit("the admin user could not be made")
        else:
            manager.reset_password(known.id, password)


def _make_roles(manager: Any) -> None:
    for name, permissions in airflow_roles.ROLES.items():
        role = manager.find_role(name) or manager.add_role(name)
        decided = [manager.create_permission(action, resource) for action, resource in permissions]
        for superfluous in [held for held in role.permissions if held not in decided]:
            manager.remove_permission_from_role(role, superfluous)
        for missing in [permission for permission in decided if permission not in role.permissions]:
            manager.add_permission_to_role(role, missing)


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin.read())
