"""The linkage model: how often each level of agreement occurs among matches and among others.

It holds probabilities of levels only, no value of any record, so it may be saved, read and
published with a snapshot.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rooftree.identity.rules import COMPARISONS, EVERY_PAIR, RULES, Comparison
from rooftree.vocabulary.errors import UserError

VERSION = 1

#: A pair is never linked that is less likely than not, whatever precision is asked for.
LEAST_THRESHOLD = 0.0


@dataclass(frozen=True, slots=True)
class Model:
    """Probabilities by (comparison, level): `m` among matches, `u` among pairs that do not match.

    `prior`: share of all pairs that match. `chance`: how often two random records agree on a
    column, against which a rare name counts for more and a common one for less. `rules`: the keys
    that the gate let through. `households`: the records show several people in one home, so the
    guards apply. `threshold`: match weight in bits from which pairs are linked.
    """

    m: Mapping[str, Mapping[str, float]]
    u: Mapping[str, Mapping[str, float]]
    prior: float
    chance: Mapping[str, float]
    rules: tuple[str, ...]
    households: bool
    threshold: float | None = None

    def weight(self, comparison: str, level: str) -> float:
        """What a level adds to the match weight, in bits."""
        return math.log2(self.m[comparison][level] / self.u[comparison][level])

    def to_json(self) -> str:
        """The model as text, the same for the same model."""
        body = {
            "version": VERSION, "prior": self.prior, "threshold": self.threshold,
            "rules": list(self.rules), "households": self.households, "chance": dict(self.chance),
            "m": {key: dict(levels) for key, levels in self.m.items()},
            "u": {key: dict(levels) for key, levels in self.u.items()},
        }  # fmt: skip
        return json.dumps(body, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Model:
        """Read a saved model. Raises UserError where it is not one, or is of other comparisons."""
        try:
            body = json.loads(text)
            model = cls(
                m=body["m"], u=body["u"], prior=float(body["prior"]), chance=body["chance"],
                rules=tuple(body["rules"]), households=bool(body["households"]), threshold=body["threshold"],
            )  # fmt: skip
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(
                "The linkage model cannot be read. Train a new one by leaving it out."
            ) from error
        wanted = {
            (c.name, level.name) for c in COMPARISONS for level in c.levels if not level.is_null
        }
        if wanted != {(name, level) for name, levels in model.m.items() for level in levels}:
            raise UserError(
                "The linkage model was made by another version of Rooftree: its levels of agreement "
                "differ. Train a new one by leaving it out."
            )
        return model

    def settings(self, *, link_type: str) -> dict[str, Any]:
        """The model as Splink's settings. Frequencies are added afterwards (scoring.py)."""
        by_name = {rule.name: rule for rule in (*RULES, EVERY_PAIR)}
        return {
            "link_type": link_type,
            "unique_id_column_name": "unique_id",
            "source_dataset_column_name": "source",
            "probability_two_random_records_match": self.prior,
            "retain_matching_columns": False,
            "retain_intermediate_calculation_columns": True,
            "comparisons": [self._comparison(one) for one in COMPARISONS],
            "blocking_rules_to_generate_predictions": [
                {"blocking_rule": by_name[name].on(), "sql_dialect": "duckdb"}
                for name in self.rules
            ],
        }

    def _comparison(self, comparison: Comparison) -> dict[str, Any]:
        levels: list[dict[str, Any]] = []
        for level in comparison.levels:
            made: dict[str, Any] = {
                "sql_condition": level.holds,
                "label_for_charts": level.name,
            }
            if level.is_null:
                made["is_null_level"] = True
            else:
                made["m_probability"] = self.m[comparison.name][level.name]
                made["u_probability"] = self.u[comparison.name][level.name]
            levels.append(made)
        return {"output_column_name": comparison.name, "comparison_levels": levels}
