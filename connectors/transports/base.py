"""What every transport gives: slices of what a live system said, each with the place where the next begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from connectors.registry import Agency
from connectors.staging import Progress
from pipeline.settings import Settings

SLICE_ROWS = 10_000
SLICE_SECONDS = 10.0


@dataclass(frozen=True)
class Slice:
    """What one delivery is made of."""

    origin: Path
    """file or folder that the source's own reader opens, or a spool; it is thrown away after staging"""
    cursor: str
    """where the next slice begins: a text of the transport's own, kept in the transaction that stages this one"""


class Transport(Protocol):
    """One way to ask an agency's system."""

    def slices(
        self, settings: Settings, agency: Agency, cursor: str | None, room: Path, progress: Progress
    ) -> Iterator[Slice]:
        """Ask from ``cursor`` (None: from the beginning) to where the system ends now.

        Each slice is staged before the next is asked for, so a kill between two loses nothing; what is told a second
        time is unchanged. Files go into the empty folder ``room``. Waits, slows down and asks again as the system
        wants it.

        :raises BadInput: the login is refused, or the answer breaks the standard; names agency, source and address
        :raises SystemTrouble: the system is still away after all patience (retriable)
        """
        ...
