"""What stands on what: dbt's own page of the warehouse, as ./flyover docs --warehouse wrote it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from portal import frame
from portal.officer import look, reports
from portal.officer.visitor import Visit, Visiting
from portal.refusals import NotTaken
from portal.words import REFUSALS, say
from release import build
from release import lineage as models

router = APIRouter(include_in_schema=False, prefix="/officer/lineage")
# The page is one file of another's making, with its scripts inside: it runs in a room of its own, without our cookies,
# and reaches no server.
POLICY = (
    "default-src 'none'; sandbox allow-scripts; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@router.get("")
def shown(visit: Visiting) -> Response:
    """The page. It describes restricted tables, never what is in them; for officers who answer for all agencies."""
    if not reports.is_for(visit):
        raise NotTaken("nothing_here", 404)
    if not is_there(visit):
        return frame.message(visit.request, say(REFUSALS["no_lineage"], visit.language), 404, {})
    path = build.page_path(visit.settings)
    return FileResponse(path, media_type="text/html; charset=utf-8", headers={"content-security-policy": POLICY})


def is_there(visit: Visit) -> bool:
    """Whether this person may read it, and it was written."""
    return reports.is_for(visit) and build.page_path(visit.settings).is_file()


def link(source: str) -> str:
    """Address of all that stands on a source."""
    return f"{look.HOME}/lineage{models.graph_of_source(source)}"
