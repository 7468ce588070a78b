"""The housing management system: people, members and tenancies as CSV in cp1252, dates as dd/mm/yyyy."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rooftree.demo.draws import NO_DAY, Array, Frame, chance, pick, stream, words
from rooftree.demo.homes import LEASEHOLD, SHARED, SUPPORTED
from rooftree.demo.households import APPLICATION, CURRENT, FORMER
from rooftree.demo.members import CHILD, LODGES
from rooftree.demo.world import World
from rooftree.demo.writers import day_texts, pounds, write_csv

_UK = "%d/%m/%Y"
_NO_DATE = "01/01/1900"
_ROLE_CODES = words(["T", "J", "L", "S", "LIC", "M", "APP", "NOK", "ADV"])
_RELATION_CODES = words(
    ["SELF", "PTNR", "CHLD", "PRNT", "SIBL", "GCHD", "RELV", "LODG", "KIN", "ADVC"]
)
#: Ethnic group of the catalogue → the CORE code that the housing system keeps.
CORE_ETHNIC = {
    "white_british": "1", "irish": "2", "other_white": "3", "white_and_black_caribbean": "4",
    "white_and_black_african": "5", "white_and_asian": "6", "other_mixed": "7", "indian": "8",
    "pakistani": "9", "bangladeshi": "10", "other_asian": "11", "caribbean": "12", "african": "13",
    "other_black": "14", "chinese": "15", "other_ethnic_group": "16", "gypsy_or_irish_traveller": "18",
    "arab": "19", "roma": "20",
}  # fmt: skip


def write_people(folder: Path, world: World, records: Frame) -> dict[str, int]:
    """`people.csv`. Answers: the number of rows and of each planted oddity."""
    rng = stream(world.landlord.seed, "housing file")
    who, n = records["person"], len(records["person"])
    facts = world.attributes
    ethnic = words([CORE_ETHNIC[e] for e in facts["ethnic_group"]])[who]
    said = pick(rng, [62, 5, 33], n)  # told, refused, never asked
    ethnic = np.where(said == 0, ethnic, np.where(said == 1, "17", ""))
    ethnic, wrong = _wrong_codes(rng, ethnic, said == 0)
    gender = np.where(chance(rng, 0.04, n), "", facts["sex"][who])
    born = day_texts(records["birth"], _UK, none=_NO_DATE)
    ahead, never = _apart(rng, n, 2)
    born[ahead] = "14/02/2071"
    born[never] = "31/02/1974"
    columns = {
        "PersonID": records["ref"],
        "Title": records["title"],
        "Forename": records["given"],
        "Middle names": records["middle"],
        "Surname": records["surname"],
        "Date of birth": born,
        "NI number": records["ni"],
        "Mobile": records["mobile"],
        "Home telephone": records["landline"],
        "Email": records["email"],
        "Gender": gender,
        "Ethnic origin": ethnic,
        "Last changed": day_texts(records["updated"], _UK),
    }
    middle = n // 2
    write_csv(
        folder / "people.csv",
        columns,
        encoding="cp1252",
        repeat_header_after=middle,
        below=["", "", f"Total records: {n}" + "," * (len(columns) - 1)],
    )
    return {
        "housing.people.rows": n,
        "housing.people.repeated_headers": 1,
        "housing.people.blank_rows": 2,
        "housing.people.trailers": 1,
        "housing.people.sentinel_birth_dates": int((born == _NO_DATE).sum()),
        "housing.people.birth_dates_ahead": len(ahead),
        "housing.people.impossible_birth_dates": len(never),
        "housing.people.wrong_ethnic_codes": wrong,
    }


def _apart(rng: np.random.Generator, n: int, groups: int) -> list[Array]:
    """Groups of different rows, each about one row in three thousand and at least one."""
    size = max(n // 3_000, 1)
    rows = rng.permutation(n)
    return [np.sort(rows[k * size : (k + 1) * size]) for k in range(groups)]


def _wrong_codes(rng: np.random.Generator, codes: Array, answered: Array) -> tuple[Array, int]:
    """One answer in four hundred carries code 99, which no frame knows."""
    at = np.flatnonzero(answered)
    hit = at[chance(rng, 1 / 400, len(at))]
    out = codes.copy()
    out[hit] = "99"
    return out, len(hit)


def write_members(folder: Path, world: World, rows: Frame) -> dict[str, int]:
    """`members.csv`: who belongs to, or stands by, which tenancy."""
    rng = stream(world.landlord.seed, "housing members")
    n = len(rows["person"])
    relation = _RELATION_CODES[rows["relationship"]]
    vague = chance(rng, 0.05, n) & np.isin(rows["relationship"], (CHILD, LODGES))
    named = rows["role"] < 5
    # A child who left is struck off the tenancy late or never.
    until = np.where(rows["left"] & chance(rng, 0.5, n), NO_DAY, rows["to"])
    columns = {
        "Tenancy ref": world.tenancies["tenancy_ref"][rows["tenancy"]],
        "PersonID": rows["ref"],
        "Role": _ROLE_CODES[rows["role"]],
        "Relationship": np.where(vague, "", relation),
        "Named on agreement": np.where(named, "Y", "N").astype(object),
        "From": day_texts(rows["from"], _UK),
        "To": day_texts(until, _UK, none=_NO_DATE),
    }
    write_csv(folder / "members.csv", columns, encoding="cp1252")
    return {
        "housing.members.rows": n,
        "housing.members.left_but_shown": int((rows["left"] & (until == NO_DAY)).sum()),
        "housing.members.no_relationship": int(vague.sum()),
    }


def write_tenancies(folder: Path, world: World, rents: Frame) -> dict[str, int]:
    """`tenancies.csv`: agreements and applications with rents and the balance shown."""
    t, homes = world.tenancies, world.homes
    n = len(t["home"])
    has_home = t["home"] >= 0
    at = np.where(has_home, t["home"], 0)
    end = day_texts(t["end"], _UK, none=_NO_DATE)
    former = np.flatnonzero(t["status"] == FORMER)
    rng = stream(world.landlord.seed, "housing tenancies")
    (early,) = _apart(rng, len(former), 1)
    end[former[early]] = day_texts(t["start"][former[early]] - 30, _UK)
    property_ref = np.where(has_home, homes["property_ref"][at], "")
    current = np.flatnonzero(t["status"] == CURRENT)
    (astray,) = _apart(rng, len(current), 1)
    property_ref[current[astray]] = "99999999"
    columns = {
        "Tenancy ref": t["tenancy_ref"],
        "Rent account": np.where(t["status"] == APPLICATION, "", t["payment_ref"]),
        "Property ref": property_ref,
        "UPRN": np.where(has_home, words(["0" + u for u in homes["uprn"]])[at], ""),
        "Agreement": tenure_codes(world),
        "Start": np.where(t["status"] == APPLICATION, _NO_DATE, day_texts(t["start"], _UK)),
        "End": end,
        "End reason": np.where(t["end"] == NO_DAY, "", rents["end_reason"]),
        "Rent": pounds(rents["rent_pence"], sign="£", thousands=True),
        "Service charge": pounds(rents["service_pence"], sign="£", thousands=True),
        "Charged": rents["frequency"],
        "Weeks": rents["weeks"].astype(str).astype(object),
        "Balance": pounds(rents["shown_balance_pence"], sign="£", thousands=True),
        "Balance date": np.full(n, world.landlord.as_of.strftime(_UK), dtype=object),
        "Applied": np.where(t["status"] == APPLICATION, day_texts(t["start"], _UK), ""),
    }
    write_csv(
        folder / "tenancies.csv",
        columns,
        encoding="cp1252",
        below=[f'Total,,,,,,,,"{pounds(rents["rent_pence"].sum()[None], sign="£", thousands=True)[0]}",,,,,,'],
    )  # fmt: skip
    return {
        "housing.tenancies.rows": n,
        "housing.tenancies.trailers": 1,
        "housing.tenancies.end_before_start": len(early),
        "housing.tenancies.unknown_property": len(astray),
        "housing.tenancies.current": int((t["status"] == CURRENT).sum()),
    }


def tenure_codes(world: World) -> Array:
    """The housing system's code of each agreement."""
    t, today = world.tenancies, world.landlord.today
    young = (today - t["start"] < 365) & (t["status"] == CURRENT)
    council = world.landlord.kind == "council"
    code = np.where(young, "INT" if council else "STA", "SEC" if council else "ASS").astype(object)
    for tenure, word in ((LEASEHOLD, "LEA"), (SHARED, "SHO"), (SUPPORTED, "LIC")):
        code[t["tenure"] == tenure] = word
    code[t["status"] == APPLICATION] = "APP"
    return code
