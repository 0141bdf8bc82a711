"""Media types of the answers, and which of them a request gets (RFC 9110, section 12.5.1).

Pure: it reads one string, the value of `Accept`, and knows no HTTP framework.

What the standard leaves open is settled like this:

- An element that is not a media range, or whose weight is not a number, is skipped. Where no
  element is left, the field counts as absent. A lone `*`, as Java sends it, means `*/*`.
- A weight above 1 counts as 1; more than three decimals are read as they are.
- `charset=utf-8` is met by every text that we send; another charset is not met. `profile` (RFC
  6906) and `version` (of RDF 1.2 and SPARQL 1.2) are wishes that a server may leave aside, so they
  never exclude. Every other parameter has
  to be one of the offered type.
- Two ranges that are equally specific: the greater weight counts.
- Two offers with the same weight: the one that is named more exactly wins, and among those the one
  that is offered first. Who sends `application/json, */*` has said what is wanted.
- `application/json`, `application/xml`, `text/xml`, `text/plain` and `text/n3` (Turtle is N3) are
  offers of their own, after the proper types. Who asks for one of them gets the same bytes under
  the name asked for.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple


class MediaType(NamedTuple):
    """A media type that an answer can have.

    Attributes:
        name: Type and subtype in lower case.
        extension: What the path of such a document ends in, without the dot.
        label: The name that a page shows.
        parameters: Names in lower case, and values, that belong to the type.
    """

    name: str
    extension: str
    label: str
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def content_type(self) -> str:
        """The value of `Content-Type`; text types say that they are UTF-8."""
        shown = self.parameters
        if self.name.startswith("text/") and not any(name == "charset" for name, _ in shown):
            shown = (*shown, ("charset", "utf-8"))
        return "; ".join([self.name, *(f"{name}={value}" for name, value in shown)])


HTML: Final = MediaType("text/html", "html", "HTML")
TURTLE: Final = MediaType("text/turtle", "ttl", "Turtle")
JSON_LD: Final = MediaType("application/ld+json", "jsonld", "JSON-LD")
RDF_XML: Final = MediaType("application/rdf+xml", "rdf", "RDF/XML")
N_TRIPLES: Final = MediaType("application/n-triples", "nt", "N-Triples")
TRIG: Final = MediaType("application/trig", "trig", "TriG")
N_QUADS: Final = MediaType("application/n-quads", "nq", "N-Quads")
JELLY: Final = MediaType("application/x-jelly-rdf", "jelly", "Jelly")

RESULTS_JSON: Final = MediaType("application/sparql-results+json", "srj", "JSON")
RESULTS_XML: Final = MediaType("application/sparql-results+xml", "srx", "XML")
CSV: Final = MediaType("text/csv", "csv", "CSV")
TSV: Final = MediaType("text/tab-separated-values", "tsv", "TSV")

PROBLEM: Final = MediaType("application/problem+json", "json", "Problem details")
PLAIN: Final = MediaType("text/plain", "txt", "Plain text")

RDF_TYPES: Final = (TURTLE, JSON_LD, RDF_XML, N_TRIPLES, TRIG, N_QUADS)
RESULT_TYPES: Final = (RESULTS_JSON, RESULTS_XML, CSV, TSV)

# Names of the same bytes that older clients ask for, in the order in which they are offered.
_ALIASES: Final = {
    TURTLE: ("text/n3",),
    JSON_LD: ("application/json",),
    RDF_XML: ("application/xml", "text/xml"),
    N_TRIPLES: ("text/plain",),
    RESULTS_JSON: ("application/json",),
    RESULTS_XML: ("application/xml", "text/xml"),
}


def with_aliases(offered: Sequence[MediaType]) -> tuple[MediaType, ...]:
    """Return the offers, followed by the older names under which each can also be had.

    >>> [offer.name for offer in with_aliases([TURTLE, JSON_LD])]
    ['text/turtle', 'application/ld+json', 'text/n3', 'application/json']
    """
    aliases = (offer._replace(name=name) for offer in offered for name in _ALIASES.get(offer, ()))
    return (*offered, *aliases)


def by_extension(extension: str, offered: Iterable[MediaType]) -> MediaType | None:
    """Return the first offer with this extension (without the dot), or None."""
    return next((offer for offer in offered if offer.extension == extension), None)


def negotiate(accept: str | None, offered: Sequence[MediaType]) -> MediaType | None:
    """Return the offer that the request prefers, or None where it accepts none of them.

    Args:
        accept: The value of `Accept`; several header lines joined by commas; None if absent.
        offered: In the order that the server prefers; at least one.

    >>> negotiate("text/*;q=0.5, text/turtle;q=0.4, */*;q=0.1", [TURTLE, HTML]).label
    'HTML'
    """
    ranges = list(_ranges(accept or ""))
    if not ranges:
        return offered[0]
    weights = [(*_weight(offer, ranges), offer) for offer in offered]
    best = max((weight, exactness) for weight, exactness, _ in weights)
    found = (offer for weight, exactness, offer in weights if (weight, exactness) == best)
    return next(found) if best[0] > 0 else None


class _Range(NamedTuple):
    main: str
    sub: str
    parameters: tuple[tuple[str, str], ...]
    weight: float


_NAME: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_RANGE: Final = re.compile(rf"\s*({_NAME})(?:\s*/\s*({_NAME}))?\s*(.*)", re.DOTALL)
_PARAMETER: Final = re.compile(
    rf'\s*;\s*(?:({_NAME})\s*=\s*({_NAME}|"(?:[^"\\]|\\.)*"))?\s*', re.DOTALL
)
_ELEMENT: Final = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"|")+', re.DOTALL)
_NUMBER: Final = re.compile(r"\d+(\.\d*)?|\.\d+")


def _ranges(accept: str) -> Iterable[_Range]:
    for element in _ELEMENT.findall(accept):
        parsed = _range(element)
        if parsed is not None:
            yield parsed


def _range(element: str) -> _Range | None:
    match = _RANGE.fullmatch(element)
    if match is None:
        return None
    main, sub, rest = match[1].lower(), (match[2] or "").lower(), match[3]
    if main == "*" and sub in ("", "*"):
        sub = "*"
    elif "*" in main or not sub or ("*" in sub and sub != "*"):
        return None
    return _with_parameters(main, sub, rest)


def _with_parameters(main: str, sub: str, rest: str) -> _Range | None:
    """Read what follows the range; everything after the weight is an extension and ignored."""
    parameters: list[tuple[str, str]] = []
    position = 0
    while position < len(rest):
        match = _PARAMETER.match(rest, position)
        if match is None:
            return None
        position = match.end()
        if match[1] is None:
            continue
        name, value = match[1].lower(), _unquoted(match[2])
        if name == "q":
            if _NUMBER.fullmatch(value) is None:
                return None
            return _Range(main, sub, tuple(parameters), min(float(value), 1.0))
        parameters.append((name, value))
    return _Range(main, sub, tuple(parameters), 1.0)


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def _weight(offer: MediaType, ranges: Iterable[_Range]) -> tuple[float, int]:
    """Return the weight of the most specific range for an offer, and how exact that range is.

    The weight is 0 if no range names the offer.
    """
    specificity, weight = max((_specificity(offer, item), item.weight) for item in ranges)
    return (weight if specificity >= 0 else 0.0), specificity


def _specificity(offer: MediaType, item: _Range) -> int:
    """Return how closely a range names an offer; -1 if it does not."""
    main, _, sub = offer.name.partition("/")
    if item.main == "*":
        level = 0
    elif item.main != main:
        return -1
    elif item.sub == "*":
        level = 1
    elif item.sub != sub:
        return -1
    else:
        level = 2
    asked = [(name, value) for name, value in item.parameters if name not in ("profile", "version")]
    if not all(_is_met(name, value, offer) for name, value in asked):
        return -1
    return level if level < 2 else level + len(asked)


def _is_met(name: str, value: str, offer: MediaType) -> bool:
    if (name, value) in offer.parameters:
        return True
    return name == "charset" and value.lower() in ("utf-8", "utf8")
