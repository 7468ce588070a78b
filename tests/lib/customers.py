"""Random customers, rich in what is not known: as tables for an engine and as cases for the reference."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from rooftree.catalogue.model import Catalogue
from rooftree.segments.definition import Segment, referred
from rooftree.segments.fields import all_fields
from rooftree.segments.nodes import Kind, Knowing
from rooftree.segments.reference import Case, Datum, Truth, evaluate
from rooftree.segments.schema import (
    IN_CONFLICT,
    KNOWN,
    SEEN,
    STALE,
    STATE_NUMBER,
    event_table,
    id_of,
)
from rooftree.storage.engine import Engine
from rooftree.vocabulary.states import Grain, State
from tests.lib.rules import AS_OF, TEXTS

#: Fields of every kind and grain, attributes and features.
FIELDS = (
    "age", "bank_account", "devices", "support_needs", "preferred_channel", "safeguarding_concern", "pregnancy_due_on",
    "digital_use", "days_silent", "uses_no_service", "last_contact_in_on", "mobile",
    "contents_insurance", "household_income", "n_under_5", "benefits",
    "weeks_behind", "rent_balance_pence", "tenancy_is_new", "uc_claim_on", "tenure", "managed_payment",
    "estate", "floor_level", "has_lift",
)  # fmt: skip
HIDDEN = ("mobile",)
FLAGS = ("customer", "adult", "tenant", "lead_tenant", "household_member")
DAYS_AGO = (0, 0, 1, 6, 7, 13, 28, 29, 30, 31, 59, 89, 90, 364, 365, 366, 900)
_TYPES = {
    Kind.NUMBER: pa.float64(), Kind.MONEY: pa.int64(), Kind.DATE: pa.date32(), Kind.BOOLEAN: pa.bool_(),
    Kind.CODE: pa.string(), Kind.CODES: pa.string(), Kind.TEXT: pa.string(),
}  # fmt: skip


@dataclass
class Customers:
    """A few homes, agreements, households and people, with values and events."""

    catalogue: Catalogue
    draw: random.Random
    values: dict[tuple[Grain, str], dict[str, Datum]] = field(default_factory=dict)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    households: dict[str, dict[str, Any]] = field(default_factory=dict)
    tenancies: dict[str, dict[str, Any]] = field(default_factory=dict)
    homes: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    every: dict[str, Segment] = field(default_factory=dict)
    seen: dict[object, Any] = field(default_factory=dict)  # what has been worked out before

    def __post_init__(self) -> None:
        self.known = all_fields(self.catalogue)
        self.make()

    def chance(self, p: float) -> bool:
        return self.draw.random() < p

    # --- making --------------------------------------------------------------------------------

    def make(self) -> None:
        for n in range(5):
            self.homes[f"M{n}"] = {
                "home_id": f"M{n}",
                "tenancy_id": None,
                "household_id": None,
                "lead_person_id": None,
            }
        for n in range(8):
            home = f"M{n % 5}" if self.chance(0.9) else None
            current = home is None or (self.homes[home]["tenancy_id"] is None and self.chance(0.8))
            household = f"H{n}" if self.chance(0.85) else None
            row = {
                "tenancy_id": f"T{n}",
                "household_id": household,
                "home_id": home,
                "lead_person_id": None,
                "is_current": current,
            }
            self.tenancies[f"T{n}"] = row
            if household:
                self.households[household] = dict(row)
            if home and current:
                self.homes[home].update(tenancy_id=f"T{n}", household_id=household)
        self.make_people()
        for grain, rows in self.tables().items():
            for key in rows:
                self.values[grain, key] = {
                    k: self.datum(k) for k in FIELDS if self.known[k].grain == grain
                }
        self.make_events()

    def make_people(self) -> None:
        live = [h for h, row in self.households.items() if row["is_current"]]
        for n in range(16):
            household = self.draw.choice(live) if live and self.chance(0.8) else None
            of = self.households.get(household or "", {})
            self.people[f"P{n:02}"] = {
                "person_id": f"P{n:02}", "household_id": household, "tenancy_id": of.get("tenancy_id"),
                "home_id": of.get("home_id"),
                **{f"is_{flag}": self.chance(0.6) for flag in FLAGS},
            }  # fmt: skip
        for household, row in self.households.items():
            if self.chance(0.8):
                lead = self.draw.choice([*self.people, "P99"])  # P99 has died, and is in no table
                for holder in (row, self.tenancies[row["tenancy_id"]]):
                    holder["lead_person_id"] = lead
                for home in self.homes.values():
                    if home["household_id"] == household:
                        home["lead_person_id"] = lead

    def datum(self, key: str) -> Datum:
        known = self.known[key]
        flags = (self.chance(0.2), self.chance(0.2)) if known.stateful else (False, False)
        if self.chance(0.35):
            states = [
                Knowing.REFUSED,
                Knowing.DONT_KNOW,
                Knowing.NOT_ASKED,
                Knowing.NOT_APPLICABLE,
                Knowing.WITHDRAWN,
            ]
            return Datum(
                None, self.draw.choice(states) if known.stateful else Knowing.NOT_ASKED, *flags
            )
        codes = known.codes.keys if known.codes else ()
        return Datum(self.plain(known.kind, codes), Knowing.ANSWERED, *flags)

    def plain(self, kind: Kind, codes: tuple[str, ...]) -> Any:
        match kind:
            case Kind.NUMBER:
                return float(self.draw.choice([0, 1, 2, 2.5, 5, 16, 65, 90]))
            case Kind.MONEY:
                return self.draw.choice([0, 1, 100, 25_050, -500, 10**9])
            case Kind.DATE:
                return AS_OF - dt.timedelta(
                    self.draw.choice([0, 1, 29, 30, 31, 59, 365, 366, 761, -1, -40])
                )
            case Kind.BOOLEAN:
                return self.chance(0.5)
            case Kind.TEXT:
                return self.draw.choice([*TEXTS, "NORTHERN", "x"])
            case Kind.CODE:
                return self.draw.choice(codes[:4])
            case _:
                return frozenset(self.draw.sample(codes[:5], self.draw.randint(1, 3)))

    def make_events(self) -> None:
        for key, event in self.catalogue.events.items():
            self.events[key] = []
            for n in range(25):
                person = (
                    self.people[self.draw.choice(list(self.people))] if self.chance(0.7) else {}
                )
                tenancy = person.get("tenancy_id") or (
                    self.draw.choice(list(self.tenancies)) if self.chance(0.7) else None
                )
                row: dict[str, Any] = {
                    "person_id": person.get("person_id"), "tenancy_id": tenancy,
                    "home_id": self.tenancies[tenancy]["home_id"] if tenancy else None,
                    "on_date": AS_OF - dt.timedelta(self.draw.choice(DAYS_AGO)),
                }  # fmt: skip
                for one in event.fields:
                    codes = (
                        self.catalogue.code_lists[one.codes].keys
                        if one.codes
                        else tuple(c.key for c in one.values)
                    )
                    row[one.key] = None if self.chance(0.3) else self.plain(Kind(one.type), codes)
                self.events[key].append({**row, "source_file": "f", "source_row": n})

    def tables(self) -> dict[Grain, dict[str, dict[str, Any]]]:
        """The subjects of each unit."""
        return {
            Grain.PERSON: self.people,
            Grain.HOUSEHOLD: self.households,
            Grain.TENANCY: self.tenancies,
            Grain.HOME: self.homes,
        }

    # --- for an engine -------------------------------------------------------------------------

    def fill(self, engine: Engine) -> None:
        """Leave the tables of the segments stage, with the columns of these fields."""
        engine.execute("CREATE SCHEMA IF NOT EXISTS segments")
        for unit, rows in self.tables().items():
            columns: dict[str, tuple[pa.DataType, list[Any]]] = {}
            for name in next(iter(rows.values())):
                columns[name] = (
                    pa.bool_() if name.startswith("is_") else pa.string(),
                    [row[name] for row in rows.values()],
                )
            if unit == Grain.HOME:
                columns["is_let"] = (
                    pa.bool_(),
                    [row["tenancy_id"] is not None for row in rows.values()],
                )
            for key in FIELDS:
                if self.known[key].grain in SEEN[unit]:
                    self.column(unit, key, list(rows.values()), columns)
            table = pa.table(
                {name: pa.array(values, kind) for name, (kind, values) in columns.items()}
            )
            self.register(engine, f"segments.{unit.value}", table)
        for key, event in self.catalogue.events.items():
            kinds = {
                "DATE": pa.date32(),
                "BIGINT": pa.int64(),
                "DOUBLE": pa.float64(),
                "BOOLEAN": pa.bool_(),
            }
            table = pa.table(
                {
                    c.name: pa.array(
                        [row[c.name] for row in self.events[key]], kinds.get(c.type, pa.string())
                    )
                    for c in event_table(event)
                }
            )
            self.register(engine, f"segments.event_{key}", table)

    def column(
        self, unit: Grain, key: str, rows: list[dict[str, Any]], columns: dict[str, Any]
    ) -> None:
        known = self.known[key]
        data = [self.case_values(unit, row)[key] for row in rows]
        if key not in HIDDEN:
            values = [
                ";".join(sorted(d.value)) if isinstance(d.value, frozenset) else d.value
                for d in data
            ]
            columns[key] = (_TYPES[known.kind], values)
        if known.stateful:
            packed = [
                STATE_NUMBER[State(d.state.value)] + STALE * d.is_stale + IN_CONFLICT * d.in_conflict for d in data
            ]  # fmt: skip
            columns[f"{key}{KNOWN}"] = (pa.uint8(), packed)

    def register(self, engine: Engine, name: str, table: pa.Table) -> None:
        engine.con.register("_given", table)
        engine.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM _given")
        engine.con.unregister("_given")

    # --- for the reference ---------------------------------------------------------------------

    def case_values(self, unit: Grain, row: dict[str, Any]) -> dict[str, Datum]:
        """What the row sees: its own values and those of what it belongs to."""
        found: dict[str, Datum] = {}
        for grain in SEEN[unit]:
            key = row[id_of(grain)]
            for name in FIELDS:
                if self.known[name].grain == grain:
                    none = Datum(
                        None,
                        Knowing.NOT_APPLICABLE if self.known[name].stateful else Knowing.NOT_ASKED,
                    )
                    found[name] = self.values[grain, key][name] if key is not None else none
        return found

    def once(self, about: object, make: Callable[[], Any]) -> Any:
        """Work something out once."""
        if about not in self.seen:
            self.seen[about] = make()
        return self.seen[about]

    def case(self, unit: Grain, key: str, segments: dict[str, Segment]) -> Case:
        """One subject, with members, lead tenant and the truth of the other segments."""
        return self.once((unit, key, tuple(segments)), lambda: self._case(unit, key, segments))

    def _case(self, unit: Grain, key: str, segments: dict[str, Segment]) -> Case:
        row = self.tables()[unit][key]
        people = [
            p
            for p, other in self.people.items()
            if row["household_id"] and other["household_id"] == row["household_id"]
        ]
        lead = (
            self.households[row["household_id"]]["lead_person_id"] if row["household_id"] else None
        )
        return Case(
            AS_OF,
            self.case_values(unit, row),
            self.case_events(unit, row),
            tuple(self.alone(Grain.PERSON, person, segments) for person in people),
            self.alone(Grain.PERSON, lead, segments) if lead in self.people else None,
            {name: self.truth(segment, unit, row, segments) for name, segment in segments.items()},
        )

    def alone(self, unit: Grain, key: str, segments: dict[str, Segment]) -> Case:
        """One person as seen inside `member (...)`: the household's members are not asked for again."""
        return self.once(
            ("alone", unit, key, tuple(segments)), lambda: self._alone(unit, key, segments)
        )

    def _alone(self, unit: Grain, key: str, segments: dict[str, Segment]) -> Case:
        row = self.tables()[unit][key]
        truths = {
            name: self.truth(segment, unit, row, segments) for name, segment in segments.items()
        }
        return Case(
            AS_OF, self.case_values(unit, row), self.case_events(unit, row), segments=truths
        )

    def case_events(self, unit: Grain, row: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        found = {}
        for key, event in self.catalogue.events.items():
            grain = (
                event.grain
                if unit == Grain.PERSON
                else Grain.HOME
                if unit == Grain.HOME
                else Grain.TENANCY
            )
            mine = row[id_of(grain)]
            found[key] = [
                e for e in self.events[key] if mine is not None and e[id_of(grain)] == mine
            ]
        return found

    def base(self, unit: Grain, base: str, row: dict[str, Any]) -> bool:
        """Whether a subject is in a base."""
        if base in ("everyone", "all"):
            return True
        if unit == Grain.PERSON:
            return row["is_" + base.removesuffix("s")]
        return row["tenancy_id"] is not None if unit == Grain.HOME else row["is_current"]

    def truth(
        self, segment: Segment, unit: Grain, row: dict[str, Any], segments: dict[str, Segment]
    ) -> Truth:
        """Whether a subject is in another segment, which may be about what it belongs to."""
        of = segment.definition.unit
        if of == Grain.PERSON and unit != Grain.PERSON:
            return None  # such a rule does not pass the check
        key = row[id_of(of)]
        if key is None:
            return None
        other = self.tables()[of][key]
        if not self.base(of, segment.definition.base, other):
            return False
        self.every.update(
            segments
        )  # those that `segments` leaves out may be named by one that it holds
        named = {k: s for k, s in self.every.items() if k in referred(segment.node)}
        return self.once(
            (segment.key, key), lambda: evaluate(segment.node, self.case(of, key, named))
        )
