"""How far a OneRoster service has been asked, and how far one may say so."""

from __future__ import annotations

import datetime as dt

import msgspec

from connectors.sources.base import Rejected, Row


class Place(msgspec.Struct):
    """How far the service has been asked; the cursor is its JSON."""

    since: dict[str, str] = {}
    """latest time of change that was seen, by collection"""
    told: dict[str, str] = {}
    """what the last reading of a collection's changes said, as a hash: the overlap alone makes no delivery"""
    full_at: str | None = None
    full_begun: str | None = None
    full_done: list[str] = []


class Mark:
    """The latest time of change seen, but never later than the server's clock when we began to ask."""

    def __init__(self) -> None:
        self._latest: dt.datetime | None = None
        self._began: dt.datetime | None = None
        self.is_rising = True
        """the objects came in the order of their times, so all before the latest have been seen"""

    def asked(self, told_at: dt.datetime | None) -> None:
        """A page came, at this time by the server's clock."""
        self._began = self._began or told_at or dt.datetime.now(dt.UTC)

    def saw(self, row: Row | Rejected) -> None:
        """A row was taken."""
        moment = None if isinstance(row, Rejected) else row.modified_at
        if moment is None:
            self.is_rising = False
            return
        seen = dt.datetime.fromisoformat(moment)
        if self._latest is not None and seen < self._latest:
            self.is_rising = False
        else:
            self._latest = seen

    @property
    def reached(self) -> dt.datetime | None:
        """From when on changes may have been missed; None when no row had a time."""
        return min(self._latest, self._began) if self._latest and self._began else None
