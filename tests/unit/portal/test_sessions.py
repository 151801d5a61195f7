from __future__ import annotations

import base64
import json

import pytest

from portal import sessions

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def test_a_session_is_read_back_and_marks_its_own_forms_only() -> None:
    ours, other = sessions.begin(8, "sch-x", "t1"), sessions.begin(8, "sch-x", "t1")
    assert sessions.read(sessions.signed(ours, KEY), KEY) == ours
    assert sessions.is_form_mark(sessions.form_mark(ours, KEY), ours, KEY)
    for wrong in (None, "", "nonsense", sessions.form_mark(other, KEY), sessions.form_mark(ours, OTHER_KEY)):
        assert not sessions.is_form_mark(wrong, ours, KEY)


@pytest.mark.parametrize("cookie", [None, "", ".", "x.y", "eyJ9.", "ü.ü"])
def test_nonsense_is_no_session(cookie: str | None) -> None:
    assert sessions.read(cookie, KEY) is None


def test_a_session_that_was_changed_or_signed_by_another_or_has_ended_is_none() -> None:
    cookie = sessions.signed(sessions.begin(8, "sch-x", "t1"), KEY)
    body, _, mac = cookie.partition(".")
    document = json.loads(base64.urlsafe_b64decode(body)) | {"owner": "sch-y"}
    forged = base64.urlsafe_b64encode(json.dumps(document).encode()).decode()
    assert sessions.read(f"{forged}.{mac}", KEY) is None
    assert sessions.read(cookie, OTHER_KEY) is None
    assert sessions.read(sessions.signed(sessions.begin(-1, "sch-x", "t1"), KEY), KEY) is None
