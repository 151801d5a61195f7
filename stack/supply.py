"""What the house is made of: every package and jar with version, licence and checksum, and what is known against it.

Python's part stands in uv.lock, that of the pages in portal/site/package-lock.json, Kafka's in stack/kafka/pom.xml with
jars.sha256: each names the bytes by a hash, and nothing else is installed.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import SystemTrouble
from pipeline.settings import CHECKOUT
from stack import site
from stack.kafka import jars
from stack.state import cache_directory

UV_LOCK, NPM_LOCK = CHECKOUT / "uv.lock", site.SOURCES / "package-lock.json"
NOT_STATED = "not stated"
_KAFKA_PARTS: tuple[jars.Part, ...] = ("broker", "connect", "debezium")
_POM_LICENCE = re.compile(r"<license>\s*<name>([^<]+)</name>")
_LICENCE_TITLE = re.compile(
    r"Apache License|MIT License|Permission is hereby granted, free of charge|BSD|Redistribution"
)
_TITLES = {"Permission is hereby granted, free of charge": "MIT License", "Redistribution": "BSD License"}
_STATED_ELSEWHERE = {
    "activation": "CDDL-1.0",
    "debezium": "Apache-2.0",
    "hash4j": "Apache-2.0",
    "metrics-core": "Apache-2.0",
    "pcollections": "MIT",
    "re2j": "BSD-3-Clause",
    "sketches-java": "Apache-2.0",
    "slf4j-api": "MIT",
}
"""Licences of jars that carry none, as their projects state them beside the source; by the beginning of the name."""
_MANIFEST_LICENCE = re.compile(r"^Bundle-License: *(.+(?:\r?\n .+)*)", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """One package or jar."""

    origin: str
    """python | pages | kafka"""
    name: str
    version: str
    licence: str
    """as the package states it"""
    hashes: int
    """how many files the lock pins by checksum"""
    is_shipped: bool
    """False: it builds or tests, and is no part of what runs"""


def parts() -> list[Part]:
    """Everything, by origin and name."""
    return sorted((*_python(), *_pages(), *_kafka()), key=lambda part: (part.origin, part.name.lower()))


def _python() -> Iterator[Part]:
    locked = {package["name"]: package for package in _python_lock()["package"]}
    for name in sorted(_reached(locked, "flyover", with_groups=True) - {"flyover"}):
        files = [*locked[name].get("wheels", ()), *filter(None, [locked[name].get("sdist")])]
        yield Part(
            "python", name, locked[name]["version"], _stated_licence(name), sum("hash" in file for file in files),
            name in _reached(locked, "flyover", with_groups=False),
        )  # fmt: skip


def _python_lock() -> dict[str, Any]:
    return tomllib.loads(UV_LOCK.read_text(encoding="utf-8"))


def _reached(locked: Mapping[str, Any], start: str, *, with_groups: bool) -> set[str]:
    """Packages that one package needs, itself included; optional ones where the need names their extra."""
    found: set[str] = set()
    needs = list(locked[start].get("dependencies", ()))
    if with_groups:
        needs += [need for group in locked[start].get("dev-dependencies", {}).values() for need in group]
    waiting = [(start, ())] + [(need["name"], tuple(need.get("extra", ()))) for need in needs]
    seen: set[tuple[str, tuple[str, ...]]] = set()
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        name, extras = place
        found.add(name)
        if name == start:
            continue
        package = locked[name]
        wanted = [*package.get("dependencies", ())]
        for extra in extras:
            wanted += package.get("optional-dependencies", {}).get(extra, ())
        waiting += [(need["name"], tuple(need.get("extra", ()))) for need in wanted]
    return found


def _stated_licence(name: str) -> str:
    """What an installed package says of its licence, in the newest of the three ways there are."""
    try:
        said = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return "not for this system"
    classified = [c.rpartition(" :: ")[2] for c in said.get_all("Classifier") or () if c.startswith("License ::")]
    stated = {key: " ".join(said.get_all(key) or ()).strip() for key in ("License-Expression", "License")}
    in_words = stated["License"].splitlines()
    return stated["License-Expression"] or ", ".join(classified) or (in_words[0] if in_words else NOT_STATED)


def _pages() -> Iterator[Part]:
    locked = json.loads(NPM_LOCK.read_text(encoding="utf-8"))["packages"]
    for place, package in locked.items():
        if place:
            name = place.rpartition("node_modules/")[2]
            licence, pinned = package.get("license", NOT_STATED), "integrity" in package
            yield Part("pages", name, package["version"], licence, int(pinned), not package.get("dev", False))


def _kafka() -> Iterator[Part]:
    for part in _KAFKA_PARTS:
        folder = jars.jars_directory(part)
        for file in jars.known(part):
            name, _, version = file.removesuffix(".jar").rpartition("-")
            yield Part("kafka", f"{part}: {name}", version, _jar_licence(folder / file), 1, True)


def _jar_licence(jar: Path) -> str:
    """What a jar says of its licence in its own pom or manifest; jars are only there once they were fetched."""
    if not jar.exists():
        return "not fetched here"
    with zipfile.ZipFile(jar) as opened:
        names = opened.namelist()
        for name in (name for name in names if name.endswith("/pom.xml")):
            if said := _POM_LICENCE.findall(opened.read(name).decode(errors="replace")):
                return ", ".join(dict.fromkeys(said))
        if "META-INF/MANIFEST.MF" in names:
            manifest = opened.read("META-INF/MANIFEST.MF").decode(errors="replace")
            if said := _MANIFEST_LICENCE.findall(manifest):
                return re.sub(r"\r?\n ", "", said[0]).strip()
        for name in (name for name in names if re.fullmatch(r"(META-INF/)?LICENSE(\.txt|\.md)?", name)):
            if title := _LICENCE_TITLE.search(opened.read(name).decode(errors="replace")):
                return _TITLES.get(title[0], title[0])
    return next((licence for name, licence in _STATED_ELSEWHERE.items() if jar.name.startswith(name)), NOT_STATED)


def write_sboms(folder: Path) -> list[Path]:
    """Bills of materials in CycloneDX, one an origin.

    :raises SystemTrouble: when uv or npm cannot make theirs
    """
    folder.mkdir(parents=True, exist_ok=True)
    bills = {
        "python": _told([uv(), "export", "--frozen", "--quiet", "--no-dev", "--format", "cyclonedx1.5"]),
        "pages": _npm("sbom", "--package-lock-only", "--sbom-format", "cyclonedx"),
        "kafka": json.dumps(_kafka_bill(), indent=1),
    }
    written = []
    for origin, bill in bills.items():
        path = folder / f"{origin}.cdx.json"
        path.write_text(bill, encoding="utf-8")
        written.append(path)
    return written


def _kafka_bill() -> dict[str, Any]:
    components = [
        {
            "type": "library",
            "name": file.removesuffix(".jar").rpartition("-")[0],
            "version": file.removesuffix(".jar").rpartition("-")[2],
            "hashes": [{"alg": "SHA-256", "content": checksum}],
            "properties": [{"name": "flyover:part", "value": part}],
        }
        for part in _KAFKA_PARTS
        for file, checksum in jars.known(part).items()
    ]
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components}


def advisories() -> dict[str, str]:
    """What is known against our packages, by origin, as uv and npm tell it.

    An advisory service that does not answer is named as such: that is no clean bill.
    """
    return {
        "python": _told([uv(), "audit", "--frozen", "--no-dev"], fails=True),
        "pages": _npm("audit", "--package-lock-only", fails=True),
    }


def uv() -> str:
    """Path of the uv that installed this checkout.

    :raises SystemTrouble: when it is not there
    """
    kept = sorted(cache_directory().glob("uv-*/bin/uv"))
    found = shutil.which("uv") or (str(kept[-1]) if kept else None)
    if found is None:
        raise SystemTrouble("uv is not on this machine any more; ./flyover installs it when .venv is made anew")
    return found


def _told(command: list[str], *, fails: bool = False) -> str:
    done = subprocess.run(
        command, cwd=CHECKOUT, env={**os.environ, "NO_COLOR": "1"}, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    return _answer(done, " ".join(command[:2]), fails=fails)


def _npm(*arguments: str, fails: bool = False) -> str:
    return _answer(site.npm(site.SOURCES, *arguments), f"npm {arguments[0]}", fails=fails)


def _answer(done: subprocess.CompletedProcess[str], what: str, *, fails: bool) -> str:
    if done.returncode and not fails:
        raise SystemTrouble(f"{what} failed: {done.stderr.strip()[-300:]}")
    return (done.stdout + done.stderr if fails else done.stdout).strip()
