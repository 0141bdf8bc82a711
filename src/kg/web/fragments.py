"""Triple Pattern Fragments: the statements of the dataset by pattern, a page at a time.

`/fragments` is the accepted view (Triple Pattern Fragments, and brTPF with `values`);
`/fragments/quads` has the named graphs besides (Quad Pattern Fragments). A client that knows how to
join, such as Comunica, answers SPARQL from these pages, which are cheap to make and to keep.

Data stands in the graph that it is from, the accepted view in the default graph; metadata and
controls stand in a graph of their own. Blank nodes have IRIs, which lead back here.
"""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, quote

import pyoxigraph as ox
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.errors import DataError
from kg.mediatypes import HTML, N_QUADS, RDF_TYPES, TRIG, MediaType, with_aliases
from kg.namespaces import RDF, VOID
from kg.query.evaluation import write_graph
from kg.query.pattern_terms import POSITIONS, BlankNames, bindings, part
from kg.query.patterns import Page, Pattern, Variable, cut, restricted
from kg.query.protocol import ProtocolError
from kg.query.remote_terms import skolem_prefix
from kg.terms import Term
from kg.web.controls import Address, as_query, metadata, metadata_graph, neighbours
from kg.web.datablock import block, dataset, described
from kg.web.responses import chosen_type, document, languages_of, not_found, page, see_other
from kg.web.signposts import Sign, header, links
from kg.web.site import Site

PATH: Final = "/fragments"
QUADS: Final = f"{PATH}/quads"
_OFFERED: Final = (HTML, *with_aliases(RDF_TYPES))
_PARAMETERS: Final = (*POSITIONS, "page", "values")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")
_PARTITION: Final = ox.NamedNode(VOID + "propertyPartition")
_TYPE: Final = ox.NamedNode(RDF + "type")
_LONGEST: Final = 2000  # of an address in a header: a client takes 16 KiB of headers, or 8
_RELATIONS: Final = {"first": "first", "previous": "prev", "next": "next"}  # IANA's names


class Asked(NamedTuple):
    """What a request asks for.

    Attributes:
        pattern: What the statements look like.
        bindings: Of brTPF; None where the pattern is not restricted.
        address: Of the page.
        texts: The parameters as they were given.
    """

    pattern: Pattern
    bindings: list[dict[str, Term]] | None
    address: Address
    texts: dict[str, str]


def routes(site: Site) -> list[Route]:
    """Return the routes of the fragments, and of the IRIs that stand for blank nodes."""
    names = BlankNames(site.served.base, site.served.snapshot_id)
    uses = _uses(site)

    async def fragment(request: Request) -> Response:
        media_type = chosen_type(request, _OFFERED)
        asked = read(request.scope["path"], request.url.query, names)
        found = _look_up(site, asked, uses)
        signs = _signs(site, asked.address, found)

        def make() -> bytes:
            if media_type == HTML:
                values = _values(site, request, names, asked, found)
                shown = links(signs, site.mount)
                return page(site, request, "fragment.html", signs=shown, **values)
            return _written(site, names, asked, found, media_type)

        return document(request, media_type, make, headers={"Link": header(signs, site.mount)})

    async def blank(request: Request) -> Response:
        try:
            iri = ox.NamedNode(skolem_prefix(site.served.base) + request.path_params["label"])
        except ValueError:  # it has a character that no IRI has
            raise not_found(request.url.path) from None
        node = names.blank(iri)
        if next(site.served.store.quads_for_pattern(node, None, None, None), None) is None:
            raise not_found(request.url.path)
        target = f"{QUADS}?subject={quote(iri.value, safe='')}"
        signs = [Sign("describedby", target)]
        return see_other(request, site.path(target), header(signs, site.mount))

    return [
        Route(PATH, fragment),
        Route(QUADS, fragment),
        Route("/.well-known/genid/{label}", blank),
    ]


def read(path: str, query: str, names: BlankNames) -> Asked:
    """Return what an address asks for.

    Args:
        path: `PATH` or `QUADS`.
        query: As it was sent.
        names: Of the blank nodes.

    Raises:
        ProtocolError: 400, with what was expected; 410, as in `BlankNames.blank`.
    """
    given = _parameters(query)
    parts = [part(position, given.get(position, ""), names) for position in POSITIONS]
    if path == PATH and not given.get("graph"):
        parts[3] = ox.DefaultGraph()
    number = given.get("page", "1")
    if _NUMBER.fullmatch(number) is None:
        raise ProtocolError(400, "Malformed page", f"page={number[:40]}: expected 1, 2, 3 …")
    pattern = Pattern((parts[0], parts[1], parts[2], parts[3]))
    restriction = bindings(given["values"], names) if given.get("values") else None
    return Asked(pattern, restriction, Address(path, as_query(query), int(number)), given)


def _parameters(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError as error:
        raise ProtocolError(400, "Malformed pattern", f"the address: {error}") from None
    given = dict(pairs)
    unknown = sorted(set(given) - set(_PARAMETERS))
    if unknown or len(given) < len(pairs):
        what = f"{unknown[0][:40]!r} is no parameter" if unknown else "a parameter is given twice"
        detail = f"{what}; expected each of these at most once: {', '.join(_PARAMETERS)}"
        raise ProtocolError(400, "Malformed pattern", detail)
    return given


def _look_up(site: Site, asked: Asked, uses: Mapping[str, int]) -> Page:
    store, pattern, number = site.served.store, asked.pattern, asked.address.number
    if asked.bindings is not None:
        return cut(restricted(store, pattern, asked.bindings), number)
    predicate = pattern.parts[1]
    estimate = uses.get(predicate.value, 0) if isinstance(predicate, ox.NamedNode) else 0
    is_open = pattern.shape[:3] == (False, True, False)
    known = _known(site, pattern)
    return cut(pattern.matches(store), number, known, estimate if is_open else 0)


def _known(site: Site, pattern: Pattern) -> int | None:
    """Return how many statements match, where the snapshot has counted them."""
    subject, predicate, value, graph = pattern.parts
    if not pattern.is_plain or not isinstance(subject, Variable):
        return None
    if isinstance(predicate, Variable) and isinstance(value, Variable):
        if isinstance(graph, ox.DefaultGraph):
            return site.statement_count
        if isinstance(graph, Variable):
            return site.statement_count + sum(site.graphs.values())
    if (
        isinstance(graph, ox.DefaultGraph)
        and predicate == _TYPE
        and isinstance(value, ox.NamedNode)
    ):
        return site.served.classes.get(value.value)
    return None


def _uses(site: Site) -> dict[str, int]:
    """Return how often each property is used, by the description of the dataset (VoID)."""
    store, meta = site.served.store, ox.NamedNode(f"{site.served.base}graph/meta")
    found: dict[str, int] = {}
    for quad in store.quads_for_pattern(site.dataset, _PARTITION, None, meta):
        part = quad.object
        if not isinstance(part, ox.NamedNode | ox.BlankNode):
            continue
        about = {
            each.predicate.value: each.object.value
            for each in store.quads_for_pattern(part, None, None, meta)
            if isinstance(each.object, ox.NamedNode | ox.Literal)
        }
        if VOID + "property" in about and about.get(VOID + "triples", "").isdecimal():
            found[about[VOID + "property"]] = int(about[VOID + "triples"])
    return found


def _written(
    site: Site, names: BlankNames, asked: Asked, found: Page, media_type: MediaType
) -> bytes:
    """Return a page in an RDF format: the data first, then what is said about it."""
    about = metadata(site, asked.address, found, _shown(asked))
    data = [_without_blank(quad, names) for quad in found.quads]
    sink = io.BytesIO()
    statements: Sequence[ox.Quad] | Sequence[ox.Triple]
    if media_type.extension in (TRIG.extension, N_QUADS.extension, "jsonld"):
        graph = metadata_graph(site, asked.address)
        quads = [ox.Quad(item.subject, item.predicate, item.object, graph) for item in about]
        statements = [*data, *quads]
    else:
        statements = [*dict.fromkeys(quad.triple for quad in data), *about]
    try:
        write_graph(statements, media_type.extension, sink)
    except DataError as error:
        raise ProtocolError(406, "Not acceptable", str(error)) from None
    return sink.getvalue()


def _without_blank(quad: ox.Quad, names: BlankNames) -> ox.Quad:
    subject, graph = names.named(quad.subject), names.named(quad.graph_name)
    return ox.Quad(subject, quad.predicate, names.named(quad.object), graph)


def _shown(asked: Asked) -> str:
    """Return a pattern as a person would write it."""
    parts = [
        f"?{part.name or position[0]}" if isinstance(part, Variable) else str(part)
        for position, part in zip(POSITIONS, asked.pattern.parts, strict=True)
        if not isinstance(part, ox.DefaultGraph)
    ]
    rows = "" if asked.bindings is None else f", {len(asked.bindings)} bindings"
    return f"{{ {' '.join(parts)} }}{rows}"


def _signs(site: Site, address: Address, found: Page) -> list[Sign]:
    is_short = len(address.page) <= _LONGEST
    pages = neighbours(address, found).items() if is_short else ()
    ways = [Sign(_RELATIONS[name], address.at(number)) for name, number in pages]
    return [*ways, Sign("license", site.licence), Sign("collection", "/dataset")]


def _values(
    site: Site, request: Request, names: BlankNames, asked: Asked, found: Page
) -> dict[str, Any]:
    """Return what the page shows."""
    reader = site.reader(languages_of(request))
    rows = [[reader.show(names.named(term)) for term in quad.triple] for quad in found.quads]
    graphs = [
        None if isinstance(quad.graph_name, ox.DefaultGraph) else reader.show(quad.graph_name)
        for quad in found.quads
    ]
    address = asked.address
    numbers = neighbours(address, found)
    return {
        "pattern": _shown(asked),
        "texts": asked.texts,
        "action": site.path(address.path),
        "has_graphs": address.has_graphs or any(graphs),
        "rows": list(zip(rows, graphs, strict=True)),
        "found": found,
        "number": address.number,
        "ways": {name: site.path(address.at(number)) for name, number in numbers.items()},
        "data_block": _data_block(site, asked),
    }


def _data_block(site: Site, asked: Asked) -> Markup:
    """Return the fragment in the words of schema.org."""
    text = f"The statements of the dataset that match the pattern {_shown(asked)}, by pages."
    iri = f"{site.served.base}{asked.address.fragment.removeprefix('/')}"
    more = {"description": text, "isPartOf": dataset(site)}
    return block(described(site, "Dataset", iri, f"Fragment of {_shown(asked)}", **more))
