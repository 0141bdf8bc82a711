"""/cite: how to cite the dataset, a thing or the result of a query.

    /cite                               the dataset as it is served
    /cite/city/lt-klaipeda              a thing
    /cite?query=SELECT...               the result of a query
    ...?release=2026.11.1               the same in a release

each as a page, BibTeX, CSL-JSON, RIS, Citation File Format or text: by `Accept`, by extension
(`/cite.bib`) or by `?format=bib`. What is cited is an address that stays what it is, wherever
there is one: the version of the dataset, the memento of a document, the permalink of a query.
"""

import hashlib
import re
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

import pyoxigraph as ox
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.citation import FORMS, Work, cite, text
from kg.errors import MalformedError
from kg.mediatypes import HTML, RESULTS_JSON, MediaType, by_extension
from kg.namespaces import DCTERMS
from kg.query.backend import QueryJob
from kg.query.cache import key_of
from kg.query.protocol import ProtocolError
from kg.web.datablock import block, dataset, described, publisher
from kg.web.entities import exists
from kg.web.links import thing_of
from kg.web.mementos import past_of
from kg.web.responses import chosen_type, document, languages_of, not_found, page
from kg.web.signposts import DATASET, Sign, header, links
from kg.web.site import Site

_OFFERED: Final = (HTML, *FORMS)
_TITLE: Final = ox.NamedNode(DCTERMS + "title")
_GRAPHS: Final = ("default-graph-uri", "named-graph-uri")
_NAMED: Final = ("query", "release", *_GRAPHS)  # parameters that say what is cited
_LINKED_BYTES: Final = 500  # of a query that `Link` repeats; a client takes 16 KiB of headers
_LOCATION_BYTES: Final = 4000  # of an address in a header; proxies refuse much longer ones


class Edition(NamedTuple):
    """Which state of the dataset is cited."""

    version: str
    issued: date | None
    is_release: bool


# What people say for an extension.
_SAID: Final = {"bibtex": "bib", "csl": "json", "csl-json": "json", "text": "txt"}


def routes(site: Site) -> list[Route]:
    """Return the routes of citations."""

    async def of_dataset(request: Request) -> Response:
        past = past_of(request)
        edition = _edition(site, request, past)
        query = request.query_params.get("query")
        work = (
            dataset_work(site, edition)
            if query is None
            else _result(site, request, edition, query.strip())
        )
        return _answer(site, request, work, "/cite", request.path_params.get("extension"))

    async def of_thing(request: Request) -> Response:
        name, extension = _split(request.path_params["path"])
        past = past_of(request)
        edition = _edition(site, request, past)
        work = _thing(site, request, edition, name, past["holding"])
        return _answer(site, request, work, f"/cite/{name}", extension)

    return [
        Route("/cite", of_dataset),
        Route("/cite.{extension}", of_dataset),
        Route("/cite/{path:path}", of_thing),
    ]


def _split(path: str) -> tuple[str, str | None]:
    name, _, extension = path.rpartition(".")
    known = by_extension(extension, _OFFERED) is not None
    return (name, extension) if known else (path, None)


def _answer(
    site: Site, request: Request, work: Work, address: str, extension: str | None
) -> Response:
    media_type = chosen_type(request, _OFFERED, fixed=_fixed(request, extension))
    given = request.query_params.multi_items()
    others = [(name, value) for name, value in given if name in _NAMED]
    query = f"?{urlencode(others, quote_via=quote)}" if others else ""
    forms = [
        (form, site.path(f"{address}.{form.extension}{query}"), cite(work, form).decode())
        for form in FORMS
    ]

    found = _signs(work, address, query, media_type)

    def make() -> bytes:
        if media_type == HTML:
            values = {"work": work, "sentence": text(work), "forms": forms}
            values |= {"signs": links(found, site.mount)}
            return page(
                site, request, "cite.html", data_block=_data_block(site, work, address), **values
            )
        return cite(work, media_type)

    location = site.path(f"{address}.{media_type.extension}{query}")
    headers = {"Content-Location": location} if len(location) <= _LOCATION_BYTES else {}
    headers["Link"] = header(found, site.mount)
    return document(request, media_type, make, headers=headers)


def _signs(work: Work, address: str, query: str, media_type: MediaType) -> list[Sign]:
    """Return the links of a citation; one of a long query repeats it in none."""
    found = [Sign("license", work.licence), Sign("collection", DATASET, HTML.name)]
    if media_type == HTML:
        found.append(Sign("type", "https://schema.org/AboutPage"))
    if len(query) > _LINKED_BYTES:
        return found
    forms = [
        Sign("alternate", f"{address}.{form.extension}{query}", form.name)
        for form in _OFFERED
        if form != media_type
    ]
    return [Sign("cite-as", work.address), *found, *forms]


def _data_block(site: Site, work: Work, address: str) -> Markup:
    """Return what is cited in the words of schema.org, under the page that says how to."""
    cited = {
        "@type": "CreativeWork" if work.within else "Dataset",
        "@id": work.address,
        "name": work.title,
        "creator": publisher(site),
        "version": work.version,
        "license": work.licence,
        "isPartOf": dataset(site) if work.within else None,
        "datePublished": None if work.issued is None else work.issued.isoformat(),
    }
    iri = f"{site.served.base}{address.removeprefix('/')}"
    about = {name: value for name, value in cited.items() if value}
    return block(described(site, "WebPage", iri, f"How to cite {work.title}", mainEntity=about))


def _fixed(request: Request, extension: str | None) -> MediaType | None:
    wanted = extension or request.query_params.get("format")
    if wanted is None:
        return None
    found = by_extension(_SAID.get(wanted, wanted), _OFFERED)
    if found is None:
        known = ", ".join(form.extension for form in _OFFERED)
        if extension is not None:
            raise not_found(request.url.path)
        raise ProtocolError(400, "Unknown format", f"format={wanted!r} is not one of: {known}")
    return found


def _edition(site: Site, request: Request, past: dict[str, Any]) -> Edition:
    """Return the release that is asked for, else what is served.

    Raises:
        ProtocolError: 404.
    """
    wanted = request.query_params.get("release", past["served"])
    if wanted is None:
        return Edition(site.served.version, None, is_release=False)
    released = {item["version"]: item["released"] for item in past["releases"]}
    if wanted not in released:
        there = f"there are: {', '.join(released)}" if released else "nothing is released yet"
        raise ProtocolError(404, "No such release", f"no release {wanted!r}; {there}")
    issued = datetime.fromisoformat(released[wanted]).date()
    return Edition(wanted, issued, is_release=True)


def dataset_work(site: Site, edition: Edition) -> Work:
    """Return the dataset as what is cited."""
    iri = site.dataset.value
    address = f"{iri}/{edition.version}" if edition.is_release else iri
    return _work(site, edition, edition.version, _title(site), address)


def _thing(site: Site, request: Request, edition: Edition, name: str, holding: list[str]) -> Work:
    path = thing_of(name)
    is_there = edition.version in holding if edition.is_release else path and exists(site, path)
    if path is None or not is_there:
        raise not_found(request.url.path)
    base = site.served.base
    address = f"{base}release/{edition.version}/doc/{name}" if edition.is_release else base + path
    label = site.reader(languages_of(request)).show(ox.NamedNode(base + path)).text
    return _work(site, edition, f"{name}-{edition.version}", label, address, is_part=True)


def _result(site: Site, request: Request, edition: Edition, query: str) -> Work:
    """Return the result of a query as what is cited.

    Raises:
        ProtocolError: 400 for a query whose result changes by itself.
    """
    try:
        is_lasting = key_of(QueryJob(query, RESULTS_JSON.extension)) is not None
    except MalformedError as error:
        raise ProtocolError(400, "Query not accepted", str(error)) from None
    if not is_lasting:
        detail = "the result of this query changes from call to call; leave out NOW, RAND or UUID"
        raise ProtocolError(400, "Nothing to cite", detail)
    graphs = [item for item in request.query_params.multi_items() if item[0] in _GRAPHS]
    parameters = [("query", query), *graphs]
    if edition.is_release:
        parameters.append(("release", edition.version))
    address = f"{site.served.base}sparql?{urlencode(parameters, quote_via=quote)}"
    digest = hashlib.sha256(urlencode(parameters).encode()).hexdigest()[:12]
    title = f"Result of SPARQL query {digest}"
    return _work(site, edition, f"query-{digest}", title, address, is_part=True)


def _work(
    site: Site, edition: Edition, name: str, title: str, address: str, *, is_part: bool = False
) -> Work:
    not_released = (
        "" if edition.is_release else f"Not a release: snapshot {site.served.snapshot_id[:12]}."
    )
    return Work(
        key=re.sub(r"[^A-Za-z0-9]+", "-", f"citypledge-{name}").strip("-"),
        title=title,
        author=_author(site),
        version=edition.version,
        issued=edition.issued,
        address=address,
        licence=site.licence,
        within=_title(site) if is_part else "",
        note=not_released,
    )


def _title(site: Site) -> str:
    reader = site.reader(("en",))
    found = reader.labels(site.dataset, [_TITLE])
    return found[0].text if found else "citypledge"


def _author(site: Site) -> str:
    """Return the name of the publisher of the dataset, else that of the dataset."""
    found = publisher(site)
    return "citypledge" if found is None else str(found["name"])
