from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from connectors.sources import archives, package
from connectors.sources.package import Sender, open_package
from pipeline.errors import BadInput
from tests.deliveries import deliver, files_of, pack

SENDER = Sender("sch-test", "oneroster")


def refusal_of(origin: Path) -> str:
    with pytest.raises(BadInput) as refusal, open_package(origin, SENDER):
        pass
    assert str(refusal.value).startswith("sch-test (oneroster): ")
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_nothing_there_is_said_with_the_path(tmp_path: Path) -> None:
    assert f"{tmp_path / 'gone.zip'}: there is no such file or folder" in refusal_of(tmp_path / "gone.zip")


@pytest.mark.parametrize("name", ["e.zip", "e.csv"])
def test_empty_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert f"{name}: the file is empty" in refusal_of(tmp_path / name)


def test_empty_folder_and_empty_zip_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "empty: there are no files in it" in refusal_of(tmp_path / "empty")
    assert "there are no files in it" in refusal_of(pack(tmp_path / "e.zip", {}))


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.999])
def test_torn_zip_is_refused(tmp_path: Path, keep: float) -> None:
    whole = pack(tmp_path / "w.zip", {"orgs.csv": bytes(range(256)) * 40, "users.csv": b"a,b\n1,2\n"}).read_bytes()
    (tmp_path / "torn.zip").write_bytes(whole[: int(len(whole) * keep)])
    assert "torn.zip: the zip is torn or is no zip. Send it again." in refusal_of(tmp_path / "torn.zip")


def test_text_called_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.zip").write_text("sourcedId\n1\n")
    assert "the zip is torn or is no zip" in refusal_of(tmp_path / "t.zip")


def test_zip_without_the_name_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    with open_package(pack(tmp_path / "export.dat", {"a.csv": b"x"}), SENDER) as opened:
        assert set(opened.members) == {"a.csv"}


def test_zip_damaged_inside_is_refused_when_the_damage_is_read(seven_tables: Path, tmp_path: Path) -> None:
    packed = tmp_path / "o.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, text in files_of(seven_tables).items():
            archive.writestr(name, text)
    content = packed.read_bytes()
    packed.write_bytes(content.replace(b'"Withdrawn"', b'"Withdrown"', 1))
    with pytest.raises(BadInput, match=r"o\.zip: studentInfo\.csv: the zip is torn here"):
        deliver("oulad", packed)


def test_encrypted_member_is_refused(tmp_path: Path) -> None:
    content = bytearray(pack(tmp_path / "c.zip", {"orgs.csv": b"x"}).read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(signature) + offset
        struct.pack_into("<H", content, at, struct.unpack_from("<H", content, at)[0] | 1)
    (tmp_path / "c.zip").write_bytes(content)
    assert "c.zip: orgs.csv: the file is encrypted" in refusal_of(tmp_path / "c.zip")


@pytest.mark.parametrize("name", ["../orgs.csv", "/etc/orgs.csv", "a/../../orgs.csv", "..\\orgs.csv", "C:/orgs.csv"])
def test_member_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    assert "the file's name leads out of the zip" in refusal_of(pack(tmp_path / "p.zip", {name: b"x"}))


def test_member_without_a_name_is_refused(tmp_path: Path) -> None:
    content = bytearray(pack(tmp_path / "n.zip", {"x": b"1", "a.csv": b"2"}).read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 46] = 0
    (tmp_path / "n.zip").write_bytes(content)
    assert "the file has no name" in refusal_of(tmp_path / "n.zip")


def test_packing_methods_without_a_limit_on_memory_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "l.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("orgs.csv", "x")
    assert "packed in a way we do not open" in refusal_of(tmp_path / "l.zip")


def test_name_with_line_breaks_stays_on_one_line(tmp_path: Path) -> None:
    assert "�or�gs.csv" in refusal_of(pack(tmp_path / "b.zip", {"../\x1bor\ngs.csv": b"1"}))


def test_name_is_shown_without_resident_ids_and_not_at_endless_length(tmp_path: Path) -> None:
    told = refusal_of(pack(tmp_path / "339901201203150019.zip", {"../339901201203150019" + "x" * 500: b"1"}))
    assert "339901201203150019" not in told
    assert "(number).zip" in told
    assert len(told) < 300


def test_links_are_refused_in_zip_and_folder(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("orgs.csv")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "l.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "the file is a link to elsewhere" in refusal_of(tmp_path / "l.zip")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "orgs.csv").symlink_to("/etc/passwd")
    assert "orgs.csv: the file is a link to elsewhere" in refusal_of(tmp_path / "folder")


def test_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = pack(tmp_path / "b.zip", {"orgs.csv": b"\0" * (archives.RATIO_COUNTS_FROM + 1)})
    assert "unpacks to more than 200 times its size" in refusal_of(bomb)


def test_total_and_count_have_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = pack(tmp_path / "m.zip", {f"{number}.csv": b"abc" for number in range(5)})
    monkeypatch.setattr(package, "MOST_MEMBERS", 4)
    assert "the zip holds 5 files, more than 4" in refusal_of(packed)
    monkeypatch.undo()
    monkeypatch.setattr(package, "LARGEST_TOTAL", 14)
    assert "larger than 0 GB" in refusal_of(packed)


def test_names_that_differ_in_case_only_or_not_at_all_are_refused(tmp_path: Path) -> None:
    assert "two files are called" in refusal_of(pack(tmp_path / "n.zip", {"orgs.csv": b"1", "ORGS.csv": b"2"}))
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.writestr("orgs.csv", "1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("orgs.csv", "2")
    assert "two files of one name" in refusal_of(tmp_path / "d.zip")


def test_one_enclosing_folder_is_seen_through_and_two_are_not(tmp_path: Path) -> None:
    with open_package(pack(tmp_path / "1.zip", {"x/a.csv": b"1", "x/b.csv": b"2"}), SENDER) as opened:
        assert opened.enclosing == "x"
        assert set(opened.members) == {"a.csv", "b.csv"}
    assert "there are no files in it" in refusal_of(pack(tmp_path / "2.zip", {"x/a.csv": b"1", "y/b.csv": b"2"}))
    (tmp_path / "folder" / "x").mkdir(parents=True)
    (tmp_path / "folder" / "x" / "a.csv").write_text("1")
    with open_package(tmp_path / "folder", SENDER) as opened:
        assert opened.enclosing == "x"
