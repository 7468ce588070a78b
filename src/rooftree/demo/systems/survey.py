"""The satisfaction survey, one row per questionnaire, and scores bought from outside."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rooftree.demo import events
from rooftree.demo.draws import Frame, between, chance, pick, stream, words
from rooftree.demo.systems.customer_events import refs_by_person
from rooftree.demo.world import World
from rooftree.demo.writers import day_texts, write_csv

_ANSWERS = words(["", "1", "2", "3", "4", "5"])


def write_survey(folder: Path, world: World, records: Frame) -> dict[str, int]:
    """`satisfaction.csv`: 1 very satisfied to 5 very dissatisfied, empty where not answered."""
    found = events.survey(world)
    n = len(found["tenancy"])
    refs = refs_by_person(records, len(world.people["person"]))[found["person"]]
    columns = {
        "Response": words([f"R{k:06d}" for k in range(1, n + 1)]),
        "Housing person": np.where(found["anonymous"], "", refs),
        **{code: _ANSWERS[found[code]] for code in events.MEASURES},
        "Answered": day_texts(found["day"], "%d/%m/%Y"),
        "Mode": words(["Telephone", "Online", "Post"])[found["method"]],
    }
    write_csv(folder / "satisfaction.csv", columns)
    return {"survey.responses": n, "survey.anonymous": int((columns["Housing person"] == "").sum())}


def write_scores(folder: Path, world: World, records: Frame) -> dict[str, int]:
    """`scores.csv`: an invented segment and an invented credit score for one tenant in two."""
    rng = stream(world.landlord.seed, "scores")
    refs = refs_by_person(records, len(world.people["person"]))
    lead = world.members["relationship"] == 0
    current = world.tenancies["status"][world.members["tenancy"]] == 0
    who = world.members["person"][lead & current]
    who = who[chance(rng, 0.5, len(who)) & (refs[who] != "")]
    n = len(who)
    income = world.attributes["household_income_pence"][who] / 100
    score = np.clip(480 + income * 0.35 + rng.normal(0, 70, n), 150, 990).astype(int)
    columns = {
        "Housing person": refs[who],
        "Scheme": words(["meridian-segments-2025", "tenant-credit-3"])[np.arange(n) % 2],
        "Class": words([chr(65 + k) for k in range(12)])[pick(rng, range(12, 0, -1), n)],
        "Score": score.astype(str).astype(object),
        "Scored": day_texts(world.landlord.today - between(rng, 30, 500, n), "%d/%m/%Y"),
    }
    write_csv(folder / "scores.csv", columns)
    return {"bought.scores.rows": n}
