"""Drawing by shares."""

from __future__ import annotations

import random
from collections.abc import Sequence


def pick(rng: random.Random, weighted: Sequence[tuple[str, float]]) -> str:
    """One of the values by its share; the last where the shares do not quite add up to one."""
    place = rng.random()
    for value, share in weighted:
        place -= share
        if place < 0:
            return value
    return weighted[-1][0]
