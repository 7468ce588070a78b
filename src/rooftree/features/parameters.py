"""The numbers that the features turn on, each with its meaning: a landlord may set its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

from rooftree.storage.portable import Parameter
from rooftree.vocabulary.errors import DefinitionError, Problem

#: name: (value, meaning)
PARAMETERS: Mapping[str, tuple[Parameter, str]] = MappingProxyType({
    "benefit_recent_days": (45, "a benefit is being paid if money came within so many days"),
    "uc_lag_days": (7, "Universal Credit is paid so many days after the month it is for"),
    "hb_lag_days": (0, "Housing Benefit is paid so many days after the weeks it is for"),
    "late_weeks": (1, "owing so many weeks' charge throughout makes a regular payer late"),
    "regular_share": (0.8, "share of gaps between payments that must keep the rhythm"),
    "regular_days": (3, "a gap keeps the rhythm within so many days of the usual one, or a quarter of it"),
    "uc_move_weeks": (2, "a balance that moves by less than so many weeks' charge is steady (rent-free weeks: two)"),
    "repeat_days": (28, "a contact for the same reason within so many days is a repeat"),
    "recurring_repairs": (3, "so many repairs of one trade in 12 months are recurring"),
    "target_emergency_days": (1, "days in which an emergency repair is due"),
    "target_urgent_days": (7, "days in which an urgent repair is due"),
    "target_routine_days": (28, "days in which a routine repair is due"),
    "target_planned_days": (90, "days in which a planned repair is due"),
    "pension_age": (66, "years from which a claimant is over pension age"),
    "priority_balance": (1.2, "points for each pound owed"),
    "priority_day": (1.5, "points for each day in arrears"),
    "priority_amount_delta": (1, "points for each pound of change in the size of payments"),
    "priority_date_delta": (5, "points for each day of change in the rhythm of payments"),
    "priority_broken": (50, "points for each broken arrangement, and once more beyond three"),
    "priority_active": (100, "points for an arrangement in force"),
    "priority_court": (200, "points for a broken court order"),
    "priority_notice_served": (20, "points for a notice served that is no longer in force"),
    "priority_notice_active": (50, "points for a notice in force"),
})  # fmt: skip


def filled(as_of: dt.date, given: Mapping[str, Parameter] | None = None) -> dict[str, Parameter]:
    """All parameters, the landlord's own over the shipped ones. Raises DefinitionError for an unknown name."""
    given = given or {}
    unknown = sorted(set(given) - set(PARAMETERS))
    if unknown:
        raise DefinitionError(
            [
                Problem(
                    "features parameters",
                    f"{name} is not a parameter.",
                    f"Known: {', '.join(sorted(PARAMETERS))}.",
                )
                for name in unknown
            ]
        )
    return {name: value for name, (value, _) in PARAMETERS.items()} | dict(given) | {"as_of": as_of}
