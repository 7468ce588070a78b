"""What linkage compares: the levels of agreement, and the keys that bring two records together.

The levels of one comparison are read from the top, and the first that holds counts. Partners and
children share surname, address, telephone and e-mail: counted one by one, as if each were a
coincidence of its own, these would make one person of a family. So surname and place are one
comparison, and a shared telephone or e-mail counts for little between records of one address.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """One level: its name, when it holds (columns end in _l and _r), what frequency adjusts it.

    `shared`: people who do not match reach the level by sharing a home, a telephone or an e-mail,
    so its share among them is counted there; chance pairs would never show it.
    `given_home`: the level's probabilities are those of pairs in one home (True) or of pairs that
    are not (False), because surname_and_home has already counted whether they are.
    """

    name: str
    holds: str
    frequency: str | None = None
    is_null: bool = False
    shared: bool = False
    given_home: bool | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Levels of agreement on one thing, from the strongest; the last one is "anything else"."""

    name: str
    levels: tuple[Level, ...]

    def gamma(self, level: str) -> int:
        """The number that Splink gives a level: -1 for null, 0 for the last, counting upwards."""
        counted = [one.name for one in self.levels if not one.is_null]
        return len(counted) - 1 - counted.index(level) if level in counted else -1


def both(column: str) -> str:
    """The two records agree on a column."""
    return f"{column}_l = {column}_r"


_SWAPPED = (
    "(left(given_l, 1) = left(family_r, 1) AND jaro_winkler_similarity(given_l, family_r) >= 0.88"
    " AND jaro_winkler_similarity(family_l, given_r) >= 0.88)"
)
_FAMILY = f"(family_l = family_r OR {_SWAPPED})"
_PART = (
    "(family_first_l = family_first_r OR family_last_l = family_last_r "
    "OR family_first_l = family_last_r OR family_last_l = family_first_r)"
)
_FAMILY_CLOSE = f"({_PART} OR jaro_winkler_similarity(family_l, family_r) >= 0.9)"

# A point for each part of the address that agrees: three are one home even when a part is mistyped.
_POINTS = (
    "(CASE WHEN postcode_l = postcode_r THEN 1 ELSE 0 END"
    " + CASE WHEN numbers_l = numbers_r THEN 1 ELSE 0 END"
    " + CASE WHEN jaro_winkler_similarity(street_l, street_r) >= 0.9 THEN 1 ELSE 0 END"
    " + CASE WHEN jaro_winkler_similarity(locality_l, locality_r) >= 0.9 THEN 1 ELSE 0 END)"
)
# One postcode may have two streets with a number 7.
_SAME_HOME = (
    "((home_l = home_r AND coalesce(jaro_winkler_similarity(street_l, street_r) >= 0.8, TRUE))"
    " OR home_ref_l = home_ref_r OR uprn_l = uprn_r)"
)
SAME_HOME = f"coalesce({_SAME_HOME} OR {_POINTS} >= 3, FALSE)"
_NEAR = f"coalesce(postcode_l = postcode_r OR {_POINTS} >= 2, FALSE)"
_WEAK = f"({_POINTS} >= 1)"
_NO_PLACE = (
    "((postcode_l IS NULL OR postcode_r IS NULL) AND (street_l IS NULL OR street_r IS NULL)"
    " AND (locality_l IS NULL OR locality_r IS NULL) AND NOT coalesce(" + _SAME_HOME + ", FALSE))"
)
_NO_FAMILY = "(family_l IS NULL OR family_r IS NULL)"
SAME_CONTACT = "coalesce(email_l = email_r OR list_has_any(phones_l, phones_r), FALSE)"
_NO_CONTACT = "((email_l IS NULL OR email_r IS NULL) AND (len(phones_l) = 0 OR len(phones_r) = 0))"

GIVEN = Comparison("given", (
    Level("unknown", "given_l IS NULL OR given_r IS NULL", is_null=True),
    Level("same", both("given"), frequency="given"),
    Level("swapped with surname", _SWAPPED),
    Level("nickname", "list_has_any(formal_l, formal_r)"),
    Level("initial", "(length(given_l) = 1 OR length(given_r) = 1) AND left(given_l, 1) = left(given_r, 1)"),
    Level("close", "jaro_winkler_similarity(given_l, given_r) >= 0.88"
                   " OR (length(given_l) >= 4 AND length(given_r) >= 4"
                   " AND damerau_levenshtein(given_l, given_r) <= 1)"),
    Level("middle name", "given_l = middle_first_r OR given_r = middle_first_l"),
    Level("alike", "jaro_winkler_similarity(given_l, given_r) >= 0.75"),
    Level("different", "ELSE"),
))  # fmt: skip

BORN = Comparison("date_of_birth", (
    Level("unknown", "dob_l IS NULL OR dob_r IS NULL", is_null=True),
    Level("same", both("dob"), frequency="dob"),
    Level("day and month swapped", "left(dob_l, 4) = left(dob_r, 4) AND substring(dob_l, 5, 2) = right(dob_r, 2)"
                                   " AND right(dob_l, 2) = substring(dob_r, 5, 2)"),
    Level("one slip", "damerau_levenshtein(dob_l, dob_r) <= 1"),
    Level("two of day, month and year", "(CASE WHEN left(dob_l, 4) = left(dob_r, 4) THEN 1 ELSE 0 END"
          " + CASE WHEN substring(dob_l, 5, 2) = substring(dob_r, 5, 2) THEN 1 ELSE 0 END"
          " + CASE WHEN right(dob_l, 2) = right(dob_r, 2) THEN 1 ELSE 0 END) = 2"),
    Level("different", "ELSE"),
))  # fmt: skip

HOUSEHOLD = Comparison("surname_and_home", (
    Level("unknown", f"{_NO_FAMILY} AND {_NO_PLACE}", is_null=True),
    Level("same surname, same home", f"{_FAMILY} AND {SAME_HOME}", shared=True),
    Level("close surname, same home", f"{_FAMILY_CLOSE} AND {SAME_HOME}", shared=True),
    Level("surname unknown, same home", f"{_NO_FAMILY} AND {SAME_HOME}", shared=True),
    Level("other surname, same home", SAME_HOME, shared=True),
    Level("same surname, near", f"{_FAMILY} AND {_NEAR}", frequency="family"),
    Level("same surname, home unknown", f"{_FAMILY} AND {_NO_PLACE}", frequency="family"),
    Level("same surname, part of the address", f"{_FAMILY} AND {_WEAK}", frequency="family"),
    Level("same surname, elsewhere", _FAMILY, frequency="family"),
    Level("close surname, near", f"{_FAMILY_CLOSE} AND {_NEAR}"),
    Level("close surname, home unknown", f"{_FAMILY_CLOSE} AND {_NO_PLACE}"),
    Level("close surname, elsewhere", _FAMILY_CLOSE),
    Level("other surname, near", f"{_NEAR}"),
    Level("surname unknown, elsewhere", _NO_FAMILY),
    Level("home unknown, other surname", _NO_PLACE),
    Level("other surname, elsewhere", "ELSE"),
))  # fmt: skip

CONTACT = Comparison("contact", (
    Level("unknown", _NO_CONTACT, is_null=True),
    Level("same, in one home", f"{SAME_CONTACT} AND {SAME_HOME}", shared=True, given_home=True),
    Level("different, in one home", SAME_HOME, shared=True, given_home=True),
    Level("e-mail and telephone", "email_l = email_r AND list_has_any(phones_l, phones_r)",
          shared=True, given_home=False),
    Level("e-mail", "email_l = email_r", shared=True, given_home=False),
    Level("telephone", "list_has_any(phones_l, phones_r)", shared=True, given_home=False),
    Level("different", "ELSE", given_home=False),
))  # fmt: skip

COMPARISONS = (GIVEN, BORN, HOUSEHOLD, CONTACT)


@dataclass(frozen=True, slots=True)
class Rule:
    """A key: records that agree on all its expressions are compared.

    `loose` keys bring many pairs of different people, and more for each record as the table grows
    (forename and surname; date of birth alone): they help small tables and stay out of large ones.
    """

    name: str
    keys: tuple[str, ...]
    loose: bool = False

    def on(self) -> str:
        """The condition as Splink reads it."""
        sides = [(key.format("l"), key.format("r")) for key in self.keys]
        return " AND ".join(f"{left} = {right}" for left, right in sides)


# `initial` is that of the formal name, so that Peggy and Margaret share it. Two records whose
# forenames disagree are one person only if their dates of birth agree, so a tight key holds one
# or the other.
RULES = (
    Rule("home and initial", ("{}.home", "{}.initial")),
    Rule("home by reference and initial", ("{}.home_ref", "{}.initial")),
    Rule("telephone and initial", ("{}.phone", "{}.initial")),
    Rule("e-mail and initial", ("{}.email", "{}.initial")),
    Rule("birth date and forename", ("{}.dob", "{}.given")),
    Rule("birth date and start of surname", ("{}.dob", "left({}.family, 3)")),
    Rule("birth date and postcode", ("{}.dob", "{}.postcode")),
    Rule("birth date and swapped names", ("{}.dob", "least({0}.given, {0}.family)")),
    Rule("postcode, surname and initial", ("{}.postcode", "{}.family", "{}.initial")),
    Rule("forename, surname and area", ("{}.given", "{}.family", "left({}.postcode, 3)")),
    Rule("e-mail", ("{}.email",), loose=True),
    Rule("telephone", ("{}.phone",), loose=True),
    Rule("postcode and number", ("{}.postcode", "{}.numbers"), loose=True),
    Rule("postcode and surname", ("{}.postcode", "{}.family"), loose=True),
    Rule("postcode and forename", ("{}.postcode", "{}.given"), loose=True),
    Rule("birth date", ("{}.dob",), loose=True),
    Rule("street and number", ("{}.street", "{}.numbers"), loose=True),
    Rule("surname", ("{}.family",), loose=True),
    Rule("forename", ("{}.given",), loose=True),
    Rule("postcode", ("{}.postcode",), loose=True),
    Rule("street", ("{}.street",), loose=True),
    Rule("town", ("{}.locality",), loose=True),
)

#: A few records are compared each with each.
EVERY_PAIR = Rule("every pair", ("1",))

#: A tight key may bring at most so many pairs per record, and its largest block may hold so many
#: records; a loose one may bring so many pairs in all.
MOST_PAIRS_PER_RECORD = 3.0
LARGEST_BLOCK = 1000
FEW_PAIRS = 200_000
