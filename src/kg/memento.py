"""Memento (RFC 7089): which version of a document a date asks for, and how versions are linked.

Pure: addresses and moments in, header values and TimeMaps out. A document is its own TimeGate
(pattern 1.1 of section 4.1), and each of its versions has an address of its own: that of a release.
"""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final, NamedTuple

from kg.mediatypes import MediaType

LINK_FORMAT: Final = MediaType("application/link-format", "txt", "TimeMap")
TIMEMAP_JSON: Final = MediaType("application/json", "json", "TimeMap as JSON")
# RFC 7089, section 2.1.1: the fixed-length form of RFC 1123, and nothing else.
_DATE: Final = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT",
    re.ASCII,
)
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


class Memento(NamedTuple):
    """A version of a document that stays.

    Attributes:
        address: IRI of the version.
        moment: When it began to be what the document said, in UTC.
    """

    address: str
    moment: datetime


class Original(NamedTuple):
    """A document that has versions.

    Attributes:
        address: IRI of the document, which is its TimeGate as well.
        timemap: IRI of the list of its versions.
        mementos: Its versions, oldest first.
    """

    address: str
    timemap: str
    mementos: Sequence[Memento]


def original_of(base: str, document: str, versions: Sequence[tuple[str, datetime]]) -> Original:
    """Return a document with its versions.

    Args:
        base: Of the IRIs.
        document: What follows `/doc/` in its path.
        versions: The releases that have it, and when each was released, oldest first.
    """
    mementos = [
        Memento(f"{base}release/{version}/doc/{document}", moment) for version, moment in versions
    ]
    return Original(f"{base}doc/{document}", f"{base}timemap/{document}", mementos)


def moment_of(value: str) -> datetime | None:
    """Return the moment that a value of `Accept-Datetime` names; None where it is malformed.

    >>> moment_of("Thu, 31 May 2007 20:35:00 GMT")
    datetime.datetime(2007, 5, 31, 20, 35, tzinfo=datetime.timezone.utc)
    >>> moment_of("2007-05-31") is None
    True
    """
    found = _DATE.fullmatch(value.strip())
    if found is None or found[2] not in _MONTHS:
        return None
    day, hour, minute, second = (int(found[number]) for number in (1, 4, 5, 6))
    month = _MONTHS.index(found[2]) + 1
    try:
        return datetime(int(found[3]), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def http_date(moment: datetime) -> str:
    """Return a moment as HTTP has it.

    >>> http_date(datetime(2007, 5, 31, 20, 35, tzinfo=UTC))
    'Thu, 31 May 2007 20:35:00 GMT'
    """
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def chosen(mementos: Sequence[Memento], moment: datetime) -> int:
    """Return the index of the version that held at a moment, the first for an earlier one.

    Section 4.5.3 leaves it to the server what to do outside of the range that it has; the first and
    the last version are its advice.
    """
    before = [index for index, memento in enumerate(mementos) if memento.moment <= moment]
    return before[-1] if before else 0


def document_links(original: Original) -> str:
    """Return the value of `Link` of a document as it is now (section 4.1.1)."""
    return (
        f'<{original.address}>; rel="original timegate", '
        f'<{original.timemap}>; rel="timemap"; type="{LINK_FORMAT.name}"'
    )


def version_links(original: Original, index: int) -> str:
    """Return the value of `Link` of one version, and of the redirection to it (section 2.2)."""
    mementos, last = original.mementos, len(original.mementos) - 1
    timemap = f'<{original.timemap}>; rel="timemap"; type="{LINK_FORMAT.name}"'
    parts = [f'<{original.address}>; rel="original timegate"', timemap + _range(mementos)]
    words: dict[int, list[str]] = {index: []}
    for word, place in (("first", 0), ("last", last), ("prev", index - 1), ("next", index + 1)):
        if 0 <= place <= last:
            words.setdefault(place, []).append(word)
    for place in sorted(words):
        parts.append(_memento(mementos[place], " ".join([*words[place], "memento"])))
    return ", ".join(parts)


def timemap_links(original: Original) -> bytes:
    """Return a TimeMap as link format (section 5); with no version it has no memento."""
    parts = [
        f'<{original.address}>; rel="original timegate"',
        f'<{original.timemap}>; rel="self"; type="{LINK_FORMAT.name}"' + _range(original.mementos),
    ]
    last = len(original.mementos) - 1
    for place, memento in enumerate(original.mementos):
        ends = [word for word, end in (("first", 0), ("last", last)) if place == end]
        parts.append(_memento(memento, " ".join([*ends, "memento"])))
    return (",\n".join(parts) + "\n").encode()


def timemap_json(original: Original) -> bytes:
    """Return a TimeMap as JSON, with the keys that the Time Travel service has made usual."""
    items = [
        {"datetime": memento.moment.strftime("%Y-%m-%dT%H:%M:%SZ"), "uri": memento.address}
        for memento in original.mementos
    ]
    found: dict[str, object] = {"list": items}
    if items:
        found |= {"first": items[0], "last": items[-1]}
    made = {
        "original_uri": original.address,
        "timegate_uri": original.address,
        "timemap_uri": {
            "link_format": original.timemap,
            "json_format": f"{original.timemap}.{TIMEMAP_JSON.extension}",
        },
        "mementos": found,
    }
    return (json.dumps(made, indent=1) + "\n").encode()


def _range(mementos: Sequence[Memento]) -> str:
    if not mementos:
        return ""
    first, last = http_date(mementos[0].moment), http_date(mementos[-1].moment)
    return f'; from="{first}"; until="{last}"'


def _memento(memento: Memento, relation: str) -> str:
    return f'<{memento.address}>; rel="{relation}"; datetime="{http_date(memento.moment)}"'
