"""Postcodes and neighbourhoods as read from the landlord's reference files, whatever their year."""

from __future__ import annotations

from rooftree.storage.tables import Column, Table

POSTCODE = Table(
    "reference",
    "postcode",
    "One postcode and the areas it stands for.",
    (
        Column("postcode_key", "VARCHAR", "the postcode, upper case, without space", True),
        Column("is_terminated", "BOOLEAN", "no longer in use", True),
        Column(
            "basis",
            "VARCHAR",
            "directory (postcode directory) or polygon (position inside a boundary)",
            True,
        ),
        Column("output_area", "VARCHAR", "code of the census output area"),
        Column("lsoa21", "VARCHAR", "code of the LSOA, 2021 boundaries"),
        Column("lsoa11", "VARCHAR", "code of the LSOA, 2011 boundaries"),
        Column("ward", "VARCHAR", "code of the ward"),
        Column("local_authority", "VARCHAR", "code of the local authority district"),
        Column("rural_urban", "VARCHAR", "code of the rural-urban classification"),
        Column("rural_urban_scheme", "VARCHAR", "2011 or 2021"),
        Column("area_classification", "VARCHAR", "code of the output area classification"),
        Column("area_classification_scheme", "VARCHAR", "2011 or 2021"),
        Column(
            "imd_rank",
            "INTEGER",
            "rank in its country's index of deprivation; it is a rank, not a decile",
        ),
        Column(
            "imd_vintage", "VARCHAR", "which index: 2019, 2025, SIMD2020, WIMD2019 or NIMDM2017"
        ),
        Column("source_name", "VARCHAR", "the reference file", True),
    ),
    key=("postcode_key",),
)

LSOA = Table(
    "reference",
    "lsoa",
    "One neighbourhood (LSOA) with what the indices and classifications say of it.",
    (
        Column("lsoa", "VARCHAR", "code; a code that both censuses use is the same area", True),
        Column(
            "lsoa_vintage",
            "VARCHAR",
            "census year of the index's LSOAs: 2011 or 2021; null: not known",
        ),
        Column("local_authority", "VARCHAR", "code of the local authority district"),
        Column("imd_rank", "INTEGER", "Index of Multiple Deprivation, 1 the most deprived"),
        Column("imd_vintage", "VARCHAR", "year of the index"),
        Column("rural_urban", "VARCHAR", "code of the rural-urban classification"),
        Column("rural_urban_scheme", "VARCHAR", "2011, 2021 or composite"),
    ),
    key=("lsoa",),
)

AREA_CLASS = Table(
    "reference",
    "output_area",
    "One output area and its class.",
    (
        Column("output_area", "VARCHAR", "code", True),
        Column("area_classification", "VARCHAR", "code of the output area classification", True),
        Column("area_classification_scheme", "VARCHAR", "census year", True),
    ),
    key=("output_area",),
)

ALL = (POSTCODE, LSOA, AREA_CLASS)
