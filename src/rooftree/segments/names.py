"""Words that a segment's name should not hold: a name is read by staff, and sometimes by the people in it.

A landlord that built eight segments found that controversial names were one reason why staff did not
use them. A name says what the group needs or does, never what somebody thinks of them. The list is
ours; a landlord adds its own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Word (as a pattern) to what to say instead.
# ruff: noqa: E501  a pattern on one line is easier to review than one in pieces
STIGMATISING: Mapping[str, str] = {
    r"problem (famil(y|ies)|tenants?|households?)": "Say what is needed: support with the tenancy.",
    r"(trouble|mischief)[ -]?makers?": "Say what happened: open anti-social behaviour case.",
    r"bad (payers?|tenants?|debts?)": "Say how rent is paid: pays irregularly.",
    r"(non|won'?t)[ -]?payers?": "Say what is known: no payment in 13 weeks.",
    r"(rent )?dodgers?|shirkers?|scroungers?|spongers?|layabouts?|idle|lazy|feckless|workshy": "Leave the judgement out.",
    r"benefit(s)? (cheats?|claimants?|scroungers?|dependen\w+)": "Name the benefit: receives Universal Credit.",
    r"chaotic|dysfunctional|hopeless|difficult|demanding|needy|moaners?|complainers?|serial complain\w+": "Say what they ask for: three complaints in a year.",
    r"underclass|chavs?|ghetto|sink estate|no[ -]?hopers?|low[ -]?lifes?|scum": "Leave the judgement out.",
    r"(the )?(disabled|handicapped|crippled?|elderly|deaf and dumb|mentally ill|insane|mad)\b(?! (people|customers|tenants|facilities))": "Put the person first: disabled people, people of 75 or over.",
    r"invalids?|wheelchair[ -]?bound|suffer(s|ing|ers?) from|victims? of (a|their) (disability|condition)": "Say: uses a wheelchair, has a long-term condition.",
    r"(single|teen(age)?) mums?|broken homes?|latchkey": "Say: lone parents, parents under 20.",
    r"illegals?|foreigners?|aliens?|ethnics?|coloureds?|gyps(y|ies) problem|immigrants?": "Leave origin out of a name.",
    r"addicts?|alcoholics?|druggies|junkies": "Say: people with a support need about alcohol or drugs.",
    r"offenders?|criminals?|thugs?|yobs?|hoodies": "Leave it out, or ask the data protection officer.",
    r"vulnerable": "Say what the vulnerability is, or what is needed; it is dated and changes.",
    r"high[ -]?risk (people|tenants|customers|families)": "Say the risk of what: may need help to keep the tenancy.",
    r"rocketers?|sliders?|dippers?|climbers?": "A nickname for a payment pattern: keep it in the key, and say the pattern in the label.",
}  # fmt: skip


def stigma(label: str, *, own: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Each word of a label that should go, with what to say instead."""
    found = []
    for pattern, instead in {**STIGMATISING, **(own or {})}.items():
        match = re.search(rf"\b(?:{pattern})\b", label, re.IGNORECASE)
        if match:
            found.append((match.group(), instead))
    return found
