"""What each of our people may do in Airflow. Its one admin is the house itself, with a generated password.

Engineers run and repair DAGs. Quality officers look on: they decide at their own desk (docs/decisions/0011).
Policymakers and agencies have no business in Airflow and get no role. Nobody edits connections, variables or XComs:
nothing of ours is kept in them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

Permission = tuple[str, str]
"""Action and resource, in the words of Airflow's FAB provider."""

_LOOK_ON: tuple[Permission, ...] = (
    *(("can_read", resource) for resource in (
        "DAGs", "DAG Runs", "DAG Versions", "DAG Warnings", "DAG Dependencies", "Task Instances", "Assets",
        "Asset Aliases", "Cluster Activity", "Website", "HITL Detail",
    )),
    *((action, resource) for action in ("can_read", "can_edit") for resource in ("My Password", "My Profile")),
    *(("menu_access", resource) for resource in (
        "Browse", "DAGs", "DAG Runs", "DAG Dependencies", "Assets", "Task Instances",
    )),
)  # fmt: skip
_RUN: tuple[Permission, ...] = (
    *(("can_read", resource) for resource in (
        "DAG Code", "Task Logs", "XComs", "ImportError", "All Import Errors", "Jobs", "Pools", "Backfills",
        "Triggers", "Audit Logs", "Plugins", "Providers",
    )),
    ("can_edit", "DAGs"),  # pause and resume
    *((action, resource) for action in ("can_create", "can_edit") for resource in (
        "DAG Runs", "Task Instances", "Backfills",
    )),
    ("can_create", "Assets"),
    *(("menu_access", resource) for resource in ("Cluster Activity", "Docs", "Documentation", "Jobs", "Audit Logs")),
)  # fmt: skip
ROLES: Mapping[str, tuple[Permission, ...]] = {"engineer": (*_LOOK_ON, *_RUN), "quality_officer": _LOOK_ON}


def mark() -> str:
    """The decisions in short: another mark means that Airflow must be told anew."""
    return hashlib.sha256(json.dumps(ROLES, sort_keys=True).encode()).hexdigest()[:12]
