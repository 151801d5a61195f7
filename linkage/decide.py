"""From weighed pairs to persons: who is linked, who waits for a person's word, who stays alone.

A record without a valid id joins the person it weighs most towards, where that is enough and the next best person
lies behind by the margin; else it waits for review. Records without an id that look alike become one person of their
own. Nothing ever joins two valid ids: what looks like one person with two ids only waits for review.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import duckdb

from linkage import match
from linkage.model import Model

Why = Literal["too close to call", "not sure enough", "one id, two persons", "one person, two ids"]
_ROUNDS = 2
"""A record may join over another that has joined: once is enough for what clerks write."""


@dataclass(frozen=True)
class Link:
    """A statement that belongs to a person."""

    statement_no: int
    person: str
    """the person key; ``alone:<statement_no>`` for a person whose id nobody knows"""
    weight: float | None
    """bits; None where the id itself says so"""


@dataclass(frozen=True)
class Candidate:
    """Something for a person to decide: is this statement of that person?"""

    statement_no: int
    person: str
    weight: float
    why: Why
    own_person: str | None = None
    """of one person with two ids: whom the statement's own id says"""
    evidence: Mapping[str, str] = field(default_factory=dict)
    """level by comparison"""


@dataclass(frozen=True)
class Persons:
    """Every statement's person, and what is left to decide."""

    links: Sequence[Link]
    candidates: Sequence[Candidate]


def decide(connection: duckdb.DuckDBPyConnection, model: Model) -> Persons:
    """Persons of all statements, from ``stated``, ``entities``, ``contested`` and ``pairs``."""
    connection.execute(_BEGIN)
    limits = {"link_from": model.link_from, "margin": model.margin}
    for _ in range(_ROUNDS):
        connection.execute(_BEST)
        connection.execute(_JOIN, limits)
    _gather_the_rest(connection, model)
    links = [Link(*row) for row in connection.execute(_LINKS).fetchall()]
    connection.execute(_CANDIDATES, limits)
    asked = connection.execute(
        "select left_no, person, weight, why, own_person from candidates order by pair_no"
    ).fetchall()
    evidence = match.levels_met(connection, "candidates")
    candidates = [
        Candidate(number, person, weight, why, own_person, levels)
        for (number, person, weight, why, own_person), levels in zip(asked, evidence, strict=True)
    ]
    return Persons(links, candidates)


def _gather_the_rest(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Statements that joined nobody, but are enough like each other, are one person."""
    alike = connection.execute(_ALIKE, {"link_from": model.link_from}).fetchall()
    apart = connection.execute("select left_no, right_no from apart_statements").fetchall()
    joined = [(entity, f"alone:{first}", weight) for entity, first, weight in _components(alike, apart)]
    if joined:
        connection.executemany("insert into joined values (?, ?, ?)", joined)


def _components(
    edges: Iterable[tuple[int, int, float]], apart: Iterable[tuple[int, int]] = ()
) -> Iterable[tuple[int, int, float]]:
    """(entity, first entity of its component, strongest weight that holds it); no component holds two kept apart."""
    parent: dict[int, int] = {}
    strongest: dict[int, float] = {}
    kept_apart = list(apart)

    def root(entity: int) -> int:
        parent.setdefault(entity, entity)
        while parent[entity] != entity:
            parent[entity] = parent[parent[entity]]
            entity = parent[entity]
        return entity

    for left, right, weight in edges:
        low, high = sorted((root(left), root(right)))
        if any({root(one), root(other)} == {low, high} for one, other in kept_apart):
            continue
        for entity in (left, right):
            strongest[entity] = max(strongest.get(entity, weight), weight)
        parent[high] = low
    return [(entity, root(entity), strongest[entity]) for entity in sorted(strongest)]


_BEGIN = """
create or replace table joined (entity_no bigint primary key, person varchar, weight double);
create or replace table sides as
select entity_no_l as entity_no, entity_no_r as other_no, weight from pairs
union all
select entity_no_r, entity_no_l, weight from pairs;
"""
# best and next best person of each entity without an id; a person is known by an id or by who has joined
_BEST = """
create or replace table towards as
select
    s.entity_no, coalesce(other.person_key, j.person) as person, max(s.weight) as weight,
    arg_max(s.other_no, (s.weight, -s.other_no)) as other_no
from sides as s
inner join entities as e on s.entity_no = e.entity_no and e.person_key is null
inner join entities as other on s.other_no = other.entity_no
left join joined as j on s.other_no = j.entity_no
where coalesce(other.person_key, j.person) is not null
    and not exists (
        select 1 from denied as d
        where d.statement_no = s.entity_no and d.person = coalesce(other.person_key, j.person)
    )
group by s.entity_no, coalesce(other.person_key, j.person);

create or replace table best as
select entity_no, person, weight, weight - coalesce(next_weight, -1e9) as lead
from (
    select *,
        lead(weight) over (partition by entity_no order by weight desc, person) as next_weight,
        row_number() over (partition by entity_no order by weight desc, person) as place
    from towards
)
where place = 1;
"""
_JOIN = """
insert into joined
select entity_no, person, weight from best
where weight >= $link_from and lead >= $margin and entity_no not in (select entity_no from joined)
"""
_ALIKE = """
select p.entity_no_l, p.entity_no_r, p.weight
from pairs as p
inner join entities as l on p.entity_no_l = l.entity_no and l.person_key is null
inner join entities as r on p.entity_no_r = r.entity_no and r.person_key is null
where p.weight >= $link_from
    and l.entity_no not in (select entity_no from joined) and r.entity_no not in (select entity_no from joined)
    and l.entity_no not in (select entity_no from best where weight >= $link_from)
    and r.entity_no not in (select entity_no from best where weight >= $link_from)
order by p.weight desc, p.entity_no_l, p.entity_no_r
"""
_LINKS = """
select s.statement_no, coalesce(s.person_key, j.person, 'alone:' || s.statement_no), j.weight
from stated as s
left join joined as j on s.person_key is null and s.statement_no = j.entity_no
order by s.statement_no
"""
# of two persons who may be one the pair that says so most clearly stands for all
_CANDIDATES = """
create or replace table candidates as
with twofold as (
    select
        greatest(p.entity_no_l, p.entity_no_r) as left_no, least(p.entity_no_l, p.entity_no_r) as right_no, p.weight,
        case when p.entity_no_l < p.entity_no_r then l.person_key else r.person_key end as person,
        case when p.entity_no_l < p.entity_no_r then r.person_key else l.person_key end as own_person
    from pairs as p
    inner join entities as l on p.entity_no_l = l.entity_no
    inner join entities as r on p.entity_no_r = r.entity_no
    where l.person_key <> r.person_key
        and (least(l.person_key, r.person_key), greatest(l.person_key, r.person_key)) not in (
            select (person, other) from apart_persons
        )
),

asked as (
    select
        b.entity_no as left_no, t.other_no as right_no, t.person, t.weight,
        case when b.weight >= $link_from then 'too close to call' else 'not sure enough' end as why,
        null as own_person
    from best as b
    inner join towards as t on b.entity_no = t.entity_no and t.weight >= b.weight - $margin
    where b.entity_no not in (select entity_no from joined)
    union all
    select
        c.statement_no, (select min(e.entity_no) from entities as e where e.person_key = d.person), d.person, 0.0,
        'one id, two persons', null
    from contested as c
    inner join denied as d on c.statement_no = d.statement_no
    left join apart as a on c.statement_no = a.statement_no and c.person_key = a.person
    left join stands_for as f on c.person_key = f.person
    where a.statement_no is null and d.person = coalesce(f.into_person, c.person_key)
    union all
    select left_no, right_no, person, weight, 'one person, two ids', own_person
    from twofold
    qualify row_number() over (
        partition by least(person, own_person), greatest(person, own_person)
        order by weight desc, left_no, right_no
    ) = 1
)

select row_number() over (order by left_no, why, weight desc, person) as pair_no, * from asked
"""
