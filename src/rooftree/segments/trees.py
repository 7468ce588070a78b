"""Small pieces of SQL as trees, and the logic of counts of which some are not certain."""

from __future__ import annotations

from sqlglot import exp

from rooftree.segments.nodes import Comparison


def paren(node: exp.Expr) -> exp.Expr:
    plain = isinstance(node, exp.Column | exp.Paren | exp.Boolean | exp.Case)
    return node if plain else exp.Paren(this=node)


def number(n: float) -> exp.Expr:
    value: exp.Expr = exp.Literal.number(abs(n))
    if isinstance(n, float):  # a decimal literal would be compared in decimal arithmetic
        value = exp.cast(exp.Literal.string(repr(abs(n))), "double")
    return exp.Paren(this=exp.Neg(this=value)) if n < 0 else value


def case(*whens: tuple[exp.Expr, exp.Expr], otherwise: exp.Expr) -> exp.Expr:
    ifs = [exp.If(this=condition, true=result) for condition, result in whens]
    return exp.Case(ifs=ifs, default=otherwise)


TRUE, FALSE = exp.Boolean(this=True), exp.Boolean(this=False)


def at_least(t: exp.Expr, u: exp.Expr | None, n: int) -> exp.Expr:
    """At least n, of t that count for certain and u that may."""
    if u is None:
        return exp.GTE(this=t, expression=number(n))
    most = exp.Add(this=t.copy(), expression=u)
    return case(
        (exp.GTE(this=t, expression=number(n)), TRUE),
        (exp.LT(this=most, expression=number(n)), FALSE),
        otherwise=exp.Null(),
    )


def compared_count(t: exp.Expr, u: exp.Expr | None, op: Comparison, n: int) -> exp.Expr:
    """A count compared with n; null where it hangs on those that may count."""
    match op:
        case Comparison.AT_LEAST:
            return at_least(t, u, n)
        case Comparison.MORE:
            return at_least(t, u, n + 1)
        case Comparison.LESS:
            return exp.Not(this=paren(at_least(t, u, n)))
        case Comparison.AT_MOST:
            return exp.Not(this=paren(at_least(t, u, n + 1)))
        case Comparison.NOT_EQUAL:
            return exp.Not(this=paren(compared_count(t, u, Comparison.EQUAL, n)))
        case Comparison.EQUAL:
            if u is None:
                return exp.EQ(this=t, expression=number(n))
            most = exp.Add(this=t.copy(), expression=u)
            beyond = exp.Or(
                this=exp.GT(this=t, expression=number(n)),
                expression=exp.LT(this=most, expression=number(n)),
            )
            certain = exp.EQ(this=u.copy(), expression=number(0))
            return case((beyond, FALSE), (certain, TRUE), otherwise=exp.Null())


def bits(column: exp.Expr, mask: int) -> exp.Expr:
    return exp.Paren(this=exp.BitwiseAnd(this=column, expression=number(mask)))


def count_of(condition: exp.Expr) -> exp.Expr:
    return exp.Count(this=exp.Case(ifs=[exp.If(this=condition, true=number(1))]))


def all_of(conditions: list[exp.Expr | None]) -> exp.Expr:
    known = [condition.copy() for condition in conditions if condition is not None]
    whole = known[0] if known else TRUE
    for condition in known[1:]:
        whole = exp.And(this=whole, expression=condition)
    return whole
