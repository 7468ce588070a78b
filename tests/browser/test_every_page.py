"""Every page, wide and narrow: axe finds nothing, nothing sticks out at 320 pixels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE, Site, find, picture

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}


@pytest.fixture
def check() -> Iterator[Callable[[Page, str], None]]:
    """Look at a page as it is now: axe, width, title and heading. All that is wrong is told at the end."""
    wrong: list[str] = []

    def look(tab: Page, name: str) -> None:
        for each in Axe().run(tab, options=RULES).response["violations"]:
            wrong.append(
                f"{name}: {each['id']} {[node['html'][:160] for node in each['nodes'][:3]]}"
            )
        if tab.locator("h1").count() != 1 or "Rooftree" not in tab.title():
            wrong.append(f"{name}: heading or title")
        picture(tab, name)
        tab.set_viewport_size(NARROW)
        wide = tab.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        tab.set_viewport_size(WIDE)
        if wide > 0:
            wrong.append(f"{name}: sticks out by {wide} pixels at 320")

    yield look
    assert wrong == []


def test_pages_of_a_stranger(page: Page, site: Site, check: Callable[[Page, str], None]):
    for name, path in (
        ("sign-in", "/sign-in/"),
        ("not-found", "/nowhere/"),
        ("invitation-gone", "/invitation/none/"),
    ):
        page.goto(site.address + path)
        if path == "/nowhere/":
            expect(page.get_by_role("heading", level=1)).to_be_visible()
        check(page, name)
    page.goto(f"{site.address}/sign-in/")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    check(page, "sign-in-with-errors")


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        ("administrator", [
            "/", "/administration/users/", "/administration/users/invite/", "/administration/users/1/",
            "/administration/identity/", "/administration/settings/", "/administration/health/", "/jobs/",
            "/account/", "/account/sessions/", "/account/password/", "/account/passkeys/add/",
            "/account/recovery-codes/new/", "/people/",
        ]),
        ("data_protection_officer", ["/access-log/"]),
        ("board_reader", ["/"]),
    ],
)  # fmt: skip
def test_pages_of_a_role(
    as_role: Callable[[str], Page],
    site: Site,
    check: Callable[[Page, str], None],
    role: str,
    pages: list[str],
):
    tab = as_role(role)
    for path in pages:
        tab.goto(site.address + path)
        if tab.url.startswith(f"{site.address}/account/confirm/"):
            check(tab, "confirm")
            tab.get_by_label("Password").fill(site.password)
            tab.get_by_role("button", name="Confirm").click()
            tab.wait_for_url(f"{site.address}{path}")
        check(tab, f"{role}{path.replace('/', '-').rstrip('-')}")


def test_forms_with_errors(
    as_role: Callable[[str], Page], site: Site, check: Callable[[Page, str], None]
):
    tab = as_role("administrator")
    for path, button in (
        ("/administration/users/invite/", "Invite"),
        ("/administration/identity/", "Save"),
    ):
        tab.goto(site.address + path)
        if tab.url.startswith(f"{site.address}/account/confirm/"):
            tab.get_by_label("Password").fill(site.password)
            tab.get_by_role("button", name="Confirm").click()
        for box in tab.get_by_role("textbox").all():
            box.fill("")
        tab.get_by_role("button", name=button, exact=True).click()
        expect(tab.get_by_role("heading", name="There is a problem")).to_be_visible()
        expect(tab).to_have_title(re.compile("^Error"))
        check(tab, f"errors{path.replace('/', '-').rstrip('-')}")


def test_pages_of_a_record(
    as_role: Callable[[str], Page], site: Site, check: Callable[[Page, str], None]
):
    tab = as_role("housing_officer")
    tab.goto(f"{site.address}/people/")
    check(tab, "find")
    tab.get_by_role("button", name="Find").click()
    expect(tab.get_by_role("heading", name="There is a problem")).to_be_visible()
    check(tab, "find-with-errors")
    find(tab, site, "zzzzzzzz")
    check(tab, "find-nobody")
    find(tab, site, "jones")
    check(tab, "find-results")
    tab.locator(".rt-hit a").first.click()
    tab.wait_for_url("**/people/P*/")
    check(tab, "record")
    for part in (
        "Profile",
        "Household and home",
        "Timeline",
        "Rent account",
        "History of values",
        "Who looked",
    ):
        link = tab.get_by_role("navigation", name="Parts of the record").get_by_role(
            "link", name=part
        )
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
        if part == "Rent account":
            tab.get_by_text("The numbers, week by week").click()
        check(tab, f"record-{part.lower().replace(' ', '-')}")
