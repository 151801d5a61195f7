"""The published pages under ``/numbers/``: files that a release wrote, for everyone, without signing in.

Nothing here reads the warehouse: what is not in the folder cannot be had. The folder is a link that publishing swaps
whole; files are sent packed where a ``.gz`` lies beside them and the browser takes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from portal import door
from portal.publishing import shelf
from portal.refusals import NotTaken

router = APIRouter(include_in_schema=False)
HOME = "/numbers/"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
TYPES: Mapping[str, str] = MappingProxyType({
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
})  # fmt: skip
FOREVER, ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"
FOR_MACHINES = ("api", "parquet", "data")
"""folders that pages of others may read, too: everything in them is public"""


@router.api_route("/numbers", methods=["GET", "HEAD"])
def home() -> Response:
    """The pages' address without its stroke."""
    return RedirectResponse(HOME, 308)


@router.api_route("/numbers/{path:path}", methods=["GET", "HEAD"])
def page(request: Request, path: str) -> Response:
    """One published file; unchanged ones are not sent twice.

    :raises NotTaken: when there is none of that name, or nothing was published yet
    """
    # the link is followed once, so that one answer never mixes two releases
    root = shelf.link(door.service(request).settings).resolve()
    if not root.is_dir():
        raise NotTaken("no_numbers", 404)
    found = _within(root, path)
    if found is None:
        raise NotTaken("nothing_here", 404)
    packed = found.with_name(f"{found.name}.gz")
    is_packed = packed.is_file() and _takes_gzip(request.headers.get("accept-encoding", ""))
    sent = packed if is_packed else found
    headers = _headers(found.relative_to(root), sent, is_packed=is_packed)
    if headers["etag"] in (
        tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")
    ):
        return Response(status_code=304, headers=headers)
    return FileResponse(sent, headers=headers, media_type=TYPES[found.suffix])


def _within(root: Path, path: str) -> Path | None:
    """The file of that name, if it is one of the folder's own: nothing hidden, nothing outside, no link out of it."""
    parts = PurePosixPath(path).parts
    if "\0" in path or "\\" in path or any(part.startswith((".", "/")) for part in parts):
        return None
    named = root.joinpath(*parts)
    if path == "" or path.endswith("/"):
        named = named / "index.html"
    if named.suffix not in TYPES or not named.is_file() or not named.resolve().is_relative_to(root):
        return None
    return named


def _takes_gzip(accepted: str) -> bool:
    """Whether the browser takes gzip; ``gzip;q=0`` says it does not."""
    offers = {name.strip(): rest.replace(" ", "") for name, _, rest in (e.partition(";") for e in accepted.split(","))}
    weight = offers.get("gzip", offers.get("*", "q=0"))
    return not weight.startswith("q=0") or weight.strip("q=0.") != ""


def _headers(name: Path, sent: Path, *, is_packed: bool) -> dict[str, str]:
    """Of an answer: its tag tells a file and its packed form apart, and files of different releases."""
    seen = sent.stat()
    headers = {
        "etag": f'"{seen.st_mtime_ns:x}-{seen.st_size:x}-{seen.st_ino:x}"',
        "cache-control": FOREVER if name.parts[0] == "assets" else ASK_AGAIN,
        "vary": "accept-encoding",
        "content-security-policy": POLICY,
    }
    if is_packed:
        headers["content-encoding"] = "gzip"
    if name.parts[0] in FOR_MACHINES:
        headers |= {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}
    return headers
