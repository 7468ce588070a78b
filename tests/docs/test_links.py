"""Links between pages lead somewhere, pictures are used, and every page can be reached from the index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rooftree.vocabulary.errors import ExitCode

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def links(page: Path) -> list[tuple[Path, str]]:
    """The file and the anchor of each link to a page or picture of the project."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    inside = [target for target in _LINK.findall(text) if not re.match(r"\w+:", target)]
    split = [target.partition("#") for target in inside]
    return [((page.parent / path).resolve() if path else page, anchor) for path, _, anchor in split]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as a reader of Markdown makes them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path):
    broken = [
        f"{path.name}#{anchor}"
        for path, anchor in links(page)
        if not path.exists() or (anchor and anchor not in anchors(path))
    ]
    assert broken == []


def test_every_page_of_the_documentation_is_in_its_index():
    reached = {path for path, _ in links(DOCS / "README.md")}
    apart = {DOCS / "README.md", DOCS / "progress.md"}
    assert [page for page in DOCS.rglob("*.md") if page not in reached | apart] == []


def test_every_picture_is_used_and_small():
    used = {path for page in PAGES for path, _ in links(page)}
    for picture in DOCS.glob("images/*"):
        assert picture in used
        assert picture.stat().st_size < 300_000


def test_the_readme_begins_with_the_two_commands_and_stays_short():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 120
    commands = [line.split("#")[0].strip() for line in lines if line.startswith("    ")]
    assert commands[:2] == ["make run", "make test"]


def test_the_page_on_problems_lists_every_exit_code():
    page = (DOCS / "how-to" / "read-a-problem.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| `([A-Z_]+)` \|", page, re.M)
    assert [(int(number), name) for number, name in rows] == [(c.value, c.name) for c in ExitCode]


def test_every_message_on_the_page_on_problems_is_one_that_the_code_says():
    page = (DOCS / "how-to" / "read-a-problem.md").read_text(encoding="utf-8")
    table = page.partition("## Common messages")[2].partition("\n## ")[0]
    said = [row.strip() for row in re.findall(r"^\| ([^|]+) \| ", table, re.M)][1:]
    assert len(said) > 10
    code = "\n".join(
        p.read_text(encoding="utf-8") for p in (ROOT / "src" / "rooftree").rglob("*.py")
    )
    for message in said:
        for part in (part.strip() for part in re.split("…|\\.", message) if part.strip()):
            assert part in code, message


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_talk_down_to_nobody(page: Path):
    text = page.read_text(encoding="utf-8").lower()
    if page.parent.name == "reference" and page.name in {"code-lists.md", "attributes.md"}:
        return  # they quote the wording of published questions
    assert re.findall(r"\b(simply|obviously)\b", text) == []
