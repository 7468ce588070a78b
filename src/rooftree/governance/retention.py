"""Until when a value may be kept."""

from __future__ import annotations

import calendar
import datetime as dt

from rooftree.catalogue.model import Attribute


def retention_ends_on(attribute: Attribute, *, tenancy_ended_on: dt.date | None) -> dt.date | None:
    """The first day on which the value may no longer be kept.

    `tenancy_ended_on` is the last day of the person's last tenancy. None, a tenancy still running,
    gives None: the clock has not started. Months are calendar months; where the month is shorter the
    last day of it counts (31 January and one month: 28 February).
    """
    if tenancy_ended_on is None:
        return None
    return add_months(tenancy_ended_on, attribute.keep_months)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day so many calendar months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))
