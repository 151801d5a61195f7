"""Slows down whoever guesses tokens, and keeps one agency's uploads from crowding out the others'."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WINDOW_S, MOST_FAILURES = 300.0, 10
MOST_CALLERS = 10_000
MOST_UPLOADS = 3


class Failures:
    """Failed sign-ins by caller, in a sliding window."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, caller: str) -> int:
        """Seconds until this caller may try again; 0 when it may now."""
        times = self._recent(caller)
        return 0 if len(times) < MOST_FAILURES else max(1, int(times[0] + WINDOW_S - self._clock()) + 1)

    def note(self, caller: str) -> None:
        """Note a failure; the callers heard of longest ago are forgotten first."""
        times = self._recent(caller)
        times.append(self._clock())
        self._seen[caller] = times
        self._seen.move_to_end(caller)
        while len(self._seen) > MOST_CALLERS:
            self._seen.popitem(last=False)

    def _recent(self, caller: str) -> deque[float]:
        times = self._seen.get(caller) or deque(maxlen=MOST_FAILURES)
        while times and times[0] <= self._clock() - WINDOW_S:
            times.popleft()
        return times


class Crowd:
    """How many uploads of each agency are under way."""

    def __init__(self) -> None:
        self._busy: Counter[str] = Counter()

    @contextmanager
    def room(self, agency_code: str) -> Iterator[bool]:
        """Whether there is room for one more; it is taken until the block ends."""
        has_room = self._busy[agency_code] < MOST_UPLOADS
        self._busy[agency_code] += has_room
        try:
            yield has_room
        finally:
            self._busy[agency_code] -= has_room
