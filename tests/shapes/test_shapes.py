"""Each rule is fired by its own cases and by nothing else, and two engines agree on it.

A case is a small file that is right but for one mistake; its name begins with the code of the rule
that has to answer, alone. The valid files fire nothing. Both engines get the case and its
*surroundings*: what the rules ask of ontology and lists about the terms that the case names. The
whole of ontology and lists takes pySHACL ten seconds, because rdflib tests some patterns on every
literal; it is checked too, once.

pySHACL is the reference; shifty is the engine of the daily check. Their results are compared as
sets of (code, focus node, path, value, severity).
"""

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyshacl
import pytest
import rdflib
import shifty
from rdflib import OWL, RDF, RDFS, SH, SKOS, BNode, Graph, Literal, URIRef
from rdflib.plugins.sparql import prepareQuery

from kg.findings import LANGUAGES
from kg.namespaces import PREFIXES, REF, SHAPES

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
SHAPE_FILES: Final = sorted((ROOT / "shapes").glob("*.ttl"))
CONTEXT_FILES: Final = sorted((ROOT / "ontology").rglob("*.ttl"))
CASES: Final = sorted((HERE / "cases").glob("[A-Z]*.ttl"))
VALID: Final = sorted((HERE / "cases").glob("valid-*.ttl"))
with (HERE / "given.csv").open(encoding="utf-8", newline="") as table:
    GIVEN: Final = {row["file"]: row for row in csv.DictReader(table)}
CODE: Final = re.compile(r"[A-Z]{3}[0-9]{2}")
HELP: Final = URIRef(SHAPES + "help")
# Prefixed names, IRIs and typed literals of a message.
TURTLE: Final = re.compile(r'"[^"]*"(?:@\w+|\^\^)?|(?<![\w/])[a-z]+:[\w-]+|https?://[^\s;,>)]+')
# Rules of these families read the text before it is parsed; their codes have no shape.
TEXT_FAMILIES: Final = ("TXT", "ENC", "SYN")
# What the rules ask of ontology and lists, besides the bounds of countries (ref:).
ASKED: Final = {OWL.deprecated, RDF.type, RDFS.isDefinedBy, RDFS.subClassOf, SKOS.notation}
FAMILIES: Final = re.compile(
    "CLM|DEC|DUP|FIG|FUN|IRI|LBL|LNK|NAM|NET|NSP|PAR|PER|PHS|PLC|PLG|PRG|PRV|REF|RET|ROL|SIG|SPN"
    "|SRC|TGT|TIM|UND|VOC"
)


class Finding(NamedTuple):
    """One result of an engine, in terms that do not depend on the engine."""

    code: str
    focus: str
    path: str
    value: str
    severity: str


class MemoisingGraph(Graph):
    """A graph that parses each query once: pySHACL asks the same one for every focus node."""

    def query(self, query_object: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer a query, from its prepared form where it is text."""
        if isinstance(query_object, str):
            query_object = prepared(query_object)
        return super().query(query_object, *args, **kwargs)


@cache
def prepared(query: str) -> Any:
    """Return the parsed form of a query."""
    return prepareQuery(query)


def read(*paths: Path, into: Graph | None = None) -> Graph:
    """Parse Turtle files with the lexical forms that they have.

    The switch is set each time because pySHACL sets it back.
    """
    rdflib.NORMALIZE_LITERALS = False
    graph = Graph() if into is None else into
    for path in paths:
        graph.parse(path, format="turtle")
    return graph


@cache
def shapes() -> Graph:
    """Return the shapes as one graph."""
    return read(*SHAPE_FILES)


@cache
def validator() -> shifty.PreparedValidator:
    """Return the shapes as shifty's plan."""
    return shifty.PreparedValidator(list(SHAPE_FILES))


@cache
def context() -> Graph:
    """Return ontology and lists as one graph."""
    return read(*CONTEXT_FILES)


def surroundings(case: Graph) -> Graph:
    """Return what the rules ask of the terms in a case, and of their superclasses."""
    found, seen = Graph(), set[Any]()
    waiting: set[Any] = {term for triple in case for term in triple if isinstance(term, URIRef)}
    while waiting:
        term = waiting.pop()
        seen.add(term)
        for subject, predicate, value in context().triples((term, None, None)):
            if predicate in ASKED or str(predicate).startswith(REF):
                found.add((subject, predicate, value))
            if predicate in (RDF.type, RDFS.subClassOf) and value not in seen:
                waiting.add(value)
    return found


def written(node: Any) -> str:
    """Return a term as text; n3() would warn of numbers with a comma."""
    match node:
        case None:
            return ""
        case BNode():
            return "_:"
        case Literal():
            return f'"{node}"@{node.language}^^{node.datatype}'
        case _:
            return f"<{node}>"


def findings(report: Graph) -> set[Finding]:
    """Read a validation report, without SPARQL results on blank nodes.

    In shifty a blank focus node is a variable, so it matches everything. IRI01 and IRI02 already
    say that such a node is wrong.
    """

    found = set()
    for result in report.subjects(RDF.type, SH.ValidationResult):
        focus = report.value(result, SH.focusNode)
        component = report.value(result, SH.sourceConstraintComponent)
        if isinstance(focus, BNode) and component == SH.SPARQLConstraintComponent:
            continue
        found.add(
            Finding(
                str(report.value(result, SH.sourceShape)).removeprefix(SHAPES),
                written(focus),
                written(report.value(result, SH.resultPath)),
                written(report.value(result, SH.value)),
                str(report.value(result, SH.resultSeverity)).removeprefix(str(SH)),
            )
        )
    return found


def check_with_shifty(*paths: Path, around: Graph) -> set[Finding]:
    """Validate files with the fast engine.

    It gets one piece of Turtle: several inputs it would merge through rdflib. N-Triples are Turtle.
    """
    rdflib.NORMALIZE_LITERALS = False
    texts = [around.serialize(format="nt").encode(), *(path.read_bytes() for path in paths)]
    _, report, _ = validator().validate(b"\n".join(texts), graph_mode="data", infer=False)
    return findings(report)


def check_with_pyshacl(*paths: Path, around: Graph) -> set[Finding]:
    """Validate files with the reference engine."""
    data = read(*paths, into=MemoisingGraph())
    data += around
    _, report, _ = pyshacl.validate(
        data,
        shacl_graph=shapes(),
        inference="none",
        advanced=False,
        meta_shacl=False,
        inplace=True,
    )
    assert isinstance(report, Graph)
    return findings(report)


def check(path: Path) -> set[Finding]:
    """Validate a file with both engines, which have to agree."""
    around = surroundings(read(path))
    reference = check_with_pyshacl(path, around=around)
    assert check_with_shifty(path, around=around) == reference
    return reference


def rules() -> list[URIRef]:
    """Return the shapes whose name is a code."""
    return sorted(
        subject
        for subject in set(shapes().subjects(RDF.type))
        if isinstance(subject, URIRef) and CODE.fullmatch(subject.removeprefix(SHAPES))
    )


def english(rule: URIRef, predicate: URIRef) -> Iterator[str]:
    """Yield the English texts of a rule."""
    for text in shapes().objects(rule, predicate):
        if isinstance(text, Literal) and text.language == "en":
            yield str(text)


def translated(rule: URIRef, predicate: URIRef) -> dict[str, str]:
    """Return the text of a rule in each language of the findings, which it has once each."""
    texts = list(shapes().objects(rule, predicate))
    found = {text.language: str(text) for text in texts if isinstance(text, Literal)}
    assert len(texts) == len(found)
    assert set(found) == set(LANGUAGES)
    return {language: found[language] for language in LANGUAGES}


def placeholders(message: str) -> list[str]:
    """Return the names in braces."""
    return sorted(re.findall(r"{[?$](\w+)}", message))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_fires_its_rule_alone(path: Path) -> None:
    """The code in the file's name is the only one reported, with the severity of its rule."""
    code = path.name[:5]
    severity = str(shapes().value(URIRef(SHAPES + code), SH.severity)).removeprefix(str(SH))
    assert {(each.code, each.severity) for each in check(path)} == {(code, severity)}


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_valid_file_fires_nothing(path: Path) -> None:
    """Files without a mistake pass, in both engines."""
    assert check(path) == set()


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_a_given_case_fires_what_the_table_says(name: str) -> None:
    """The forty cases that the rules were designed from; text rules leave the shapes silent."""
    row = GIVEN[name]
    codes = set(row["codes"].split())
    assert (row["layer"] == "text") == all(code.startswith(TEXT_FAMILIES) for code in codes)
    expected = codes if row["layer"] == "shacl" else set()
    assert {each.code for each in check(HERE / "cases" / "given" / name)} == expected


def test_every_given_case_is_in_the_table() -> None:
    """A file without a row would not be run."""
    assert {path.name for path in (HERE / "cases" / "given").glob("*.ttl")} == set(GIVEN)


def test_ontology_lists_and_valid_files_fire_nothing_together() -> None:
    """The whole context passes in both engines, and the valid files do not disturb one another."""
    assert check_with_shifty(*VALID, around=context()) == set()
    assert check_with_pyshacl(*VALID, around=context()) == set()


def test_every_rule_has_a_case() -> None:
    """A rule that no case fires may be one that cannot fire."""
    assert {path.name[:5] for path in CASES} == {rule.removeprefix(SHAPES) for rule in rules()}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.removeprefix(SHAPES))
def test_a_rule_explains_itself(rule: URIRef) -> None:
    """Title, severity, reason and examples are there once, message and help in each language."""
    code = rule.removeprefix(SHAPES)
    assert FAMILIES.fullmatch(code[:3])
    assert len(list(english(rule, RDFS.label))) == 1
    assert len(list(english(rule, SH.description))) == 1
    for message in translated(rule, SH.message).values():
        assert message.startswith(f"{code}: ")
    for remedy in translated(rule, HELP).values():
        assert re.fullmatch(r"\S[^{}\n]*[^\s{}.]", remedy)
    assert shapes().value(rule, SH.severity) in (SH.Violation, SH.Warning)
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    for kind in ("wrong", "right"):
        (example,) = shapes().objects(rule, URIRef(SHAPES + kind))
        assert isinstance(example, Literal)
        assert len(Graph().parse(data=prefixes + example, format="turtle")) > 0


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.removeprefix(SHAPES))
def test_a_rule_is_the_source_of_its_results(rule: URIRef) -> None:
    """Property rules hang on a carrier; rules with a query or on the node itself have a target."""
    carriers = set(shapes().subjects(SH.property, rule))
    targets = {SH.targetClass, SH.targetNode, SH.targetSubjectsOf}
    predicates = set(shapes().predicates(rule))
    if (rule, RDF.type, SH.PropertyShape) in shapes():
        assert carriers
        assert SH.path in predicates
        assert not predicates & targets
    else:
        assert not carriers
        assert predicates & targets
        assert predicates & {SH.sparql, SH.pattern, SH["or"]}
    for query in shapes().objects(rule, SH.sparql / SH.select):
        assert re.search(r"SELECT (DISTINCT )?\$this .*\?value", str(query))


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.removeprefix(SHAPES))
def test_a_message_uses_what_its_query_projects(rule: URIRef) -> None:
    """Braces around anything else would be shown as they stand."""
    messages = translated(rule, SH.message)
    heads = [
        str(query).split("WHERE")[0] for query in shapes().objects(rule, SH.sparql / SH.select)
    ]
    projected = set(re.findall(r"[?$](\w+)", heads[0])) if heads else set()
    assert set(placeholders(messages["en"])) <= projected
    for message in messages.values():
        assert placeholders(message) == placeholders(messages["en"])


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.removeprefix(SHAPES))
def test_a_message_tells_its_language_by_its_words(rule: URIRef) -> None:
    """Engines drop the language of a message with braces; what stands between them shows it."""
    texts = [re.sub(r"{.*?}", "{}", text) for text in translated(rule, SH.message).values()]
    assert len(set(texts)) == len(LANGUAGES)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.removeprefix(SHAPES))
def test_a_translated_message_has_the_same_turtle(rule: URIRef) -> None:
    """Names and literals of an example are the same in every language."""
    first, *others = (
        sorted(TURTLE.findall(text)) for text in translated(rule, SH.message).values()
    )
    assert all(other == first for other in others)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.removeprefix(SHAPES))
def test_a_pattern_is_one_plain_string(rule: URIRef) -> None:
    """A pattern that is put together is compiled again for every value: 25 times the time."""
    for query in shapes().objects(rule, SH.sparql / SH.select):
        for pattern in re.findall(r"REGEX\(STR\(\?\w+\), (.)", str(query)):
            assert pattern == '"'


def test_a_carrier_has_targets_and_rules_and_nothing_else() -> None:
    """A constraint on a carrier would give results without a code."""
    for rule in rules():
        for carrier in shapes().subjects(SH.property, rule):
            assert set(shapes().predicates(carrier)) <= {
                RDF.type,
                SH.property,
                SH.targetClass,
                SH.targetSubjectsOf,
            }


def test_prefixes_of_the_queries_are_those_of_the_project() -> None:
    """A prefix that stands for another namespace would make a rule blind."""
    for declaration in shapes().objects(URIRef(SHAPES + "prefixes"), SH.declare):
        prefix = str(shapes().value(declaration, SH.prefix))
        assert str(shapes().value(declaration, SH.namespace)) == PREFIXES[prefix]


def test_the_words_of_the_rules_are_declared() -> None:
    """The words of ours are annotations, for the tools that read the shapes as OWL."""
    for word in ("wrong", "right", "help"):
        assert (URIRef(SHAPES + word), RDF.type, OWL.AnnotationProperty) in shapes()


def test_privacy_results_do_not_repeat_the_value() -> None:
    """A finding is shown in logs and in reviews, so it must not carry what it wants removed."""
    for path in CASES:
        if path.name.startswith("PRV"):
            around = surroundings(read(path))
            for each in check_with_shifty(path, around=around):
                assert each.value.startswith(f"<{PREFIXES['cpo'].removesuffix('ont#')}id/")
