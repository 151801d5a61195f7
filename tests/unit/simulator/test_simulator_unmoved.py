"""Adding a sector leaves every file of the others, and what is known about them, as they were to the byte."""

import csv
import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from simulator.divisions import SCHOOL_AGENCIES, STATS_AGENCIES

_AGENCIES = (*SCHOOL_AGENCIES, "ou-zhejiang", "ou-ningbo", *STATS_AGENCIES)
_FILES = {
    0: "42dd62a57fdbbc28 f3b14013a1fac1c4 44b3d26aad450505 9c302fb4c912b9ed 479ba5dcd3822795 b8bbfe685d43eed7 "
    "1b1d19b2a27fbcc2",
    1: "a89e0e955b54e829 7c13621c13da0b5b 61cfd16d3a70c6fa e76fbf1c5c057741 b0796e208085d0f9 80099571fa5e2f9c "
    "d6690a5b6dedba8f",
    2: "c8b2d20335157c0e 3097fbfa10355ee4 d3a4d5e8af41f9f7 cde5658b9e532a74 6e3d988ba6e3341d 825f2c2a8b251f1b "
    "e775e23028d30b5e",
    3: "c89a53212d14ad65 a76d1d9bdbdd5e2b 8d32b7d0ff7d70dd 4f30d491c42cfde6 1b73fd02b8416e46 - -",
}
"""Agencies in the order above, taken before human resources and senior universities came: 0 is the province of 5,000
learners, 1 to 3 are the first days of the one of 2,000. The statistics bureaus send nothing on the third day."""
_TRUTH = {0: "46facf99e9293b9b", 1: "a6b17c9ab3c851d3", 2: "2c6f84f57868e553", 3: "e942d6673987ca11"}
_INDICATORS = "e41f23dd8557f87c"


def _digest_of_files(root: Path, agency: str) -> str:
    """Over names and contents; a zip by its members, because its bytes depend on the machine's zlib."""
    digest = hashlib.sha256()
    for path in sorted(path for path in (root / agency).rglob("*") if path.is_file()):
        digest.update(path.name.encode())
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    digest.update(name.encode() + archive.read(name))
        else:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _digest_of_truth(folder: Path) -> str:
    """Over all that is known about these agencies; defects are numbered through all sectors, so without the number."""
    digest = hashlib.sha256()
    for name in ("people", "defects", "witnesses", "changes"):
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["agency_code"] in _AGENCIES:
                    told = [value for key, value in row.items() if key not in ("defect_id", "indicator")]
                    digest.update("|".join(told).encode())
    return digest.hexdigest()[:16]


@pytest.fixture(scope="module")
def provinces(written, days):
    return {0: written, **days}


@pytest.mark.parametrize("which", [0, 1, 2, 3])
def test_files_of_schools_universities_and_statistics_are_as_they_were(provinces, which) -> None:
    root = provinces[which].root
    found = [_digest_of_files(root, agency) if (root / agency).exists() else "-" for agency in _AGENCIES]
    assert found == _FILES[which].split()


@pytest.mark.parametrize("which", [0, 1, 2, 3])
def test_what_is_known_about_them_is_as_it_was(provinces, which) -> None:
    assert _digest_of_truth(provinces[which].truth_folder) == _TRUTH[which]


def test_their_three_indicators_and_the_learners_are_as_they_were(written) -> None:
    names = ("school_size_bands", "lifelong_participation_25_64", "mean_years_schooling")
    told = json.dumps([written.expected["indicators"][name] for name in names])
    assert hashlib.sha256(told.encode()).hexdigest()[:16] == _INDICATORS
    assert written.expected["persons"]["learners"] == 5_000
