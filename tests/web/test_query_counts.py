"""How many queries each page makes. The numbers are in `query_counts.toml`, which a reviewer reads.

A page that makes more must say why in the change that raises its number; one that makes fewer lowers it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rooftree.web.accounts.models import User
from tests.web.conftest import People, signed_in
from tests.web.test_walk import PAGES

COUNTS = tomllib.loads((Path(__file__).parent / "query_counts.toml").read_text())


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_a_page_makes_no_more_queries_than_were_agreed(
    staff: Callable[..., User], people: People, name: str
):
    agreed = COUNTS[name]
    client = signed_in(staff(agreed["role"]))
    arguments = (
        {"person_id": people.mine} if name.startswith("person") or name.endswith("why") else {}
    )
    if name in ("segment", "segment_members", "segment_why"):
        arguments["segment"] = "need_not_asked"
    where = reverse(name, kwargs=arguments)
    client.get(where)  # what is kept for later is kept now
    with CaptureQueriesContext(
        connection,
    ) as made:
        assert client.get(where).status_code == 200
    # PostgreSQL takes a lock for the log where SQLite has one already.
    aside = ("SAVEPOINT", "pg_advisory")
    told = [query["sql"] for query in made.captured_queries]
    ours = [sql for sql in told if not any(word in sql for word in aside)]
    assert len(ours) == agreed["queries"], "\n".join(sql[:160] for sql in ours)


def test_every_page_about_people_has_its_number():
    assert {name for name in PAGES if name.startswith("person") and name != "person_reason"} <= set(
        COUNTS
    )


def test_a_list_makes_the_same_number_however_long_it_is(staff: Callable[..., User]):
    admin = staff("administrator")
    client = signed_in(admin)
    counts = []
    for more in (1, 6):
        for _ in range(more):
            staff()
        with CaptureQueriesContext(connection) as made:
            client.get(reverse("users"))
        counts.append(len(made))
    assert counts[0] == counts[1]
