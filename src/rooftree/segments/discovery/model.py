"""What discovery hands back: a model for each number of classes, and the one that is chosen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from rooftree.segments.discovery.description import Description
from rooftree.segments.discovery.evidence import Evidence, Stability
from rooftree.segments.discovery.items import Scale
from rooftree.segments.discovery.placing import LEAST_BITS, place
from rooftree.segments.discovery.verdict import Verdict
from rooftree.vocabulary.errors import UserError

VERSION = 1


@dataclass(frozen=True, slots=True, eq=False)
class ClassModel:
    """A latent class model of one number of classes. Classes count from 1, the largest first.

    shares: of each class. theta: (item, category) × class, the probability that a member of the
    class gives the answer. spread: the standard error of each, from resamples; None without them.
    description: a few rules to talk about the classes by.
    """

    scales: tuple[Scale, ...]
    shares: tuple[float, ...]
    theta: np.ndarray
    evidence: Evidence
    spread: np.ndarray | None
    description: Description | None

    @property
    def profiles(self) -> pa.Table:
        """class, share, item, label, code, probability, low, high, overall, index: a row each.

        probability: that a member of the class gives this answer, of those who answered; low and
        high: its 95% interval by resampling, null without resamples. overall: the same among
        everybody. index: 100 = as everybody.
        """
        rows: list[dict[str, Any]] = []
        overall = self.theta @ np.array(self.shares)
        for k, share in enumerate(self.shares):
            at = 0
            for scale in self.scales:
                for code in range(scale.size):
                    if code not in scale.absent:
                        rows.append(self._profile_row(scale, code, k, share, at + code, overall))
                at += scale.size
        return pa.Table.from_pylist(rows, schema=_PROFILE)

    def _profile_row(
        self, scale: Scale, code: int, k: int, share: float, at: int, overall: np.ndarray
    ) -> dict[str, Any]:
        probability = float(self.theta[at, k])
        around = None if self.spread is None else 1.96 * float(self.spread[at, k])
        return {
            "class": k + 1, "share": share, "item": scale.name, "label": scale.label or scale.name,
            "code": scale.name_of(code), "probability": probability,
            "low": None if around is None else max(probability - around, 0.0),
            "high": None if around is None else min(probability + around, 1.0),
            "overall": float(overall[at]), "index": 100 * probability / float(overall[at]),
        }  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON can hold it."""
        return {
            "scales": [scale.to_dict() for scale in self.scales],
            "shares": list(self.shares), "theta": self.theta.tolist(),
            "spread": None if self.spread is None else self.spread.tolist(),
            "evidence": self.evidence.to_dict(),
            "description": self.description and self.description.to_dict(),
        }  # fmt: skip

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> ClassModel:
        """Read what `to_dict` wrote."""
        scales = tuple(Scale.from_dict(one) for one in body["scales"])
        shares = tuple(body["shares"])
        theta = np.array(body["theta"], float).reshape(-1, len(shares))
        if len(theta) != sum(scale.size for scale in scales):
            raise ValueError("the probabilities do not fit the items")
        spread, description = body["spread"], body["description"]
        return cls(
            scales, shares, theta, Evidence.from_dict(body["evidence"]),
            None if spread is None else np.array(spread, float).reshape(theta.shape),
            description and Description.from_dict(description),
        )  # fmt: skip


_PROFILE = pa.schema(
    [
        ("class", pa.int16()), ("share", pa.float64()), ("item", pa.string()),
        ("label", pa.string()), ("code", pa.string()), ("probability", pa.float64()),
        ("low", pa.float64()), ("high", pa.float64()), ("overall", pa.float64()),
        ("index", pa.float64()),
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Discovery:
    """The models of several numbers of classes, the verdict on them, and the chosen one.

    What is asked of the whole (`log_likelihood`, `shares`, `assign` …) is answered for the chosen
    number. It begins as the suggested one, or as the one of lowest BIC where nothing is suggested;
    `choose` is for the person who decides.

    n: sum of the weights of people of whom anything is known; n_blank: of the others, who are in
    no class. skipped: numbers of classes that could not be fitted, with the reason.
    """

    models: Mapping[int, ClassModel]
    verdict: Verdict
    chosen: int
    n: float
    n_blank: float
    seed: int
    skipped: Mapping[int, str]

    def choose(self, classes: int) -> Discovery:
        """The same with another number of classes chosen. Raises UserError where it was not fitted."""
        if classes not in self.models:
            why = self.skipped.get(classes, "it was not asked for")
            raise UserError(
                f"There is no model of {classes} classes: {why}. "
                f"Choose one of {', '.join(map(str, sorted(self.models)))}."
            )
        return replace(self, chosen=classes)

    @property
    def model(self) -> ClassModel:
        """The chosen model."""
        return self.models[self.chosen]

    @property
    def log_likelihood(self) -> float:
        """Of the chosen model."""
        return self.model.evidence.log_likelihood

    @property
    def aic(self) -> float:
        """Of the chosen model."""
        return self.model.evidence.aic

    @property
    def bic(self) -> float:
        """Of the chosen model; n is the sum of the weights."""
        return self.model.evidence.bic

    @property
    def shares(self) -> tuple[float, ...]:
        """Of the chosen model's classes, the largest first."""
        return self.model.shares

    @property
    def profiles(self) -> pa.Table:
        """Of the chosen model: see ClassModel.profiles."""
        return self.model.profiles

    @property
    def stability(self) -> Stability | None:
        """Of the chosen model; None where no resamples were asked for."""
        return self.model.evidence.stability

    @property
    def description(self) -> Description | None:
        """Of the chosen model: rules to talk by, never to place anybody by."""
        return self.model.description

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Of every number of classes, in order."""
        return tuple(self.models[k].evidence for k in sorted(self.models))

    def assign(
        self,
        table: Any,
        *,
        keep: tuple[str, ...] = (),
        unseen: str = "error",
        least_bits: float = LEAST_BITS,
    ) -> pa.Table:
        """Place people in the chosen model's classes: see placing.place."""
        return place(
            table, self.model.scales, np.array(self.shares), self.model.theta,
            keep=keep, unseen=unseen, least_bits=least_bits,
        )  # fmt: skip

    def to_json(self) -> str:
        """All of it as text, the same for the same discovery. Holds no row of the table."""
        body = {
            "version": VERSION, "chosen": self.chosen, "n": self.n, "n_blank": self.n_blank,
            "seed": self.seed,
            "verdict": {**asdict(self.verdict), "against": _with_text_keys(self.verdict.against)},
            "skipped": _with_text_keys(self.skipped),
            "models": {str(k): self.models[k].to_dict() for k in sorted(self.models)},
        }  # fmt: skip
        return json.dumps(body, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Discovery:
        """Read a saved discovery. Raises UserError where it is not one, or of another version."""
        try:
            body = json.loads(text)
            if body["version"] != VERSION:
                raise ValueError("another version")
            said = body["verdict"]
            against = {int(k): tuple(lines) for k, lines in said["against"].items()}
            return cls(
                models={int(k): ClassModel.from_dict(one) for k, one in body["models"].items()},
                verdict=Verdict(said["suggested"], tuple(said["reasons"]), against),
                chosen=int(body["chosen"]), n=float(body["n"]), n_blank=float(body["n_blank"]),
                seed=int(body["seed"]), skipped={int(k): v for k, v in body["skipped"].items()},
            )  # fmt: skip
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(
                "The saved groups cannot be read, or are of another version of Rooftree. "
                "Discover them again with the same seed."
            ) from error


def _with_text_keys(mapping: Mapping[int, Any]) -> dict[str, Any]:
    return {str(k): value for k, value in sorted(mapping.items())}
