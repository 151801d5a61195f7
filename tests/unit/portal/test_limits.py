from __future__ import annotations

from portal import limits
from portal.limits import Crowd, Failures


def test_a_caller_waits_after_too_many_failures_and_another_does_not() -> None:
    now = [0.0]
    failures = Failures(lambda: now[0])
    for _ in range(limits.MOST_FAILURES):
        assert failures.wait_s("a") == 0
        failures.note("a")
    assert 0 < failures.wait_s("a") <= limits.WINDOW_S + 1
    assert failures.wait_s("b") == 0
    now[0] = limits.WINDOW_S + 1
    assert failures.wait_s("a") == 0


def test_memory_of_callers_is_bounded() -> None:
    failures = Failures(lambda: 0.0)
    for number in range(limits.MOST_CALLERS + 10):
        failures.note(str(number))
    assert len(failures._seen) == limits.MOST_CALLERS


def test_an_agency_has_room_for_a_few_uploads_and_gets_it_back() -> None:
    crowd = Crowd()
    with crowd.room("a") as one, crowd.room("a") as two, crowd.room("a") as three:
        assert one
        assert two
        assert three
        with crowd.room("a") as fourth, crowd.room("b") as others:
            assert not fourth
            assert others
    with crowd.room("a") as again:
        assert again
