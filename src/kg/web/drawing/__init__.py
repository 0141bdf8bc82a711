"""Maps and timelines as geometry, which `templates/drawing_macros.html` writes as SVG.

Nothing here knows the graph: `kg.web.things` and other pages give names, places and dates. Lengths
of a map are in px at the width in which it is shown on a wide screen; those of a timeline are
percentages of its width, so that it fits every screen.
"""

from kg.web.drawing.geography import Line, MapDrawing, Point, europe_map
from kg.web.drawing.timeline import Row, Stage, TimelineDrawing, timeline

__all__ = [
    "Line",
    "MapDrawing",
    "Point",
    "Row",
    "Stage",
    "TimelineDrawing",
    "europe_map",
    "timeline",
]
