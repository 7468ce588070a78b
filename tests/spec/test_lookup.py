"""One subject by id, and subjects by what somebody types."""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
from pathlib import Path

import pyarrow as pa
import pytest

from rooftree.storage.lookup import Hit, Lookup
from rooftree.storage.lookup_build import build_lookup
from rooftree.vocabulary.errors import DataError, NotFound, RooftreeError

KEYS = [
    ("P1", "name", "Seán O'Brien"),
    ("P1", "postcode", "IP33 1AA"),
    ("P1", "phone", "+44 (0)7700 900123"),
    ("P1", "address", "Flat 3, 12 High Street"),
    ("P2", "name", "Catherine Smith-Jones"),
    ("P2", "tenancy_ref", "TEN/000123"),
    ("P2", "postcode", "IP33 1AB"),
    ("P3", "name", "Mohammed Ali"),
    ("P3", "name", "Muhammad Ali"),
    ("P3", "payment_ref", "00450-9"),
    ("P4", "name", "Jo Smithson"),
    ("P4", "phone", "01284 555010"),
    ("P5", "name", "Łukasz Weiß"),
    ("P5", "email", "L.Weiss@example.org"),
    ("P6", "name", "محمد"),
    ("P7", "name", None),
    ("P9", "name", "No Document"),
]
IDS = [f"P{n}" for n in range(1, 8)]


def batches(columns: tuple[str, ...], rows: list[tuple]) -> list[pa.RecordBatch]:
    arrays = zip(*rows, strict=True)
    return [pa.record_batch({c: list(a) for c, a in zip(columns, arrays, strict=True)})]


def build(path: Path, *, keys: list[tuple] | None = None, ids: list[str] | None = None, **more):
    documents = [(i, json.dumps({"id": i, "needs": ["large print"]})) for i in ids or IDS]
    build_lookup(
        path,
        batches(("id", "document"), documents),
        batches(("id", "kind", "text"), keys or KEYS),
        **more,
    )


@pytest.fixture(scope="module")
def lookup(tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.mktemp("lookup") / "lookup.sqlite"
    build(path)
    with Lookup.open(path) as opened:
        yield opened


def test_a_document_comes_back_as_it_was_given(lookup: Lookup):
    assert lookup.document("P4") == {"id": "P4", "needs": ["large print"]}
    assert len(lookup) == 7
    with pytest.raises(NotFound, match="P8"):
        lookup.document("P8")


def test_many_documents_come_back_each_as_its_own(tmp_path: Path):
    ids = [f"P{n:03}" for n in range(100)]
    build(tmp_path / "lookup.sqlite", ids=ids, keys=KEYS)
    with Lookup.open(tmp_path / "lookup.sqlite") as lookup:
        assert [lookup.document(i)["id"] for i in ids] == ids


def test_what_documents_share_is_found_by_its_id_and_never_by_search(tmp_path: Path):
    shared = batches(("id", "document"), [("T1", '{"rent": 100}'), ("T2", '{"rent": 200}')])
    build(tmp_path / "lookup.sqlite", parts=shared)
    with Lookup.open(tmp_path / "lookup.sqlite") as lookup:
        assert lookup.part("T2") == {"rent": 200}
        assert lookup.search("T2") == []
        assert len(lookup) == 7
        with pytest.raises(NotFound, match="T3"):
            lookup.part("T3")
        with pytest.raises(NotFound, match="T1"):
            lookup.document("T1")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        # the beginning of a name, words in any order, any case
        ("smith", ["P2", "P4"]),
        ("SMITH cath", ["P2"]),
        ("jo smi", ["P4", "P2"]),
        # accents, apostrophes and hyphens do not matter
        ("sean obrien", ["P1"]),
        ("Seán O’Brien", ["P1"]),
        ("smith jones", ["P2"]),
        ("lukasz weiss", ["P5"]),
        # any of several names of one person
        ("mohammed", ["P3"]),
        ("muhammad ali", ["P3"]),
        # other writing
        ("محمد", ["P6"]),
        # references, with or without what stands between
        ("TEN/000123", ["P2"]),
        ("ten000123", ["P2"]),
        ("004509", ["P3"]),
        # postcode, whole or begun
        ("ip331aa", ["P1"]),
        ("IP33 1", ["P1", "P2"]),
        # telephone, however it is written
        ("07700 900123", ["P1"]),
        ("+447700900123", ["P1"]),
        ("00447700900123", ["P1"]),
        ("01284555", ["P4"]),
        # address from its beginning; e-mail
        ("flat 3 12 high", ["P1"]),
        ("l.weiss@example.org", ["P5"]),
        # an id
        ("p4", ["P4"]),
        # nothing
        ("", []),
        ("  -- ", []),
        ("zzzzzz", []),
    ],
)
def test_what_is_typed_and_who_is_found(lookup: Lookup, typed: str, found: list[str]):
    assert [hit.id for hit in lookup.search(typed)] == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("smtih", ["P2"]),  # two neighbours swapped
        ("smyth", ["P2"]),  # one changed
        ("brein sean", []),  # not a slip of obrien: two letters short and swapped
        ("obrein", ["P1"]),
        ("catherin smih", ["P2"]),  # one missing, in either word
        ("katherine", ["P2"]),
        ("mohamad", ["P3"]),  # two slips in a long word
        ("lukaas", ["P5"]),
        ("kathryne", []),  # too far
        ("jp", []),  # short words are searched for as they are
    ],
)
def test_misspelt_names(lookup: Lookup, typed: str, found: list[str]):
    hits = lookup.search(typed)
    assert [hit.id for hit in hits] == found
    assert {hit.how for hit in hits} <= {"misspelt"}


def test_the_best_comes_first_and_says_why(lookup: Lookup):
    assert lookup.search("smith") == [
        Hit("P2", 1.0, "name", "exact"),
        Hit("P4", 0.9, "name", "prefix"),
    ]
    assert lookup.search("smiths")[0] == Hit("P4", 0.9, "name", "prefix")
    assert lookup.search("smyth") == [Hit("P2", 0.7, "name", "misspelt")]
    assert lookup.search("IP33 1AB") == [Hit("P2", 1.0, "postcode", "exact")]


def test_no_more_than_asked(lookup: Lookup):
    assert [hit.id for hit in lookup.search("smith", limit=1)] == ["P2"]
    assert lookup.search("smith", limit=0) == []


@pytest.mark.parametrize(
    "typed", ["'", '"; DROP TABLE word', "%", "_", "\x00", "a" * 5000, "* OR 1"]
)
def test_nothing_that_is_typed_is_taken_for_a_command(lookup: Lookup, typed: str):
    lookup.search(typed)
    assert lookup.search("smith")


def test_the_same_rows_give_the_same_bytes_whatever_the_order_of_keys(tmp_path: Path):
    seen = set()
    for number, threads in enumerate([1, 2, 2]):
        keys = list(KEYS)
        random.Random(number).shuffle(keys)
        path = tmp_path / f"{number}.sqlite"
        build(path, keys=keys, threads=threads)
        seen.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(seen) == 1


def test_nobody_can_be_found_in_an_empty_file(tmp_path: Path):
    build_lookup(tmp_path / "lookup.sqlite", [], [])
    with Lookup.open(tmp_path / "lookup.sqlite") as lookup:
        assert (len(lookup), lookup.search("smith"), lookup.search("IP33")) == (0, [], [])


@pytest.mark.parametrize("ids", [["P1", "P1"], ["P2", "P1"], ["P1", None]])
def test_documents_come_in_order_of_id_each_once(tmp_path: Path, ids: list):
    with pytest.raises(RooftreeError, match="documents for the look-up are not in order"):
        build(tmp_path / "lookup.sqlite", ids=ids)


def test_a_kind_nobody_knows_is_refused(tmp_path: Path):
    with pytest.raises(RooftreeError, match="shoe"):
        build(tmp_path / "lookup.sqlite", keys=[("P1", "shoe", "9")])


def test_a_file_that_is_no_look_up_is_named(tmp_path: Path):
    path = tmp_path / "lookup.sqlite"
    with pytest.raises(NotFound, match="rooftree run"):
        Lookup.open(path)
    path.write_bytes(b"x" * 5000)
    with pytest.raises(DataError, match=r"lookup\.sqlite"):
        Lookup.open(path)


def test_an_open_look_up_cannot_be_written(lookup: Lookup):
    with pytest.raises(sqlite3.OperationalError):
        lookup._con.execute("DELETE FROM document")
