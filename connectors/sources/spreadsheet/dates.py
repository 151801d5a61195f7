"""Days as workbooks count them: from 1900, with a 29 February there never was, or from 1904."""

from __future__ import annotations

import datetime as dt
import re

_FIRST_1904 = dt.date(1904, 1, 1)
_BEFORE_PHANTOM, _AFTER_PHANTOM = dt.date(1899, 12, 31), dt.date(1899, 12, 30)
PHANTOM = "1900-02-29"
"""Serial 60 in the 1900 system: a day that never was, handed on as written so that the contract sets it aside."""
_PHANTOM_SERIAL, _LAST_SERIAL = 60, 2_958_465
_DAY = 86_400
_LITERALS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_BUILT_IN = frozenset({*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)})
"""Number formats that show a date; 27 to 58 are those of Chinese, Japanese and Korean editions."""


def moment(serial: float, *, is_1904: bool) -> str | None:
    """Day, with the time where there is one, of a serial number; None for what is no day."""
    day, seconds = divmod(round(serial * _DAY), _DAY)
    if day < 0 or day > _LAST_SERIAL:
        return None
    if not is_1904 and day == _PHANTOM_SERIAL:
        return PHANTOM
    since_1900 = _BEFORE_PHANTOM if day < _PHANTOM_SERIAL else _AFTER_PHANTOM
    first = _FIRST_1904 if is_1904 else since_1900
    try:
        date = first + dt.timedelta(days=day)
    except OverflowError:
        return None
    if not seconds:
        return date.isoformat()
    return (dt.datetime.combine(date, dt.time()) + dt.timedelta(seconds=seconds)).isoformat()


def shows_date(format_id: int, code: str | None) -> bool:
    """Whether a number format shows a day (not only a time of day)."""
    if code is None:
        return format_id in _BUILT_IN
    bare = _LITERALS.sub("", code.split(";")[0]).lower()
    if "general" in bare:
        return False
    return "y" in bare or "d" in bare or ("m" in bare and not re.search(r"[0#hs?]", bare))


def shows_percent(format_id: int, code: str | None) -> bool:
    """Whether a number format shows a hundredfold with a percent sign."""
    return format_id in (9, 10) if code is None else "%" in _LITERALS.sub("", code)


def shows_digits(code: str | None) -> int:
    """Digits a number format fills up to with zeros (``00000`` gives 5), else 0."""
    bare = _LITERALS.sub("", code or "").strip()
    return len(bare) if len(bare) > 1 and set(bare) == {"0"} else 0
