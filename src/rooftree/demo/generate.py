"""Writes the workspace of a made-up landlord: extracts as its systems would give, and the truth apart."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rooftree.demo import truth, workspace
from rooftree.demo.behaviour import build_behaviour
from rooftree.demo.draws import Frame
from rooftree.demo.records import crm_records, housing_records
from rooftree.demo.reference import write_reference
from rooftree.demo.rents import build_rents
from rooftree.demo.systems import (
    accounts,
    asset,
    contractor,
    crm,
    customer_events,
    housing,
    lettings,
    survey,
)
from rooftree.demo.world import Landlord, World, build_world
from rooftree.vocabulary.errors import UserError
from rooftree.vocabulary.progress import NoProgress, Progress

KINDS = ("council", "association", "supported")
SETTINGS = ("rural", "city")


@dataclass(frozen=True, slots=True)
class Summary:
    """What was made."""

    name: str
    directory: Path
    homes: int
    tenancies: int
    people: int
    records: int
    transactions: int
    planted: dict[str, int]


def generate(
    directory: Path,
    *,
    as_of: dt.date,
    homes: int = 5_000,
    kind: str = "council",
    setting: str = "rural",
    seed: int = 1,
    years: int = 5,
    geography: Path | None = None,
    transactions: str = "csv",
    progress: Progress | NoProgress | None = None,
) -> Summary:
    """Make the landlord's workspace in `directory`: the same arguments give the same bytes.

    `kind` is council, association or supported; `setting` rural or city; `geography` a folder with a
    Code-Point Open CSV and LSOA boundaries, where real postcodes are wanted (names stay invented).
    `transactions` is csv, as systems give them, or parquet, which is a quarter of the size.
    """
    _check(homes=homes, kind=kind, setting=setting, years=years, transactions=transactions)
    listener = progress or NoProgress()
    landlord = Landlord(homes, kind, setting, seed, as_of, years, geography)
    extracts, apart = workspace.lay_out(directory, landlord, transactions=transactions)
    with listener.step("Inventing homes, households and people", total=homes, unit="homes") as step:
        world = build_world(landlord)
        step.advance(homes)
    planted: dict[str, int] = {}
    known, customers = _write_registers(extracts, apart, world, planted)
    entries, habit, actions = _write_accounts(
        extracts, apart, world, planted, form=transactions, listener=listener
    )
    planted |= write_reference(directory / "reference", world)
    with listener.step("Telling what happened", total=homes, unit="homes") as step:
        _write_events(extracts, world, known, customers, habit, actions, planted)
        step.advance(homes)
    truth.write_world(apart, world)
    truth.write_counts(apart, planted, name="planted")
    truth.write_counts(apart, truth.effects(world), name="effects")
    return Summary(
        name=workspace.landlord_name(landlord),
        directory=directory,
        homes=homes,
        tenancies=len(world.tenancies["home"]),
        people=len(world.people["person"]),
        records=len(known["ref"]) + len(customers["ref"]),
        transactions=entries,
        planted=planted,
    )


def _check(*, homes: int, kind: str, setting: str, years: int, transactions: str) -> None:
    if kind not in KINDS:
        raise UserError(f"The kind of landlord {kind!r} is not one of {', '.join(KINDS)}.")
    if setting not in SETTINGS:
        raise UserError(f"The setting {setting!r} is not one of {', '.join(SETTINGS)}.")
    if transactions not in ("csv", "parquet"):
        raise UserError(f"The form of the transactions {transactions!r} is not csv or parquet.")
    if homes < 20 or years < 1:
        raise UserError("A made-up landlord has at least 20 homes and one year of history.")


def _write_accounts(
    extracts: Path,
    apart: Path,
    world: World,
    planted: dict[str, int],
    *,
    form: str,
    listener: Progress | NoProgress,
) -> tuple[int, Frame, Frame]:
    """Rents, entries of the accounts and the work on arrears: number of entries, habits, actions."""
    rents = build_rents(world)
    habit = build_behaviour(world, rents)
    total = len(world.tenancies["home"])
    with listener.step("Keeping the rent accounts", total=total, unit="tenancies") as step:
        made = accounts.write_entries(extracts, world, rents, habit, form=form, step=step)
    rents["shown_balance_pence"], wrong = accounts.planted_balances(world, made["balance"])
    planted["housing.tenancies.balance_not_of_entries"] = wrong
    planted |= housing.write_tenancies(extracts, world, rents)
    planted |= accounts.write_income_cases(extracts, world, habit, made["actions"])
    account_truth = accounts.account_truth(world, habit, made["balance"])
    truth.write_parquet(apart / "accounts.parquet", account_truth)
    return made["entries"], habit, made["actions"]


def _write_registers(
    extracts: Path, apart: Path, world: World, planted: dict[str, int]
) -> tuple[Frame, Frame]:
    """People and homes as the main systems hold them; answers the housing and the contact records."""
    seed, today = world.landlord.seed, world.landlord.today
    known, rows = housing_records(
        world.people, world.members, world.tenancies, seed=seed, as_of=today
    )
    planted |= housing.write_people(extracts, world, known)
    planted |= housing.write_members(extracts, world, rows)
    customers = crm_records(
        world.people, world.members, world.tenancies, world.homes, seed=seed, as_of=today
    )
    planted |= crm.write_customers(extracts, world, customers)
    planted |= crm.write_profile(extracts, world, customers)
    planted |= asset.write_assets(extracts, world)
    count = np.bincount(world.members["person"], minlength=len(world.people["person"]))
    moved = np.flatnonzero(count > 1)
    truth.write_records(apart, "housing", known, moved)
    truth.write_records(apart, "crm", customers, moved)
    return known, customers


def _write_events(
    extracts: Path,
    world: World,
    known: Frame,
    customers: Frame,
    habit: Frame,
    actions: Frame,
    planted: dict[str, int],
) -> None:
    """Contacts, cases, repairs, services, wishes, alerts, lettings, survey and scores."""
    planted |= customer_events.write_contacts(extracts, world, customers, actions)
    planted |= customer_events.write_cases(extracts, world, customers)
    planted |= customer_events.write_services(extracts, world, customers)
    planted |= customer_events.write_preferences(extracts, world, customers)
    planted |= customer_events.write_alerts(extracts, world, known)
    planted |= contractor.write_repairs(extracts, world)
    planted |= lettings.write_lettings(extracts, world, known, habit)
    planted |= survey.write_survey(extracts, world, known)
    planted |= survey.write_scores(extracts, world, known)
