"""The library of questions: each file is well-formed, portable SPARQL and answers as it says.

Every query runs on two engines that share no code. An answer on which they differ, or that is not
the one in the header, is a fault of the query or of the data, never of this test. On the whole
dataset the answers are compared with those of three servers in remote/test_contract.py.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeAlias

import pyoxigraph as ox
import pytest
import rdflib
import yaml

from kg import queryfile
from kg.namespaces import ONT, PREFIXES, VOC, XSD, shorten
from kg.queryfile import QueryFile

FOLDER: Final = Path(__file__).parents[2] / "queries" / "questions"
PATHS: Final = sorted(FOLDER.glob("*.rq"))
LANGUAGES: Final = {"en", "lt", "sl"}
GROUPS: Final = {
    "single network",
    "across networks",
    "people",
    "pledges and targets",
    "time",
    "evidence",
    "data quality",
}
HEADER_FIELDS: Final = {"question", "id", "group", "parameters", "note", "expect"}

SDG_PILOT: Final = "Sustainable Development Goals Pilot Network"

# Of the 23 networks of 4 December 2018; keep.eu gives Come in! and Re-growCity the year 2019.
TRANSFER_NETWORKS_OF_2018: Final = (
    "ACTive NGOs",
    "ALT/BAU",
    "BLUACT",
    "BeePathNet",
    "BioCanteens",
    "C-CHANGE",
    "CARD4ALL",
    "Civic eState",
    "Com.Unity.Lab",
    "Innovato-R",
    "Making Spend Matter",
    "ON BOARD",
    "ONSTAGE",
    "RU:RBAN",
    "RUMOURLESS CITIES",
    "Tech Revolution",
    "The Playful Paradigm",
    "Tropa Verde",
    "URBAN-REGENERATION-MIX",
    "Volunteering Cities",
    "Welcoming International Talent",
)

# The questions that the graph was ordered to answer; others were added beside them.
ORDERED: Final = {
    f"CQ{number:02}"
    for number in (
        *(1, 2, 4, 5, 6, 8, 10, 11, 13, 14, 16, 17, 19, 20, 21, 23, 25, 27, 28, 30),
        *(32, 34, 35, 37, 38, 40, 42, 43, 45, 46, 48, 49, 50, 52, 53, 54, 56, 57, 59, 60),
    )
}

Cell: TypeAlias = str | tuple[str, str] | tuple[str, str, str] | None
Row: TypeAlias = tuple[Cell, ...]

NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")
DURATION: Final = re.compile(
    r"P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"
)
SUM: Final = " + "
NUMERIC: Final = {XSD + name for name in ("integer", "decimal", "nonNegativeInteger", "double")}

# Questions that the five texts give no rows for, and that take rdflib 3 s or more on the real data.
SLOW_IN_RDFLIB = {
    "aims-at-neutrality-and-in-network",
    "approval-after-start",
    "bodies-that-met-repeatedly",
    "chains-between-cities",
    "cities-in-two-programmes",
    "pledged-and-in-network",
    "programme-cities-in-earlier-networks",
    "second-network",
}

every_question = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def rdflib_graph(five_store: ox.Store) -> Iterator[rdflib.Graph]:
    """The default graph of the five texts in rdflib, with its literals as they were written."""
    before = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    dump = five_store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
    assert dump is not None
    yield rdflib.Graph().parse(data=dump.decode(), format="nt")
    rdflib.NORMALIZE_LITERALS = before


@pytest.fixture(scope="module")
def rdflib_real(snapshot_store: ox.Store) -> Iterator[rdflib.Graph]:
    """The default graph of the real data in rdflib, with its literals as they were written."""
    before = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    dump = snapshot_store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
    assert dump is not None
    yield rdflib.Graph().parse(data=dump.decode(), format="nt")
    rdflib.NORMALIZE_LITERALS = before


@pytest.fixture(scope="module")
def rdflib_dataset(five_store: ox.Store) -> Iterator[rdflib.Graph]:
    """All graphs of the five texts in rdflib, for questions of which source says something."""
    before = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    dump = five_store.dump(format=ox.RdfFormat.N_QUADS)
    assert dump is not None
    dataset = rdflib.Dataset()
    dataset.parse(data=dump.decode(), format="nquads")
    yield dataset
    rdflib.NORMALIZE_LITERALS = before


# --- The form of the files


def test_library_holds_the_ordered_questions_and_more() -> None:
    ids = [header(path)["id"] for path in PATHS]
    assert len(PATHS) >= 52
    assert [number for number, times in Counter(ids).items() if times > 1] == []
    assert set(ids) >= ORDERED


def test_each_question_is_worded_once_in_each_language() -> None:
    for language in sorted(LANGUAGES):
        worded = Counter(header(path)["question"][language] for path in PATHS)
        assert [text for text, times in worded.items() if times > 1] == []


@every_question
def test_header_is_complete(path: Path) -> None:
    fields = header(path)
    assert set(fields) <= HEADER_FIELDS
    assert set(fields["question"]) == LANGUAGES
    assert all(text.endswith("?") for text in fields["question"].values())
    assert re.fullmatch(r"CQ\d{2,3}", fields["id"])
    assert fields["group"] in GROUPS
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", path.stem), "a file is named in words and hyphens"


@every_question
def test_header_says_what_to_expect_and_why_it_is_not_exact(path: Path) -> None:
    fields = header(path)
    assert len(fields["expect"]) == 1
    if "rows" in fields["expect"]:
        width = len(projection(body(path)))
        assert fields["expect"]["rows"]
        for row in fields["expect"]["rows"]:
            assert len(row) == width
            assert all(cell is None or isinstance(cell, str) for cell in row)
    else:
        assert fields["expect"].get("empty") is True or fields["expect"]["min_rows"] > 0
        assert fields["note"].strip(), "an answer that is empty or open needs its reason"


@every_question
def test_parameters_are_marked_in_the_query_and_described(path: Path) -> None:
    parameters = header(path).get("parameters", [])
    marked = re.findall(
        r"^  (?:  )*VALUES \?(\w+) \{ \S+ \}  # parameter: (\w+)$", body(path), re.M
    )
    assert body(path).count("# parameter:") == len(marked)
    assert [name for name, _ in marked] == [name for _, name in marked]
    assert [name for name, _ in marked] == [parameter["name"] for parameter in parameters]
    for parameter in parameters:
        assert parameter["type"] in queryfile.TYPES
        assert isinstance(parameter["default"], str)
        assert set(parameter["label"]) == LANGUAGES


@every_question
def test_prefixes_are_those_used_and_those_of_the_project(path: Path) -> None:
    text = body(path)
    declared = re.findall(r"^PREFIX (\w+): <([^>]*)>$", text, re.M)
    assert declared == sorted(declared)
    assert {prefix for prefix, _ in declared} == {prefix for prefix, _ in prefixed_names(text)}
    for prefix, namespace in declared:
        assert PREFIXES[prefix] == namespace


@every_question
def test_order_of_the_rows_is_total(path: Path) -> None:
    text = body(path)
    assert not re.search(r"SELECT\s+(DISTINCT\s+)?\*", text)
    order = text.rpartition("\nORDER BY ")[2]
    assert order != text, "an answer without ORDER BY is another answer each time"
    computed = set(re.findall(r" AS \?(\w+)\)", select_clause(text)))
    ties = set(projection(text)) - computed - set(re.findall(r"\?(\w+)", order))
    assert ties == set()


@every_question
def test_product_reads_the_header_as_it_is_written(path: Path) -> None:
    fields, query = header(path), queryfile.read(path)
    assert (query.name, query.text) == (path.stem, path.read_text(encoding="utf-8"))
    assert (query.question, query.id, query.group) == (
        fields["question"],
        fields["id"],
        fields["group"],
    )
    assert query.expect == fields["expect"]
    assert [parameter.name for parameter in query.parameters] == [
        parameter["name"] for parameter in fields.get("parameters", [])
    ]


# --- The answers


@every_question
def test_terms_and_defaults_exist_in_the_graph(path: Path, snapshot_store: ox.Store) -> None:
    names = [PREFIXES[prefix] + local for prefix, local in prefixed_names(body(path))]
    own = [iri for iri in names if iri.startswith((ONT, VOC))]
    for parameter in queryfile.read(path).parameters:
        if parameter.type == "iri":
            own.append(parameter.term(parameter.default).strip("<>"))
    unknown = [iri for iri in own if not is_described(iri, snapshot_store)]
    assert [shorten(iri) for iri in unknown] == []


@every_question
def test_answer_is_the_expected_one(path: Path, snapshot_store: ox.Store) -> None:
    expect = header(path)["expect"]
    rows = ask_oxigraph(body(path), snapshot_store)
    if "rows" in expect:
        assert in_any_order(rows_as_text(rows)) == in_any_order(expect["rows"])
    elif "min_rows" in expect:
        assert len(rows) >= expect["min_rows"]
    else:
        assert rows == []


# rdflib 7 itself uses what it has deprecated.
@pytest.mark.filterwarnings(r"ignore:Dataset\.\w+ is deprecated:DeprecationWarning")
@every_question
def test_two_engines_agree(
    path: Path, five_store: ox.Store, request: pytest.FixtureRequest
) -> None:
    """The facts of the five texts, for every question; where they give no rows, the real data.

    rdflib joins in Python: on the whole dataset it takes minutes, and more with each source. There,
    remote/test_contract.py compares every answer with that of Fuseki, which shares no code either.
    """
    has_graphs = "GRAPH" in body(path)
    graph = request.getfixturevalue("rdflib_dataset" if has_graphs else "rdflib_graph")
    oxigraph = Counter(ask_oxigraph(body(path), five_store))
    assert Counter(ask_rdflib(body(path), graph)) == oxigraph
    if not oxigraph and not has_graphs and path.stem not in SLOW_IN_RDFLIB:
        real = Counter(ask_oxigraph(body(path), request.getfixturevalue("snapshot_store")))
        assert Counter(ask_rdflib(body(path), request.getfixturevalue("rdflib_real"))) == real


@every_question
def test_defaults_given_by_name_change_nothing(path: Path, snapshot_store: ox.Store) -> None:
    query = queryfile.read(path)
    bound = query.bind({parameter.name: parameter.default for parameter in query.parameters})
    assert ask_oxigraph(bound, snapshot_store) == ask_oxigraph(query.text, snapshot_store)


@pytest.mark.parametrize(
    ("name", "values", "rows"),
    [
        (
            "network-cities",
            {"network": "net:urbact-rurban"},
            [
                ("A Coruña", "partner"),
                ("Caen", "partner"),
                ("Kraków", "partner"),
                ("Loures", "partner"),
                ("Rome", "lead partner"),
                ("Thessaloniki", "partner"),
                ("Vilnius", "partner"),
            ],
        ),
        (
            "network-cities",
            {"network": "urbact-playful-paradigm"},
            [
                ("Cork", "partner"),
                ("Esplugues de Llobregat", "partner"),
                ("Katowice", "partner"),
                ("Klaipėda", "partner"),
                ("Larissa", "partner"),
                ("Novigrad", "partner"),
                ("Udine", "lead partner"),
                ("Viana do Castelo", "partner"),
            ],
        ),
        (
            "events-of-year",
            {"year": "2018"},
            [("2018", name) for name in TRANSFER_NETWORKS_OF_2018],
        ),
        ("events-of-year", {"year": "1999"}, []),
        (
            "networks-with-member-from-country",
            {"country": "cc:EST"},
            [("Cities After Dark",), ("EcoCore",), ("ON BOARD",), (SDG_PILOT,)],
        ),
        (
            "running-on-day",
            {"day": "2022-12-31"},
            [
                ("net:urbact-sdg-pilot", "2021-03-09", "2022-12-31"),
                ("phase:urbact-sdg-pilot-2", "2022-01-01", "2022-12-31"),
            ],
        ),
        ("running-on-day", {"day": "2021-03-08"}, []),
        ("bodies-that-met-repeatedly", {"least": "3"}, []),
        ("find-by-name", {"text": "vilniaus"}, [("city:lt-vilnius", "Vilniaus", "inflected")]),
        ("find-by-name", {"text": "memel"}, [("city:lt-klaipeda", "Memel", None)]),
        ("find-by-name", {"text": '" } # { "'}, []),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_another_value_gets_its_own_answer(
    name: str, values: dict[str, str], rows: list[tuple[str | None, ...]], snapshot_store: ox.Store
) -> None:
    query: QueryFile = queryfile.read(FOLDER / f"{name}.rq")
    found = ask_oxigraph(query.bind(values), snapshot_store)
    assert rows_as_text(found) == [list(row) for row in rows]


# --- Reading the files, apart from the product's own reader


def header(path: Path) -> dict[str, Any]:
    lines = path.read_text(encoding="utf-8").splitlines()
    top = [line for line in lines if line.startswith("#+")]
    assert lines[: len(top)] == top, "the header is one block at the top"
    fields: dict[str, Any] = yaml.safe_load("\n".join(line[3:] for line in top))
    return fields


def body(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("#+"))


def select_clause(text: str) -> str:
    """Return the outermost SELECT clause, which every query here has at the start of a line."""
    found = re.search(r"^SELECT (?:DISTINCT )?(.*)$", text, re.M)
    assert found
    return found[1]


def projection(text: str) -> list[str]:
    return re.findall(r"\?(\w+)", re.sub(r"\(.*? AS (\?\w+)\)", r"\1", select_clause(text)))


def prefixed_names(text: str) -> list[tuple[str, str]]:
    """Return the prefixed names in use; comments, strings and full IRIs hold none."""
    bare = re.sub(r"^PREFIX .*$", " ", text, flags=re.M)
    bare = re.sub(r'<[^<>\s]*>|"(?:[^"\\]|\\.)*"', " ", bare)
    bare = re.sub(r"#.*", " ", bare)
    return re.findall(r"(?<![\w?])(\w+):([\w-]+)", bare)


# --- Cells of two engines on one footing


def ask_oxigraph(sparql: str, store: ox.Store) -> list[Row]:
    solutions = store.query(sparql)
    assert isinstance(solutions, ox.QuerySolutions)
    return [tuple(oxigraph_cell(term) for term in solution) for solution in solutions]


def ask_rdflib(sparql: str, graph: rdflib.Graph) -> list[Row]:
    result = graph.query(sparql)
    assert result.type == "SELECT"
    return [tuple(rdflib_cell(term) for term in result_row(row)) for row in result]


def result_row(row: object) -> rdflib.query.ResultRow:
    assert isinstance(row, rdflib.query.ResultRow)
    return row


def oxigraph_cell(term: object) -> Cell:
    match term:
        case None:
            return None
        case ox.NamedNode():
            return shorten(term.value)
        case ox.Literal():
            return literal_cell(term.value, term.datatype.value, term.language)
    raise AssertionError(f"not a term that an answer should hold: {term}")


def rdflib_cell(term: object) -> Cell:
    match term:
        case None:
            return None
        case rdflib.URIRef():
            return shorten(str(term))
        case rdflib.Literal():
            return literal_cell(str(term), str(term.datatype or XSD + "string"), term.language)
    raise AssertionError(f"not a term that an answer should hold: {term}")


def literal_cell(lexical: str, datatype: str, language: str | None) -> Cell:
    """Return what is the same in both engines: 24 is 24.0, and P24M is P2Y."""
    if language:
        return ("text", lexical, language.lower())
    if datatype in NUMERIC:
        return ("number", plain_number(lexical))
    if datatype == XSD + "boolean":
        return ("boolean", "true" if lexical in ("true", "1") else "false")
    if datatype == XSD + "duration" or is_sum_of_durations(lexical):
        return ("duration", plain_durations(lexical))
    return (shorten(datatype), lexical)


def text_of(cell: Cell) -> str | None:
    return cell[1] if isinstance(cell, tuple) else cell


def plain(cell: str | None) -> str | None:
    """Bring the text of an expected cell, or of a found one, to one spelling."""
    if cell is None:
        return None
    if NUMBER.fullmatch(cell):
        return plain_number(cell)
    return plain_durations(cell) if is_sum_of_durations(cell) else cell


def plain_number(lexical: str) -> str:
    return f"{Decimal(lexical).normalize():f}"


def is_sum_of_durations(text: str) -> bool:
    return all(DURATION.fullmatch(part) for part in text.split(SUM))


def plain_durations(text: str) -> str:
    return SUM.join(plain_duration(part) for part in text.split(SUM))


def plain_duration(text: str) -> str:
    """Return a duration in months and seconds.

    >>> plain_duration("P2Y") == plain_duration("P24M")
    True
    """
    found = DURATION.fullmatch(text)
    if found is None:
        return text
    years, months, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return f"P{12 * years + months}MT{((24 * days + hours) * 60 + minutes) * 60 + seconds}S"


def in_any_order(rows: Iterable[Sequence[str | None]]) -> list[list[str | None]]:
    return sorted(([plain(cell) for cell in row] for row in rows), key=repr)


def rows_as_text(rows: Iterable[Row]) -> list[list[str | None]]:
    return [[text_of(cell) for cell in row] for row in rows]


def is_described(iri: str, store: ox.Store) -> bool:
    node = ox.NamedNode(iri)
    return any(True for _ in store.quads_for_pattern(node, None, None, ox.DefaultGraph()))
