"""Real reference files of different years: what they say, and where they disagree."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rooftree.features import place
from rooftree.features.build import build
from rooftree.features.place import read_places
from tests.spec.world import AS_OF, world

DATA = Path(
    os.environ.get("ROOFTREE_TEST_DATA") or Path(__file__).resolve().parents[2] / "../shared/data"
)
GEOGRAPHY = DATA / "geography"

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(
        not GEOGRAPHY.is_dir(), reason=f"no real data at {DATA} (ROOFTREE_TEST_DATA)"
    ),
]

SUFFOLK = ("E07000200", "E07000203")  # Babergh, Mid Suffolk


@pytest.fixture(scope="module")
def engine():
    names = [
        "codepoint_2014_babergh_midsuffolk.csv", "composite_ruc.csv", "onspd_layout_sample_2025.csv",
        "File_1_IoD2025_Index_of_Multiple_Deprivation.xlsx", "lsoa11_E07000200.geojson", "lsoa11_E07000203.geojson",
    ]  # fmt: skip
    postcodes = ("IP1 5AN", "IP1 5AP", "AB1 0AA", "E02 2UP", None)
    held = world(
        identity_home=[{"home_id": f"M{n}", "postcode": p} for n, p in enumerate(postcodes)]
    )
    read_places(held, [GEOGRAPHY / name for name in names])
    build(held, as_of=AS_OF)
    return held


def test_the_index_is_read_whole(engine):
    assert engine.rows(
        "SELECT count(imd_rank), min(imd_rank), max(imd_rank) FROM reference.lsoa"
    ) == [(33755, 1, 33755)]


def test_our_decile_is_the_published_one(engine):
    import fastexcel

    book = fastexcel.read_excel(GEOGRAPHY / "File_1_IoD2025_Index_of_Multiple_Deprivation.xlsx")
    sheet = book.load_sheet("IMD25").to_arrow()
    rank, decile = (
        sheet.column(next(i for i, n in enumerate(sheet.schema.names) if word in n))
        for word in ("Rank", "Decile")
    )
    n = place.RANKED["2025"]
    pairs = list(zip(rank.to_pylist(), decile.to_pylist(), strict=True))
    assert len(pairs) == n
    assert [r for r, d in pairs if -(-int(r) * 10 // n) != int(d)] == []


def test_the_postcode_sample_is_read_with_its_terminated_postcodes(engine):
    rows = engine.rows(
        "SELECT count(*), count(*) FILTER (is_terminated), count(*) FILTER (imd_vintage = 'SIMD2020') > 0 "
        "FROM reference.postcode WHERE basis = 'directory'"
    )
    assert rows[0][0] == 8048
    assert 0 < rows[0][1] < 8048
    assert rows[0][2]


def test_postcodes_of_babergh_and_mid_suffolk_get_ward_and_neighbourhood_by_position(engine):
    rows = engine.rows(
        "SELECT local_authority, count(*), count(ward), count(lsoa11) FROM reference.postcode "
        "WHERE local_authority IN ('E07000200', 'E07000203') AND basis = 'polygon' GROUP BY 1 ORDER BY 1"
    )
    assert [row[0] for row in rows] == list(SUFFOLK)
    for _, postcodes, wards, neighbourhoods in rows:
        assert wards == postcodes
        assert (
            neighbourhoods / postcodes > 0.98
        )  # the boundaries are generalised: a few lie outside them
    assert sum(row[1] for row in rows) == 7116


def test_vintages_that_disagree_are_counted(engine):
    shared = engine.rows(
        """SELECT l.local_authority, count(DISTINCT l.lsoa),
          count(DISTINCT CASE WHEN p.lsoa11 IS NOT NULL THEN l.lsoa END)
        FROM reference.lsoa l LEFT JOIN reference.postcode p ON p.lsoa11 = l.lsoa
        WHERE l.local_authority IN ('E07000200', 'E07000203') GROUP BY 1 ORDER BY 1"""
    )
    assert shared == [("E07000200", 55, 53), ("E07000203", 57, 55)]
    counted = dict(engine.rows("SELECT rule, n_rows FROM features.unmatched"))
    assert (counted["home_postcode_unknown"], counted["home_without_postcode"]) == (1, 1)


def test_suffolk_alone_names_the_four_new_areas_and_the_two_old_ones():
    names = [
        "codepoint_2014_babergh_midsuffolk.csv", "File_1_IoD2025_Index_of_Multiple_Deprivation.xlsx",
        "lsoa11_E07000200.geojson", "lsoa11_E07000203.geojson",
    ]  # fmt: skip
    held = world()
    read_places(held, [GEOGRAPHY / name for name in names])
    build(held, as_of=AS_OF)
    counted = {
        rule: (n, of)
        for rule, n, of in held.rows("SELECT rule, n_rows, of_rows FROM features.unmatched")
    }
    assert counted["index_lsoa_without_postcode"] == (
        4,
        112,
    )  # 2 of Babergh's 55 and 2 of Mid Suffolk's 57
    assert counted["lsoa_not_in_index"] == (2, 110)


def test_homes_are_placed(engine):
    rows = engine.rows(
        "SELECT place_match, ward, imd_decile, rural_urban_scheme FROM features.home_place ORDER BY home_id"
    )
    assert rows[0][:2] == ("matched", "E05007080")
    assert rows[0][2] in range(1, 11)
    assert rows[0][3] == "composite"
    assert [row[0] for row in rows[2:]] == ["terminated", "unknown_postcode", "no_postcode"]
