"""Deliveries of which nothing could be kept: written down so that their sender can be answered."""

from __future__ import annotations

import uuid

from connectors.registry import Agency
from pipeline.db import connect, patiently
from pipeline.errors import BadInput
from pipeline.settings import Settings

ROLE = "flyover_connector"


def write(settings: Settings, agency: Agency, origin: str, digest: bytes | None, error: BadInput) -> None:
    """Keep why a delivery was refused; ``origin`` is its name as it may be shown."""

    def insert() -> None:
        with connect(settings, ROLE) as connection:
            connection.execute(
                "insert into connect.refusal "
                "(refusal_id, agency_code, source, origin, content_sha256, code, problem, file, line, advice) "
                "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    uuid.uuid4(),
                    agency.agency_code,
                    agency.source,
                    origin,
                    digest,
                    error.code,
                    error.problem,
                    error.file,
                    error.line,
                    error.advice,
                ),
            )

    patiently(insert)
