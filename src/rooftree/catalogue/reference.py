"""Writes the reference pages of the catalogue, or says which of them are out of date.

    python -m rooftree.catalogue.reference [--check] docs/reference

A page is a function from the catalogue to Markdown, named in PAGES. Pages about the tables of later
stages belong to a module that may import those stages; it can use `publish` for them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rooftree.catalogue import (
    reference_events,
    reference_lists,
    reference_policies,
    reference_things,
)
from rooftree.catalogue.load import load
from rooftree.catalogue.model import Catalogue
from rooftree.vocabulary.errors import UserError

#: The pages, by file name.
PAGES: Mapping[str, Callable[[Catalogue], str]] = {
    "attributes.md": reference_things.attributes,
    "code-lists.md": reference_lists.code_lists,
    "events.md": reference_events.events,
    "disclosure-policies.md": reference_policies.policies,
    "features.md": reference_things.features,
    "purposes.md": reference_lists.purposes,
}


def pages(catalogue: Catalogue) -> dict[str, str]:
    """The Markdown of every page, by file name."""
    return {name: build(catalogue) for name, build in PAGES.items()}


def publish(texts: Mapping[str, str], folder: Path, *, check: bool = False) -> list[str]:
    """Write the pages that differ from what the folder holds, and give their names.

    With `check` nothing is written.
    """
    stale: list[str] = []
    for name, text in sorted(texts.items()):
        path = folder / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not check:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return stale


def main(arguments: Sequence[str] | None = None) -> int:
    """The program: exit code 1 when `--check` finds a page out of date, or that of the error."""
    parser = argparse.ArgumentParser(description="Write the reference pages of the catalogue.")
    parser.add_argument("folder", type=Path, help="where the pages are, such as docs/reference")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if out of date")
    options = parser.parse_args(arguments)
    try:
        stale = publish(pages(load()), options.folder, check=options.check)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.exit_code)
    if options.check and stale:
        names = ", ".join(str(options.folder / name) for name in stale)
        sys.stderr.write(f"Out of date: {names}. Write them again with: make docs\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
