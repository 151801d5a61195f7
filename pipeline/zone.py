"""The province's own time: days end with the day in Zhejiang, wherever the machine stands."""

from __future__ import annotations

import zoneinfo
from typing import Final

ZONE_NAME: Final = "Asia/Shanghai"
ZONE: Final = zoneinfo.ZoneInfo(ZONE_NAME)
