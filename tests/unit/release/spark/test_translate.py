"""What PostgreSQL says and what Spark is told: small SQL in, small SQL out."""

from __future__ import annotations

import pytest

from release.spark.rules import Untranslatable
from release.spark.translate import relations_read, spark_type, translate, typed

SAID = [
    ('select a from "flyover"."core"."t"', "SELECT a FROM `core`.`t`"),
    ("select x::numeric / y from t", "SELECT CAST(x AS DOUBLE) / y FROM t"),
    ("select x::numeric(14, 4) from t", "SELECT CAST(x AS DECIMAL(14, 4)) FROM t"),
    ("select n::integer / 100, n::integer % 100 from t", "SELECT CAST(n AS INT) DIV 100, CAST(n AS INT) % 100 FROM t"),
    ("select 100.0 * x / 10, '1.5' from t", "SELECT 100.0D * x / 10, '1.5' FROM t"),
    ("select null::uuid", "SELECT CAST(NULL AS STRING)"),
    (
        "select md5(a)::uuid from t",
        "SELECT REGEXP_REPLACE(MD5(a), '^(.{8})(.{4})(.{4})(.{4})(.{12})$', '$1-$2-$3-$4-$5') FROM t",
    ),
    (
        "select extract(year from age(d, b)) from t",
        "SELECT ((YEAR(d) * 10000 + MONTH(d) * 100 + DAY(d)) - (YEAR(b) * 10000 + MONTH(b) * 100 + DAY(b))) DIV 10000 "
        "FROM t",
    ),
    (
        "select m.a from t cross join lateral (values ('x', t.b), ('y', null)) as m (a, b)",
        "SELECT m.a FROM t CROSS JOIN LATERAL INLINE(ARRAY(STRUCT('x' AS a, t.b AS b), STRUCT('y' AS a, NULL AS b))) "
        "AS m(a, b)",
    ),
    (
        "select y from t cross join lateral generate_series(t.a, t.b) as years (y)",
        "SELECT y FROM t CROSS JOIN LATERAL EXPLODE(IF(t.a <= t.b, SEQUENCE(t.a, t.b), ARRAY())) AS years(y)",
    ),
    (
        "select y from t cross join generate_series(1, 9) as tenths (y)",
        "SELECT y FROM t CROSS JOIN LATERAL EXPLODE(IF(1 <= 9, SEQUENCE(1, 9), ARRAY())) AS tenths(y)",
    ),
    (
        "select x from t cross join unnest(string_to_array(t.ids, '|')) as l (x) join u on l.x = u.x",
        "SELECT x FROM t CROSS JOIN LATERAL EXPLODE(SPLIT(t.ids, '\\\\|')) AS l(x) JOIN u ON l.x = u.x",
    ),
    ("select array_agg(distinct s order by s) from t", "SELECT SORT_ARRAY(COLLECT_SET(s)) FROM t"),
    ("select (array_agg(n order by m desc))[1] from t", "SELECT MAX_BY(n, m) FROM t"),
    ("select (array_agg(n order by m))[1] from t", "SELECT MIN_BY(n, m) FROM t"),
    ("select percentile_cont(0.5) within group (order by x) from t", "SELECT PERCENTILE(x, 0.5D) FROM t"),
    (
        "select mode() within group (order by s) filter (where k) from t",
        "SELECT MODE(s, TRUE) FILTER(WHERE k) FROM t",
    ),
    ("select substring(c from '^([0-9]+)x') from t", "SELECT NULLIF(REGEXP_EXTRACT(c, '^([0-9]+)x'), '') FROM t"),
    ("select substring(c from '^[0-9]+') from t", "SELECT NULLIF(REGEXP_EXTRACT(c, '^[0-9]+', 0), '') FROM t"),
    ("select substring(c from 2 for 3) from t", "SELECT SUBSTRING(c, 2, 3) FROM t"),
    (
        "select jsonb_object_agg(k, v) ->> 'B' from t",
        "SELECT CAST(TRY_ELEMENT_AT(MAP_FROM_ENTRIES(COLLECT_LIST(STRUCT(k AS col1, v AS col2))), 'B') AS STRING) "
        "FROM t",
    ),
    ("select array_position(array['a'], s) from t", "SELECT NULLIF(ARRAY_POSITION(ARRAY('a'), s), 0) FROM t"),
    (
        "select (d + make_interval(months => w.m))::date from w",
        "SELECT CAST((d + MAKE_YM_INTERVAL(0, CAST(w.m AS INT))) AS DATE) FROM w",
    ),
    ("with a as not materialized (select 1) select * from a", "WITH a AS (SELECT 1) SELECT * FROM a"),
    (
        "with a as (with b as (select 1) select * from b), c as (with b as (select 2) select * from b) select * from c",
        "WITH a AS (WITH b AS (SELECT 1) SELECT * FROM b), c AS (WITH b AS (SELECT 2) SELECT * FROM b) SELECT * FROM c",
    ),
    (
        "select sum(p) over (w order by p), max(p) over w from t window w as (partition by k)",
        "SELECT SUM(p) OVER (PARTITION BY k ORDER BY p NULLS LAST), MAX(p) OVER w FROM t WINDOW w AS (PARTITION BY k)",
    ),
    ("select 1 where exists (select from t)", "SELECT 1 WHERE EXISTS(SELECT 1 FROM t)"),
    ("select max(d) over (order by d) from t", "SELECT MAX(d) OVER (ORDER BY d NULLS LAST) FROM t"),
]


@pytest.mark.parametrize(("postgres", "spark"), SAID)
def test_what_differs_is_said_in_sparks_words(postgres: str, spark: str) -> None:
    assert translate(postgres, pretty=False) == spark


def test_a_duration_is_seconds_and_an_unknown_one_stays_unknown() -> None:
    said = translate("select extract(epoch from d::interval) / 60 from t", pretty=False)
    assert said.startswith("SELECT IF(d IS NULL, NULL, COALESCE(CAST(NULLIF(REGEXP_EXTRACT(d, ")
    assert said.endswith(" * 1) / 60 FROM t")
    assert [f"* {seconds}" in said for seconds in (86400, 3600, 60, 1)] == [True] * 4


@pytest.mark.parametrize(
    "postgres",
    [
        "select array_agg(a order by b) from t",
        "select array_agg(a order by a) filter (where b) from t",
        "select make_interval(days => 3)",
        "select from where",
    ],
)
def test_what_has_no_translation_is_refused_and_not_passed_on(postgres: str) -> None:
    with pytest.raises(Untranslatable):
        translate(postgres)


def test_columns_get_the_types_that_postgresql_gives_them() -> None:
    shown = typed("SELECT NULL AS a", {"a": "uuid", "b": "numeric(14,4)"})
    casts = "cast(`a` as string) as `a`, cast(`b` as decimal(14, 4)) as `b`"
    assert " ".join(shown.split()) == f"select {casts} from ( SELECT NULL AS a ) as made"


def test_types_are_named_for_spark() -> None:
    kinds = ("numeric", "text[]", "timestamp with time zone", "integer")
    assert [spark_type(kind) for kind in kinds] == ["double", "array<string>", "timestamp", "int"]
    with pytest.raises(Untranslatable, match="tsvector"):
        spark_type("tsvector")


def test_relations_are_named_without_the_database_and_without_ctes() -> None:
    assert relations_read('with a as (select 1) select * from a, "f"."core"."t", core.u') == {"core.t", "core.u"}
