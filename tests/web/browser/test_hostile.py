"""A graph full of what attackers write: it is text everywhere, and nothing of it runs."""

from urllib.parse import quote

import pytest

from kg.query.service import Limits

SCRIPT = "<script>document.title='owned'</script>"
IMAGE = '"><img src=x onerror="document.title=\'owned\'">'
LINK = "javascript:document.title='owned'"
ROWS = f"""SELECT ?a ?b ?c {{ VALUES (?a ?b ?c) {{
  ({SCRIPT!r} <{LINK}> "{{{{7*7}}}}"@en-x-script)
  ('''{IMAGE}''' <data:text/html,{quote(SCRIPT)}> "\\u202Eback") }} }}"""
BROKEN = f"SELECT ?{SCRIPT} {{ {IMAGE}"
PAGES = (
    "/doc/network/hostile",
    f"/search?q={quote(SCRIPT)}",
    f"/search?q={quote(IMAGE)}",
    f"/query?query={quote(ROWS)}",
    f"/query?query={quote(ROWS)}&view=graph",
    f"/query?query={quote(ROWS)}&view=chart",
    f"/query?query={quote(BROKEN)}",
    f"/compare?ids={quote(IMAGE)}",
    f"/question/nothing{quote(SCRIPT)}",
    f"/class/Network?country={quote(IMAGE)}",
    f"/doc/{quote(SCRIPT)}",
    f"/validate?data={quote(SCRIPT)}",
    f"/lt/country/{quote(SCRIPT)}",
)


@pytest.fixture(scope="module")
def hostile(serve, served):
    """The address of a server over the invented graph, which has a hostile network."""
    with serve(Limits(printed_things=0), served) as running:
        yield running.address


@pytest.mark.parametrize("path", PAGES)
def test_what_is_hostile_is_text(tab, hostile, path):
    with tab(address=hostile) as found:
        dialogs: list[str] = []
        found.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page = found.open(path)
        assert page.title() != "owned"
        assert dialogs == []
        bad = page.evaluate(
            """() => [...document.querySelectorAll("a[href], form[action], use[href]")]
              .map((each) => each.getAttribute("href") ?? each.getAttribute("action"))
              .filter((each) => /^\\s*(javascript|data|vbscript):/i.test(each))"""
        )
        assert bad == []
        assert page.locator("body script, img, [onerror]").count() == 0
        # A refusal is what such an address deserves; the browser calls that an error.
        found.errors = [each for each in found.errors if "Failed to load resource" not in each]
