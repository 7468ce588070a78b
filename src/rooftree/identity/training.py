"""Training without labels: expectation and maximisation over patterns of agreement.

Three things differ from the textbook, each because a landlord's records come in households:

- the share of a level among people who do not match is counted between random records, except for
  levels that need a shared home, telephone or e-mail: those are counted between people who share
  one and are clearly different (other forename, other date of birth);
- pairs that a guard holds apart cannot be matches while the model learns;
- every key feeds one estimation, so that no level is learnt from a block in which it cannot vary.

All samples are chosen by hash, so the same records give the same model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

import numpy as np

from rooftree.identity.model import LEAST_THRESHOLD, Model
from rooftree.identity.rules import (
    BORN,
    CONTACT,
    EVERY_PAIR,
    FEW_PAIRS,
    GIVEN,
    HOUSEHOLD,
    LARGEST_BLOCK,
    MOST_PAIRS_PER_RECORD,
    RULES,
    Comparison,
    Rule,
)  # fmt: skip
from rooftree.storage.engine import Engine

TRAINED = (GIVEN, BORN, HOUSEHOLD, CONTACT)
_CHANCE_RECORDS = 1_000  # every pair of so many: half a million chance pairs
_LEARNING_RECORDS = 20_000  # records whose candidates the model learns from
_NO_LOOSE_KEYS_FROM = 200_000  # records
_LEAST_TO_LEARN = 300
_ROUNDS = 60
_SETTLED = 1e-6
_SHARE_A_HOME = 0.05  # people of one's home in the records, on average, for guards to make sense
_NEVER_LESS = 0.0005  # of all matches, in every level
_SIGNIFICANT = 6  # digits kept, so that the order of a sum cannot show in a score

# Where learning starts: what a match usually looks like. The levels' true shares are learnt.
_START = {"same": 0.8, "same surname, same home": 0.6, "same, in one home": 0.8}


@dataclass(frozen=True, slots=True)
class Block:
    """What one key would bring: pairs per record and the largest number of records under one key."""

    rule: str
    pairs_per_record: float
    largest: int
    used: bool


def gate(engine: Engine, table: str) -> list[Block]:
    """Which keys are safe on these records: few pairs for each record, and no huge block."""
    n = max(int(engine.value(f"SELECT count(*) FROM {table}")), 1)
    blocks = []
    for rule in RULES:
        if rule.loose and n > _NO_LOOSE_KEYS_FROM:
            continue
        keys = [key.format("t") for key in rule.keys]
        known = " AND ".join(f"{key} IS NOT NULL" for key in keys)
        pairs, largest = engine.rows(
            f"SELECT coalesce(sum(k * (k - 1) / 2), 0), coalesce(max(k), 0) FROM "
            f"(SELECT count(*) AS k FROM {table} AS t WHERE {known} GROUP BY {', '.join(keys)})"
        )[0]
        each = float(pairs) / n
        fits = each <= MOST_PAIRS_PER_RECORD and largest <= LARGEST_BLOCK and not rule.loose
        used = pairs > 0 and (fits or pairs <= FEW_PAIRS)
        blocks.append(Block(rule.name, round(each, 4), int(largest), bool(used)))
    return blocks


def gamma_sql(comparison: Comparison) -> str:
    """The number of the level that holds for a pair, as Splink counts them."""
    cases = " ".join(
        f"WHEN {level.holds} THEN {comparison.gamma(level.name)}"
        for level in comparison.levels
        if level.holds != "ELSE"
    )
    return f"CASE {cases} ELSE 0 END"


def train(
    engine: Engine, table: str, *, link_only: bool = False, households: bool | None = None
) -> tuple[Model, list[Block]]:
    """Learn a model from the records of a comparison table (normalise.comparison_table).

    `households`: whether the guards apply; by default, whether the records show people who share
    homes. From fewer than 300 records nothing can be learnt: the shipped model is used with them.
    """
    n_records = int(engine.value(f"SELECT count(*) FROM {table}"))
    if n_records < _LEAST_TO_LEARN:
        return _shipped(n_records, households), []
    blocks = gate(engine, table)
    rules = [rule for rule in RULES if any(b.rule == rule.name and b.used for b in blocks)]
    engine.execute(_sample(table))
    chance = _patterns(engine, "_tmp_identity_learning", _chance_pairs(link_only))
    shared = _patterns(engine, table, _sharing_pairs(table, link_only))
    candidates = _patterns(engine, table, _candidate_pairs(table, rules, link_only))
    n, n_learning, n_all = _sizes(engine, table, link_only)
    scale = 2 * n_learning / n * n_all  # ordered pairs that have their first record in the sample
    by_chance = {
        column: _agreement_by_chance(engine, table, column) for column in ("given", "family", "dob")
    }
    u = _shares_of_others(chance, shared, scale)
    # Exact agreement on a forename or date is counted over all records, not over a sample.
    for index, comparison in enumerate((GIVEN, BORN)):
        u[index][comparison.gamma("same")] = by_chance["given" if comparison is GIVEN else "dob"]
        u[index] = _normalised(comparison, u[index])
    if households is None:
        households = _has_households(shared, n_learning)
    m, prior = _expect_and_maximise(candidates, u, scale, households)
    engine.execute("DROP TABLE _tmp_identity_learning")
    model = Model(
        m=_named(m), u=_named(u), prior=_rounded(prior),
        chance=by_chance,
        rules=tuple(rule.name for rule in rules), households=households,
    )  # fmt: skip
    return model, blocks


def _shipped(n_records: int, households: bool | None) -> Model:
    """The model learnt from made-up households, with this table's prior; every pair is compared."""
    text = files("rooftree.identity").joinpath("data/model.json").read_text(encoding="utf-8")
    return replace(
        Model.from_json(text), prior=_rounded(1 / max(n_records, 2)), threshold=LEAST_THRESHOLD,
        rules=(EVERY_PAIR.name,), households=households is not False,
    )  # fmt: skip


def _sizes(engine: Engine, table: str, link_only: bool) -> tuple[int, int, float]:
    n = int(engine.value(f"SELECT count(*) FROM {table}"))
    learning = min(n, _LEARNING_RECORDS)
    counts = [row[0] for row in engine.rows(f"SELECT count(*) FROM {table} GROUP BY source")]
    pairs = n * (n - 1) / 2
    if link_only:
        pairs -= sum(k * (k - 1) / 2 for k in counts)
    return max(n, 1), learning, max(pairs, 1.0)


def _apart(link_only: bool) -> str:
    return "l.source <> r.source" if link_only else "l.unique_id <> r.unique_id"


def _sample(table: str) -> str:
    """The records that the model learns from, in an order that says nothing about them."""
    return (
        "CREATE OR REPLACE TEMP TABLE _tmp_identity_learning AS SELECT * FROM "
        f"(SELECT unique_id, row_number() OVER (ORDER BY key, unique_id) AS n FROM (SELECT unique_id, "
        f"hash(unique_id) AS key FROM {table} ORDER BY key, unique_id LIMIT {_LEARNING_RECORDS})) "
        f"JOIN {table} USING (unique_id)"
    )


def _chance_pairs(link_only: bool) -> str:
    return (
        "SELECT l.unique_id AS a, r.unique_id AS b FROM _tmp_identity_learning AS l "
        f"JOIN _tmp_identity_learning AS r ON l.n < r.n AND {_apart(link_only)} "
        f"WHERE l.n <= {_CHANCE_RECORDS} AND r.n <= {_CHANCE_RECORDS}"
    )


def _learning_pairs(table: str, condition: str, link_only: bool) -> str:
    return (
        f"SELECT l.unique_id AS a, r.unique_id AS b FROM _tmp_identity_learning AS l "
        f"JOIN {table} AS r ON {condition} AND {_apart(link_only)}"
    )


def _sharing_pairs(table: str, link_only: bool) -> str:
    keys = ("home", "home_ref", "phone", "email")
    return " UNION ".join(_learning_pairs(table, f"l.{key} = r.{key}", link_only) for key in keys)


def _candidate_pairs(table: str, rules: Sequence[Rule], link_only: bool) -> str:
    joins = [_learning_pairs(table, rule.on(), link_only) for rule in rules]
    return " UNION ".join(joins) or "SELECT '' AS a, '' AS b WHERE FALSE"


Patterns = tuple[np.ndarray, np.ndarray]


def _patterns(engine: Engine, table: str, pairs: str) -> Patterns:
    """How many pairs show each pattern of levels: an array (patterns x comparisons) and counts."""
    columns = (
        "given", "formal", "middle_first", "family", "family_first", "family_last", "dob", "email",
        "phones", "postcode", "numbers", "street", "locality", "home", "home_ref", "uprn",
    )  # fmt: skip
    wide = ", ".join(f"l.{c} AS {c}_l, r.{c} AS {c}_r" for c in columns)
    names = ", ".join(c.name for c in TRAINED)
    gammas = ", ".join(f"{gamma_sql(c)} AS {c.name}" for c in TRAINED)
    found = engine.rows(
        f"SELECT {names}, count(*) FROM (SELECT {gammas} FROM (SELECT {wide} FROM ({pairs}) AS p "
        "JOIN _tmp_identity_learning AS l ON l.unique_id = p.a "
        f"JOIN {table} AS r ON r.unique_id = p.b)) GROUP BY ALL ORDER BY ALL"
    )
    array = np.array(found, dtype=np.int64).reshape(len(found), len(TRAINED) + 1)
    return array[:, :-1], array[:, -1].astype(float)


def _clearly_different(levels: np.ndarray) -> np.ndarray:
    return (levels[:, 0] == GIVEN.gamma("different")) & (levels[:, 1] == BORN.gamma("different"))


def _has_households(shared: Patterns, n_records: int) -> bool:
    """Do different people share homes here? If not, the guards would only cost true links."""
    levels, counts = shared
    at_home = levels[:, 2] >= HOUSEHOLD.gamma("other surname, same home")
    return bool(counts[_clearly_different(levels) & at_home].sum() > _SHARE_A_HOME * n_records)


def _shares_of_others(chance: Patterns, shared: Patterns, scale: float) -> list[np.ndarray]:
    """`u` of every level: from chance pairs, or from people who share something and differ."""
    levels, counts = chance
    apart = _clearly_different(levels)
    kept_by_test = max(counts[apart].sum() / max(counts.sum(), 1.0), 1e-3)
    near_levels, near_counts = shared
    near = _clearly_different(near_levels)
    found = []
    for index, comparison in enumerate(TRAINED):
        usable = apart if comparison in (HOUSEHOLD, CONTACT) else np.ones(len(counts), bool)
        total = max(counts[usable & (levels[:, index] >= 0)].sum(), 1.0)
        shares = np.zeros(_n_levels(comparison))
        for level in comparison.levels:
            if level.is_null:
                continue
            gamma = comparison.gamma(level.name)
            if level.shared:
                k = near_counts[near & (near_levels[:, index] == gamma)].sum()
                shares[gamma] = (k + 0.5) / (scale * kept_by_test)
            else:
                k = counts[usable & (levels[:, index] == gamma)].sum()
                shares[gamma] = (k + 0.5) / total
        found.append(_normalised(comparison, shares))
    return found


def _n_levels(comparison: Comparison) -> int:
    return sum(not level.is_null for level in comparison.levels)


def _normalised(comparison: Comparison, shares: np.ndarray) -> np.ndarray:
    """Shares that add to one, within each group of levels that exclude the other group."""
    result = shares.copy()
    for group in {level.given_home for level in comparison.levels if not level.is_null}:
        members = [
            comparison.gamma(level.name)
            for level in comparison.levels
            if not level.is_null and level.given_home == group
        ]
        result[members] = np.maximum(result[members] / max(result[members].sum(), 1e-300), 1e-12)
    return result


def _expect_and_maximise(
    candidates: Patterns, u: Sequence[np.ndarray], scale: float, households: bool
) -> tuple[list[np.ndarray], float]:
    """Learn `m` and the prior with `u` fixed; pairs that no key brought count as no match."""
    levels, counts = candidates
    m = [_first_guess(comparison) for comparison in TRAINED]
    if not len(counts):
        return m, 1 / scale
    allowed = ~_guarded_in_training(levels) if households else np.ones(len(counts), bool)
    prior = float(min(counts.sum() / 2 / scale, 0.5))
    for _ in range(_ROUNDS):
        odds = np.log(prior / (1 - prior)) + np.zeros(len(counts))
        for index in range(len(TRAINED)):
            ratio = np.log(m[index] / u[index])
            odds += np.where(levels[:, index] >= 0, ratio[levels[:, index]], 0.0)
        matches = np.where(allowed, 1 / (1 + np.exp(-np.clip(odds, -60, 60))), 0.0) * counts
        new_prior = float(np.clip(matches.sum() / scale, 1e-12, 0.5))
        new_m = [
            _share_among(comparison, levels[:, i], matches) for i, comparison in enumerate(TRAINED)
        ]
        moved = max(float(np.abs(a - b).max()) for a, b in zip(m, new_m, strict=True))
        m, prior = new_m, new_prior
        if moved < _SETTLED:
            break
    return m, prior


def _guarded_in_training(levels: np.ndarray) -> np.ndarray:
    """Forenames disagree and the date of birth does not agree: never one person."""
    same_birth = levels[:, 1] == BORN.gamma("same")
    names_apart = (levels[:, 0] >= 0) & (levels[:, 0] <= GIVEN.gamma("alike"))
    born_apart = levels[:, 1] == BORN.gamma("different")
    return (names_apart & ~same_birth) | born_apart


def _first_guess(comparison: Comparison) -> np.ndarray:
    guess = np.full(_n_levels(comparison), 0.2 / _n_levels(comparison))
    for level in comparison.levels:
        if not level.is_null and level.name in _START:
            guess[comparison.gamma(level.name)] = _START[level.name]
    return _normalised(comparison, guess)


def _share_among(comparison: Comparison, levels: np.ndarray, matches: np.ndarray) -> np.ndarray:
    n = _n_levels(comparison)
    counts = np.bincount(levels[levels >= 0], weights=matches[levels >= 0], minlength=n)
    # Half a match, and a two-thousandth of all, in every level: nothing is impossible, however few or
    # clean the records are, so that no single disagreement can outweigh everything else.
    return _normalised(comparison, counts + 0.5 + _NEVER_LESS * counts.sum())


def _rounded(value: float) -> float:
    return float(f"{value:.{_SIGNIFICANT}g}")


def _named(shares: Sequence[np.ndarray]) -> dict[str, Mapping[str, float]]:
    return {
        comparison.name: {
            level.name: _rounded(float(found[comparison.gamma(level.name)]))
            for level in comparison.levels
            if not level.is_null
        }
        for comparison, found in zip(TRAINED, shares, strict=True)
    }


def _agreement_by_chance(engine: Engine, table: str, column: str) -> float:
    """How often two random records that know a column agree on it."""
    value = engine.value(
        f"SELECT sum(k * k) / (sum(k) * sum(k)) FROM "
        f"(SELECT CAST(count(*) AS DOUBLE) AS k FROM {table} WHERE {column} IS NOT NULL GROUP BY {column})"
    )
    return _rounded(float(value)) if value else 1.0
