"""The workbench in a browser: writing, running, cancelling, and reading many rows."""

from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from kg.query.service import Limits

ONT = "https://w3id.org/citypledge/ont#"
PREFIX = f"PREFIX cpo: <{ONT}>\n"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
MANY = "SELECT ?s ?p ?o ?q { ?s ?p ?o . ?s ?q ?z }"
TEXT = "document.querySelector('sparql-editor').value"
ELEMENTS = "document.querySelectorAll('*').length"


def write(page, text):
    """Put a text into the editor, as if it had been pasted."""
    page.evaluate(f"text => {{ {TEXT} = text }}", text)


def suggestions(page):
    page.wait_for_selector(".cm-tooltip-autocomplete li")
    return page.locator(".cm-tooltip-autocomplete li")


def test_the_editor_suggests_classes_and_declares_their_prefix(tab):
    with tab() as found:
        page = found.open("/query")
        page.click("sparql-editor .cm-content")
        page.keyboard.type("SELECT ?n { ?n a cpo:Netw", delay=20)
        expect(suggestions(page).first).to_contain_text("cpo:Network")
        page.keyboard.press("Enter")
        expect(page.locator("#query")).to_have_value(f"{PREFIX}SELECT ?n {{ ?n a cpo:Network}}")


def test_the_first_letters_of_a_name_become_the_iri_of_the_thing(tab):
    with tab() as found:
        page = found.open("/query")
        page.click("sparql-editor .cm-content")
        page.keyboard.type("SELECT ?n { ?n cpo:memberCity Klaip", delay=20)
        expect(suggestions(page).first).to_contain_text("city:lt-klaipeda")
        page.keyboard.press("Enter")
        assert "cpo:memberCity city:lt-klaipeda" in page.evaluate(TEXT)
        page.keyboard.press("Control+Enter")
        expect(page.locator("#rows")).to_contain_text("The Playful Paradigm")


def test_a_query_is_laid_out_and_only_its_blanks_and_keywords_change(tab):
    with tab() as found:
        page = found.open("/query")
        write(
            page,
            PREFIX + 'select ?n { ?n a cpo:Network ; cpo:status "x"@en . # why\n'
            "filter(?n != <http://a.example/>) }",
        )
        page.click("#format")
        expect(page.locator("#query")).to_have_value(
            PREFIX + "\nSELECT ?n {\n  ?n a cpo:Network ;\n"
            '    cpo:status "x"@en .  # why\n  FILTER (?n != <http://a.example/>)\n}\n'
        )


def test_a_query_that_is_not_well_formed_is_left_as_it_is(tab):
    with tab() as found:
        page = found.open("/query")
        write(page, "select { {")
        page.click("#format")
        expect(page.locator("#said")).not_to_be_empty()
        assert page.evaluate(TEXT) == "select { {"


def test_a_fault_of_the_server_is_marked_where_it_is(tab):
    with tab() as found:
        page = found.open("/query")
        write(page, "SELECT ?s\nWHERE { ?s nope:p ?o }")
        page.click("#ask button[type=submit]")
        expect(page.locator(".fault")).to_contain_text("line 2, column 12")
        expect(page.locator(".cm-lintRange-error")).to_have_text("nope:p ?o }")
        (told,) = found.errors  # the answer was 400, which the console tells
        assert "status of 400" in told
        found.errors.clear()


def test_back_leads_to_the_query_before(tab):
    with tab() as found:
        page = found.open("/query?query=" + quote('SELECT ("first" AS ?x) {}'))
        write(page, 'SELECT ("second" AS ?x) {}')
        page.click("#ask button[type=submit]")
        expect(page.locator("#rows")).to_contain_text("second")
        page.go_back()
        expect(page.locator("#rows")).to_contain_text("first")


def test_many_rows_scroll_and_sort_while_few_are_in_the_page(tab):
    with tab() as found:
        page = found.open("/query?query=" + quote(MANY))
        page.click("#all-rows")
        page.wait_for_selector(".all tbody tr:not(.gap)", timeout=60_000)
        expect(page.locator("#count")).to_contain_text("100,000")
        page.evaluate("document.querySelector('.all').scrollTop = 1e9")
        expect(page.locator(".all tr[aria-rowindex='100001']")).to_be_visible()
        assert page.evaluate(ELEMENTS) < 3000
        page.click(".all thead th:nth-child(4) button")
        expect(page.locator(".all th[aria-sort=ascending]")).to_have_text("o")
        objects = page.locator(".all tbody td:nth-child(4)").all_inner_texts()[:10]
        numbers = [float(each) for each in objects if each]
        assert len(numbers) > 5
        assert numbers == sorted(numbers)
        assert page.evaluate("performance.memory.usedJSHeapSize") < 200_000_000


def test_a_running_query_can_be_cancelled_and_its_worker_is_gone(tab, serve, built):
    limits = Limits(deadline_s=600, workers=1, wait_s=600, printed_things=0)
    with serve(limits, built) as running, tab(address=running.address) as found:
        page = found.open("/query")
        write(page, ENDLESS)
        page.click("#ask button[type=submit]")
        running.until(
            lambda load: load["running_slow"] + load["running_quick"] > 0, "the query has begun"
        )
        page.click("#cancel")
        expect(page.locator("#clock")).to_contain_text("cancelled")
        running.until(
            lambda load: load["running_slow"] + load["running_quick"] == 0, "the worker is gone"
        )


def test_an_empty_answer_is_mended_by_one_click(tab):
    with tab() as found:
        page = found.open("/query?query=" + quote(f"{PREFIX}SELECT ?c {{ ?c a cpo:Citty }}"))
        expect(page.locator(".doctor")).to_contain_text("cpo:City")
        page.locator(".doctor a.use").first.click()
        expect(page.locator("#rows")).to_contain_text("city:")
        assert page.evaluate(TEXT) == f"{PREFIX}SELECT ?c {{ ?c a cpo:City }}"


@pytest.mark.parametrize("width", [320, 1280])
def test_a_question_is_found_by_a_word_and_asked(tab, width):
    with tab(width=width) as found:
        page = found.open("/query")
        page.fill("#library-find", "paramos")
        expect(page.locator("#library-none")).to_be_visible()
        page.fill("#library-find", "LIE country")
        page.get_by_role("link", name="Where do the cities lie, and in which country?").click()
        expect(page.locator("#rows")).to_contain_text("city")


@pytest.mark.parametrize("view", ["map", "timeline", "graph", "chart"])
def test_a_view_has_no_violation(tab, axe, view):
    patterns = {
        "map": f"?c {{ ?c a <{ONT}City> }}",
        "timeline": f"?n ?s {{ ?n a <{ONT}Network> ; <{ONT}startDate> ?s }}",
        "graph": f"?n ?c {{ ?n <{ONT}memberCity> ?c }} LIMIT 60",
        "chart": f"?n (COUNT(?c) AS ?k) {{ ?n <{ONT}memberCity> ?c }} GROUP BY ?n",
    }
    with tab() as found:
        page = found.open(f"/query?view={view}&query=" + quote(f"SELECT {patterns[view]}"))
        page.evaluate(axe)
        broken = page.evaluate("async () => (await axe.run()).violations.map((each) => each.id)")
        assert broken == []
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
