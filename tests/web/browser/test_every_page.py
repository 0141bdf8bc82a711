"""Every kind of page, in each language and theme, wide and narrow: WCAG 2.2 AA by axe, and more."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

PICTURES = Path(__file__).resolve().parents[3] / "build" / "screenshots"

PAGES = (
    "/",
    "/search?q=Klaipedos",
    "/doc/city/lt-klaipeda",
    "/doc/municipality/lt-taurage-district",
    "/doc/network/urbact-sdg-pilot",
    "/doc/pledge/green-city-accord",
    "/doc/programme/urbact",
    "/doc/person/p-0001",
    "/doc/source/s000",
    "/doc/source/geonames",
    "/doc/graph/source/lei-moletai",
    "/class/City",
    "/class/Network",
    "/class",
    "/compare?ids=city/lt-klaipeda,city/lt-vilnius",
    "/country",
    "/country/LTU",
    "/totals",
    "/contested",
    "/completeness",
    "/status",
    "/about",
    "/dataset",
    "/question",
    "/question/network-cities",
    "/query",
    "/validate",
    "/ont",
    "/ont/City",
    "/voc/role-lead",
    "/candidates",
    "/history/city/lt-klaipeda",
    "/cite/city/lt-klaipeda",
    "/nothing",
)
LANGUAGES = ("en", "lt", "sl")
RUN = """async ([options]) => {
  const found = await axe.run(document, options);
  const some = (nodes) => nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" | ");
  return found.violations.map((each) => `${each.id}: ${each.help}: ${some(each.nodes)}`);
}"""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What is told of a violation, and nothing of what is in order, whose listing is most of the work.
TOLD = {"resultTypes": ["violations"], "selectors": False}
ALL = {"runOnly": {"type": "tag", "values": TAGS}, **TOLD}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, **TOLD}
# Where a page is narrow, tables scroll: by the keys too.
REACHED = {"runOnly": {"type": "rule", "values": ["scrollable-region-focusable"]}, **TOLD}


def keep(page: Page, path: str, name: str) -> None:
    """Keep a picture of what is seen, for people to look at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "home"
    page.screenshot(path=PICTURES / f"{stem}-{name}.png")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_accessible_and_well_behaved(tab, axe, path):
    """No violation in any language; nothing to be scrolled sideways down to 320 px.

    The colours of the dark theme are those of the style sheets whatever the language, so each page
    is looked at in the dark in one language, in turn.
    """
    dark = LANGUAGES[PAGES.index(path) % len(LANGUAGES)]
    with tab() as found:
        for language in LANGUAGES:
            page = found.open(f"/{language}{path}")
            page.evaluate(axe)
            page.emulate_media(color_scheme="light")
            assert page.evaluate(RUN, [ALL]) == [], f"{language}, light"
            if language == dark:
                page.emulate_media(color_scheme="dark")
                assert page.evaluate(RUN, [CONTRAST]) == [], f"{language}, dark"
                keep(page, path, "dark")
            for width in (320, 390, 1920):
                page.set_viewport_size({"width": width, "height": 900})
                if width == 320:
                    keep(page, path, language)
                    assert page.evaluate(RUN, [REACHED]) == [], f"{language}, {width} px"
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, f"{language}, {width} px: {wide} px wide"
            page.set_viewport_size({"width": 1280, "height": 900})
        found.errors = [each for each in found.errors if "404" not in each or path != "/nothing"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_read_without_scripts(tab, path):
    with tab(scripts=False) as found:
        page = found.open(path)
        assert page.locator("h1").count() == 1
        assert page.locator("main").inner_text().strip()
        found.errors = [each for each in found.errors if "404" not in each or path != "/nothing"]
