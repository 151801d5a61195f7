"""The jars of the broker, of Connect and of its connector: copied once by Maven from the pinned pom.

Every checkout with the same pom shares them.
"""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pipeline.errors import ConfigurationError, SystemTrouble
from stack.state import cache_directory

POM = Path(__file__).with_name("pom.xml")
CHECKSUMS = Path(__file__).with_name("jars.sha256")
"""Every jar of the pom as it was reviewed, in the form of sha256sum: `cd` to the parts' folder and write it anew."""
# Named whole: looking a short name up first would hide why the repository cannot be reached.
_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_LINES_SHOWN = 2
Part = Literal["broker", "connect", "debezium"]
"""A profile of the pom."""
_FOLDERS: Mapping[Part, str] = {"broker": "broker", "connect": "connect", "debezium": "plugins/debezium"}
_CALLED: Mapping[Part, str] = {
    "broker": "the Kafka broker",
    "connect": "Kafka Connect",
    "debezium": "the change-capture connector",
}


def version(product: Literal["kafka", "debezium"] = "kafka") -> str:
    """The version the pom pins; Connect has the broker's."""
    found = re.search(rf"<{product}\.version>([^<]+)</{product}\.version>", POM.read_text(encoding="utf-8"))
    if found is None:
        raise ConfigurationError(f"{POM} pins no {product}.version")
    return found.group(1)


def jars_directory(part: Part = "broker") -> Path:
    """Where the jars of a part of this pom are, or will be."""
    mark = hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    return cache_directory() / f"kafka-{version()}-{mark}" / _FOLDERS[part]


def ensure_jars(part: Part = "broker") -> Path:
    """Fetch the jars of a part unless they are there; a broken download leaves nothing behind."""
    target = jars_directory(part)
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    command = [
        maven(), "--batch-mode", "--quiet", "--file", str(POM), "--activate-profiles", part, _GOAL,
        "-DincludeScope=runtime", "-Dstyle.color=never", f"-DoutputDirectory={draft}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        said = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line]
        raise SystemTrouble(f"Maven could not fetch {_CALLED[part]}: " + " / ".join(said[:_LINES_SHOWN]))
    if strange := differing(part, draft):
        shutil.rmtree(draft, ignore_errors=True)
        raise SystemTrouble(
            f"what came for {_CALLED[part]} is not what was reviewed: {', '.join(strange[:_LINES_SHOWN])} "
            f"({len(strange)} in all; {CHECKSUMS.name} has the checksums). Nothing of it is used"
        )
    try:
        draft.rename(target)
    except OSError:  # another checkout was quicker: its copy is the same
        shutil.rmtree(draft, ignore_errors=True)
    return target


def known(part: Part) -> Mapping[str, str]:
    """Name of each jar of a part, with its SHA-256 in hex."""
    lines = (line.split() for line in CHECKSUMS.read_text(encoding="utf-8").splitlines())
    return {Path(path).name: checksum for checksum, path in lines if str(Path(path).parent) == _FOLDERS[part]}


def differing(part: Part, folder: Path) -> list[str]:
    """Jars in a folder that are missing, too many, or other bytes than those reviewed."""
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    return sorted({name for name, _ in found.items() ^ known(part).items()})


def maven() -> str:
    """Path of mvn."""
    return _tool("mvn", "maven")


def java() -> str:
    """Path of java: `$JAVA_HOME`'s, else the one on PATH."""
    home = os.environ.get("JAVA_HOME")
    if home and os.access(Path(home) / "bin" / "java", os.X_OK):
        return str(Path(home) / "bin" / "java")
    return _tool("java", "openjdk-17-jre-headless")


def _tool(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SystemTrouble(f"{name} is not installed; type: sudo apt-get install -y {package}")
    return found
