"""The sections by which pages group the terms are those of the file, and leave none out."""

import re
from pathlib import Path

import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import DCTERMS, RDFS

import kg.namespaces

SECTIONS = kg.namespaces.CANONICAL_BASE + "ont/sections#"


@pytest.fixture(name="members")
def terms_by_section(graphs: dict[str, Graph]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for section, term in graphs["sections.ttl"].subject_objects(DCTERMS.hasPart):
        found.setdefault(str(section), set()).add(str(term))
    return found


def test_every_term_is_in_exactly_one_section(
    members: dict[str, set[str]], graphs: dict[str, Graph]
) -> None:
    defined = {
        str(term)
        for term in graphs["citypledge.ttl"].subjects(RDFS.isDefinedBy, None)
        if str(term).startswith(kg.namespaces.ONT)
    }
    listed = [term for terms in members.values() for term in terms]

    assert sorted(listed) == sorted(defined)


def test_terms_under_one_heading_of_the_file_are_in_one_section(
    members: dict[str, set[str]], files: dict[str, Path]
) -> None:
    text = files["citypledge.ttl"].read_text(encoding="utf-8")
    split_up = {"Classes: figures and names"}  # each of the two belongs to another subject
    for part in text.split("\n# --- ")[1:]:
        heading, _, body = part.partition(" ---\n")
        terms = {kg.namespaces.ONT + name for name in re.findall(r"^cpo:(\w+)$", body, re.M)}
        holding = [section for section, found in members.items() if found & terms]
        assert len(holding) == 1 or heading in split_up, heading


def test_sections_have_names_in_three_languages_and_a_place(graphs: dict[str, Graph]) -> None:
    graph = graphs["sections.ttl"]
    places = []
    for section in {s for s in graph.subjects() if str(s).startswith(SECTIONS)}:
        labels = {label.language for label in graph.objects(section, RDFS.label)}  # type: ignore[attr-defined]
        assert labels == {"en", "lt", "sl"}, section
        places += [
            int(str(p)) for p in graph.objects(section, URIRef("http://schema.org/position"))
        ]

    assert sorted(places) == list(range(1, len(places) + 1))
