"""Synthetic identifiers that cannot belong to anyone: right by checksum, wrong by area.

Resident identity numbers follow GB 11643-1999, unified social credit codes GB 32100-2015. Every resident
number made here has an area code 3399xx, which GB/T 2260 never assigned.
"""

from __future__ import annotations

import random
from datetime import date
from typing import Final

_RESIDENT_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS: Final = "10X98765432"
_CREDIT_CHARACTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)

RESERVED_AREA: Final = "339900"
"""Area of the scripted persons, whose birth dates are chosen and not spread."""

_FIRST_AREA: Final = 339901
_AREAS: Final = 98
_SERIALS: Final = 499  # sequence numbers of one sex for one area and day
_SLOTS: Final = _AREAS * _SERIALS
_SCRAMBLE: Final = 7_927  # coprime with _SLOTS, so neighbours in the file have unlike numbers
_DAY_CLASSES: Final = 64
MOST_PEOPLE: Final = _SLOTS * _DAY_CLASSES


def check_character(first17: str) -> str:
    """The eighteenth character of a resident identity number."""
    total = sum(int(digit) * weight for digit, weight in zip(first17, _RESIDENT_WEIGHTS, strict=True))
    return _RESIDENT_CHECKS[total % 11]


def resident_id(area: str, born: date, serial: int, sex: str) -> str:
    """A number from its parts; `serial` 0–498 becomes an odd sequence for males, an even one for females."""
    sequence = 2 * serial + (1 if sex == "male" else 2)
    first17 = f"{area}{born:%Y%m%d}{sequence:03d}"
    return first17 + check_character(first17)


def birth_and_id(person_no: int, sex: str, first: date, last: date, rng: random.Random) -> tuple[date, str]:
    """A birth date within [first, last] (64 days apart or more) and a number no other person_no gets.

    Two people can share area and sequence only if their numbers differ by a multiple of the slots; such
    people are given birth days of different classes modulo 64, so their dates cannot be the same. That
    keeps a million identities distinct without remembering any of them.
    """
    turn, place = divmod(person_no, _SLOTS)
    slot = place * _SCRAMBLE % _SLOTS
    day_class = (turn + slot * 7) % _DAY_CLASSES
    low = first.toordinal()
    low += (day_class - low) % _DAY_CLASSES
    choices = (last.toordinal() - low) // _DAY_CLASSES + 1
    born = date.fromordinal(low + _DAY_CLASSES * int(rng.random() * choices))
    area, serial = divmod(slot, _SERIALS)
    return born, resident_id(str(_FIRST_AREA + area), born, serial, sex)


def mistyped(number: str) -> str:
    """The same number with a check character that is wrong."""
    return number[:17] + _RESIDENT_CHECKS[(_RESIDENT_CHECKS.index(number[17]) + 4) % 11]


def mistyped_credit_code(code: str) -> str:
    """The same code with a check character that is wrong."""
    return code[:17] + _CREDIT_CHARACTERS[(_CREDIT_CHARACTERS.index(code[17]) + 4) % 31]


def credit_code(kind: str, division: str, serial: int) -> str:
    """A unified social credit code; its organisation part begins with XX, which is not issued."""
    body = f"XX{serial:06d}"
    total = sum(int(char, 36) * weight for char, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    check = 11 - total % 11
    organisation = body + {10: "X", 11: "0"}.get(check, str(check))
    first17 = kind + division + organisation
    weighted = zip(first17, _CREDIT_WEIGHTS, strict=True)
    remainder = sum(_CREDIT_CHARACTERS.index(char) * weight for char, weight in weighted) % 31
    return first17 + _CREDIT_CHARACTERS[(31 - remainder) % 31]
