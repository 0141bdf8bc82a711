"""Positions that are none: outside of their country, in whole degrees, or shared by many rows.

Registers put a body that they cannot place in the middle of its country. Such a point is worse than
none, because it looks as exact as the others.
"""

from collections import Counter
from collections.abc import Iterable

import pyoxigraph as ox

from kg.importing.cells import Fault, Row
from kg.importing.countries import Countries
from kg.importing.mapping import Point
from kg.importing.values import Items, plain


class Points:
    """Judges the positions of the rows of a table."""

    def __init__(self, point: Point | None, countries: Countries) -> None:
        self._point, self._countries = point, countries
        self._shared: Counter[tuple[str, str]] = Counter()

    def survey(self, rows: Iterable[Row], latitude: int, longitude: int) -> Iterable[Row]:
        """Count how many rows have each position, as they go by."""
        for row in rows:
            if row.fault is None and row.cells[latitude] is not None:
                self._shared[str(row.cells[latitude]), str(row.cells[longitude])] += 1
            yield row
        self._shared = Counter({at: n for at, n in self._shared.items() if n > 1})

    def fault(self, values: Items, cells: tuple[str, str]) -> Fault | None:
        """Return what is wrong with the position of a row, which then is taken out of its values.

        Args:
            values: Of the row.
            cells: Latitude and longitude as they stand in the file.
        """
        if self._point is None:
            return None
        point = self._point
        if not (values.get(point.latitude) and values.get(point.longitude)):
            return None
        latitude = float(plain(values[point.latitude][0]))
        longitude = float(plain(values[point.longitude][0]))
        fault = self._fault(latitude, longitude, values, cells)
        if fault is not None:
            values[point.latitude], values[point.longitude] = [], []
        return fault

    def _fault(
        self, latitude: float, longitude: float, values: Items, cells: tuple[str, str]
    ) -> Fault | None:
        point = self._point
        remedy = "look the position up, or leave it out"
        if point and point.shared and self._shared.get(cells, 0) > point.shared:
            number = self._shared[cells]
            return Fault(
                "shared point", f"{number} rows have this point: it stands in for one", remedy
            )
        if latitude.is_integer() and longitude.is_integer():
            return Fault("coarse point", "the point is given in whole degrees", remedy)
        country = values.get(point.country, []) if point else []
        box = (
            self._countries.boxes.get(country[0].value)
            if country and isinstance(country[0], ox.NamedNode)
            else None
        )
        if box is not None and not box.holds(latitude, longitude):
            reason = f"{latitude}, {longitude} lies outside of the bounds of the country"
            return Fault("point outside", reason, "look the position up; are the numbers swapped?")
        return None
