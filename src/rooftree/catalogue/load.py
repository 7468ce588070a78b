"""Loads every definition, checks the whole, and reports all problems at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from rooftree.catalogue import read, read_event
from rooftree.catalogue.check import Known, check
from rooftree.catalogue.documents import (
    DISCLOSURE,
    Documents,
    Entry,
    overlay,
    read_file,
    read_folder,
)
from rooftree.catalogue.model import Catalogue, DisclosurePolicy
from rooftree.catalogue.read_policy import read_policy
from rooftree.catalogue.read_segment import read_segment
from rooftree.vocabulary.errors import DefinitionError, Problem
from rooftree.vocabulary.ids import digest

#: The definitions that come with Rooftree.
SHIPPED = Path(__file__).parent.parent / "definitions"


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


_K = TypeVar("_K", bound=_Keyed)


def load(own: Path | None = None, *, shipped: Path = SHIPPED) -> Catalogue:
    """The catalogue: the shipped definitions with a landlord's own folder laid over them by key.

    A definition of the landlord's replaces the shipped one of the same key or adds a new one; with
    `extends = true` it changes only the fields it gives. A folder that does not exist changes nothing.

    Raises DefinitionError with every problem of every file: file, field, what is wrong, what to do.
    """
    problems: list[Problem] = []
    base = read_folder(shipped, problems)
    landlord = read_folder(own, problems, label="definitions/") if own else Documents()
    entries = {
        "attribute": overlay(base.attributes, landlord.attributes, problems),
        "code_list": overlay(base.code_lists, landlord.code_lists, problems),
        "purpose": overlay(base.purposes, landlord.purposes, problems),
        "feature": overlay(base.features, landlord.features, problems),
        "event": overlay(base.events, landlord.events, problems),
        "segment": overlay(base.segments, landlord.segments, problems),
        "policy": overlay(base.policies, landlord.policies, problems),
    }
    places: dict[tuple[str, str], str] = {}

    def read_all(kind: str, reader: Callable[[Entry, list[Problem]], _K]) -> dict[str, _K]:
        return _read(entries[kind][0], reader, kind, places, problems)

    catalogue = Catalogue(
        attributes=read_all("attribute", read.read_attribute),
        code_lists=read_all("code_list", read.read_code_list),
        purposes=read_all("purpose", read.read_purpose),
        features=read_all("feature", read.read_feature),
        events=read_all("event", read_event.read_event),
        segments=read_all("segment", read_segment),
        version=_version(base, landlord),
        policies=read_all("policy", read_policy),
        overlaid=tuple(sorted({key for _, keys in entries.values() for key in keys})),
    )
    known = Known(
        catalogue.attributes,
        catalogue.code_lists,
        catalogue.purposes,
        catalogue.features,
        places,
        catalogue.events,
    )
    problems += check(known)
    _refuse(problems)
    return catalogue


def load_policies(
    own: Path | None = None, *, shipped: Path = SHIPPED
) -> dict[str, DisclosurePolicy]:
    """The disclosure policies alone, by key, for a caller who has a table and no landlord around it.

    Raises DefinitionError with every problem of the two files `disclosure.toml`.
    """
    problems: list[Problem] = []
    base = read_file(shipped, DISCLOSURE, problems)
    landlord = read_file(own, DISCLOSURE, problems, label="definitions/") if own else Documents()
    entries, _ = overlay(base.policies, landlord.policies, problems)
    policies = _read(entries, read_policy, "policy", {}, problems)
    _refuse(problems)
    return policies


def _refuse(problems: list[Problem]) -> None:
    """Raise DefinitionError where there are problems, each of them once."""
    if problems:
        problems = sorted(set(problems))
        count = len(problems)
        raise DefinitionError(
            problems, f"{count} problem{'s' if count != 1 else ''} in the definitions"
        )


def _read(
    entries: Sequence[Entry],
    reader: Callable[[Entry, list[Problem]], _K],
    kind: str,
    places: dict[tuple[str, str], str],
    problems: list[Problem],
) -> dict[str, _K]:
    """Every entry of one kind, by key in alphabetical order; entries without a key are left out."""
    result: dict[str, _K] = {}
    for entry in entries:
        thing = reader(entry, problems)
        if thing.key:
            result[thing.key] = thing
            places[kind, thing.key] = entry.where
    return dict(sorted(result.items()))


def _version(base: Documents, landlord: Documents) -> str:
    """A digest of all definitions' bytes, so that a snapshot can say which ones made it."""
    parts: list[str | bytes] = []
    for documents in (base, landlord):
        for where, data in sorted(documents.bytes_of.items()):
            parts += [where, data]
    return digest(*parts)[:16]
