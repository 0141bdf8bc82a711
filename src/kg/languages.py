"""Which of several labels a reader sees, and what languages a request prefers.

The order is: the reader's languages, `mul` (a name that is the same in all languages), English,
the languages of the country that the thing lies in, then any other, always the same one.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

MAX_LANGUAGES: Final = 8  # browsers send up to about six; the rest of a longer list is left out

# Official languages of the countries in the graph, by the last part of the EU country-table IRI.
# EU Vocabularies, authority table "country", with the languages of Regulation No 1 for members.
COUNTRY_LANGUAGES: Final[dict[str, tuple[str, ...]]] = {
    "AUT": ("de",),
    "BEL": ("nl", "fr", "de"),
    "BGR": ("bg",),
    "CHE": ("de", "fr", "it", "rm"),
    "CYP": ("el", "tr"),
    "CZE": ("cs",),
    "DEU": ("de",),
    "DNK": ("da",),
    "ESP": ("es",),
    "EST": ("et",),
    "FIN": ("fi", "sv"),
    "FRA": ("fr",),
    "GBR": ("en",),
    "GRC": ("el",),
    "HRV": ("hr",),
    "HUN": ("hu",),
    "IRL": ("ga", "en"),
    "ISL": ("is",),
    "ITA": ("it",),
    "LTU": ("lt",),
    "LUX": ("lb", "fr", "de"),
    "LVA": ("lv",),
    "MLT": ("mt", "en"),
    "NLD": ("nl",),
    "NOR": ("nb", "nn"),
    "POL": ("pl",),
    "PRT": ("pt",),
    "ROU": ("ro",),
    "SRB": ("sr",),
    "SVK": ("sk",),
    "SVN": ("sl",),
    "SWE": ("sv",),
    "TUR": ("tr",),
    "UKR": ("uk",),
}

_RANGE: Final = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*([\d.]+)\s*)?"
)
_NUMBER: Final = re.compile(r"\d+(\.\d*)?|\.\d+")


class Label(NamedTuple):
    """A piece of text and its language.

    Attributes:
        text: As the graph has it.
        language: BCP 47 tag, or empty for text that has none.
    """

    text: str
    language: str = ""


def mark(message: str) -> str:
    """Return a message as it is; it is found by its mark, and translated where it is shown."""
    return message


def preferred_languages(accept_language: str | None) -> tuple[str, ...]:
    """Return the language tags of `Accept-Language`, most wanted first, in lower case.

    Malformed elements, `*` and languages with weight 0 are left out; equal weights keep their
    order; at most `MAX_LANGUAGES`.

    >>> preferred_languages("sl;q=0.8, lt-LT, en;q=0")
    ('lt-lt', 'sl')
    """
    wanted: dict[str, float] = {}
    for element in (accept_language or "").split(","):
        match = _RANGE.fullmatch(element)
        if match is None or (match[2] and _NUMBER.fullmatch(match[2]) is None):
            continue
        wanted.setdefault(match[1].lower(), min(float(match[2] or 1), 1.0))
    ordered = sorted((tag for tag in wanted if wanted[tag] > 0), key=lambda tag: -wanted[tag])
    return tuple(ordered[:MAX_LANGUAGES])


def choose_label(
    labels: Iterable[Label], *, languages: Sequence[str] = (), country: str | None = None
) -> Label | None:
    """Return the label to show, or None where there is none.

    Args:
        labels: All labels of one thing, in any order; the answer does not depend on it.
        languages: Tags that the reader prefers, best first.
        country: Last part of the IRI of the country that the thing lies in, such as `LTU`.

    >>> choose_label([Label("Wien", "de"), Label("Vienna", "en")], languages=["de-AT"]).text
    'Wien'
    """
    ordered = sorted(set(labels), key=lambda label: (not label.language, label.language, label))
    local = COUNTRY_LANGUAGES.get(country or "", ())
    for wanted in (*languages, "mul", "en", *local):
        found = _lookup(wanted.lower(), ordered)
        if found is not None:
            return found
    return ordered[0] if ordered else None


def _lookup(wanted: str, ordered: Sequence[Label]) -> Label | None:
    """Find a label by RFC 4647 lookup, then one whose tag is narrower than the wanted one."""
    tag = wanted
    while tag:
        for label in ordered:
            if label.language.lower() == tag:
                return label
        tag = tag.rpartition("-")[0]
    narrower = wanted.partition("-")[0] + "-"
    return next((label for label in ordered if label.language.lower().startswith(narrower)), None)
