"""A copy of this checkout, for tests that change files of it as a person would."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from pipeline.settings import CHECKOUT


class Copy:
    """A copy of this checkout under version control, with commands run in it."""

    def __init__(self, root: Path, state: Path) -> None:
        self.root = root
        self.env = {**os.environ, "PYTHONPATH": str(root), "FLYOVER_STATE": str(state)}
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (CHECKOUT / name).is_file():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(CHECKOUT / name, root / name)
        self.git("init", "--quiet")
        self.git("add", "--all", "--force")
        self.git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "--message", "as it is")

    def git(self, *arguments: str) -> str:
        return self.run("git", *arguments)

    def python(self, *arguments: str) -> str:
        return self.run(sys.executable, *arguments)

    def flyover(self, *arguments: str) -> str:
        return self.python("-m", "cli.main", *arguments)

    def run(self, *command: str) -> str:
        done = subprocess.run(
            command, cwd=self.root, env=self.env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0, (command, done.stdout[-3000:], done.stderr[-3000:])
        return done.stdout + done.stderr
