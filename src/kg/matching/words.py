"""What speaks for a candidate and what against, and why none was taken, in words."""

from typing import Final

from kg.matching.candidates import OpenMatch
from kg.matching.decision import Candidate, Why
from kg.matching.features import Features
from kg.matching.keys import Form
from kg.matching.rulings import MatchRuling
from kg.namespaces import shorten

REASONS: Final = {
    Why.MATCH: "it is a match",
    Why.NOTHING: "no name is like it",
    Why.INEXACT: "the name is not the same",
    Why.KIND: "the name tells another kind of body",
    Why.COUNTRY: "it lies in another country",
    Why.CONTEXT: "too little is known to tell it from another of its name",
    Why.FAR: "the positions are too far apart",
    Why.SIZE: "the populations differ too much",
    Why.AMBIGUOUS: "several rows or several things fit",
}
_FORMS: Final = {
    Form.EXACT: "the same name",
    Form.FOLDED: "the same name but for case, accents or alphabet",
    Form.SPELLED: "the same name in another spelling",
    Form.CORE: "the same name but for words of bodies",
    Form.INFLECTED: "the same name in another case",
    Form.PART: "a name in two languages, one of which is the same",
    Form.NEAR: "a similar name",
    Form.RELATED: "the same name but for words that tell another kind of body",
    Form.STARTING: "a name that begins so",
    Form.WORDS: "words in common",
}


def told(features: Features) -> list[str]:
    """Return what a query and a candidate have in common, as short texts.

    >>> told(Features(Form.EXACT, 1.0, True, 21.3, None, True))
    ['the same name', 'the same country', '21 km away']
    """
    found = [_FORMS[features.form]]
    if features.is_same_country is not None:
        found.append("the same country" if features.is_same_country else "another country")
    if features.distance_km is not None:
        is_here = features.distance_km < 1
        found.append("the same place" if is_here else f"{features.distance_km:.0f} km away")
    if features.population_ratio is not None:
        found.append(f"populations 1 : {features.population_ratio:.3g}")
    if not features.is_same_kind:
        found.append("another kind of body")
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
