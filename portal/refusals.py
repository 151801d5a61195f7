"""What a desk says no to: one error with a code, a status and the facts its sentence names."""

from __future__ import annotations

from pipeline.errors import FlyoverError
from portal.words import REFUSALS


class NotTaken(FlyoverError):
    """What was sent is not taken; ``code`` says why, nothing of it stays."""

    def __init__(self, code: str, status: int = 400, **facts: object) -> None:
        self.code, self.status, self.facts = code, status, facts
        super().__init__(REFUSALS[code].en.format_map(facts))
