"""Whatever is done to a definition, the answer is a catalogue or a list of problems, never a crash."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rooftree.catalogue import load
from rooftree.catalogue.load import SHIPPED
from rooftree.vocabulary.errors import DefinitionError, Problem

FILES = [
    "attributes/household_income.toml",
    "attributes/ethnic_group.toml",
    "code_lists/ethnic_group_5.toml",
    "code_lists/tenure.toml",
    "events/payment.toml",
    "purposes.toml",
    "disclosure.toml",
]
TEXTS = {name: (SHIPPED / name).read_text(encoding="utf-8") for name in FILES}
VALUES = st.sampled_from(
    ["7", "-1", "1.5", "true", '""', '"x"', "[]", "[1]", '["a", "a"]', "{}", "{ a = 1 }", "2026-01-01",
     "2026-01-01T00:00:00", "nan", "[[]]", '["register > register"]', '["a > b", "b > a"]']
)  # fmt: skip
LONG = os.environ.get("ROOFTREE_FUZZ") == "1"


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[str, str]:
    """A shipped file in which one line lost its value, its place, or its sense."""
    name = draw(st.sampled_from(FILES))
    lines = TEXTS[name].split("\n")
    at = draw(st.integers(0, len(lines) - 1))
    act = draw(st.sampled_from(["value", "drop", "double", "swap", "cut", "noise"]))
    if act == "value" and "=" in lines[at]:
        lines[at] = lines[at].split("=", 1)[0] + "= " + draw(VALUES)
    elif act == "drop":
        del lines[at]
    elif act == "double":
        lines.insert(at, lines[at])
    elif act == "swap":
        other = draw(st.integers(0, len(lines) - 1))
        lines[at], lines[other] = lines[other], lines[at]
    elif act == "cut":
        lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))]
    else:
        lines[at] += draw(st.text(max_size=5))
    return name, "\n".join(lines)


@settings(
    max_examples=5000 if LONG else 60,
    deadline=None,
    derandomize=not LONG,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(spoiled())
def test_a_spoiled_definition_is_answered_with_problems_that_name_its_file(case: tuple[str, str]):
    name, text = case
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        problems = _problems(Path(folder))
        assert all(problem.what for problem in problems)
        if problems:
            assert any(f"definitions/{name}" in str(problem) for problem in problems)


def _problems(folder: Path) -> tuple[Problem, ...]:
    """What is wrong with the definitions; any other exception is the defect this test looks for."""
    try:
        load(folder)
    except DefinitionError as error:
        return error.problems or (Problem("", ""),)
    return ()
