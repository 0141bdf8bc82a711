"""The data block of a page: JSON-LD of schema.org in a `script` element that is not run.

A data block (HTML, 4.12.1) is no script, and the policy of the site allows none. In it `<`, `>` and
`&` are escaped, so that no value ends the element.

What a page, a dataset or any other work says of where it is from is here too: licence, publisher,
version, day of change. In schema.org these are properties of a `CreativeWork`, so a city or a body
has none of them; the page about it has.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

import pyoxigraph as ox
from markupsafe import Markup

from kg.namespaces import DCTERMS
from kg.query.labels import LABEL_PROPERTIES, Node, Reader
from kg.web.site import Site

MOST: Final = 50  # values of one property; a search engine needs no more, and a page is not a dump
CONTEXT: Final = "https://schema.org"
_ESCAPES: Final = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}
_PUBLISHER: Final = ox.NamedNode(DCTERMS + "publisher")


def block(value: dict[str, Any]) -> Markup:
    """Return JSON-LD with nothing in it that could end a `script` element."""
    text = json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
    return Markup(text)  # noqa: S704 - nothing in it can end the element


def described(site: Site, kind: str, iri: str, name: Any, **values: Any) -> dict[str, Any]:
    """Return a work of this site as the top of a data block.

    Args:
        site: What is served.
        kind: Its type in schema.org, one of those below `CreativeWork`.
        iri: Its own, under which it is found.
        name: What it is called, as `named` has it, or a text.
        **values: More properties; those without a value are left out.
    """
    head = {"@context": CONTEXT, "@type": kind, "@id": iri, "url": iri, "name": name}
    return head | origin(site) | filled(**values)


def origin(site: Site) -> dict[str, Any]:
    """Return who makes and publishes what is served, under which licence, in which version."""
    modified, who = site.dataset_modified, publisher(site)
    return filled(
        license=site.licence,
        publisher=who,
        creator=who,
        version=site.served.version,
        dateModified=None if modified is None else modified.value,
        isAccessibleForFree=True,
    )


def publisher(site: Site) -> dict[str, Any] | None:
    """Return the publisher of the dataset, or None where nobody is named."""
    found = site.reader(("en",)).one(site.dataset, _PUBLISHER)
    if not found.text:
        return None
    return filled(**{"@type": "Organization", "@id": found.iri, "name": found.text})


def dataset(site: Site) -> dict[str, Any]:
    """Return the dataset as what something is a part of."""
    name = named(site.reader(("en",)), site.dataset)
    return {"@type": "Dataset", "@id": site.dataset.value, **name, "license": site.licence}


def named(reader: Reader, node: Node) -> dict[str, Any]:
    """Return the names of a node, in each language that it has one in."""
    names = reader.labels(node, LABEL_PROPERTIES)[:MOST]
    found = [ox.Literal(name.text, language=name.language or None) for name in names]
    shown = texts(found) or reader.show(node).text
    return {"name": shown} if shown else {}


def texts(literals: Sequence[ox.Literal]) -> Any:
    """Return texts with their languages: one as it is, several as a list, None for none."""
    found: list[Any] = [
        {"@language": literal.language, "@value": literal.value}
        if literal.language
        else literal.value
        for literal in literals
    ]
    return found[0] if len(found) == 1 else found or None


def filled(**values: Any) -> dict[str, Any]:
    """Return the values that there are."""
    return {name: value for name, value in values.items() if value}
