"""A real browser, Chromium, on the pages of a real server over the real data.

What a page must never do is watched on every page: errors in the console, reports of the content
security policy, requests to anywhere else.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from kg.query.service import Limits

ROOT = Path(__file__).resolve().parents[3]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WATCH = """
window.reports = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.reports.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""

IDLE = "document.fonts.ready.then(() => new Promise((done) => requestIdleCallback(() => done())))"
SETTLED_S = 30.0


@dataclass
class Watched:
    """A tab of the browser, and what went wrong in it.

    Attributes:
        page: The tab.
        address: Of the server.
        errors: What the console and scripts have complained of, and requests to elsewhere.
        scripts: Whether the page may run any.
        pending: The requests that have neither been answered nor failed.
    """

    page: Page
    address: str
    errors: list[str] = field(default_factory=list)
    scripts: bool = True
    pending: set[Request] = field(default_factory=set)

    def open(self, path: str) -> Page:
        """The tab with a page of the server, once all of it is there."""
        self.page.goto(self.address + path)
        self.settle()
        return self.page

    def settle(self) -> None:
        """Return once the page has its fonts, has nothing left to do, and waits for no answer.

        Playwright's own `networkidle` may never come after a click, where the browser has all that
        the next page needs.
        """
        self.page.wait_for_load_state()
        if self.scripts:
            self.page.evaluate(IDLE)
        until = time.monotonic() + SETTLED_S
        while self.pending:
            assert time.monotonic() < until, [each.url for each in self.pending]
            self.page.wait_for_timeout(20)

    def all_is_well(self) -> None:
        """Nothing went wrong, on any page so far."""
        self.errors += self.page.evaluate("window.reports")
        assert self.errors == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the browser nothing here can be tried; where it must be there, that is an error."""
    if CHROMIUM is None and not os.environ.get("CI"):
        reason = "there is no Chromium on this machine; Debian has it in the package chromium"
        for item in items:
            if item.path.is_relative_to(Path(__file__).parent):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, without a window.

    It has an event loop in this thread until it is closed, beside which `asyncio.run` fails: so it
    ends with each file.
    """
    assert CHROMIUM is not None, "the tests in a browser need Chromium, and CI has to install it"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield found
        found.close()


@pytest.fixture(scope="session")
def site(serve, built) -> Iterator[str]:
    """The address of a server over the real data."""
    with serve(Limits(printed_things=0), built) as running:
        yield running.address


Open = Callable[..., "contextmanager[Watched]"]


@pytest.fixture
def tab(browser: Browser, site: str):
    """What opens a tab: `with tab(width=390) as found: …`; at its end all must be well."""

    @contextmanager
    def opened(*, address: str = site, scripts: bool = True, **options) -> Iterator[Watched]:
        size = {"width": options.pop("width", 1280), "height": options.pop("height", 900)}
        context = browser.new_context(viewport=size, java_script_enabled=scripts, **options)
        try:
            found = _watched(context, address, scripts=scripts)
            yield found
            if scripts:
                found.all_is_well()
            assert found.errors == []
        finally:
            context.close()

    return opened


def _watched(context: BrowserContext, address: str, *, scripts: bool) -> Watched:
    context.add_init_script(WATCH)
    page = context.new_page()
    found = Watched(page, address, scripts=scripts)
    host = urlsplit(address).netloc

    def console(message) -> None:
        if message.type == "error":
            found.errors.append(f"{page.url}: console: {message.text}")

    def requested(request) -> None:
        found.pending.add(request)
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != host:
            found.errors.append(f"{page.url}: a request to {request.url}")

    page.on("console", console)
    page.on("pageerror", lambda error: found.errors.append(f"{page.url}: {error}"))
    page.on("request", requested)
    page.on("requestfinished", lambda request: found.pending.discard(request))
    page.on("requestfailed", lambda request: found.pending.discard(request))
    return found


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, as the lock file of the front end has it."""
    path = ROOT / "build" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
    assert path.exists(), f"{path}: not there; run: ./run python src/frontend/build.py"
    return path.read_text(encoding="utf-8")
