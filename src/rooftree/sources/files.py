"""Which files an extract's definition means: patterns, environment values, the latest of several."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from rooftree.sources.model import Extract
from rooftree.vocabulary.errors import DataError, DefinitionError, Problem

_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_WILD = re.compile(r"[*?\[]")


def with_environment(text: str, *, environment: Mapping[str, str], where: str) -> str:
    """The text with each `${NAME}` replaced. Raises DefinitionError for names that were not given."""
    missing = [name for name in _NAME.findall(text) if name not in environment]
    if missing:
        raise DefinitionError(
            [
                Problem(
                    where,
                    f"${{{name}}} has no value.",
                    f"Set {name} in the environment of the run.",
                )
                for name in missing
            ]
        )
    return _NAME.sub(lambda match: environment[match[1]], text)


def find_files(
    extract: Extract, *, extracts_dir: Path, environment: Mapping[str, str]
) -> tuple[Path, ...]:
    """The files of an extract, by name. `take = "latest"` keeps the last by name.

    Raises DataError where there is none, unless the extract is optional.
    """
    pattern = with_environment(extract.files, environment=environment, where=extract.place)
    whole = Path(pattern)
    folder, name = (whole.parent, whole.name) if whole.is_absolute() else (extracts_dir, pattern)
    try:
        if whole.is_absolute() and _WILD.search(str(folder)):
            root = Path(whole.anchor)
            found = list(root.glob(str(whole.relative_to(root))))
        elif _WILD.search(name):
            found = list(folder.glob(name))
        else:
            found = [folder / name]
    except (ValueError, NotImplementedError) as error:
        remedy = "Write * for any letters, ? for one, and ** for any folders between slashes."
        raise DefinitionError(
            [Problem(extract.place, f"files = {extract.files!r} is no pattern.", remedy)]
        ) from error
    files = sorted(
        path for path in found if path.is_file() and not path.name.startswith((".", "~$"))
    )
    odd = [path for path in files if not _is_unicode(str(path))]
    if odd:
        what = f"the names of {len(odd)} files hold bytes that are no letters."
        raise DataError([Problem(extract.place, what, "Give the files other names.")])
    if not files and not extract.optional:
        raise DataError(
            [
                Problem(
                    extract.place,
                    f"no file matches {extract.files}.",
                    "Put the file there, correct the pattern, or say optional = true.",
                )
            ]
        )
    return tuple(files[-1:]) if extract.take == "latest" else tuple(files)


def _is_unicode(name: str) -> bool:
    """Can the name be written down? A name from an old system may hold bytes of another encoding."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
