"""The journeys of people at work, from beginning to end, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, find, picture
from tests.lib.totp import totp


def test_a_colleague_is_invited_joins_and_enrols(
    as_role: Callable[[str], Page], page: Page, site: Site
):
    admin = as_role("administrator")
    admin.goto(f"{site.address}/administration/users/")
    admin.get_by_role("button", name="Invite a colleague").or_(
        admin.get_by_role("link", name="Invite a colleague")
    ).click()
    if "/account/confirm/" in admin.url:
        admin.get_by_label("Password", exact=True).fill(site.password)
        admin.get_by_role("button", name="Confirm").click()
    admin.get_by_label("Name").fill("Nia New")
    admin.get_by_label("Work e-mail address").fill("nia@example.org")
    admin.get_by_label("Support officer").check()
    admin.get_by_label("P01").check()
    admin.get_by_role("button", name="Invite").click()
    expect(admin.get_by_role("heading", level=1)).to_have_text("Nia New is invited")
    link = admin.locator(".rt-code").inner_text()

    page.goto(link)
    picture(page, "invitation")
    page.get_by_label("Choose a password").fill("three words together")
    page.get_by_label("Enter it again").fill("three words together")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up your authenticator app")
    assert page.evaluate("document.querySelector('.rt-qr').naturalWidth > 0"), (
        "the picture is shown"
    )
    picture(page, "invitation-second-step")
    secret = page.locator(".rt-code").inner_text()
    page.get_by_label("Six-digit code").fill(totp(secret))
    page.get_by_role("button", name="Finish").click()
    expect(page.locator(".rt-codes li")).to_have_count(10)
    picture(page, "recovery-codes")
    page.get_by_role("link", name="Continue").click()
    expect(page.get_by_text("Nia New, support officer")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This invitation cannot be used")


def test_a_passkey_signs_in_by_itself(as_role: Callable[[str], Page], site: Site):
    tab = as_role("board_reader")
    devtools = tab.context.new_cdp_session(tab)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                     "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )  # fmt: skip
    tab.goto(f"{site.address}/account/passkeys/add/")
    if "/account/confirm/" in tab.url:
        tab.get_by_label("Password", exact=True).fill(site.password)
        tab.get_by_role("button", name="Confirm").click()
    tab.get_by_label("Name of this passkey").fill("My laptop")
    tab.get_by_label("Sign in with it alone").check()
    tab.get_by_role("button", name="Add").click()
    tab.wait_for_url("**/account/")
    expect(tab.get_by_text("Your passkeys (1)")).to_be_visible()
    tab.get_by_role("button", name="Sign out").click()
    tab.wait_for_url("**/sign-in/")
    tab.get_by_role("button", name="Sign in with a passkey").click()
    expect(tab.get_by_role("button", name="Sign out")).to_be_visible()


def test_a_customer_is_found_though_misspelt_and_read_by_keyboard_alone(
    as_role: Callable[[str], Page], site: Site
):
    tab = as_role("housing_officer")
    tab.goto(f"{site.address}/people/")
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("link", name="Skip to main content")).to_be_focused()
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("searchbox")).to_be_focused()
    tab.keyboard.type("Jonse")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/people/?found=1")
    expect(tab.get_by_text("spelt nearly like this").first).to_be_visible()
    first = tab.locator(".rt-hit a").first
    name = first.inner_text()
    first.focus()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/people/P*/")
    expect(tab.get_by_role("heading", level=1)).to_have_text(name)
    assert name.split()[-1] not in tab.title()
    assert name.split()[-1].lower() not in tab.url.lower()
    kept = tab.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")
    assert kept == "{}{}"


def test_a_data_protection_officer_gives_a_reason_and_sees_who_looked(
    as_role: Callable[[str], Page], site: Site
):
    tab = as_role("data_protection_officer")
    find(tab, site, "jones")
    tab.locator(".rt-hit a").first.click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("A reason first")
    picture(tab, "reason")
    tab.get_by_role("button", name="Open the record").click()
    expect(tab.get_by_role("heading", name="There is a problem")).to_be_visible()
    tab.get_by_label("A request for what we hold").check()
    tab.get_by_role("button", name="Open the record").click()
    tab.get_by_role("link", name="Who looked").click()
    expect(tab.get_by_role("cell", name="subject access").first).to_be_visible()


def test_who_is_refused_is_told_what_to_do(as_role: Callable[[str], Page], site: Site):
    tab = as_role("board_reader")
    tab.goto(f"{site.address}/people/")
    expect(tab.get_by_role("heading", level=1)).to_have_text("This page is not part of your role")
    picture(tab, "refused")


def test_a_run_is_started_followed_and_ends(as_role: Callable[[str], Page], site: Site):
    tab = as_role("data_steward")
    tab.goto(f"{site.address}/jobs/")
    tab.get_by_label("The day the run speaks of").fill("30/03/2026")
    tab.get_by_role("button", name="Start a run").click()
    tab.wait_for_url(re.compile(r"/jobs/\d+/$"))
    expect(tab.get_by_text(re.compile("At work|Done")).first).to_be_visible(timeout=20_000)
    picture(tab, "job-at-work")
    # The page follows by itself: nobody reloads it.
    expect(tab.locator("#progress").get_by_text("Done", exact=True)).to_be_visible(timeout=120_000)
    expect(tab.get_by_text("Rows in = accepted + rejected")).to_be_visible()
    picture(tab, "job-done")


def test_the_important_things_work_without_javascript(browser, site: Site):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.set_default_timeout(20_000)
    from tests.browser.conftest import sign_in

    sign_in(tab, site, "income_officer")
    find(tab, site, "jones")
    tab.locator(".rt-hit a").first.click()
    tab.get_by_role("link", name="Timeline").click()
    tab.get_by_label("Repair", exact=True).check()
    tab.get_by_role("button", name="Show").click()
    assert "kind=repair" in tab.url
    tab.get_by_role("button", name="Sign out").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Sign in")
    context.close()
