"""`?at=2021-06-01` on the document about a thing: what held on a day, in a month or in a year.

The document is the usual one without the relations that surely did not hold then. The others are
put into collections by how sure it is, see `kg.description.moments`.
"""

from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from kg.description.contents import Contents
from kg.description.moments import EXPECTED, Moment, Verdict, period_of
from kg.namespaces import DCTERMS, RDF, RDFS, SKOS
from kg.query.protocol import ProtocolError
from kg.web.documents import thing_document
from kg.web.site import Site
from kg.web.writing import Document

# Hash IRIs of the collections of a document.
_COLLECTIONS: Final = {
    Verdict.HELD: "held",
    Verdict.POSSIBLE: "possible",
    Verdict.UNSTATED: "not-stated",
}


def asked_moment(site: Site, wanted: str) -> Moment:
    """Return the moment that a value of `at` names.

    Raises:
        ProtocolError: 400 where it names none.
    """
    period = period_of(wanted)
    if period is None:
        raise ProtocolError(400, "Malformed date", f"at={wanted!r}: expected {EXPECTED}")
    return Moment(site.served.store, site.served.base, period)


def document_at(site: Site, iri: str, name: str, moment: Moment) -> Document:
    """Return the document about a thing with what held at a moment.

    It has no pages: of a thing with more than `JUDGED` pieces it holds the first, and says so.
    """
    contents = Contents(site.served.store, ox.NamedNode(iri), site.served.base, moment)
    document = thing_document(site, contents, name, None)
    document.triples |= set(_verdicts(document, contents, moment))
    if contents.left_out:
        text = (
            f"Not all of it: {contents.left_out} statements and related nodes are not looked at "
            f"here. They are in {site.served.base}doc/{name}, without regard to dates."
        )
        node, comment = ox.NamedNode(document.iri), ox.NamedNode(RDFS + "comment")
        document.triples.add(ox.Triple(node, comment, ox.Literal(text, language="en")))
    return document


def _verdicts(document: Document, contents: Contents, moment: Moment) -> Iterator[ox.Triple]:
    """Give the period, and the nodes by how sure it is that they held in it."""
    temporal = ox.NamedNode(DCTERMS + "temporal")
    yield ox.Triple(ox.NamedNode(document.iri), temporal, moment.period.literal)
    judged = [(tied.node, contents.verdict(tied)) for tied in contents.tied]
    for verdict, fragment in _COLLECTIONS.items():
        members = [node for node, judgement in judged if judgement == verdict]
        if not members:
            continue
        group = ox.NamedNode(f"{document.iri}#{fragment}")
        label = ox.Literal(f"{moment.period.text}: {verdict.value}", language="en")
        yield ox.Triple(group, ox.NamedNode(RDF + "type"), ox.NamedNode(SKOS + "Collection"))
        yield ox.Triple(group, ox.NamedNode(SKOS + "prefLabel"), label)
        for node in members:
            yield ox.Triple(group, ox.NamedNode(SKOS + "member"), node)
