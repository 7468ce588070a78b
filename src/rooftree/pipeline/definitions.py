"""Everything a run is told by people: the catalogue and the source definitions, checked together."""

from __future__ import annotations

from dataclasses import dataclass

from rooftree.catalogue.fields import did_you_mean
from rooftree.catalogue.load import load as load_catalogue
from rooftree.catalogue.model import Catalogue
from rooftree.sources.model import SourceDefinition
from rooftree.staging.contract import load_definitions
from rooftree.storage.settings import CONFIGURATION
from rooftree.storage.workspace import Workspace
from rooftree.vocabulary.errors import DefinitionError, Problem
from rooftree.vocabulary.ids import digest


@dataclass(frozen=True, slots=True)
class Definitions:
    """The checked definitions of one workspace. `version` changes when any of them does."""

    catalogue: Catalogue
    sources: tuple[SourceDefinition, ...]
    version: str

    @classmethod
    def load(cls, workspace: Workspace) -> Definitions:
        """Read and check all of them. DefinitionError lists every problem of every file."""
        problems: list[Problem] = []
        catalogue, sources = None, ()
        try:
            catalogue = load_catalogue(workspace.definitions)
        except DefinitionError as error:
            problems += error.problems
        chosen = workspace.settings.disclosure
        if catalogue is not None and chosen not in catalogue.policies:
            remedy = did_you_mean(chosen, catalogue.policies)
            problems.append(
                Problem(
                    f"{CONFIGURATION}: disclosure.policy", f"{chosen!r} is not a policy.", remedy
                )
            )
        try:
            sources = load_definitions(workspace.sources, catalogue=catalogue)
        except DefinitionError as error:
            problems += error.problems
        if problems or catalogue is None:
            raise DefinitionError(problems)
        version = digest(catalogue.version, *(e.digest for s in sources for e in s.extracts))
        return cls(catalogue, sources, version)
