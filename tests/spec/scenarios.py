"""The orders of events that are easy to get wrong, one after the other, for any system; each step is checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pytest

from .driver import Driver
from .machine import BAD, BETTER, GOOD, HOLDS
from .system import Batch, Content, EntryKey, Mode, Row, Said, System, Unreadable

AGENCY, ENTITY = "north", "learners"


class Story:
    """One agency, one entity: tells a driver what happens and checks everything after each event."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver

    def says(self, *rows: Row, mode: Mode = "bulk") -> Batch:
        """A delivery that stays on its way."""
        return Batch(self._checked(lambda: self.driver.pull(AGENCY, mode, {ENTITY: rows})), ENTITY)

    def arrives(self, batch: Batch, seqs: Sequence[int] | None = None) -> None:
        lines = [line for line in self.driver.lines() if line[0] == batch and (seqs is None or line[1] in seqs)]
        self._checked(lambda: self.driver.land(lines[::-1]))

    def is_judged(self) -> None:
        self._checked(self.driver.judge)

    def sends(self, *rows: Row, mode: Mode = "bulk") -> Batch:
        """A delivery that lands and is judged at once."""
        batch = self.says(*rows, mode=mode)
        self._checked(self.driver.settle)
        return batch

    def mends(self, batch: Batch, row: str, content: Content, record_id: str = "r1") -> None:
        self._checked(lambda: self.driver.mend(EntryKey(batch, row), record_id, content))

    def decides(self, action: str, batch: Batch, row: str) -> None:
        self._checked(lambda: self.driver.decide(action, EntryKey(batch, row)))

    def decides_batch(self, action: str, batch: Batch) -> None:
        self._checked(lambda: self.driver.decide_batch(action, batch))

    def replays(self, batch: Batch) -> Batch:
        delivery = self._checked(lambda: self.driver.replay(batch))
        self._checked(self.driver.settle)
        return Batch(delivery, ENTITY)

    def _checked(self, event: Callable[[], str | None]) -> str:
        answer = event()
        self.driver.check()
        return answer or ""


def good(record_id: str = "r1") -> Said:
    return Said(record_id, GOOD)


def better(record_id: str = "r1") -> Said:
    return Said(record_id, BETTER)


def bad(record_id: str = "r1") -> Said:
    return Said(record_id, BAD)


def there_and_back_again(story: Story) -> None:
    story.sends(good(), better(), good())
    story.sends(good())
    story.sends(good("r2"))
    story.sends(good(), good("r2"))


def a_repeat_lands_before_the_row_it_repeats(story: Story) -> None:
    first = story.says(good(), good())
    second = story.says(good(), good(), better("r2"), better("r2"))
    story.arrives(second)
    story.is_judged()
    story.arrives(first)
    story.is_judged()
    story.decides_batch("withdraw", second)


def deliveries_land_in_the_wrong_order_and_again(story: Story) -> None:
    first, second = story.says(good(), good("r2"), bad("r3")), story.says(better(), good("r3"))
    story.arrives(second)
    story.is_judged()
    story.arrives(first, [0])
    story.arrives(second)
    story.is_judged()
    story.arrives(first)
    story.is_judged()
    story.arrives(first)
    story.is_judged()


def a_refused_file_is_sent_again(story: Story) -> None:
    story.sends(good("r2"))
    held = story.sends(good(), Said("r3", HOLDS))
    story.decides_batch("refuse_held", held)
    again = story.sends(good(), Said("r3", HOLDS))
    story.decides_batch("release_held", again)


def a_withdrawn_file_is_sent_again(story: Story) -> None:
    story.sends(good())
    withdrawn = story.sends(better(), good("r2"))
    story.decides_batch("withdraw", withdrawn)
    story.sends(better(), good("r2"))


def a_record_of_a_refused_file_disappears(story: Story) -> None:
    held = story.sends(good(), Said("r2", HOLDS))
    story.decides_batch("refuse_held", held)
    story.sends(good())
    story.sends(good())


def a_delete_in_a_withdrawn_file_is_said_again(story: Story) -> None:
    story.sends(good(), good("r2"))
    story.decides_batch("withdraw", story.sends(good()))
    story.sends(good())


def the_agency_speaks_after_a_mend(story: Story) -> None:
    first = story.sends(bad(), bad("r2"), bad("r3"))
    for number in (1, 2, 3):
        story.mends(first, f"r{number}@1", GOOD, f"r{number}")
    story.replays(first)
    story.sends(bad(), good("r2"), better("r3"))
    story.sends(bad(), good("r2"), better("r3"))


def an_old_mend_does_not_overrule_newer_word(story: Story) -> None:
    first = story.sends(bad(), bad("r2"))
    story.mends(first, "r1@1", GOOD)
    story.mends(first, "r2@1", GOOD, "r2")
    story.sends(better(), bad("r2"))
    story.replays(first)


def unreadable_rows_are_mended(story: Story) -> None:
    story.sends(good())
    torn = story.sends(Unreadable("r1"), Unreadable(None), Unreadable("r3"), Unreadable("r1"))
    story.mends(torn, "rejected#1", BETTER)
    story.mends(torn, "rejected#2", GOOD, "r2")
    story.mends(torn, "rejected#3", GOOD, "r3")
    story.mends(torn, "rejected#4", GOOD)
    story.sends(better("r3"), mode="delta")
    story.replays(torn)
    story.sends(good(), good("r2"), better("r3"))


def a_row_is_mended_wrongly_and_mended_again(story: Story) -> None:
    first = story.sends(bad())
    story.decides("return_", first, "r1@1")
    story.mends(first, "r1@1", BAD)
    second = story.replays(first)
    story.mends(second, "r1@2", GOOD)
    story.replays(second)
    story.decides_batch("withdraw", second)
    story.decides_batch("withdraw", first)


def a_waiver_begins_and_ends(story: Story) -> None:
    first = story.sends(bad(), bad("r2"))
    story.decides("waive", first, "r1@1")
    story.decides("waive", first, "r2@1")
    story.sends(better(), bad("r2"))
    story.decides("expire", first, "r2@1")
    story.decides("waive", first, "r2@1")
    story.decides_batch("withdraw", first)


def unreadable_rows_hold_deletes_back(story: Story) -> None:
    story.sends(good(), good("r2"), good("r3"))
    torn = story.sends(good(), Unreadable("r2"))
    story.decides("waive", torn, "rejected#1")
    story.sends(good(), Unreadable(None))
    story.sends(good())


STORIES: tuple[Callable[[Story], None], ...] = (
    there_and_back_again,
    a_repeat_lands_before_the_row_it_repeats,
    deliveries_land_in_the_wrong_order_and_again,
    a_refused_file_is_sent_again,
    a_withdrawn_file_is_sent_again,
    a_record_of_a_refused_file_disappears,
    a_delete_in_a_withdrawn_file_is_said_again,
    the_agency_speaks_after_a_mend,
    an_old_mend_does_not_overrule_newer_word,
    unreadable_rows_are_mended,
    a_row_is_mended_wrongly_and_mended_again,
    a_waiver_begins_and_ends,
    unreadable_rows_hold_deletes_back,
)

each_story = partial(pytest.mark.parametrize, "story", STORIES, ids=lambda story: story.__name__)


def tell(story: Callable[[Story], None], system: System) -> None:
    """Let a story happen to a fresh system."""
    story(Story(Driver(system)))
