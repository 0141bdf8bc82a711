"""What the editor completes from: prefixes, classes and properties, with how often each is used.

The counts are those that the dataset keeps of itself (VoID, in `graph/meta`); names and definitions
are those of the ontology, in the language of the reader.
"""

import json
from collections.abc import Iterable
from typing import Any, Final

import pyoxigraph as ox

from kg.namespaces import RDFS, SKOS
from kg.query.labels import Reader
from kg.web.site import Site

_NOTES: Final = (ox.NamedNode(SKOS + "definition"), ox.NamedNode(RDFS + "comment"))
_TERMS: Final = ("ont",)  # documents whose terms are offered though nothing uses them yet


def schema(site: Site, languages: tuple[str, ...]) -> bytes:
    """Return it as JSON.

        {"prefixes": {"cpo": "https://..."},
         "classes": [{"iri", "name", "label", "note", "count", "properties": {IRI: count}}],
         "properties": [{"iri", "name", "label", "note", "count"}]}

    The properties of a class are those that its instances have.
    """
    model = site.served.model
    reader = model.terms.reader(languages)
    own = [term for name in _TERMS for term in model.terms.terms_of(name).values()]
    kinds = {term.value: model.terms.kinds(term) for term in own}
    usage = model.usage
    classes = {*usage.instances, *(iri for iri, kind in kinds.items() if "class" in kind)}
    properties = {*usage.uses, *(iri for iri, kind in kinds.items() if "property" in kind)}
    found = {
        "prefixes": model.terms.prefixes,
        "classes": [
            _term(site, reader, iri, usage.instances.get(iri, 0))
            | {"properties": {count.iri: count.number for count in usage.properties_of(iri)}}
            for iri in _sorted(classes, usage.instances)
        ],
        "properties": [
            _term(site, reader, iri, usage.uses.get(iri, 0))
            for iri in _sorted(properties, usage.uses)
        ],
    }
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


def _sorted(iris: Iterable[str], counts: Any) -> list[str]:
    return sorted(iris, key=lambda iri: (-counts.get(iri, 0), iri))


def _term(site: Site, reader: Reader, iri: str, count: int) -> dict[str, Any]:
    node = ox.NamedNode(iri)
    notes = reader.labels(node, _NOTES)
    note = next((each.text for each in notes if each.language in (*reader.languages, "en")), "")
    return {
        "iri": iri,
        "name": site.served.model.terms.shorten(iri),
        "label": reader.show(node).text,
        "note": note,
        "count": count,
    }
