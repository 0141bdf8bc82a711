"""One spelling of each path, and what another one can have meant.

Pure: it knows no data, so it only says what to try. `kg.web.front` looks whether something is
there, and moves a client at most once.
"""

import re
import unicodedata
from typing import Final
from urllib.parse import quote, unquote_to_bytes

SAFE: Final = "/-._~!$&'()*+,;=:@"
LONGEST: Final = 400  # characters of a path for which anything else is tried
# What the names of things begin with ends in a slash: `/id/city/`.
_NAMESPACE: Final = re.compile(
    r"/(id/([a-z][a-z0-9-]*/)?|voc/|graph/(source/)?)", re.IGNORECASE | re.ASCII
)
# Under these, what follows is the name of a document: /incoming/city/lt-klaipeda.
_OF_DOCUMENTS: Final = re.compile(r"(/(?:cite|doc|history|incoming|linkset|timemap)/)(.*)")
_OF_RELEASES: Final = re.compile(r"(/release/[^/]+/)doc(/.*)", re.IGNORECASE)
_EXTENSION: Final = re.compile(
    r"\.(html|ttl|jsonld|rdf|nt|trig|nq|json|txt|bib|ris|cff|svg|xml)", re.IGNORECASE
)


def canonical_path(raw: bytes) -> str | None:
    """Return the one spelling of a path, percent-encoded; None if it is not UTF-8 or has controls.

    Dots are no names: `.` is where one is, and `..` one step back (RFC 3986, 5.2.4, 6.2.2.3).

    >>> canonical_path(b"/id/city/./lt%2Dklaipeda/"), canonical_path(b"/doc/%2e%2e//id/")
    ('/id/city/lt-klaipeda', '/id/')
    """
    try:
        decoded = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        return None
    if not decoded.isprintable() or b"%2f" in raw.lower():
        return None
    parts: list[str] = []
    for part in decoded.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    path = "/" + "/".join(parts)
    if decoded.endswith(("/", "/.", "/..")) and _NAMESPACE.fullmatch(f"{path}/"):
        path += "/"
    return quote(path, safe=SAFE)


def variants(path: str) -> list[str]:
    """Return what a path can have meant under which there is nothing, the likeliest first.

    Args:
        path: In its one spelling, but not percent-encoded.

    >>> variants("/ID/City/LT_Klaipėda.TTL")[0], variants("/incoming/City/LT_Klaipėda.TTL")[-1]
    ('/id/City/LT_Klaipėda.ttl', '/incoming/city/lt-klaipeda.ttl')
    """
    if len(path) > LONGEST:
        return []
    first, slash, rest = path[1:].partition("/")
    word = f"/{first.lower()}{slash}{rest}"
    release = _OF_RELEASES.fullmatch(word)
    if release is not None:
        word = f"{release[1]}doc{release[2]}"
    name, extension = _split(word)
    word = name + extension
    found = _OF_DOCUMENTS.fullmatch(name)
    if release is not None:
        meant = f"{release[1]}doc{_plain(_split(release[2])[0])}{extension}"
    elif found is not None:
        meant = f"{found[1]}{_plain(found[2])}{extension}"
    else:
        meant = word.lower()
    return [each for each in dict.fromkeys((word, meant)) if each != path]


def _split(path: str) -> tuple[str, str]:
    """Return a path without its extension, and that in small letters; empty where it has none."""
    name, dot, extension = path.rpartition(".")
    if dot and _EXTENSION.fullmatch(dot + extension):
        return name, dot + extension.lower()
    return path, ""


def _plain(name: str) -> str:
    """Return the name of a document as names are spelt, see `kg.web.entities.other_spelling`."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[\s_.]+", "-", plain)
