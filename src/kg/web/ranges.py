"""Which part of a file a request asks for (RFC 9110, section 14).

Pure: it reads the values of header fields. What a server may leave aside it leaves aside here, and
sends the whole: another unit than bytes, a field that is not well formed, and more ranges than a
download needs.
"""

import re
from typing import Final

MOST: Final = 100  # ranges in one request; RFC 9110, 14.2: many small ones look like an attack
_FIELD: Final = re.compile(r"bytes=([0-9, \t-]*)", re.IGNORECASE)
_SPEC: Final = re.compile(r"(\d{0,18})-(\d{0,18})", re.ASCII)


def wanted(method: str, field: str | None, size: int) -> list[tuple[int, int]] | None:
    """Return the ranges to send, each with its first byte and the one after its last.

    Ranges that overlap or touch are one; what lies beyond the end is left out.

    Args:
        method: Of the request; only GET has ranges.
        field: Value of `Range`, or None.
        size: Bytes of the file.

    Returns:
        None for all of it; an empty list where nothing that is asked for is there (416).

    >>> wanted("GET", "bytes=0-1, 5-, -2", 8), wanted("GET", "bytes=8-", 8)
    ([(0, 2), (5, 8)], [])
    >>> wanted("GET", "lines=1-2", 8) is None
    True
    """
    found = _FIELD.fullmatch(field.strip()) if field is not None and method == "GET" else None
    if found is None:
        return None
    # An empty element of a list is none (RFC 9110, 5.6.1.2).
    specs = [_SPEC.fullmatch(item) for part in found[1].split(",") if (item := part.strip())]
    ranges: list[tuple[int, int]] = []
    for spec in specs:
        if spec is None or not any(spec.groups()) or _is_backwards(spec):
            return None
        first, after = _bytes(spec, size)
        if first < after:
            ranges.append((first, after))
    if not specs or len(specs) > MOST:
        return None
    return _joined(ranges)


def is_current(condition: str | None, etag: str, modified: str) -> bool:
    """Tell whether `If-Range` lets a range be sent: strong and exact (RFC 9110, 13.1.5).

    Args:
        condition: Value of the field; None where there is none, and then nothing stands against it.
        etag: Strong tag of the file.
        modified: Value of its `Last-Modified`.
    """
    return condition is None or condition.strip() in (etag, modified)


def _is_backwards(spec: re.Match[str]) -> bool:
    return bool(spec[1] and spec[2]) and int(spec[2]) < int(spec[1])


def _bytes(spec: re.Match[str], size: int) -> tuple[int, int]:
    if not spec[1]:
        return max(0, size - int(spec[2])), size
    return int(spec[1]), min(int(spec[2]) + 1, size) if spec[2] else size


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, after in sorted(ranges):
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], after)
        else:
            joined.append((first, after))
    return joined
