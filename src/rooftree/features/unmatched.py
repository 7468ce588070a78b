"""What could not be joined, named and counted, so that nothing drops out unseen."""

from __future__ import annotations

from rooftree.features.references import HOME, TENANCY, home_joins, person_join, tenancy_joins
from rooftree.features.schema import UNMATCHED
from rooftree.storage.engine import Model


def _row(rule: str, table: str, source: str, condition: str, n: str = "1") -> str:
    return f"""SELECT '{rule}' AS rule, '{table}' AS table_name,
      coalesce(sum(CASE WHEN {condition} THEN {n} ELSE 0 END), 0) AS n_rows, coalesce(sum({n}), 0) AS of_rows
    FROM {source}"""


_LEDGER = """(SELECT l.n_entries, r.tenancy_id FROM features._tmp_ledger l JOIN features._tmp_account_ref r
      ON r.system = l.system AND r.tenancy_ref = l.tenancy_ref AND r.payment_ref = l.payment_ref) e"""
_REPAIRS = f"""(SELECT {HOME} AS home_id, {TENANCY} AS tenancy_id FROM staging.repair r
      {tenancy_joins("r")} {home_joins("r")}) r"""
_USES = f"(SELECT who.person_id FROM staging.service_use s {person_join('s')}) s"
_PLACE = "features.home_place"
# Running tenancies: has it a household, and is somebody in it whom the landlord's list of members names?
_RUNNING = """(SELECT t.tenancy_id, t.household_id, l.tenancy_id AS listed FROM identity.tenancy t LEFT JOIN (
        SELECT DISTINCT x.tenancy_id FROM staging.household_member m
        JOIN identity.record r ON r.system = m.system AND r.person_ref = m.person_ref
        JOIN identity.tenancy_ref x ON x.ref_kind = 'tenancy_ref' AND x.ref = m.tenancy_ref
          AND (x.system = '*' OR x.system = m.system)
      ) l ON l.tenancy_id = t.tenancy_id WHERE t.is_current) t"""

# Neighbourhoods that postcodes name and no index knows: the vintages of the files disagree.
_NAMED = """(SELECT a.lsoa, l.imd_rank FROM (
        SELECT DISTINCT coalesce(lsoa21, lsoa11) AS lsoa FROM reference.postcode
        WHERE coalesce(lsoa21, lsoa11) IS NOT NULL) a LEFT JOIN reference.lsoa l ON l.lsoa = a.lsoa) n"""
# And the other way about, within the local authorities of those postcodes.
_RANKED = """(SELECT l.lsoa, p.lsoa AS found FROM reference.lsoa l JOIN (
        SELECT DISTINCT local_authority FROM reference.postcode) d ON d.local_authority = l.local_authority
      LEFT JOIN (SELECT DISTINCT coalesce(lsoa21, lsoa11) AS lsoa FROM reference.postcode) p ON p.lsoa = l.lsoa
      WHERE l.imd_rank IS NOT NULL) n"""

_ROWS = (
    _row("tenancy_without_household", "identity.tenancy", _RUNNING, "household_id IS NULL"),
    _row("household_by_mention", "identity.tenancy", _RUNNING, "household_id IS NOT NULL AND listed IS NULL"),
    _row("entry_without_tenancy", "staging.account_transaction", _LEDGER, "tenancy_id IS NULL", "n_entries"),
    _row("case_without_tenancy", "staging.case", "features._tmp_case", "tenancy_id IS NULL"),
    _row("contact_without_person_or_tenancy", "staging.contact", "features._tmp_contact",
         "person_id IS NULL AND tenancy_id IS NULL"),
    _row("repair_without_home_or_tenancy", "staging.repair", _REPAIRS, "home_id IS NULL AND tenancy_id IS NULL"),
    _row("service_use_without_person", "staging.service_use", _USES, "person_id IS NULL"),
    _row("home_without_postcode", "identity.home", _PLACE, "place_match = 'no_postcode'"),
    _row("home_postcode_unknown", "identity.home", _PLACE, "place_match = 'unknown_postcode'"),
    _row("home_postcode_terminated", "identity.home", _PLACE, "place_match = 'terminated'"),
    _row("home_without_lsoa", "identity.home", _PLACE, "lsoa IS NULL"),
    _row("home_without_deprivation_rank", "identity.home", _PLACE, "imd_rank IS NULL"),
    _row("lsoa_not_in_index", "reference.postcode", _NAMED, "imd_rank IS NULL"),
    _row("index_lsoa_without_postcode", "reference.lsoa", _RANKED, "found IS NULL"),
)  # fmt: skip

MODELS = (Model(UNMATCHED, "\nUNION ALL\n".join(_ROWS)),)
