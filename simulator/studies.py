"""What one student does at one open university: registrations, submissions and days of clicking."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from simulator.catalogue import ASSESSMENTS, OFFER, PRESENTATIONS, Presentation, University
from simulator.draws import pick

Profile = Literal["steady", "past", "registered", "banked", "clicks"]

_PROFILES: Final = (("steady", 0.72), ("past", 0.08), ("registered", 0.11), ("banked", 0.03), ("clicks", 0.06))
_RESULTS: Final = (("Pass", 0.52), ("Distinction", 0.1), ("Fail", 0.2), ("Withdrawn", 0.18))
_CODES: Final = dict(zip(PRESENTATIONS, (0.22, 0.34, 0.44), strict=True))
_PAST_UNTIL: Final = 85  # of presentation 2024J: late December 2024, before the window opens
_MOST_CLICK_ROWS: Final = 40


class Submission(NamedTuple):
    """A piece of work handed in; a banked one was carried over from an earlier attempt and is no activity."""

    assessment: int
    day: int
    banked: bool
    score: int | None


class Click(NamedTuple):
    """Clicks on one page on one day."""

    day: int
    site: int
    clicks: int


@dataclass(slots=True)
class Study:
    """One student in one presentation."""

    presentation: Presentation
    registered: int | None
    unregistered: int | None = None
    attempts: int = 0
    credits: int = 60
    result: str | None = None
    submissions: list[Submission] = field(default_factory=list)
    clicks: list[Click] = field(default_factory=list)


def draw_profile(rng: random.Random) -> Profile:
    """How someone studies; `past` ended before the window, `registered` never began."""
    return pick(rng, _PROFILES)  # type: ignore[return-value]


def draw_studies(
    rng: random.Random, university: University, profile: Profile, *, newcomer: bool, examined: bool
) -> list[Study]:
    """One or two presentations. A newcomer began in the autumn of 2025; nobody is `examined` but in the last week."""
    code = _first_code(rng, profile, newcomer=newcomer)
    offer = OFFER[university.agency]
    first = _presentation(rng, offer, code)
    studies = [_study(rng, first, profile, examined=examined)]
    if profile == "steady" and not newcomer and rng.random() < 0.25:
        other = rng.choice([offered for offered in offer if offered.module != first.module])
        studies.append(_study(rng, other, profile, examined=examined))
    return studies


def _first_code(rng: random.Random, profile: Profile, *, newcomer: bool) -> str:
    if newcomer:
        return "2025J"
    if profile == "past":
        return "2024J"
    if profile == "banked":
        return "2025B"
    return pick(rng, tuple(_CODES.items()))


def _presentation(rng: random.Random, offer: tuple[Presentation, ...], code: str) -> Presentation:
    return rng.choice([offered for offered in offer if offered.code == code])


def _study(rng: random.Random, presentation: Presentation, profile: Profile, *, examined: bool) -> Study:
    study = Study(presentation, registered=-int(3 + rng.random() * 110), credits=rng.choice((30, 60, 60, 60, 90, 120)))
    running = presentation.last_day < presentation.length
    last = min(presentation.last_day, _PAST_UNTIL if profile == "past" else presentation.length)
    study.result = None if running else pick(rng, _RESULTS)
    if profile == "past" or (study.result == "Withdrawn" and profile != "registered"):
        study.result = "Withdrawn"
        last = study.unregistered = 20 + int(rng.random() * (last - 20))
    elif profile == "registered" and not running:
        study.result = "Withdrawn"
        study.unregistered = int(rng.random() * 14)
    if rng.random() < 0.12 or profile == "banked":
        study.attempts = 1 + (rng.random() < 0.2)
    if profile in ("steady", "past"):
        _hand_in(rng, study, last, examined=examined)
    if profile in ("steady", "past", "clicks"):
        _click(rng, study, last)
    if study.attempts and profile in ("steady", "banked"):
        _carry_over(rng, study)
    if rng.random() < 0.0015:
        study.registered = None  # the published data set lacks some registration dates, too
    return study


def _hand_in(rng: random.Random, study: Study, last: int, *, examined: bool) -> None:
    for work in ASSESSMENTS:
        due = study.presentation.length if work.due is None else work.due
        if (work.due is None and not examined) or due > last or rng.random() > 0.86:
            continue
        day = max(0, min(last, due - int(rng.random() * 9) + 2))
        score = None if rng.random() < 0.002 else min(100, 38 + int(rng.random() * 63))
        study.submissions.append(Submission(work.number, day, banked=False, score=score))


def _carry_over(rng: random.Random, study: Study) -> None:
    done = {submission.assessment for submission in study.submissions}
    for work in ASSESSMENTS[:2]:
        if work.number not in done:
            score = 45 + int(rng.random() * 50)
            study.submissions.append(Submission(work.number, -1, banked=True, score=score))


def _click(rng: random.Random, study: Study, last: int) -> None:
    rows = min(_MOST_CLICK_ROWS, 2 + int(rng.expovariate(1 / 8)))
    for _ in range(rows):
        day = int(rng.random() * (last + 11)) - 10
        click = Click(day, int(rng.random() * 18), 1 + int(rng.expovariate(1 / 4)))
        study.clicks.append(click)
        # The same page on the same day comes again in the real files, even with the same count: to be summed.
        again = rng.random()
        if again < 0.03:
            study.clicks.append(click)
        elif again < 0.07:
            study.clicks.append(Click(day, click.site, click.clicks + 1))
