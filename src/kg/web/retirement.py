"""What an address answers whose IRI is retired: where it went, or a tombstone.

Where one thing took the place of what was retired, the address has moved to that for good (301), in
one step whatever the number of steps between. Else it is gone (410), and the answer says since
when, why, and what there is instead, in the form that the client asks for. Never 404: the IRI was
given once, and who kept it has to learn what became of it.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response

from kg.dataset import RETIRED
from kg.mediatypes import (
    HTML,
    PLAIN,
    PROBLEM,
    RDF_TYPES,
    MediaType,
    negotiate,
    with_aliases,
)
from kg.namespaces import CANONICAL_BASE, FOAF, RDF, XSD
from kg.query.labels import LABEL_PROPERTIES
from kg.retired import NOTE, REASON, RETIRED_CLASS, RETIRED_ON, SUCCESSOR, Retired, heir, heirs
from kg.web.http import content_headers
from kg.web.links import document_of
from kg.web.responses import CACHE, VARY, accept_of, languages_of, moved, page
from kg.web.site import Site
from kg.web.writing import Document, metadata

_NEGOTIATED: Final = (HTML, *RDF_TYPES, PROBLEM, PLAIN)
# The older names of RDF types count as for every document, but plain text is plain here.
OFFERED: Final = (
    *_NEGOTIATED,
    *(each for each in with_aliases(RDF_TYPES) if each.name not in {n.name for n in _NEGOTIATED}),
)


def retired_path(site: Site, name: str) -> str | None:
    """Return the path of the retired thing that a document path is about; None if there is none.

    Args:
        site: What is served.
        name: Path below `/doc/` or the like, without extension.
    """
    return next((path for path in (f"id/{name}", name) if path in site.retired), None)


def answer(
    site: Site, request: Request, path: str, under: str = "", fixed: MediaType | None = None
) -> Response:
    """Return 301 to what took the place of a retired thing, or 410 with a tombstone.

    Args:
        site: What is served.
        request: What asked.
        path: Of the retired thing, below the base.
        under: What comes before the path of a document in the address that was asked for, such as
            `/doc/`; empty where it was the thing itself.
        fixed: The media type that the extension of the address says.
    """
    successor = heir(path, site.retired)
    target = None if successor is None else address(site, successor, under)
    if target is not None:
        return moved(request, f"{target}.{fixed.extension}" if fixed and under else target)
    return tombstone(site, request, site.retired[path], fixed)


def address(site: Site, successor: str, under: str) -> str | None:
    """Return where the successor of something answers; None where it cannot be linked."""
    name = document_of(successor)
    if name is None:
        return None
    return site.path(f"{under}{name}" if under else f"/{successor}")


def tombstone(
    site: Site, request: Request, record: Retired, fixed: MediaType | None = None
) -> Response:
    """Return 410, with what is known of a thing that is no longer described."""
    accepted = negotiate(accept_of(request), OFFERED) or PROBLEM
    media_type = fixed if fixed in OFFERED else accepted
    headers = {"Vary": VARY, "Cache-Control": CACHE, **content_headers(media_type)}
    if links := ", ".join(
        f'<{_iri(site, each)}>; rel="successor-version"' for each in _heirs(site, record)
    ):
        headers["Link"] = links
    body = _body(site, request, record, media_type)
    return Response(body, status_code=410, headers=headers)


def _body(site: Site, request: Request, record: Retired, media_type: MediaType) -> bytes:
    if media_type == HTML:
        return page(site, request, "retired.html", **_shown(site, request, record))
    if media_type in (PROBLEM, PLAIN):
        said = _said(site, record)
        if media_type == PLAIN:
            return f"410 Gone\n{said['detail']}\n".encode()
        return json.dumps(said, ensure_ascii=False).encode()
    return _document(site, record, media_type)


def _heirs(site: Site, record: Retired) -> tuple[str, ...]:
    return heirs(record.path, site.retired)


def _iri(site: Site, path: str) -> str:
    """Return the IRI of a path below the base; that of others is whole (`kg.retired`)."""
    return path if "://" in path else site.served.base + path


def _shown(site: Site, request: Request, record: Retired) -> dict[str, Any]:
    reader, base = site.reader(languages_of(request)), site.served.base
    return {
        "iri": base + record.path,
        "on": record.on,
        "reason": reader.show(ox.NamedNode(_iri(site, record.reason))) if record.reason else None,
        "successors": [
            reader.show(ox.NamedNode(_iri(site, each))) for each in _heirs(site, record)
        ],
        "notes": record.notes,
    }


def _said(site: Site, record: Retired) -> dict[str, Any]:
    """Return the problem details (RFC 9457) of a tombstone."""
    base = site.served.base
    concept = record.reason and ox.NamedNode(_iri(site, record.reason))
    reason = concept and site.reader(("en",)).show(concept).text
    successors = [_iri(site, each) for each in _heirs(site, record)]
    since = f" since {record.on}" if record.on else ""
    why = f": {reason}" if reason else ""
    instead = f"; see {' and '.join(successors)}" if successors else ""
    found: dict[str, Any] = {
        "title": "Gone",
        "status": 410,
        "detail": f"{base}{record.path} is no longer described{since}{why}{instead}",
        "retiredOn": record.on,
        "retirementReason": _iri(site, record.reason) if record.reason else "",
        "isReplacedBy": successors,
        "changeNote": dict(record.notes),
    }
    return {name: value for name, value in found.items() if value}


def _document(site: Site, record: Retired, media_type: MediaType) -> bytes:
    """Return a tombstone as RDF: its entry, labels of what it names, and what the document is.

    TriG and N-Quads say besides which named graph has the entry.
    """
    base, name = site.served.base, document_of(record.path)
    thing = ox.NamedNode(base + record.path)
    address = f"doc/{name}" if name else record.path
    made = Document(thing, base + address)
    made.triples |= set(_entry(site, record))
    if not record.path.startswith("graph/"):  # which goes with its source and has no entry
        graph = ox.NamedNode(base + RETIRED.removeprefix(CANONICAL_BASE))
        made.stated |= {ox.Quad(t.subject, t.predicate, t.object, graph) for t in made.triples}
    made.triples |= set(_labels(site, record))
    made.triples |= set(metadata(site, made, address, [(FOAF + "primaryTopic", thing)]))
    return made.write(site, [media_type])[media_type.extension]


def _entry(site: Site, record: Retired) -> Iterator[ox.Triple]:
    base = site.served.base
    thing = ox.NamedNode(base + record.path)

    def term(iri: str) -> ox.NamedNode:
        is_own = iri.startswith(CANONICAL_BASE)
        return ox.NamedNode(base + iri.removeprefix(CANONICAL_BASE) if is_own else iri)

    yield ox.Triple(thing, term(RDF + "type"), term(RETIRED_CLASS))
    if record.on:
        day = ox.Literal(record.on, datatype=ox.NamedNode(XSD + "date"))
        yield ox.Triple(thing, term(RETIRED_ON), day)
    if record.reason:
        yield ox.Triple(thing, term(REASON), ox.NamedNode(_iri(site, record.reason)))
    for each in _heirs(site, record):
        yield ox.Triple(thing, term(SUCCESSOR), ox.NamedNode(_iri(site, each)))
    for language, text in record.notes:
        note = ox.Literal(text, language=language) if language else ox.Literal(text)
        yield ox.Triple(thing, term(NOTE), note)


def _labels(site: Site, record: Retired) -> Iterator[ox.Triple]:
    named = [each for each in (record.reason, *_heirs(site, record)) if each]
    for path in named:
        node = ox.NamedNode(_iri(site, path))
        for predicate in LABEL_PROPERTIES:
            found = site.served.store.quads_for_pattern(node, predicate, None, ox.DefaultGraph())
            yield from (quad.triple for quad in found)
