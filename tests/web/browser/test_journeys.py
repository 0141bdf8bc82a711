"""What people come for: five questions of those who have never seen the site, and two trades.

Each question in three clicks or one search.

A journey begins on the home page. `Steps` counts what a person does: a click that leads to another
page, or a search. A click within a page, such as one that unfolds something, is none.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pyoxigraph as ox
from playwright.sync_api import Locator, Page, expect

MOST = 3


@dataclass
class Steps:
    """A person in front of a page, and how many steps they have taken."""

    page: Page
    settle: Callable[[], None]
    taken: int = 0

    def search(self, words: str) -> None:
        """Write into the field of the header and press Enter."""
        field = self.page.get_by_role("banner").get_by_role("searchbox")
        field.fill(words)
        with self.page.expect_navigation():
            field.press("Enter")
        self._step()

    def follow(self, link: Locator) -> None:
        """Click what leads to another page."""
        with self.page.expect_navigation():
            link.click()
        self._step()

    def _step(self) -> None:
        self.taken += 1
        assert self.taken <= MOST, "too many steps"
        self.settle()


def test_what_has_klaipeda_joined(tab):
    """An adviser of a mayor: by name, in an inflected form, to the networks of a city."""
    with tab() as found:
        steps = Steps(found.open("/"), found.settle)
        steps.search("Klaipėdos")
        steps.follow(
            found.page.locator("main").get_by_role("link", name="Klaipėda", exact=True).first
        )
        main = found.page.locator("main")
        expect(main.get_by_role("heading", level=1)).to_have_text("Klaipėda")
        expect(main).to_contain_text("Sustainable Development Goals Pilot Network")
        expect(main).to_contain_text("The Playful Paradigm")


def test_who_says_so(tab):
    """The same: from a statement to its source in one click."""
    with tab() as found:
        page = found.open("/doc/city/lt-klaipeda")
        chip = page.locator("main a.chip").first
        target = chip.get_attribute("href")
        assert target is not None
        chip.click()
        source = page.locator(f'[id="{target.removeprefix("#")}"]')
        expect(source).to_be_in_viewport()
        expect(source.get_by_role("link").first).to_be_visible()


def test_which_cities_are_in_a_network_and_who_leads_it(tab):
    with tab() as found:
        steps = Steps(found.open("/"), found.settle)
        steps.follow(found.page.get_by_role("banner").get_by_role("link", name="Networks"))
        name = "Sustainable Development Goals Pilot Network"
        steps.follow(found.page.locator("main").get_by_role("link", name=name).first)
        members = found.page.locator("#members").get_by_role("row")
        # s002: nineteen cities, led by Tallinn, with Klaipėda as a partner.
        expect(members.filter(has_text="City of Tallinn").first).to_contain_text("lead partner")
        expect(members.filter(has_text="Klaipėda").first).to_contain_text("partner")
        expect(members.filter(has=found.page.get_by_role("cell"))).to_have_count(19)


def test_which_cities_aim_at_neutrality_and_sat_in_a_network(tab):
    """A researcher: from the list of questions to an answer that can be downloaded."""
    with tab() as found:
        steps = Steps(found.open("/"), found.settle)
        steps.follow(found.page.get_by_role("banner").get_by_role("link", name="Questions"))
        question = found.page.locator('main a[href$="/question/aims-at-neutrality-and-in-network"]')
        steps.follow(question.first)
        # The Mission chose Kraków, and the list of approved networks has it in RU:RBAN.
        rows = found.page.locator("main table tbody tr")
        expect(rows.filter(has_text="Kraków").filter(has_text="RU:RBAN")).not_to_have_count(0)
        link = found.page.locator("main").get_by_role("link", name="CSV").first
        answer = found.page.request.get(found.address + str(link.get_attribute("href")))
        assert answer.headers["content-type"].startswith("text/csv")
        assert any("Kraków" in line and "RU:RBAN" in line for line in answer.text().splitlines())


def test_how_many_members_are_stated_and_how_many_listed(tab):
    """24 municipalities are stated by the seed about the Lithuanian network, and none is listed."""
    with tab() as found:
        steps = Steps(found.open("/"), found.settle)
        steps.follow(found.page.get_by_role("contentinfo").get_by_role("link", name="Totals"))
        name = "Lithuanian Green Municipalities National Network"
        row = found.page.get_by_role("row").filter(
            has=found.page.get_by_role("rowheader", name=name, exact=True)
        )
        stated, listed = row.get_by_role("cell").nth(0), row.get_by_role("cell").nth(1)
        said_by = "About the Lithuanian Green Municipalities Network"
        expect(stated.locator("p", has_text=said_by)).to_have_text(
            re.compile(r"^24 number of municipalities, ")
        )
        expect(listed).to_have_text("0")


def test_a_curator_mends_a_text(tab):
    """Paste, see the line and the rule, mend it, and see that nothing is found."""
    right = (
        "@prefix cc: <http://publications.europa.eu/resource/authority/country/> .\n"
        "@prefix city: <https://w3id.org/citypledge/id/city/> .\n"
        "@prefix cpo: <https://w3id.org/citypledge/ont#> .\n"
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        'city:lt-klaipeda a cpo:City ; skos:prefLabel "Klaipėda"@lt ; cpo:country cc:LTU .\n'
        'city:lt-vilnius a cpo:City ; skos:prefLabel "Vilnius"@lt ; cpo:country cc:LTU .\n'
    )
    wrong = right.replace("LTU .", "LTU", 1)
    with tab() as found:
        steps = Steps(found.open("/"), found.settle)
        steps.follow(found.page.get_by_role("banner").get_by_role("link", name="Check"))
        text = found.page.get_by_label("Turtle", exact=True)
        check = found.page.locator("main form").get_by_role("button", name="Check")
        text.fill(wrong)
        check.click()
        expect(found.page.locator("#result")).to_contain_text("SYN02")
        expect(found.page.locator("#result")).to_contain_text(re.compile(r"line 5\b"))
        text.fill(right)
        check.click()
        expect(found.page.locator("#result h2")).to_have_text("Nothing was found")


def test_a_consumer_goes_from_a_page_to_its_data(tab):
    """The IRI, a format of the record, and the same thing there."""
    with tab() as found:
        page = found.open("/doc/city/lt-klaipeda")
        iri = "https://w3id.org/citypledge/id/city/lt-klaipeda"
        expect(page.locator("aside")).to_contain_text(iri)
        link = page.locator("aside").get_by_role("link", name="Turtle")
        address = link.get_attribute("href")
        answer = page.request.get(found.address + str(address))
        assert answer.headers["content-type"].startswith("text/turtle")
        graph = ox.parse(answer.body(), format=ox.RdfFormat.TURTLE)
        assert any(quad.subject == ox.NamedNode(iri) for quad in graph)
