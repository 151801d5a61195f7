"""Archives of the corpus that no ordinary program would write, and files under another kind's name."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

COURSES = b"code_module,code_presentation,module_presentation_length\nAAA,2024J,268\nAAA,2025B,240\n"
_CENTRAL, _LOCAL = b"PK\x01\x02", b"PK\x03\x04"


def _packed(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return memory.getvalue()


def _zip(folder: Path, content: bytes, name: str = "delivery.zip") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def zip_bomb(folder: Path) -> Path:
    """A hundred megabytes of zeros in a hundred kilobytes."""
    path = folder / "delivery.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("courses.csv", "w") as member:
        for _ in range(100):
            member.write(bytes(2**20))
    return path


def nested_zip(folder: Path) -> Path:
    """A zip in a zip."""
    return _zip(folder, _packed({"inner.zip": _packed({"courses.csv": COURSES})}))


def nested_tar_gz(folder: Path) -> Path:
    """A compressed tar in a zip."""
    return _zip(folder, _packed({"courses.csv": COURSES, "more.tgz": gzip.compress(b"x")}))


def zip_under_a_tables_name(folder: Path) -> Path:
    """A zip in a zip under the name of a table."""
    return _zip(folder, _packed({"courses.csv": _packed({"courses.csv": COURSES})}))


def parent_path(folder: Path) -> Path:
    """A member above the folder it is unpacked in."""
    return _zip(folder, _packed({"../courses.csv": COURSES}))


def inner_parent_path(folder: Path) -> Path:
    """The same behind a folder."""
    return _zip(folder, _packed({"x/../../courses.csv": COURSES}))


def absolute_path(folder: Path) -> Path:
    """A member at the root of the machine."""
    return _zip(folder, _packed({"/etc/courses.csv": COURSES}))


def backslash_path(folder: Path) -> Path:
    """A member above its folder, as Windows writes it."""
    return _zip(folder, _packed({"..\\courses.csv": COURSES}))


def drive_path(folder: Path) -> Path:
    """A member on a drive."""
    return _zip(folder, _packed({"C:/courses.csv": COURSES}))


def long_member_name(folder: Path) -> Path:
    """A member whose name has 5,000 characters."""
    return _zip(folder, _packed({"x" * 5_000 + ".csv": COURSES}))


def link_member(folder: Path) -> Path:
    """A member that is a symbolic link."""
    link = zipfile.ZipInfo("courses.csv")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    return _zip(folder, memory.getvalue())


def link_in_folder(folder: Path) -> Path:
    """A folder with a symbolic link in it."""
    delivery = folder / "delivery"
    delivery.mkdir()
    (delivery / "courses.csv").symlink_to("/etc/passwd")
    return delivery


def doubled_member(folder: Path) -> Path:
    """Two members of one name."""
    memory = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(memory, "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("courses.csv", COURSES)
        archive.writestr("courses.csv", b"other")
    return _zip(folder, memory.getvalue())


def doubled_by_case(folder: Path) -> Path:
    """Two members whose names differ in case."""
    return _zip(folder, _packed({"courses.csv": COURSES, "COURSES.CSV": COURSES}))


def encrypted(folder: Path) -> Path:
    """A member marked as encrypted."""
    content = bytearray(_packed({"courses.csv": COURSES}))
    for signature, offset in ((_LOCAL, 6), (_CENTRAL, 8)):
        at = content.index(signature) + offset
        struct.pack_into("<H", content, at, struct.unpack_from("<H", content, at)[0] | 1)
    return _zip(folder, bytes(content))


def lzma(folder: Path) -> Path:
    """A member packed with LZMA."""
    return _zip(folder, _packed({"courses.csv": COURSES}, zipfile.ZIP_LZMA))


def oversize(folder: Path) -> Path:
    """Members that say they hold 20 GB together."""
    content = bytearray(_packed({f"{number}.csv": b"x" for number in range(5)}))
    at = -1
    while (at := content.find(_CENTRAL, at + 1)) >= 0:
        struct.pack_into("<I", content, at + 24, 2**32 - 2)
    return _zip(folder, bytes(content))


def many_members(folder: Path) -> Path:
    """A thousand and one files."""
    return _zip(folder, _packed({f"{number}.csv": COURSES for number in range(1_001)}, zipfile.ZIP_STORED))


def empty(folder: Path) -> Path:
    """A zip of nothing."""
    return _zip(folder, _packed({}))


def only_folders(folder: Path) -> Path:
    """A zip of empty folders."""
    return _zip(folder, _packed({"a/": b"", "b/": b""}))


def torn(folder: Path) -> Path:
    """A zip cut in half."""
    content = _packed({"courses.csv": bytes(range(256)) * 40})
    return _zip(folder, content[: len(content) // 2])


def damaged_inside(folder: Path) -> Path:
    """A zip whose content does not fit its checksum."""
    return _zip(folder, _packed({"courses.csv": COURSES}, zipfile.ZIP_STORED).replace(b"268", b"269", 1))


def text_named_zip(folder: Path) -> Path:
    """Text under the name of a zip."""
    return _zip(folder, COURSES)


def nul_in_member_name(folder: Path) -> Path:
    """A member whose name goes on behind a NUL."""
    return _zip(folder, _packed({"courses.csv0.exe": COURSES}).replace(b"courses.csv0", b"courses.csv\0"))


def _workbook(**parts: bytes) -> bytes:
    content_types = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    return _packed({"[Content_Types].xml": content_types, "xl/workbook.xml": b"<workbook/>", **parts})


def workbook_named_csv(folder: Path) -> Path:
    """An .xlsx under the name of a table."""
    return _zip(folder, _workbook(), "courses.csv")


def ods_named_csv(folder: Path) -> Path:
    """An .ods under the name of a table."""
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return _zip(folder, _packed({"mimetype": kind, "META-INF/manifest.xml": b""}, zipfile.ZIP_STORED), "courses.csv")


def old_workbook_named_csv(folder: Path) -> Path:
    """An .xls under the name of a table."""
    return _zip(folder, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), "courses.csv")


def workbook_in_zip(folder: Path) -> Path:
    """An .xlsx under the name of a table, in a zip."""
    return _zip(folder, _packed({"courses.csv": _workbook()}))


def entity_bomb_workbook(folder: Path) -> Path:
    """A workbook with a billion laughs in its strings."""
    entities = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    strings = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY l0 "lol">' + entities + b"]><sst><si><t>&l9;</t></si></sst>"
    return _zip(folder, _workbook(**{"xl/sharedStrings.xml": strings}), "courses.csv")


def gzip_named_csv(folder: Path) -> Path:
    """A gzip file under the name of a table."""
    return _zip(folder, gzip.compress(COURSES), "courses.csv")


def gzip_in_zip(folder: Path) -> Path:
    """A gzip file under the name of a table, in a zip."""
    return _zip(folder, _packed({"courses.csv": gzip.compress(COURSES)}))


def rar(folder: Path) -> Path:
    """The beginning of a RAR file."""
    return _zip(folder, b"Rar!\x1a\x07\x01\x00" + bytes(64), "courses.csv")


def seven_zip(folder: Path) -> Path:
    """The beginning of a 7-Zip file."""
    return _zip(folder, b"7z\xbc\xaf\x27\x1c" + bytes(64), "courses.csv")


def pdf(folder: Path) -> Path:
    """The beginning of a PDF."""
    return _zip(folder, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "courses.csv")


def picture(folder: Path) -> Path:
    """The beginning of a PNG."""
    return _zip(folder, b"\x89PNG\r\n\x1a\n" + bytes(64), "courses.csv")


def database(folder: Path) -> Path:
    """The beginning of a SQLite database."""
    return _zip(folder, b"SQLite format 3\0" + bytes(84), "courses.csv")


def zip_named_csv(folder: Path) -> Path:
    """A sound zip under the name of a table."""
    return _zip(folder, _packed({"courses.csv": COURSES}), "courses.csv")
