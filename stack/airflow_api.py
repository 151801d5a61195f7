"""What a command asks of Airflow, over its REST interface (v2), as the generated admin user."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import httpx

from pipeline.db import patiently
from pipeline.errors import SystemTrouble
from stack import airflow
from stack.state import State

TIMEOUT_S, PATIENCE_S = 30.0, 180.0


def of_checkout() -> Airflow:
    """A session with this checkout's Airflow, as the admin user that ``up`` made."""
    return of(State.open())


def of(state: State) -> Airflow:
    """A session with the Airflow of a state directory."""
    secrets = json.loads(state.secrets_file.read_text())
    return Airflow(state.stack()["airflow_url"], airflow.ADMIN, secrets["airflow_admin_password"])


class Airflow:
    """A session with a running Airflow."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=TIMEOUT_S, trust_env=False)
        answer = self.send("POST", "/auth/token", json={"username": user, "password": password})
        self._http.headers["Authorization"] = f"Bearer {answer['access_token']}"

    def dag_ids(self) -> set[str]:
        """DAGs that Airflow has read so far."""
        found = self.send("GET", "/api/v2/dags", params={"limit": 1000, "exclude_stale": True})
        return {dag["dag_id"] for dag in found["dags"]}

    def import_errors(self) -> list[str]:
        """Files that could not be read as DAGs, one line each."""
        found = self.send("GET", "/api/v2/importErrors")
        return [f"{e['filename']}: {e['stack_trace'].strip().splitlines()[-1]}" for e in found["import_errors"]]

    def unpause(self, dag_id: str) -> None:
        """Let a DAG run; nothing happens when it already may."""
        self.send("PATCH", f"/api/v2/dags/{dag_id}", json={"is_paused": False})

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None) -> str:
        """Start a run now; returns its id. Asking again after a lost answer starts no second run."""
        now = dt.datetime.now(dt.UTC).isoformat()
        run_id = f"manual__{now}"
        wish = {"dag_run_id": run_id, "logical_date": now, "conf": dict(conf or {})}
        self.send("POST", f"/api/v2/dags/{dag_id}/dagRuns", done_before=httpx.codes.CONFLICT, json=wish)
        return run_id

    def run_state(self, dag_id: str, run_id: str) -> str:
        """queued, running, success or failed."""
        return str(self.send("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def failed_since(self, since: dt.datetime) -> list[tuple[str, str]]:
        """(DAG, run) that failed since a moment."""
        found = self.send(
            "GET",
            "/api/v2/dags/~/dagRuns",
            params={"state": "failed", "start_date_gte": since.isoformat(), "limit": 100},
        )
        return [(run["dag_id"], run["dag_run_id"]) for run in found["dag_runs"]]

    def send(self, method: str, path: str, *, done_before: int | None = None, **request: Any) -> dict[str, Any]:
        """One request, repeated while Airflow is busy; ``done_before`` is the answer to one that had got through.

        :raises SystemTrouble: when Airflow is away, or refuses
        """

        def once() -> httpx.Response:
            try:
                return self._http.request(method, path, **request)
            except httpx.TransportError as error:
                raise SystemTrouble(
                    f"Airflow at {self._http.base_url} does not answer ({type(error).__name__}). See ./flyover status"
                ) from None

        answer = patiently(once, patience_s=PATIENCE_S)
        if answer.is_error and answer.status_code != done_before:
            raise SystemTrouble(
                f"Airflow refused {method} {path} ({answer.status_code}). See ./flyover logs airflow-api"
            )
        document: dict[str, Any] = answer.json() if answer.content else {}
        return document
