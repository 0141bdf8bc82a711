"""What points at a thing, in pages."""

from itertools import islice
from typing import Final

import pyoxigraph as ox

from kg.query.patterns import in_order
from kg.query.protocol import ProtocolError
from kg.terms import Quads

DEEPEST: Final = 1_000_000  # statements that are passed over to get to a page
PAGE: Final = 100  # statements
MAX_COUNTED: Final = 10_000  # beyond this many, they are no longer counted, nor sorted by property


class Pointing:
    """The statements of the accepted view that point at a thing.

    Attributes:
        total: How many there are, or `MAX_COUNTED` where there are more.
        is_counted: Whether that is all of them.
    """

    def __init__(self, store: Quads, node: ox.NamedNode) -> None:
        """Count them."""
        self._store = store
        self._node = node
        found = store.quads_for_pattern(None, None, node, ox.DefaultGraph())
        counted = list(islice(found, MAX_COUNTED + 1))
        self.is_counted = len(counted) <= MAX_COUNTED
        self.total = min(len(counted), MAX_COUNTED)
        self._known = sorted(counted, key=_by_property) if self.is_counted else []
        self._cut: tuple[int, list[ox.Quad]] | None = None

    def page(self, number: int) -> list[ox.Quad]:
        """Return the statements of a page, from 1; none beyond the last.

        Raises:
            ProtocolError: 400, the page is too far from the beginning.
        """
        return self._from(number)[:PAGE]

    def pages(self, number: int) -> int:
        """Return how many pages there are; where they are not counted, those known from one on.

        Args:
            number: Of a page: with the next one, where there is one, it makes the number.

        Raises:
            ProtocolError: 400, the page is too far from the beginning.
        """
        if self.is_counted:
            return max(1, -(-self.total // PAGE))
        return number - 1 + len(self._from(number)[::PAGE])

    def _from(self, number: int) -> list[ox.Quad]:
        """Return the statements of a page and the one after them."""
        first = (number - 1) * PAGE
        if self.is_counted:
            return self._known[first : first + PAGE + 1]
        if self._cut is None or self._cut[0] != number:
            refuse_deep(number, first)
            found = in_order(self._store, None, None, self._node, ox.DefaultGraph())
            self._cut = number, list(islice(found, first, first + PAGE + 1))
        return self._cut[1]


def refuse_deep(number: int, first: int) -> None:
    """Refuse a page that too many statements come before.

    Args:
        number: Of the page.
        first: How many statements come before it.

    Raises:
        ProtocolError: 400, there are more than `DEEPEST`.
    """
    if first > DEEPEST:
        detail = (
            f"page {number} begins after {first:,} statements, and at most {DEEPEST:,} are passed "
            "over; take a dump of the dataset (/dump) for all of them"
        )
        raise ProtocolError(400, "Too deep", detail)


def _by_property(quad: ox.Quad) -> tuple[str, str]:
    return quad.predicate.value, str(quad.subject)
