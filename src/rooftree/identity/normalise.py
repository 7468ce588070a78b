"""Names, dates, telephones and addresses in one spelling, so that records can be compared.

Everything is done to whole columns at once. Nothing here is shown to anybody or kept: the result is
a scratch table that linkage reads.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import phonenumbers
import pyarrow as pa

from rooftree.storage.engine import Engine

#: What `comparison_table` expects of the table it reads: every column text, null where not known.
RAW = (
    "unique_id", "source", "title", "given_name", "middle_name", "family_name", "full_name",
    "date_of_birth", "phone", "phone_2", "email", "ni_number", "house_number", "address_1",
    "address_2", "locality", "postcode", "uprn", "home", "member_of", "ref",
)  # fmt: skip

TITLES = (
    "mr", "mrs", "miss", "ms", "mx", "dr", "doctor", "rev", "revd", "reverend", "rabbi", "sir",
    "dame", "lady", "lord", "master", "prof", "professor", "cllr", "fr", "imam", "other",
)  # fmt: skip
_SUFFIXES = ("jr", "jnr", "junior", "sr", "snr", "senior", "esq", "obe", "mbe", "cbe", "phd")
# A word that belongs to the surname after it, so that "anna van der berg" is not of the family "berg".
_PARTICLES = ("van", "von", "de", "der", "den", "del", "della", "di", "da", "dos", "la", "le",
              "el", "al", "bin", "ibn", "bint", "ap", "ab", "mac", "st", "o", "ter", "ten")  # fmt: skip

#: More records than this with one telephone or e-mail: a switchboard or a filler, not a person's.
SHARED_BY_TOO_MANY = 20

# 1900-01-01 and its like are written where a date is not known.
_NO_BIRTH_DATE = ("19000101", "19010101", "18991230", "17530101", "11111111")

_PLAIN_UK = r"^(?:44|0044|440|00440)?0?([1237]\d{8,9})$"
_NI_NUMBER = r"^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]$"
_NI_NEVER = ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ")


def _listed(words: Iterable[str]) -> str:
    return "[" + ", ".join(f"'{word}'" for word in words) + "]"


def name_sql(column: str) -> str:
    """A name as bare words: no accents, capitals, apostrophes or punctuation; a hyphen joins."""
    plain = f"lower(strip_accents({column}))"
    joined = f"regexp_replace({plain}, '[-\u2010-\u2015''\u2018\u2019`\u00b4.]', '', 'g')"
    return f"nullif(trim(regexp_replace({joined}, '[^\\p{{L}}]+', ' ', 'g')), '')"


def date_sql(column: str) -> str:
    """A date of birth as eight digits, from yyyymmdd, ISO or dd/mm/yyyy; null for anything else."""
    text = f"trim(CAST({column} AS VARCHAR))"
    day_first = (
        f"regexp_extract({text}, '^(\\d{{1,2}})[/.](\\d{{1,2}})[/.](\\d{{4}})$', ['d', 'm', 'y'])"
    )
    digits = f"""CASE
        WHEN regexp_matches({text}, '^\\d{{8}}$') THEN {text}
        WHEN regexp_matches({text}, '^\\d{{4}}-\\d{{2}}-\\d{{2}}') THEN replace(left({text}, 10), '-', '')
        WHEN regexp_matches({text}, '^\\d{{1,2}}[/.]\\d{{1,2}}[/.]\\d{{4}}$')
            THEN concat({day_first}.y, lpad({day_first}.m, 2, '0'), lpad({day_first}.d, 2, '0'))
    END"""
    return f"CASE WHEN ({digits}) IN {tuple(_NO_BIRTH_DATE)} THEN NULL ELSE ({digits}) END"


def ni_number_sql(column: str) -> str:
    """A National Insurance number of a form that is issued; a temporary or mistyped one is null."""
    tidy = f"regexp_replace(upper({column}), '[^A-Z0-9]', '', 'g')"
    issued = f"regexp_matches({tidy}, '{_NI_NUMBER}') AND left({tidy}, 2) NOT IN {_NI_NEVER}"
    return f"CASE WHEN {issued} THEN {tidy} END"


def email_sql(column: str) -> str:
    """An e-mail address in lower case; null where the text is not one."""
    tidy = f"lower(trim({column}))"
    return f"CASE WHEN regexp_matches({tidy}, '^[^@\\s]+@[^@\\s]+\\.[a-z]{{2,}}$') THEN {tidy} END"


def telephone(raw: str) -> str | None:
    """One telephone number in international form, or null where the text cannot be one.

    Possible numbers are enough: those that Ofcom keeps for drama, and misdialled ones, still tell
    that two records carry the same number.
    """
    text = re.sub(r"\(0\)", "", raw)
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@cache
def nicknames() -> pa.Table:
    """Rooftree's table of short and foreign forms: `name`, `formal_name`; one name may have several."""
    text = files("rooftree.identity").joinpath("data/nicknames.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return pa.table({key: [row[key] for row in rows] for key in ("name", "formal_name")})


def comparison_table(engine: Engine, source: str, target: str) -> None:
    """Make `target`, one row per row of `source` (columns `RAW`), in one spelling and order.

    Columns that linkage reads: given, formal (names it may be short for), initial
    (of the formal name), middle, family with its
    first and last part, dob, phones, phone, email, ni, postcode, numbers, street, locality, home,
    sex_of_title and the references.
    """
    _telephones(engine, source)
    engine.con.register("_identity_nicknames", nicknames())
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE _tmp_identity_formal AS SELECT name, "
        "list_sort(list_distinct(list_append(list(formal_name), name))) AS formal, "
        "left(min(formal_name), 1) AS initial "
        "FROM _identity_nicknames GROUP BY name"
    )
    engine.con.unregister("_identity_nicknames")
    engine.execute(f"CREATE OR REPLACE TEMP TABLE _tmp_identity_named AS {_names_sql(source)}")
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {target} AS {_final_sql()}")
    _forget_shared(engine, target)
    for scratch in ("_tmp_identity_named", "_tmp_identity_formal", "_tmp_identity_phone"):
        engine.execute(f"DROP TABLE IF EXISTS {scratch}")


def _telephones(engine: Engine, source: str) -> None:
    """Each distinct text that stands for a telephone, once; only odd ones go through the parser."""
    digits = "regexp_replace(raw, '[^0-9]', '', 'g')"
    plain = f"regexp_extract({digits}, '{_PLAIN_UK}', 1)"
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE _tmp_identity_phone AS
        SELECT raw, CASE WHEN NOT regexp_matches(raw, '[A-Za-z]') AND (NOT starts_with(trim(raw), '+')
            OR starts_with(trim(raw), '+44')) AND {plain} <> '' THEN concat('+44', {plain}) END AS phone
        FROM (SELECT phone AS raw FROM {source} UNION SELECT phone_2 FROM {source}) WHERE raw IS NOT NULL"""
    )
    odd = engine.rows("SELECT raw FROM _tmp_identity_phone WHERE phone IS NULL ORDER BY raw")
    if not odd:
        return
    raw = [row[0] for row in odd]
    found = pa.table(
        {"raw": raw, "parsed": pa.array([telephone(text) for text in raw], pa.string())}
    )
    engine.con.register("_identity_odd", found)
    engine.execute(
        "UPDATE _tmp_identity_phone AS p SET phone = o.parsed FROM _identity_odd AS o WHERE p.raw = o.raw"
    )
    engine.con.unregister("_identity_odd")


def _names_sql(source: str) -> str:
    """Name parts: those supplied, else cut from the full name ("Dr Maureen Max Marsh", "Marsh, Maureen")."""
    turned = (
        "CASE WHEN contains(full_name, ',') THEN concat(split_part(full_name, ',', 2), ' ', "
        "split_part(full_name, ',', 1)) ELSE full_name END"
    )
    return f"""
    WITH cleaned AS (
        SELECT *, {name_sql("given_name")} AS given_words, {name_sql("middle_name")} AS middle_words,
            {name_sql("family_name")} AS family_words,
            CASE WHEN given_name IS NULL AND family_name IS NULL
                THEN string_split({name_sql(turned)}, ' ') END AS whole,
            {name_sql("title")} AS title_word
        FROM {source}
    ), untitled AS (
        SELECT *, CASE WHEN len(whole) > 1 AND list_contains({_listed(TITLES)},
            whole[1]) THEN whole[1] END AS title_cut,
            list_filter(whole, lambda word, i: NOT (i < len(whole) AND list_contains({_listed(TITLES)}, word)
                AND (i = 1 OR (i = 2 AND list_contains({_listed(TITLES)}, whole[1]))))
                AND NOT (i > 2 AND list_contains({_listed(_SUFFIXES)}, word))) AS words
        FROM cleaned
    ), cut AS (
        SELECT *, len(words) AS n,
            CASE WHEN len(words) > 2 AND list_contains({_listed(_PARTICLES)}, words[-2])
                THEN CASE WHEN len(words) > 3 AND list_contains({_listed(_PARTICLES)}, words[-3]) THEN 3 ELSE 2 END
                ELSE 1 END AS n_family
        FROM untitled
    )
    SELECT * EXCLUDE (whole, words, n, n_family, title_cut, given_words, middle_words, family_words, title_word),
        coalesce(title_word, title_cut) AS title_clean,
        CASE WHEN words IS NULL THEN given_words WHEN n > 1 THEN words[1] END AS given_all,
        CASE WHEN words IS NULL THEN middle_words
            WHEN n - n_family > 1 THEN array_to_string(words[2 : n - n_family], ' ') END AS middle_all,
        CASE WHEN words IS NULL THEN family_words
            WHEN n > 0 THEN array_to_string(words[n - n_family + 1 : n], ' ') END AS family_all
    FROM cut"""


def _final_sql() -> str:
    family_raw = "lower(strip_accents(r.family_name))"
    parts = f"regexp_extract_all({family_raw}, '[\\p{{L}}'']+')"
    address = "lower(concat_ws(' ', r.house_number, r.address_1, r.address_2))"
    numbers = f"nullif(array_to_string(regexp_extract_all({address}, '\\d+[a-z]?\\b'), '-'), '')"
    street = (
        "nullif(trim(regexp_replace(regexp_replace(lower(strip_accents(r.address_1)), "
        "'\\b(flat|apartment|apt|unit|room)\\b|\\d+[a-z]?\\b', ' ', 'g'), '[^a-z]+', ' ', 'g')), '')"
    )
    postcode = "nullif(regexp_replace(lower(r.postcode), '[^a-z0-9]', '', 'g'), '')"
    given = "nullif(split_part(r.given_all, ' ', 1), '')"
    middle = (
        "nullif(trim(concat_ws(' ', nullif(substring(r.given_all, "
        "length(split_part(r.given_all, ' ', 1)) + 2), ''), r.middle_all)), '')"
    )
    return f"""
    SELECT r.unique_id, r.source, r.ref, {given} AS given,
        coalesce(f.formal, CASE WHEN length({given}) > 1 THEN [{given}] END) AS formal,
        coalesce(f.initial, left({given}, 1)) AS initial,
        {middle} AS middle, split_part({middle}, ' ', 1) AS middle_first,
        replace(r.family_all, ' ', '') AS family, r.family_all AS family_written,
        coalesce(replace({parts}[1], '''', ''), r.family_all) AS family_first,
        coalesce(replace({parts}[-1], '''', ''), r.family_all) AS family_last,
        CASE WHEN r.title_clean IN ('mr', 'sir', 'lord', 'master') THEN 'm'
            WHEN r.title_clean IN ('mrs', 'miss', 'ms', 'lady', 'dame') THEN 'f' END AS sex_of_title,
        r.title_clean AS title, {date_sql("r.date_of_birth")} AS dob,
        list_sort(list_filter(list_distinct([p.phone, q.phone]), lambda x: x IS NOT NULL)) AS phones,
        coalesce(p.phone, q.phone) AS phone, {email_sql("r.email")} AS email,
        {ni_number_sql("r.ni_number")} AS ni, {postcode} AS postcode, {numbers} AS numbers,
        {street} AS street, {name_sql("r.locality")} AS locality, r.uprn, r.home AS home_ref, r.member_of,
        CASE WHEN {postcode} IS NOT NULL AND {numbers} IS NOT NULL
            THEN concat({postcode}, ':', {numbers}) END AS home
    FROM _tmp_identity_named AS r
    LEFT JOIN _tmp_identity_formal AS f ON f.name = {given}
    LEFT JOIN _tmp_identity_phone AS p ON p.raw = r.phone
    LEFT JOIN _tmp_identity_phone AS q ON q.raw = r.phone_2
    ORDER BY r.unique_id"""


def _forget_shared(engine: Engine, table: str) -> None:
    """Blank telephones and e-mails that so many records carry that they say nothing about a person."""
    too_many = f"GROUP BY ALL HAVING count(*) > {SHARED_BY_TOO_MANY}"
    emails = engine.rows(f"SELECT email FROM {table} WHERE email IS NOT NULL {too_many} ORDER BY 1")
    phones = engine.rows(
        f"SELECT phone FROM (SELECT unnest(phones) AS phone FROM {table}) {too_many} ORDER BY 1"
    )
    if emails:
        engine.execute(
            f"UPDATE {table} SET email = NULL WHERE list_contains(?, email)",
            [[e for (e,) in emails]],
        )
    if phones:
        listed = [number for (number,) in phones]
        engine.execute(
            f"UPDATE {table} SET phones = list_filter(phones, lambda x: NOT list_contains($n, x)), "
            "phone = CASE WHEN list_contains($n, phone) THEN NULL ELSE phone END "
            "WHERE list_has_any(phones, $n)",
            {"n": listed},
        )
