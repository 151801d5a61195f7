"""Who decides, and what they may: one check for the terminal, the officer's page and the agencies' own corrections.

============ ================================================================
viewer       counts and states of its agencies; no key and no value of a row
officer      decides; sees the keys of rows, and personal values masked
steward      also sees what is masked; that it looked is kept in the trail
============ ================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from pipeline.errors import FlyoverError

Role = Literal["viewer", "officer", "steward"]
_RANK = {role: rank for rank, role in enumerate(get_args(Role))}

_CALLED: Mapping[Role, str] = {"viewer": "a viewer", "officer": "an officer", "steward": "a steward"}


@dataclass(frozen=True)
class Actor:
    """Someone who looks or decides; ``agencies`` None stands for every agency."""

    name: str
    role: Role = "steward"
    agencies: frozenset[str] | None = None

    def may(self, role: Role, agency_code: str | None = None) -> bool:
        """Whether this person may act as ``role`` about an agency, or about any at all."""
        within = agency_code is None or self.agencies is None or agency_code in self.agencies
        return within and _RANK[self.role] >= _RANK[role]


class NotAllowed(FlyoverError):
    """Someone asked for what their role, or another agency's door, keeps closed."""

    exit_code = 2


HOUSE = Actor("flyover")
"""The pipeline itself, where a day or a replay decides and no person does."""


def require(actor: Actor, role: Role, agency_code: str | None = None) -> None:
    """Let ``actor`` pass, or say what is missing.

    :raises NotAllowed: when the role is too low, or the agency is not one of the actor's
    """
    if not actor.may(role):
        raise NotAllowed(f"{actor.name} is {_CALLED[actor.role]}; this takes {_CALLED[role]}. Ask a steward")
    if not actor.may(role, agency_code):
        raise NotAllowed(f"{actor.name} has no say about {agency_code}. Ask a steward")
