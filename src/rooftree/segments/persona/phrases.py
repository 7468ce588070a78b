"""How a share of people is told, attribute by attribute: what follows "about six in ten".

A code that has no phrase is not told: "other" says nothing, and that somebody needs nothing is no
need. `{}` stands for the label of the code or band, its first letter small.
"""

from __future__ import annotations

from collections.abc import Mapping

_YES = "1"

PHRASES: Mapping[str, str | Mapping[str, str]] = {
    "age": "are {}",
    "age_band": "are {}",
    "household_type": {
        "one_elder": "live alone and are 60 or over",
        "two_adults_elder": "are two adults, one or both 60 or over",
        "one_adult": "live alone and are under 60",
        "two_adults": "are two adults under 60",
        "one_adult_children": "are one adult with children",
        "adults_children": "are two or more adults with children",
    },
    "core_household_type": {
        "one_elder": "live alone and are 60 or over",
        "two_adults_elder": "are two adults, one or both 60 or over",
        "one_adult": "live alone and are under 60",
        "two_adults": "are two adults under 60",
        "one_adult_children": "are one adult with children",
        "adults_children": "are two or more adults with children",
    },
    "is_lone_parent": {_YES: "are in a household with one parent"},
    "is_multi_generational": {_YES: "live with three generations"},
    "n_children": "have {} at home | have no children at home",
    "n_residents": "live in a household of {}",
    "household_size": "live in a household of {}",
    "oldest_age": "are households whose oldest member is {}",
    "unpaid_care": {
        "up_to_9": "care unpaid for somebody, up to 9 hours a week",
        "10_to_19": "care unpaid for somebody, 10 to 19 hours a week",
        "20_to_34": "care unpaid for somebody, 20 to 34 hours a week",
        "35_to_49": "care unpaid for somebody, 35 to 49 hours a week",
        "50_or_more": "care unpaid for somebody, 50 hours a week or more",
    },
    "asset_type": {
        "house": "live in a house", "flat": "live in a flat", "maisonette": "live in a maisonette",
        "bungalow": "live in a bungalow", "bedsit": "live in a bedsit or studio",
        "room": "live in a room of a shared home",
    },
    "tenure": {
        "secure": "have a secure tenancy", "introductory": "have an introductory tenancy",
        "assured": "have an assured tenancy", "starter": "have a starter tenancy",
        "fixed_term": "have a fixed-term tenancy", "licence": "live under a licence",
        "temporary": "live in temporary accommodation", "leasehold": "are leaseholders",
        "shared_ownership": "are shared owners", "freehold": "are freeholders",
    },
    "bedrooms": "have a home with {}",
    "occupancy_ons": {
        "overcrowded": "have too few bedrooms (Census rule)",
        "at_standard": "have as many bedrooms as they need (Census rule)",
        "under_occupied": "have a bedroom or more to spare (Census rule)",
    },
    "tenancy_age_years": "have had their tenancy for {}",
    "tenancy_is_new": {_YES: "have been tenants for less than a year"},
    "has_lift": {_YES: "have a lift"},
    "is_step_free": {_YES: "have a home without steps"},
    "damp_or_mould_seen": {_YES: "have had damp or mould seen in the home"},
    "economic_status": {
        "full_time": "work full time", "part_time": "work part time", "jobseeker": "look for work",
        "retired": "are retired", "student": "study full time",
        "unable": "cannot work because of long-term sickness or disability",
        "not_seeking": "do not look for work",
    },
    "contents_insurance": {
        "with_landlord": "have contents insurance with the landlord",
        "elsewhere": "have contents insurance elsewhere",
        "none": "have no contents insurance",
    },
    "bank_account": {
        "basic": "have a basic bank account", "none": "have no bank account",
        "credit_union": "bank with a credit union or post office only",
    },
    "in_arrears": {_YES: "owe some rent", "0": "owe no rent"},
    "payment_regularity": {
        "regular": "pay rent in a steady rhythm",
        "late_regular": "pay rent in a steady rhythm, always behind",
        "erratic": "pay rent without a steady rhythm",
        "none": "have paid no rent themselves in 26 weeks",
    },
    "technical_arrears_only": {_YES: "owe only because benefit is paid behind"},
    "on_housing_benefit": {_YES: "have Housing Benefit paid to the rent account"},
    "on_uc_managed": {_YES: "have Universal Credit paid to the rent account"},
    "income_from_benefits": {
        "all": "have all their income from benefits", "some": "have some of their income from benefits",
        "none": "have no income from benefits",
    },
    "money_worry": {
        "comfortable": "live comfortably", "getting_by": "only get by",
        "difficult": "find it quite hard to manage", "very_difficult": "find it very hard to manage",
    },
    "heating_hard_to_afford": {_YES: "find the heating hard to afford"},
    "benefit_cap": {_YES: "are affected by the benefit cap"},
    "information_format_need": {
        "large_print": "need large print", "easy_read": "need easy read", "braille": "need Braille",
        "audio": "need audio", "electronic_text": "need text for a screen reader",
        "coloured_paper": "need tinted paper or an overlay", "translated": "need a translation",
        "british_sign_language_video": "need British Sign Language video",
        "plain_short_text": "need short plain text",
    },
    "communication_support": {
        "lip_reads": "lip-read", "hearing_aid_loop": "use a hearing aid and need an induction loop",
        "speaks_slowly": "need slow, clear speech", "communication_device": "use a communication device",
        "someone_present": "want somebody with them when we talk",
        "learning_disability_passport": "have a communication passport",
        "reading_help": "need help to read or write", "remind": "need a reminder before an appointment",
    },
    "communication_professional": "need this to talk with us: {}",
    "longer_appointment": {_YES: "need longer appointments"},
    "access_needs": {
        "fully_wheelchair": "need a home that a wheelchair can use throughout",
        "wheelchair_essential": "need wheelchair access to the rooms that matter most",
        "level_access": "need level access",
    },
    "adaptations_wanted": "want an adaptation: {}",
    "reasonable_adjustments": "have an adjustment agreed: {}",
    "support_needs": "have a support need: {}",
    "english_proficiency": {
        "not_well": "speak English, but not well", "not_at_all": "do not speak English",
    },
    "main_contact_reason": {
        "repair_new": "most often get in touch to report a repair",
        "repair_chase": "most often get in touch to chase a repair",
        "damp_mould": "most often get in touch about damp or mould",
        "rent": "most often get in touch about the rent",
        "arrears": "most often get in touch about rent arrears",
        "benefits": "most often get in touch about benefits and money",
        "tenancy": "most often get in touch about the tenancy",
        "household_change": "most often get in touch about a change in the household",
        "moving": "most often get in touch about moving",
        "neighbourhood": "most often get in touch about the estate, cleaning or grounds",
        "asb": "most often get in touch about anti-social behaviour",
        "complaint": "most often get in touch to complain",
        "adaptation": "most often get in touch about adaptations or access",
        "support": "most often get in touch about support",
        "safety": "most often get in touch about gas, electrical or fire safety",
        "leasehold": "most often get in touch about the lease or service charge",
    },
    "repairs_12m": "had {} in the last year | had no repairs in the last year",
    "complaints_12m": "had {} of complaint in the last year | made no complaint in the last year",
    "contacts_in_12m": "got in touch {} in the last year | did not get in touch in the last year",
    "damp_mould_12m": "had {} of damp or mould in the last year | had no damp or mould repaired in the last year",
    "arrears_actions_52w": "had {} on arrears in the last year | had no action on arrears in the last year",
    "no_access_12m": "missed {} by repairs staff in the last year | missed no visit by repairs staff in the last year",
    "service_uses_12m": "used our services in the last year: {} | used none of our services in the last year",
    "portal_uses_12m": "used the online account in the last year: {} | did not use the online account in the last year",
    "hazard_open": {_YES: "have a hazard in the home that is being dealt with"},
    "support_referral_open": {_YES: "have a referral for support under way"},
    "adaptation_open": {_YES: "have an adaptation under way"},
    "uses_no_service": {_YES: "have used none of our services in the last year"},
    "satisfaction": {
        "very_satisfied": "are very satisfied with the service",
        "fairly_satisfied": "are fairly satisfied with the service",
        "fairly_dissatisfied": "are fairly dissatisfied with the service",
        "very_dissatisfied": "are very dissatisfied with the service",
    },
    "preferred_channel": {
        "phone": "like us to telephone", "email": "like an email", "sms": "like a text message",
        "letter": "like a letter", "visit": "like a visit at home", "office": "like to come to the office",
        "portal": "like to use their online account", "app": "like the mobile app",
        "web_chat": "like web chat", "messaging": "like a messaging service", "text_relay": "use text relay",
        "social_media": "like social media", "video": "like a video call",
    },
    "preferred_format": {
        "short_text": "like messages as a short text", "email": "like messages by email",
        "letter": "like messages as a printed letter", "phone_talk": "would rather talk by telephone",
        "face_to_face": "would rather talk in person", "video": "like messages as a video",
    },
    "preferred_language": "like messages in this language: {}",
    "preferred_time": {
        "weekday_morning": "are best reached on weekday mornings",
        "weekday_afternoon": "are best reached on weekday afternoons",
        "weekday_evening": "are best reached on weekday evenings",
        "saturday": "are best reached on Saturdays",
        "school_hours": "can be reached in school hours only", "any": "can be reached at any time",
    },
    "internet_access": {
        "broadband": "have broadband at home", "mobile_only": "have internet on a mobile only",
        "public_only": "can use the internet only elsewhere, such as in a library",
        "none": "have no internet at home",
    },
    "digital_use": {
        "active": "have used our online services in the last 90 days",
        "none": "have never used our online services",
    },
    "uses_preferred_channel": {
        _YES: "use the channel they say they like", "0": "use another channel than they say they like",
    },
}  # fmt: skip


def phrase(key: str, code: str, label: str) -> str | None:
    """What follows "about six in ten" for this category; None where nothing should be said of it."""
    found = PHRASES.get(key)
    if found is None:
        return None
    if not isinstance(found, str):
        return found.get(code)
    if code in ("other", "none", "any", "unknown") or code.startswith("~"):
        return None
    if key == "bedrooms":  # whose unit in the catalogue is rooms
        label = label.replace("room", "bedroom")
    said, _, if_none = found.partition(" | ")
    none = label in ("none", "nothing") or label.startswith("0 ") or label == "0"
    return if_none if none and if_none else said.format(label)
