"""What the house is made of is pinned to the byte, and nothing that runs binds whoever uses it by its licence."""

import os
import re

import pytest

from pipeline.errors import SystemTrouble
from stack import supply
from stack.kafka import jars

PERMISSIVE = re.compile(
    r"Apache|MIT|BSD|ISC|Zlib|PSF|Python Software Foundation|Unlicense|CC0|Public Domain|W3C|OSI Approved",
    re.IGNORECASE,
)
FILE_BY_FILE = re.compile(r"MPL|Mozilla|LGPL|Lesser General|EPL|eclipse|edl|EDL|CDDL|javaee|classpath", re.IGNORECASE)
"""weak copyleft: it binds changes of the library's own files"""


@pytest.fixture(scope="module")
def parts():
    return supply.parts()


def test_every_package_and_jar_is_pinned_by_a_checksum(parts):
    assert {part.origin for part in parts} == {"python", "pages", "kafka"}
    assert [part for part in parts if part.hashes == 0] == []


def test_nothing_that_runs_is_under_a_licence_that_would_bind_its_users(parts):
    fetched = [part for part in parts if part.is_shipped and not part.licence.startswith("not f")]
    binding = [
        part for part in fetched if not PERMISSIVE.search(part.licence) and not FILE_BY_FILE.search(part.licence)
    ]
    alternatives = {"text-unidecode"}  # Artistic or GPL, at the user's choice
    assert {part.name for part in binding} <= alternatives


def test_a_tool_that_only_tests_is_not_counted_as_running(parts):
    runs = {part.name: part.is_shipped for part in parts if part.origin == "python"}
    assert runs["psycopg"]
    assert runs["crc32c"]
    assert not runs["pytest"]


def test_a_jar_of_other_bytes_is_noticed_and_not_used(tmp_path, monkeypatch):
    known = tmp_path / "jars.sha256"
    known.write_text("0" * 64 + "  broker/a-1.jar\n" + "1" * 64 + "  broker/b-1.jar\n")
    monkeypatch.setattr(jars, "CHECKSUMS", known)
    monkeypatch.setattr(jars, "cache_directory", lambda: tmp_path / "cache")
    fake = tmp_path / "mvn"
    fake.write_text('#!/bin/sh\nfor a; do case "$a" in -DoutputDirectory=*) d="${a#*=}";; esac; done\n'
                    'mkdir -p "$d" && echo altered >"$d/a-1.jar"\n')  # fmt: skip
    fake.chmod(0o755)
    monkeypatch.setattr(jars, "maven", lambda: str(fake))
    with pytest.raises(SystemTrouble, match=r"a-1\.jar, b-1\.jar"):
        jars.ensure_jars("broker")
    assert not jars.jars_directory("broker").exists()
    assert os.listdir(jars.jars_directory("broker").parent) == []
