"""How text is made comparable for search, and how far apart two words are.

The same folding is done in SQL, for whole columns, and here, for one query; a test holds them equal.
"""

from __future__ import annotations

import unicodedata

# Letters that do not decompose into a plain letter and a mark.
_SPECIAL = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i",
        "'": "", "`": "", "’": "", "‘": "", "ʼ": "", "´": "",
    }
)  # fmt: skip

#: Words share no variant beyond this many first letters; misspellings behind them are still found.
HEAD = 7
_SHORTEST = 3  # a word of one or two letters is searched for as it is written
_LONG = 6  # from here on, two slips are forgiven


def fold(text: str) -> str:
    """Lower case, without accents, apostrophes and punctuation; one space between words.

    O'Brien and Obrien are one; Smith-Jones is two words.
    """
    lowered = text.lower().translate(_SPECIAL)
    decomposed = unicodedata.normalize("NFKD", lowered).lower().translate(_SPECIAL)
    letters = (c for c in decomposed if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in letters).split())


#: `fold` for a column `text` of plain ASCII; other text goes through `fold` itself.
FOLD_ASCII_SQL = (
    "trim(regexp_replace(regexp_replace(lower(text), '[''`]', '', 'g'), '[^a-z0-9]+', ' ', 'g'))"
)


def as_code(folded: str) -> str:
    """A reference, postcode or e-mail address as one run of letters and digits."""
    return folded.replace(" ", "")


def as_digits(folded: str) -> str:
    """A telephone number as it is dialled within the UK: 0044 and 44 become 0."""
    digits = "".join(c for c in folded if "0" <= c <= "9")
    for start in ("00440", "0044", "440", "44"):
        if digits.startswith(start) and len(digits) >= len(start) + 9:
            return "0" + digits[len(start) :]
    return digits


#: The same two for a column `folded`.
AS_CODE_SQL = "replace(folded, ' ', '')"
AS_DIGITS_SQL = (
    "regexp_replace(regexp_replace(folded, '[^0-9]', '', 'g'), "
    r"'^(?:00440|0044|440|44)([0-9]{9,})$', '0\1')"
)


def slips_forgiven(one: str, other: str) -> int:
    """How many slips may separate two words that are still taken for one: 0, 1 or 2 by the shorter."""
    shorter = min(len(one), len(other))
    return 0 if shorter < _SHORTEST else 1 if shorter < _LONG else 2


def variants(word: str) -> set[str]:
    """The word's head with none, one or (in a long word) two letters left out.

    Two words within the forgiven slips share a variant; sharing one is not yet being near.
    """
    head = word[:HEAD]
    if len(word) < _SHORTEST:
        return set()
    found = {head} | _one_left_out(head)
    if len(word) >= _LONG:
        found |= {shorter for one in _one_left_out(head) for shorter in _one_left_out(one)}
    return found


def _one_left_out(text: str) -> set[str]:
    return {text[:i] + text[i + 1 :] for i in range(len(text))}


def distance(one: str, other: str, *, most: int) -> int:
    """Slips between two words: a letter missing, added, changed, or two neighbours swapped.

    Gives up beyond `most` and answers `most + 1`.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        row = [i]
        for j, b in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        if min(row) > most and min(last) > most:
            return most + 1
        before_last, last = last, row
    return min(last[-1], most + 1)
