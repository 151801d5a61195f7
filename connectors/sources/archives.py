"""What may not be in a zip: members that point elsewhere, are encrypted, or unpack to far more than they are."""

from __future__ import annotations

import stat
import zipfile
from pathlib import PurePosixPath

LARGEST_RATIO = 200
RATIO_COUNTS_FROM = 10 * 2**20
"""Smaller members may compress as well as they like: a short file of equal rows is no bomb."""
LONGEST_NAME = 200
_ENCRYPTED = 0x1
_OPENABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def danger_of(info: zipfile.ZipInfo) -> tuple[str, str] | None:
    """What is wrong with a member, and the code of the refusal."""
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if not path.parts:
        return "the file has no name", "refused.unsafe_name"
    if "\0" in info.orig_filename:  # programs differ in where such a name ends
        return "the file's name holds a NUL", "refused.unsafe_name"
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        return "the file's name leads out of the zip", "refused.unsafe_name"
    if any(len(part) > LONGEST_NAME for part in path.parts):
        return f"the file's name is longer than {LONGEST_NAME} characters", "refused.unsafe_name"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "the file is a link to elsewhere", "refused.link"
    if info.flag_bits & _ENCRYPTED:
        return "the file is encrypted; we cannot open it", "refused.encrypted"
    if info.compress_type not in _OPENABLE:
        return "the file is packed in a way we do not open", "refused.packing_method"
    if info.file_size > RATIO_COUNTS_FROM and info.file_size > LARGEST_RATIO * max(info.compress_size, 1):
        return f"the file unpacks to more than {LARGEST_RATIO} times its size", "refused.bomb"
    return None
