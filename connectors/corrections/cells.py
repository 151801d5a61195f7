"""Values as cells of a file to mend, and back: what would be run as a formula is marked as text, losslessly.

A text that begins like a formula gets an apostrophe before it, and so does one that would look like such a marked
text; so taking one apostrophe away where there is one before such a text gives back what was there.
"""

from __future__ import annotations

import re

_RISKY = re.compile(r"'*[ \n]*[=+\-@\t\r]")


def marked(value: str) -> str:
    """The value as it stands in the file."""
    return f"'{value}" if _RISKY.match(value) else value


def unmarked(text: str) -> str:
    """The value of a cell's text; one that a person typed without any mark stays as it is."""
    return text[1:] if text.startswith("'") and _RISKY.match(text) else text
