"""What the ontology's own files promise: terms, labels, definitions, headers and their form."""

import re
from pathlib import Path

import pyoxigraph
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.term import Node

import kg.namespaces

ONT = kg.namespaces.ONT
ISSUER = URIRef(ONT.removesuffix("#"))
LICENCE = URIRef("https://creativecommons.org/licenses/by/4.0/")

CLASSES = """
    City Claim Country Decision Event Fund FundingArrangement Goal Metric Municipality NameForm
    Network OfficialDocument Output Participation Phase Pledge Programme ProgrammeEdition
    ProgressReport Project ReportedFigure RoleHolding Signature SourceDocument SourceSpan Target
    Undertaking WorkingGroup
"""

LATER_CLASSES = "Activity RetiredThing Ruling WebPage"

PROPERTIES = """
    aimsToCreate amount approves approximate asOf atEvent baseYear bindingForce certainty
    claimProperty claimStatus claimSubject claimValue comparison conflictsWith country counts
    currency date dateQualifier deadline decidedBy duration dutyBearer earliestDay editionOf
    endDate figureAbout figureValue fromFund fundedThing goalOf governs hasSpan holder inContextOf
    inDocument latestDay leadPartner lifecycleStatus measuredValue memberListComplete metric
    nameForm nameKind nutsRegion outcome participant participationIn participationStatus phaseOf
    progressStatus publicationBasis reportsOn role roleIn runBy scope signatory signedByPerson
    signs spanEnd spanStart startDate targetOf targetValue targetYear textHash textLength
    underEdition underProgramme undertakingOf
"""

LATER_PROPERTIES = """
    acceptedValue activityOf cooperationWith countsOnly decidesProperty decidesSubject grantedFor
    grantedTo grants hasSection involves jointWith leavesOpen memberCity memberCountry
    membersSelected motive offers party purpose rejectedGraph
    rejectedValue retiredOn retirementReason roleFilled setBy spanHash supports venue
"""

EITHER_KIND = "acceptedValue claimValue rejectedValue"
DERIVED = "earliestDay latestDay leadPartner memberCity memberCountry"

PROPERTY_TYPES = {OWL.ObjectProperty, OWL.DatatypeProperty, RDF.Property}
MAPPINGS = {
    SKOS.broadMatch,
    SKOS.closeMatch,
    SKOS.exactMatch,
    SKOS.narrowMatch,
    SKOS.relatedMatch,
    OWL.sameAs,
}
AXIOMS = {
    RDFS.subClassOf,
    RDFS.subPropertyOf,
    OWL.disjointWith,
    OWL.equivalentClass,
    OWL.equivalentProperty,
    OWL.inverseOf,
}
PREFIX = re.compile(r"^@prefix ([a-z0-9-]+): <([^>]*)> \.$", re.MULTILINE)


def terms(graph: Graph, *types: URIRef) -> set[URIRef]:
    """Return the subjects that have one of these types."""
    found = {term for kind in types for term in graph.subjects(RDF.type, kind)}
    return {term for term in found if isinstance(term, URIRef)}


def own(names: str) -> set[URIRef]:
    """Return the IRIs of our terms whose local names the text lists."""
    return {URIRef(ONT + name) for name in names.split()}


def languages(graph: Graph, term: Node, predicate: URIRef) -> list[str]:
    """Return the language tags of the values, sorted; a value without a tag counts as ``""``."""
    values = graph.objects(term, predicate)
    return sorted(str(value.language or "") for value in values if isinstance(value, Literal))


def bare(text: str) -> str:
    """Return the statements of a Turtle file without IRIs, literals, comments and directives."""
    text = re.sub(r"^(#|@prefix).*$", "", text, flags=re.MULTILINE)
    return re.sub(r'"(?:[^"\\]|\\.)*"|<[^>]*>', " ", text)


def test_every_file_is_valid_turtle(files: dict[str, Path]) -> None:
    for name, path in files.items():
        assert list(pyoxigraph.parse(path=path)), name


def test_no_file_has_a_blank_node(files: dict[str, Path]) -> None:
    for name, path in files.items():
        for quad in pyoxigraph.parse(path=path):
            for node in (quad.subject, quad.object):
                assert not isinstance(node, pyoxigraph.BlankNode), (name, quad)


def test_every_prefix_is_the_projects_and_only_alignments_may_add_some(
    files: dict[str, Path],
) -> None:
    for name, path in files.items():
        for prefix, iri in PREFIX.findall(path.read_text(encoding="utf-8")):
            if name == "alignments.ttl" and prefix not in kg.namespaces.PREFIXES:
                assert iri not in kg.namespaces.PREFIXES.values(), (name, prefix)
            else:
                assert kg.namespaces.PREFIXES.get(prefix) == iri, (name, prefix)


def test_prefixes_are_sorted_and_all_used(files: dict[str, Path]) -> None:
    for name, path in files.items():
        text = path.read_text(encoding="utf-8")
        prefixes = [prefix for prefix, _ in PREFIX.findall(text)]
        assert prefixes == sorted(prefixes), name
        used = set(re.findall(r"(?<![\w-])([a-z][a-z0-9-]*):", bare(text)))
        assert set(prefixes) == used, name


def test_every_file_opens_with_a_comment_that_says_what_it_is(files: dict[str, Path]) -> None:
    for name, path in files.items():
        assert path.read_text(encoding="utf-8").startswith("# "), name


def test_classes_and_properties_of_the_design_are_all_there(ontology: Graph) -> None:
    assert len(own(CLASSES)) == 29
    assert len(own(PROPERTIES)) == 72
    assert terms(ontology, OWL.Class) >= own(CLASSES) | own(LATER_CLASSES)
    assert terms(ontology, *PROPERTY_TYPES) >= own(PROPERTIES) | own(LATER_PROPERTIES)


def test_only_values_of_claims_and_rulings_may_be_things_or_literals(ontology: Graph) -> None:
    assert terms(ontology, RDF.Property) == own(EITHER_KIND)
    assert not terms(ontology, OWL.ObjectProperty) & terms(ontology, OWL.DatatypeProperty)


def test_every_term_has_one_label_in_english_lithuanian_and_slovenian(
    graphs: dict[str, Graph],
) -> None:
    for name in ("citypledge.ttl", "reference.ttl"):
        graph = graphs[name]
        for term in terms(graph, OWL.Class, RDFS.Datatype, *PROPERTY_TYPES):
            assert languages(graph, term, RDFS.label) == ["en", "lt", "sl"], term


def test_every_term_has_one_english_definition_of_one_sentence(graphs: dict[str, Graph]) -> None:
    for name in ("citypledge.ttl", "reference.ttl"):
        graph = graphs[name]
        for term in terms(graph, OWL.Class, RDFS.Datatype, *PROPERTY_TYPES):
            assert languages(graph, term, SKOS.definition) == ["en"], term
            text = str(graph.value(term, SKOS.definition))
            assert text.endswith("."), term
            assert ". " not in text, term
            assert 8 <= len(text.split()) <= 30, term


def test_no_two_terms_share_a_definition(graphs: dict[str, Graph]) -> None:
    texts = [
        str(text)
        for name in ("citypledge.ttl", "reference.ttl")
        for text in graphs[name].objects(None, SKOS.definition)
    ]
    assert len(texts) == len(set(texts))


def test_every_term_says_which_ontology_defines_it(graphs: dict[str, Graph]) -> None:
    for name, namespace in (("citypledge.ttl", ONT), ("reference.ttl", kg.namespaces.REF)):
        issuer = URIRef(namespace.removesuffix("#"))
        for term in terms(graphs[name], OWL.Class, RDFS.Datatype, *PROPERTY_TYPES):
            assert list(graphs[name].objects(term, RDFS.isDefinedBy)) == [issuer], term


def test_derived_properties_say_that_nobody_types_them(ontology: Graph) -> None:
    for term in own(DERIVED):
        note = str(ontology.value(term, SKOS.scopeNote))
        assert note.startswith("Derived at build; never typed by hand"), term


def test_two_claims_conflict_with_each_other(ontology: Graph) -> None:
    assert (URIRef(ONT + "conflictsWith"), RDF.type, OWL.SymmetricProperty) in ontology


def test_a_domain_is_one_class_of_our_own(ontology: Graph) -> None:
    for term, domain in ontology.subject_objects(RDFS.domain):
        assert domain in terms(ontology, OWL.Class), term
        assert len(list(ontology.objects(term, RDFS.domain))) == 1, term
    assert not list(ontology.subject_objects(RDFS.range))


def test_the_core_has_no_mapping_and_no_axiom_about_terms_of_others(ontology: Graph) -> None:
    for triple in ontology:
        subject, predicate, value = triple
        assert predicate not in MAPPINGS, triple
        assert str(subject).startswith((ONT, str(ISSUER))), triple
        if predicate in AXIOMS:
            assert str(value).startswith(ONT), triple


def test_alignments_link_own_terms_to_others_and_define_none(
    graphs: dict[str, Graph], ontology: Graph
) -> None:
    known = terms(ontology, OWL.Class, *PROPERTY_TYPES)
    for subject, predicate, value in graphs["alignments.ttl"]:
        if subject == URIRef(f"{ISSUER}/alignments"):
            continue
        assert subject in known, subject
        assert predicate in MAPPINGS | AXIOMS, (subject, predicate)
        assert not str(value).startswith(kg.namespaces.CANONICAL_BASE), (subject, value)


def test_every_ontology_header_has_version_iri_licence_title_and_dates(
    graphs: dict[str, Graph],
) -> None:
    for name, iri in (
        ("citypledge.ttl", ISSUER),
        ("alignments.ttl", URIRef(f"{ISSUER}/alignments")),
        ("reference.ttl", URIRef(kg.namespaces.REF.removesuffix("#"))),
    ):
        graph = graphs[name]
        assert terms(graph, OWL.Ontology) == {iri}
        version = str(graph.value(iri, OWL.versionInfo))
        assert list(graph.objects(iri, OWL.versionIRI)) == [URIRef(f"{iri}/{version}")]
        assert list(graph.objects(iri, DCTERMS.license)) == [LICENCE]
        for predicate in (DCTERMS.title, DCTERMS.description):
            assert languages(graph, iri, predicate) == ["en"], (name, predicate)
        for predicate in (DCTERMS.created, DCTERMS.modified):
            assert graph.value(iri, predicate) is not None, (name, predicate)


def test_the_newest_version_in_the_changelog_is_the_ontologys(
    files: dict[str, Path], ontology: Graph
) -> None:
    changelog = (files["citypledge.ttl"].parent / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    assert newest is not None
    assert newest[1] == str(ontology.value(ISSUER, OWL.versionInfo))
