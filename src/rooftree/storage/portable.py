"""Portable SQL: one text per table, written once, checked before it runs, emitted for each engine.

A model's text is DuckDB-flavoured SQL that uses plain functions both engines share and *house
functions*, whose meaning is fixed here because the engines differ on it (a month between two
dates, a division by zero, the latest value). Anything else is refused when the text is compiled,
so a definition that loads is a definition that runs, on either engine.

The text is parsed, never pasted: parameters such as `:as_of` become literals in the tree.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from rooftree.vocabulary.errors import DefinitionError, Problem

Parameter = str | int | float | bool | dt.date

# Each template's _1, _2 ... are the arguments. The truth table of each is in
# tests/spec/test_house_functions.py and is run on every engine.
HOUSE: dict[str, dict[str, str]] = {
    # whole days from the first date to the second
    "days_between": {
        "duckdb": "(CAST(_2 AS DATE) - CAST(_1 AS DATE))",
        "spark": "DATEDIFF(_2, _1)",
    },
    # full years lived: 29 February to 28 February is one day short of a year
    "years_full": {
        "duckdb": "(YEAR(CAST(_2 AS DATE)) - YEAR(CAST(_1 AS DATE)) - CASE WHEN MONTH(CAST(_2 AS DATE)) * 100 "
        "+ DAY(CAST(_2 AS DATE)) < MONTH(CAST(_1 AS DATE)) * 100 + DAY(CAST(_1 AS DATE)) THEN 1 ELSE 0 END)",
        "spark": "(YEAR(_2) - YEAR(_1) - CASE WHEN MONTH(_2) * 100 + DAY(_2) < MONTH(_1) * 100 + DAY(_1) "
        "THEN 1 ELSE 0 END)",
    },
    # full months elapsed: the most months that can be added (date_plus_months) without passing the second date
    "months_full": {
        "duckdb": "DATE_SUB('month', CAST(_1 AS DATE), CAST(_2 AS DATE))",
        "spark": "((YEAR(_2) - YEAR(_1)) * 12 + MONTH(_2) - MONTH(_1) "
        "- CASE WHEN DAY(_2) < DAY(_1) AND _2 <> LAST_DAY(_2) THEN 1 ELSE 0 END)",
    },
    # a date so many days later (or earlier, if negative), as a date
    "date_plus_days": {
        "duckdb": "(CAST(_1 AS DATE) + CAST(_2 AS INTEGER))",
        "spark": "DATE_ADD(_1, CAST(_2 AS INT))",
    },
    # the same day so many months later, or the last of the month where there is no such day
    "date_plus_months": {
        "duckdb": "CAST(CAST(_1 AS DATE) + TO_MONTHS(CAST(_2 AS INTEGER)) AS DATE)",
        "spark": "ADD_MONTHS(_1, _2)",
    },
    # integer division, towards zero; null when the divisor is 0
    "int_div": {"duckdb": "(_1 // NULLIF(_2, 0))", "spark": "(_1 DIV NULLIF(_2, 0))"},
    # division in double precision; null when the divisor is 0
    "safe_div": {
        "duckdb": "(CAST(_1 AS DOUBLE) / NULLIF(_2, 0))",
        "spark": "(CAST(_1 AS DOUBLE) / NULLIF(_2, 0))",
    },
    # aggregate: the first argument of the row in which the second is greatest
    "value_at_max": {"duckdb": "ARG_MAX(_1, _2)", "spark": "MAX_BY(_1, _2)"},
    "value_at_min": {"duckdb": "ARG_MIN(_1, _2)", "spark": "MIN_BY(_1, _2)"},
    # aggregate: the middle value, as a double
    "median_of": {"duckdb": "MEDIAN(_1)", "spark": "PERCENTILE(_1, 0.5)"},
    # a mask with one bit set; aggregate of masks; how many bits are set
    "bit_at": {"duckdb": "(CAST(1 AS BIGINT) << CAST(_1 AS INTEGER))", "spark": "SHIFTLEFT(CAST(1 AS BIGINT), _1)"},
    "bits_any": {"duckdb": "BIT_OR(_1)", "spark": "BIT_OR(_1)"},
    "bits_set": {"duckdb": "BIT_COUNT(_1)", "spark": "BIT_COUNT(_1)"},
    "bits_both": {"duckdb": "(_1 & _2)", "spark": "(_1 & _2)"},
    # aggregate: distinct values joined in order; null when there are none
    "joined": {
        # an ordered aggregate takes three times as long as sorting the list when it is whole
        "duckdb": "NULLIF(ARRAY_TO_STRING(LIST_SORT(LIST_DISTINCT(LIST(_1))), ';'), '')",
        "spark": "NULLIF(CONCAT_WS(';', ARRAY_SORT(COLLECT_SET(_1))), '')",
    },
}  # fmt: skip

# Plain functions whose results agree on the engines for the arguments we use.
PLAIN = {
    "abs", "avg", "ceil", "coalesce", "concat", "count", "dense_rank", "exp", "floor", "greatest",
    "if", "lag", "lead", "least", "left", "length", "ln", "lower", "lpad", "max", "min", "nullif",
    "rank", "replace", "right", "round", "row_number", "sign", "sqrt", "starts_with", "stddev_samp",
    "substring", "sum", "trim", "upper", "year", "month", "day", "ntile", "first_value", "last_value",
}  # fmt: skip

# Syntax that sqlglot models as functions.
_SYNTAX = (exp.Connector, exp.Case, exp.Cast, exp.Exists)

_FUNCTION_NAMES = {
    exp.StartsWith: "starts_with",
    exp.StddevSamp: "stddev_samp",
    exp.RowNumber: "row_number",
    exp.Substring: "substring",
}


def house(name: str, *arguments: exp.Expr, engine: str) -> exp.Expr:
    """A call of a house function as a tree for an engine; the arguments are copied in."""
    return _from_template(HOUSE[name][engine], arguments, engine)


def literal(value: Parameter) -> exp.Expr:
    """A parameter as a node of the tree; text is escaped by the generator, never by hand."""
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, dt.date):
        return exp.cast(exp.Literal.string(value.isoformat()), exp.DataType.Type.DATE)
    if isinstance(value, str):
        return exp.Literal.string(value)
    return exp.Literal.number(value)


def compile_sql(
    text: str,
    *,
    where: str,
    engine: str = "duckdb",
    parameters: Mapping[str, Parameter] | None = None,
) -> str:
    """The text for one engine, with house functions expanded and parameters filled in.

    `where` names the definition, for the message. Raises DefinitionError, listing every function
    that is not portable and every parameter that was not given.
    """
    # The type is part of the key: true and 1 are equal, and are not the same literal.
    given = sorted((parameters or {}).items())
    return _compiled(
        text, where, engine, tuple((name, type(value), value) for name, value in given)
    )


@lru_cache(maxsize=512)
def _compiled(
    text: str, where: str, engine: str, parameters: tuple[tuple[str, type, Parameter], ...]
) -> str:
    tree = _parse(text, where).copy()
    given = {name: value for name, _, value in parameters}
    problems: list[Problem] = []
    for node in list(tree.find_all(exp.Placeholder)):
        if node.name in given:
            node.replace(literal(given[node.name]))
        else:
            problems.append(Problem(where, f"the parameter :{node.name} has no value."))
    # Breadth first, reversed: an inner call is replaced before the call that holds it.
    for node in reversed(list(tree.bfs())):
        _expand(node, engine, where, problems)
    if problems:
        raise DefinitionError(problems)
    return tree.sql(dialect=engine, unsupported_level=sqlglot.ErrorLevel.RAISE)


@lru_cache(maxsize=512)
def _parse(text: str, where: str) -> exp.Expr:
    try:
        statements = sqlglot.parse(text, read="duckdb")
    except SqlglotError as error:
        # the parser underlines a place in its message, for a terminal
        reason = re.sub("\x1b\\[[0-9]*m", "", str(error))
        raise DefinitionError([Problem(where, f"the SQL does not parse: {reason}")]) from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise DefinitionError([Problem(where, "one SELECT is expected, and nothing else.")])
    return statements[0]


def _expand(node: exp.Expr, engine: str, where: str, problems: list[Problem]) -> None:
    if isinstance(node, exp.Div):
        what, remedy = "a bare / differs between engines.", "Write safe_div(a, b) or int_div(a, b)."
        problems.append(Problem(where, what, remedy))
    if not isinstance(node, exp.Func) or isinstance(node, _SYNTAX):
        return
    anonymous = isinstance(node, exp.Anonymous)
    name = (node.name if anonymous else _FUNCTION_NAMES.get(type(node), node.sql_name())).lower()
    if name in HOUSE:
        arguments = node.expressions if anonymous else list(node.iter_expressions())
        node.replace(_from_template(HOUSE[name][engine], arguments, engine))
    elif name not in PLAIN:
        what, remedy = f"the function {name} is not portable.", "Use a house function, or add one."
        problems.append(Problem(where, what, remedy))


def _from_template(template: str, arguments: Sequence[exp.Expr], engine: str) -> exp.Expr:
    tree = sqlglot.parse_one(template, read=engine)
    for node in [column for column in tree.find_all(exp.Column) if column.name in ("_1", "_2")]:
        argument = arguments[int(node.name[1:]) - 1]
        if isinstance(argument, exp.Binary | exp.Connector | exp.Case):
            argument = exp.Paren(this=argument.copy())
        if node is tree:
            return argument
        node.replace(argument.copy())
    return tree
