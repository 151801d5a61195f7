"""The known truth, written beside the deliveries: who is who, what is wrong, what has to come out."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

from simulator.divisions import COUNTIES, HEADLINE
from simulator.files import Table
from simulator.kinds import Kind
from simulator.people import IdState, Person
from simulator.timeline import PRESENT, SCHOOL_REFERENCE, WINDOW_AFTER, age_at, in_window

_BANDS: Final = ("under_100", "from_100_to_2000", "over_2000")
_OLDEST: Final = 100
_SKILLED_FROM: Final = 1
_HIGHLY_SKILLED_FROM: Final = 3
_SENIOR_FROM: Final = 60
_SKILLS: Final = ("employed", "skilled", "highly_skilled", "unlinked_records")
_DEFECT_COLUMNS: Final = (
    "defect_id", "kind", "agency_code", "source", "entity", "record_id", "stage", "rule_id", "severity", "expected",
    "line",
)  # fmt: skip
_PEOPLE_COLUMNS: Final = ("person_no", "agency_code", "entity", "record_id", "id_state")
_WITNESS_COLUMNS: Final = ("agency_code", "entity", "record_id", "counts", "why", "indicator")
_CHANGE_COLUMNS: Final = ("change", "agency_code", "entity", "record_id")


class Written(Protocol):
    """A file of an agency, in whatever form: how many data rows it has, and where the last one stands."""

    rows: int

    @property
    def line(self) -> int:
        """Line, or row of the sheet, of the row written last."""
        ...


@dataclass(slots=True)
class Activity:
    """What the released rows of one student at one university show."""

    in_window: bool = False
    id_state: IdState = "valid"

    def saw(self, day: date) -> None:
        """Note a click or a submission that is released."""
        self.in_window = self.in_window or in_window(day)


@dataclass(slots=True)
class Tally:
    """Counters only: their size depends on counties, schools, agencies and files, never on the number of people."""

    residents: dict[tuple[str, str], list[int]] = field(
        default_factory=lambda: {
            (county.code, sex): [0] * (_OLDEST + 1) for county in COUNTIES for sex in ("male", "female")
        }
    )
    bands: dict[str, Counter[str]] = field(default_factory=lambda: {county.code: Counter() for county in HEADLINE})
    participants: Counter[str] = field(default_factory=Counter)
    unlinked: Counter[str] = field(default_factory=Counter)
    rows: dict[str, dict[str, Counter[str]]] = field(default_factory=lambda: defaultdict(dict))
    defects: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    changes: dict[str, dict[str, Counter[str]]] = field(default_factory=lambda: defaultdict(dict))
    persons: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    workers: dict[str, Counter[str]] = field(default_factory=lambda: {county.code: Counter() for county in HEADLINE})
    seniors: Counter[str] = field(default_factory=Counter)
    seniors_unlinked: Counter[str] = field(default_factory=Counter)
    headcounts: dict[str, int] = field(default_factory=dict)
    """Pupils of each school on the reference date, by its code."""
    returned: dict[str, Any] = field(default_factory=dict)
    credits: dict[str, dict[str, int]] = field(default_factory=dict)
    """What the statistical returns add up to; empty where none were sent."""
    learners: int = 0
    people: int = 0
    identified: int = 0

    def lives(self, person: Person) -> None:
        """Count someone among the residents of their county."""
        age = min(age_at(person.born, PRESENT), _OLDEST)
        self.residents[person.home.code, person.sex][age] += 1

    def school(self, county_code: str, code: str, size: int) -> None:
        """Count a school into its size band and keep how many pupils it has."""
        self.headcounts[code] = size
        self.bands[county_code][_BANDS[(size >= 100) + (size > 2_000)]] += 1

    def studied(self, person: Person, home_code: str, seen: list[Activity]) -> None:
        """Count a person aged 25–64 who took part, once, however many universities saw them.

        Activity under a missing or wrong id cannot be joined to anyone: it is counted apart, as records.
        """
        if not 25 <= age_at(person.born, PRESENT) <= 64:
            return
        active = [activity for activity in seen if activity.in_window]
        if any(activity.id_state == "valid" for activity in active):
            self.participants[home_code] += 1
        self.unlinked[home_code] += sum(activity.id_state != "valid" for activity in active)

    def worked(self, county_code: str, rank: int, state: IdState) -> None:
        """Count a person who works in a county today, and the grade of skill they hold; "" is out of work.

        Spells and certificates under a missing or wrong id cannot be joined to one another: counted apart, as records.
        """
        if not county_code:
            return
        counts = self.workers[county_code]
        if state != "valid":
            counts["unlinked_records"] += 1
            return
        counts["employed"] += 1
        counts["skilled"] += rank >= _SKILLED_FROM
        counts["highly_skilled"] += rank >= _HIGHLY_SKILLED_FROM

    def learned_late(self, person: Person, home_code: str, states: list[IdState]) -> None:
        """Count a student of a senior university who is 60 or older, once, wherever they are enrolled."""
        if age_at(person.born, PRESENT) < _SENIOR_FROM:
            return
        if "valid" in states:
            self.seniors[home_code] += 1
        else:
            self.seniors_unlinked[home_code] += 1

    def known_as(self, agencies: list[tuple[str, IdState]], *, learner: bool) -> None:
        """Count a person once, and once at each agency, under the state of the id held there."""
        self.people += 1
        self.learners += learner
        self.identified += any(state == "valid" for _, state in agencies)
        for agency, state in agencies:
            self.persons[agency][state] += 1


class Truth:
    """The truth files of one delivery day."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tally = Tally()
        self._people = Table(folder / "people.csv", _PEOPLE_COLUMNS)
        self._defects = Table(folder / "defects.csv", _DEFECT_COLUMNS)
        self._witnesses = Table(folder / "witnesses.csv", _WITNESS_COLUMNS)
        self._changes = Table(folder / "changes.csv", _CHANGE_COLUMNS)

    def is_person(self, person_no: int, agency: str, entity: str, record_id: str, state: IdState) -> None:
        """Note that a record is this person's."""
        self._people.write((person_no, agency, entity, record_id, state))

    def defect(self, kind: Kind, agency: str, record_id: str, table: Written) -> None:
        """Note that the row just written to the table is wrong, and how the pipeline should treat it."""
        number = f"d{self._defects.rows + 1:06d}"
        columns = (kind.source, kind.entity, record_id, kind.stage, kind.rule_id, kind.severity, kind.expected)
        self._defects.write((number, kind.name, agency, *columns, table.line))
        self.tally.defects[agency][kind.name] += 1
        if kind.expected != "released":
            self.tally.rows[agency].setdefault(kind.entity, Counter())[kind.expected] += 1

    def witness(self, agency: str, entity: str, record_id: str, *, counts: bool, why: str, indicator: str) -> None:
        """Note a scripted person and whether the indicator counts them."""
        self._witnesses.write((agency, entity, record_id, str(counts).lower(), why, indicator))

    def change(self, change: str, agency: str, entity: str, record_id: str) -> None:
        """Note what is different from the delivery of the day before."""
        self._changes.write((change, agency, entity, record_id))
        self.tally.changes[agency].setdefault(entity, Counter())[change] += 1

    def rows(self, agency: str, entity: str, table: Written) -> None:
        """Note how many data rows a finished file has, wrong ones included."""
        self.tally.rows[agency].setdefault(entity, Counter())["received"] = table.rows

    def write_expected(self, head: dict[str, Any], mean_years: dict[str, Decimal]) -> None:
        """Write expected.json and close the lists."""
        self.close()
        expected = {**head, **_expected(self.tally, mean_years, first=head["day"] == 1)}
        text = json.dumps(expected, ensure_ascii=False, indent=1, sort_keys=False)
        (self.folder / "expected.json").write_text(text + "\n", encoding="utf-8")

    def close(self) -> None:
        """Close the lists."""
        for table in (self._people, self._defects, self._witnesses, self._changes):
            table.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _expected(tally: Tally, mean_years: dict[str, Decimal], *, first: bool) -> dict[str, Any]:
    # Of a later delivery most rows are as they were and never travel, so its files are not its books.
    return {
        "books" if first else "files": {agency: _books(entities) for agency, entities in sorted(tally.rows.items())},
        "changes": {
            agency: {entity: dict(sorted(changes.items())) for entity, changes in sorted(entities.items())}
            for agency, entities in sorted(tally.changes.items())
        },
        "defects": {agency: dict(sorted(kinds.items())) for agency, kinds in sorted(tally.defects.items())},
        "persons": {
            "people": tally.people,
            "learners": tally.learners,
            "distinct_resident_ids": tally.identified,
            "by_agency": {agency: dict(sorted(states.items())) for agency, states in sorted(tally.persons.items())},
        },
        **({"returns": tally.returned} if tally.returned else {}),
        **({"credits": tally.credits} if tally.credits else {}),
        "indicators": {
            "school_size_bands": {
                "reference_date": SCHOOL_REFERENCE.isoformat(),
                "counties": {code: {band: bands[band] for band in _BANDS} for code, bands in tally.bands.items()},
            },
            "lifelong_participation_25_64": {
                "after": WINDOW_AFTER.isoformat(),
                "until": PRESENT.isoformat(),
                "counties": {county.code: _participation(tally, county.code) for county in HEADLINE},
                "residence_unknown": {"participants": tally.participants[""], "unlinked_records": tally.unlinked[""]},
            },
            "mean_years_schooling": {
                code: {"years": str(_rounded(years, 2)), "exact": float(years)} for code, years in mean_years.items()
            },
            "skilled_workers": {
                "on": PRESENT.isoformat(),
                "workplaces": {
                    code: {word: counts[word] for word in _SKILLS} for code, counts in tally.workers.items()
                },
            },
            "senior_learners_60plus": {
                "on": PRESENT.isoformat(),
                "counties": {county.code: _seniors(tally, county.code) for county in HEADLINE},
                "residence_unknown": _seniors(tally, ""),
            },
        },
    }


def _books(entities: dict[str, Counter[str]]) -> dict[str, dict[str, int]]:
    books = {}
    for entity, counts in sorted(entities.items()):
        kept_out = {outcome: counts[outcome] for outcome in ("quarantined", "duplicate")}
        released = counts["received"] - sum(kept_out.values())
        books[entity] = {"received": counts["received"], "released": released, **kept_out}
    return books


def _participation(tally: Tally, code: str) -> dict[str, Any]:
    population = sum(sum(tally.residents[code, sex][25:65]) for sex in ("male", "female"))
    taking_part = tally.participants[code]
    return {
        "participants": taking_part,
        "population": population,
        "pct": str(_rounded(Decimal(100 * taking_part) / population, 2)),
        "unlinked_records": tally.unlinked[code],
    }


def _seniors(tally: Tally, code: str) -> dict[str, int]:
    return {"learners": tally.seniors[code], "unlinked_records": tally.seniors_unlinked[code]}


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
