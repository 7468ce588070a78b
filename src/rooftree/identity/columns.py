"""Which column of a plain table holds what: found by its name, or said by the caller."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rooftree.identity.normalise import RAW
from rooftree.vocabulary.errors import UserError

#: What linkage reads → names it is known by (compared without case, spaces and punctuation).
NAMES: dict[str, tuple[str, ...]] = {
    "unique_id": ("unique_id", "id", "rec_id", "record_id", "person_ref", "person_id", "key"),
    "title": ("title",),
    "given_name": ("given_name", "first_name", "forename", "given", "christian_name"),
    "middle_name": ("middle_name", "middle_names", "second_name"),
    "family_name": ("family_name", "surname", "last_name"),
    "full_name": ("full_name", "name"),
    "date_of_birth": ("date_of_birth", "dob", "birth_date", "birthdate", "born"),
    "phone": ("phone", "telephone", "mobile", "phone_number", "tel"),
    "phone_2": ("phone_2", "phone2", "other_phone", "landline"),
    "email": ("email", "e_mail", "email_address"),
    "ni_number": (),  # only when asked: a national number decides by itself
    "house_number": ("street_number", "house_number", "number"),
    "address_1": ("address_1", "address_line_1", "address1", "address", "street"),
    "address_2": ("address_2", "address_line_2", "address2"),
    "locality": ("suburb", "town", "city", "locality", "address_3", "address_line_3"),
    "postcode": ("postcode", "post_code", "postal_code", "zip"),
    "uprn": ("uprn",),
    "home": ("home", "tenancy_ref", "household_ref"),
}


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def find_columns(names: list[str], given: Mapping[str, str] | None = None) -> dict[str, str]:
    """What is read → the table's column. What the caller says comes first; the first known name wins.

    Raises UserError where the caller names a thing that linkage does not read, or a column that
    the table lacks, or where nothing is left to compare.
    """
    said = dict(given or {})
    for thing, column in said.items():
        if thing not in NAMES:
            raise UserError(f"Linkage does not read {thing!r}. It reads: {', '.join(NAMES)}.")
        if column not in names:
            raise UserError(f"The table has no column {column!r}. It has: {', '.join(names)}.")
    by_bare: dict[str, str] = {}
    for name in names:
        by_bare.setdefault(_bare(name), name)
    found = dict(said)
    for thing, known in NAMES.items():
        hits = [by_bare[_bare(one)] for one in known if _bare(one) in by_bare]
        if thing not in found and hits and hits[0] not in found.values():
            found[thing] = hits[0]
    if not found.keys() - {"unique_id", "title"}:
        raise UserError(
            "The table has no column that linkage can compare. Say which is which with columns=, "
            "for example columns={'family_name': 'SN'}."
        )
    return found


def raw_select(found: Mapping[str, str], *, source: str, table: str, prefix: str = "") -> str:
    """A SELECT of the columns that normalisation expects, all text."""
    parts = []
    for name in RAW:
        if name == "source":
            parts.append(f"'{source}' AS source")
        elif name == "unique_id":
            parts.append(
                f"concat('{prefix}', CAST(\"{found['unique_id']}\" AS VARCHAR)) AS unique_id"
            )
        elif name in found:
            quoted = found[name].replace('"', '""')
            parts.append(f"nullif(trim(CAST(\"{quoted}\" AS VARCHAR)), '') AS {name}")
        else:
            parts.append(f"CAST(NULL AS VARCHAR) AS {name}")
    return f"SELECT {', '.join(parts)} FROM {table}"
