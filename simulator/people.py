"""One person: what is true about them, wherever they are enrolled."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from typing import Literal

from simulator.divisions import County
from simulator.identity import birth_and_id
from simulator.naming import Name, draw_name

IdState = Literal["valid", "missing", "invalid"]


@dataclass(frozen=True, slots=True)
class Person:
    """A simulated person. `home` is where they live; `no` is their number in the truth files."""

    no: int
    sex: str
    born: date
    resident_id: str
    name: Name
    home: County


def draw_person(rng: random.Random, no: int, first_born: date, last_born: date, home: County) -> Person:
    """A person born within the given days."""
    sex = "male" if rng.random() < 0.512 else "female"
    born, number = birth_and_id(no, sex, first_born, last_born, rng)
    return Person(no, sex, born, number, draw_name(rng, sex, home.minority_ratio), home)
