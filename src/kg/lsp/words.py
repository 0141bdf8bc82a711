"""What the server says itself, in the languages of the findings."""

from typing import Final

from kg.findings import LANGUAGES, Text
from kg.namespaces import XSD

CLASS: Final = Text("class", "klasė", "razred")
PROPERTY: Final = Text("property", "savybė", "lastnost")
DOMAIN: Final = Text("of", "turi", "ima")
RANGE: Final = Text("value", "reikšmė", "vrednost")
RULES: Final = Text("rules", "taisyklės", "pravila")
REQUIRED: Final = Text("has to be there", "privaloma", "obvezno")
PRESENT: Final = Text("already there", "jau yra", "že obstaja")
IN: Final = Text("in", "faile", "v")

EXPLAIN: Final = Text("explain {code}", "paaiškinti {code}", "razloži {code}")
IGNORE: Final = Text(
    "ignore {code} on this line, with a reason",
    "nepaisyti {code} šioje eilutėje, nurodant priežastį",
    "prezri {code} v tej vrstici, z razlogom",
)
FIX_ALL: Final = Text(
    "mend all that can be mended safely",
    "pataisyti viską, ką galima pataisyti saugiai",
    "popravi vse, kar je mogoče varno popraviti",
)

NO_DATASET: Final = Text(
    "kg: no dataset here or in a folder above, so only the syntax is checked; open the folder of "
    "the dataset, or start the server with --root",
    "kg: čia ir aukštesniuose aplankuose duomenų rinkinio nėra, todėl tikrinama tik sintaksė; "
    "atverkite duomenų rinkinio aplanką arba paleiskite serverį su --root",
    "kg: tukaj in v višjih mapah ni zbirke podatkov, zato se preverja le skladnja; odprite mapo "
    "zbirke ali zaženite strežnik z --root",
)
NOT_CHECKED: Final = Text(
    "kg: the rules could not be checked: {reason}",
    "kg: taisyklių patikrinti nepavyko: {reason}",
    "kg: pravil ni bilo mogoče preveriti: {reason}",
)
NOT_FORMATTED: Final = Text(
    "not formatted, because of a mistake at {place}: {reason}",
    "neformatuota dėl klaidos vietoje {place}: {reason}",
    "ni oblikovano zaradi napake na mestu {place}: {reason}",
)
NO_NAME_HERE: Final = Text(
    "there is no name of a thing here", "čia nėra dalyko vardo", "tu ni imena stvari"
)
NOT_OURS: Final = Text(
    "{name} is not a thing of this dataset; only names under {base} can be changed",
    "{name} nėra šio duomenų rinkinio dalykas; keisti galima tik vardus po {base}",
    "{name} ni stvar te zbirke; spremeniti je mogoče le imena pod {base}",
)
NO_IRI: Final = Text(
    "{name} is no name of a thing; write it as {example}",
    "{name} nėra dalyko vardas; rašykite kaip {example}",
    "{name} ni ime stvari; zapišite ga kot {example}",
)
TAKEN: Final = Text(
    "{name} already exists: {label}", "{name} jau yra: {label}", "{name} že obstaja: {label}"
)

# What a value of a datatype is (XML Schema 1.1 part 2; the date types of the ontology).
DATATYPES: Final[dict[str, Text]] = {
    XSD + "gYear": Text("a year", "metai", "leto"),
    XSD + "gYearMonth": Text("a month of a year", "metų mėnuo", "mesec v letu"),
    XSD + "date": Text("a day", "diena", "dan"),
    XSD + "dateTime": Text("a moment", "laiko momentas", "trenutek"),
    XSD + "boolean": Text("true or false", "taip arba ne", "da ali ne"),
    XSD + "integer": Text("a whole number", "sveikasis skaičius", "celo število"),
    XSD + "decimal": Text("a decimal number", "dešimtainis skaičius", "decimalno število"),
    XSD + "double": Text(
        "a number with an exponent", "skaičius su laipsnio rodikliu", "število z eksponentom"
    ),
    XSD + "string": Text("text without a language", "tekstas be kalbos", "besedilo brez jezika"),
    XSD + "anyURI": Text("an address", "adresas", "naslov"),
    XSD + "nonNegativeInteger": Text(
        "a whole number from 0", "sveikasis skaičius nuo 0", "celo število od 0"
    ),
}

TEXT_IN: Final = Text("text in {name}", "tekstas, kalba: {name}", "besedilo, jezik: {name}")

# The languages of the dataset, each by its own name (ISO 639-1, ISO 639-2).
TAGS: Final[dict[str, str]] = {
    "en": "English",
    "lt": "lietuvių",
    "sl": "slovenščina",
    "bg": "български",
    "cs": "čeština",
    "da": "dansk",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "es": "español",
    "et": "eesti",
    "fi": "suomi",
    "fr": "français",
    "ga": "Gaeilge",
    "hr": "hrvatski",
    "hu": "magyar",
    "it": "italiano",
    "lv": "latviešu",
    "mt": "Malti",
    "nl": "Nederlands",
    "pl": "polski",
    "pt": "português",
    "ro": "română",
    "sk": "slovenčina",
    "sv": "svenska",
    "tr": "Türkçe",
    "mul": "—",
}


def filled(text: Text, language: str, **args: str) -> str:
    """Return words in a language with the names in braces filled in."""
    return text.in_language(language).format(**args)


def known_language(wanted: str | None) -> str | None:
    """Return the language of the findings that a tag such as `lt-LT` means, or None."""
    primary = (wanted or "").replace("_", "-").partition("-")[0].lower()
    return primary if primary in LANGUAGES else None
