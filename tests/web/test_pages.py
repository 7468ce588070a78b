"""Every page opens for those whose work it is, and shows what their role may see."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rooftree.web.accounts.models import User
from tests.web.conftest import People, signed_in

PARTS = ("", "profile/", "household/", "timeline/", "account/", "history/", "who-looked/")


@pytest.mark.parametrize("part", PARTS)
def test_an_officer_opens_each_part_of_a_record_of_the_patch(
    staff: Callable[..., User], people: People, part: str
):
    response = signed_in(staff()).get(f"/people/{people.mine}/{part}")
    assert response.status_code == 200
    assert people.mine_name in response.content.decode()


@pytest.mark.parametrize("part", PARTS)
def test_a_record_of_another_patch_is_not_there(
    staff: Callable[..., User], people: People, part: str
):
    assert signed_in(staff()).get(f"/people/{people.elsewhere}/{part}").status_code == 404


def test_what_is_typed_is_found_and_stands_in_no_address(
    staff: Callable[..., User], people: People
):
    client = signed_in(staff())
    response = client.post("/people/", {"text": people.mine_name})
    assert response.status_code == 302
    assert people.mine_name not in response["Location"]
    page = client.get(response["Location"]).content.decode()
    assert f"/people/{people.mine}/" in page
    assert people.elsewhere not in page
