"""The marks by which a file of rows to mend is known again, whatever it is called and whoever saved it.

Each row bears a code, ``FIX-<entry>-<seal>``, in the column ``flyover_entry``. The seal is a keyed hash of the agency
and the entry, 80 bits of it, so a code cannot be made up, and one out of another agency's file does not fit. It is
plain letters and digits, in no form that a spreadsheet program takes for a number, a date or a formula.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata

from pipeline.settings import Secrets

COLUMN = "flyover_entry"
"""Header of the column with the codes, in either language."""
GUIDE = (
    ("行号", "row"),
    ("文件或工作表", "file or sheet"),
    ("记录编号", "record number"),
    ("有问题的列", "column at fault"),
    ("问题", "problem"),
    ("如何更正", "how to mend"),
)
"""(in Chinese, in English): what stands beside each row to help whoever mends it. It is not read back."""
_TELLING = (GUIDE[3], GUIDE[5])
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SEAL_LETTERS = 16
_CODE = re.compile(rf"FIX-([{_DIGITS}]{{1,13}})-([{_DIGITS}]{{{_SEAL_LETTERS}}})")
_MOST_ENTRY = 2**63 - 1


def code(secrets: Secrets, agency_code: str, entry: int) -> str:
    """The code of an entry in quarantine, for this agency alone."""
    return f"FIX-{_in_letters(entry)}-{_seal(secrets, agency_code, entry)}"


def entry_of(secrets: Secrets, agency_code: str, text: str) -> int | None:
    """The entry a code stands for; None for a code that is not one of ours, or not this agency's."""
    found = _CODE.fullmatch(plain(text).strip("' ").upper())
    if found is None:
        return None
    entry = 0
    for letter in found[1]:
        entry = entry * len(_DIGITS) + _DIGITS.index(letter)
    if entry > _MOST_ENTRY or not hmac.compare_digest(_seal(secrets, agency_code, entry), found[2]):
        return None
    return entry


def is_column(title: str) -> bool:
    """Whether a header cell is that of the codes."""
    return plain(title).strip("' ").casefold() == COLUMN


def are_in(text: str) -> bool:
    """Whether the first lines of a text are those of a file to mend, its header or its codes lost or not."""
    folded = plain(text)
    if COLUMN in folded.casefold() or _CODE.search(folded.upper()):
        return True
    return any(all(words[place] in folded for words in _TELLING) for place in (0, 1))


def plain(text: str) -> str:
    """A text without what typing and saving do to letters: width, blanks at the ends."""
    return unicodedata.normalize("NFKC", text).strip()


def _seal(secrets: Secrets, agency_code: str, entry: int) -> str:
    key = hashlib.blake2b(secrets.quarantine_key, digest_size=32, person=b"correction").digest()
    digest = hmac.new(key, f"{agency_code}\x1f{entry}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest, "big")
    return _in_letters(number % len(_DIGITS) ** _SEAL_LETTERS).rjust(_SEAL_LETTERS, "0")


def _in_letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number, len(_DIGITS))
        letters = _DIGITS[rest] + letters
    return letters or "0"
