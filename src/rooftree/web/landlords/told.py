"""What was recorded in Rooftree about a landlord's customers since the last run, and the day it is for them.

Other apps read and write the register through this module and nowhere else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.utils import timezone

from rooftree.pipeline.told import (
    Said,
    person_in,
    resolved,
    said_in,
    subjects_in,
    touched,
    with_register,
)
from rooftree.profile.ordering import Statement
from rooftree.profile.resolve import Resolved
from rooftree.storage.answers import Kept
from rooftree.storage.register import Register
from rooftree.vocabulary.states import Grain
from rooftree.web.landlords.opened import Opened


def today_of(data: Opened) -> dt.date:
    """The day on which something recorded now is said.

    A workspace that keeps to one day (`as_of` in its file, as the demonstration does) lives on that day:
    what is recorded on a later one would be unknown to its runs.
    """
    return data.workspace.settings.as_of or max(timezone.localdate(), data.as_of)


@contextmanager
def register_of(data: Opened) -> Iterator[Register]:
    """The landlord's register, open for one page. A run that is at work does not hold it."""
    with Register.open(data.workspace.register) as register:
        yield register


def kept_about(data: Opened, document: Mapping[str, Any]) -> list[Kept]:
    """Every answer about the person of a document, their household, tenancies and homes."""
    wanted = [
        ref for subject in subjects_in(document, today=today_of(data)) for ref in subject.known_as
    ]
    with register_of(data) as register:
        return register.about(wanted)


def told(data: Opened, document: Mapping[str, Any], kept: list[Kept]) -> Mapping[str, Any]:
    """The document as it stands now."""
    return with_register(
        document, kept, catalogue=data.catalogue, today=today_of(data), said=_said(data)
    )


def changed(data: Opened, document: Mapping[str, Any], kept: list[Kept]) -> Mapping[str, Resolved]:
    """What stands now of the person's attributes that something was recorded about."""
    subject = person_in(document, today=today_of(data))
    return resolved(
        subject, kept, attributes=touched(document, subject, kept), catalogue=data.catalogue,
        today=today_of(data), said=_said(data),
    )  # fmt: skip


def _said(data: Opened) -> Said:
    """The statements of the snapshot, from an engine that is taken only where they are asked for."""

    def said(
        subject_id: str, grain: Grain, attributes: Collection[str]
    ) -> Mapping[str, list[Statement]]:
        with data.engine() as engine:
            return said_in(engine)(subject_id, grain, attributes)

    return said
