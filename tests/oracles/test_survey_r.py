"""Weights, totals and standard errors are those of R's survey package.

`survey_r.json` holds what `survey.R` printed for the sample of seed 7, so that no R is needed; where R
is installed the same script is run on other samples too. Write the file again with

    python -m tests.oracles.test_survey_r
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from rooftree import survey
from tests.lib.survey_data import make, write
from tests.oracles.ours import figures

HERE = Path(__file__).parent
KEPT: dict[str, float] = json.loads((HERE / "survey_r.json").read_text())
OURS = figures(make(7))

#: Of each figure, relative to its size. R stops its own searches at about this.
CLOSE = 1e-8


def r(folder: Path, script: str = "survey.R") -> dict[str, float]:
    """What the script prints about the files in a folder."""
    done = subprocess.run(
        ["Rscript", "--vanilla", str(HERE / script), str(folder)],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    return {name: float(value) for name, value in lines}


@pytest.mark.parametrize("name", KEPT)
def test_each_figure_is_the_one_that_r_printed(name: str):
    assert OURS[name] == pytest.approx(KEPT[name], rel=CLOSE)


def test_no_figure_of_ours_lacks_its_counterpart():
    assert OURS.keys() == KEPT.keys()
    assert len(KEPT) > 100


@pytest.mark.r
@pytest.mark.parametrize("seed", [7, 11, 12, 13])
def test_r_says_the_same_of_samples_it_has_not_seen(seed: int, tmp_path: Path):
    sample = make(seed)
    write(sample, tmp_path)
    theirs, ours = r(tmp_path), figures(sample)
    assert {name: ours[name] for name in theirs} == pytest.approx(theirs, rel=CLOSE)


@pytest.mark.r
def test_the_schools_of_california(tmp_path: Path):
    """The figures that the package prints for its own data, which R writes out here and nobody keeps."""
    theirs = r(tmp_path, "api.R")
    clusters = _read(tmp_path / "apiclus1.csv")
    strata = _read(tmp_path / "apistrat.csv")
    design = {"cluster": "dnum", "fpc": "fpc"}

    def of(data, target, statistic="mean", **how):
        row = survey.estimate(data, target, statistic=statistic, **how).rows()[0]
        return row["estimate"], row["standard_error"], row["design_effect"]

    mean, error, effect = of(clusters, "api00", weight="pw", **design)
    assert (mean, error, effect) == pytest.approx((644.1693989, 23.5422407, 9.34586945), rel=1e-8)

    margins = {
        "stype": {"E": 4421, "H": 755, "M": 1018},
        "sch.wide": {"No": 1072, "Yes": 5122},
    }
    raked = survey.rake(clusters, margins, weight="pw")
    assert of(raked, "api00", **design)[:2] == pytest.approx((641.2303209, 23.7036169), rel=1e-8)
    total = of(raked, "enroll", "total", **design)
    assert total[:2] == pytest.approx((3647280.148, 400603.2569), rel=1e-8)

    linear = survey.calibrate(clusters, margins, weight="pw")
    assert of(linear, "api00", **design)[:2] == pytest.approx((640.9958701, 23.82949), rel=1e-6)
    assert of(linear, "enroll", "total", **design)[0] == pytest.approx(3654414.348, rel=1e-8)

    stratified = {"strata": "stype", "fpc": "fpc", "weight": "pw"}
    assert of(strata, "api00", **stratified) == pytest.approx(
        (662.2873632, 9.408940803, 1.20445727), rel=1e-8
    )
    assert of(strata, "enroll", "total", **stratified) == pytest.approx(
        (3687177.532, 114641.71610078, 0.36201812), rel=1e-7
    )
    again = survey.rake(strata, margins, weight="pw")
    stratified.pop("weight")
    assert of(again, "api00", **stratified)[1] == pytest.approx(
        theirs["apistrat.raked.se"], rel=1e-8
    )
    endless = of(again, "api00", strata="stype")  # as if few of many schools had been drawn
    assert endless[1:] == pytest.approx((9.392661418, 1.1999), rel=1e-4)
    assert endless[1] == pytest.approx(9.392661418, rel=1e-9)
    assert again.diagnostics.design_effect == pytest.approx(1.186379, abs=1e-6)


def _read(path: Path):
    import pyarrow.csv

    return pyarrow.csv.read_csv(path)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        write(make(7), Path(made))
        printed = r(Path(made))
    (HERE / "survey_r.json").write_text(json.dumps(printed, indent=1) + "\n")
