"""The dataset itself, as a source of the graph: title, address, licence, edition, attribution."""

from typing import Final

import pyoxigraph as ox

from kg.importing.mapping import Source
from kg.importing.statements import Sorter
from kg.namespaces import DCTERMS, ID, ONT, PREFIXES, RDF, SKOS, VOC, XSD

_CLASS: Final = ox.NamedNode(ONT + "WebPage")
_KIND: Final = ox.NamedNode(VOC + "source-dataset")
_NOT_STATED: Final = "The dataset states no licence."
_PRECISIONS: Final = {4: "gYear", 7: "gYearMonth", 10: "date"}


def iri_of(source: Source) -> str:
    """Return the IRI of the source, which names its graph."""
    return f"{ID}source/{source.id}"


def add(source: Source, sorter: Sorter) -> None:
    """Add the statements about a source."""
    about = ox.NamedNode(iri_of(source))

    def say(path: str, value: ox.NamedNode | ox.Literal) -> None:
        sorter.add(about, ox.NamedNode(path), value)

    say(RDF + "type", _CLASS)
    say(DCTERMS + "type", _KIND)
    say(SKOS + "prefLabel", ox.Literal(source.title, language=source.language))
    say(PREFIXES["pav"] + "retrievedFrom", ox.NamedNode(source.address))
    if source.licence is not None:
        say(DCTERMS + "license", ox.NamedNode(source.licence))
    for path, text in (
        (PREFIXES["pav"] + "version", source.edition),
        (DCTERMS + "bibliographicCitation", source.attribution),
    ):
        if text:
            say(path, ox.Literal(text))
    for text in filter(None, (source.note, _NOT_STATED if source.licence is None else "")):
        say(SKOS + "note", ox.Literal(text, language="en"))
    if source.issued:
        datatype = ox.NamedNode(XSD + _PRECISIONS[len(source.issued)])
        say(DCTERMS + "issued", ox.Literal(source.issued, datatype=datatype))
