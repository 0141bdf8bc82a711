"""The projection of the base map: Lambert azimuthal equal area on the sphere.

The formulas are those of J. P. Snyder, Map Projections: A Working Manual (USGS Professional Paper
1395), equations 22-4, 22-5 and 24-2; d3-geo, which draws the base map, has the same. The centre is
that of ETRS89-LAEA (EPSG:3035), 52° north and 10° east.
"""

from math import cos, isfinite, radians, sin, sqrt
from typing import Final, NamedTuple

_FAR: Final = 1e-9  # of 1 + cos(c): below it a place is the antipode, which has no point


class Projection(NamedTuple):
    """A map of part of the earth.

    Attributes:
        longitude: Of the centre, in degrees east.
        latitude: Of the centre, in degrees north.
        scale: Radius of the earth, in units of the map.
        x: Of the centre on the map.
        y: Of the centre on the map; y grows to the south.
        width: Of the map, whose upper left corner is 0, 0.
        height: Of the map.
    """

    longitude: float
    latitude: float
    scale: float
    x: float
    y: float
    width: float
    height: float

    def place(self, longitude: float, latitude: float) -> tuple[float, float] | None:
        """Return where a place lies on the map; None where it is beyond its edge, or is none."""
        if not (isfinite(longitude) and isfinite(latitude) and abs(latitude) <= 90):
            return None
        step, parallel = radians(longitude - self.longitude), radians(latitude)
        centre = radians(self.latitude)
        near = 1 + sin(centre) * sin(parallel) + cos(centre) * cos(parallel) * cos(step)
        if near < _FAR:
            return None
        factor = self.scale * sqrt(2 / near)
        north = cos(centre) * sin(parallel) - sin(centre) * cos(parallel) * cos(step)
        x, y = self.x + factor * cos(parallel) * sin(step), self.y - factor * north
        is_on_it = 0 <= x <= self.width and 0 <= y <= self.height
        return (x, y) if is_on_it else None


# As in `src/frontend`, which writes the same numbers beside the base map (`europe.json`).
EUROPE: Final = Projection(10, 52, 1250, 420, 560, 1000, 960)
