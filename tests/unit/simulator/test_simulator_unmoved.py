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
    0: "7d41b3a5e8b41a6f 4c66c5113d1a37e8 0a6e1f0351dcbaaf 9c302fb4c912b9ed 479ba5dcd3822795 4f41f2b278973398 "
    "3d98c10163effdfe",
    1: "886be0a50d8ebaea 986ee4f48e720855 d5b43be79685e4c9 e76fbf1c5c057741 b0796e208085d0f9 0091d6f7cd6b6082 "
    "bd64f67ac1468920",
    2: "9e8e680f51985b1a eb1f9797f2e8d477 2f8b2f5b71e17ec0 cde5658b9e532a74 6e3d988ba6e3341d 043588a4853f69b5 "
    "5da3fe027dd63509",
    3: "d9baa8f3ba79f9de 3123d64f512033a2 9cf64aac9513ee32 4f30d491c42cfde6 1b73fd02b8416e46 - -",
}
"""Agencies in the order above: 0 is the province of 5,000 learners, 1 to 3 are the first days of the one of 2,000. The
statistics bureaus send nothing on the third day. Universities' files are those of before human resources and senior
universities came; bureaus' and statistics' were taken anew when they began to tell of earlier years."""
_TRUTH = {0: "c646e83a580de5b4", 1: "f2891017ba521937", 2: "90cce924c56006d8", 3: "dcc59285e5aef75a"}
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
