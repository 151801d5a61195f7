"""A triggerer that dies (SIGKILL, no clean-up) between storing an event and moving the bookmark.

Run like ``airflow triggerer``. The watch runs in a process forked from this one, so it inherits the change.
"""

import os
import signal
import sys
from collections.abc import Sequence

from airflow.__main__ import main
from airflow.triggers.shared_stream import AdvanceItem

from dags.wiring.watcher import TopicStream


async def die(self: TopicStream, batch: Sequence[AdvanceItem]) -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


TopicStream.advance = die  # type: ignore[method-assign]
sys.argv = ["airflow", "triggerer", "--skip-serve-logs"]
main()
