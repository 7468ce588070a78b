"""Two systems' records of the same people, with the truth: for judging linkage where households share all.

Members of a household share surname, address and telephone; twins share their birthday as well, and
some fathers and sons their whole name. Linkage that does not know households fails here.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa

from rooftree.demo.draws import NO_DAY, Array, Frame, take
from rooftree.demo.households import CURRENT
from rooftree.demo.members import KIN
from rooftree.demo.records import crm_records, housing_records
from rooftree.demo.world import Landlord, World, build_world

_YOUNGEST = 10  # years; little children are on few customer records


def linkage_set(
    *,
    homes: int = 100_000,
    seed: int = 1,
    setting: str = "city",
    as_of: dt.date = dt.date(2026, 3, 31),
    references: bool = False,
) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Records of people in a housing and a contact system, and which true person each is of.

    Both tables have the columns of `staging.person` that describe a person, all text but the date of
    birth. `truth` has system, person_ref, person (number of the true person) and flags: twin,
    same_name (shares the whole name with a relative in the home), mover, duplicate. At 100,000 homes
    there are about 250,000 records. Tenancy references are those of the housing system only, unless
    `references`: then six in ten contact records carry them too. National Insurance numbers are left
    out.
    """
    world = build_world(Landlord(homes, "council", setting, seed, as_of, 5))
    today = world.landlord.today
    known, _ = housing_records(world.people, world.members, world.tenancies, seed=seed, as_of=today)
    customers = crm_records(
        world.people, world.members, world.tenancies, world.homes, seed=seed, as_of=today
    )
    known = take(known, np.flatnonzero(_wanted(world, known)))
    customers = take(customers, np.flatnonzero(_wanted(world, customers)))
    known |= _home_address(world, known)
    truth = pa.concat_tables([_truth(world, known, "housing"), _truth(world, customers, "crm")])
    shown = (
        customers["knows_tenancy"] if references else np.zeros(len(customers["ref"]), dtype=bool)
    )
    everyone = np.ones(len(known["ref"]), dtype=bool)
    return _records(world, known, everyone), _records(world, customers, shown), truth


def _wanted(world: World, records: Frame) -> Array:
    """Records of people of a current household who are old enough to be customers or to sign."""
    person = records["person"]
    status = world.tenancies["status"][world.people["tenancy"][person]]
    kin = world.people["relationship"][person] >= KIN
    return (status == CURRENT) & ~kin & (world.attributes["age"][person] >= _YOUNGEST)


def _home_address(world: World, records: Frame) -> Frame:
    home = np.maximum(world.tenancies["home"][records["tenancy"]], 0)
    return {name: world.homes[name][home] for name in ("line_1", "line_2", "town", "postcode")}


def _records(world: World, records: Frame, shown: Array) -> pa.Table:
    missing = records["birth"] == NO_DAY
    born = pa.array(np.where(missing, 0, records["birth"]), pa.int32(), mask=missing)
    tenancy = world.tenancies["tenancy_ref"][records["tenancy"]]
    names = {
        "title": "title", "given_name": "given", "middle_name": "middle", "family_name": "surname",
        "phone": "mobile", "phone_2": "landline", "email": "email", "address_line_1": "line_1",
        "address_line_2": "line_2", "address_line_3": "town", "postcode": "postcode",
    }  # fmt: skip
    columns = {ours: _text(records[theirs]) for ours, theirs in names.items()}
    return pa.table(
        {
            "person_ref": pa.array(records["ref"], pa.string()),
            **columns,
            "date_of_birth": born.cast(pa.date32()),
            "tenancy_ref": _text(np.where(shown, tenancy, "")),
        }
    )


def _text(values: Array) -> pa.Array:
    return pa.array(values, pa.string(), mask=values == "")


def _truth(world: World, records: Frame, system: str) -> pa.Table:
    person, people = records["person"], world.people
    named = people["same_name"]
    shares = named >= 0
    shares[named[shares]] = True
    count = np.bincount(world.members["person"], minlength=len(named))
    return pa.table(
        {
            "system": pa.array([system] * len(person), pa.string()),
            "person_ref": pa.array(records["ref"], pa.string()),
            "person": pa.array(person, pa.int64()),
            "twin": pa.array(people["twin"][person]),
            "same_name": pa.array(shares[person]),
            "mover": pa.array((count > 1)[person]),
            "duplicate": pa.array(records["duplicate"]),
        }
    )
