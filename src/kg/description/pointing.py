"""What points at a thing, in pages."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

import pyoxigraph as ox

from kg.terms import Quads

PAGE: Final = 100  # statements
MAX_COUNTED: Final = 10_000  # beyond this many, they are no longer counted, and not sorted


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
        counted = list(islice(self._all(), MAX_COUNTED + 1))
        self.is_counted = len(counted) <= MAX_COUNTED
        self.total = min(len(counted), MAX_COUNTED)
        self._sorted = sorted(counted, key=_in_order) if self.is_counted else None

    def page(self, number: int) -> list[ox.Quad]:
        """Return the statements of a page, from 1; none beyond the last."""
        return self._slice((number - 1) * PAGE, PAGE)

    def pages(self, number: int) -> int:
        """Return how many pages there are; where they are not counted, those known from one on.

        Args:
            number: Of a page: with the next one, where there is one, it makes the number.
        """
        if self.is_counted:
            return max(1, -(-self.total // PAGE))
        return number - 1 + len(self._slice((number - 1) * PAGE, PAGE + 1)[::PAGE])

    def _slice(self, first: int, length: int) -> list[ox.Quad]:
        found = self._all() if self._sorted is None else self._sorted
        return list(islice(found, first, first + length))

    def _all(self) -> Iterator[ox.Quad]:
        found = self._store.quads_for_pattern(None, None, self._node, ox.DefaultGraph())
        return (quad for quad in found if not isinstance(quad.subject, ox.Triple))


def _in_order(quad: ox.Quad) -> tuple[str, str]:
    return quad.predicate.value, str(quad.subject)
