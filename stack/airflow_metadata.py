"""Run inside Airflow's environment: migrates its metadata and gives the admin the password read from standard input.

One process for both, since importing Airflow is most of the work of either. The password comes by a pipe: an
argument would show in the process list.
"""

import sys


def main(username: str, password: str) -> None:
    """Idempotent: an admin who is there gets the password of our secrets again."""
    from airflow.utils import db

    db.upgradedb()
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        manager = builder.sm
        known = manager.find_user(username=username)
        if known is None:
            role = manager.find_role("Admin")
            made = manager.add_user(username, "Flyover", "Admin", f"{username}@localhost", role, password)
            if not made:
                raise SystemExit("the admin user could not be made")
        else:
            manager.reset_password(known.id, password)


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin.read())
