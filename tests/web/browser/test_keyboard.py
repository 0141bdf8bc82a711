"""By keyboard alone: WCAG 2.2, success criteria 2.1.1, 2.1.2, 2.4.1, 2.4.3 and 2.4.7."""

from playwright.sync_api import expect

MOST = 1000  # stops of a page, which has a few hundred
ACTIVE = "document.activeElement"
VISIBLE = f"""() => {{
  const style = getComputedStyle({ACTIVE});
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}}"""


def test_the_first_stop_skips_to_the_content(tab):
    with tab() as found:
        page = found.open("/doc/city/lt-klaipeda")
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")
        assert page.evaluate(f"{ACTIVE}.id") == "content"


def test_every_stop_of_a_page_can_be_seen(tab):
    with tab() as found:
        page = found.open("/doc/network/urbact-sdg-pilot")
        stops = 0
        for _ in range(MOST):
            page.keyboard.press("Tab")
            if page.evaluate(f"{ACTIVE} === document.body"):
                break
            stops += 1
            assert page.evaluate(VISIBLE), page.evaluate(f"{ACTIVE}.outerHTML")
        else:
            raise AssertionError("the keys do not lead out of the page")
        # Each member has a link, and so has each source beside it.
        assert stops > 2 * 19


def test_search_to_a_city_without_a_mouse(tab):
    with tab() as found:
        page = found.open("/")
        page.get_by_role("banner").get_by_role("searchbox").focus()
        page.keyboard.type("Ljubljano")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        found.settle()
        page.locator("main a", has_text="Ljubljana").first.focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        found.settle()
        expect(page.locator("h1")).to_have_text("Ljubljana")


def test_the_theme_is_chosen_by_a_key_and_kept(tab):
    with tab(color_scheme="light") as found:
        page = found.open("/about")
        page.locator("[data-theme-toggle]").focus()
        page.keyboard.press("Enter")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        page.reload()
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
