"""No DAG: shows an agency's wrong yml as an import error of this file on Airflow's page, and of no other file."""

from dags.wiring.registry import known
from pipeline.errors import ConfigurationError

if known().complaints:
    raise ConfigurationError("; ".join(known().complaints))
