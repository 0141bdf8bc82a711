"""What search engines read in a page: the thing in the words of schema.org, as JSON-LD.

It says no more than the page does, in a vocabulary that knows nothing of pledges: types, names,
dates, places, members. Whoever wants the facts takes the documents in RDF.

The text goes into a `script` element that is not run, a data block (HTML, 4.12.1): the policy of
the site allows no script. In it `<`, `>` and `&` are escaped, so that no value ends the element.
"""

import json
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Final

import pyoxigraph as ox
from markupsafe import Markup

from kg.namespaces import DCTERMS, FOAF, ORG, OWL, PREFIXES, SCHEMA, SKOS
from kg.query.labels import LABEL_PROPERTIES, TYPE, Node, Reader, source_label
from kg.web.links import document_of
from kg.web.site import Site

_MOST: Final = 50  # values of one property; a search engine needs no more, and a page is not a dump
_DEFAULT: Final = ox.DefaultGraph()
_ESCAPES: Final = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}
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
    """Return a thing or a named graph for the page about it."""
    is_graph = iri in site.graphs
    return block(_graph(site, iri) if is_graph else _Thing(site, ox.NamedNode(iri)).described())


def catalogue_block(site: Site) -> Markup:
    """Return the dataset and its catalogue, for the home page."""
    base = site.served.base
    sources = [{"@type": "Dataset", "@id": label.iri} for label, _ in site.sources(("en",))]
    dataset = {
        **_named(site.reader(("en",)), site.dataset),
        "@type": "Dataset",
        "@id": site.dataset.value,
        "url": site.dataset.value,
        "version": site.served.version,
        "license": site.licence,
        "isAccessibleForFree": True,
        "hasPart": sources[:_MOST],
    }
    found = _literals(site.reader(()), site.dataset, DCTERMS + "description", None)
    dataset["description"] = _texts(found) or dataset.get("name", site.dataset.value)
    if site.dataset_modified is not None:
        dataset["dateModified"] = site.dataset_modified.value
    catalogue = {
        "@context": "https://schema.org",
        "@type": "DataCatalog",
        "@id": f"{base}catalog",
        "url": base,
        "name": dataset.get("name", "citypledge"),
        "license": site.licence,
        "dataset": dataset,
    }
    return block(catalogue)


def term_block(reader: Reader, iri: str, kind: str, whole: str = "") -> Markup:
    """Return a term, a document of terms or a question for its page.

    Args:
        reader: Looks up its labels.
        iri: Of the term.
        kind: Its type in schema.org.
        whole: IRI of the document that it is a term of.
    """
    node = ox.NamedNode(iri)
    texts = [text for found in _DESCRIPTIONS for text in _literals(reader, node, found)]
    within = {"@type": "DefinedTermSet", "@id": whole, **_named(reader, ox.NamedNode(whole or iri))}
    described = {
        "@context": "https://schema.org",
        "@type": kind,
        "@id": iri,
        "url": iri,
        **_named(reader, node),
    }
    return block(
        described | _filled(description=_texts(texts), inDefinedTermSet=within if whole else None)
    )


def block(value: dict[str, Any]) -> Markup:
    """Return JSON-LD with nothing in it that could end a `script` element."""
    text = json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
    return Markup(text)  # noqa: S704 - nothing in it can end the element


def _graph(site: Site, iri: str) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": iri,
        "url": iri,
        "name": source_label(site.reader(("en",)), iri).text,
        "description": f"The {site.graphs[iri]} statements of one named graph of the dataset.",
        "license": site.licence,
        "version": site.served.version,
        "isPartOf": {"@type": "Dataset", "@id": site.dataset.value},
    }


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
            "@context": "https://schema.org",
            "@type": self.kind,
            "@id": node.value,
            "url": node.value,
            **_named(self.reader, node),
            "mainEntityOfPage": f"{site.served.base}doc/{path}",
        }
        others = self._texts_of(SKOS + "altLabel")
        descriptions = [text for iri in _DESCRIPTIONS for text in self._texts_of(iri)]
        same = [*self._iris(node, OWL + "sameAs", None), *self._iris(node, FOAF + "homepage")]
        found |= _filled(
            alternateName=_texts(others),
            description=_texts(descriptions),
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
        return _filled(
            geo=geo if lat and long else None,
            containedInPlace=[self._reference(iri, "Country") for iri in countries],
        )

    def _event(self) -> dict[str, Any]:
        start = self._literal(self._own("startDate")) or self._literal(self._own("date"))
        return _filled(
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
        return _filled(
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
        return _filled(
            jobTitle=sorted(set(roles)),
            affiliation=self._references(self._through("holder", "roleIn")),
        )

    def _concept(self) -> dict[str, Any]:
        schemes = self._iris(self.node, SKOS + "inScheme")
        return _filled(
            termCode=self._literal(SKOS + "notation"),
            inDefinedTermSet=[self._reference(iri, "DefinedTermSet") for iri in schemes],
        )

    def _work(self) -> dict[str, Any]:
        pages = self._iris(self.node, PREFIXES["pav"] + "retrievedFrom")
        return _filled(
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
        return {**found, **_named(self.reader, node)}

    def _through(self, towards: str, away: str) -> list[str]:
        """Return what lies beyond the nodes that point here, such as participations."""
        predicate = self.reader.term(towards)
        quads = self.reader.store.quads_for_pattern(None, predicate, self.node, _DEFAULT)
        nodes = [q.subject for q in islice(quads, _MOST) if not isinstance(q.subject, ox.Triple)]
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
        return islice(self.reader.store.quads_for_pattern(node, predicate, None, graph), _MOST)

    def _literal(self, predicate: str) -> str | None:
        return next((text.value for text in self._texts_of(predicate)), None)

    def _texts_of(self, predicate: str) -> list[ox.Literal]:
        return _literals(self.reader, self.node, predicate)


def _literals(
    reader: Reader, node: Node, predicate: str, graph: ox.DefaultGraph | None = _DEFAULT
) -> list[ox.Literal]:
    quads = reader.store.quads_for_pattern(node, ox.NamedNode(predicate), None, graph)
    found = {quad.object for quad in islice(quads, _MOST) if isinstance(quad.object, ox.Literal)}
    return sorted(found, key=str)


def _named(reader: Reader, node: Node) -> dict[str, Any]:
    """Return the names of a node, in each language that it has one in."""
    names = reader.labels(node, LABEL_PROPERTIES)[:_MOST]
    texts = [ox.Literal(name.text, language=name.language or None) for name in names]
    shown = _texts(texts) or reader.show(node).text
    return {"name": shown} if shown else {}


def _texts(literals: Sequence[ox.Literal]) -> Any:
    """Return texts with their languages: one as it is, several as a list, None for none."""
    found: list[Any] = [
        {"@language": literal.language, "@value": literal.value}
        if literal.language
        else literal.value
        for literal in literals
    ]
    return found[0] if len(found) == 1 else found or None


def _filled(**values: Any) -> dict[str, Any]:
    """Return the values that there are."""
    return {name: value for name, value in values.items() if value}
