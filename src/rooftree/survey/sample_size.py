"""How many answers are required, and how exact those that came in are, by the Regulator's rule of the day."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from rooftree.statistics.power import margin_of_size, size_of_margin
from rooftree.survey.definitions import SizeRule, SurveyDefinitions
from rooftree.vocabulary.errors import UserError


@dataclass(frozen=True, slots=True)
class Required:
    """A required number of answers: of how many tenants, to what margin, by which rule."""

    population: int
    n: int
    margin: float
    census_will_do: bool
    rule: str
    source: str


def required(population: int, *, on: dt.date, definitions: SurveyDefinitions) -> Required:
    """How many answers a survey of so many tenants must have on a day.

    n0 / (1 + n0 / N), rounded up. `census_will_do`: so small a landlord may ask everybody instead.
    """
    return by_rule(population, definitions.size_rule_on(on))


def by_rule(population: int, rule: SizeRule) -> Required:
    """The same by a rule at hand."""
    if population < 1:
        raise UserError("The number of tenants must be 1 or more.")
    margin = next(share for start, share in reversed(rule.margins) if population >= start)
    exact = size_of_margin(margin, population=population, z=rule.z)
    # A whole number that floating point missed by a hair must not become one more.
    n = math.ceil(exact - 1e-9)
    return Required(population, n, margin, population <= rule.census_up_to, rule.label, rule.source)


def achieved_margin(n: int, *, population: int) -> float:
    """Plus or minus how much a share of one half is known from n answers, as the Regulator works it out.

    Weights make it wider: multiply n by 1 over the design effect first, and say so.
    """
    return margin_of_size(n, population=population)
