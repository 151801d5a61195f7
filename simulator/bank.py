"""The credit bank's delivery: outcomes, deposits, applications and enrolments elsewhere, of people others know, too.

It is sent once, with the first delivery. Its holders study at an open university or work, and are drawn apart, so no
file of another agency moves by it. Each follows one of a few lives, whose balances are worked out here by hand: the
rules are not asked. No row of it is wrong; what the bank recognised too freely, the ledger has to stop.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.defects import SCRIPTED_ADULTS, SCRIPTED_WORKERS, DefectPlan
from simulator.divisions import BANK_AGENCY
from simulator.files import Table, deliver_folder, writing_place
from simulator.identity import credit_code
from simulator.layouts import CREDIT_BANK
from simulator.people import IdState, Person
from simulator.plan import AdultBlock, Plan
from simulator.timeline import PRESENT, delivery_date
from simulator.truth import Truth

Draw = Callable[[int, AdultBlock], Person]
_FEWEST_HOLDERS: Final = 48
_LEARNERS_A_HOLDER: Final = 40
_PROGRAMME, _PROGRAMME_CREDITS = "EE-2024", 76
_HOME, _TEACHING = "4133010335", "4133010338"
_ISSUER: Final = credit_code("12", "330000", 810_001)
_COURSE: Final = ("gx-ai-101", _TEACHING, "人工智能通识", 2, 32, "online", "0613", 500, "2025-03-01", "2026-07-01")
_YEARS: Final = (PRESENT.year - 1, PRESENT.year)


@dataclass(frozen=True, slots=True)
class Held:
    """What is left of an outcome at the end, by account."""

    available: int = 0
    recognised: int = 0
    expired: int = 0
    revoked: int = 0


class Bank:
    """The five tables while they are written, and what has to come out of them."""

    def __init__(self, place: Path, truth: Truth, stack: ExitStack) -> None:
        self.truth = truth
        self.tables = {
            entity: stack.enter_context(Table(place / f"{entity}.csv", header))
            for entity, header in CREDIT_BANK.items()
        }
        self._balances = stack.enter_context(
            Table(truth.folder / "credit_balances.csv", ("outcome_id", "available", "recognised", "expired", "revoked"))
        )
        self._asked: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        self._opened: dict[int, int] = defaultdict(int)
        self._converted: dict[int, int] = defaultdict(int)

    def outcome(
        self, holder: Holder, name: str, kind: str, title: str, worth: int, held: Held, *, awarded: str = "2024-01-15",
        until: str = "", revoked: str = "", counts_towards: str = "", deposited: str = "2024-02-01",
    ) -> str:  # fmt: skip
        """An outcome that is laid into the holder's account; returns its id."""
        outcome_id = f"{holder.account}-{name}"
        who = holder.person
        self.tables["learning_outcomes"].write((
            outcome_id, holder.number, who.name.full, who.born, who.sex, kind, counts_towards, title, _ISSUER,
            "浙江省学分银行认证中心", worth, "credit_hours", worth * 16, "", "0713", "合格", awarded, until, revoked,
            "csv",
        ))  # fmt: skip
        self.truth.is_person(who.no, BANK_AGENCY, "learning_outcomes", outcome_id, holder.state)
        category = "formal" if kind == "self_taught_exam" else "training" if kind == "certificate" else "non_formal"
        self.tables["deposits"].write(
            (f"D-{outcome_id}", holder.account, outcome_id, category, worth, deposited, "active")
        )
        self._balances.write((outcome_id, held.available, held.recognised, held.expired, held.revoked))
        return outcome_id

    def apply(
        self, holder: Holder, number: str, outcome_id: str, asked: int, said: int, comes_to: int, day: str, *,
        overlap: str = "", online: bool = False,
    ) -> None:  # fmt: skip
        """A line of an application, what the institution says it recognised, and what the rules make of it."""
        decision = "refused" if not said else "recognised" if said == asked else "partly"
        self.tables["applications"].write((
            f"A-{holder.account}-{number}", outcome_id, holder.account, _HOME, _PROGRAMME, "", _PROGRAMME_CREDITS,
            asked, said, overlap, str(online).lower(), day, day, decision,
        ))  # fmt: skip
        self._asked[int(day[:4])][0] += asked
        self._asked[int(day[:4])][1] += comes_to

    def course_elsewhere(self, holder: Holder) -> None:
        """A completed course of another institution, which is taken over without an application."""
        who, number = holder.person, f"X-{holder.account}"
        self.tables["cross_enrolments"].write((
            number, _COURSE[0], _HOME, holder.number, who.name.full, who.born, who.sex, "", "2025-09-01", "2025-12-20",
            "completed", 2,
        ))  # fmt: skip
        self.truth.is_person(who.no, BANK_AGENCY, "cross_enrolments", number, holder.state)
        self._balances.write((number, 0, 2, 0, 0))

    def known(self, holder: Holder, opened: int, converted: int) -> None:
        """Count a holder: years of the account's opening and of the first conversion; 0 is never."""
        self.truth.tally.persons[BANK_AGENCY][holder.state] += 1
        self._opened[opened] += bool(opened)
        self._converted[converted] += bool(converted)

    def expected(self) -> dict[str, dict[str, int]]:
        """By year: credits asked for and recognised; holders and who of them had converted, at its end."""
        return {
            str(year): {
                "applied": self._asked[year][0],
                "recognised": self._asked[year][1],
                "holders": sum(count for opened, count in self._opened.items() if 0 < opened <= year),
                "converters": sum(count for first, count in self._converted.items() if 0 < first <= year),
            }
            for year in _YEARS
        }


@dataclass(frozen=True, slots=True)
class Holder:
    """A person as the bank keeps them."""

    person: Person
    number: str
    state: IdState

    @property
    def account(self) -> str:
        """Number of the account: tells nothing about the person."""
        return f"6233{self.person.no:08d}"


def write_bank(root: Path, plan: Plan, defects: DefectPlan, truth: Truth, day: int, adult: Draw, worker: Draw) -> None:
    """Write the bank's tables into one folder; after day 1 nothing is sent."""
    if day > 1:
        return
    final = root / BANK_AGENCY / f"quarter_{delivery_date(day):%Y%m%d}"
    place = writing_place(final)
    with ExitStack() as stack:
        bank = Bank(place, truth, stack)
        bank.tables["shared_courses"].write(_COURSE)
        for number, person in enumerate(_holders(plan, defects, adult, worker)):
            _LIVES[number % len(_LIVES)](bank, person)
    for entity, table in bank.tables.items():
        truth.rows(BANK_AGENCY, entity, table)
    truth.tally.credits = bank.expected()
    deliver_folder(place, final)


def _holders(plan: Plan, defects: DefectPlan, adult: Draw, worker: Draw) -> Iterator[Person]:
    """Evenly spread over those who study at an open university and those who work, of whom all is known and right."""
    wanted = max(_FEWEST_HOLDERS, plan.learners // _LEARNERS_A_HOLDER)
    for blocks, planted, scripted, draw, share in (
        (plan.adults, defects.adults, SCRIPTED_ADULTS, adult, wanted * 3 // 4),
        (plan.workers, defects.workers, SCRIPTED_WORKERS, worker, wanted - wanted * 3 // 4),
    ):
        people = sum(block.count for block in blocks)
        for block in blocks:
            for place in range(block.count):
                number = block.first_adult + place
                is_chosen = (number + 1) * share // people > number * share // people
                if is_chosen and number >= scripted and number not in planted:
                    yield draw(block.first_person + place, block)


def _over_the_caps(bank: Bank, person: Person) -> None:
    """The worked example: 62 credits asked for in a programme of 76, of which the caps leave 38."""
    holder = Holder(person, person.resident_id, "valid")
    exam = bank.outcome(holder, "exam", "self_taught_exam", "高等数学", 30, Held(0, 30))
    mooc = bank.outcome(holder, "mooc", "non_degree_course", "大学物理（慕课）", 22, Held(14, 8))
    third = bank.outcome(holder, "third", "certificate", "电工（三级）", 6, Held(6))
    fourth = bank.outcome(holder, "fourth", "certificate", "电工（四级）", 4, Held(4))
    day = "2024-09-10"
    bank.apply(holder, "1", exam, 30, 30, 30, day)
    bank.apply(holder, "1", mooc, 22, 19, 8, day, overlap="90", online=True)
    bank.apply(holder, "1", third, 6, 6, 0, day)
    bank.apply(holder, "1", fourth, 4, 0, 0, day)
    bank.known(holder, 2024, 2024)


def _plain(bank: Bank, person: Person) -> None:
    holder = Holder(person, person.resident_id, "valid")
    course = bank.outcome(
        holder,
        "course",
        "micro_credential",
        "数据分析基础",
        3,
        Held(0, 3),
        awarded="2025-11-25",
        deposited="2025-12-01",
    )
    bank.apply(holder, "1", course, 3, 3, 3, "2025-12-15", overlap="85")
    bank.known(holder, 2025, 2025)


def _revoked_after_use(bank: Bank, person: Person) -> None:
    holder = Holder(person, person.resident_id, "valid")
    paper = bank.outcome(holder, "paper", "certificate", "养老护理员（四级）", 4, Held(revoked=4), revoked="2025-06-01")
    bank.apply(holder, "1", paper, 3, 3, 3, "2024-05-20")
    bank.known(holder, 2024, 2024)


def _never_used(bank: Bank, person: Person) -> None:
    holder = Holder(person, person.resident_id, "valid")
    bank.outcome(holder, "badge", "badge", "急救培训", 2, Held(expired=2), until="2025-03-31")
    bank.known(holder, 2024, 0)


def _two_levels(bank: Bank, person: Person) -> None:
    """The lower level counted first; the higher adds only what it is more, though the bank says all of it."""
    holder = Holder(person, person.resident_id, "valid")
    low = bank.outcome(holder, "low", "certificate", "焊工（四级）", 4, Held(0, 4))
    high = bank.outcome(
        holder, "high", "certificate", "焊工（三级）", 6, Held(4, 2), awarded="2025-02-01", deposited="2025-02-10"
    )
    bank.apply(holder, "1", low, 4, 4, 4, "2024-05-06")
    bank.apply(holder, "2", high, 6, 6, 2, "2025-05-06")
    bank.known(holder, 2024, 2024)


def _too_little_overlap(bank: Bank, person: Person) -> None:
    holder = Holder(person, person.resident_id, "valid")
    course = bank.outcome(holder, "course", "non_degree_course", "公共关系", 3, Held(3))
    bank.apply(holder, "1", course, 3, 3, 0, "2025-10-09", overlap="60")
    bank.known(holder, 2024, 0)


def _learns_elsewhere(bank: Bank, person: Person) -> None:
    holder = Holder(person, person.resident_id, "valid")
    bank.course_elsewhere(holder)
    bank.known(holder, 0, 0)


def _without_number(bank: Bank, person: Person) -> None:
    """The bank keeps no number of this one: the account is somebody's, nobody can say whose."""
    holder = Holder(person, "", "missing")
    bank.outcome(holder, "course", "micro_major", "物流管理", 5, Held(5))
    bank.known(holder, 2024, 0)


_LIVES: Final[tuple[Callable[[Bank, Person], None], ...]] = (
    _over_the_caps, _plain, _revoked_after_use, _never_used, _two_levels, _too_little_overlap, _learns_elsewhere,
    _without_number,
)  # fmt: skip
