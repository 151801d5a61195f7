"""One delivery handed in over the desk: from the request's body to the drop folder, whose watcher wakes the ingest."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from connectors.edge import stable_key
from connectors.registry import Agency
from pipeline.db import connect
from pipeline.pseudonyms import safe_record_id
from pipeline.settings import Settings
from portal import door
from portal.agency import desk, receive
from portal.agency.incoming import Arrived, Incoming
from portal.limits import MOST_UPLOADS
from portal.refusals import NotTaken


@dataclass(frozen=True)
class HandedIn:
    """A delivery that waits to be read."""

    upload_id: uuid.UUID
    origin: str
    size: int


async def take(request: Request, agency: Agency, is_genuine: Callable[[str | None], bool]) -> HandedIn:
    """Take one delivery, whole or not at all.

    :raises NotTaken: why not; nothing of it was kept
    """
    ours = door.service(request)
    with ours.crowd.room(agency.agency_code) as has_room:
        if not has_room:
            raise NotTaken("busy", 429, most=MOST_UPLOADS)
        incoming = Incoming(
            ours.settings, agency.agency_code, ours.config.max_upload_bytes, ours.config.spare_disk_bytes
        )
        try:
            incoming.expect(receive.announced_length(request))
            if receive.is_form(request):
                await receive.form(request, incoming, ours.config.silence_s, is_genuine)
            else:
                name = receive.announced_name(request)
                await receive.raw(request, incoming, ours.config.silence_s, name)
            arrived = await run_in_threadpool(incoming.settle)
        except NotTaken as refused:
            await _hear_out(request, refused, ours.config.max_upload_bytes)
            raise
        finally:
            await run_in_threadpool(incoming.discard)
        return await run_in_threadpool(_note, ours.settings, agency, arrived)


def _note(settings: Settings, agency: Agency, arrived: Arrived) -> HandedIn:
    """Write it down; a delivery we could give no answer to is not kept."""
    upload_id = uuid.uuid4()
    origin = safe_record_id(arrived.path.name, stable_key(settings.secrets))
    try:
        with connect(settings, desk.ROLE) as connection:
            desk.look_as(connection, agency.agency_code)
            connection.execute(
                "insert into portal.upload (upload_id, agency_code, source, origin, content_sha256, bytes) "
                "values (%s, %s, %s, %s, %s, %s)",
                (upload_id, agency.agency_code, agency.source, origin, arrived.content_sha256, arrived.size),
            )
    except BaseException:
        _take_back(arrived)
        raise
    door.note(
        settings, door.AGENCIES, agency.agency_code, "desk.handed_in", f"upload {upload_id}", {"bytes": arrived.size}
    )
    return HandedIn(upload_id, origin, arrived.size)


def _take_back(arrived: Arrived) -> None:
    if arrived.path.is_dir():
        for member in arrived.path.iterdir():
            member.unlink()
        arrived.path.rmdir()
    else:
        arrived.path.unlink(missing_ok=True)


async def _hear_out(request: Request, refused: NotTaken, limit: int) -> None:
    """Let a sender finish that is to be told why: a browser hears no answer while it still talks."""
    if refused.status in (403, 408, 507):
        return
    heard = 0
    with suppress(Exception):
        async for chunk in request.stream():
            heard += len(chunk)
            if heard > limit:
                return
