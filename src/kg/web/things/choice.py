"""Which page a thing has, by its kind, and what that page shows."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from kg.description.origins import Origins
from kg.namespaces import FOAF, ORG
from kg.query.labels import Reader
from kg.web.things import city, network, person, pledge, programme, source
from kg.web.things.lens import Lens
from kg.web.things.network import Members


class Kind(NamedTuple):
    """A kind of things with a page of its own.

    Attributes:
        template: Of the page.
        style: Class of the style sheet that colours it.
        read: Gives what the page shows; the number is that of a page of a long list.
    """

    template: str
    style: str
    read: Callable[[Lens, ox.NamedNode, int], dict[str, Any]]


def _one(read: Callable[[Lens, ox.NamedNode], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    return lambda lens, thing, _number: read(lens, thing)


_CITY: Final = Kind("city.html", "city", _one(city.values))
_SOURCE: Final = Kind("source.html", "source", _one(source.values))
# The first class that a thing has decides: what is a network and a project is shown as a network.
_KINDS: Final = (
    ("Network", Kind("network.html", "network", network.values)),
    ("Pledge", Kind("pledge.html", "pledge", _one(pledge.values))),
    ("Programme", Kind("programme.html", "project", programme.values)),
    ("ProgrammeEdition", Kind("programme.html", "project", programme.values)),
    ("Project", Kind("network.html", "project", network.values)),
    ("City", _CITY),
    ("Municipality", _CITY),
    (FOAF + "Person", Kind("person.html", "person", _one(person.values))),
    ("SourceDocument", _SOURCE),
    ("WebPage", _SOURCE),
    (ORG + "Organization", _CITY),
)


class Chosen(NamedTuple):
    """The page of a thing.

    Attributes:
        kind: Of the thing.
        values: What the page shows.
        origins: The sources that it has named so far.
    """

    kind: Kind
    values: dict[str, Any]
    origins: Origins

    @property
    def members_pages(self) -> int:
        """How many pages its list of members has; 1 where there is no such list."""
        found = self.values.get("members")
        return found.pages if isinstance(found, Members) else 1


def chosen(reader: Reader, iri: str, language: str, number: int = 1) -> Chosen | None:
    """Return the page of a thing; None where its kind has no page of its own.

    Args:
        reader: Gives labels to a reader.
        iri: Of the thing.
        language: Of the interface.
        number: Which page of its members.
    """
    origins = Origins(reader)
    lens = Lens(reader, origins, language, datetime.now(UTC).date())
    node = ox.NamedNode(iri)
    kind = next((kind for name, kind in _KINDS if lens.is_a(node, name)), None)
    if kind is None:
        return None
    values = {"style": kind.style, "map": None, **kind.read(lens, node, number)}
    return Chosen(kind, values, origins)
