"""Where in a TOML file a key stands, which `tomllib` does not say.

The keys are looked for by a scan of the lines; what stands in an inline table has the line of the
key that the table belongs to.
"""

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from kg.errors import MalformedError

Way = tuple[str | int, ...]  # the keys that lead to a value, with the numbers of items

_HEAD: Final = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(
    r"""\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*="""
)
_PART: Final = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")


@dataclass(frozen=True)
class Spots:
    """The lines of the keys of a TOML file.

    Attributes:
        path: The file.
        lines: The line of each key, counted from 1.
    """

    path: Path
    lines: dict[Way, int] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path, text: str) -> "Spots":
        """Find the keys of a text that is known to be well-formed."""
        found = cls(path)
        items: dict[Way, int] = {}
        head: Way = ()
        for number, line in enumerate(text.splitlines(), 1):
            if match := _HEAD.match(line):
                head = _headed(_parts(match[2]), items, is_item=match[1] == "[[")
                found.lines.setdefault(head, number)
            elif match := _KEY.match(line):
                found.lines.setdefault((*head, *_parts(match[1])), number)
        return found

    def line(self, way: Way) -> int:
        """Return the line of a key, or of the nearest key that it stands in."""
        while way and way not in self.lines:
            way = way[:-1]
        return self.lines.get(way, 1)

    def error(self, way: Way, reason: str) -> MalformedError:
        """Return an error that points to a key."""
        return MalformedError(self.path, self.line(way), 1, reason)

    def unknown(self, way: Way, what: str, name: str, known: Any) -> MalformedError:
        """Return an error for a name that is none of those which may stand there."""
        return self.error(way, f"unknown {what} {name!r}{nearest(name, known)}")


def nearest(name: str, known: Any) -> str:
    """Return what to add to an error: the nearest name if one is near, else all of them.

    >>> nearest("colum", ["column", "as"])
    '; did you mean column?'
    """
    names = sorted(map(str, known))
    near = get_close_matches(name, names, 1, 0.6)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; there are: {', '.join(names[:30]) or 'none'}"


def _parts(text: str) -> tuple[str, ...]:
    return tuple(next(filter(None, match), "") for match in _PART.findall(text))


def _headed(names: tuple[str, ...], items: dict[Way, int], *, is_item: bool) -> Way:
    """Return the way of a header, with the number of the item in each array on the way."""
    way: Way = ()
    for at, name in enumerate(names):
        way = (*way, name)
        if is_item and at == len(names) - 1:
            items[way] = items.get(way, -1) + 1
        if way in items:
            way = (*way, items[way])
    return way
