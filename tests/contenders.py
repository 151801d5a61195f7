"""Contenders for tests of the benchmarks' frame: each runs in a process of its own and is found there by its name."""

import os
import time


def spend(place, meter):
    """Burn some processor time of our own."""
    until = time.process_time() + float(place or 0.05)
    while time.process_time() < until:
        pass
    meter.part("burning")


def give_up(place, meter):
    """Leave as a process does that is killed."""
    os._exit(9)


def hang(place, meter):
    """Never come back."""
    while True:
        time.sleep(60)


def nothing():
    """A warm-up of a process that has nothing to warm up."""
