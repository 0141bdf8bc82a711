"""Types and properties by what somebody has typed of their names, and a few words on each."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Final, Protocol

from kg.names import fold
from kg.query.protocol import ProtocolError

PAGE_SIZE: Final = 20
_LATER: Final = 100_000  # suggestions that may be skipped, or asked for


class Named(Protocol):
    """A type or a property."""

    @property
    def id(self) -> str:
        """Its identifier."""

    @property
    def name(self) -> str:
        """Its label."""

    @property
    def description(self) -> str:
        """Its definition; may be empty."""


def matching(named: Iterable[Named], prefix: str) -> list[Named]:
    """Return what has an identifier or a word in its name that begins with a prefix.

    What begins with it comes first; all for an empty prefix.
    """
    wanted, raw = fold(prefix), prefix.strip().casefold()
    if not raw:
        return list(named)
    found = []
    for each in named:
        name = fold(each.name)
        if each.id.casefold() == raw or name == wanted != "":
            found.append((0, each))
        elif each.id.casefold().startswith(raw) or (wanted and name.startswith(wanted)):
            found.append((1, each))
        elif wanted and any(word.startswith(wanted) for word in name.split()):
            found.append((2, each))
    return [each for _, each in sorted(found, key=lambda pair: pair[0])]


def number_of(asked: Mapping[str, str], name: str) -> int | None:
    """Return a number among the parameters of an address; None where it is not given.

    Raises:
        ProtocolError: 400; it is no whole number, or larger than anything here.
    """
    given = asked.get(name, "")
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) < 7 and int(given) <= _LATER):
        detail = f"{name} is {given[:40]!r}; expected a whole number up to {_LATER:,}, such as 20"
        raise ProtocolError(400, "Malformed reconciliation request", detail)
    return int(given)


def page_of(results: Sequence[object], cursor: int) -> dict[str, object]:
    """Return a page of suggestions.

    `cursor`, where there are more, is what OpenRefine sends for the next page; the specification
    has it in the request only.
    """
    following = cursor + PAGE_SIZE
    more = {"cursor": following} if len(results) > following else {}
    return {"result": results[cursor:following], **more}


def flyout(identifier: str, name: str, description: str) -> dict[str, str]:
    """Return a glance at something that is suggested."""
    text = f"<p><strong>{escape(name)}</strong></p>"
    return {
        "id": identifier,
        "html": text + (f"<p>{escape(description)}</p>" if description else ""),
    }
