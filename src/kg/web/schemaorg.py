"""What search engines read in a page: the thing in the words of schema.org, as JSON-LD.

It says no more than the page does, in a vocabulary that knows nothing of pledges: types, names,
dates, places, members. Whoever wants the facts takes the documents in RDF.

On top is the page, which has a licence and a publisher; what it is about is its `mainEntity`.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

import pyoxigraph as ox
from markupsafe import Markup

from kg.namespaces import DCTERMS, FOAF, ORG, OWL, PREFIXES, SCHEMA, SKOS
from kg.query.labels import TYPE, Node, Reader, source_label
from kg.web.datablock import (
    CONTEXT,
    MOST,
    block,
    dataset,
    described,
    filled,
    named,
    origin,
    texts,
)
from kg.web.links import document_of
from kg.web.site import Site

_DEFAULT: Final = ox.DefaultGraph()
# Classes of the ontology by local name, and of others by IRI; what is not here is a Thing.
_OWN_TYPES: Final = {
    "Activity": "Action",
    "City": "City",
    "Claim": "Claim",
    "Event": "Event",
    "Fund": "Organization",
    "FundingArrangement": "MonetaryGrant",
    "Municipality": "GovernmentOrganization",
    "Network": "Organization",
    "OfficialDocument": "CreativeWork",
    "Output": "CreativeWork",
    "Pledge": "CreativeWork",
    "Programme": "Project",
    "ProgrammeEdition": "Project",
    "Project": "Project",
    "SourceDocument": "CreativeWork",
    "WebPage": "WebPage",
    "WorkingGroup": "Organization",
}
_TYPES: Final = {
    FOAF + "Person": "Person",
    ORG + "Organization": "Organization",
    ORG + "Role": "DefinedTerm",
    SCHEMA + "Place": "Place",
    SKOS + "Concept": "DefinedTerm",
    SKOS + "ConceptScheme": "DefinedTermSet",
}
_DESCRIPTIONS: Final = (SKOS + "definition", DCTERMS + "description")


def data_block(site: Site, iri: str) -> Markup:
    """Return a named graph, or the page about a thing with the thing."""
    if iri in site.graphs:
        return block(_graph(site, iri))
    thing = _Thing(site, ox.NamedNode(iri)).described()
    address = f"{site.served.base}doc/{document_of(iri.removeprefix(site.served.base))}"
    name = thing.get("name", iri)
    title = site.reader(("en",)).show(ox.NamedNode(iri)).text
    text = f"What the dataset holds about {title}: statements, and the sources that make them."
    more = {"description": text, "isPartOf": dataset(site), "mainEntity": thing}
    return block(described(site, "WebPage", address, name, **more))


def catalogue_block(site: Site) -> Markup:
    """Return the dataset and its catalogue, for the home page."""
    base = site.served.base
    sources = [{"@type": "Dataset", "@id": label.iri} for label, _ in site.sources(("en",))]
    own = origin(site)
    whole = {
        **dataset(site),
        **own,
        "url": site.dataset.value,
        "hasPart": sources[:MOST],
    }
    found = _literals(site.reader(()), site.dataset, DCTERMS + "description", None)
    whole["description"] = texts(found) or whole.get("name", site.dataset.value)
    name = whole.get("name", "citypledge")
    return block(described(site, "DataCatalog", f"{base}catalog", name, url=base, dataset=whole))


def term_block(site: Site, iri: str, kind: str, whole: str = "") -> Markup:
    """Return a term, a document of terms or a question for its page.

    A term has no licence of its own; the document that it is a term of has one.

    Args:
        site: What is served.
        iri: Of the term.
        kind: Its type in schema.org.
        whole: IRI of the document that it is a term of.
    """
    reader, node = site.served.model.terms.reader(()), ox.NamedNode(iri)
    found = [text for name in _DESCRIPTIONS for text in _literals(reader, node, name)]
    name, description = named(reader, node).get("name", iri), texts(found)
    edition = _edition(site, ox.NamedNode(whole or iri))
    if not whole:
        part = {"description": description, "isPartOf": dataset(site), **edition}
        return block(described(site, kind, iri, name, **part))
    terms = {"@type": "DefinedTermSet", "@id": whole, **named(reader, ox.NamedNode(whole))}
    head = {"@context": CONTEXT, "@type": kind, "@id": iri, "url": iri, "name": name}
    more = {"description": description, "inDefinedTermSet": terms | origin(site) | edition}
    return block(head | filled(**more))


def _edition(site: Site, document: ox.NamedNode) -> dict[str, Any]:
    """Return version and day of change of a document of terms, which has its own."""
    text = site.served.model.terms.text
    version, modified = text(document, OWL + "versionInfo"), text(document, DCTERMS + "modified")
    return filled(version=version, dateModified=modified)


def _graph(site: Site, iri: str) -> dict[str, Any]:
    text = f"The {site.graphs[iri]} statements of one named graph of the dataset."
    name = source_label(site.reader(("en",)), iri).text
    return described(site, "Dataset", iri, name, description=text, isPartOf=dataset(site))


class _Thing:
    """Looks up what schema.org has a word for."""

    def __init__(self, site: Site, node: ox.NamedNode) -> None:
        self.site = site
        self.node = node
        self.reader = site.reader(("en",))
        self.kind = self._type_of(node)

    def described(self) -> dict[str, Any]:
        site, node = self.site, self.node
        path = document_of(node.value.removeprefix(site.served.base))
        found: dict[str, Any] = {
            "@type": self.kind,
            "@id": node.value,
            "url": node.value,
            **named(self.reader, node),
            "mainEntityOfPage": f"{site.served.base}doc/{path}",
        }
        others = self._texts_of(SKOS + "altLabel")
        descriptions = [text for iri in _DESCRIPTIONS for text in self._texts_of(iri)]
        same = [*self._iris(node, OWL + "sameAs", None), *self._iris(node, FOAF + "homepage")]
        found |= filled(
            alternateName=texts(others),
            description=texts(descriptions),
            sameAs=[iri for iri in same if iri.startswith(("http://", "https://"))],
        )
        particular = {
            "City": self._city,
            "Place": self._city,
            "Event": self._event,
            "Organization": self._organisation,
            "GovernmentOrganization": self._organisation,
            "Project": self._organisation,
            "Person": self._person,
            "DefinedTerm": self._concept,
            "CreativeWork": self._work,
        }.get(self.kind)
        return found | (particular() if particular is not None else {})

    def _city(self) -> dict[str, Any]:
        lat = self._literal(PREFIXES["wgs"] + "lat")
        long = self._literal(PREFIXES["wgs"] + "long")
        geo = {"@type": "GeoCoordinates", "latitude": lat, "longitude": long}
        countries = self._own_iris(self.node, "country")
        return filled(
            geo=geo if lat and long else None,
            containedInPlace=[self._reference(iri, "Country") for iri in countries],
        )

    def _event(self) -> dict[str, Any]:
        start = self._literal(self._own("startDate")) or self._literal(self._own("date"))
        return filled(
            startDate=start,
            endDate=self._literal(self._own("endDate")),
            location=self._references(self._iris(self.node, SCHEMA + "location")),
            organizer=self._references(self._iris(self.node, SCHEMA + "organizer")),
            superEvent=self._references(self._iris(self.node, SCHEMA + "superEvent")),
        )

    def _organisation(self) -> dict[str, Any]:
        networks = self._through("participant", "participationIn")
        members = self._through("participationIn", "participant")
        parents = self._iris(self.node, ORG + "subOrganizationOf")
        return filled(
            memberOf=self._references(networks),
            member=self._references(members),
            areaServed=self._references(self._own_iris(self.node, "governs")),
            parentOrganization=self._references(parents),
            foundingDate=self._literal(self._own("startDate")),
            dissolutionDate=None if self.kind == "Project" else self._literal(self._own("endDate")),
        )

    def _person(self) -> dict[str, Any]:
        """Name the public roles, which are what the page shows a person for."""
        roles = [
            self.reader.show(ox.NamedNode(iri)).text for iri in self._through("holder", "role")
        ]
        return filled(
            jobTitle=sorted(set(roles)),
            affiliation=self._references(self._through("holder", "roleIn")),
        )

    def _concept(self) -> dict[str, Any]:
        schemes = self._iris(self.node, SKOS + "inScheme")
        return filled(
            termCode=self._literal(SKOS + "notation"),
            inDefinedTermSet=[self._reference(iri, "DefinedTermSet") for iri in schemes],
        )

    def _work(self) -> dict[str, Any]:
        pages = self._iris(self.node, PREFIXES["pav"] + "retrievedFrom")
        return filled(
            inLanguage=[
                iri.rpartition("/")[2] for iri in self._iris(self.node, DCTERMS + "language")
            ],
            isBasedOn=[iri for iri in pages if iri.startswith(("http://", "https://"))],
        )

    def _type_of(self, node: ox.NamedNode) -> str:
        prefix = f"{self.site.served.base}ont#"
        kinds = [quad.object for quad in self._quads(node, TYPE)]
        iris = sorted(kind.value for kind in kinds if isinstance(kind, ox.NamedNode))
        names = [_OWN_TYPES.get(iri.removeprefix(prefix)) or _TYPES.get(iri) for iri in iris]
        return next((name for name in names if name), "Thing")

    def _references(self, iris: Iterable[str]) -> list[dict[str, Any]]:
        return [self._reference(iri) for iri in iris]

    def _reference(self, iri: str, kind: str | None = None) -> dict[str, Any]:
        node = ox.NamedNode(iri)
        found = {"@type": kind or self._type_of(node), "@id": iri}
        return {**found, **named(self.reader, node)}

    def _through(self, towards: str, away: str) -> list[str]:
        """Return what lies beyond the nodes that point here, such as participations."""
        predicate = self.reader.term(towards)
        quads = self.reader.store.quads_for_pattern(None, predicate, self.node, _DEFAULT)
        nodes = [q.subject for q in islice(quads, MOST) if not isinstance(q.subject, ox.Triple)]
        return sorted({iri for node in nodes for iri in self._own_iris(node, away)})

    def _own(self, local: str) -> str:
        return self.reader.term(local).value

    def _own_iris(self, node: Node, local: str) -> list[str]:
        return self._iris(node, self._own(local))

    def _iris(
        self, node: Node, predicate: str, graph: ox.DefaultGraph | None = _DEFAULT
    ) -> list[str]:
        values = (quad.object for quad in self._quads(node, ox.NamedNode(predicate), graph))
        return sorted({value.value for value in values if isinstance(value, ox.NamedNode)})

    def _quads(
        self, node: Node, predicate: ox.NamedNode, graph: ox.DefaultGraph | None = _DEFAULT
    ) -> Iterable[ox.Quad]:
        return islice(self.reader.store.quads_for_pattern(node, predicate, None, graph), MOST)

    def _literal(self, predicate: str) -> str | None:
        return next((text.value for text in self._texts_of(predicate)), None)

    def _texts_of(self, predicate: str) -> list[ox.Literal]:
        return _literals(self.reader, self.node, predicate)


def _literals(
    reader: Reader, node: Node, predicate: str, graph: ox.DefaultGraph | None = _DEFAULT
) -> list[ox.Literal]:
    quads = reader.store.quads_for_pattern(node, ox.NamedNode(predicate), None, graph)
    found = {quad.object for quad in islice(quads, MOST) if isinstance(quad.object, ox.Literal)}
    return sorted(found, key=str)
