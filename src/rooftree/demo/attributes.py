"""What is true of each invented person: work, health, language, belief, money, access; correlated as in life.

These are the truths. What a system holds of them, and how wrong, is decided in `systems`.
"""

from __future__ import annotations

import numpy as np

from rooftree.demo.draws import YEAR, Array, Frame, chance, pick_by_row, stream, words
from rooftree.demo.members import KIN, LEAD, PARTNER
from rooftree.demo.names import COMMUNITIES

#: Per community: ethnic group (key of the catalogue's list), religion, main language, nationality,
#: share born abroad.
_COMMUNITY = {
    "british": ("white_british", "christian", "english", "gbr", 0.0),
    "welsh": ("white_british", "christian", "english", "gbr", 0.0),
    "irish": ("irish", "christian", "english", "irl", 0.3),
    "polish": ("other_white", "christian", "polish", "pol", 0.85),
    "romanian": ("other_white", "christian", "romanian", "rou", 0.9),
    "ukrainian": ("other_white", "christian", "ukrainian", "ukr", 0.95),
    "portuguese": ("other_white", "christian", "portuguese", "prt", 0.8),
    "kurdish": ("other_ethnic_group", "muslim", "kurdish", "irq", 0.7),
    "turkish": ("other_white", "muslim", "turkish", "tur", 0.5),
    "bangladeshi": ("bangladeshi", "muslim", "bengali", "bgd", 0.45),
    "pakistani": ("pakistani", "muslim", "urdu", "pak", 0.4),
    "sikh": ("indian", "sikh", "panjabi", "ind", 0.35),
    "hindu": ("indian", "hindu", "gujarati", "ind", 0.4),
    "tamil": ("other_asian", "hindu", "tamil", "lka", 0.6),
    "somali": ("african", "muslim", "somali", "som", 0.65),
    "nigerian": ("african", "christian", "english", "nga", 0.55),
    "ghanaian": ("african", "christian", "english", "gha", 0.55),
    "congolese": ("african", "christian", "french", "cod", 0.75),
    "eritrean": ("african", "christian", "tigrinya", "eri", 0.85),
    "caribbean": ("caribbean", "christian", "english", "jam", 0.25),
    "chinese": ("chinese", "no_religion", "cantonese", "chn", 0.6),
    "vietnamese": ("other_asian", "buddhist", "vietnamese", "vnm", 0.6),
    "arab": ("arab", "muslim", "arabic", "syr", 0.75),
    "afghan": ("other_asian", "muslim", "pashto", "afg", 0.9),
    "roma": ("roma", "christian", "slovak", "svk", 0.8),
    "traveller": ("gypsy_or_irish_traveller", "christian", "english", "gbr", 0.0),
    "filipino": ("other_asian", "christian", "tagalog", "phl", 0.7),
}
#: Mixed groups for children of one white British parent.
_MIXED = {"african": "white_and_black_african", "caribbean": "white_and_black_caribbean"}
_WHITE = ("white_british", "irish", "other_white", "roma", "gypsy_or_irish_traveller")
_ASIAN = ("bangladeshi", "pakistani", "indian", "other_asian", "chinese")
IMPAIRMENTS = (
    "vision", "hearing", "mobility", "dexterity", "learning", "memory", "mental_health", "stamina",
    "social", "other",
)  # fmt: skip
#: CORE working situation, by its code.
WORK = ("1", "2", "4", "5", "6", "7", "8", "9", "0")
_WORK_BY_AGE = np.array(
    [  # full, part, jobseeker, retired, home, student, unable, child, other
        [30, 20, 16, 0, 16, 8, 8, 0, 2],
        [34, 22, 8, 0, 16, 2, 16, 0, 2],
        [32, 19, 7, 0, 11, 1, 28, 0, 2],
        [22, 14, 5, 9, 9, 0, 39, 0, 2],
        [3, 4, 0, 90, 0.5, 0, 2, 0, 0.5],
    ],
    dtype=float,
)
_INCOME = {"1": (410, 90), "2": (245, 60), "4": (130, 35), "5": (265, 70), "6": (160, 60),
           "7": (150, 60), "8": (225, 70), "9": (0, 0), "0": (150, 70)}  # fmt: skip


def describe(
    people: Frame, members: Frame, tenancies: Frame, *, seed: int, as_of: int, setting: str
) -> Frame:
    """The true attributes of every person, one column each; household matters repeat on each member."""
    rng = stream(seed, "attributes")
    age = (as_of - people["birth"]) / YEAR
    out: Frame = {"person": people["person"], "age": np.floor(age).astype(int)}
    out["sex"] = np.where(people["female"], "F", "M")
    out |= _origins(rng, people, members, age)
    out |= _health(rng, age, tenancies["in_scheme"][people["tenancy"]])
    out |= _work(rng, people, out, age)
    out |= _personal(rng, people, out, age)
    out |= _access(rng, people, out, age, setting)
    return out


def _origins(rng: np.random.Generator, people: Frame, members: Frame, age: Array) -> Frame:
    n, community = len(age), people["community"]
    facts = [_COMMUNITY[name] for name in COMMUNITIES]
    ethnic, faith, language, country = (
        words([str(f[k]) for f in facts])[community] for k in range(4)
    )
    abroad = chance(rng, np.array([float(f[4]) for f in facts])[community], n) & (age > 8)
    ethnic = _mixed(rng, people, ethnic)
    none = np.select([age < 35, age < 55, age < 70], [0.68, 0.55, 0.38], 0.22)
    keeps = np.where(faith == "christian", none, 0.06)
    faith = np.where(chance(rng, keeps, n), "no_religion", faith)
    second = chance(rng, 0.55, n) | (language == "english")
    language = np.where(abroad | ~second, language, "english")
    foreign = language != "english"
    english = pick_by_row(
        rng, np.where((age > 60)[:, None], [18, 27, 38, 17], [46, 35, 15, 4]).astype(float)
    )
    level = words(["very_well", "well", "not_well", "not_at_all"])
    naturalised = chance(rng, np.clip((age - 15) / 60, 0.15, 0.7), n)
    return {
        "ethnic_group": ethnic.astype(object),
        "religion": faith.astype(object),
        "main_language": language.astype(object),
        "english_proficiency": np.where(foreign, level[english], "main_language").astype(object),
        "nationality": np.where(abroad & ~naturalised, country, "gbr").astype(object),
        "born_abroad": abroad,
    }


def _mixed(rng: np.random.Generator, people: Frame, ethnic: Array) -> Array:
    """Children whose parents in the home have different groups, one of them white, are mixed."""
    tenancy, relationship = people["tenancy"], people["relationship"]
    heads = [np.full(int(tenancy.max()) + 1, "", dtype=object) for _ in range(2)]
    for slot, kind in zip(heads, (LEAD, PARTNER), strict=True):
        at = np.flatnonzero(relationship == kind)
        slot[tenancy[at]] = ethnic[at]
    one, two = heads[0][tenancy], heads[1][tenancy]
    child = np.isin(relationship, (2, 5)) & (two != "") & (one != two)
    lone = np.isin(relationship, (2, 5)) & (two == "") & (one == "white_british")
    lone &= chance(rng, 0.05, len(one))
    out = ethnic.copy()
    for at in np.flatnonzero(child):
        other = one[at] if two[at] in _WHITE else two[at]
        out[at] = _MIXED.get(other, "white_and_asian" if other in _ASIAN else "other_mixed")
        if other in _WHITE:
            out[at] = "white_british"
    out[lone] = "white_and_black_caribbean"
    return out


def _health(rng: np.random.Generator, age: Array, scheme: Array) -> Frame:
    n = len(age)
    odds = np.interp(age, [0, 16, 30, 45, 60, 75, 90], [0.05, 0.11, 0.24, 0.34, 0.46, 0.56, 0.75])
    condition = chance(rng, np.minimum(odds + 0.15 * scheme, 0.95), n)
    limits = pick_by_row(
        rng, np.where((age > 55)[:, None], [38, 38, 24], [24, 42, 34]).astype(float)
    )
    disabled = condition & (limits < 2)
    young, old = age < 30, age > 60
    share = {
        "vision": np.where(old, 0.14, 0.05),
        "hearing": np.where(old, 0.2, 0.05),
        "mobility": np.where(old, 0.62, np.where(young, 0.12, 0.38)),
        "dexterity": np.where(old, 0.3, 0.14),
        "learning": np.where(young, 0.34, 0.1),
        "memory": np.where(age > 75, 0.24, 0.07),
        "mental_health": np.where(old, 0.16, np.where(young, 0.5, 0.46)),
        "stamina": np.where(old, 0.42, 0.24),
        "social": np.where(young, 0.28, 0.06),
        "other": np.full(n, 0.1),
    }
    flags = np.stack([condition & chance(rng, share[name], n) for name in IMPAIRMENTS], axis=1)
    nothing = condition & ~flags.any(axis=1)
    flags[nothing, 9] = True
    level = words(["a_lot", "a_little", "not_at_all"])[limits]
    return {
        "long_term_condition": np.where(condition, "yes", "no").astype(object),
        "activity_limited": np.where(condition, level, "").astype(object),
        "disabled": disabled,
        "impairments": _joined(flags),
        "mobility": flags[:, 2],
        "vision": flags[:, 0],
        "hearing": flags[:, 1],
        "mental_health": flags[:, 6],
        "stamina": flags[:, 7],
        "memory": flags[:, 5],
        "wheelchair": flags[:, 2] & disabled & chance(rng, 0.09, n),
    }


def _joined(flags: Array) -> Array:
    """Rows of flags as texts of the impairments' names joined by ';'."""
    codes = flags @ (1 << np.arange(flags.shape[1]))
    patterns, inverse = np.unique(codes, return_inverse=True)
    texts = [
        ";".join(sorted(name for k, name in enumerate(IMPAIRMENTS) if p >> k & 1)) for p in patterns
    ]
    return words(texts)[inverse]


def _work(rng: np.random.Generator, people: Frame, out: Frame, age: Array) -> Frame:
    band = np.select([age < 25, age < 50, age < 60, age < 66.5], [0, 1, 2, 3], 4)
    weights = _WORK_BY_AGE[band].copy()
    weights[out["disabled"], 6] *= 2.6
    weights[~out["disabled"], 6] *= 0.2
    carer = np.isin(people["relationship"], (LEAD,)) & people["female"] & (age < 45)
    weights[carer, 4] *= 1.6
    situation = words(list(WORK))[pick_by_row(rng, weights)]
    situation = np.where(age < 16, "9", situation)
    mean = np.array([_INCOME[code][0] for code in WORK], dtype=float)
    spread = np.array([_INCOME[code][1] for code in WORK], dtype=float)
    code = np.searchsorted(np.array(sorted(WORK)), situation.astype(str))
    order = np.argsort(np.array(WORK))
    income = rng.normal(mean[order][code], spread[order][code])
    income = np.where(situation == "9", 0, np.clip(income, 70, 880))
    return {
        "working_situation": situation.astype(object),
        "weekly_income_pence": (income * 100).astype(np.int64),
    }


def _personal(rng: np.random.Generator, people: Frame, out: Frame, age: Array) -> Frame:
    n, adult = len(age), age >= 16
    partner = _has_partner(people)
    marital = np.where(age > 72, "widowed", np.where(age > 42, "divorced", "never_married"))
    marital = np.where(chance(rng, 0.28, n), "never_married", marital)
    marital = np.where(partner, np.where(chance(rng, 0.62, n), "married", "never_married"), marital)
    marital = np.where(chance(rng, 0.03, n) & (age > 25), "separated_married", marital)
    orientation = words(["heterosexual", "gay_or_lesbian", "bisexual", "other"])[
        pick_by_row(rng, np.where((age < 35)[:, None], [91, 3, 5, 1], [96.5, 2, 1, 0.5]))
    ]
    care = words(["none", "up_to_9", "10_to_19", "20_to_34", "35_to_49", "50_or_more"])[
        pick_by_row(
            rng,
            np.where(
                ((age > 40) & (age < 80))[:, None], [85, 4, 2, 2, 2, 5], [95, 2, 1, 0.5, 0.5, 1]
            ).astype(float),
        )
    ]
    forces = words(["none", "regular", "reserve"])[
        pick_by_row(rng, np.where((~people["female"] & (age > 25))[:, None], [93.5, 5.5, 1], [99, 0.8, 0.2]))
    ]  # fmt: skip
    pregnant = people["female"] & (age > 17) & (age < 43) & chance(rng, 0.035, n)
    return {
        "gender_same": np.where(chance(rng, 0.006, n), "no", "yes").astype(object),
        "marital_status": np.where(adult, marital, "").astype(object),
        "sexual_orientation": np.where(adult, orientation, "").astype(object),
        "unpaid_care": np.where(age >= 5, care, "").astype(object),
        "armed_forces": np.where(adult, forces, "").astype(object),
        "pregnant": np.where(pregnant, "pregnant", np.where(people["female"] & adult, "neither", "")).astype(object),
    }  # fmt: skip


def _has_partner(people: Frame) -> Array:
    has = np.zeros(int(people["tenancy"].max()) + 1, dtype=bool)
    has[people["tenancy"][people["relationship"] == PARTNER]] = True
    return has[people["tenancy"]] & np.isin(people["relationship"], (LEAD, PARTNER))


def _access(rng: np.random.Generator, people: Frame, out: Frame, age: Array, setting: str) -> Frame:
    n = len(age)
    poor = out["weekly_income_pence"] < 16_000
    online = np.interp(age, [10, 45, 60, 70, 80, 92], [0.95, 0.95, 0.84, 0.66, 0.42, 0.18])
    online = online - 0.07 * poor - (0.03 if setting == "rural" else 0.0)
    use = chance(rng, online, n)
    home = chance(rng, 0.72 - 0.2 * poor, n)
    internet = np.where(use, np.where(home, "broadband", "mobile_only"), "none")
    confident = pick_by_row(
        rng, np.where((age > 60)[:, None], [25, 40, 35], [62, 29, 9]).astype(float)
    )
    bank = words(["none", "basic", "current"])[
        pick_by_row(rng, np.where(poor[:, None], [6.5, 14, 79.5], [3.0, 6, 91]))
    ]
    insured = 0.71 - 0.27 * (age < 35) - 0.08 * poor + 0.07 * (age > 60)  # planted: fewer under 35
    insurance = np.where(
        chance(rng, insured, n), np.where(chance(rng, 0.3, n), "with_landlord", "elsewhere"), "none"
    )
    savings = words(["under_5000", "5000_to_9999", "10000_to_29999"])[
        pick_by_row(rng, np.where((age > 60)[:, None], [74, 14, 12], [91, 6, 3]))
    ]
    move = words(["stay", "larger", "smaller", "nearer_family", "accessible", "out_of_area"])[
        pick_by_row(rng, np.where((age < 45)[:, None], [72, 17, 1, 5, 1, 4], [86, 1, 4, 4, 4, 1]))
    ]
    confidence = words(["very_confident", "fairly_confident", "not_very_confident"])[confident]
    return _needs(rng, out, n) | {
        "internet_access": _household_value(people, internet.astype(object)),
        "digital_confidence": np.where(use, confidence, "does_not_go_online").astype(object),
        "bank_account": np.where(age >= 16, bank, "").astype(object),
        "contents_insurance": _household_value(people, insurance.astype(object)),
        "savings": _household_value(people, savings),
        "preferred_channel": _channel(rng, age, use),
        "move_interest": _household_value(people, move),
        "household_income_pence": _household_sum(people, out["weekly_income_pence"]),
    }


def _needs(rng: np.random.Generator, out: Frame, n: int) -> Frame:
    """What a person needs in order to be spoken with or written to."""
    weak = np.isin(out["english_proficiency"], ("not_well", "not_at_all"))
    form = np.where(out["memory"] & chance(rng, 0.3, n), "easy_read", "none")
    form = np.where(out["vision"] & chance(rng, 0.55, n), "large_print", form)
    helper = np.where(weak, "spoken_interpreter", "none")
    helper = np.where(out["hearing"] & chance(rng, 0.12, n), "bsl_interpreter", helper)
    return {
        "information_format_need": form.astype(object),
        "communication_professional": helper.astype(object),
    }


def _channel(rng: np.random.Generator, age: Array, online: Array) -> Array:
    weights = np.where(
        ((age < 50) & online)[:, None], [28, 22, 24, 3, 3, 20], [58, 14, 7, 14, 5, 2]
    ).astype(float)
    weights[~online] = [62, 0, 9, 20, 9, 0]
    return words(["phone", "email", "sms", "letter", "visit", "portal"])[pick_by_row(rng, weights)]


def _household_value(people: Frame, value: Array) -> Array:
    """What is so of the lead, for everybody of the household."""
    lead = np.zeros(int(people["tenancy"].max()) + 1, dtype=value.dtype)
    at = people["relationship"] == LEAD
    lead[people["tenancy"][at]] = value[at]
    return lead[people["tenancy"]]


def _household_sum(people: Frame, value: Array) -> Array:
    """The sum over the people who live together, for each of them."""
    inside = people["relationship"] < KIN
    total = np.bincount(people["tenancy"], weights=value * inside)
    return total[people["tenancy"]].astype(np.int64)
