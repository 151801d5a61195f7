"""The people only the labour office or a senior university knows, and those who join them on later days."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

from simulator.churn import Churn
from simulator.crossings import Crossings
from simulator.defects import SCRIPTED_SENIORS, SCRIPTED_WORKERS, DefectPlan
from simulator.divisions import HEADLINE, LABOUR_AGENCY, County
from simulator.pensioners import draw_senior
from simulator.people import Person, draw_person
from simulator.plan import AdultBlock, Plan
from simulator.scripted import write_scripted_senior, write_scripted_worker
from simulator.timeline import PRESENT
from simulator.workers import Workforce

_OLDEST_WORKER, _YOUNGEST_WORKER = 68, 25


def write_workers(plan: Plan, defects: DefectPlan, churn: Churn, workforce: Workforce) -> None:
    """Write everyone whom only the labour office knows."""
    tally = workforce.office.truth.tally
    for block in plan.workers:
        for place in range(block.count):
            number, no = block.first_adult + place, block.first_person + place
            if number < SCRIPTED_WORKERS:
                states = write_scripted_worker(plan, workforce, number, no, block.county)
            else:
                rng = plan.rng("worker", no)
                person = _worker(rng, no, block.county)
                planted = defects.workers.get(number)
                states = workforce.employ(person, rng, planted=planted, fate=churn.worker(number))
            tally.known_as(states, learner=False)
    for newcomer in churn.newcomers(LABOUR_AGENCY):
        rng = plan.rng("new worker", newcomer.no)
        person = _worker(rng, newcomer.no, rng.choice(HEADLINE))
        tally.known_as(workforce.employ(person, rng, fate=newcomer.fate), learner=False)


def write_seniors(plan: Plan, defects: DefectPlan, churn: Churn, crossings: Crossings, agency: str) -> None:
    """Write everyone whom a senior university knows and no school or open university."""
    schools, tally = crossings.schools, crossings.workforce.office.truth.tally
    for block in plan.seniors[agency]:
        for place in range(block.count):
            number, no = block.first_adult + place, block.first_person + place
            if number < SCRIPTED_SENIORS:
                tally.known_as(write_scripted_senior(plan, schools, agency, number, no, block.county), learner=False)
                continue
            rng = plan.rng("senior", no)
            planted, fate = defects.seniors[agency].get(number), churn.senior(agency, number)
            person = draw_senior(rng, no, block.county, planted)
            home = block.county.code
            states = schools.enrol(agency, person, rng, home_code=home, planted=planted, fate=fate)
            states += crossings.pensioner(person)
            if states:
                tally.known_as(states, learner=False)
    for newcomer in churn.newcomers(agency):
        rng = plan.rng("new senior", newcomer.no)
        county = rng.choice([block.county for block in plan.seniors[agency]])
        person = draw_senior(rng, newcomer.no, county, None)
        states = schools.enrol(agency, person, rng, home_code=county.code, fate=newcomer.fate, newcomer=newcomer.day)
        tally.known_as(states, learner=False)


def worker_of(plan: Plan) -> Callable[[int, AdultBlock], Person]:
    """Draws a worker whom only the labour office knew, the same as when their rows were written."""
    return lambda no, block: _worker(plan.rng("worker", no), no, block.county)


def _worker(rng: random.Random, no: int, home: County) -> Person:
    return draw_person(
        rng, no, date(PRESENT.year - _OLDEST_WORKER, 1, 1), date(PRESENT.year - _YOUNGEST_WORKER, 12, 31), home
    )
