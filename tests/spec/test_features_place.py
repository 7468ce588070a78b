"""Where a home is: postcode directories of different years, indices, boundaries; nothing dropped unseen."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rooftree.features import place, schema
from rooftree.features.build import build
from rooftree.features.place import read_places
from rooftree.features.position import Boundary, locate, to_longitude_latitude
from rooftree.features.reference_files import recognise
from rooftree.storage.engine import Engine
from rooftree.vocabulary.errors import DataError
from tests.spec.world import AS_OF, world

NSPL_2026 = "pcd7,pcd8,pcds,dointr,doterm,oa21cd,lad26cd,wd26cd,lsoa21cd,ruc21ind,oac21ind,imd25ind"
NSPL_2025 = "pcd7,pcd8,pcds,dointr,doterm,oa21cd,lad25cd,wd25cd,lsoa21cd,ruc21ind,oac11ind,imd20ind"
ONSPD_2023 = "pcd,pcd2,pcds,dointr,doterm,oslaua,osward,lsoa11,ru11ind,oac11,imd,oa21,lsoa21"
IOD_2025 = (
    '"LSOA code (2021)","LSOA name (2021)","Local Authority District code (2024)",'
    '"Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)"'
)


def landlord(folder: Path, files: dict[str, str], *postcodes: str | None) -> Engine:
    """Homes with these postcodes, and reference files with these contents."""
    paths = []
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
        paths.append(folder / name)
    engine = world(
        identity_home=[{"home_id": f"M{n}", "postcode": p} for n, p in enumerate(postcodes)]
    )
    read_places(engine, paths)
    build(engine, as_of=AS_OF, models=place.MODELS)
    return engine


def places(engine: Engine, *columns: str) -> list[tuple]:
    return engine.rows(f"SELECT {', '.join(columns)} FROM features.home_place ORDER BY home_id")


@pytest.mark.parametrize(
    ("header", "roles"),
    [
        (NSPL_2026, {"postcode": "pcds", "terminated": "doterm", "lsoa21": "lsoa21cd", "ward": "wd26cd",
                     "local_authority": "lad26cd", "imd_rank": "imd25ind", "oac21": "oac21ind"}),
        (NSPL_2025, {"ward": "wd25cd", "local_authority": "lad25cd", "imd_rank": "imd20ind", "oac11": "oac11ind"}),
        (ONSPD_2023, {"postcode": "pcds", "lsoa21": "lsoa21", "lsoa11": "lsoa11", "ward": "osward",
                      "local_authority": "oslaua", "imd_rank": "imd", "rural_urban11": "ru11ind"}),
    ],
    ids=["NSPL 2026", "NSPL 2025", "ONSPD 2023"],
)  # fmt: skip
def test_columns_are_found_by_pattern_whatever_the_year(header, roles):
    found = recognise(header.split(","))
    assert found is not None
    assert found.kind == "directory"
    assert {role: found.columns[role] for role in roles} == roles


def test_what_each_file_is_told_from_its_header():
    assert recognise(["LSOA21CD", "LSOA21NM", "RUC21CD", "RUC21NM"]).kind == "rural_urban"
    assert recognise(["lsoa", "ukruc-2", "ukruc-3", "nation"]).kind == "composite"
    assert recognise(["Postcode", "Eastings", "Northings", "Admin_ward_code"]).kind == "code_point"
    assert recognise(["WD23CD", "WD23NM", "LAD23CD"]) is None


def test_a_home_gets_its_area_from_a_directory_and_its_rank_from_the_index(tmp_path):
    files = {
        "nspl.csv": f"{NSPL_2026}\n"
        "AA1 1AA,AA1  1AA,AA1 1AA,198001,,E00000001,E07000200,E05000001,E01000001,RSN1,1A1,5\n",
        "iod.csv": f"{IOD_2025}\nE01000001,Somewhere 1,E07000200,3376\n",
    }
    engine = landlord(tmp_path, files, "aa11aa")
    columns = (
        "place_match",
        "output_area",
        "lsoa",
        "lsoa_vintage",
        "ward",
        "local_authority",
        "place_basis",
    )
    assert places(engine, *columns) == [
        ("matched", "E00000001", "E01000001", "2021", "E05000001", "E07000200", "directory")
    ]
    assert places(engine, "imd_rank", "imd_decile", "imd_vintage", "imd_basis") == [
        (3376, 2, "2025", "lsoa")
    ]
    assert places(engine, "rural_urban", "rural_urban_scheme", "area_classification") == [
        ("RSN1", "2021", "1A1")
    ]


@pytest.mark.parametrize(
    ("rank", "decile"),
    [(1, 1), (3375, 1), (3376, 2), (16878, 6), (30379, 9), (30380, 10), (33755, 10)],
)
def test_the_decile_is_the_rank_times_ten_over_the_areas_ranked_rounded_up(tmp_path, rank, decile):
    row = f"AA1 1AA,AA1  1AA,AA1 1AA,198001,,E00000001,E07000200,E05000001,E01000001,,,{rank}"
    engine = landlord(tmp_path, {"nspl.csv": f"{NSPL_2026}\n{row}\n"}, "AA1 1AA")
    assert places(engine, "imd_rank", "imd_decile", "imd_vintage", "imd_basis") == [
        (rank, decile, "2025", "postcode")
    ]


def test_the_index_of_2019_ranks_fewer_areas_and_scotland_has_its_own(tmp_path):
    english = "AA1 1AA,AA1  1AA,AA1 1AA,198001,,E00000001,E07000200,E05000001,E01000001,,,3285"
    scottish = "AB1 0AA,AB1  0AA,AB1 0AA,198001,,S00000001,S12000033,S13000001,S01006514,,,6715"
    engine = landlord(
        tmp_path, {"n.csv": f"{NSPL_2025}\n{english}\n{scottish}\n"}, "AA1 1AA", "AB1 0AA"
    )
    assert places(engine, "imd_rank", "imd_decile", "imd_vintage") == [
        (3285, 2, "2019"),
        (6715, 10, "SIMD2020"),
    ]


def test_homes_that_do_not_match_keep_their_row_and_are_counted(tmp_path):
    rows = [
        "AA1 1AA,AA1  1AA,AA1 1AA,198001,199606,E00000001,E07000200,E05000001,E01000001,,,",
        "AA1 1AB,AA1  1AB,AA1 1AB,198001,,E00000002,E07000200,E05000001,E01000002,,,",
    ]
    files = {
        "nspl.csv": "\n".join([NSPL_2026, *rows]),
        "iod.csv": f"{IOD_2025}\nE01000001,A,E07000200,9\nE01000003,C,E07000200,7\n",
    }
    engine = landlord(tmp_path, files, "AA1 1AA", "AA1 1AB", "ZZ9 9ZZ", None, " ")
    assert places(engine, "place_match", "imd_rank") == [
        ("terminated", 9), ("matched", None), ("unknown_postcode", None), ("no_postcode", None), ("no_postcode", None)
    ]  # fmt: skip
    build(engine, as_of=AS_OF)
    counted = {
        rule: (n, of)
        for rule, n, of in engine.rows("SELECT rule, n_rows, of_rows FROM features.unmatched")
    }
    assert counted["home_postcode_terminated"] == (1, 5)
    assert counted["home_postcode_unknown"] == (1, 5)
    assert counted["home_without_postcode"] == (2, 5)
    assert counted["home_without_deprivation_rank"] == (4, 5)
    assert counted["lsoa_not_in_index"] == (1, 2)  # E01000002 is in no index
    assert counted["index_lsoa_without_postcode"] == (1, 2)  # E01000003 has no postcode


def test_without_reference_files_every_postcode_is_unknown_and_counted():
    engine = world(identity_home=[{"home_id": "M", "postcode": "AA1 1AA"}])
    build(engine, as_of=AS_OF)
    assert places(engine, "place_match") == [("unknown_postcode",)]


def test_all_unusable_files_are_named_at_once(tmp_path):
    (tmp_path / "wards.csv").write_text("WD23CD,WD23NM\nE05,Ward\n")
    with pytest.raises(DataError) as error:
        read_places(world(), [tmp_path / "wards.csv", tmp_path / "nspl.csv"])
    assert [p.where for p in error.value.problems] == ["nspl.csv", "wards.csv"]


# --- by position ---------------------------------------------------------------------------------


def test_the_national_grid_meets_longitude_and_latitude():
    # the worked example of the Ordnance Survey's guide, shifted to WGS84
    longitude, latitude = to_longitude_latitude(np.array([651409.903]), np.array([313177.270]))
    assert latitude[0] == pytest.approx(52.657977, abs=5e-5)  # about five metres
    assert longitude[0] == pytest.approx(1.716038, abs=7e-5)


def test_a_point_lies_in_one_area_and_not_in_its_hole():
    square = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0), (0.0, 0.0))
    hole = ((1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 2.0), (1.0, 1.0))
    inner = Boundary("B", "2011", (hole,))
    outer = Boundary("A", "2011", (square, hole))
    found = locate(np.array([3.0, 1.5, 9.0]), np.array([3.0, 1.5, 9.0]), [outer, inner])
    assert found == [outer, inner, None]


def test_code_point_and_boundaries_stand_in_for_a_directory(tmp_path):
    ring = [[1.6, 52.6], [1.8, 52.6], [1.8, 52.7], [1.6, 52.7], [1.6, 52.6]]
    shape = {
        "properties": {"LSOA11CD": "E01000001"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    files = {
        "codepoint.csv": "Postcode,Eastings,Northings,Admin_district_code,Admin_ward_code\n"
        '"AA1 1AA",651410,313177,"E07000200","E05000001"\n"AA1 1AB",400000,100000,"E07000200","E05000002"\n',
        "lsoa.geojson": json.dumps({"features": [shape]}),
        "iod.csv": f"{IOD_2025}\nE01000001,A,E07000200,9\n",
    }
    engine = landlord(tmp_path, files, "AA1 1AA", "AA1 1AB")
    assert places(engine, "lsoa", "lsoa_vintage", "ward", "place_basis", "imd_rank") == [
        ("E01000001", "2011", "E05000001", "polygon", 9), (None, None, "E05000002", "polygon", None)
    ]  # fmt: skip


def test_every_home_has_one_row(tmp_path):
    engine = landlord(tmp_path, {}, "AA1 1AA", None)
    assert len(places(engine, *schema.HOME_PLACE.names)) == 2


# --- files that are not as published -------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_directory_in_any_encoding_is_the_same(tmp_path, encoding):
    text = (
        "pcds,doterm,lsoa21,parish name\r\nZX1 1AA,,E01000001,Ynys Môn\r\nZX1 1AB,,E01000002,Tŷ\r\n"
    )
    text = text.replace("ŷ", "y") if encoding == "cp1252" else text
    (tmp_path / "onspd.csv").write_bytes(text.encode(encoding))
    engine = world(identity_home=[{"home_id": "M0", "postcode": "ZX1 1AB"}])
    read_places(engine, [tmp_path / "onspd.csv"])
    assert engine.rows("SELECT postcode_key, lsoa21 FROM reference.postcode ORDER BY 1") == [
        ("ZX11AA", "E01000001"), ("ZX11AB", "E01000002"),
    ]  # fmt: skip


def test_a_letter_far_down_that_is_not_utf8_is_found(tmp_path):
    rows = b"".join(b"ZX%d 1AA,,E01000001,plain\n" % n for n in range(300_000))
    path = tmp_path / "onspd.csv"
    path.write_bytes(b"pcds,doterm,lsoa21,name\n" + rows + b"ZZ1 1AA,,E01000009,M\xf4n\n")
    engine = world()
    read_places(engine, [path])
    assert engine.value("SELECT count(*) FROM reference.postcode") == 300_001


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("pcds,doterm,lsoa21", "ZX1 1AA,,E01000001,"),  # every row ends with a comma
        ("pcds,doterm,lsoa21,,", "ZX1 1AA,,E01000001"),  # the header does
        ('"pcds","doterm","lsoa21"', '"ZX1 1AA","","E01000001"'),
    ],
)
def test_published_files_end_their_lines_in_different_ways(tmp_path, header, row):
    engine = landlord(tmp_path, {"onspd.csv": f"{header}\n{row}\n"}, "ZX1 1AA")
    assert places(engine, "lsoa") == [("E01000001",)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "onspd.csv: the file is empty"),
        (b"pcds,doterm,lsoa21\nZX1 1AA,,E01000001\nZX1 1AB,,E0,1,2\n", "row 2 has 5 fields, and the header has 3"),
        (b'pcds,doterm,lsoa21\n"ZX1 1AA,,E01000001\n', "a quotation mark has no partner"),
        (b"pcds,doterm,lsoa21\nZX1 1AA,\x81\xff,E01000001\n", "in no encoding that can be told"),
        (b"pcds,doterm,lsoa21\nZX1 1AA,\0,E01000001\n", "NUL bytes"),
        (b"pcds,doterm,lsoa21,imd\nZX1 1AA,,E01000001,low\n", "the column 'imd' holds something else than a number"),
        (b"postcode,eastings,northings\nZX1 1AA,east,0\n", "the column 'eastings' holds something else"),
    ],
)  # fmt: skip
def test_a_reference_file_that_cannot_be_read_says_what_and_where(tmp_path, content, words):
    (tmp_path / "onspd.csv").write_bytes(content)
    with pytest.raises(DataError, match=words):
        read_places(world(), [tmp_path / "onspd.csv"])


@pytest.mark.parametrize("name", ["iod.xlsx", "areas.geojson"])
def test_a_damaged_reference_file_of_another_format_says_so(tmp_path, name):
    (tmp_path / name).write_bytes(b"PK\3\4 cut off")
    with pytest.raises(DataError, match=name):
        read_places(world(), [tmp_path / name])
