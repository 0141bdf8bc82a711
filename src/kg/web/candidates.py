"""What is not decided: /candidates, the rows of imports that may be things we have, and links.

The server writes nothing: the page shows what speaks for each candidate, and the commands with
which a curator decides.
"""

import json
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.matching.candidates import OpenLink, OpenMatch
from kg.matching.decision import Candidate
from kg.matching.words import REASONS, facts
from kg.mediatypes import HTML, MediaType
from kg.namespaces import CANONICAL_BASE, shorten
from kg.query.labels import Reader, Shown
from kg.web.responses import chosen_type, document, languages_of, not_found, page, page_number
from kg.web.searching import no_names
from kg.web.site import Site

PATH: Final = "/candidates"
PAGE_SIZE: Final = 50
_JSON: Final = MediaType("application/json", "json", "JSON")
_NOT_LISTED: Final = {"X-Robots-Tag": "noindex"}


class _Choice(NamedTuple):
    """A candidate as a reader sees it.

    Attributes:
        thing: What the row may be.
        candidate: What was worked out about it.
        facts: What speaks for it and against: messages, each with what fills its places.
        command: With which it is decided.
    """

    thing: Shown
    candidate: Candidate
    facts: list[tuple[str, dict[str, str]]]
    command: str


class _Entry(NamedTuple):
    """A row as a reader sees it.

    Attributes:
        found: The row.
        thing: The body that the import made of it.
        country: In which it lies; None where that is not known.
        reason: Why nothing was taken, a message.
        choices: Best first.
        refusal: The command that says that it is none of them.
    """

    found: OpenMatch
    thing: Shown
    country: Shown | None
    reason: str
    choices: list[_Choice]
    refusal: str


def routes(site: Site) -> list[Route]:
    """Return the routes of the page of candidates."""

    async def candidates(request: Request) -> Response:
        fixed = {".json": _JSON, ".html": HTML}.get(request.path_params.get("extension", ""))
        if "extension" in request.path_params and fixed is None:
            raise not_found(request.url.path)
        media_type = chosen_type(request, [HTML, _JSON], fixed=fixed)
        matches, links = _chosen(site, request)
        make = _json if media_type == _JSON else _page
        return document(
            request, media_type, lambda: make(site, request, matches, links), headers=_NOT_LISTED
        )

    return [Route(PATH, candidates), Route(PATH + "{extension:str}", candidates)]


def _chosen(site: Site, request: Request) -> tuple[list[OpenMatch], list[OpenLink]]:
    """Return the rows of the import that is asked for, of all if none is; and all links.

    Raises:
        ProtocolError: 404 where the import has none, 501 where there is no index of names.
    """
    undecided = site.served.undecided
    if undecided is None:
        raise no_names()
    matches, links = undecided
    dataset = request.query_params.get("dataset")
    if dataset is None:
        return matches, links
    found = [each for each in matches if each.dataset == dataset]
    if not found:
        raise not_found(f"candidates of the import {dataset[:80]!r}")
    return found, []


def _on_page(request: Request, matches: list[OpenMatch]) -> tuple[list[OpenMatch], int, int]:
    """Return the rows on the page that is asked for, its number, and how many pages there are.

    Raises:
        ProtocolError: 404; there are not so many pages.
    """
    number, pages = page_number(request), max(1, -(-len(matches) // PAGE_SIZE))
    if number > pages:
        raise not_found(f"page {number} of {request.url.path}")
    return matches[(number - 1) * PAGE_SIZE : number * PAGE_SIZE], number, pages


def _page(site: Site, request: Request, matches: list[OpenMatch], links: list[OpenLink]) -> bytes:
    reader = site.reader(languages_of(request))
    rows, number, pages = _on_page(request, matches)
    dataset = request.query_params.get("dataset", "")
    undecided = site.served.undecided or ([], [])
    return page(
        site,
        request,
        "candidates.html",
        entries=[_entry(each, reader, site) for each in rows],
        total=len(matches),
        links=[(reader.show(ox.NamedNode(each.record.iri)), each) for each in links],
        datasets=sorted({each.dataset for each in undecided[0]}),
        dataset=dataset,
        number=number,
        pages=pages,
        before=_at(site, dataset, number - 1),
        after=_at(site, dataset, number + 1),
        as_json=_at(site, dataset, number, ".json"),
    )


def _at(site: Site, dataset: str, number: int, extension: str = "") -> str:
    """Return the address of a page of the same list."""
    asked = {"dataset": dataset} if dataset else {}
    asked |= {"page": str(number)} if number > 1 else {}
    return site.path(PATH + extension) + (f"?{urlencode(asked)}" if asked else "")


def _entry(found: OpenMatch, reader: Reader, site: Site) -> _Entry:
    country = found.record.country
    return _Entry(
        found,
        reader.show(ox.NamedNode(found.record.iri)),
        reader.show(ox.NamedNode(country)) if country else None,
        REASONS[found.why],
        [_choice(found, each, reader, site) for each in found.candidates],
        _command(found, "none"),
    )


def _choice(found: OpenMatch, candidate: Candidate, reader: Reader, site: Site) -> _Choice:
    name = _in_files(candidate.iri, site)
    return _Choice(
        reader.show(ox.NamedNode(candidate.iri)),
        candidate,
        facts(candidate.features),
        _command(found, name),
    )


def _in_files(iri: str, site: Site) -> str:
    """Return the prefixed name that a thing has in the files, which know one base only."""
    base = site.served.base
    return shorten(CANONICAL_BASE + iri.removeprefix(base) if iri.startswith(base) else iri)


def _command(found: OpenMatch, thing: str) -> str:
    return f'kg match {found.dataset} {found.row} {thing} --why "…"'


def _json(site: Site, request: Request, matches: list[OpenMatch], links: list[OpenLink]) -> bytes:
    rows, number, pages = _on_page(request, matches)
    made: dict[str, Any] = {
        "total": len(matches),
        "page": number,
        "pages": pages,
        "rows": [_row_as_json(each) for each in rows],
        "links": [
            {"iri": each.record.iri, "target": each.target, "notes": list(each.notes)}
            for each in links
        ],
    }
    return json.dumps(made, ensure_ascii=False, indent=1).encode()


def _row_as_json(found: OpenMatch) -> dict[str, Any]:
    return {
        "dataset": found.dataset,
        "row": found.row,
        "iri": found.record.iri,
        "name": found.record.label,
        "why": found.why.value,
        "candidates": [
            {
                "iri": each.iri,
                "name": each.name.text,
                "score": each.score,
                "features": each.features.as_json(),
            }
            for each in found.candidates
        ],
    }
