"""Record and refuse, be asked, be overtaken, take back, object: in a real browser, with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import NARROW, WIDE, Site, find, picture
from tests.browser.test_every_page import RULES


@pytest.fixture
def look() -> Iterator[Callable[[Page, str], None]]:
    """Look at a page as it is now: axe finds nothing, and nothing sticks out at 320 pixels."""
    wrong: list[str] = []

    def at(tab: Page, name: str) -> None:
        for each in Axe().run(tab, options=RULES).response["violations"]:
            found = [node["html"][:160] for node in each["nodes"][:3]]
            wrong.append(f"{name}: {each['id']} {found}")
        picture(tab, name)
        tab.set_viewport_size(NARROW)
        wide = tab.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        tab.set_viewport_size(WIDE)
        if wide > 0:
            wrong.append(f"{name}: sticks out by {wide} pixels at 320")

    yield at
    assert wrong == []


def open_questions(tab: Page, site: Site, name: str = "jones") -> str:
    """Go to the questions of the first customer found; gives the address of the record."""
    find(tab, site, name)
    tab.locator(".rt-hit a").first.click()
    tab.wait_for_url("**/people/P*/")
    record = tab.url
    tab.get_by_role("navigation", name="Parts of the record").get_by_role(
        "link", name="Ask and record"
    ).click()
    tab.wait_for_url("**/ask/")
    return record


def done(tab: Page, text: str) -> None:
    """The page says that it was done."""
    expect(tab.locator(".govuk-notification-banner__heading")).to_contain_text(text)


def test_record_and_refuse_and_take_back(
    as_role: Callable[[str], Page], site: Site, look: Callable[[Page, str], None]
):
    tab = as_role("housing_officer")
    record = open_questions(tab, site)
    look(tab, "ask")

    # The list narrows as somebody types, without a new page.
    tab.get_by_label("Show questions about").fill("mobile")
    expect(tab.locator(".rt-questions").first.get_by_role("listitem")).to_have_count(1)
    tab.locator("#questions").get_by_role("link", name="Mobile telephone").click()
    tab.wait_for_url("**/ask/mobile/")
    look(tab, "question-text")
    tab.get_by_role("textbox", name="Mobile telephone").fill("call the son")
    tab.get_by_role("button", name="Record", exact=True).click()
    expect(tab).to_have_title(re.compile("^Error"))
    look(tab, "question-text-error")
    expect(tab.get_by_role("textbox", name="Mobile telephone")).to_have_value("call the son")
    tab.get_by_role("link", name="Enter a telephone number").click()
    expect(tab.get_by_role("textbox", name="Mobile telephone")).to_be_focused()
    tab.get_by_role("textbox", name="Mobile telephone").fill("07700 900321")
    tab.get_by_label("Face to face").check()
    tab.get_by_role("button", name="Record", exact=True).click()
    done(tab, "Mobile telephone: recorded.")
    tab.goto(record)
    expect(tab.get_by_text("07700 900321").first).to_be_visible()

    # Refuse: the box for the answer goes away, and the outcome is kept.
    tab.goto(f"{record}ask/preferred_name/")
    tab.get_by_label("Prefer not to say").check()
    expect(tab.get_by_role("textbox", name="Name the person likes to be called")).to_be_hidden()
    tab.get_by_role("button", name="Record", exact=True).click()
    done(tab, "Name the person likes to be called: recorded.")
    expect(tab.locator(".rt-box--done")).to_contain_text("Prefers not to say")
    look(tab, "ask-recorded")
    tab.get_by_role("button", name="Take back mobile telephone").click()
    done(tab, "taken back")
    tab.goto(record)
    expect(tab.get_by_text("07700 900321")).to_have_count(0)


def test_every_kind_of_question(
    as_role: Callable[[str], Page], site: Site, look: Callable[[Page, str], None]
):
    tab = as_role("support_officer")
    record = open_questions(tab, site)
    look(tab, "ask-support")
    for attribute in (
        "title", "main_language", "reasonable_adjustments", "date_of_birth", "longer_appointment", "person_alerts",
        "religion",
    ):  # fmt: skip
        tab.goto(f"{record}ask/{attribute}/")
        look(tab, f"question-{attribute}")
    tab.goto(f"{record}ask/")
    for label in ("Household income", "Number of people"):
        link = tab.locator("#questions").get_by_role("link", name=re.compile(label)).first
        if link.count():
            tab.goto(site.address + (link.get_attribute("href") or ""))
            look(tab, f"question-{label.lower().replace(' ', '-')}")


def test_a_need_has_a_day_of_review_and_an_exclusive_choice(
    as_role: Callable[[str], Page], site: Site, look: Callable[[Page, str], None]
):
    tab = as_role("housing_officer")
    record = open_questions(tab, site)
    tab.goto(f"{record}ask/reasonable_adjustments/")
    tab.get_by_label("Two members of staff").check()
    tab.get_by_label("None of these").check()
    expect(tab.get_by_label("Two members of staff")).not_to_be_checked()
    tab.get_by_label("Two members of staff").check()
    expect(tab.get_by_label("None of these")).not_to_be_checked()
    tab.locator("#id_review_day").fill("31")
    tab.locator("#id_review_month").fill("2")
    tab.get_by_role("button", name="Record", exact=True).click()
    look(tab, "question-review-error")
    tab.locator("#id_review_day").fill("1")
    tab.locator("#id_review_month").fill("September")
    tab.locator("#id_review_year").fill("2026")
    tab.get_by_role("button", name="Record", exact=True).click()
    done(tab, "Reasonable adjustments: recorded.")
    tab.goto(record)
    expect(tab.locator(".rt-box--need")).to_contain_text("Two members of staff")


def test_what_is_unusual_is_asked_about(
    as_role: Callable[[str], Page], site: Site, look: Callable[[Page, str], None]
):
    tab = as_role("housing_officer")
    record = open_questions(tab, site)
    tab.goto(f"{record}ask/date_of_birth/")
    tab.get_by_label("Their answer").check()
    for part, typed in (("Day", "1"), ("Month", "6"), ("Year", "1900")):
        tab.get_by_label(part, exact=True).first.fill(typed)
    tab.get_by_role("button", name="Record", exact=True).click()
    expect(tab.get_by_role("alert")).to_contain_text("125 years old")
    look(tab, "question-doubt")
    expect(tab.get_by_label("Year", exact=True).first).to_have_value("1900")
    tab.get_by_role("button", name="Yes, record it").click()
    done(tab, "Date of birth: recorded.")
    tab.get_by_role("button", name="Take back date of birth").click()
    done(tab, "taken back")


def test_two_who_write_at_once(
    as_role: Callable[[str], Page], site: Site, look: Callable[[Page, str], None]
):
    first, second = as_role("housing_officer"), as_role("support_officer")
    record = open_questions(first, site)
    for tab in (first, second):
        tab.goto(f"{record}ask/phone/")
        tab.get_by_label("Their answer").check()
    first.locator("#id_text").fill("020 7946 0111")
    second.locator("#id_text").fill("020 7946 0222")
    first.get_by_role("button", name="Record", exact=True).click()
    done(first, "recorded.")
    second.get_by_role("button", name="Record", exact=True).click()
    expect(second.get_by_role("alert")).to_contain_text("somebody was quicker")
    expect(second.get_by_role("alert")).to_contain_text("020 7946 0111")
    expect(second.locator("#id_text")).to_have_value("020 7946 0222")
    look(second, "question-conflict")
    second.get_by_role("button", name="Record mine as well").click()
    done(second, "recorded.")
    second.goto(record)
    expect(second.get_by_text("020 7946 0222").first).to_be_visible()


def test_object_and_take_it_back(
    as_role: Callable[[str], Page], site: Site, look: Callable[[Page, str], None]
):
    tab = as_role("housing_officer")
    record = open_questions(tab, site)
    tab.get_by_role("link", name="record an objection").click()
    tab.wait_for_url("**/object/")
    tab.get_by_role("button", name="Record the objection").click()
    look(tab, "object-error")
    tab.get_by_label("Date of birth").check()
    look(tab, "object")
    tab.get_by_role("button", name="Record the objection").click()
    done(tab, "Objection recorded")
    tab.goto(f"{record}profile/")
    expect(tab.get_by_text("Withdrawn").first).to_be_visible()
    tab.goto(f"{record}ask/date_of_birth/")
    tab.get_by_label("Prefer not to say").check()
    tab.get_by_role("button", name="Record", exact=True).click()
    expect(tab.get_by_role("alert")).to_contain_text("An objection to this was recorded today")
    tab.get_by_role("link", name="Take back what was recorded").click()
    look(tab, "take-back")
    tab.get_by_role("button", name="Take it back").click()
    done(tab, "taken back")


def test_all_of_it_without_javascript(browser: Browser, as_role: Callable[[str], Page], site: Site):
    signed_in = as_role("housing_officer")
    record = open_questions(signed_in, site)
    context = browser.new_context(
        java_script_enabled=False, storage_state=signed_in.context.storage_state(), viewport=WIDE
    )
    tab = context.new_page()
    tab.goto(f"{record}ask/?about=email")
    expect(tab.locator(".rt-questions").first.get_by_role("listitem")).to_have_count(1)
    tab.goto(f"{record}ask/email/")
    expect(tab.locator("#id_text")).to_be_visible()
    tab.get_by_label("Their answer").check()
    tab.locator("#id_text").fill("new.address@example.org")
    tab.get_by_role("button", name="Record", exact=True).click()
    done(tab, "recorded.")
    tab.get_by_role("button", name=re.compile("Take back email")).click()
    done(tab, "taken back")
    context.close()
