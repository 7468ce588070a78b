"""A real server on a copy of the made-up landlord, and a real browser: Debian's Chromium.

Where there is no Chromium the tests are skipped, and say so. With ROOFTREE_SCREENSHOTS set to a
folder, every page that is looked at leaves a picture there, wide and narrow.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.lib.demo import shared_demo
from tests.lib.totp import totp

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (found := shutil.which(name))
    ),
    None,
)
BUILT = ROOT / "src/rooftree/web/layout/static/built/stamp.txt"
expect.set_options(timeout=20_000)
WIDE, NARROW = {"width": 1200, "height": 900}, {"width": 320, "height": 740}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, loudly, where there is no browser or no style sheet."""
    missing = [
        why
        for why, there in (
            ("no Chromium on this machine: apt-get install chromium", CHROMIUM),
            ("the style sheet is not built: make assets", BUILT.exists()),
        )
        if not there
    ]
    for item in items:
        if "tests/browser" in str(item.path) and missing:
            item.add_marker(pytest.mark.skip(reason="; ".join(missing)))


@dataclass(frozen=True)
class Site:
    """A server at work."""

    address: str
    directory: Path
    password: str
    log: Path

    def code(self) -> str:
        """The code that an app shows now."""
        kept = json.loads((self.directory / ".rooftree" / "demonstration.json").read_text())
        return totp(kept["totp_secret"])


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`rooftree serve` on a copy of the made-up landlord."""
    directory = tmp_path_factory.mktemp("site") / "landlord"
    shutil.copytree(shared_demo(tmp_path_factory), directory)
    port, log = free_port(), directory.parent / "serve.log"
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("ROOFTREE_", "DJANGO_"))
    }
    words = [sys.executable, "-m", "rooftree", "serve", str(directory), "--port", str(port)]
    with log.open("w") as out:
        process = subprocess.Popen(
            words, stdout=out, stderr=subprocess.STDOUT, cwd=directory.parent,
            env=environment | {"PYTHONPATH": str(ROOT / "src"), "ROOFTREE_WEB_WORKERS": "1"},
        )  # fmt: skip
    try:
        until = time.monotonic() + 240
        while "Stop with Ctrl-C" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.2)
        password = re.search(r"Password for all:\s+(\S+)", log.read_text())
        assert password
        yield Site(f"http://localhost:{port}", directory, password.group(1), log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium."""
    flags = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    launched = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
    yield launched
    launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab of a browser that knows nobody. A message in its console about the policy fails the test."""
    context = browser.new_context(viewport=WIDE)
    tab = context.new_page()
    tab.set_default_timeout(20_000)
    said: list[str] = []
    tab.on(
        "console",
        lambda message: (
            said.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    tab.on("pageerror", lambda error: said.append(str(error)))
    yield tab
    context.close()
    assert said == []


_states: dict[str, object] = {}


@pytest.fixture
def as_role(browser: Browser, site: Site) -> Iterator[Callable[[str], Page]]:
    """A tab that is signed in as a role: signed in once, and its cookies kept for later tests."""
    opened: list[BrowserContext] = []

    def open_as(role: str) -> Page:
        context = browser.new_context(viewport=WIDE, storage_state=_states.get(role))  # type: ignore[arg-type]
        opened.append(context)
        tab = context.new_page()
        tab.set_default_timeout(20_000)
        if role not in _states:
            sign_in(tab, site, role)
            _states[role] = context.storage_state()
        return tab

    yield open_as
    for context in opened:
        context.close()


def sign_in(tab: Page, site: Site, role: str) -> None:
    """Sign in as somebody would: password, then code."""
    tab.goto(f"{site.address}/sign-in/")
    tab.get_by_label("E-mail address").fill(f"{role.replace('_', '-')}@demo.rooftree.example")
    tab.get_by_label("Password", exact=True).fill(site.password)
    tab.get_by_role("button", name="Continue").click()
    tab.wait_for_url("**/second-step/")
    out = tab.get_by_role("button", name="Sign out")
    wrong = tab.get_by_role("heading", name="There is a problem")
    for _ in range(
        3
    ):  # on a busy machine a code may be over before it arrives: the next one is tried
        tab.get_by_label("code").fill(site.code())
        tab.get_by_role("button", name="Sign in").click()
        expect(out.or_(wrong)).to_be_visible()
        if out.is_visible():
            return
    expect(out).to_be_visible()


def find(tab: Page, site: Site, text: str) -> None:
    """Type into the search."""
    tab.goto(f"{site.address}/people/")
    tab.get_by_role("searchbox").fill(text)
    tab.get_by_role("button", name="Find").click()
    tab.wait_for_url("**/people/?found=1")


def picture(tab: Page, name: str) -> None:
    """Keep a picture of the page, wide and narrow, where a folder is named."""
    folder = os.environ.get("ROOFTREE_SCREENSHOTS")
    if not folder:
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    for size, word in ((WIDE, "wide"), ({"width": 390, "height": 844}, "narrow")):
        tab.set_viewport_size(size)
        tab.screenshot(path=str(Path(folder) / f"{name}-{word}.png"), full_page=True)
    tab.set_viewport_size(WIDE)
