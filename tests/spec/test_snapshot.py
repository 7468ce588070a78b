"""A snapshot: whole or not there, the same bytes for the same inputs, and able to say what is wrong with it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
import subprocess
from pathlib import Path

import pytest

from rooftree.storage.engine import Engine
from rooftree.storage.manifest import Input, inputs_digest, snapshot_id
from rooftree.storage.retention import list_snapshots
from rooftree.storage.snapshot import Snapshot, Writer, current_id, locate
from rooftree.storage.verify import verify
from rooftree.vocabulary.errors import DataError, NotFound, RooftreeError
from tests.storage_help import HOME, HOMES, REPAIR, REPAIRS, fill, publish


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "snapshots"


def _bytes(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def test_what_was_written_is_what_is_read(root: Path):
    published = publish(root)
    assert published.outcome == "published"
    with Engine() as engine:
        Snapshot.open(root).attach(engine)
        assert sorted(engine.rows("SELECT * FROM identity.home")) == sorted(HOMES)
        assert sorted(engine.rows("SELECT * FROM staging.repair")) == sorted(REPAIRS)


def test_the_id_is_the_date_and_a_digest_of_the_inputs_in_any_order():
    files = [Input("a.csv", "11"), Input("b.csv", "22")]
    digest = inputs_digest(files, "definitions 1")
    assert snapshot_id(dt.date(2026, 3, 31), digest) == f"2026-03-31-{digest[:8]}"
    assert inputs_digest(files[::-1], "definitions 1") == digest
    assert inputs_digest(files, "definitions 2") != digest


def test_a_manifest_says_what_went_in_and_what_came_out(root: Path):
    directory = publish(root).directory
    manifest = json.loads((directory / "manifest.json").read_text())
    assert manifest["as_of"] == "2026-03-31"
    assert manifest["inputs"][0]["name"] == "homes.csv"
    assert manifest["tables"]["identity.home"]["rows"] == 3
    assert manifest["totals"] == {"homes": 3}
    assert list(manifest) == sorted(manifest)


def test_the_manifest_can_be_checked_with_a_common_tool(root: Path):
    directory = publish(root).directory
    result = subprocess.run(["sha256sum", "-c", "manifest.sha256"], cwd=directory, check=False)
    assert result.returncode == 0


@pytest.mark.parametrize("bucket_from_rows", [1, 1_000_000], ids=["in buckets", "in one file"])
def test_the_same_rows_give_the_same_bytes_whatever_their_order_and_the_threads(
    tmp_path: Path, bucket_from_rows: int
):
    # Ties in the order, equal rows and nulls are what a weaker order would get wrong.
    homes = [(f"M{n}", n % 4 or None, f"E{n % 3}") for n in range(5000)]
    repairs = [("f1", n % 50, ["heating", None, "roof"][n % 3]) for n in range(5000)]
    seen = []
    for number, threads in enumerate([1, 2, 2]):
        random.Random(number).shuffle(homes)
        random.Random(number).shuffle(repairs)
        directory = publish(
            tmp_path / str(number),
            homes=homes,
            repairs=repairs,
            threads=threads,
            bucket_from_rows=bucket_from_rows,
        ).directory
        seen.append(_bytes(directory))
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0]) == (2 + 16 + 1 if bucket_from_rows == 1 else 2 + 2)


def test_a_snapshot_is_closed_to_other_users_of_the_machine(root: Path):
    directory = publish(root).directory
    assert [path.stat().st_mode & 0o077 for path in (root, directory)] == [0, 0]


def test_other_rows_give_other_bytes(tmp_path: Path):
    one = publish(tmp_path / "1").directory
    two = publish(tmp_path / "2", homes=[*HOMES[:2], ("M3", 1, "Oak")]).directory
    assert _bytes(one)["identity/home.parquet"] != _bytes(two)["identity/home.parquet"]


def test_a_large_table_is_cut_by_hash_and_reads_as_one(root: Path):
    homes = [(f"M{n:05}", n % 4, "Ash") for n in range(2000)]
    publish(root, homes=homes, bucket_from_rows=100)
    snapshot = Snapshot.open(root)
    assert len(snapshot.files("identity.home")) == 16
    with Engine() as engine:
        snapshot.attach(engine)
        assert sorted(engine.rows("SELECT * FROM identity.home")) == homes
        for path in snapshot.files("identity.home"):
            ids = [row[0] for row in engine.rows(f"SELECT home_id FROM read_parquet('{path}')")]
            assert ids == sorted(ids)


def test_publishing_the_same_inputs_again_changes_nothing(root: Path):
    first = publish(root)
    before = _bytes(first.directory)
    again = publish(root)
    assert (again.outcome, again.differs) == ("unchanged", ())
    assert _bytes(first.directory) == before
    assert len(list_snapshots(root)) == 1


def test_the_same_inputs_with_another_result_is_named_and_not_published(root: Path):
    publish(root)
    again = publish(root, homes=HOMES[:2])
    assert (again.outcome, again.differs) == ("unchanged", ("identity.home",))
    assert Snapshot.open(root).manifest.tables["identity.home"].rows == 3


def test_a_damaged_snapshot_of_the_same_inputs_is_replaced(root: Path):
    first = publish(root)
    whole = _bytes(first.directory)
    (first.directory / "identity/home.parquet").unlink()
    again = publish(root)
    assert again.outcome == "replaced"
    assert _bytes(again.directory) == whole


def test_each_snapshot_names_the_one_before(root: Path):
    first, second = publish(root, seed="one"), publish(root, seed="two")
    assert Snapshot.open(root).manifest.previous == first.snapshot
    assert [one.id for one in list_snapshots(root)] == [first.snapshot, second.snapshot]
    assert [one.is_current for one in list_snapshots(root)] == [False, True]


def test_going_back_to_earlier_inputs_makes_that_snapshot_current_again(root: Path):
    first = publish(root, seed="one")
    publish(root, seed="two")
    assert publish(root, seed="one").outcome == "unchanged"
    assert current_id(root) == first.snapshot


def test_a_snapshot_is_found_from_the_workspace_and_by_the_start_of_its_id(tmp_path: Path):
    first = publish(tmp_path / "snapshots", as_of=dt.date(2026, 1, 31))
    second = publish(tmp_path / "snapshots", as_of=dt.date(2026, 2, 28))
    assert Snapshot.open(tmp_path).id == second.snapshot
    assert Snapshot.open(tmp_path, id="2026-01").id == first.snapshot
    assert locate(first.directory) == first.directory
    with pytest.raises(NotFound, match="could be any of"):
        Snapshot.open(tmp_path, id="2026")
    with pytest.raises(NotFound, match="there is no snapshot 2025"):
        Snapshot.open(tmp_path, id="2025")


def test_without_a_snapshot_the_message_says_how_to_make_one(tmp_path: Path):
    with pytest.raises(NotFound, match="rooftree run"):
        Snapshot.open(tmp_path)


def test_an_unpublished_snapshot_leaves_nothing(root: Path):
    with (
        Engine() as engine,
        Writer(
            root, as_of=dt.date(2026, 3, 31), inputs=[], digest="0" * 64, software="0", definitions="0"
        ) as writer,
    ):  # fmt: skip
        fill(engine, HOME, HOMES)
        writer.write(engine, HOME)
        assert engine.value("SELECT count(*) FROM identity.home") == 3
    assert list(root.iterdir()) == []


def test_what_a_killed_run_left_is_removed_by_the_next(root: Path):
    (root / ".making-2026-03-31-00000000").mkdir(parents=True)
    (root / ".removing-2026-02-28-00000000").mkdir()
    published = publish(root)
    assert sorted(p.name for p in root.iterdir()) == sorted(["CURRENT", published.snapshot])


def test_a_table_that_is_not_as_declared_is_refused(root: Path):
    with (
        Engine() as engine,
        Writer(
            root, as_of=dt.date(2026, 3, 31), inputs=[], digest="0" * 64, software="0", definitions="0"
        ) as writer,
    ):  # fmt: skip
        engine.execute("CREATE SCHEMA identity; CREATE TABLE identity.home AS SELECT 1 AS home_id")
        with pytest.raises(RooftreeError, match="bedrooms is missing"):
            writer.write(engine, HOME)


def test_an_empty_table_keeps_its_columns(root: Path):
    publish(root, repairs=[])
    with Engine() as engine:
        Snapshot.open(root).attach(engine)
        assert [name for name, _ in engine.columns("staging.repair")] == list(REPAIR.names)
        assert engine.value("SELECT count(*) FROM staging.repair") == 0
    assert verify(locate(root)) == []


def test_a_further_file_must_be_included_by_name(root: Path):
    with Writer(
        root, as_of=dt.date(2026, 3, 31), inputs=[], digest="0" * 64, software="0", definitions="0"
    ) as writer:  # fmt: skip
        writer.path("lookup.sqlite").write_bytes(b"x")
        with pytest.raises(RooftreeError, match=r"lookup\.sqlite"):
            writer.publish()
        writer.include("lookup.sqlite")
        writer.publish()
    assert Snapshot.open(root).path("lookup.sqlite").read_bytes() == b"x"
    assert verify(locate(root)) == []


@pytest.fixture
def directory(root: Path) -> Path:
    return publish(root).directory


def test_verify_finds_nothing_wrong_with_what_was_published(directory: Path):
    assert verify(directory) == []


@pytest.mark.parametrize("name", ["identity/home.parquet", "staging/repair.parquet"])
@pytest.mark.parametrize("place", [4, 0.5, -5])
def test_verify_names_the_file_with_one_flipped_bit(directory: Path, name: str, place: float):
    data = bytearray((directory / name).read_bytes())
    data[int(place * len(data)) if isinstance(place, float) else place] ^= 1
    (directory / name).write_bytes(data)
    assert [Path(p.where) for p in verify(directory)] == [directory / name]


def test_verify_names_missing_extra_and_shortened_files_at_once(directory: Path):
    (directory / "identity/home.parquet").unlink()
    (directory / "staging/extra.csv").write_text("x")
    with (directory / "staging/repair.parquet").open("r+b") as file:
        file.truncate(10)
    found = {Path(p.where).name: p.what for p in verify(directory)}
    assert set(found) == {"home.parquet", "extra.csv", "repair.parquet"}
    assert "missing" in found["home.parquet"]
    assert "10 bytes" in found["repair.parquet"]


def test_verify_sees_a_changed_manifest(directory: Path):
    path = directory / "manifest.json"
    path.write_text(path.read_text().replace('"homes": 3', '"homes": 4'))
    assert [Path(p.where).name for p in verify(directory)] == ["manifest.json"]
    path.write_text("{")
    assert "cannot be read" in verify(directory)[0].what


def test_verify_sees_a_file_that_hashes_well_but_is_another_table(directory: Path):
    # A manifest rewritten to fit: the row counts and columns still speak.
    repair, home = directory / "staging/repair.parquet", directory / "identity/home.parquet"
    repair.write_bytes(home.read_bytes())
    path = directory / "manifest.json"
    manifest = json.loads(path.read_text())
    entry = manifest["tables"]["staging.repair"]["files"][0]
    entry |= {
        k: manifest["tables"]["identity.home"]["files"][0][k] for k in ("sha256", "bytes", "rows")
    }
    path.write_text(json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    said = " ".join(p.what for p in verify(directory))
    assert "columns are not as declared" in said
    assert "seal" in said


def test_a_snapshot_with_a_missing_file_does_not_open_in_part(directory: Path):
    (directory / "staging/repair.parquet").unlink()
    with Engine() as engine, pytest.raises(DataError, match=r"repair\.parquet"):
        Snapshot.open(directory).attach(engine)
    with Engine() as engine:
        Snapshot.open(directory).attach(engine, tables=["identity.home"])
        assert engine.value("SELECT count(*) FROM identity.home") == 3


def test_a_manifest_of_a_newer_format_is_refused_with_what_to_do(directory: Path):
    path = directory / "manifest.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 99'))
    with pytest.raises(DataError, match="newer one"):
        Snapshot.open(directory)


def test_a_folder_with_an_equals_sign_adds_no_column(tmp_path: Path):
    publish(tmp_path / "year=2026" / "snapshots")
    with Engine() as engine:
        Snapshot.open(tmp_path / "year=2026").attach(engine)
        assert [n for n, _ in engine.columns("identity.home")] == list(HOME.names)


def test_a_published_table_takes_the_place_of_one_that_the_engine_holds(tmp_path: Path):
    root = tmp_path / "snapshots"
    with Engine() as engine:
        engine.create(HOME)
        publish(root)
        Snapshot.open(root).attach(engine)
        Snapshot.open(root).attach(engine)
        assert engine.value("SELECT count(*) FROM identity.home") > 0
