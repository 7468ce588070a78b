"""SQL expressions in a source definition: portable, checked by whitelist, over named columns only."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from rooftree.storage.portable import compile_sql
from rooftree.vocabulary.errors import DefinitionError, Problem

_DEEPEST = 100  # levels; what is deeper would stop the parsers further on
_COLOUR = re.compile("\x1b\\[[0-9]*m")  # the parser marks a place in its message for a terminal

# A row is judged alone: what looks at other rows or other tables has no place here.
_REFUSED = (exp.Query, exp.Star, exp.Placeholder, exp.Window, exp.AggFunc, exp.Command, exp.DDL)


def suggestion(word: str, among: Iterable[str]) -> str:
    """ "Did you mean ...?", or nothing where no word is near."""
    near = difflib.get_close_matches(word, sorted(among), n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else ""


def column_names(text: str, *, where: str) -> tuple[str, ...]:
    """The columns that an expression reads, in the order of their first use. Raises DefinitionError."""
    names = [_name(column) for column in _parse(text, where).find_all(exp.Column)]
    return tuple(dict.fromkeys(names))


def compile_expression(text: str, *, where: str, resolve: Callable[[str], str | None]) -> str:
    """The expression as engine SQL, each column replaced by what `resolve` says of its name.

    `resolve` returns None for a column that there is not. Raises DefinitionError, naming every
    function that is not portable and every column that is not known.
    """
    tree = _parse(text, where)
    known: dict[str, str] = {}
    problems: list[Problem] = []

    def stand_in(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        sql = resolve(_name(node))
        if sql is None:
            problems.append(
                Problem(where, f"the expression reads {_name(node)}, which is no column.")
            )
        name = f"__column_{len(known)}"
        known[name] = sql or "NULL"
        return exp.column(name)

    tree = tree.transform(stand_in)
    try:
        compiled = _portable(tree.sql(dialect="duckdb"))
    except DefinitionError as error:
        named = [Problem(where, problem.what, problem.remedy) for problem in error.problems]
        raise DefinitionError([*problems, *named]) from error
    if problems:
        raise DefinitionError(problems)
    # a stand-in within quotation marks is text, not a column
    filled = re.sub(
        r"'(?:[^']|'')*'|\b__column_\d+\b",
        lambda found: f"({known[found[0]]})" if found[0] in known else found[0],
        compiled,
    )
    return f"({filled})"


@lru_cache(maxsize=1024)
def _portable(expression: str) -> str:
    """An expression for the engine. What differs by column name only is compiled once."""
    compiled = compile_sql(f"SELECT {expression} AS x", where="")
    return sqlglot.parse_one(compiled, read="duckdb").expressions[0].this.sql(dialect="duckdb")


@lru_cache(maxsize=1024)
def _parse(text: str, where: str) -> exp.Expr:
    try:
        marks = [t for t in sqlglot.tokenize(text, read="duckdb") if t.comments or t.text == ";"]
        tree = sqlglot.parse_one(text, read="duckdb")
        depth = max((node.depth for node in tree.walk()), default=0)
    except SqlglotError as error:
        reason = _COLOUR.sub("", str(error).splitlines()[0])
        raise DefinitionError([Problem(where, "the expression does not parse.", reason)]) from error
    except RecursionError:
        depth, marks, tree = _DEEPEST + 1, [], exp.null()
    if depth > _DEEPEST:
        what, remedy = "the expression is nested too deeply.", "Write it in fewer levels."
        raise DefinitionError([Problem(where, what, remedy)])
    if marks:
        what = "a comment or a semicolon is not allowed here."
        raise DefinitionError([Problem(where, what, "Write one expression, and nothing after it.")])
    refused = next((node for node in tree.walk() if isinstance(node, _REFUSED)), None)
    if refused is not None:
        raise DefinitionError(
            [
                Problem(
                    where,
                    f"{refused.key} is not allowed here.",
                    "Write one expression over the columns of one row.",
                )
            ]
        )
    return tree


def _name(column: exp.Column) -> str:
    """`tenureType.code` parses as a column of a table: here it is a path in one record."""
    return ".".join(part.name for part in column.parts)
