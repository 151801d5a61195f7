"""Values as cells of a file to mend, and back: what would be run as a formula is marked as text, losslessly.

A text that begins like a formula gets an apostrophe before it, and so does one that would look like such a marked
text; so taking one apostrophe away where there is one before such a text gives back what was there.
"""

from __future__ import annotations

import re

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""What no table can hold. A value that comes back without them was put right by that."""
_RISKY = re.compile(r"'*[ \n]*[=+\-@\t\r]")


def marked(value: str) -> str:
    """The value as it stands in the file."""
    value = cleaned(value)
    return f"'{value}" if _RISKY.match(value) else value


def cleaned(value: str) -> str:
    """The value without what no table can hold."""
    return _CONTROLS.sub("", value)


def unmarked(text: str) -> str:
    """The value of a cell's text; one that a person typed without any mark stays as it is."""
    return text[1:] if text.startswith("'") and _RISKY.match(text) else text
