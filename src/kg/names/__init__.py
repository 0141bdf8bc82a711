"""Names of places and bodies: written alike, inflected, shortened, and with words of bodies.

Nothing here knows the graph: a name goes in as text, and comes out as the texts by which it can be
compared. `kg.matching` and the search build on it.
"""

from kg.names.bodies import BodyKind, Core, core
from kg.names.folding import fold, key, prepare, slug, spellings
from kg.names.inflection import DECLINED, declined
from kg.names.parts import Parts, parts

__all__ = [
    "DECLINED",
    "BodyKind",
    "Core",
    "Parts",
    "core",
    "declined",
    "fold",
    "key",
    "parts",
    "prepare",
    "slug",
    "spellings",
]
