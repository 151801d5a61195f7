"""Deliveries of which nothing could be kept: written down so that their sender can be answered."""

from __future__ import annotations

import uuid

from connectors.registry import Agency
from pipeline.db import connect, patiently
from pipeline.errors import BadInput
from pipeline.settings import Settings

ROLE = "flyover_connector"


_TOLD_ALREADY = """
select from connect.refusal as r
where r.agency_code = %(agency)s and r.source = %(source)s and r.origin = %(origin)s and r.content_sha256 is null
    and (r.code, r.problem, r.file, r.line, r.advice)
        is not distinct from (%(code)s::text, %(problem)s::text, %(file)s::text, %(line)s::integer, %(advice)s::text)
    and r.refused_at > coalesce(greatest(
        (select max(d.staged_at) from connect.delivery as d
            where d.agency_code = %(agency)s and d.source = %(source)s and d.mode <> 'replay'),
        (select max(c.asked_at) from connect.cursor as c where c.agency_code = %(agency)s and c.source = %(source)s)
    ), '-infinity')
"""


def write(settings: Settings, agency: Agency, origin: str, digest: bytes | None, error: BadInput) -> None:
    """Keep why a delivery was refused; ``origin`` is its name as it may be shown.

    A live system (no ``digest``) that refuses at each pull for the same reason has one refusal until it is heard of.
    """
    refused = {
        "id": uuid.uuid4(),
        "agency": agency.agency_code,
        "source": agency.source,
        "origin": origin,
        "digest": digest,
        "code": error.code,
        "problem": error.problem,
        "file": error.file,
        "line": error.line,
        "advice": error.advice,
    }

    def insert() -> None:
        with connect(settings, ROLE) as connection:
            if digest is None and connection.execute(_TOLD_ALREADY, refused).fetchone() is not None:
                return
            connection.execute(
                "insert into connect.refusal "
                "(refusal_id, agency_code, source, origin, content_sha256, code, problem, file, line, advice) "
                "values (%(id)s, %(agency)s, %(source)s, %(origin)s, %(digest)s, %(code)s, %(problem)s, %(file)s, "
                "%(line)s, %(advice)s)",
                refused,
            )

    patiently(insert)
