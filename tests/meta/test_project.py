"""Rules of the project that no reviewer should have to remember."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "rooftree"
MODULES = sorted(path for path in SOURCE.rglob("*.py") if "node_modules" not in path.parts)
LONGEST_MODULE = 600
LONGEST_FUNCTION = 60


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\n")
    return [ROOT / name for name in listed if name]


def test_every_package_is_in_the_glossary():
    words = set(re.findall(r"\*\*([^*]+)\*\*", (ROOT / "GLOSSARY.md").read_text()))
    known = {part.strip() for word in words for part in word.split(",")}
    packages = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert packages - known == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_modules_and_functions_stay_readable(path: Path):
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST_MODULE
    tree = ast.parse(text)
    long = [
        f"{node.name} ({node.end_lineno - node.lineno + 1} lines)"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_module_says_what_it_is_for(path: Path):
    assert ast.get_docstring(ast.parse(path.read_text()))


EDGE = {"cli", "web"}
BELOW_THE_EDGE = [path for path in MODULES if not EDGE & set(path.relative_to(SOURCE).parts)]


@pytest.mark.parametrize("path", BELOW_THE_EDGE, ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_below_the_command_line_reads_the_clock_or_the_environment(path: Path):
    forbidden = {
        ("os", "environ"),
        ("os", "getenv"),
        ("time", "time"),
        ("date", "today"),
        ("datetime", "now"),
    }
    tree = ast.parse(path.read_text())
    found = {
        (
            node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", ""),
            node.attr,
        )
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
    }
    assert found & forbidden == set()


def test_each_dependency_says_why_it_is_there():
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    named = [line for line in lines if re.match(r'^    "[a-z]+[a-z0-9\[\]-]*[>=~]', line)]
    assert len(named) >= 10
    assert [line for line in named if not re.search(r"#.*;", line)] == []


def test_the_lock_names_every_dependency_and_no_host():
    lock = (ROOT / "requirements.lock").read_text().lower()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[\[>=~<]", requirement)[0].lower() for requirement in groups}
    assert {
        name
        for name in names
        if f"\n{name}==" not in "\n" + lock and f"\n{name}[" not in "\n" + lock
    } == set()
    assert "://" not in lock


def test_decisions_are_numbered_as_their_files():
    for path in sorted((ROOT / "docs" / "adr").glob("*.md")):
        number = int(path.name[:4])
        assert path.read_text().startswith(f"# {number}. "), path.name
        for heading in ("Status:", "## Context", "## Decision", "## Consequences"):
            assert heading in path.read_text(), f"{path.name} lacks {heading}"


def test_no_file_names_a_path_of_a_machine():
    pattern = re.compile(r"/work/(main|wt|shared)|/root/|/home/[a-z]")
    texts = _tracked("*.py", "*.md", "*.toml", "Makefile", ".ci/run")
    assert [
        str(path) for path in texts if path != Path(__file__) and pattern.search(path.read_text())
    ] == []


def test_links_between_pages_lead_somewhere():
    broken = []
    for page in _tracked("*.md"):
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
            if (
                "://" not in target
                and not target.startswith("mailto:")
                and not (page.parent / target).exists()
            ):
                broken.append(f"{page.relative_to(ROOT)} → {target}")
    assert broken == []
