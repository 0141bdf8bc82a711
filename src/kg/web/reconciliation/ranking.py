"""Candidates with their scores and features, and the order in which a client gets them."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from kg.languages import mark
from kg.matching import Record

FULL: Final = 100.0  # the highest score
LACKING: Final = 0.8  # what is left of a score for each property that is not there
OTHER_TYPE: Final = 0.5  # and for another type
_BELOW: Final = 0.1  # by how much others stay below a match: OpenRefine takes the highest score
FEATURES: Final = (
    ("identifier", mark("The query is the identifier of the thing.")),
    ("name_exact", mark("The name is the same letter by letter.")),
    ("name_folded", mark("The name is the same but for case, accents, alphabet and marks.")),
    (
        "name_spelled",
        mark("It is the same with umlauts written out, saints shortened, or no article."),
    ),
    ("name_core", mark("It is the same without words such as “City of”.")),
    ("name_inflected", mark("It is another grammatical case of a name.")),
    ("name_part", mark("It is one of two names, or a name without what is in brackets.")),
    ("name_near", mark("It differs by one or two slips of the pen.")),
    ("name_related", mark("Its words tell another kind of body, such as a province.")),
    ("name_starting", mark("A name begins with it.")),
    ("name_words", mark("They share all words of one of them.")),
    ("name_likeness", mark("How much the two names are alike, from 0 to 1.")),
    ("same_country", mark("Whether both lie in one country.")),
    ("distance_km", mark("How far apart the two points are, in kilometres.")),
    ("population_ratio", mark("How many times larger one is than the other, by inhabitants.")),
    ("same_kind", mark("Whether the words in the name tell the kind of body that the thing is.")),
    ("type_match", mark("Whether it is of a type that was asked for with type_strict “should”.")),
    ("property_…", mark("Whether it has the value that was asked for, by the property.")),
)


class Candidate(NamedTuple):
    """A thing that may be meant.

    Attributes:
        record: The thing.
        score: From 0 to 100.
        is_match: Whether it is sure enough.
        features: What the score is made of; numbers and truth values by their names.
    """

    record: Record
    score: float
    is_match: bool
    features: Mapping[str, float | bool]


def with_feature(
    candidate: Candidate, feature: str, remainder: float, *, is_true: bool
) -> Candidate:
    """Return a candidate with another feature; one that is not true makes it no match."""
    return candidate._replace(
        score=candidate.score * remainder,
        is_match=candidate.is_match and is_true,
        features={**candidate.features, feature: is_true},
    )


def ordered(candidates: list[Candidate]) -> list[Candidate]:
    """Return the candidates best first, a match before and above all others."""
    match = next((each for each in candidates if each.is_match), None)
    if match is not None:
        most = match.score - _BELOW
        candidates = [
            each if each is match else each._replace(score=min(each.score, most))
            for each in candidates
        ]
    return sorted(candidates, key=lambda each: (-each.score, each.record.iri))
