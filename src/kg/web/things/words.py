"""Names of languages, which the graph has only as IRIs of the EU language table."""

from babel import Locale
from babel.core import get_global

from kg.web.i18n import LANGUAGES


def language_name(iri: str, language: str) -> str:
    """Return the name of a language in another one; its code where that is not known.

    Args:
        iri: Of the EU language table, which ends in the code of ISO 639-3.
        language: Of the interface.

    >>> language_name("http://publications.europa.eu/resource/authority/language/LIT", "en")
    'Lithuanian'
    """
    code = iri.rpartition("/")[2]
    short = get_global("language_aliases").get(code.lower(), code.lower())
    return str(Locale.parse(language).languages.get(short, code))


for _language in LANGUAGES:  # a worker can open no file, so what Babel reads is read now
    language_name("LIT", _language)
