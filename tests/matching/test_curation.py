"""What a curator sees of an import, and decides."""

from pathlib import Path

import pytest

from kg.errors import DataError, UsageError
from kg.matching import curation, rulings
from kg.matching.rulings import MatchRuling

PREFIXES = """@prefix cc: <http://publications.europa.eu/resource/authority/country/> .
@prefix city: <https://w3id.org/citypledge/id/city/> .
@prefix cpo: <https://w3id.org/citypledge/ont#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix mun: <https://w3id.org/citypledge/id/municipality/> .
@prefix net: <https://w3id.org/citypledge/id/network/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix wgs: <http://www.w3.org/2003/01/geo/wgs84_pos#> .

"""
REGISTRY = """city:gr-chalandri a cpo:City ; skos:prefLabel "Chalandri"@en ; cpo:country cc:GRC ;
    wgs:lat 38.02 ; wgs:long 23.8 .
mun:gr-chalandri a cpo:Municipality ; skos:prefLabel "Municipality of Chalandri"@en ;
    cpo:country cc:GRC ; cpo:governs city:gr-chalandri .
net:xx-example a cpo:Network ; skos:prefLabel "Example"@en .
"""
IMPORTED = """mun:com-20242 a cpo:Municipality ; skos:prefLabel "Halandri"@mul ;
    dcterms:identifier "20242" ; cpo:country cc:GRC ; wgs:lat 38.03 ; wgs:long 23.8 ;
    skos:closeMatch mun:gr-chalandri .
mun:com-9 a cpo:Municipality ; skos:prefLabel "Chalandry"@mul ; cpo:country cc:GRC ;
    skos:closeMatch mun:gr-chalandri .
"""


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A folder with a registry and an import."""
    files = {
        "ontology/empty.ttl": "",
        "ontology/lists/empty.ttl": "",
        "data/registry/city/gr.ttl": REGISTRY,
        "data/imports/covenant/covenant.ttl": IMPORTED,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(PREFIXES + text)
    return tmp_path


def ruling(row: str, iri: str, why: str = "same place") -> MatchRuling:
    """A decision of a curator."""
    return MatchRuling(row, "", iri, "curator", "2026-11-22", why)


def test_open_rows_are_listed_with_what_speaks_for_each_candidate(dataset: Path) -> None:
    shown = curation.shown(dataset, "covenant")
    first, second = shown.text.split("\n\n")
    assert first.startswith("row 9: Chalandry (cc:GRC)")
    assert second.startswith("row 20242: Halandri (cc:GRC; 38.030, 23.800)")
    assert "not taken: the name is not the same" in second
    assert "mun:gr-chalandri" in second
    assert "the same country; 1 km away" in second
    assert shown.summary == "covenant: 2 open, 0 of them decided since the last import"


def test_a_decision_is_written_and_read_back(dataset: Path) -> None:
    told = curation.decide(dataset, "covenant", ruling("20242", "mun:gr-chalandri"))
    assert "row 20242 is mun:gr-chalandri" in told
    path = dataset / "data/imports/covenant/matches.csv"
    assert path.read_text() == (
        "row,name,iri,by,on,why\n20242,Halandri,mun:gr-chalandri,curator,2026-11-22,same place\n"
    )
    known = rulings.read(path)
    assert known["20242"].match == "https://w3id.org/citypledge/id/municipality/gr-chalandri"
    shown = curation.shown(dataset, "covenant")
    assert "decided on 2026-11-22: mun:gr-chalandri, because: same place" in shown.text
    assert shown.summary.endswith("1 of them decided since the last import")


def test_a_later_decision_takes_the_place_of_the_first(dataset: Path) -> None:
    curation.decide(dataset, "covenant", ruling("9", "mun:gr-chalandri"))
    curation.decide(dataset, "covenant", ruling("9", "none", "looked again"))
    known = rulings.read(dataset / "data/imports/covenant/matches.csv")
    assert [(each.iri, each.match, each.name) for each in known.values()] == [
        ("none", None, "Chalandry")
    ]


def test_a_row_that_is_not_open_is_decided_with_a_warning(dataset: Path) -> None:
    told = curation.decide(dataset, "covenant", ruling("77", "none"))
    assert "not among the open rows" in told


@pytest.mark.parametrize(
    ("iri", "reason"),
    [
        ("mun:gr-nowhere", "nothing of that IRI"),
        ("net:xx-example", "neither a place nor a body"),
        ("Chalandri", "nothing of that IRI"),
    ],
)
def test_a_thing_that_is_not_there_is_refused(dataset: Path, iri: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        curation.decide(dataset, "covenant", ruling("9", iri))
    assert not (dataset / "data/imports/covenant/matches.csv").exists()


def test_an_import_that_is_not_there_is_refused_with_those_that_are(dataset: Path) -> None:
    with pytest.raises(UsageError, match="there are covenant"):
        curation.shown(dataset, "convenant")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("row,iri\n", "line 1: expected the columns"),
        ("row,name,iri,by,on,why\n1,A\n", "line 2: expected 6 cells, found 2"),
        ("row,name,iri,by,on,why\n,A,none,c,2026-11-22,x\n", "needs the row"),
        ("row,name,iri,by,on,why\n1,A,none,c,2026-11-22,\n", "why it was made"),
        ("row,name,iri,by,on,why\n1,A,Athens,c,2026-11-22,x\n", "expected the IRI of a thing"),
        ("row,name,iri,by,on,why\n1,A,none,c,22.11.2026,x\n", "expected a day"),
        (
            "row,name,iri,by,on,why\n1,A,none,c,2026-11-22,x\n1,A,none,c,2026-11-22,x\n",
            "line 3: row 1 is decided twice",
        ),
    ],
)
def test_a_file_of_decisions_that_is_wrong_is_refused_with_the_line(
    tmp_path: Path, text: str, reason: str
) -> None:
    path = tmp_path / "matches.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=reason):
        rulings.read(path)
