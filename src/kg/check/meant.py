"""Which rules somebody means: by a code, by the IRI of a rule, or by the IRI of a shape.

A rule that is a shape has an IRI, which findings as RDF and the pages of the server name. A shape
without a code, such as `cps:Pledge`, holds rules, or is used by some.
"""

import re
from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox

from kg import turtle
from kg.check.catalogue import Catalogue, Rule
from kg.errors import UnknownNameError
from kg.namespaces import RDF, SH, SHAPES
from kg.terms import in_default_graph, select

# `cps:PLG01`, the IRI with its hash, or the address of the page; below any base.
_SHAPE: Final = re.compile(r"<?(?:cps:|https?://[^\s<>]+/shapes[#/])([A-Za-z0-9_-]+)>?")
_RULES: Final = """
SELECT DISTINCT ?rule {{
  {{ <{shape}> (<{sh}property>|<{sh}sparql>|<{sh}node>)+ ?rule }}
  UNION {{ ?rule (!<{rdf}type>)+ <{shape}> }}
  FILTER(ISIRI(?rule))
}}
"""


def rules_meant(name: str, known: Catalogue, shapes: Iterable[str]) -> list[Rule]:
    """Return the rules that a name stands for; of a shape without a code those that it is part of.

    Args:
        name: A code in any case, the IRI of a rule or of a shape, in `<>` or not, or its prefixed
            name.
        known: All rules.
        shapes: The text of each shapes file.

    Raises:
        UnknownNameError: It stands for none.
    """
    found = _SHAPE.fullmatch(name)
    if found is None:
        return [known.find(name)]
    local = found[1]
    rules = [known[local.upper()]] if local.upper() in known else _rules_of(local, known, shapes)
    if not rules:
        raise UnknownNameError(
            f"there is no rule or shape {name!r}; give a code such as PLG01, its IRI "
            f"{SHAPES}PLG01, or a shape such as cps:Pledge; kg explain lists all rules"
        )
    return rules


def _rules_of(local: str, known: Catalogue, shapes: Iterable[str]) -> list[Rule]:
    store = ox.Store()
    for text in shapes:
        store.extend(in_default_graph(triple) for triple in turtle.parse(text))
    rows = select(store, _RULES.format(shape=SHAPES + local, sh=SH, rdf=RDF))
    codes = {row["rule"].value.removeprefix(SHAPES) for row in rows}
    return [known[code] for code in sorted(codes & known.keys())]
