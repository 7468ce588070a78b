"""What is true, kept apart from the extracts: for tests, never read by a run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from rooftree.demo.draws import NO_DAY, Array, Frame, words
from rooftree.demo.households import COMPOSITIONS, CURRENT
from rooftree.demo.members import LEAD, RELATIONSHIPS, ROLES
from rooftree.demo.names import COMMUNITIES
from rooftree.demo.world import World
from rooftree.demo.writers import write_parquet

_HOME_FACTS = (
    "home",
    "property_ref",
    "uprn",
    "bedrooms",
    "postcode",
    "unit",
    "damp",
    "damp_cluster",
)


def _days(days: Array) -> pa.Array:
    return pa.array(np.where(days == NO_DAY, 0, days), pa.int32(), mask=days == NO_DAY).cast(
        pa.date32()
    )


def write_world(folder: Path, world: World) -> None:
    """People with their true attributes, memberships, tenancies and homes."""
    p, m, t = world.people, world.members, world.tenancies
    write_parquet(
        folder / "people.parquet",
        {
            "person": p["person"],
            "tenancy": p["tenancy"],
            "given": p["given"],
            "middle": p["middle"],
            "surname": p["surname"],
            "birth": _days(p["birth"]),
            "community": words(list(COMMUNITIES))[p["community"]],
            "twin": p["twin"],
            "same_name_as": p["same_name"],
            **{name: column for name, column in world.attributes.items() if name != "person"},
        },
    )
    write_parquet(
        folder / "members.parquet",
        {
            "tenancy": m["tenancy"],
            "person": m["person"],
            "role": words(list(ROLES))[m["role"]],
            "relationship": words(list(RELATIONSHIPS))[m["relationship"]],
            "from": _days(m["from"]),
            "to": _days(m["to"]),
            "left": m["left"],
        },
    )
    write_parquet(
        folder / "tenancies.parquet",
        {
            "tenancy": t["tenancy"],
            "tenancy_ref": t["tenancy_ref"],
            "payment_ref": t["payment_ref"],
            "home": t["home"],
            "status": words(["current", "former", "application"])[t["status"]],
            "composition": words(list(COMPOSITIONS))[t["composition"]],
            "start": _days(t["start"]),
            "end": _days(t["end"]),
        },
    )
    homes = world.homes
    write_parquet(
        folder / "homes.parquet",
        {name: homes[name] for name in _HOME_FACTS},
    )


def write_records(folder: Path, system: str, records: Frame, moved: Array) -> None:
    """Which true person each record of a system is of, and what was wrong with the record."""
    flags = ("duplicate", "typo", "nickname", "initial", "surname_changed", "birth_swapped",
             "birth_slipped", "birth_missing", "moved")  # fmt: skip
    write_parquet(
        folder / f"records_{system}.parquet",
        {
            "system": np.full(len(records["ref"]), system, dtype=object),
            "person_ref": records["ref"],
            "person": records["person"],
            "mover": np.isin(records["person"], moved),
            **{name: records[name] for name in flags if name in records},
        },
    )


def write_counts(folder: Path, counts: Mapping[str, Any], *, name: str) -> None:
    """Counts of planted oddities and effects, as JSON."""
    text = json.dumps(counts, indent=2, sort_keys=True) + "\n"
    (folder / f"{name}.json").write_text(text, encoding="utf-8")


def effects(world: World) -> dict[str, Any]:
    """What was planted for analyses to find, in words and in the figures that came of it."""
    facts, customer = world.attributes, world.people["relationship"] == LEAD
    customer = customer & (world.tenancies["status"][world.people["tenancy"]] == CURRENT)
    young = customer & (facts["age"] < 35)
    insured = facts["contents_insurance"] != "none"
    clustered = world.homes["damp_cluster"]
    damp = world.homes["damp"]
    return {
        "contents_insurance": {
            "what": "Lead tenants under 35 have contents insurance less often.",
            "share_under_35": round(float(insured[young].mean()), 4),
            "share_35_and_over": round(float(insured[customer & ~young].mean()), 4),
        },
        "damp": {
            "what": "Reports of damp and mould cluster in certain blocks and streets, in winter.",
            "homes_in_clusters": int(clustered.sum()),
            "tendency_times": round(float(damp[clustered].mean() / damp[~clustered].mean()), 3)
            if clustered.any()
            else None,
        },
        "satisfaction": {
            "what": "Satisfaction is lower in the damp clusters, among the under-35s and where an "
            "interpreter is needed; higher from 65.",
            "points_in_clusters": -0.22,
            "points_under_35": -0.16,
            "points_interpreter": -0.08,
            "points_65_and_over": 0.07,
        },
        "online": {
            "what": "Internet use falls with age, and is lower on low incomes and in the country.",
            "share_online": round(float((facts["internet_access"][customer] != "none").mean()), 4),
        },
    }
