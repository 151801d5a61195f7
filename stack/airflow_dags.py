"""Run inside Airflow's environment, with a checkout as the working directory: writes its DAGs as one JSON document.

What a DAG is, is what Airflow itself would write down of it for its scheduler, without what tells one reading of the
same file from another: places, and moments.
"""

import json
import sys
from typing import Any

_OF_THE_READING = ("fileloc", "relative_fileloc", "_processor_dags_folder", "last_loaded", "deactivated_at")


def main(folder: str) -> None:
    """Read every DAG file of ``folder``; files that cannot be read are named with why."""
    from airflow.dag_processing.dagbag import DagBag
    from airflow.serialization.serialized_objects import DagSerialization

    bag = DagBag(folder)
    dags = {dag_id: _bare(DagSerialization.to_dict(dag)["dag"]) for dag_id, dag in bag.dags.items()}
    errors = {path.removeprefix(folder).lstrip("/"): _last_line(error) for path, error in bag.import_errors.items()}
    sys.stdout.write("\n" + json.dumps({"dags": dags, "errors": errors}, default=str, sort_keys=True))


def _bare(dag: Any) -> dict[str, Any]:
    return {key: value for key, value in dag.items() if key not in _OF_THE_READING}


def _last_line(error: str) -> str:
    return (error.strip().splitlines() or ["?"])[-1]


if __name__ == "__main__":
    main(sys.argv[1])
