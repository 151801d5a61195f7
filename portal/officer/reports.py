"""The quality report as the desk shows it: the files as they were written, each with a way to where it is decided."""

from __future__ import annotations

import html
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from expectations.reports import report
from pipeline.settings import Settings
from portal import frame
from portal.officer import look
from portal.officer.visitor import Visit, Visiting
from portal.refusals import NotTaken
from portal.words import REFUSALS, say

router = APIRouter(include_in_schema=False, prefix="/officer/reports")
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
# The report's bars have their lengths in style attributes; nothing else is let in, and nothing of it runs but its file.
POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_MAIN = '<main id="main">'
_DESK = {"agency": "/agencies/", "rule": "/rules/", "batch": "/batches/"}


@router.get("")
def front_door(visit: Visiting) -> Response:
    """The report begins at its own folder, so that its links hold."""
    return RedirectResponse(f"{look.HOME}/reports/", 303)


@router.get("/{path:path}")
def shown(visit: Visiting, path: str) -> Response:
    """One file of the report. It names agencies and row keys of all, so it is for officers who answer for all."""
    if not is_for(visit):
        raise NotTaken("nothing_here", 404)
    file = _file(visit.settings, path or "index.html")
    if file is None and path in ("", "index.html"):
        told = say(REFUSALS["no_report"], visit.language)
        return frame.message(visit.request, told, 404, {})
    if file is None:
        raise NotTaken("nothing_here", 404)
    content = file.read_bytes()
    if file.suffix == ".html":
        content = _with_way(content.decode(), visit, file).encode()
    return Response(content, media_type=_KINDS[file.suffix], headers={"content-security-policy": POLICY})


def is_for(visit: Visit) -> bool:
    """Whether this person may read the report of the whole province."""
    return visit.actor.agencies is None and visit.actor.may("officer")


def page_about(visit: Visit, kind: str, name: str) -> str | None:
    """Address of the report's page about an agency, a rule or a batch; None where there is none they may read."""
    path = f"{kind}/{name}.html"
    return look.link(f"/reports/{quote(path)}") if is_for(visit) and _file(visit.settings, path) else None


def _file(settings: Settings, path: str) -> Path | None:
    folder = (settings.reports_dir / report.FOLDER).resolve()
    try:
        file = (folder / path).resolve()
        is_ours = file.is_relative_to(folder) and file.suffix in _KINDS and file.is_file()
    except (OSError, ValueError):  # a name no file can have
        return None
    return file if is_ours else None


def _with_way(page: str, visit: Visit, file: Path) -> str:
    """The page with one line that leads to the desk."""
    place = _DESK.get(file.parent.name)
    target = f"{look.HOME}{place}{quote(file.stem)}" if place else look.HOME
    said = ("在工作台处理", "Decide at the desk") if place else ("回到工作台", "Back to the desk")
    words = f'<span class="zh" lang="zh">{said[0]}</span><span class="en" lang="en">{said[1]}</span>'
    way = f'<p class="crumbs"><a href="{html.escape(target)}">→ {words}</a></p>'
    return page.replace(_MAIN, f"{_MAIN}\n{way}", 1)
