"""What the edge does to identities: check a resident id, make the pseudonym, hide ids inside record ids.

Resident identity number: GB 11643-1999 (17 digits and a check character, ISO 7064 MOD 11-2). Fifteen-digit numbers
of the first generation are turned into eighteen. Area codes are not checked here: retired ones stay valid.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from pipeline.envelope import IdStatus

_FIRST_GENERATION = re.compile(r"\d{15}")
_SECOND_GENERATION = re.compile(r"\d{17}[\dX]")
_ID_INSIDE = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])")
_OTHER_DOCUMENT = re.compile(r"[A-Z]{1,2}\d{6,10}|[HM]\d{8,10}")
_PSEUDONYM = re.compile(r"p\.[0-9A-Za-z_-]{24}")
OLDEST_YEARS = 150
"""Age cap: ids of births in 18xx are the safe synthetic ones, so the cap leaves room for them."""


@dataclass(frozen=True)
class ResidentId:
    """A normalised resident id (or None) and what the edge found about it."""

    status: IdStatus
    number: str | None


def check_resident_id(raw: str | None, today: dt.date) -> ResidentId:
    """Normalise and check what an agency holds as resident id. Never raises, never logs the value.

    Full-width digits and blanks are repaired, ``x`` becomes ``X``, 15 digits become 18. ``invalid`` covers a wrong
    length or character, a birth date that is none or lies in the future, sequence 000 and a wrong check character.
    """
    text = unicodedata.normalize("NFKC", raw or "").strip().replace(" ", "").upper()
    if not text:
        return ResidentId("missing", None)
    if _FIRST_GENERATION.fullmatch(text):
        text = _second_generation(text)
    if _SECOND_GENERATION.fullmatch(text):
        return ResidentId("valid", text) if _holds(text, today) else ResidentId("invalid", None)
    if _OTHER_DOCUMENT.fullmatch(text):
        return ResidentId("other_document", None)
    return ResidentId("invalid", None)


def person_key(number: str, keys: dict[str, bytes], active: str) -> str:
    """Pseudonym of a resident id: ``<key version>.<HMAC-SHA-256, base64url>``, the same in every agency."""
    digest = hmac.new(keys[active], number.encode(), hashlib.sha256).digest()
    return f"{active}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def safe_record_id(record_id: str, key: bytes) -> str:
    """Record id as it may travel: one that contains a resident id (学籍号) is keyed-hashed as a whole.

    Deterministic, so references to the record hash to the same word.
    """
    if not _ID_INSIDE.search(record_id):
        return record_id
    digest = hmac.new(key, b"record:" + record_id.encode(), hashlib.sha256).digest()
    return "h." + base64.urlsafe_b64encode(digest[:18]).decode()


def pseudonym(name: str, key: bytes) -> str:
    """Keyed hash of a word that names someone within one source; one that is a pseudonym already stays as it is."""
    if _PSEUDONYM.fullmatch(name):
        return name
    digest = hmac.new(key, b"name:" + name.encode(), hashlib.sha256).digest()
    return "p." + base64.urlsafe_b64encode(digest[:18]).decode()


def _second_generation(text: str) -> str:
    body = f"{text[:6]}19{text[6:]}"
    return body + str(ric.calc_check_digit(body + "0"))


def _holds(text: str, today: dt.date) -> bool:
    if text[14:17] == "000":
        return False
    try:
        born = dt.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
        check = ric.calc_check_digit(text)
    except (ValueError, ValidationError):
        return False
    return born <= today and born.year >= today.year - OLDEST_YEARS and check == text[-1]
