"""`python -m simulator --out DIR --learners N --seed S`: write a province and say where it lies."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from simulator.province import write_province


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and write; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description="Write a simulated province.")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write below")
    parser.add_argument("--learners", type=int, default=5_000, metavar="N", help="distinct learners (default 5000)")
    parser.add_argument(
        "--seed", type=int, default=1, metavar="S", help="the same seed gives the same files (default 1)"
    )
    parser.add_argument("--day", type=int, default=1, metavar="D", help="which delivery: 1 the first, 2 the next …")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    try:
        province = write_province(
            options.out,
            learners=options.learners,
            seed=options.seed,
            day=options.day,
            progress=_shown if sys.stderr.isatty() else None,
        )
    except ValueError as error:
        parser.error(str(error))
    sys.stdout.write(
        f"{province.learners:,} simulated learners in {province.root}, truth in {province.truth} "
        f"({time.monotonic() - began:.1f} s)\n"
    )
    return 0


def _shown(what: str, done: int, total: int) -> None:
    sys.stderr.write(f"\r{what}: {done:,} of {total:,} people ")


if __name__ == "__main__":
    raise SystemExit(main())
