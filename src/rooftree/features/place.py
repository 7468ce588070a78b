"""Where each home is: from its postcode to output area, LSOA, ward, deprivation, rural or urban, OAC.

Reference files come from different years, and their areas do not all agree. An LSOA code that both
censuses use names the same area, so codes are looked up as they are; one that the index does not know
is counted (`features.unmatched`), and the home keeps its row. These facts describe places, never the
people who live in them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rooftree.features import reference_schema
from rooftree.features.reference_files import Source, placed, sources
from rooftree.features.schema import HOME_PLACE
from rooftree.storage.engine import Engine, Model, quote
from rooftree.storage.tables import Table
from rooftree.vocabulary.progress import NoProgress, Progress

#: Areas ranked by each index, which a decile divides: a file may hold only some of them.
RANKED = {"2025": 33_755, "2019": 32_844, "SIMD2020": 6_976, "WIMD2019": 1_909, "NIMDM2017": 890}
INDEX_OF_LSOAS = {"2021": "2025", "2011": "2019"}  # census year of the areas to year of the index
INDEX_ELSEWHERE = {"S": "SIMD2020", "W": "WIMD2019", "N": "NIMDM2017", "9": "NIMDM2017"}


def read_places(engine: Engine, paths: Iterable[Path], *, progress: Progress | None = None) -> None:
    """Read reference files of any year into `reference.postcode`, `reference.lsoa` and `reference.output_area`.

    A postcode in several directories is taken from the last by file name, in use before terminated;
    Code-Point Open with boundaries fills in only what no directory has. Raises DataError for files that
    are missing or are nothing we know.
    """
    found, boundaries = sources(engine, paths)
    for table in reference_schema.ALL:
        engine.execute(f"DROP TABLE IF EXISTS {table.full_name}")
        engine.create(table)
    readers = {
        "directory": _directory, "imd": _index, "rural_urban": _rural_urban, "composite": _rural_urban,
        "area_classification": _area_class,
    }  # fmt: skip
    with (progress or NoProgress()).step("Reference files", total=len(found), unit="files") as step:
        for kind, read in readers.items():
            for source in sorted(
                (s for s in found if s.header.kind == kind), key=lambda s: s.name, reverse=True
            ):
                read(engine, source)
                step.advance()
        for source in (s for s in found if s.header.kind == "code_point"):
            engine.con.register("_tmp_placed", placed(engine, source, boundaries))
            _code_point(engine, source)
            engine.con.unregister("_tmp_placed")
            step.advance()
    for table in reference_schema.ALL:
        engine.check(table)


_CLEAN = "upper(replace({0}, ' ', ''))"


def _column(source: Source, role: str) -> str:
    """The column of a role as text, null where the file has none or the cell is empty."""
    name = source.header.columns.get(role)
    return f"nullif(trim(\"{name}\"), '')" if name else "CAST(NULL AS VARCHAR)"


def _add(engine: Engine, table: Table, sql: str) -> None:
    """Add rows whose key is not there yet."""
    key = table.key[0]
    engine.execute(
        f"INSERT INTO {table.full_name} BY NAME SELECT * FROM ({sql}) f WHERE f.{key} IS NOT NULL "
        f"AND NOT EXISTS (SELECT 1 FROM {table.full_name} t WHERE t.{key} = f.{key})"
    )


def _directory(engine: Engine, source: Source) -> None:
    imd = source.header.columns.get("imd_rank", "")
    england = "2025" if "25" in imd or "26" in imd else "2019"
    scheme = {year: _column(source, f"rural_urban{year}") for year in ("21", "11")}
    oac = {year: _column(source, f"oac{year}") for year in ("21", "11")}
    elsewhere = " ".join(
        f"WHEN '{letter}' THEN '{index}'" for letter, index in INDEX_ELSEWHERE.items()
    )
    _add(
        engine,
        reference_schema.POSTCODE,
        f"""SELECT postcode_key, is_terminated, 'directory' AS basis, output_area, lsoa21, lsoa11, ward,
          local_authority,
          coalesce(ru21, ru11) AS rural_urban,
          CASE WHEN ru21 IS NOT NULL THEN '2021' WHEN ru11 IS NOT NULL THEN '2011' END AS rural_urban_scheme,
          coalesce(oac21, oac11) AS area_classification,
          CASE WHEN oac21 IS NOT NULL THEN '2021' WHEN oac11 IS NOT NULL THEN '2011' END AS area_classification_scheme,
          nullif(rank, 0) AS imd_rank,
          CASE WHEN nullif(rank, 0) IS NOT NULL
            THEN CASE left(coalesce(lsoa21, lsoa11), 1) {elsewhere} ELSE '{england}' END END AS imd_vintage,
          {quote(source.name)} AS source_name
        FROM (
          SELECT {_CLEAN.format(_column(source, "postcode"))} AS postcode_key,
            {_column(source, "terminated")} IS NOT NULL AS is_terminated,
            {_column(source, "output_area")} AS output_area,
            {_column(source, "lsoa21")} AS lsoa21, {_column(source, "lsoa11")} AS lsoa11,
            {_column(source, "ward")} AS ward, {_column(source, "local_authority")} AS local_authority,
            {scheme["21"]} AS ru21, {scheme["11"]} AS ru11, {oac["21"]} AS oac21, {oac["11"]} AS oac11,
            TRY_CAST({_column(source, "imd_rank")} AS INTEGER) AS rank
          FROM ({source.sql}) s)
        QUALIFY row_number() OVER (PARTITION BY postcode_key ORDER BY is_terminated, lsoa21, lsoa11) = 1""",
    )


def _index(engine: Engine, source: Source) -> None:
    areas = source.header.vintage("lsoa")
    _add(
        engine,
        reference_schema.LSOA,
        f"""SELECT {_column(source, "lsoa")} AS lsoa, '{areas}' AS lsoa_vintage,
          {_column(source, "local_authority")} AS local_authority,
          CAST(TRY_CAST({_column(source, "rank")} AS DOUBLE) AS INTEGER) AS imd_rank,
          '{INDEX_OF_LSOAS.get(areas, areas)}' AS imd_vintage FROM ({source.sql}) s""",
    )


def _rural_urban(engine: Engine, source: Source) -> None:
    """Classify the areas; the official classification, read first, stands before a composite one."""
    scheme = source.header.vintage("code") if source.header.kind == "rural_urban" else "composite"
    lsoa, code = _column(source, "lsoa"), _column(source, "code")
    engine.execute(
        f"""UPDATE reference.lsoa SET rural_urban = f.code, rural_urban_scheme = '{scheme}'
        FROM (SELECT {lsoa} AS lsoa, {code} AS code FROM ({source.sql}) s) f
        WHERE f.lsoa = lsoa.lsoa AND lsoa.rural_urban IS NULL"""
    )
    _add(
        engine,
        reference_schema.LSOA,
        f"SELECT {lsoa} AS lsoa, {code} AS rural_urban, '{scheme}' AS rural_urban_scheme FROM ({source.sql}) s",
    )


def _area_class(engine: Engine, source: Source) -> None:
    _add(
        engine,
        reference_schema.AREA_CLASS,
        f"""SELECT {_column(source, "output_area")} AS output_area, {_column(source, "code")} AS area_classification,
          '{source.header.vintage("output_area")}' AS area_classification_scheme FROM ({source.sql}) s""",
    )


def _code_point(engine: Engine, source: Source) -> None:
    _add(
        engine,
        reference_schema.POSTCODE,
        f"""SELECT {_CLEAN.format("s.postcode")} AS postcode_key, false AS is_terminated, 'polygon' AS basis,
          CASE WHEN p.vintage = '2021' THEN p.lsoa END AS lsoa21,
          CASE WHEN p.vintage = '2011' THEN p.lsoa END AS lsoa11,
          s.ward, s.local_authority, {quote(source.name)} AS source_name
        FROM (SELECT {_column(source, "postcode")} AS postcode, {_column(source, "ward")} AS ward,
            {_column(source, "local_authority")} AS local_authority FROM ({source.sql}) r) s
        LEFT JOIN _tmp_placed p ON p.postcode = s.postcode
        QUALIFY row_number() OVER (PARTITION BY postcode_key ORDER BY s.ward, p.lsoa) = 1""",
    )


_N_RANKED = " ".join(f"WHEN '{vintage}' THEN {n}" for vintage, n in RANKED.items())

_HOME_PLACE_SQL = f"""
    WITH found AS (
      SELECT h.home_id, h.postcode, p.postcode_key, p.is_terminated, p.basis, p.output_area, p.lsoa21, p.lsoa11, p.ward,
        p.local_authority, p.rural_urban, p.rural_urban_scheme, p.area_classification, p.area_classification_scheme,
        p.imd_rank, p.imd_vintage, coalesce(p.lsoa21, p.lsoa11) AS lsoa
      FROM identity.home h
      LEFT JOIN reference.postcode p ON p.postcode_key = upper(replace(h.postcode, ' ', ''))
    ),
    joined AS (
      SELECT f.*, coalesce(n21.imd_rank, n11.imd_rank) AS area_rank,
        CASE WHEN n21.imd_rank IS NOT NULL THEN n21.imd_vintage ELSE n11.imd_vintage END AS area_vintage,
        coalesce(n21.rural_urban, n11.rural_urban) AS area_rural,
        CASE WHEN n21.rural_urban IS NOT NULL THEN n21.rural_urban_scheme ELSE n11.rural_urban_scheme END
          AS area_rural_scheme,
        o.area_classification AS oac, o.area_classification_scheme AS oac_scheme
      FROM found f
      LEFT JOIN reference.lsoa n21 ON n21.lsoa = f.lsoa21
      LEFT JOIN reference.lsoa n11 ON n11.lsoa = f.lsoa11
      LEFT JOIN reference.output_area o ON o.output_area = f.output_area
    ),
    ranked AS (
      SELECT *, coalesce(area_rank, imd_rank) AS rank,
        CASE WHEN area_rank IS NOT NULL THEN area_vintage ELSE imd_vintage END AS vintage,
        CASE CASE WHEN area_rank IS NOT NULL THEN area_vintage ELSE imd_vintage END {_N_RANKED} END AS n_ranked
      FROM joined
    )
    SELECT home_id,
      CASE WHEN coalesce(trim(postcode), '') = '' THEN 'no_postcode' WHEN postcode_key IS NULL THEN 'unknown_postcode'
           WHEN is_terminated THEN 'terminated' ELSE 'matched' END AS place_match,
      output_area, lsoa,
      CASE WHEN lsoa21 IS NOT NULL THEN '2021' WHEN lsoa11 IS NOT NULL THEN '2011' END AS lsoa_vintage,
      ward, local_authority, basis AS place_basis, rank AS imd_rank,
      CAST(int_div(rank * 10 + n_ranked - 1, n_ranked) AS INTEGER) AS imd_decile,
      vintage AS imd_vintage,
      CASE WHEN area_rank IS NOT NULL THEN 'lsoa' WHEN imd_rank IS NOT NULL THEN 'postcode' END AS imd_basis,
      coalesce(area_rural, rural_urban) AS rural_urban,
      CASE WHEN area_rural IS NOT NULL THEN area_rural_scheme ELSE rural_urban_scheme END AS rural_urban_scheme,
      coalesce(oac, area_classification) AS area_classification,
      CASE WHEN oac IS NOT NULL THEN oac_scheme ELSE area_classification_scheme END AS area_classification_scheme
    FROM ranked"""

MODELS = (Model(HOME_PLACE, _HOME_PLACE_SQL),)
