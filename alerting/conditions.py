"""What is wrong now: every kind of alert asks its question and answers with what holds at this moment.

A question that cannot be asked (a server is away, a file is wrong) leaves its kind as it was and stops no other.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from alerting.config import Config
from alerting.kinds import Finding
from alerting.questions import QUESTIONS, Situation
from connectors import registry
from connectors.registry import Agency
from pipeline.db import DatabaseError, connect
from pipeline.errors import ConfigurationError, FlyoverError
from pipeline.settings import Settings

log = logging.getLogger(__name__)
ROLE = "flyover_watch"


@dataclass(frozen=True)
class Found:
    """Everything that holds, and the kinds that could be asked about."""

    findings: tuple[Finding, ...]
    asked: frozenset[str]


def evaluate(settings: Settings, config: Config, now: dt.datetime) -> Found:
    """Ask every question.

    :raises SystemTrouble: when the database is away (retriable)
    """
    findings: list[Finding] = []
    asked: set[str] = set()
    with connect(settings, ROLE, autocommit=True) as connection:
        situation = Situation(settings, config, agencies(settings), connection, now)
        for kind, question in QUESTIONS.items():
            try:
                findings.extend(question(situation))
                asked.add(kind)
            except (FlyoverError, DatabaseError) as error:
                if connection.closed:
                    raise
                log.warning("alerts of kind %s stay as they are: %s", kind, type(error).__name__)
    return Found(tuple(finding for finding in findings if finding.kind in asked), frozenset(asked))


def agencies(settings: Settings) -> Mapping[str, Agency]:
    """The agencies whose yml can be read; what is wrong with another is an alarm of its own DAG."""
    agencies = {}
    for path in sorted(settings.agencies_dir.glob("*.yml")):
        try:
            agencies[path.stem] = registry.read(path)
        except ConfigurationError:
            log.warning("%s cannot be read: ./flyover check", path.name)
    return agencies
