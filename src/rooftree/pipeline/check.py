"""Are the definitions and sources ready for a run? Looks at everything, reads no rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rooftree.pipeline.definitions import Definitions
from rooftree.segments.definition import load_segments
from rooftree.segments.events import check_events
from rooftree.sources.files import find_files
from rooftree.storage.workspace import Workspace
from rooftree.vocabulary.errors import DataError, DefinitionError, Problem, ProblemsError


@dataclass(frozen=True, slots=True)
class Checked:
    """What loads: counts, and per extract how many files are there now."""

    attributes: int
    code_lists: int
    features: int
    overlaid: tuple[str, ...]
    extracts: tuple[tuple[str, str, int], ...]
    purposes: tuple[tuple[str, str, bool], ...]
    segments: int = 0


def check(workspace: Workspace, *, environment: Mapping[str, str] | None = None) -> Checked:
    """Load every definition and find every extract.

    Raises DefinitionError with all that is wrong in definitions, DataError with all extracts whose
    files are missing.
    """
    definitions = Definitions.load(workspace)
    problems: list[Problem] = []
    kind: type[ProblemsError] = DataError
    extracts = []
    for extract in (e for source in definitions.sources for e in source.extracts):
        try:
            found = find_files(
                extract, extracts_dir=workspace.extracts, environment=environment or {}
            )
            extracts.append((extract.system, extract.key, len(found)))
        except ProblemsError as error:
            problems += error.problems
            kind = DefinitionError if isinstance(error, DefinitionError) else kind
    if problems:
        raise kind(problems, heading="Some extracts are not there")
    catalogue = definitions.catalogue
    segments = load_segments(catalogue)
    if segments.problems:  # a run goes on without them; who checks wants to know
        raise DefinitionError(segments.problems, "Some segments do not load")
    check_events(catalogue)
    return Checked(
        attributes=len(catalogue.attributes),
        code_lists=len(catalogue.code_lists),
        features=len(catalogue.features),
        overlaid=catalogue.overlaid,
        extracts=tuple(extracts),
        purposes=tuple((p.key, p.label, p.selects) for p in catalogue.purposes.values()),
        segments=len(segments.ready),
    )
