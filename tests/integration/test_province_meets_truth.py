"""The whole way on the real servers, held against what the simulator knows: books, defects, indicators."""

from __future__ import annotations

import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Callable

import pytest

import simulator
from alerting.reconcile.run import reconcile
from cli import inline, sectors
from connectors import pull, registry
from pipeline.db import connect
from pipeline.settings import Settings
from release.build import build_warehouse
from tests import evidence, known, participation
from tests.deliveries import hand_in_province

LEARNERS, SEED = 2_000, 7
NEXT_DAYS = ("hr-zhejiang", "sen-hangzhou", "sen-lishui", "sch-lishui")
"""Agencies whose later deliveries are taken in, too: of each sector that sends whole tables, one at least."""


@pytest.fixture(scope="module")
def province(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> known.Province:
    root = tmp_path_factory.mktemp("province")
    simulator.write_province(root, learners=LEARNERS, seed=SEED)
    said: list[str] = []
    for source in hand_in_province(settings, root):
        inline.forward(settings, source, said.append)
    build_warehouse(settings)
    expected = json.loads((root / "truth" / "expected.json").read_text(encoding="utf-8"))
    province = known.Province(settings, root, expected)
    by_id = {"seniors": known.seniors(province), "participants": known.participants(province)}
    inline.close(settings, said.append, release=True)
    return known.Province(settings, root, expected, by_id)


def test_books_are_those_of_the_truth(province: known.Province) -> None:
    found = province.ask(
        "select agency_code, entity, received, released, quarantined, duplicate, refused, held from quality.batch"
    )
    wanted = [
        (agency, entity, *(counts[word] for word in ("received", "released", "quarantined", "duplicate")), 0, 0)
        for agency, entities in province.expected["books"].items()
        for entity, counts in entities.items()
    ]
    assert sorted(found) == sorted(wanted)


def test_every_step_from_outbox_to_core_balances(province: known.Province) -> None:
    with connect(
        province.settings, "flyover_owner"
    ) as connection:  # of what was published a moment ago nothing is missed
        connection.execute("update connect.batch set published_at = published_at - interval '1 hour'")
    found = reconcile(province.settings, whole=True)
    assert found.imbalances == ()
    assert {line.step for line in found.lines} == {"landed", "booked", "released", "latest", "core", "vault"}
    said = {(line.source, line.entity): line.note for line in found.lines if line.step == "core"}
    assert said["oneroster", "roles"] == "enters dim_learner_history, learner_file through joins, not as rows"
    assert said["hr", "employments"] == "core.fct_employment_spell; core.person_link"


def test_every_planted_defect_is_in_quarantine_and_nothing_else_is(province: known.Province) -> None:
    found = Counter(
        (agency, table.split("__", 1)[1], known.natural(table, record), stage, rule)
        for agency, table, record, stage, rules in province.ask(
            "select agency_code, entity_table, record_id, stage, rule_ids from quarantine.entry"
        )
        for rule in rules
    )
    planted = Counter(
        (d["agency_code"], d["entity"], d["record_id"], d["stage"], d["rule_id"])
        for d in province.defects()
        if d["expected"] == "quarantined"
    )
    _tell_of_kept_back(found, planted)
    assert found == planted


def _tell_of_kept_back(found: Counter[tuple[str, ...]], planted: Counter[tuple[str, ...]]) -> None:
    """How many of the planted defects were found, and how much of what was found had been planted."""
    met = (found & planted).total()
    rules = {rule for *_, rule in planted}
    evidence.tell(
        f"simulated province ({LEARNERS:,} learners, seed {SEED}): {planted.total()} row defects planted under "
        f"{len(rules)} reasons, {met} of them found among {found.total()} rows kept back: "
        f"recall {evidence.share(met, planted.total())}, precision {evidence.share(met, found.total())}"
    )
    for rule in sorted(rules | {rule for *_, rule in found}):
        there, seen = ({key: n for key, n in counted.items() if key[-1] == rule} for counted in (planted, found))
        if there != seen:
            evidence.tell(f"  {rule}: planted {sum(there.values())}, found {sum(seen.values())}")


def test_warnings_count_what_was_planted_and_let_it_through(province: known.Province) -> None:
    wanted = Counter((d["agency_code"], d["rule_id"]) for d in province.defects() if d["expected"] == "released")
    found = province.ask(
        "select b.agency_code, r.rule_id, r.failed from quality.rule_result as r "
        "inner join quality.batch as b on r.batch_id = b.batch_id where r.rule_id = any(%s) and r.failed > 0",
        sorted({rule for _, rule in wanted}),
    )
    told = Counter({(agency, rule): failed for agency, rule, failed in found})
    met = (told & wanted).total()
    evidence.tell(
        f"simulated province: {wanted.total()} rows planted that deserve a warning, {met} found: "
        f"recall {evidence.share(met, wanted.total())}, precision {evidence.share(met, told.total())}"
    )
    assert told == wanted


def test_no_rule_raises_an_alarm_that_was_not_planted(province: known.Province) -> None:
    planted = {(d["agency_code"], d["rule_id"]) for d in province.defects()}
    alarms = province.ask(
        "select distinct b.agency_code, r.rule_id from quality.rule_result as r "
        "inner join quality.batch as b on r.batch_id = b.batch_id where not r.passed"
    )
    # the province stands still at the end of 2025: on some later day its returns are overdue and its registers old, and
    # are rightly said to be
    assert {alarm for alarm in alarms if not alarm[1].endswith((".return_is_due", ".feed_is_current"))} <= planted


def test_every_person_is_one_learner_in_whatever_sector_they_are_known(province: known.Province) -> None:
    kept_out = {
        (d["agency_code"], d["entity"], d["record_id"]) for d in province.defects() if d["expected"] == "quarantined"
    }
    linked = {
        (agency, table.split("__", 1)[1], record): learner
        for agency, table, record, learner in province.ask(
            "select agency_code, source_entity, record_id, learner_key from core.person_link"
        )
    }
    learners: dict[str, set[str]] = defaultdict(set)
    sectors_of: dict[str, set[str]] = defaultdict(set)
    apart: list[tuple[str, str]] = []
    for row in province.truth("people"):
        record = (row["agency_code"], row["entity"], row["record_id"])
        if record in kept_out:
            continue
        if row["id_state"] == "valid":
            learners[row["person_no"]].add(linked[record])
            sectors_of[row["person_no"]].add(row["agency_code"].split("-", 1)[0])
        else:
            apart.append((row["person_no"], linked[record]))
    assert max(map(len, learners.values())) == 1, "one person, two learners"
    everyone = Counter(learner for found in learners.values() for learner in found)
    assert max(everyone.values()) == 1, "two persons, one learner"
    _tell_of_linkage(learners, apart)
    met = Counter(pair for told in sectors_of.values() for pair in itertools.combinations(sorted(told), 2))
    assert met.keys() == {
        ("bank", "hr"),
        ("bank", "ou"),
        ("bank", "sen"),
        ("hr", "ou"),
        ("hr", "sch"),
        ("hr", "sen"),
        ("ou", "sch"),
        ("ou", "sen"),
    }


def _tell_of_linkage(learners: dict[str, set[str]], apart: list[tuple[str, str]]) -> None:
    """Records without a valid id, found by what they say: nobody is taken for somebody else, and most are found."""
    identified = {learner for found in learners.values() for learner in found}
    taken = [(person, learner) for person, learner in apart if learner in identified]
    right = sum(learner in learners[person] for person, learner in taken)
    findable = sum(person in learners for person, _ in apart)
    evidence.tell(
        f"simulated province: {len(apart)} records without a valid id, {findable} of them of people known by an id "
        f"elsewhere: {len(taken)} linked, {right} of them rightly: recall {evidence.share(right, findable)}, "
        f"precision {evidence.share(right, len(taken))}"
    )
    assert right == len(taken), "a missing or wrong id was taken for somebody else's"
    assert right >= 0.9 * findable
    alone = [(person, learner) for person, learner in apart if learner not in identified]
    whose: dict[str, set[str]] = defaultdict(set)
    for person, learner in alone:
        whose[learner].add(person)
    assert all(len(people) == 1 for people in whose.values()), "two persons without an id, one learner"


def test_skilled_workers_can_be_counted_as_the_truth_counts_them(province: known.Province) -> None:
    assert known.skilled_workers(province) == known.not_empty(
        province.expected["indicators"]["skilled_workers"]["workplaces"]
    )


def test_seniors_of_60_can_be_counted_as_the_truth_counts_them(province: known.Province) -> None:
    expected = province.expected["indicators"]["senior_learners_60plus"]
    wanted = known.not_empty({**expected["counties"], None: expected["residence_unknown"]})
    assert province.by_id["seniors"] == wanted
    found = known.seniors(province)
    for county, numbers in wanted.items():
        assert found[county]["learners"] >= numbers["learners"]
        assert sum(found[county].values()) == sum(numbers.values()), "who is found by name is unlinked no more"
    assert sum(numbers["unlinked_records"] for numbers in found.values()) < sum(
        numbers["unlinked_records"] for numbers in wanted.values()
    )


def test_the_returns_add_up_to_what_the_truth_has(province: known.Province) -> None:
    returns = province.expected["returns"]
    assert known.returned_schools(province) == returns["schools"]["counties"]
    assert known.returned(province) == {
        "forms": returns["higher_education"]["forms"],
        "fields": returns["graduates"]["fields"],
        "occupations": returns["vacancies"]["occupations"],
        "attendances": returns["community_learning"]["attendances"],
    }


def test_the_ledger_holds_of_every_outcome_what_the_truth_says(province: known.Province) -> None:
    kinds = ("available", "recognised", "expired", "revoked")
    wanted = {row["outcome_id"]: tuple(int(row[kind]) for kind in kinds) for row in province.truth("credit_balances")}
    assert known.credits_held(province, kinds, province.expected["present"]) == wanted
    assert province.ask("select count(*) from ledger.posting where kind = 'reversal'") == [(0,)]


def test_credit_transfer_rates_are_those_of_the_truth(province: known.Province) -> None:
    found = province.ask(
        "select method, period, numerator, denominator from core.indicator_candidate "
        "where indicator_code = 'credit_transfer_rate' and realm = 'simulated' and area_level = 'province' "
        "and dimension = 'total'"
    )
    wanted = [
        row
        for year, counts in province.expected["credits"].items()
        for row in (
            ("credits", year, counts["recognised"], counts["applied"]),
            ("learners", year, counts["converters"], counts["holders"]),
        )
    ]
    assert sorted(found) == sorted(wanted)
    published = province.ask(
        "select method, period, status from mart.current_indicator_value where indicator_code = 'credit_transfer_rate' "
        "and realm = 'simulated' and area_level = 'province' and dimension = 'total'"
    )
    assert len(published) == len(wanted)


def test_school_size_bands_are_those_of_the_truth(province: known.Province) -> None:
    wanted = {
        (county, member): bands[word]
        for county, bands in province.expected["indicators"]["school_size_bands"]["counties"].items()
        for member, word in (("lt100", "under_100"), ("100_2000", "from_100_to_2000"), ("gt2000", "over_2000"))
    }
    assert known.published(province, "school_size_bands", "value", method="active_pupils_1sep") == wanted


def test_participation_at_open_universities_is_that_of_the_truth(province: known.Province) -> None:
    counties = province.expected["indicators"]["lifelong_participation_25_64"]["counties"]
    by_id, linked = province.by_id["participants"], known.participants(province)
    for county, numbers in counties.items():
        persons, unlinked = linked.get(county, (0, 0))
        assert by_id.get(county, (0, 0)) == (numbers["participants"], numbers["unlinked_records"]), county
        assert 0 <= persons - numbers["participants"] <= numbers["unlinked_records"] - unlinked, county
    found = known.published(
        province, "lifelong_learning_participation", "numerator", dimension="total", method="administrative_12m"
    )
    assert found, "who learns elsewhere participates, too"
    assert all(count is None or count >= linked.get(county, (0, 0))[0] for (county, _), count in found.items())


def test_participation_in_any_source_is_every_person_once(province: known.Province) -> None:
    """Asked anew of what was released, person by person as the truth knows them: who has no id may have been found."""
    found = province.ask(
        "select method, numerator from core.indicator_candidate where indicator_code = any(%s) "
        "and realm = 'simulated' and area_code = '330000' and dimension = 'total'",
        ["lifelong_learning_participation", "senior_participation"],
    )
    told = dict(found)
    people = participation.people(province)
    without_id = len({row["person_no"] for row in province.truth("people") if row["id_state"] != "valid"})
    for method, counted in (
        ("administrative_12m", participation.counted(people, 25, 64)),
        ("any_source", participation.counted(people, 60, 999)),
        ("lfs_4_weeks", participation.counted(people, 25, 64, weeks=4)),
    ):
        assert counted <= told[method] <= counted + without_id, method


def test_what_is_published_of_participation_points_at_nobody(province: known.Province) -> None:
    few = province.ask(
        "select indicator_code, area_code, dimension, member, numerator from mart.current_indicator_value "
        "where realm = 'simulated' and numerator between 1 and 9 and unit_of_count = 'person' and unit = 'pct'"
    )
    assert few == []


def test_mean_years_of_schooling_are_those_of_the_truth(province: known.Province) -> None:
    wanted = province.expected["indicators"]["mean_years_schooling"]
    found = known.published(province, "mean_years_schooling", "value", dimension="total", method="census_3plus_jc16")
    assert {area for area, _ in found} == set(wanted)
    for county, numbers in wanted.items():
        assert found[county, "total"] == pytest.approx(numbers["exact"], abs=1e-9)


def test_the_demo_tells_the_books_of_every_sector(province: known.Province) -> None:
    table = sectors.sectors(province.settings)
    told = {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    assert list(told) == list(sectors.NAMES)
    of = {agency.agency_code: agency.sector for agency in registry.load_all(province.settings.agencies_dir).values()}
    wanted: Counter[tuple[str, str]] = Counter()
    for agency, entities in province.expected["books"].items():
        for counts in entities.values():
            wanted.update({(of[agency], word): count for word, count in counts.items()})
    for sector, row in told.items():
        assert row["balanced"], sector
        assert {word: row[word] for word in ("received", "released", "quarantined", "duplicate")} == {
            word: wanted[sector, word] for word in ("received", "released", "quarantined", "duplicate")
        }
        assert (row["known_elsewhere"] > 0) == (sector != "reference")
    assert list(sectors.in_words(table))[-1].startswith("The books balance")


def test_nothing_more_happens_when_every_file_is_delivered_again(province: known.Province) -> None:
    before = known.fingerprint(province)
    agencies = registry.load_all(province.settings.agencies_dir)
    for code in province.expected["books"]:
        for origin in sorted((province.root / code).iterdir()):
            delivery = pull.pull(province.settings, agencies[code], origin)
            again = [batch for batch in delivery.batches if batch.expected_rows - batch.rejected_rows]
            assert all(batch.entity == "student_info" for batch in again), "only a file that contradicts itself is news"
        inline.forward(province.settings, agencies[code].source, _quiet)
    inline.close(province.settings, _quiet, release=False)
    assert known.fingerprint(province) == before


def test_the_next_days_bring_what_the_truth_lists_and_nothing_else(province: known.Province) -> None:
    """Newcomers, corrections, deletes and returns of the bulk feeds; what did not change does not travel."""
    agencies = registry.load_all(province.settings.agencies_dir)
    for day in (2, 3):
        written = simulator.write_province(province.root, learners=LEARNERS, seed=SEED, day=day)
        changes = Counter((c["agency_code"], c["entity"]) for c in known.rows_of(written.truth / "changes.csv"))
        for code in NEXT_DAYS:
            newest = max((province.root / code).iterdir(), key=lambda path: path.name)
            delivery = pull.pull(province.settings, agencies[code], newest)
            travelled = {
                (code, batch.entity): news
                for batch in delivery.batches
                if (news := batch.expected_rows - batch.rejected_rows)
            }
            assert travelled == {of: count for of, count in changes.items() if of[0] == code}
            inline.forward(province.settings, agencies[code].source, _quiet)
    inline.close(province.settings, _quiet, release=False)
    expected = json.loads((written.truth / "expected.json").read_text(encoding="utf-8"))["indicators"]
    assert known.skilled_workers(province) == known.not_empty(expected["skilled_workers"]["workplaces"])
    kept_out = {(d["agency_code"], d["record_id"]) for d in province.defects() if d["expected"] == "quarantined"}
    for fact, table in (
        ("fct_employment_spell", "hr__employments"),
        ("fct_skill_certificate", "hr__skill_certificates"),
        ("fct_enrolment", "senior__enrolments"),
    ):
        listed = {
            (row["agency_code"], row["record_id"])
            for row in known.rows_of(written.truth / "people.csv")
            if row["entity"] == table.split("__", 1)[1]
        }
        found = province.ask(f"select agency_code, record_id from core.{fact} where source_entity = %s", table)
        assert set(found) == listed - kept_out, table


_quiet: Callable[[str], None] = lambda _: None  # noqa: E731 - a word to nobody
