"""The repairs contractor's reports: one CSV a year with ten lines of heading, so the header is row 11."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rooftree.demo import events
from rooftree.demo.draws import chance, stream, words
from rooftree.demo.world import World
from rooftree.demo.writers import day_texts, write_csv

_PRIORITIES = words(["P1 Emergency", "P2 Urgent", "P3 Routine"])
_STATUS = words(["Open", "Completed", "Cancelled"])


def write_repairs(folder: Path, world: World) -> dict[str, int]:
    """`repairs_<year>.csv`: the home's address reference and who lived there, no names."""
    rng = stream(world.landlord.seed, "contractor file")
    found = events.repairs(world)
    n = len(found["day"])
    home = world.tenancies["home"][found["tenancy"]]
    columns = {
        "Job": words([f"J{k:09d}" for k in range(1, n + 1)]),
        "Asset ref": world.homes["property_ref"][home],
        "Tenancy ref": np.where(
            chance(rng, 0.1, n), "", world.tenancies["tenancy_ref"][found["tenancy"]]
        ),
        "Reported": day_texts(found["day"], "%d-%b-%Y"),
        "Completed": day_texts(found["done"], "%d-%b-%Y"),
        "Priority": _PRIORITIES[found["priority"]],
        "Trade": words(list(events.TRADES))[found["trade"]],
        "Damp or mould": np.where(found["trade"] == events.DAMP, "Y", "N").astype(object),
        "No access visits": words(["0", "1", "2", "3"])[found["no_access"]],
        "Status": _STATUS[found["status"]],
    }
    year = found["day"].astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
    for one in np.unique(year):
        rows = np.flatnonzero(year == one)
        part = {name: column[rows] for name, column in columns.items()}
        write_csv(folder / f"repairs_{one}.csv", part, above=_heading(int(one), len(rows)))
    damp = found["trade"] == events.DAMP
    clustered = world.homes["damp_cluster"]
    return {
        "repairs.repairs.rows": n,
        "repairs.repairs.heading_lines": 10,
        "repairs.damp.in_clusters": int((damp & clustered[home]).sum()),
        "repairs.damp.elsewhere": int((damp & ~clustered[home]).sum()),
        "repairs.homes_in_damp_clusters": int(clustered.sum()),
    }


def _heading(year: int, rows: int) -> list[str]:
    return [
        "Responsive repairs contract,,,,,,,,,",
        "Contractor: Fenway Property Care (an invented company),,,,,,,,,",
        f"Jobs reported in {year},,,,,,,,,",
        f"Number of jobs: {rows},,,,,,,,,",
        "Trades as in the contract's schedule of rates,,,,,,,,,",
        "Priority 1: within 24 hours,,,,,,,,,",
        "Priority 2: within 7 days,,,,,,,,,",
        "Priority 3: within 28 days,,,,,,,,,",
        ",,,,,,,,,",
        ",,,,,,,,,",
    ]
