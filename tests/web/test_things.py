"""The pages of cities, networks, pledges, programmes, people and sources."""

import html
import re
from collections.abc import Iterator

import httpx
import pyoxigraph as ox
import pytest

from kg.description.relations import EVIDENCE, TIES
from kg.query.service import Limits
from kg.web.things.words import HEADINGS

BASE = "https://w3id.org/citypledge/"
PREFIXES = """
@prefix cpo: <https://w3id.org/citypledge/ont#> .
@prefix v: <https://w3id.org/citypledge/voc/> .
@prefix city: <https://w3id.org/citypledge/id/city/> .
@prefix mun: <https://w3id.org/citypledge/id/municipality/> .
@prefix pa: <https://w3id.org/citypledge/id/participation/> .
@prefix net: <https://w3id.org/citypledge/id/network/> .
@prefix phase: <https://w3id.org/citypledge/id/phase/> .
@prefix figure: <https://w3id.org/citypledge/id/figure/> .
@prefix pledge: <https://w3id.org/citypledge/id/pledge/> .
@prefix sign: <https://w3id.org/citypledge/id/signature/> .
@prefix geo: <http://www.w3.org/2003/01/geo/wgs84_pos#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix schema: <http://schema.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
MEMBERS = 12_000
# Every place where a value of the data gets into a drawing, an address or a number.
HOSTILE = """
city:xx-evil a cpo:City ;
    skos:prefLabel "</text></svg><script>alert(1)</script>"@en ;
    geo:lat "NaN"^^xsd:decimal ; geo:long "1e400"^^xsd:double .
city:xx-good a cpo:City ; skos:prefLabel "\\"><img src=x>"@en ;
    geo:lat 50.0 ; geo:long 10.0 .
mun:xx-evil a cpo:Municipality ;
    skos:prefLabel "{{ 7*7 }} %(name)s %s"@en ;
    cpo:governs city:xx-evil , city:xx-good ;
    cpo:country <javascript:alert(1)> .
pa:evil a cpo:Participation ;
    cpo:participant mun:xx-evil ;
    cpo:participationIn net:evil ;
    cpo:role <javascript:alert(2)> ; cpo:startDate "<b>soon</b>" ;
    cpo:endDate "9999-99"^^xsd:gYearMonth .
net:evil a cpo:Network ; skos:prefLabel "%s </script>"@en ;
    cpo:startDate "2020-13-45"^^xsd:date ; cpo:leadPartner <javascript:alert(3)> ;
    cpo:memberCity city:xx-good , city:xx-evil .
phase:evil a cpo:Phase ; cpo:phaseOf net:evil ;
    schema:position "first" ; cpo:startDate "0000"^^xsd:gYear .
figure:evil a cpo:ReportedFigure ; cpo:figureValue "INF"^^xsd:double ;
    cpo:figureAbout net:evil ; cpo:asOf "<i>now</i>" .
figure:evil-2 a cpo:ReportedFigure ; cpo:figureValue "many" ;
    cpo:counts v:members ; cpo:figureAbout net:evil .
"""
SIGNED = """
pledge:signed a cpo:Pledge ; skos:prefLabel "Signed"@en .
mun:xx-1 a cpo:Municipality ; skos:prefLabel "Zreče"@sl .
mun:xx-2 a cpo:Municipality ; skos:prefLabel "Črna"@sl .
mun:xx-3 a cpo:Municipality ; skos:prefLabel "Celje"@sl .
sign:1 a cpo:Signature ; cpo:signs pledge:signed ; cpo:signatory mun:xx-1 .
sign:2 a cpo:Signature ; cpo:signs pledge:signed ; cpo:signatory mun:xx-2 .
sign:3 a cpo:Signature ; cpo:signs pledge:signed ; cpo:signatory mun:xx-3 .
"""


def crowd() -> Iterator[str]:
    """A network of so many members that no page could hold them."""
    yield "net:crowd a cpo:Network ; skos:prefLabel 'Crowd'@en ."
    for number in range(MEMBERS):
        body = f"<{BASE}id/municipality/xx-{number:05}>"
        yield f"{body} a cpo:Municipality ; skos:prefLabel 'Body {number:05}'@en ."
        yield (
            f"<{BASE}id/participation/crowd--{number:05}> a cpo:Participation ; "
            f"cpo:participant {body} ; cpo:participationIn <{BASE}id/network/crowd> ."
        )


@pytest.fixture(scope="module")
def made(serve, seal_quads, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server of a crowd and of hostile data."""
    text = PREFIXES + HOSTILE + SIGNED + "\n".join(crowd())
    graph = ox.NamedNode(f"{BASE}graph/source/made")
    quads = []
    for quad in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE):
        quads += [ox.Quad(*quad.triple, graph), ox.Quad(*quad.triple)]
    snapshot = seal_quads(tmp_path_factory.mktemp("made"), quads)
    limits = Limits(workers=1, deadline_s=60, printed_things=0)
    with (
        serve(limits, snapshot) as found,
        httpx.Client(base_url=found.address, timeout=60) as client,
    ):
        yield client


def page(client: httpx.Client, path: str) -> str:
    """The text of a page."""
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, answer.text[:500]
    return answer.text


def words(text: str) -> str:
    """What a person reads of some HTML, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def section(text: str, name: str) -> str:
    """One section of a page, by its anchor."""
    found = re.search(rf'<section id="{name}".*?</section>', text, re.DOTALL)
    assert found is not None, f"there is no section {name}"
    return found[0]


def test_a_city_shows_what_it_joined_and_with_whom(names: httpx.Client) -> None:
    # 19 bodies are in the SDG Pilot Network and 8 in The Playful Paradigm, with one in both.
    text = page(names, "/en/doc/city/lt-klaipeda")
    partners = section(text, "partners")

    assert len(re.findall(r"<li>(?:<svg[^>]*class=\"glyph k-series)", partners)) == 18 + 7 + 2
    networks = words(section(text, "networks"))
    assert "The Playful Paradigm" in networks
    assert "9 March 2021 – 31 December 2022" in networks
    assert "City of Tallinn (municipality)" in networks


def test_a_city_shows_its_aims_with_the_decision_behind_them(names: httpx.Client) -> None:
    found = words(section(page(names, "/en/doc/city/lt-klaipeda"), "commitments"))

    assert "Adapt the SDGs to the local level" in found
    assert "T2-29 , 25 February 2021" in found
    assert "Sign the memorandum of the Green Municipalities Initiative" in found


def test_a_network_sets_what_is_stated_beside_what_is_listed(names: httpx.Client) -> None:
    found = words(section(page(names, "/en/doc/network/urbact-sdg-pilot"), "numbers"))

    assert re.search(r"number of cities.* 19 ", found)
    assert "listed here, counted 19" in found


def test_a_network_has_its_phases_in_their_order(names: httpx.Client) -> None:
    found = words(section(page(names, "/en/doc/network/urbact-sdg-pilot"), "time"))

    first = found.index("9 March 2021 – 31 December 2021")
    assert first < found.index("1 January 2022 – 31 December 2022")


def test_a_pledge_shows_duties_in_order_and_whose_hand_signed(names: httpx.Client) -> None:
    text = page(names, "/en/doc/pledge/si-mission-2022")
    duties, signed = words(section(text, "duties")), words(section(text, "signatories"))

    order = ("Appoint members", "Hold joint events", "Work with national", "Encourage other")
    assert [duties.index(each) for each in order] == sorted(duties.index(each) for each in order)
    for person in ("Peter Dermol", "Zoran Janković", "Matjaž Rakovec"):
        assert person in signed
    assert "the source does not say deadline" in duties


def test_a_person_has_a_public_role_and_no_way_to_be_reached(names: httpx.Client) -> None:
    text = page(names, "/en/doc/person/p-0006")

    assert "mayor" in words(section(text, "roles"))
    assert "Pledge for a Slovenian partnership" in words(section(text, "signed"))
    assert "mailto:" not in text
    assert "tel:" not in text


def test_a_programme_shows_its_networks_and_editions_in_time(names: httpx.Client) -> None:
    found = words(section(page(names, "/en/doc/programme/urbact"), "networks"))

    assert "URBACT III" in found
    assert "The Playful Paradigm" in found


@pytest.mark.parametrize(
    "path",
    [
        "city/lt-klaipeda",
        "network/urbact-sdg-pilot",
        "pledge/si-mission-2022",
        "programme/eu-cities-mission",
        "participation/urbact-sdg-pilot--lt-klaipeda-city",
    ],
)
def test_each_number_leads_to_its_source_and_each_place_into_it(
    names: httpx.Client, path: str
) -> None:
    text = page(names, f"/en/doc/{path}")
    ids = re.findall(r'\sid="([^"]+)"', text)
    chips = re.findall(r'class="chip" href="#([^"]+)"', text)
    places = re.findall(r'id="place-[^"]+"><a href="([^"#]+)#([^"]+)"', text)

    assert len(ids) == len(set(ids))
    assert chips
    assert set(chips) <= set(ids)
    assert places
    sources = {address: page_of_source(names, address) for address, _ in places}
    for address, anchor in places:
        assert f'id="{anchor}"' in sources[address]


def page_of_source(client: httpx.Client, address: str) -> str:
    answer = client.get(address, headers={"Accept": "text/html"}, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def test_a_source_says_where_in_its_text_each_statement_stands(names: httpx.Client) -> None:
    # s003.claims.ttl: the title of the report stands in characters 0 to 56.
    found = words(section(page(names, "/en/doc/source/s003"), "places"))

    assert "characters 0 to 56" in found
    assert "Skupaj v Misiji 100 podnebno nevtralnih in pametnih mest" in found


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("en", "31 December 2022"),
        ("lt", "2022 m. gruodžio 31 d."),  # CLDR, long format
        ("sl", "31. december 2022"),
    ],
)
def test_days_are_written_as_readers_of_a_language_write_them(
    names: httpx.Client, language: str, day: str
) -> None:
    assert day in words(page(names, f"/{language}/doc/network/urbact-sdg-pilot"))


def test_a_network_of_twelve_thousand_lists_them_page_by_page(made: httpx.Client) -> None:
    first = page(made, "/en/doc/network/crowd")
    last = page(made, "/en/doc/network/crowd?members=120")

    assert "Body 00099" in words(section(first, "members"))
    assert "Body 00100" not in words(section(first, "members"))
    assert "Body 11999" in words(section(last, "members"))
    assert "12,000 members listed" in re.sub(r"(\S+ \S+) (12,000)", r"\2 \1", words(first))
    assert len(first) < 400_000
    located = made.get("/en/doc/network/crowd.html?members=2").headers["Content-Location"]
    assert located.endswith("/doc/network/crowd.html?members=2")
    for number in ("121", "0", "x"):
        assert made.get(f"/en/doc/network/crowd?members={number}").status_code == 404


def test_what_the_data_holds_of_markup_and_nonsense_stands_as_text(made: httpx.Client) -> None:
    for path in ("network/evil", "municipality/xx-evil", "city/xx-evil", "city/xx-good"):
        text = page(made, f"/en/doc/{path}")

        assert "<script>alert" not in text
        assert "<img" not in text
        assert "<b>soon" not in text
        assert 'href="javascript:' not in text
        assert "style=" not in text
    assert "{{ 7*7 }} %(name)s %s" in words(page(made, "/en/doc/municipality/xx-evil"))


def test_a_number_that_is_none_is_shown_as_it_is_written(made: httpx.Client) -> None:
    found = words(section(page(made, "/en/doc/network/evil"), "numbers"))

    assert "many" in found
    assert "INF" in found


def test_a_number_that_is_none_is_compared_as_it_is_written(made: httpx.Client) -> None:
    text = page(made, "/en/compare?ids=network/evil,network/crowd")
    rows = re.findall(r"<tr .*?</tr>", text, re.DOTALL)

    assert any("many" in words(row) for row in rows)


def test_signatories_stand_in_the_order_of_the_alphabet_of_the_reader(made: httpx.Client) -> None:
    found = words(section(page(made, "/sl/doc/pledge/signed"), "signatories"))

    # In the Slovene alphabet č follows c and comes before d.
    assert re.findall("Celje|Črna|Zreče", found) == ["Celje", "Črna", "Zreče"]


def test_a_place_that_is_none_is_not_on_the_map(made: httpx.Client) -> None:
    text = page(made, "/en/doc/network/evil")
    drawn = re.findall(r'<path class="dot"', text)

    assert len(drawn) == 1


def test_each_way_of_belonging_has_a_heading_that_can_be_translated() -> None:
    assert {tie.heading for tie in TIES if tie not in EVIDENCE} == set(HEADINGS)
