"""What PostgreSQL's SQL means in Spark's, where sqlglot's own translation differs in its result or has none.

Each rule takes one expression and gives what stands in its place. What no rule knows how to say is refused by name
(:class:`Untranslatable`), never passed on to mean something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from pipeline.errors import FlyoverError

Rule = Callable[[exp.Expr], exp.Expr]
_ISO_DURATION = r"^P(?:(\\d+)D)?(?:T(?:(\\d+)H)?(?:(\\d+)M)?(?:(\\d+(?:\\.\\d+)?)S)?)?$"
_SECONDS_OF_PARTS = (86_400, 3_600, 60, 1)


class Untranslatable(FlyoverError):
    """A construct of PostgreSQL that is to be written in another way, or needs a rule."""


def spark_sql(template: str, **parts: exp.Expr) -> exp.Expr:
    """An expression of Spark with ``parts`` put in the place of :name."""
    parsed: exp.Expr = exp.maybe_parse(template, dialect="spark")
    return exp.replace_placeholders(parsed, **parts)


def bare_table(node: exp.Expr) -> exp.Expr:
    """Names of two parts: Spark's catalogue has no database above the schema."""
    if isinstance(node, exp.Table) and node.args.get("catalog"):
        node.set("catalog", None)
    return node


def planned_freely(node: exp.Expr) -> exp.Expr:
    """``as not materialized`` advises PostgreSQL's planner; Spark has no word for it."""
    if isinstance(node, exp.CTE):
        node.set("materialized", None)
    return node


def named_window(node: exp.Expr) -> exp.Expr:
    """``over (areas order by x)``: Spark takes a named window as it is or not at all, so its parts are written out."""
    if not (isinstance(node, exp.Window) and node.args.get("alias") and node.args.get("order")):
        return node
    select = node.find_ancestor(exp.Select)
    name = node.args["alias"].name
    named = next((one for one in (select.args.get("windows") or () if select else ()) if one.name == name), None)
    if named is None:
        raise Untranslatable(f"no window {name} is named: {node.sql('postgres')}")
    written = node.copy()
    written.set("alias", None)
    written.set("partition_by", [part.copy() for part in named.args.get("partition_by") or ()])
    return written


def something_selected(node: exp.Expr) -> exp.Expr:
    """``exists (select from …)``: Spark wants a column, whichever."""
    if isinstance(node, exp.Select) and not node.expressions:
        node.set("expressions", [exp.Literal.number(1)])
    return node


def plain_numeric(node: exp.Expr) -> exp.Expr:
    """``numeric`` without digits is a double: Spark would read ten digits and no fraction."""
    if isinstance(node, exp.DataType) and node.is_type(exp.DataType.Type.DECIMAL) and not node.expressions:
        return exp.DataType.build("double", dialect="spark")
    return node


def plain_fraction(node: exp.Expr) -> exp.Expr:
    """So is a number written with a fraction: a division of decimals would keep six digits."""
    if isinstance(node, exp.Literal) and not node.is_string and not node.is_int and node.name[-1].isdigit():
        return exp.Literal(this=f"{node.name}D", is_string=False)
    return node


def uuid(node: exp.Expr) -> exp.Expr:
    """A uuid is its text; a checksum's 32 digits get the hyphens that PostgreSQL shows."""
    if not (isinstance(node, exp.Cast) and node.to.is_type(exp.DataType.Type.UUID)):
        return node
    if not isinstance(node.this, exp.MD5):
        return exp.cast(node.this, "string", dialect="spark")
    return spark_sql(
        "regexp_replace(:digits, '^(.{8})(.{4})(.{4})(.{4})(.{12})$', '$1-$2-$3-$4-$5')", digits=node.this.copy()
    )


def completed_years(node: exp.Expr) -> exp.Expr:
    """``extract(year from age(day, since))``: who was born on 29 February is a year older on 1 March."""
    if not (isinstance(node, exp.Extract) and node.name.upper() == "YEAR" and _called(node.expression, "AGE")):
        return node
    day, since = (part.copy() for part in _arguments(node.expression))
    return spark_sql(
        "((year(:a) * 10000 + month(:b) * 100 + day(:c)) - (year(:d) * 10000 + month(:e) * 100 + day(:f))) div 10000",
        a=day, b=day.copy(), c=day.copy(), d=since, e=since.copy(), f=since.copy(),
    )  # fmt: skip


def seconds_of_duration(node: exp.Expr) -> exp.Expr:
    """``extract(epoch from text::interval)`` of an ISO 8601 duration of days, hours, minutes and seconds."""
    if not (isinstance(node, exp.Extract) and node.name.upper() == "EPOCH" and isinstance(node.expression, exp.Cast)):
        return node
    text = node.expression.this
    parts = [
        f"coalesce(cast(nullif(regexp_extract(:p{place}, '{_ISO_DURATION}', {place}), '') as double), 0) * {seconds}"
        for place, seconds in enumerate(_SECONDS_OF_PARTS, 1)
    ]
    return spark_sql(
        f"if(:known is null, null, {' + '.join(parts)})",
        known=text.copy(),
        **{f"p{place}": text.copy() for place in range(1, 5)},
    )


def lateral_values(node: exp.Expr) -> exp.Expr:
    """``cross join lateral (values …) as t (a, b)``: rows that read the row beside them are an array unfolded."""
    if not isinstance(node, exp.Lateral):
        return node
    held = node.this.unnest() if isinstance(node.this, exp.Paren | exp.Subquery) else node.this
    if not isinstance(held, exp.Values):
        return node
    columns = [column.name for column in node.args["alias"].columns]
    rows = [
        exp.func("struct", *[exp.alias_(value.copy(), name) for name, value in zip(columns, _row(row), strict=True)])
        for row in held.expressions
    ]
    return exp.Lateral(this=exp.Anonymous(this="inline", expressions=[exp.array(*rows)]), alias=node.args["alias"])


def series(node: exp.Expr) -> exp.Expr:
    """``generate_series``: where the end lies before the start there is no row; Spark's sequence would count down."""
    if isinstance(node, exp.Lateral) and isinstance(node.this, exp.GenerateSeries | exp.ExplodingGenerateSeries):
        return exp.Lateral(this=_exploded(node.this), alias=node.args.get("alias"))
    return node


def joined_list(node: exp.Expr) -> exp.Expr:
    """``cross join unnest(list) as t (a)``: a function beside the row, so that joins may follow."""
    if not (isinstance(node, exp.Join) and isinstance(node.this, exp.Unnest)):
        return node
    (held,) = node.this.expressions
    if isinstance(held, exp.GenerateSeries | exp.ExplodingGenerateSeries):
        return node
    unfolded = exp.Anonymous(this="explode", expressions=[held.copy()])
    node.set("this", exp.Lateral(this=unfolded, alias=node.this.args["alias"].copy()))
    return node


def joined_series(node: exp.Expr) -> exp.Expr:
    """The same where it is joined without the word lateral."""
    if not (isinstance(node, exp.Join) and isinstance(node.this, exp.Unnest | exp.Table)):
        return node
    inner = node.this.this if isinstance(node.this, exp.Table) else next(iter(node.this.expressions), None)
    if not isinstance(inner, exp.GenerateSeries | exp.ExplodingGenerateSeries):
        return node
    alias = node.this.args["alias"]
    node.set("this", exp.Lateral(this=_exploded(inner), alias=alias.copy()))
    return node


def _exploded(call: exp.Expr) -> exp.Expr:
    first, last, step = (call.args.get(part) for part in ("start", "end", "step"))
    words = {"a": first, "b": last, "c": first, "d": last, **({"e": step} if step else {})}
    text = f"if(:a <= :b, sequence(:c, :d{', :e' if step else ''}), array())"
    copies = {name: part.copy() for name, part in words.items() if part is not None}
    return exp.Anonymous(this="explode", expressions=[spark_sql(text, **copies)])


def pattern_part(node: exp.Expr) -> exp.Expr:
    """``substring(text from 'pattern')``: null where nothing matches, the first group where there is one."""
    pattern = node.args.get("start") if isinstance(node, exp.Substring) else None
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        return node
    group = 1 if re.search(r"(?<!\\)\((?!\?)", pattern.name) else 0
    return spark_sql(f"nullif(regexp_extract(:text, :pattern, {group}), '')", text=node.this.copy(), pattern=pattern)


def json_object(node: exp.Expr) -> exp.Expr:
    """``jsonb_object_agg`` makes a map; :func:`json_member` looks in it."""
    if not isinstance(node, exp.JSONBObjectAgg):
        return node
    return spark_sql(
        "map_from_entries(collect_list(struct(:key, :value)))",
        key=node.this.copy(), value=node.expression.copy(),
    )  # fmt: skip


def json_member(node: exp.Expr) -> exp.Expr:
    """``object ->> key`` of such a map, as text."""
    if not isinstance(node, exp.JSONExtractScalar | exp.JSONBExtractScalar):
        return node
    key = node.expression
    if isinstance(key, exp.JSONPath):  # what sqlglot makes of a literal
        key = exp.Literal.string(key.expressions[-1].name)
    return spark_sql("cast(try_element_at(:map, :key) as string)", map=node.this.copy(), key=key.copy())


def list_of_text(node: exp.Expr) -> exp.Expr:
    """``string_to_array``: Spark splits by a pattern, so the separator is quoted."""
    if not isinstance(node, exp.StringToArray):
        return node
    separator = exp.Literal.string(re.escape(node.expression.name))
    return exp.Anonymous(this="split", expressions=[node.this.copy(), separator])


def place_in_list(node: exp.Expr) -> exp.Expr:
    """``array_position``: null where it is not in the list; Spark says 0."""
    if isinstance(node, exp.ArrayPosition) and not isinstance(node.parent, exp.Nullif):
        return exp.Nullif(this=node.copy(), expression=exp.Literal.number(0))
    return node


def ordered_list(node: exp.Expr) -> exp.Expr:
    """``array_agg(x order by x)`` is a sorted list, its first by another order what Spark calls min_by or max_by."""
    if isinstance(node, exp.Bracket):
        return _first_by(node)
    if not isinstance(node, exp.ArrayAgg) or not isinstance(node.this, exp.Order):
        return node
    held, order = node.this.this, node.this.expressions
    if isinstance(node.parent, exp.Filter):
        raise Untranslatable(f"Spark cannot filter an ordered list: {node.parent.sql('postgres')}")
    is_distinct = isinstance(held, exp.Distinct)
    value = held.expressions[0] if is_distinct else held
    if len(order) != 1 or order[0].this != value or order[0].args.get("desc"):
        raise Untranslatable(f"Spark cannot order a list this way: {node.sql('postgres')}")
    gather = "collect_set" if is_distinct else "collect_list"
    return spark_sql(f"sort_array({gather}(:value))", value=value.copy())


def _first_by(node: exp.Bracket) -> exp.Expr:
    inner = node.this.unnest()
    if not isinstance(inner, exp.ArrayAgg) or not isinstance(inner.this, exp.Order):
        return node
    order = inner.this.expressions
    if len(order) != 1 or [part.name for part in node.expressions] not in (["0"], ["1"]):
        raise Untranslatable(f"Spark cannot take this part of a list: {node.sql('postgres')}")
    pick = "max_by" if order[0].args.get("desc") else "min_by"
    return spark_sql(f"{pick}(:value, :by)", value=inner.this.this.copy(), by=order[0].this.copy())


def exact_percentile(node: exp.Expr) -> exp.Expr:
    """``percentile_cont`` is exact; sqlglot would take the approximation."""
    if not (isinstance(node, exp.WithinGroup) and isinstance(node.this, exp.PercentileCont)):
        return node
    value = node.expression.expressions[0].this
    return spark_sql("percentile(:value, :share)", value=value.copy(), share=node.this.this.copy())


def mode_of_group(node: exp.Expr) -> exp.Expr:
    """``mode()`` takes the smallest of the most frequent; where nulls sort is no part of it."""
    if isinstance(node, exp.WithinGroup) and isinstance(node.this, exp.Mode):
        return spark_sql("mode(:value, true)", value=node.expression.expressions[0].this.copy())
    return node


def whole_division(node: exp.Expr) -> exp.Expr:
    """An integer over an integer is an integer, where both are said to be."""
    if isinstance(node, exp.Div) and _is_integer(node.this) and _is_integer(node.expression):
        return exp.IntDiv(this=node.this.copy(), expression=node.expression.copy())
    return node


def _is_integer(node: exp.Expr) -> bool:
    node = node.unnest()
    return node.is_int or (isinstance(node, exp.Cast) and node.to.is_type(*exp.DataType.INTEGER_TYPES))


def interval_of_months(node: exp.Expr) -> exp.Expr:
    """``make_interval(months => n)``: the one interval whose length is data."""
    if not isinstance(node, exp.MakeInterval) and not _called(node, "MAKE_INTERVAL"):
        return node
    months = next((part.expression for part in node.find_all(exp.Kwarg) if part.this.name.lower() == "months"), None)
    months = months or node.args.get("month")
    if months is None:
        raise Untranslatable(f"Spark needs the interval in months: {node.sql('postgres')}")
    return spark_sql("make_ym_interval(0, cast(:months as int))", months=months.copy())


def _called(node: exp.Expr | None, name: str) -> bool:
    if isinstance(node, exp.Anonymous):
        return node.name.upper() == name
    return isinstance(node, exp.Func) and node.sql_name() == name


def _arguments(node: exp.Expr) -> list[exp.Expr]:
    return list(node.expressions) if isinstance(node, exp.Anonymous) else list(node.args.values())


def _row(row: exp.Expr) -> list[exp.Expr]:
    return list(row.expressions) if isinstance(row, exp.Tuple) else [row.unnest()]


RULES: tuple[Rule, ...] = (
    bare_table, planned_freely, something_selected, named_window, joined_list, completed_years, seconds_of_duration,
    uuid, lateral_values, series, joined_series, pattern_part, json_object, json_member, list_of_text, place_in_list,
    ordered_list, exact_percentile, mode_of_group, whole_division, interval_of_months, plain_numeric,
    plain_fraction,
)  # fmt: skip
