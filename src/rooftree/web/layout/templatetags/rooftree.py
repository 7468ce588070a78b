"""Filters that every template may use: dates, money and the states of knowledge in words."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template

register = template.Library()


@register.filter
def as_date(value: Any) -> str:
    """A date in words, 31 March 2026; given as a date or as ISO text. Nothing for nothing."""
    if not value:
        return ""
    if isinstance(value, str):
        try:
            value = dt.date.fromisoformat(value[:10])
        except ValueError:
            return value
    return f"{value.day} {value:%B %Y}"


@register.filter
def as_money(pence: Any) -> str:
    """Pence as pounds, £1,234.50; a minus before the sign."""
    if pence is None or pence == "":
        return ""
    amount = int(pence)
    return f"{'−' if amount < 0 else ''}£{abs(amount) // 100:,}.{abs(amount) % 100:02d}"


@register.filter
def of_key(mapping: Any, key: Any) -> Any:
    """The value of a key, or nothing."""
    return mapping.get(key, "") if hasattr(mapping, "get") else ""


@register.filter
def in_words(key: Any) -> str:
    """A key of ours as words: joint_tenant, joint tenant."""
    return str(key or "").replace("_", " ")
