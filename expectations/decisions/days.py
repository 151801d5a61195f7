"""Which day it is where decisions are taken: a waiver ends with the day in Zhejiang, wherever the machine stands."""

from __future__ import annotations

import datetime as dt

from pipeline.zone import ZONE


def today() -> dt.date:
    """The day in Zhejiang."""
    return dt.datetime.now(ZONE).date()
