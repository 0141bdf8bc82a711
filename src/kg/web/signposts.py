"""Typed links of a document: in the `Link` header, in the head of a page, and as a linkset.

The relations are those of FAIR Signposting (https://signposting.org/FAIR/), levels 1 and 2: who
reads the header of any document finds the thing's lasting IRI, its kinds, its licence, every other
form, the dataset that it belongs to, and the linkset with all of that (RFC 8288, RFC 9264).
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from kg.mediatypes import HTML, N_QUADS, RDF_TYPES, TRIG, MediaType

LINKSET_JSON: Final = MediaType("application/linkset+json", "json", "Linkset, JSON")
LINKSET: Final = MediaType("application/linkset", "txt", "Linkset")
LINKSET_TYPES: Final = (LINKSET_JSON, LINKSET)
# The first is JSON, and who asks for JSON gets it.
LINKSET_OFFERED: Final = (*LINKSET_TYPES, LINKSET_JSON._replace(name="application/json"))
DATASET: Final = "/dataset"  # the address of the document about the dataset
LINKSETS: Final = "/linkset"  # what the addresses of linksets begin with
# What the addresses of documents begin with that have a linkset.
_LANDING: Final = frozenset(
    {
        *("catalog", "contested", "dataset", "doc", "dump", "ont"),
        *("question", "ref", "shapes", "totals", "voc"),
    }
)
_LISTED: Final = 12  # items in a header, which has to stay small; the linkset has all
_SAFE: Final = "/:@!$&'()*+,;=-._~#?%"  # of an address; a header holds ASCII only
_ITEMS: Final = (TRIG, N_QUADS)  # the statements in the graphs that say them
_ABOUT_PAGE: Final = "https://schema.org/AboutPage"


class Sign(NamedTuple):
    """A typed link.

    Attributes:
        rel: Its relation, registered with IANA or an IRI.
        target: An absolute IRI, or an address of this site that begins with a slash.
        media_type: What the target is served as, if that is known.
        attributes: Other target attributes, such as `datetime`.
    """

    rel: str
    target: str
    media_type: str = ""
    attributes: tuple[tuple[str, str], ...] = ()


class Record(NamedTuple):
    """A thing, and the documents in which it is described.

    Attributes:
        iri: Of the thing.
        address: Of its document, without an extension: `/doc/city/lt-klaipeda`.
        kinds: IRIs of its classes.
        licence: IRI of the licence of the data.
        items: Links to what the document is the landing page of, besides its own forms.
    """

    iri: str
    address: str
    kinds: tuple[str, ...]
    licence: str
    items: tuple[Sign, ...] = ()

    @property
    def linkset(self) -> str:
        """The address of its linkset, without an extension; empty where it has none."""
        if self.address.split("/")[1] not in _LANDING:
            return ""
        return f"{LINKSETS}/{self.address.removeprefix('/').removeprefix('doc/')}"


def signs(record: Record, media_type: MediaType, query: str = "") -> list[Sign]:
    """Return the links of one form of a document.

    Args:
        record: What it is about.
        media_type: The form: HTML is a landing page, RDF a metadata resource; TriG and N-Quads,
            which the landing page has as its items, lead back to it as their collection.
        query: What follows the address of this form, such as `page=2`; the other forms have it too.
    """
    address, end = record.address, f"?{query}" if query else ""
    found = [Sign("cite-as", record.iri), Sign("license", record.licence)]
    if media_type == HTML:
        found.append(Sign("type", _ABOUT_PAGE))
    else:
        found.append(Sign("describes", address + end, HTML.name))
    found += [Sign("type", kind) for kind in record.kinds]
    forms = {form: f"{address}.{form.extension}{end}" for form in (HTML, *RDF_TYPES)}
    found += [Sign("alternate", at, form.name) for form, at in forms.items() if form != media_type]
    found += [Sign("describedby", forms[form], form.name) for form in RDF_TYPES]
    if media_type in _ITEMS:
        found.append(Sign("collection", address + end, HTML.name))
    else:
        found += [Sign("item", forms[form], form.name) for form in _ITEMS]
        found += record.items[:_LISTED] if media_type == HTML else ()
        if address != DATASET:
            found.append(Sign("collection", DATASET, HTML.name))
    if record.linkset:
        ways = [(f"{record.linkset}.{offer.extension}", offer.name) for offer in LINKSET_TYPES]
        found += [Sign("linkset", *way) for way in ways]
    return found


def neighbours(address: str, number: int, pages: int) -> list[Sign]:
    """Return the links from a page of a document to the others.

    Args:
        address: Of the document.
        number: Of the page, from 1.
        pages: How many there are.
    """
    if pages < 2:
        return []
    others = {"first": 1, "prev": number - 1, "next": number + 1, "last": pages}
    return [
        Sign(rel, address if other == 1 else f"{address}?page={other}")
        for rel, other in others.items()
        if 1 <= other <= pages
    ]


def header(found: Iterable[Sign], mount: str) -> str:
    """Return links as the value of a `Link` header (RFC 8288, section 3).

    >>> header([Sign("item", "/doc/x.nq", "application/n-quads")], "/kg")
    '</kg/doc/x.nq>; rel="item"; type="application/n-quads"'
    """
    return ", ".join(_written(sign, mount) for sign in found)


def links(found: Iterable[Sign], mount: str) -> list[tuple[str, str, str]]:
    """Return links for the head of a page: relation, address, media type."""
    return [(sign.rel, _address(sign, mount), sign.media_type) for sign in found]


def linkset(record: Record, media_type: MediaType, base: str) -> bytes:
    """Return the links of a record, of each of its forms, as a linkset (RFC 9264).

    Its IRIs are absolute, so that it can be kept elsewhere.

    Args:
        record: A thing and its documents.
        media_type: One of `LINKSET_TYPES`.
        base: What the IRIs of the dataset begin with.
    """
    anchored = list(_anchored(record))
    if media_type == LINKSET:
        made = (_written(sign, base[:-1], f"{base[:-1]}{anchor}") for anchor, sign in anchored)
        return (",\n".join(made) + "\n").encode()
    contexts: dict[str, dict[str, Any]] = {}
    for anchor, sign in anchored:
        context = contexts.setdefault(anchor, {"anchor": f"{base[:-1]}{anchor}"})
        target = {"href": _address(sign, base[:-1])}
        if sign.media_type:
            target["type"] = sign.media_type
        context.setdefault(sign.rel, []).append(target)
    return json.dumps({"linkset": list(contexts.values())}, indent=1).encode()


def _anchored(record: Record) -> Iterator[tuple[str, Sign]]:
    """Give the links with the address of the document that each goes out from."""
    for sign in signs(record, HTML):
        yield record.address, sign
    for item in record.items[_LISTED:]:
        yield record.address, item
    for item in record.items:
        yield item.target, Sign("collection", record.address, HTML.name)
        yield item.target, Sign("license", record.licence)
    for form in RDF_TYPES:
        for sign in signs(record, form):
            yield f"{record.address}.{form.extension}", sign


def _written(sign: Sign, mount: str, anchor: str = "") -> str:
    attributes: Sequence[tuple[str, str]] = (
        *([("anchor", anchor)] if anchor else []),
        ("rel", sign.rel),
        *([("type", sign.media_type)] if sign.media_type else []),
        *sign.attributes,
    )
    return "; ".join([f"<{_address(sign, mount)}>", *(f'{n}="{v}"' for n, v in attributes)])


def _address(sign: Sign, mount: str) -> str:
    found = mount + sign.target if sign.target.startswith("/") else sign.target
    return quote(found, safe=_SAFE)
