"""What speaks for a candidate and what against, and why none was taken, in words."""

from typing import Final

from kg.languages import mark
from kg.matching.candidates import OpenMatch
from kg.matching.decision import Candidate, Why
from kg.matching.features import Features
from kg.matching.keys import Form
from kg.matching.rulings import MatchRuling
from kg.namespaces import shorten

REASONS: Final = {
    Why.MATCH: mark("it is a match"),
    Why.NOTHING: mark("no name is like it"),
    Why.INEXACT: mark("the name is not the same"),
    Why.KIND: mark("the name tells another kind of body"),
    Why.COUNTRY: mark("it lies in another country"),
    Why.CONTEXT: mark("too little is known to tell it from another of its name"),
    Why.FAR: mark("the positions are too far apart"),
    Why.SIZE: mark("the populations differ too much"),
    Why.AMBIGUOUS: mark("several rows or several things fit"),
}
_FORMS: Final = {
    Form.EXACT: mark("the same name"),
    Form.FOLDED: mark("the same name but for case, accents or alphabet"),
    Form.SPELLED: mark("the same name in another spelling"),
    Form.CORE: mark("the same name but for words of bodies"),
    Form.INFLECTED: mark("the same name in another case"),
    Form.PART: mark("a name in two languages, one of which is the same"),
    Form.NEAR: mark("a similar name"),
    Form.RELATED: mark("the same name but for words that tell another kind of body"),
    Form.STARTING: mark("a name that begins so"),
    Form.WORDS: mark("words in common"),
}


def told(features: Features) -> list[str]:
    """Return what a query and a candidate have in common, as short texts.

    >>> told(Features(Form.EXACT, 1.0, True, 21.3, None, True))
    ['the same name', 'the same country', '21 km away']
    """
    return [text % values for text, values in facts(features)]


def facts(features: Features) -> list[tuple[str, dict[str, str]]]:
    """Return the same as messages to be translated, each with what fills its places.

    >>> facts(Features(Form.EXACT, 1.0, None, 21.3, None, True))
    [('the same name', {}), ('%(distance)s km away', {'distance': '21'})]
    """
    found: list[tuple[str, dict[str, str]]] = [(_FORMS[features.form], {})]
    if features.is_same_country is not None:
        same, other = mark("the same country"), mark("another country")
        found.append((same if features.is_same_country else other, {}))
    if features.distance_km is not None and features.distance_km < 1:
        found.append((mark("the same place"), {}))
    elif features.distance_km is not None:
        found.append((mark("%(distance)s km away"), {"distance": f"{features.distance_km:.0f}"}))
    if features.population_ratio is not None:
        ratio = f"{features.population_ratio:.3g}"
        found.append((mark("populations 1 : %(ratio)s"), {"ratio": ratio}))
    if not features.is_same_kind:
        found.append((mark("another kind of body"), {}))
    return found


def listing(found: list[OpenMatch], decided: dict[str, MatchRuling]) -> str:
    """Return what is open, for a terminal: each row with its candidates and what speaks for them.

    Args:
        found: Of one dataset.
        decided: The decisions that the next import will take up, by row.
    """
    return "\n\n".join(_entry(each, decided.get(each.row)) for each in found)


def _entry(found: OpenMatch, ruling: MatchRuling | None) -> str:
    own = found.record
    facts = [shorten(own.country)] if own.country else []
    if own.point is not None:
        facts.append(f"{own.point.latitude:.3f}, {own.point.longitude:.3f}")
    if own.population:
        facts.append(f"{own.population:,.0f} inhabitants")
    lines = [
        f"row {found.row}: {own.label} ({'; '.join(facts)})",
        f"  not taken: {REASONS[found.why]}",
        *map(_line, found.candidates),
    ]
    if ruling is not None:
        lines.append(f"  decided on {ruling.on}: {ruling.iri}, because: {ruling.why}")
    return "\n".join(lines)


def _line(candidate: Candidate) -> str:
    name = candidate.name.text
    facts = "; ".join(told(candidate.features))
    return f"  {candidate.score:5.1f}  {shorten(candidate.iri)}  “{name}”: {facts}"
