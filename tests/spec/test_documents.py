"""A person's document: their own, with what the members of a tenancy share put in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from rooftree.pipeline.documents import whole
from rooftree.storage.lookup import Lookup
from rooftree.storage.lookup_build import build_lookup

SHARED = {
    "tenancy": {"tenure": "secure", "tenancy_payment": {"weeks_behind": 2.0}},
    "household": {"household_values": [{"attribute": "household_language", "value": "cy"}]},
}


def batch(rows: dict[str, Any]) -> list[pa.RecordBatch]:
    texts = [json.dumps(document) for document in rows.values()]
    return [pa.record_batch({"id": list(rows), "document": texts})]


def opened(folder: Path, people: dict[str, Any]) -> Lookup:
    build_lookup(folder / "lookup.sqlite", batch(people), [], parts=batch({"T1": SHARED}))
    return Lookup.open(folder / "lookup.sqlite")


def part(role: str, household: str | None) -> dict[str, Any]:
    return {"tenancy_id": "T1", "role": role, "household_id": household}


def test_every_member_has_the_tenancy_and_only_who_lives_there_has_the_household(tmp_path: Path):
    people = {
        "P1": {"tenancies": [part("tenant", "H1")]},
        "P2": {"tenancies": [part("next_of_kin", None)]},
    }
    with opened(tmp_path, people) as lookup:
        tenant, kin = (whole(lookup, each)["tenancies"][0] for each in people)
    assert tenant == {
        "tenancy_id": "T1",
        "role": "tenant",
        "household_id": "H1",
        "tenure": "secure",
        "tenancy_payment": {"weeks_behind": 2.0},
        "household_values": [{"attribute": "household_language", "value": "cy"}],
    }
    assert kin["tenure"] == "secure"
    assert "household_values" not in kin


def test_somebody_without_a_tenancy_has_a_document_too(tmp_path: Path):
    with opened(tmp_path, {"P1": {"tenancies": None, "given_name": "Ada"}}) as lookup:
        assert whole(lookup, "P1") == {"tenancies": None, "given_name": "Ada"}
