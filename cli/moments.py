"""Moments and spans as a table shows them."""

from __future__ import annotations

import datetime as dt


def clock(moment: dt.datetime | None) -> str | None:
    """A moment in its own zone, to the minute."""
    return None if moment is None else moment.strftime("%Y-%m-%d %H:%M %Z")


def span(length: dt.timedelta) -> str:
    """Hours and minutes; days where it is long."""
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    return f"{hours // 24} d {hours % 24} h" if hours >= 48 else f"{hours} h {minutes:02} min"
