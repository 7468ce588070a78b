"""The reference page of disclosure policies: what each hides, rounds and says instead."""

from __future__ import annotations

from rooftree.catalogue.markdown import code, facts, page, table
from rooftree.catalogue.model import Catalogue, DisclosurePolicy

_ROUNDING = {
    "none": "no",
    "nearest": "to the nearest {base}",
    "by_people": "up or down to a multiple of {base}, always the same for the same people",
}


def policies(catalogue: Catalogue) -> str:
    """The page of policies, an overview first."""
    found = list(catalogue.policies.values())
    intro = (
        "How counts and statistics are made safe before they leave.\n"
        "A landlord names one in `rooftree.toml` (`[disclosure]`, `policy = \"...\"`) and may lay its own "
        "over it in `definitions/disclosure.toml`.\n"
        "What the words mean is explained in [safe numbers](../explanation/safe-numbers.md)."
    )  # fmt: skip
    overview = table(
        ("policy", "label", "hidden", "rounded", "protected from being worked out"),
        [
            (
                f"[{each.key}](#{each.key})",
                each.label,
                _hidden(each),
                _rounded(each),
                "yes" if each.threshold and each.secondary else "no",
            )
            for each in found
        ],
    )
    return page("Disclosure policies", intro, overview, *map(_policy, found))


def _hidden(policy: DisclosurePolicy) -> str:
    if not policy.threshold:
        return "nothing"
    low = 0 if policy.zeros == "small" else 1
    return f"{low} to {policy.threshold - 1}"


def _rounded(policy: DisclosurePolicy) -> str:
    return _ROUNDING[policy.rounding].format(base=policy.base)


def _policy(policy: DisclosurePolicy) -> str:
    dominance = (
        f"the largest {policy.dominance_n} make up more than {policy.dominance_share:.0%}"
        if policy.dominance_n
        else ""
    )
    p_ratio = f"all but the largest two are less than {policy.p_ratio:.0%} of the largest"
    protects = bool(policy.threshold and policy.secondary)
    pairs = [
        ("from", policy.source),
        ("counts hidden", _hidden(policy)),
        ("a true zero", "hidden as a small count" if policy.zeros == "small" else "shown as 0"),
        ("text of a small count", code(policy.small_text) if policy.threshold else ""),
        ("text of a cell hidden to protect others", code(policy.hidden_text) if protects else ""),
        ("a hidden count cannot be narrowed to less than", f"{policy.protection:g} on each side" if protects else ""),
        ("a row that is all of one category", "treated as small" if policy.class_disclosure else ""),
        ("rounding", _rounded(policy)),
        ("percentages", f"from {policy.percentages} counts, {policy.percentage_decimals} decimal places"),
        ("no percentage of fewer than", f"{policy.percentage_least:g} people" if policy.percentage_least else ""),
        ("no mean or median of fewer than", f"{policy.average_least} people" if policy.average_least else ""),
        ("money hidden where", "; or ".join(text for text in (dominance, p_ratio if policy.p_ratio else "") if text)),
        ("reviewed on", policy.reviewed_on.isoformat() if policy.reviewed_on else ""),
    ]  # fmt: skip
    return f"## {policy.key}\n\n**{policy.label}.** {policy.meaning}\n\n{facts(pairs)}"
