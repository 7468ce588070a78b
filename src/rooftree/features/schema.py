"""Tables of the features stage: what behaviour, composition and place say at one as_of.

Each column other than a key is a feature, with its unit, window, owner and purposes in
`definitions/features/<topic>.toml`. Money is in pence, arrears positive. Null means that it cannot be
told; a count of nothing is 0.
"""

from __future__ import annotations

from dataclasses import replace

from rooftree.storage.tables import Column, Table
from rooftree.vocabulary.states import Sensitivity

_S = Sensitivity


def _table(
    name: str,
    meaning: str,
    *columns: Column,
    key: tuple[str, ...],
    sensitivity: Sensitivity = _S.ORDINARY,
) -> Table:
    held = tuple(c if c.name in key else replace(c, sensitivity=sensitivity) for c in columns)
    return Table("features", name, meaning, held, key=key)


def _key(name: str, meaning: str) -> Column:
    return Column(name, "VARCHAR", meaning, required=True)


TENANCY_PAYMENT = _table(
    "tenancy_payment",
    "How each rent account stands and how it is paid, at as_of. Arrears are positive.",
    _key("tenancy_id", "the tenancy"),
    Column("balance_basis", "VARCHAR",
        "ledger (sum of all entries), shown (the balance a system shows) or none", True),
    Column("rent_balance_pence", "BIGINT", "what is owed at as_of, arrears positive"),
    Column("weekly_charge_pence", "BIGINT",
        "rent and service charge of an average week of the year: charge per period x periods charged in "
        "a year / 52"),
    Column("charge_basis", "VARCHAR", "agreement, ledger (charges of the last 52 weeks) or none", True),
    Column("weeks_behind", "DOUBLE", "balance / weekly charge; negative in credit"),
    Column("in_arrears", "BOOLEAN", "more than nothing is owed"),
    Column("rent_balance_4w_ago_pence", "BIGINT", "entries up to 28 days before as_of"),
    Column("rent_balance_13w_ago_pence", "BIGINT", "entries up to 91 days before as_of"),
    Column("rent_balance_26w_ago_pence", "BIGINT", "entries up to 182 days before as_of"),
    Column("rent_balance_52w_ago_pence", "BIGINT", "entries up to 364 days before as_of"),
    Column("peak_balance_52w_pence", "BIGINT", "greatest of the balances now, 4, 8 ... 48 weeks ago"),
    Column("lowest_balance_52w_pence", "BIGINT", "least of the balances now, 4, 8 ... 48 weeks ago"),
    Column("days_in_arrears", "INTEGER",
        "28 for each four-weekly point, going back from as_of without a break, at which the account was "
        "in arrears; 0 when not in arrears now"),
    Column("balance_slope_13w_pence", "DOUBLE",
        "slope of the least-squares line through the 13 weekly balances; positive: getting worse"),
    Column("balance_slope_52w_pence", "DOUBLE",
        "slope of the least-squares line through the 52 weekly balances; positive: getting worse"),
    Column("last_payment_on", "DATE", "last day on which money was received from the tenant or from benefit"),
    Column("days_since_payment", "INTEGER", "days from the last payment to as_of"),
    Column("payments_13w", "INTEGER", "entries by which money was received, from the tenant or from benefit"),
    Column("payments_26w", "INTEGER", "as above, 26 weeks"),
    Column("payments_52w", "INTEGER", "as above, 52 weeks"),
    Column("missed_weeks_13w", "INTEGER",
        "weeks of the last 13 in which nothing was received; read with the payment gap, since a monthly "
        "payer has three in four"),
    Column("missed_weeks_26w", "INTEGER", "as above, 26 weeks"),
    Column("missed_weeks_52w", "INTEGER", "as above, 52 weeks"),
    Column("charged_52w_pence", "BIGINT", "rent, service and other charges posted"),
    Column("paid_52w_pence", "BIGINT", "money received, from the tenant and from benefit"),
    Column("payment_gap_mean_days", "DOUBLE", "mean of the days from one day of payment to the next"),
    Column("payment_gap_sd_days", "DOUBLE", "sample standard deviation of the gaps"),
    Column("payment_gap_median_days", "DOUBLE", "median of the gaps"),
    Column("steady_gap_share", "DOUBLE", "gaps within three days, or a quarter, of the usual gap"),
    Column("payment_regularity", "VARCHAR",
        "regular, late_regular (keeps a rhythm but has owed a week or more at each of the last four "
        "four-weekly points), erratic, too_few (fewer than four days of payment) or none (nothing in 26 "
        "weeks)"),
    Column("main_payment_method", "VARCHAR",
        "method of most payments; benefit for Housing Benefit and managed Universal Credit; first by "
        "name if equal"),
    Column("on_housing_benefit", "BOOLEAN", "a Housing Benefit receipt in the last 45 days"),
    Column("on_uc_managed", "BOOLEAN", "a managed payment in the last 45 days"),
    Column("expected_benefit_pence", "BIGINT",
        "size of the last Housing Benefit and managed payments; for Universal Credit paid to the tenant "
        "a month's charge"),
    Column("book_arrears_pence", "BIGINT",
        "of the expected benefit, what has been charged since the last such payment: due in arrears, not "
        "owed late"),
    Column("collectable_arrears_pence", "BIGINT", "balance less book arrears, never below nothing"),
    Column("technical_arrears_only", "BOOLEAN", "in arrears, and nothing collectable"),
    Column("collectable_arrears_week_pence", "BIGINT",
        "balance less the absolute sum of the last seven days' entries (rule of the London Borough of "
        "Hackney)"),
    Column("uc_claim_on", "DATE", "first benefit claim case for Universal Credit, else first managed payment"),
    Column("uc_claim_basis", "VARCHAR", "case or first_managed_payment"),
    Column("uc_change_before_pence", "BIGINT", "balance at the claim less 26 weeks earlier"),
    Column("uc_change_after_pence", "BIGINT", "balance 26 weeks after less at the claim; null until then"),
    Column("uc_change_later_pence", "BIGINT",
        "balance 52 weeks after the claim less 26 weeks after; null until then"),
    Column("uc_pattern", "VARCHAR", "rocketer, climber, dipper, slider, steady or too_early; null without a claim"),
    Column("payment_amount_delta_pence", "BIGINT", "second difference of the last three days' payments"),
    Column("payment_date_delta_days", "INTEGER", "second difference of the last three days of payment"),
    Column("arrears_priority_score", "INTEGER", "transparent score of balance, time, rhythm, agreements and notices"),
    Column("arrears_priority_band", "VARCHAR", "green, amber or red"),
    key=("tenancy_id",), sensitivity=_S.FINANCIAL,
)  # fmt: skip

TENANCY_CASE = _table(
    "tenancy_case",
    "Cases of each tenancy: arrangements, notices, complaints, anti-social behaviour, referrals.",
    _key("tenancy_id", "the tenancy"),
    Column("broken_arrangements", "INTEGER", "payment arrangements that ended broken", True),
    Column("broken_arrangements_52w", "INTEGER", "payment arrangements that ended broken in 52 weeks", True),
    Column("arrangement_active", "BOOLEAN", "a payment arrangement is open", True),
    Column("broken_court_order", "BOOLEAN", "a court order on arrears that ended broken", True),
    Column("notice_served", "BOOLEAN", "a notice seeking possession was served in the last 52 weeks", True),
    Column("notice_active", "BOOLEAN", "a notice served in the last 52 weeks is open", True),
    Column("arrears_actions_52w", "INTEGER", "arrears actions opened", True),
    Column("complaints_12m", "INTEGER", "complaints opened", True),
    Column("complaints_open", "INTEGER", "complaints not closed", True),
    Column("asb_cases_12m", "INTEGER", "cases opened", True),
    Column("asb_open", "INTEGER", "cases not closed", True),
    Column("support_referral_open", "BOOLEAN", "a support referral is not closed", True),
    Column("adaptation_open", "BOOLEAN", "an adaptation case is not closed", True),
    Column("hazard_open", "BOOLEAN", "a hazard case is not closed", True),
    Column("cases_12m", "INTEGER", "cases opened", True),
    Column("last_case_opened_on", "DATE", "day of the newest case"),
    key=("tenancy_id",),
)  # fmt: skip

PERSON_CONTACT = _table(
    "person_contact",
    "How each person gets in touch, and is reached.",
    _key("person_id", "the person"),
    Column("contacts_in_90d", "INTEGER", "inbound contacts", True),
    Column("contacts_in_12m", "INTEGER", "inbound contacts", True),
    Column("contacts_out_12m", "INTEGER", "outbound contacts", True),
    Column("contacts_phone_12m", "INTEGER", "inbound contacts by phone", True),
    Column("contacts_digital_12m", "INTEGER",
        "inbound contacts by portal, app, web form, e-mail, chat, text message or social media", True),
    Column("contacts_in_person_12m", "INTEGER", "inbound contacts at an office or on a visit", True),
    Column("contacts_letter_12m", "INTEGER", "inbound contacts by letter", True),
    Column("main_channel", "VARCHAR", "channel of most inbound contacts; first by name if equal"),
    Column("main_contact_reason", "VARCHAR", "reason of most inbound contacts; first by name if equal"),
    Column("repeat_contacts_12m", "INTEGER",
        "inbound contacts within 28 days of the one before for the same reason", True),
    Column("unresolved_contacts_12m", "INTEGER", "inbound contacts whose outcome was unresolved", True),
    Column("no_answer_12m", "INTEGER", "outbound contacts that found no answer", True),
    Column("last_contact_in_on", "DATE", "day of the last inbound contact"),
    Column("days_silent", "INTEGER", "days since the last inbound contact; null: never in touch"),
    Column("channel_preferred", "VARCHAR", "channel the person prefers at as_of, for all topics before a single one"),
    Column("uses_preferred_channel", "BOOLEAN",
        "the channel used most is the preferred one; null where either is not known"),
    key=("person_id",),
)  # fmt: skip

TENANCY_CONTACT = _table(
    "tenancy_contact",
    "How each tenancy's people get in touch, together.",
    _key("tenancy_id", "the tenancy"),
    Column("tenancy_contacts_in_12m", "INTEGER", "inbound contacts of all its people", True),
    Column("tenancy_contacts_out_12m", "INTEGER", "outbound contacts to all its people", True),
    Column("tenancy_repeat_contacts_12m", "INTEGER",
        "inbound contacts within 28 days of the one before for the same reason", True),
    Column("tenancy_days_silent", "INTEGER", "days since anybody of the tenancy was in touch; null: never"),
    key=("tenancy_id",),
)  # fmt: skip

TENANCY_REPAIR = _table(
    "tenancy_repair",
    "Repairs asked for under each tenancy.",
    _key("tenancy_id", "the tenancy"),
    Column("repairs_12m", "INTEGER", "repairs reported, cancelled ones left out", True),
    Column("repairs_24m", "INTEGER", "repairs reported, cancelled ones left out", True),
    Column("no_access_12m", "INTEGER", "visits at which nobody let the operative in", True),
    Column("no_access_24m", "INTEGER", "as above", True),
    Column("damp_mould_12m", "INTEGER", "repairs about damp or mould", True),
    Column("damp_mould_36m", "INTEGER", "as above", True),
    Column("recurring_trades_12m", "INTEGER", "trades with three or more repairs", True),
    Column("repairs_open", "INTEGER", "repairs not completed", True),
    Column("repairs_overdue_emergency", "INTEGER", "open beyond the target for their priority", True),
    Column("repairs_overdue_urgent", "INTEGER", "open beyond the target for their priority", True),
    Column("repairs_overdue_routine", "INTEGER", "open beyond the target, planned ones included", True),
    Column("days_since_repair", "INTEGER", "days; null: never under this tenancy"),
    key=("tenancy_id",),
)  # fmt: skip

HOME_REPAIR = _table(
    "home_repair",
    "Repairs of each home, whoever lived there.",
    _key("home_id", "the home"),
    Column("home_repairs_12m", "INTEGER", "repairs reported, cancelled ones left out", True),
    Column("home_repairs_24m", "INTEGER", "as above", True),
    Column("home_no_access_24m", "INTEGER", "visits at which nobody let the operative in", True),
    Column("home_damp_mould_12m", "INTEGER", "repairs about damp or mould", True),
    Column("home_damp_mould_36m", "INTEGER", "as above", True),
    Column("home_recurring_trades_12m", "INTEGER", "trades with three or more repairs", True),
    Column("home_repairs_overdue", "INTEGER", "open beyond the target for their priority", True),
    key=("home_id",),
)  # fmt: skip

PERSON_SERVICE = _table(
    "person_service",
    "Services that each person uses, and does not.",
    _key("person_id", "the person"),
    Column("service_uses_12m", "INTEGER", "uses of any service other than the portal", True),
    Column("services_12m", "VARCHAR", "their codes in order, joined by ';'"),
    Column("n_services_12m", "INTEGER", "different services used, the portal left out", True),
    Column("last_service_on", "DATE", "day of the last use of any service but the portal"),
    Column("uses_no_service", "BOOLEAN", "nothing but the portal was used", True),
    key=("person_id",),
)  # fmt: skip

PERSON_DIGITAL = _table(
    "person_digital",
    "How far each person deals with the landlord online.",
    _key("person_id", "the person"),
    Column("portal_uses_90d", "INTEGER", "uses of the customer portal or app"),
    Column("portal_uses_12m", "INTEGER", "uses of the customer portal or app"),
    Column("last_digital_on", "DATE", "last use of the portal or inbound contact by a digital channel"),
    Column("digital_share_12m", "DOUBLE",
        "inbound contacts by a digital channel, of all inbound ones; null without any"),
    Column("digital_use", "VARCHAR",
        "active (in 90 days), occasional (in a year), lapsed (longer ago) or none", True),
    key=("person_id",),
)  # fmt: skip

TENANCY = _table(
    "tenancy",
    "How old each tenancy is, and how it ended.",
    _key("tenancy_id", "the tenancy"),
    Column("tenancy_age_days", "INTEGER",
        "days from the first day to as_of; null for one that has ended or has not begun"),
    Column("tenancy_length_days", "INTEGER", "days from first to last day; null while it runs"),
    Column("tenancy_age_years", "INTEGER", "full years from the first day to as_of"),
    Column("tenancy_is_new", "BOOLEAN", "running, and begun less than a year before as_of"),
    Column("tenancy_failed", "BOOLEAN",
        "ended by abandonment or eviction (CORE vacancy reasons 6, 10, 11, 21); null while it runs or "
        "where no reason is known"),
    Column("tenancy_failed_in_year_one", "BOOLEAN", "failed, and lasted less than a year"),
    key=("tenancy_id",),
)  # fmt: skip

HOUSEHOLD = _table(
    "household",
    "Who makes up each household, by age and part.",
    _key("household_id", "the household"),
    Column("n_residents", "INTEGER", "everybody who lives there"),
    Column("core_household_type", "VARCHAR", "CORE household type; null where an age is missing"),
    Column("n_elders", "INTEGER", "people of 60 or over"),
    Column("n_adults", "INTEGER", "people who are neither child nor elder"),
    Column("n_children", "INTEGER",
        "people under 16; before April 2025 also 16 and 17 where the lead tenant's child"),
    Column("n_under_5", "INTEGER", "people under 5"),
    Column("n_age_unknown", "INTEGER", "people without a date of birth"),
    Column("oldest_age", "INTEGER", "full years, of those known"),
    Column("youngest_age", "INTEGER", "full years, of those known"),
    Column("is_lone_parent", "BOOLEAN", "one person of 16 or over, with children; null where an age is missing"),
    Column("is_multi_generational", "BOOLEAN",
        "three of: parent, own, child's and grandchild's generation; null where a relationship is "
        "missing and it could be"),
    Column("is_lone_elder", "BOOLEAN", "one person, of 60 or over"),
    key=("household_id",), sensitivity=_S.IDENTIFYING,
)  # fmt: skip

HOUSEHOLD_OCCUPANCY = _table(
    "household_occupancy",
    "How each household fits its home, by the Bedroom Standard and the benefit size criteria.",
    _key("household_id", "the household"),
    Column("available_bedrooms", "INTEGER", "bedrooms of the home; a bedsit counts as one"),
    Column("standard_rooms_min", "INTEGER", "Bedroom Standard, least over what is not known"),
    Column("standard_rooms_max", "INTEGER", "Bedroom Standard, most over what is not known"),
    Column("standard_rating_min", "INTEGER", "bedrooms less the most rooms needed"),
    Column("standard_rating_max", "INTEGER", "bedrooms less the least rooms needed"),
    Column("occupancy_ons", "VARCHAR",
        "overcrowded (-1 or less), at_standard, under_occupied (+1 or more) or unknown where the "
        "interval spans two", True),
    Column("occupancy_ehs", "VARCHAR", "as above, under_occupied from +2", True),
    Column("size_rooms_min", "INTEGER", "benefit size criteria, least over what is not known"),
    Column("size_rooms_max", "INTEGER", "benefit size criteria, most over what is not known"),
    Column("spare_bedrooms_min", "INTEGER", "bedrooms beyond the size criteria, never below 0"),
    Column("spare_bedrooms_max", "INTEGER", "bedrooms beyond the size criteria, never below 0"),
    Column("size_exemption", "VARCHAR",
        "pension_age, shared_ownership, temporary or supported; none; or unknown where an age is missing", True),
    Column("size_reduction_percent", "INTEGER",
        "14 for one spare bedroom, 25 for two or more, 0 for none or exempt; null where it cannot be "
        "told"),
    Column("register_exempt", "BOOLEAN",
        "single person over 55, or couple both over 55 (rule of the London Borough of Hackney's "
        "register)"),
    key=("household_id",),
)  # fmt: skip

HOME_PLACE = _table(
    "home_place",
    "Where each home is. These describe places, never the people in them.",
    _key("home_id", "the home"),
    Column("place_match", "VARCHAR",
        "matched, terminated (found, no longer in use), unknown_postcode or no_postcode", True),
    Column("output_area", "VARCHAR", "code of the census output area"),
    Column("lsoa", "VARCHAR", "code of the lower layer super output area"),
    Column("lsoa_vintage", "VARCHAR", "census year of the code: 2011 or 2021"),
    Column("ward", "VARCHAR", "code of the electoral ward"),
    Column("local_authority", "VARCHAR", "code of the local authority district"),
    Column("place_basis", "VARCHAR", "directory (postcode directory) or polygon (position inside a boundary)"),
    Column("imd_rank", "INTEGER", "Index of Multiple Deprivation, 1 the most deprived LSOA"),
    Column("imd_decile", "INTEGER", "ceil(rank x 10 / number of LSOAs of that index), 1 the most deprived tenth"),
    Column("imd_vintage", "VARCHAR", "year of the index"),
    Column("imd_basis", "VARCHAR", "lsoa (from the index by LSOA) or postcode (from the postcode directory)"),
    Column("rural_urban", "VARCHAR", "code of the rural-urban classification"),
    Column("rural_urban_scheme", "VARCHAR", "which classification: 2011, 2021 or composite"),
    Column("area_classification", "VARCHAR", "code of the output area classification (OAC)"),
    Column("area_classification_scheme", "VARCHAR", "census year of the classification"),
    key=("home_id",),
)  # fmt: skip

PERSON_CONTACT_REASON = _table(
    "person_contact_reason",
    "Contacts from each person in the 12 months to as_of, by channel and reason.",
    _key("person_id", "the person"),
    _key("channel", "code of the list channel"),
    _key("reason", "code of the list contact_reason; unknown where none is recorded"),
    Column("contacts_12m", "INTEGER", "inbound contacts by this channel for this reason", True),
    key=("person_id", "channel", "reason"),
)

UNMATCHED = _table(
    "unmatched",
    "What could not be joined to a tenancy, person, home or place: named and counted, never dropped unseen.",
    _key("rule", "what could not be joined"),
    _key("table_name", "the table whose rows are counted"),
    Column("n_rows", "BIGINT", "rows that could not be joined", True),
    Column("of_rows", "BIGINT", "out of how many", True),
    key=("rule", "table_name"),
)

ALL = (
    TENANCY_PAYMENT, TENANCY_CASE, PERSON_CONTACT, TENANCY_CONTACT, TENANCY_REPAIR,
    HOME_REPAIR, PERSON_SERVICE, PERSON_DIGITAL, TENANCY, HOUSEHOLD, HOUSEHOLD_OCCUPANCY,
    HOME_PLACE, PERSON_CONTACT_REASON, UNMATCHED,
)  # fmt: skip
