"""`?at=`: what held on a day, as far as the dates of the sources go."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

from kg.description.moments import period_of
from kg.query.service import Limits
from kg.snapshot import Snapshot

BASE = "https://w3id.org/citypledge/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
# One body; each participation is a case, and the name says what the dates are.
DATA = """
@prefix cpo: <https://w3id.org/citypledge/ont#> .
@prefix v: <https://w3id.org/citypledge/voc/> .
@prefix mun: <https://w3id.org/citypledge/id/municipality/> .
@prefix net: <https://w3id.org/citypledge/id/network/> .
@prefix pa: <https://w3id.org/citypledge/id/participation/> .
@prefix signature: <https://w3id.org/citypledge/id/signature/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

mun:m a cpo:Municipality ; skos:prefLabel "Veldhaven"@en .
net:over a cpo:Network ; cpo:startDate "2015"^^xsd:gYear ; cpo:endDate "2018-12"^^xsd:gYearMonth ;
    cpo:leadPartner mun:m .
net:open a cpo:Network .
pa:days a cpo:Participation ; cpo:participant mun:m ; cpo:participationIn net:open ;
    cpo:startDate "2021-03-09"^^xsd:date ; cpo:endDate "2022-12-31"^^xsd:date .
pa:years a cpo:Participation ; cpo:participant mun:m ; cpo:participationIn net:open ;
    cpo:startDate "2021"^^xsd:gYear ; cpo:endDate "2023"^^xsd:gYear .
pa:begun a cpo:Participation ; cpo:participant mun:m ; cpo:participationIn net:open ;
    cpo:startDate "2020"^^xsd:gYear .
pa:undated a cpo:Participation ; cpo:participant mun:m ; cpo:participationIn net:open .
pa:within a cpo:Participation ; cpo:participant mun:m ; cpo:participationIn net:over .
pa:about a cpo:Participation ; cpo:participant mun:m ; cpo:participationIn net:open ;
    cpo:startDate "2020"^^xsd:gYear ; cpo:endDate "2023"^^xsd:gYear ; cpo:dateQualifier v:about .
signature:s a cpo:Signature ; cpo:signatory mun:m ; cpo:date "2021-06-10"^^xsd:date .
"""


@pytest.fixture(scope="module")
def town(
    serve: Callable[..., AbstractContextManager[Any]],
    seal_quads: Callable[..., Snapshot],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[httpx.Client]:
    source = ox.NamedNode(f"{BASE}graph/source/s1")
    quads = [
        ox.Quad(quad.subject, quad.predicate, quad.object, graph)
        for quad in ox.parse(DATA.encode(), format=ox.RdfFormat.TURTLE)
        for graph in (ox.DefaultGraph(), source)
    ]
    snapshot = seal_quads(tmp_path_factory.mktemp("town"), quads)
    with (
        serve(Limits(workers=1, deadline_s=60), snapshot) as running,
        httpx.Client(base_url=running.address, timeout=60) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def crowd(
    serve: Callable[..., AbstractContextManager[Any]],
    seal_quads: Callable[..., Snapshot],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[httpx.Client]:
    """A server of a network with 1,200 participations; with its type, 1,201 pieces."""
    lines = ["net:big a cpo:Network ."]
    for number in range(1200):
        lines.append(f"pa:p-{number} cpo:participationIn net:big ; cpo:startDate")
        lines.append('"2020-01-01"^^xsd:date ; cpo:endDate "2022-12-31"^^xsd:date .')
    text = DATA.partition("mun:m a")[0] + "\n".join(lines)
    quads = [ox.Quad(*quad.triple) for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    snapshot = seal_quads(tmp_path_factory.mktemp("crowd"), quads)
    with (
        serve(Limits(workers=1, deadline_s=60), snapshot) as running,
        httpx.Client(base_url=running.address, timeout=60) as client,
    ):
        yield client


def test_of_a_large_thing_so_many_relations_are_judged_and_what_is_left_out_is_said(
    crowd: httpx.Client,
) -> None:
    answer = crowd.get("/doc/network/big.nt?at=2021")
    quads = list(ox.parse(answer.content, format=ox.RdfFormat.N_TRIPLES))
    own = ox.NamedNode(f"{BASE}doc/network/big?at=2021")
    told = [q.object.value for q in quads if q.subject == own and "comment" in str(q.predicate)]
    page = crowd.get("/doc/network/big?at=2021", headers={"Accept": "text/html"}).text

    assert sum(quad.predicate.value == f"{SKOS}member" for quad in quads) == 999
    assert told == [
        "Not all of it: 201 statements and related nodes are not looked at here. They are in "
        f"{BASE}doc/network/big, without regard to dates."
    ]
    assert "Not all of it: 201 statements and related things are not looked at here." in page


def test_where_nothing_is_left_out_nothing_is_said(town: httpx.Client) -> None:
    assert "Not all of it" not in town.get("/doc/municipality/m.nt?at=2021").text


def judged(client: httpx.Client, at: str, ending: str = "nt") -> dict[str, set[str]]:
    """The members of each collection of the document, by the name of the collection."""
    answer = client.get(f"/doc/municipality/m.{ending}", params={"at": at})
    assert answer.status_code == 200
    found: dict[str, set[str]] = {}
    for quad in ox.parse(answer.content, format=ox.RdfFormat.from_extension(ending)):
        if quad.predicate.value == f"{SKOS}member":
            group = str(quad.subject).partition("#")[2].rstrip(">")
            found.setdefault(group, set()).add(str(quad.object).rpartition("/")[2].rstrip(">"))
    return found


# Worked by hand. The network that `within` is part of ended in 2018.
@pytest.mark.parametrize(
    ("at", "held", "possible", "unstated"),
    [
        ("2021-03-08", set(), {"years", "about"}, {"begun", "undated"}),
        ("2021-03-09", {"days"}, {"years", "about"}, {"begun", "undated"}),
        ("2022-06-01", {"days", "years"}, {"about"}, {"begun", "undated", "s"}),
        ("2023-06-01", set(), {"years", "about"}, {"begun", "undated", "s"}),
        ("2030-01-01", set(), set(), {"begun", "undated", "s"}),
        ("2017-01-01", set(), set(), {"undated", "within"}),
        ("2021-06", {"days"}, {"years", "about"}, {"begun", "undated", "s"}),
        ("2021", {"days", "years"}, {"about"}, {"begun", "undated", "s"}),
    ],
)
def test_each_relation_is_judged_by_its_dates(
    town: httpx.Client, at: str, held: set[str], possible: set[str], unstated: set[str]
) -> None:
    wanted = {"held": held, "possible": possible, "not-stated": unstated}

    assert judged(town, at) == {name: members for name, members in wanted.items() if members}


@pytest.mark.parametrize("ending", ["ttl", "jsonld", "rdf", "trig", "nq"])
def test_every_format_says_the_same(town: httpx.Client, ending: str) -> None:
    assert judged(town, "2022-06-01", ending) == judged(town, "2022-06-01")


def test_what_did_not_hold_is_not_in_the_document(town: httpx.Client) -> None:
    later = town.get("/doc/municipality/m.nt?at=2030-01-01").text
    always = town.get("/doc/municipality/m.nt").text

    assert "participation/days" in always
    assert "participation/days" not in later
    assert f"<{BASE}doc/municipality/m?at=2030-01-01>" in later


def test_the_page_says_what_is_not_known(town: httpx.Client) -> None:
    answer = town.get("/doc/municipality/m?at=2022-06-01", headers={"Accept": "text/html"})

    assert answer.headers["Content-Location"] == "/doc/municipality/m.html?at=2022-06-01"
    for word in (">held<", ">not stated<", ">dates too rough to tell<"):
        assert word in answer.text


def test_a_shortcut_without_dates_is_left_out(town: httpx.Client) -> None:
    predicate = f"<{BASE}ont#leadPartner>"

    assert predicate in town.get("/doc/network/over.nt").text
    assert predicate not in town.get("/doc/network/over.nt?at=2017").text


@pytest.mark.parametrize(
    "at", ["2021-13", "2021-02-30", "yesterday", "", "21", "0000", "2021-6-1", "2021-06-01T00:00"]
)
def test_a_wrong_date_is_refused(town: httpx.Client, at: str) -> None:
    answer = town.get("/doc/municipality/m", params={"at": at})

    assert answer.status_code == 400
    assert "2021-06-01, 2021-06 or 2021" in answer.json()["detail"]


def test_a_period_is_from_its_first_day_to_its_last() -> None:
    leap = period_of("2024-02")

    assert leap is not None
    assert (leap.first, leap.last) == (date(2024, 2, 1), date(2024, 2, 29))
