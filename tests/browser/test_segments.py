"""Segments and exploring as people use them: build, check and approve; explore and export; and every page looked at."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_every_page import check

__all__ = ["check"]
Check = Callable[[Page, str], None]


def test_build_check_and_approve_a_segment(
    as_role: Callable[[str], Page], site: Site, check: Check
):
    tab = as_role("insight_analyst")
    tab.goto(f"{site.address}/segments/")
    check(tab, "segments")
    tab.get_by_role("link", name="Write a new segment").click()
    tab.get_by_role("button", name="Continue to the rule").click()
    expect(tab.get_by_role("heading", name="There is a problem")).to_be_visible()
    check(tab, "segment-new-with-errors")
    tab.get_by_label("Name").fill("Without internet at home")
    tab.get_by_label("Key").fill("without_internet")
    tab.get_by_label("For which purpose").select_option("communication")
    tab.get_by_label("Why we want to know").fill("A letter reaches them.")
    tab.get_by_label("Who owns it").fill("Digital inclusion officer")
    tab.get_by_role("button", name="Continue to the rule").click()
    tab.wait_for_url("**/segments/proposals/*/")
    where = tab.url
    tab.get_by_label("Add a condition about").fill("internet")
    tab.get_by_role("button", name="Search").click()
    tab.wait_for_url("**find=1*")
    check(tab, "segment-find")
    tab.get_by_role("button", name="Internet at home", exact=True).click()
    tab.wait_for_url("**about=*")
    tab.get_by_label("No internet").check()
    check(tab, "segment-condition")
    tab.get_by_role("button", name="Add the condition").click()
    tab.wait_for_url(where)
    rule = tab.get_by_role("textbox", name="Rule")
    expect(rule).to_have_value("internet_access = none")
    rule.fill("internet_acces = none")
    expect(tab.get_by_role("heading", name="What to put right")).to_be_visible()
    expect(tab.get_by_text("Did you mean internet_access?")).to_be_visible()
    check(tab, "segment-wrong")
    rule.fill("internet_access = none\nand contacts_in_12m >= 1")
    expect(tab.locator(".rt-conditions li")).to_have_count(2)
    check(tab, "segment-writing")
    tab.get_by_role("button", name="Propose").click()
    expect(tab.get_by_text("A second person approves it or sends it back")).to_be_visible()
    expect(tab.get_by_role("button", name="Approve")).to_have_count(0)

    other = as_role("data_protection_officer")
    other.goto(f"{site.address}/segments/proposals/")
    check(other, "segment-proposals")
    other.get_by_role("link", name="Without internet at home").click()
    check(other, "segment-to-decide")
    other.get_by_role("button", name="Approve").click()
    expect(other.get_by_text("Approved. The next run counts it.")).to_be_visible()
    written = site.directory / "definitions" / "segments" / "without_internet.toml"
    assert "internet_access = none" in written.read_text()


def test_who_is_in_and_why(as_role: Callable[[str], Page], site: Site, check: Check):
    tab = as_role("housing_officer")
    tab.goto(f"{site.address}/segments/uses_no_service/")
    check(tab, "segment")
    tab.get_by_role("link", name="See who is in").click()
    check(tab, "segment-members")
    tab.get_by_role("link", name=re.compile("^Why")).first.click()
    expect(tab.get_by_role("heading", name="Condition by condition")).to_be_visible()
    check(tab, "segment-why")


def test_explore_and_export(as_role: Callable[[str], Page], site: Site, check: Check):
    tab = as_role("board_reader")
    tab.goto(f"{site.address}/explore/")
    check(tab, "explore")
    tab.get_by_label("By", exact=True).select_option("internet_access")
    tab.get_by_label("Compare across").select_option("tenure")
    tab.get_by_role("button", name="Show").click()
    expect(tab.get_by_role("heading", name="Internet at home, across tenure")).to_be_visible()
    tab.get_by_text("The table", exact=True).click()
    check(tab, "explore-answer")
    with tab.expect_download() as excel:
        tab.get_by_role("link", name="Excel").click()
    assert excel.value.suggested_filename == "people-internet_access-tenure.xlsx"
    with tab.expect_download() as csv:
        tab.get_by_role("link", name="CSV").click()
    assert csv.value.suggested_filename.endswith(".csv")
    tab.goto(f"{tab.url}&tenure=garage")
    expect(tab.get_by_role("heading", name="This has no answer")).to_be_visible()
    check(tab, "explore-refused")
    tab.get_by_role("link", name="The same in all tenures").click()
    expect(tab.get_by_role("heading", name="Internet at home, across tenure")).to_be_visible()
