"""What every test can ask for: an engine, and the real data where this machine has it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rooftree.storage.engine import Engine

ROOT = Path(__file__).resolve().parents[1]

#: Where Debian and R itself put packages.
_R_LIBRARIES = (
    "/usr/lib/R/library",
    "/usr/lib/R/site-library",
    "/usr/local/lib/R/site-library",
    *filter(None, os.environ.get("R_LIBS", "").split(":")),
)


def real_data_folder() -> Path | None:
    """The shared real data: where ROOFTREE_TEST_DATA says, or beside the project."""
    folder = Path(os.environ.get("ROOFTREE_TEST_DATA") or ROOT.parent / "shared" / "data")
    return folder if folder.is_dir() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, saying why, what this machine cannot run."""
    no_data = pytest.mark.skip(reason="no real data: set ROOFTREE_TEST_DATA to its folder")
    no_postgres = pytest.mark.skip(reason="no PostgreSQL 15 server programs on this machine")
    no_r = pytest.mark.skip(
        reason="no R with its survey package: apt-get install r-cran-survey r-cran-mass"
    )
    have_data = real_data_folder() is not None
    have_postgres = Path("/usr/lib/postgresql/15/bin/initdb").exists() or shutil.which("initdb")
    have_r = shutil.which("Rscript") and all(
        any((Path(folder) / package).is_dir() for folder in _R_LIBRARIES)
        for package in ("survey", "MASS")  # survey takes MASS for calibration and does not say so
    )
    for item in items:
        if "realdata" in item.keywords and not have_data:
            item.add_marker(no_data)
        if "postgres" in item.keywords and not have_postgres:
            item.add_marker(no_postgres)
        if "r" in item.keywords and not have_r:
            item.add_marker(no_r)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the shared real data (only with the marker `realdata`)."""
    folder = real_data_folder()
    assert folder is not None
    return folder


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine with little memory, closed afterwards."""
    with Engine(temp_directory=tmp_path / "spill", memory_limit="1GB") as made:
        yield made
