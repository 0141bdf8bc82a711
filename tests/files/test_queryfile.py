"""Query files: header, parameters, and values that are never pasted in."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import queryfile
from kg.errors import DataError, MissingFileError, UnknownNameError, UsageError

HEADER = """#+ question: {en: "Which?", lt: "Kuris?", sl: "Kateri?"}
#+ id: CQ999
#+ group: test
"""
PARAMETERS = """#+ parameters:
#+   - {name: who, type: iri, kind: network, default: "net:a", label: {en: w, lt: w, sl: w}}
#+   - {name: text, type: text, default: "x", label: {en: t, lt: t, sl: t}}
#+   - {name: year, type: year, default: "2030", label: {en: y, lt: y, sl: y}}
"""
QUERY = """
PREFIX net: <https://w3id.org/citypledge/id/network/>
SELECT ?who ?text ?year WHERE {
  VALUES ?who { net:a }  # parameter: who
  VALUES ?text { "x" }  # parameter: text
  VALUES ?year { 2030 }  # parameter: year
}
"""


@pytest.fixture
def query(tmp_path: Path) -> queryfile.QueryFile:
    path = tmp_path / "ask.rq"
    path.write_text(HEADER + PARAMETERS + QUERY, encoding="utf-8")
    return queryfile.read(path)


def row(text: str) -> list[str]:
    (found,) = ox.Store().query(text)  # type: ignore[misc]
    return [term.value for term in found]


def test_a_query_runs_unchanged_with_its_defaults(query: queryfile.QueryFile) -> None:
    assert row(query.text) == ["https://w3id.org/citypledge/id/network/a", "x", "2030"]


@pytest.mark.parametrize("value", ["b", "net:b", "https://w3id.org/citypledge/id/network/b"])
def test_an_entity_is_given_by_its_slug_its_prefixed_name_or_its_iri(
    query: queryfile.QueryFile, value: str
) -> None:
    assert row(query.bind({"who": value}))[0] == "https://w3id.org/citypledge/id/network/b"


@pytest.mark.parametrize("value", ['" } DROP ALL #', "\\", '"', "\n}", "a }  # parameter: year"])
def test_a_text_value_stays_a_text_whatever_it_holds(
    query: queryfile.QueryFile, value: str
) -> None:
    assert row(query.bind({"text": value}))[1] == value


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"year": "soon"}, "a year, such as 2030"),
        ({"who": "b> } #"}, "no blanks"),
        ({"who": "nope:b"}, "net:a"),
    ],
)
def test_a_value_of_another_type_is_refused_with_an_example(
    query: queryfile.QueryFile, values: dict[str, str], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        query.bind(values)


def test_an_unknown_parameter_names_the_known_ones(query: queryfile.QueryFile) -> None:
    with pytest.raises(UnknownNameError, match="who, text, year"):
        query.bind({"whom": "b"})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("SELECT * WHERE {}", "header"),
        ("#+ question: [\nSELECT * WHERE {}", "YAML"),
        ("#+ question: {en: Which one}\nSELECT * WHERE {}", "lt, sl"),
        (HEADER + PARAMETERS + "SELECT * WHERE {}", "who"),
        (HEADER + PARAMETERS.replace("kind: network", "kind: netwrok") + QUERY, "kind is one of"),
    ],
)
def test_a_header_that_is_not_whole_says_what_is_missing(
    tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "bad.rq"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=says):
        queryfile.read(path)


def test_a_missing_query_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"none\.rq"):
        queryfile.read(tmp_path / "none.rq")


def test_a_question_is_found_by_name_and_by_number(root: Path) -> None:
    assert queryfile.find(root, "cq01") == queryfile.find(root, "network-lead")


def test_an_unknown_question_names_the_nearest(root: Path) -> None:
    with pytest.raises(UnknownNameError, match="network-lead"):
        queryfile.find(root, "network-leads")
