"""Processor time of a server includes the children that have ended, as a server's sessions do."""

import os
import subprocess
import sys
import time

from benchmarks.meter import Meter, family_cpu_s, metered, server_cpu_s

BURN = "import time\nwhile time.process_time() < 0.3: pass"


def test_time_of_a_session_that_has_ended_counts_on():
    before = server_cpu_s(os.getpid())
    child = subprocess.Popen([sys.executable, "-c", BURN])
    child.wait()
    assert server_cpu_s(os.getpid()) - before >= 0.25


def test_time_of_a_session_that_lives_counts():
    code = f"{BURN}\nprint('burnt', flush=True)\ninput()"
    before = server_cpu_s(os.getpid())
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        assert server_cpu_s(os.getpid()) - before >= 0.25
        child.communicate(b"\n")


def test_time_of_a_family_holds_grandchildren_living_and_collected_and_is_apart_from_the_leaders():
    nested = (
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BURN!r}])\nprint('x', flush=True)\ninput()"
    )
    own, below = family_cpu_s(os.getpid())
    with subprocess.Popen([sys.executable, "-c", nested], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        living = family_cpu_s(os.getpid())[1] - below
        child.communicate(b"\n")
    now = family_cpu_s(os.getpid())
    assert living >= 0.25
    assert now[1] - below >= living
    assert now[0] - own < 0.25
    assert family_cpu_s(2**22 + 1) == (0.0, 0.0)


def test_parts_add_up_to_the_whole():
    with metered(os.getpid()) as meter:
        meter.part("a")
        meter.part("b")
        meter.part("a")
    assert list(meter.measure.parts) == ["a", "b"]
    assert sum(meter.measure.parts.values()) <= meter.measure.wall_s


def test_the_first_part_begins_where_the_measurement_does():
    meter = Meter(time.monotonic() - 5)
    meter.part("start")
    assert meter.parts["start"] >= 5
