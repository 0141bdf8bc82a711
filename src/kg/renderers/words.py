"""The renderers' own words, in the languages of the findings."""

from collections.abc import Mapping
from typing import Final

from kg.findings import LANGUAGES, Severity, Text

_WORDS: Final = {
    "violation": Text("error", "klaida", "napaka"),
    "warning": Text("warning", "įspėjimas", "opozorilo"),
    "found": Text("found", "rasta", "najdeno"),
    "help": Text("help", "pagalba", "pomoč"),
    "fix": Text("fix", "pataisymas", "popravek"),
    "safe": Text("kg check --fix", "kg check --fix", "kg check --fix"),
    "unsafe": Text(
        "unsafe, look at it first: kg check --fix --unsafe-fixes",
        "nesaugus, pirma peržiūrėkite: kg check --fix --unsafe-fixes",
        "ni varen, najprej ga preglejte: kg check --fix --unsafe-fixes",
    ),
    "place": Text("place", "vieta", "mesto"),
    "rule": Text("rule", "taisyklė", "pravilo"),
    "said": Text("what is wrong", "kas negerai", "kaj je narobe"),
    "what": Text("What is right", "Kaip turi būti", "Kaj je prav"),
    "why": Text("Why", "Kodėl", "Zakaj"),
    "wrong": Text("Wrong", "Blogai", "Narobe"),
    "right": Text("Right", "Gerai", "Prav"),
    "remedy": Text("How to mend it", "Kaip pataisyti", "Kako popraviti"),
    "layer": Text("checked in the layer", "tikrinama pakopoje", "preverja se v plasti"),
    "report": Text("Findings of the check", "Tikrinimo radiniai", "Ugotovitve preverjanja"),
    "clean": Text("Nothing was found.", "Nieko nerasta.", "Ni ugotovitev."),
    "all": Text("all", "visi", "vse"),
    "show": Text("show", "rodyti", "prikaži"),
    "more": Text("and {n} more", "ir dar {n}", "in še {n}"),
    "incomplete": Text(
        "the rules on the graph were not run, because a file could not be read",
        "grafo taisyklės netikrintos, nes nepavyko perskaityti failo",
        "pravila o grafu niso bila preverjena, ker datoteke ni bilo mogoče prebrati",
    ),
    "hidden": Text(
        "{n} hidden by the baseline",
        "paslėpta pagal pradinį sąrašą: {n}",
        "skrito po izhodiščnem seznamu: {n}",
    ),
    "stale": Text(
        "{baseline}: entries that are no longer found: {n}, the first is {first}; "
        "write it anew with --write-baseline",
        "{baseline}: neberandama įrašų: {n}, pirmasis {first}; "
        "įrašykite iš naujo su --write-baseline",
        "{baseline}: ni več najdenih vnosov: {n}, prvi je {first}; "
        "zapišite ga znova z --write-baseline",
    ),
}

# One, two, few, many: a language that does not tell two of them apart has the same word twice.
_NOUNS: Final = {
    "file": {
        "en": ("file", "files", "files", "files"),
        "lt": ("failas", "failai", "failai", "failų"),
        "sl": ("datoteka", "datoteki", "datoteke", "datotek"),
    },
    "violation": {
        "en": ("error", "errors", "errors", "errors"),
        "lt": ("klaida", "klaidos", "klaidos", "klaidų"),
        "sl": ("napaka", "napaki", "napake", "napak"),
    },
    "warning": {
        "en": ("warning", "warnings", "warnings", "warnings"),
        "lt": ("įspėjimas", "įspėjimai", "įspėjimai", "įspėjimų"),
        "sl": ("opozorilo", "opozorili", "opozorila", "opozoril"),
    },
}

# What a program reads keeps these words in every language.
KEYWORDS: Final = {Severity.VIOLATION: "error", Severity.WARNING: "warning"}


def word(name: str, language: str) -> str:
    """Return one of the words in a language."""
    return _WORDS[name].in_language(language)


def counted(count: int, noun: str, language: str) -> str:
    """Return a number with its noun in the right form.

    >>> counted(2, "file", "sl"), counted(21, "file", "lt")
    ('2 datoteki', '21 failas')
    """
    return f"{count} {_NOUNS[noun][language][_form(count, language)]}"


def _form(count: int, language: str) -> int:
    """Return which form a number takes, by the plural rules of the Unicode CLDR."""
    unit, teen = count % 10, count % 100
    if language == "sl":
        return {1: 0, 2: 1, 3: 2, 4: 2}.get(teen, 3)
    if language == "lt":
        if 11 <= teen <= 19 or unit == 0:
            return 3
        return 0 if unit == 1 else 2
    return 0 if count == 1 else 3


def language_of(environment: Mapping[str, str]) -> str:
    """Return the language of the findings that an environment asks for: its locale, or English.

    >>> language_of({"LANG": "sl_SI.UTF-8"})
    'sl'
    """
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environment[name] for name in names if environment.get(name)), "")
    code = locale.replace("-", "_").partition("_")[0].partition(".")[0].lower()
    return code if code in LANGUAGES else "en"
